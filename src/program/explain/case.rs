//! Why a case could not be read or added to.

use std::path::Path;

use countersign_case::case::{CaseError, HeadFault, RaiseError, WriteAloneError};
use countersign_case::durable::{DiskError, Exposed};
use countersign_record::journal::{EntryError, Fault, Reference, Side};

use super::{disk, procedure, unfinished};
use crate::amounts;
use crate::message::{Exit, Message, shown};

impl From<WriteAloneError> for Message {
    fn from(error: WriteAloneError) -> Message {
        match error {
            WriteAloneError::NotStopped => Message::no(
                "Nothing was written down: the case is not stopped, so both of you sign what is added.",
            )
            .hint("Leave out --alone, and both type your passphrases."),
            WriteAloneError::TooLong { bytes, limit } => Message::wrong(format!(
                "Nothing was written down: with {} it is too long; {} is the most.",
                amounts::bytes(bytes as u64),
                amounts::bytes(limit as u64)
            ))
            .hint("Say it in fewer words, or in two parts."),
            WriteAloneError::TooMany(number) => Message::no(format!(
                "Nothing was written down: {number} such reports wait for both of you already."
            ))
            .hint("Unlock the case together, which signs them."),
            WriteAloneError::Disk(error) => error.into(),
            _ => Message::new(Exit::Surroundings, format!("Nothing was written down: {error}.")),
        }
    }
}

impl From<CaseError> for Message {
    fn from(error: CaseError) -> Message {
        match error {
            CaseError::Missing { reference, home } => {
                Message::wrong(format!("There is no case {reference} in {}.", shown(&home)))
                    .hint("To see which cases there are: countersign register")
                    .hint("If they are kept in another place, name it: --home FOLDER")
            }
            CaseError::Busy(reference) => Message::new(
                Exit::Surroundings,
                format!("Case {reference} is open in another window or program."),
            )
            .hint("Close it there, then try again. Nothing was changed.")
            .hint(format!("To stop the case you need not wait: countersign halt {reference}")),
            CaseError::Fault { reference, fault } => tampered(reference, fault_words(&fault)),
            CaseError::Head { reference, fault } => tampered(reference, head_words(&fault)),
            CaseError::Part { path, what } => {
                Message::no(format!("{}: the file {what}.", shown(&path))).hint(LEAVE_IT)
            }
            CaseError::OtherComputer { reference, designated, here } => Message::no(format!(
                "Case {reference} belongs to another computer: it was opened on {designated}, and this is {here}."
            ))
            .hint(format!("Add to it on {designated}. Here it can be read and checked, but not added to.")),
            CaseError::Passphrase => {
                Message::no("One of the passphrases is not right.").hint("Try again. Nothing was changed.")
            }
            CaseError::HeldElsewhere { reference, other } => Message::no(format!(
                "Nothing leaves case {reference}: it holds a file that is withheld in case {other}."
            ))
            .hint(format!("Stop this case, too; then what it has to say can leave, without that file. (countersign halt {reference})")),
            CaseError::SamePassphrase => Message::wrong("Both passphrases are the same.")
                .hint("Each of you needs a passphrase that the other one does not know."),
            CaseError::Exposed(Exposed::Writable { path }) => Message::new(
                Exit::Surroundings,
                format!("Others can write to {}, so they could change or exchange the cases.", shown(&path)),
            )
            .hint(format!("Let nobody else write there, then try again: chmod go-w {}", shown(&path))),
            CaseError::Exposed(Exposed::Foreign { path }) => Message::new(
                Exit::Surroundings,
                format!(
                    "{} belongs to another user of this computer, who could change or exchange the cases.",
                    shown(&path)
                ),
            )
            .hint("Keep the cases in a folder of your own, and sign in as the person whose folder it is.")
            .hint("To name another folder: --home FOLDER"),
            CaseError::Refused(refusal) => procedure::refusal(&refusal),
            CaseError::Entry { entry, error: EntryError::Long { bytes } } => Message::wrong(format!(
                "Entry {entry} was not kept: with {} it is too long; an entry holds 64 KiB.",
                amounts::bytes(bytes as u64)
            ))
            .hint("Say it in fewer words, or in two notes."),
            CaseError::Entry { entry, .. } => Message::no(format!("Entry {entry} cannot be read as an entry.")),
            CaseError::HaltedMeanwhile(entry) => Message::no(format!(
                "Entry {entry} was not kept: the case was stopped while it was being written."
            ))
            .hint("Nothing more is recorded in a case that was stopped."),
            CaseError::NotKept { entry, error } => not_kept(entry, &error),
            CaseError::Uncertain { entry, error } => uncertain(entry, &error),
            CaseError::StoppedOnly { reference, error } => unfinished::stopped_only(reference, *error),
            CaseError::OpenedOnly { reference, error } => unfinished::opened_only(reference, *error),
            CaseError::MayBeOpen { reference, error } => unfinished::may_be_open(reference, &error),
            CaseError::Disk(error) => disk::disk(&error),
            CaseError::Random(error) => Message::new(
                Exit::Surroundings,
                format!("This computer gives no random numbers, so nothing can be signed safely: {error}."),
            )
            .hint("Restart the computer. If that does not help, show this to your IT person."),
            CaseError::Clock(year) => {
                Message::new(Exit::Surroundings, format!("This computer's clock says that it is the year {year}."))
                    .hint("Set the clock, then try again.")
            }
            CaseError::NotStopped(error) => not_stopped(error, Path::new("")),
            CaseError::Lock(error) => {
                Message::new(Exit::Surroundings, format!("The two could not be given their keys: {error}."))
            }
        }
    }
}

/// Why a case is not stopped on the disk. The case's folder or its home is at
/// `path`.
pub fn not_stopped(error: RaiseError, path: &Path) -> Message {
    let written = |what: String| {
        Message::new(Exit::Surroundings, format!("The stop could not be written down. {what}"))
            .hint("Stop all the same, and do what is written above. Write the time on paper.")
    };
    match error {
        RaiseError::Missing(reference) => CaseError::Missing { reference, home: path.to_owned() }.into(),
        RaiseError::NoAnswer(path) => written(format!("{} does not answer.", shown(&path))),
        RaiseError::Held { mark, note } => {
            written(format!("{} {}", disk::disk(&mark).what, disk::disk(&note).what))
        }
        error => written(format!("{error}.")),
    }
}

fn tampered(reference: Reference, words: String) -> Message {
    Message::no(format!("Case {reference} is not as it was left. {words}"))
        .hint(LEAVE_IT)
        .hint(format!("You can still stop it: countersign halt {reference}"))
        .hint("A bundle that was sealed before is checked by itself: countersign verify BUNDLE")
}

/// The first bad entry, in plain words.
fn fault_words(fault: &Fault) -> String {
    match fault {
        Fault::Entry { entry, .. } => {
            format!("Entry {entry} was changed: it does not read as Countersign wrote it.")
        }
        Fault::NotFirst => "Entry 1 was exchanged: it does not begin a case.".to_owned(),
        Fault::OtherCase { entry } => format!("Entry {entry} was put there from another case."),
        Fault::Number { entry, says } => {
            format!("Where entry {entry} should be, there is an entry that says it is entry {says}.")
        }
        Fault::Link { entry } => {
            format!("Entry {entry} does not follow from entry {}: one of them was exchanged.", entry - 1)
        }
        Fault::Signature { entry, side, .. } => {
            let whose = match side {
                Side::A => "first",
                Side::B => "second",
            };
            format!("Entry {entry} was changed: the {whose} person's signature does not belong to it.")
        }
        Fault::Irregular(irregular) => {
            format!("Entry {} is not one that Countersign makes: it {}.", irregular.entry, irregular.what)
        }
    }
}

fn head_words(fault: &HeadFault) -> String {
    match fault {
        HeadFault::Missing(path) => {
            format!("The note of its last entry is missing; it was at {}.", shown(path))
        }
        HeadFault::Empty(path) => {
            format!("The note of its last entry is empty; it is at {}.", shown(path))
        }
        HeadFault::Unreadable(path) => {
            format!("The note of its last entry was changed; it is at {}.", shown(path))
        }
        HeadFault::Behind { record, head } if record + 1 == *head => {
            format!("Entry {head} is missing: the record ends at entry {record}.")
        }
        HeadFault::Behind { record, head } => {
            format!("Entries {} to {head} are missing: the record ends at entry {record}.", record + 1)
        }
        HeadFault::Ahead { record, head } => {
            format!("Entries {} to {record} were put there by something else.", head + 1)
        }
        HeadFault::Other(entry) => format!("Entry {entry} is not the one that this computer kept."),
    }
}

fn not_kept(entry: u64, error: &DiskError) -> Message {
    let (reason, hints) = disk::reason(error);
    let message = Message {
        what: format!("Entry {entry} was not kept: {reason}.{}", safe_entries(entry)),
        hints,
        exit: Exit::Surroundings,
    };
    message.hint("Then do it again.")
}

fn uncertain(entry: u64, error: &DiskError) -> Message {
    let (reason, hints) = disk::reason(error);
    let message = Message {
        what: format!("Entry {entry} may not have been kept: {reason}.{}", safe_entries(entry)),
        hints,
        exit: Exit::Surroundings,
    };
    message.hint("Look whether it is there (countersign show) before you do it again.")
}

fn safe_entries(entry: u64) -> String {
    match entry {
        0 | 1 => String::new(),
        2 => " Entry 1 is safe.".to_owned(),
        n => format!(" Entries 1 to {} are safe.", n - 1),
    }
}

const LEAVE_IT: &str =
    "Leave the case's folder as it is and show this to your IT person. Nothing can be added to it.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_entry_is_named_without_jargon() {
        let faults = [
            Fault::Entry { entry: 14, error: EntryError::Spelling },
            Fault::OtherCase { entry: 14 },
            Fault::Number { entry: 14, says: 3 },
            Fault::Link { entry: 14 },
        ];
        for fault in faults {
            let words = fault_words(&fault);
            assert!(words.contains("14"), "{words}");
            for jargon in ["hash", "digest", "journal", "chain", "key"] {
                assert!(!words.to_lowercase().contains(jargon), "{words}");
            }
        }
    }

    #[test]
    fn what_is_safe_is_said() {
        assert_eq!(safe_entries(1), "");
        assert_eq!(safe_entries(2), " Entry 1 is safe.");
        assert_eq!(safe_entries(14), " Entries 1 to 13 are safe.");
    }
}
