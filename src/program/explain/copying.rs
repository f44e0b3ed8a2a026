//! Why no copy was handed over, or a case was not filed.

use countersign_case::handover::{ArchiveError, CopyError};

use super::unfinished::must_go;
use super::{disk, text};
use crate::message::{Exit, Message, shown};

impl From<CopyError> for Message {
    fn from(error: CopyError) -> Message {
        match error {
            CopyError::Case(error) => error.into(),
            CopyError::Disk(error) => disk::disk(&error).hint("No copy was handed over."),
            CopyError::WayOut(error) => error.into(),
            CopyError::NoSeal(seal) => Message::wrong(format!("The case has no seal {seal}."))
                .hint("To see its seals: countersign show"),
            CopyError::NoBundle { seal, looked } => {
                let looked: Vec<String> = looked.iter().map(|path| shown(path)).collect();
                Message::wrong(format!("The bundle of seal {seal} was not found in {}.", looked.join(" or ")))
                    .hint("Say where it is: --bundle PATH. If it is lost, seal the case again.")
            }
            CopyError::NotTheBundle { path, what } => {
                Message::no(format!("{} is not the bundle that was sealed: {what}.", shown(&path))).hint(
                    "No copy was handed over. Name the right one, --bundle PATH, or seal the case again.",
                )
            }
            CopyError::Taken(path) => Message::wrong(format!("{} is there already.", shown(&path)))
                .hint("Nothing was written over. Choose another place: --out PATH"),
            CopyError::Unlike(path) => Message::new(
                Exit::Surroundings,
                format!("The copy at {} was not what was written, and was dropped.", shown(&path)),
            )
            .hint("The medium may be bad. Take another one."),
            CopyError::Halted => Message::no("The case was stopped meanwhile; the copy was dropped.")
                .hint("Put the stop on record, seal again, and hand over that."),
            CopyError::HaltedAfter { entry, left } => must_go(
                Message::no(format!(
                    "The case was stopped just after entry {entry} said that a copy was handed over; nobody gets the copy."
                )),
                left.as_slice(),
            )
            .hint("Put the stop on record, and write down that nobody got this copy: countersign note --corrects"),
            CopyError::Stopped => Message::new(Exit::Surroundings, "The copy was called off and dropped."),
            CopyError::Text(error) => text::field("time (--when)", &error),
            CopyError::Sheet(error) => {
                Message::new(Exit::Surroundings, format!("A sheet for the hand-over was not made: {error}."))
            }
            CopyError::Random(error) => {
                Message::new(Exit::Surroundings, format!("This computer gives no random numbers: {error}."))
            }
        }
    }
}

impl From<ArchiveError> for Message {
    fn from(error: ArchiveError) -> Message {
        match error {
            ArchiveError::Case(error) => error.into(),
            ArchiveError::UnknownClass(id) => {
                Message::wrong(format!("This procedure has no retention class \"{id}\"."))
                    .hint("To see them: countersign procedure show")
            }
            ArchiveError::NoDateOfBirth(_) => {
                Message::wrong("The rule counts from the child's date of birth, which is missing.")
                    .hint("Give it: --date-of-birth YYYY-MM-DD. Only the day of review goes on record.")
            }
            ArchiveError::TooEarly { day, least, .. } => Message::no(format!(
                "The case was not filed: {day} is earlier than the rule allows. The first day is {least}."
            )),
            ArchiveError::Passed(day) => {
                Message::wrong(format!("The day of review, {day}, has passed already."))
                    .hint("Give a day to come: --review YYYY-MM-DD")
            }
            ArchiveError::Date(day) => {
                Message::wrong(format!("{day} is not a day that can be counted from."))
            }
            ArchiveError::HoldWithoutReason => Message::wrong("A hold for the law needs a reason.")
                .hint("Say who asked for it: --because WORDS"),
            ArchiveError::Text(error) => text::field("day of review", &error),
        }
    }
}
