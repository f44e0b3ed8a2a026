//! Why a form was not made, or a case not sealed.

use countersign_case::durable::DiskError;
use countersign_case::form::FormError;
use countersign_case::handover::HandoverError;
use countersign_record::bundle::zip::WriteError;

use super::unfinished::must_go;
use super::{disk, text};
use crate::amounts::bytes;
use crate::message::{Exit, Message, shown};

impl From<HandoverError> for Message {
    fn from(error: HandoverError) -> Message {
        match error {
            HandoverError::Case(error) => error.into(),
            HandoverError::Form(error) => form(&error),
            HandoverError::WayOut(error) => error.into(),
            HandoverError::Disk(error) => disk::disk(&error),
            HandoverError::Write(error) => write(&error),
            HandoverError::Text(error) => text::field("name of the bundle", &error),
            HandoverError::Taken(path) => Message::wrong(format!("{} is there already.", shown(&path)))
                .hint("Nothing was written over. Move it away, or choose another place: --out"),
            HandoverError::Halted => {
                Message::no("The case was stopped while it was being sealed; there is no bundle.")
                    .hint("Put the stop on record, then seal again.")
            }
            HandoverError::HaltedAfter { entry, seal, on_record, left } => {
                let message = Message::no(format!(
                    "The case was stopped just after entry {entry} sealed it: seal {seal} has no bundle."
                ));
                let message = match on_record {
                    true => message,
                    false => message.hint("That goes on record when both of you unlock the case next."),
                };
                must_go(message, &left).hint("Put the stop on record, then seal again.")
            }
            HandoverError::FormDropped => {
                Message::no("The case was stopped while its form was being made; nothing of the form is kept.")
                    .hint("Put the stop on record, then make the form again.")
            }
            HandoverError::FormHalted { entry } => Message::no(format!(
                "The case was stopped just after entry {entry} put the form on record; it was not written out."
            ))
            .hint("Put the stop on record, then make the form again."),
            HandoverError::NoSeal(seal) => Message::wrong(format!("The case has no seal {seal}."))
                .hint("To see its seals: countersign show"),
            other => Message::new(Exit::Surroundings, format!("The bundle could not be made: {other}."))
                .hint("Nothing was sealed. Show this to your IT person."),
        }
    }
}

fn form(error: &FormError) -> Message {
    match error {
        FormError::File { path, why } => {
            Message::new(Exit::Surroundings, format!("The form was not made: {path} cannot be read ({why})."))
        }
        FormError::Changed { path } => {
            Message::no(format!("The form was not made: {path} is not the file that was kept."))
                .hint("Leave the case's folder as it is and show this to your IT person.")
        }
        other => Message::new(Exit::Surroundings, format!("The form was not made: {other}.")),
    }
}

fn write(error: &WriteError) -> Message {
    match error {
        WriteError::Io { path, source } => {
            let kind = std::io::Error::new(source.kind(), source.to_string());
            disk::disk(&DiskError::io(path, kind)).hint("Nothing was sealed. Then seal again.")
        }
        WriteError::Digest { path: Some(path), .. } | WriteError::Length { path, .. } => {
            Message::no(format!("The case was not sealed: {} is not the file that was kept.", shown(path)))
                .hint("Leave the case's folder as it is and show this to your IT person.")
        }
        WriteError::TooLarge(size) => Message::no(format!(
            "The case was not sealed: the bundle would have {}, and the most is 4.3 GB.",
            bytes(*size)
        )),
        other => Message::new(Exit::Surroundings, format!("The case was not sealed: {other}.")),
    }
}
