//! Why a form was not made, or a case not sealed.

use countersign::bundle::zip::WriteError;
use countersign::durable::DiskError;
use countersign::form::FormError;
use countersign::handover::HandoverError;

use super::{Exit, Message, disk, shown, text};

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
                .hint("Nothing was written over. Choose another folder: --out FOLDER"),
            HandoverError::FormUnnamed { entry, path, error } => {
                let Message { what, .. } = disk::disk(&error);
                Message::new(
                    Exit::Surroundings,
                    format!(
                        "Entry {entry} is kept and holds the form, but it could not be put at {}. {what}",
                        shown(&path)
                    ),
                )
                .hint("Make the form again, with another name: --out FILE")
            }
            HandoverError::Halted => {
                Message::no("The case was stopped while it was being sealed; there is no bundle.")
                    .hint("Put the stop on record, then seal again.")
            }
            HandoverError::FormHalted => {
                Message::no("The case was stopped while the form was being made; there is no form.")
                    .hint("Put the stop on record, then make the form again.")
            }
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
            disk::bytes(*size)
        )),
        other => Message::new(Exit::Surroundings, format!("The case was not sealed: {other}.")),
    }
}
