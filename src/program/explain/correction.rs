//! Why a value was not corrected, and what can be.

use countersign_case::case::Reading;
use countersign_case::procedure::{CorrectionError, CorrectionRefusal, OpeningRefusal, Pack, Unknown};
use countersign_record::journal::{self, Body, Field, ValueKind};

use super::text::field;
use crate::message::Message;

/// What was typed is no correction.
pub fn correction(error: &CorrectionError, reading: &Reading) -> Message {
    let pack = reading.pack();
    match error {
        CorrectionError::NoEntry { entry, head } => Message::wrong(format!(
            "There is no entry {entry} to correct: the record has entries 1 to {head}."
        ))
        .hint("To see them: countersign show"),
        CorrectionError::NoField { entry, name, .. } => no_field(*entry, name, reading),
        CorrectionError::Unchanged { field, value } => {
            Message::wrong(format!("Nothing to correct: \"{}\" is \"{value}\" already.", field.label))
        }
        CorrectionError::Text { field: of, error } => {
            let mut message = field(&format!("correction (\"{}\")", of.label), error);
            // A file is no value.
            message.hints.retain(|hint| !hint.contains("attach"));
            message
        }
        CorrectionError::NoChoice { field, typed } => {
            let choices = match field.kind {
                ValueKind::Choice(choices) => choices,
                _ => &[],
            };
            one_of(field.label, typed, choices.iter().map(|choice| (choice.id, choice.label)))
        }
        CorrectionError::Unknown { what, typed } => unknown(*what, typed, pack),
        CorrectionError::NoDay(typed) => {
            Message::wrong(format!("\"{typed}\" is not a day. Write it like 2051-11-22."))
        }
        CorrectionError::NoCase(typed) => {
            Message::wrong(format!("\"{typed}\" is not a case. Write its reference, like 2026-0001."))
        }
        CorrectionError::NoPlace(typed) => Message::wrong(format!(
            "\"{typed}\" is neither an exhibit of this case nor the address of a web page."
        ))
        .hint("An address begins with http:// or https://. An exhibit is written like JS/1."),
    }
}

fn no_field(entry: u64, name: &str, reading: &Reading) -> Message {
    let target = reading.ledger().current(entry);
    let fields = target.map_or(&[][..], |target| journal::fields(target.body()));
    let message = Message::wrong(match fields.is_empty() {
        true => format!("Entry {entry} has no value that can be corrected."),
        false => format!("Entry {entry} has no value \"{name}\" that can be corrected."),
    });
    let message = match target.map(|target| target.body()) {
        Some(Body::Corrected(corrected)) if corrected.change.is_some() => message.hint(format!(
            "It is a correction itself. Correct the value where it stands: countersign note --corrects {}",
            corrected.entry
        )),
        Some(Body::Judged(_)) if name == "substance" => {
            return message.hint("A decision is made again, not corrected: countersign judge");
        }
        Some(Body::Opened(_)) if name == "suspected_illegal" => {
            return message.hint("If something illegal is suspected, stop the case: countersign halt");
        }
        _ => message,
    };
    let message = match fields.is_empty() {
        true => message,
        false => message.hint(format!("It has:\n{}", listed(fields.iter().map(named)))),
    };
    message
        .hint("What the program, a page or the clock said, keys, seal codes and seals cannot be corrected.")
        .hint(format!(
            "To say in words what is wrong with the entry: countersign note --corrects {entry} --text WORDS"
        ))
}

fn named(field: &Field) -> (&str, &str) {
    (field.name.as_str(), field.label)
}

fn unknown(what: Unknown, typed: &str, pack: &Pack) -> Message {
    match what {
        Unknown::Category => one_of(
            "category",
            typed,
            pack.categories().iter().map(|known| (known.id.as_str(), known.label.as_str())),
        ),
        Unknown::Route => {
            one_of("route", typed, pack.routes().iter().map(|known| (known.id.as_str(), known.name.as_str())))
        }
        Unknown::Outcome => one_of(
            "route of an action",
            typed,
            pack.outcomes().iter().map(|known| (known.id.id(), known.label.as_str())),
        ),
        Unknown::Retention => one_of(
            "retention class",
            typed,
            pack.retention().iter().map(|known| (known.id.as_str(), known.label.as_str())),
        ),
        Unknown::Device => one_of(
            "kind of computer or device",
            typed,
            pack.isolation().iter().map(|known| (known.id.as_str(), known.label.as_str())),
        ),
    }
}

fn one_of<'a>(what: &str, typed: &str, choices: impl Iterator<Item = (&'a str, &'a str)>) -> Message {
    Message::wrong(format!("\"{typed}\" cannot stand there ({what})."))
        .hint(format!("It is one of these:\n{}", listed(choices)))
}

fn listed<'a>(choices: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    choices.map(|(id, label)| format!("  {id:<28} {label}")).collect::<Vec<_>>().join("\n")
}

/// A value that may not become that.
pub(super) fn refused(refusal: &CorrectionRefusal) -> Message {
    let not = "The correction was not recorded";
    match refusal {
        CorrectionRefusal::NoValue { entry } => {
            Message::wrong(format!("{not}: entry {entry} has no such value."))
        }
        CorrectionRefusal::LiftsHalt { entry } => Message::no(format!(
            "{not}: the category in entry {entry} can be corrected to one that is as strict or stricter, not to a milder one. A stop is not lifted."
        ))
        .hint("Write in a note what you know now: countersign note")
        .hint("A mistaken stop goes on to your decision; a new case can follow this one: countersign open --follows"),
        CorrectionRefusal::FollowsItself => Message::wrong(format!("{not}: a case cannot follow itself.")),
        CorrectionRefusal::HoldWithoutReason => {
            Message::wrong(format!("{not}: a case that is held for the law says why."))
                .hint("Correct the reason first (--field because), or file it again: countersign archive")
        }
        CorrectionRefusal::NoDay(day) => Message::wrong(format!("{not}: \"{day}\" is not a day.")),
        CorrectionRefusal::TooEarly { class, day, least } => Message::no(format!(
            "{not}: {day} is earlier than the rule of {class} allows, which gives {least}."
        ))
        .hint("To file it anew, class and day together: countersign archive"),
    }
}

/// A person or a reference that may not become that.
pub(super) fn people(refusal: &OpeningRefusal) -> Option<Message> {
    let not = "The correction was not recorded";
    match refusal {
        OpeningRefusal::NoName { person } => {
            Some(Message::wrong(format!("{not}: the {person} reviewing person would have no name.")))
        }
        OpeningRefusal::OneName => {
            Some(Message::no(format!("{not}: both reviewing people would be the same person.")).hint(
                "If one person did sign for both, this case is not one that two people kept. Stop here, and tell your headteacher or the local authority.",
            ))
        }
        OpeningRefusal::ReviewerConcerned { person } => Some(
            Message::no(format!(
                "{not}: the {person} reviewing person would seem to be the person concerned."
            ))
            .hint("If it is somebody else with the same name or initials, use another reference for the person concerned.")
            .hint("If a reviewing person is concerned, do nothing more in this case: others open a new one that follows it."),
        ),
        OpeningRefusal::NoNamesakes
        | OpeningRefusal::OtherPack { .. }
        | OpeningRefusal::NotConfirmed { .. }
        | OpeningRefusal::OtherWords { .. }
        | OpeningRefusal::NotAsked { .. } => None,
    }
}
