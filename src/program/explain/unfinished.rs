//! What was kept, and what could not be done beside it.

use std::path::PathBuf;

use countersign_case::case::{CaseError, Unfinished};
use countersign_case::durable::DiskError;
use countersign_record::journal::Reference;

use super::disk;
use crate::message::{Exit, Message, shown};

/// What could not be done: said beside what was kept, and never as a failure
/// of it.
pub fn unfinished(what: &Unfinished) -> Message {
    match what {
        Unfinished::Note { entry, error } => said(
            format!("Entry {entry} is kept, signed by both. It could not be noted outside the case"),
            error,
        )
        .hint("Nothing more can be added until it is noted; that is done before the next entry, by itself."),
        Unfinished::Draft { entry, error } => {
            said(format!("Entry {entry} is kept, signed by both. Its draft could not be removed"), error)
                .hint("It is removed when the case is unlocked next.")
        }
        Unfinished::Reading { entry, error } => Message::new(
            Exit::Surroundings,
            format!("Entry {entry} is kept, signed by both. The case could not be read on with it: {error}."),
        )
        .hint("Lock the case and unlock it again."),
        Unfinished::Halt { error } => {
            said("The case is stopped. That could not be noted outside the case".to_owned(), error)
        }
        Unfinished::Gate { error } => Message::new(
            Exit::Surroundings,
            format!(
                "The case is stopped: entry 1 says so. What you said of it may not be on record: {error}."
            ),
        )
        .hint("Look at the record, and write down in a note what is missing in it."),
        Unfinished::Bundle { seal, path, error } => {
            said(format!("The case is sealed as seal {seal}. Its bundle could not get its name"), error)
                .hint(format!("The whole bundle lies at {}.", shown(path)))
                .hint("It gets its name when the case is unlocked next.")
        }
        Unfinished::MustGo { path, error } => {
            said(format!("{} must not leave the case, and could not be removed", shown(path)), error)
                .hint("Do not open, copy or send it. Show this to your IT person.")
        }
        Unfinished::CopyDropped { path } => Message::no(format!(
            "It was not put at {}: the case was stopped meanwhile, and nothing of it is left there.",
            shown(path)
        )),
        Unfinished::Copy { path, lies, error } => {
            let message = said(format!("It could not be put at {}", shown(path)), error);
            match lies {
                Some(lies) => message.hint(format!("It lies at {}, whole.", shown(lies))),
                None => message,
            }
        }
    }
}

/// What must not leave a case and lies there all the same: in so many words.
pub(super) fn must_go(message: Message, left: &[PathBuf]) -> Message {
    left.iter().fold(message, |message, path| {
        message.hint(format!(
            "{} must not leave the case, and could not be removed. Do not open, copy or send it. Show this to your IT person.",
            shown(path)
        ))
    })
}

fn said(what: String, error: &DiskError) -> Message {
    let (reason, hints) = disk::reason(error);
    let message = Message { what: format!("{what}: {reason}."), hints, exit: Exit::Surroundings };
    match error {
        DiskError::Sync { .. } | DiskError::ReadOnly(_) => {
            message.hint("Before anything more is added, both of you unlock the case again.")
        }
        _ => message,
    }
}

/// The case is stopped, and the words for it are not on record.
pub(super) fn stopped_only(reference: Reference, error: CaseError) -> Message {
    let inner = Message::from(error);
    let what =
        format!("Case {reference} is stopped. Your words for it are not on record yet: {}", inner.what);
    Message { what, ..inner }
        .hint("The stop is put on record when both of you unlock the case next. Then write it down again.")
}

/// The case is there, and what came after its opening failed.
pub(super) fn opened_only(reference: Reference, error: CaseError) -> Message {
    let inner = Message::from(error);
    let what = format!("Case {reference} is open, but nothing can be added to it yet: {}", inner.what);
    Message { what, ..inner }.hint("Keep your passphrases: they open this case. Then unlock it.")
}

/// Whether the case is there cannot be told.
pub(super) fn may_be_open(reference: Reference, error: &DiskError) -> Message {
    said(format!("Case {reference} may be open"), error).hint(format!(
        "Keep your passphrases: they open it. Look whether it is there: countersign show {reference}"
    ))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_is_kept_is_said_before_what_could_not_be_done() {
        let error = || Arc::new(DiskError::io(Path::new("/x"), io::ErrorKind::PermissionDenied.into()));
        let of = [
            Unfinished::Note { entry: 5, error: error() },
            Unfinished::Draft { entry: 5, error: error() },
            Unfinished::Reading { entry: 5, error: Arc::new(CaseError::Passphrase) },
        ];
        for unfinished in of.iter().map(super::unfinished) {
            assert!(unfinished.what.starts_with("Entry 5 is kept, signed by both. "), "{}", unfinished.what);
            assert!(!unfinished.hints.is_empty());
        }
        let path = Path::new("/home/sealed/2026-0001-seal-1.zip").to_owned();
        let stays = super::unfinished(&Unfinished::MustGo { path, error: error() });
        assert!(stays.what.starts_with("/home/sealed/2026-0001-seal-1.zip must not leave"), "{}", stays.what);
    }
}
