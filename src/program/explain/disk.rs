//! Why something could not be read from or written to the disk.

use std::io::{self, ErrorKind};
use std::path::Path;

use countersign_case::durable::DiskError;
use countersign_record::regular_file::NotRegular;

use crate::ambient;
use crate::amounts::bytes;
use crate::message::{Exit, Message, shown};

/// A failure of the disk.
pub fn disk(error: &DiskError) -> Message {
    let (reason, hints) = reason(error);
    let what = match error {
        DiskError::Taken(_) => sentence(&reason),
        DiskError::Sync { path, .. } | DiskError::Unclear { path, .. } | DiskError::ReadOnly(path) => {
            format!("{} may not be safe on the disk: {reason}.", shown(path))
        }
        DiskError::Io { path, .. } => format!("{}: {reason}.", shown(path)),
    };
    Message { what, hints, exit: Exit::Surroundings }
}

/// A file that somebody named cannot be read. One that is not there was named
/// wrongly.
pub fn named(path: &Path, error: io::Error) -> Message {
    let exit = match error.kind() {
        ErrorKind::NotFound => Exit::Wrong,
        _ => Exit::Surroundings,
    };
    Message { exit, ..disk(&DiskError::io(path, error)) }
}

impl From<DiskError> for Message {
    fn from(error: DiskError) -> Message {
        disk(&error)
    }
}

/// The cause in half a sentence, and what to do about it.
pub(super) fn reason(error: &DiskError) -> (String, Vec<String>) {
    let one = |hint: &str| vec![hint.to_owned()];
    match error {
        DiskError::Taken(path) => (format!("{} is there already", shown(path)), one("Choose another name.")),
        DiskError::Io { path, source } => io_reason(path, source),
        DiskError::Sync { path, source } => (
            format!("the disk could not confirm it ({source}, {})", shown(path)),
            one("Nothing more is written until the disk is well. Show this to your IT person."),
        ),
        DiskError::Unclear { path, source } => (
            format!("the disk does not say whether {} is there ({source})", shown(path)),
            one("Show this to your IT person."),
        ),
        DiskError::ReadOnly(_) => (
            "the disk failed a moment ago".to_owned(),
            one("Nothing more is written until the disk is well. Show this to your IT person."),
        ),
    }
}

fn io_reason(path: &Path, error: &io::Error) -> (String, Vec<String>) {
    if let Some(why) = NotRegular::of(error) {
        return (why.to_string(), vec![not_regular(why).to_owned()]);
    }
    let (reason, hint) = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            let left = ambient::disk_left(path).map(|left| format!(" ({} left)", bytes(left)));
            (format!("the disk is full{}", left.unwrap_or_default()), "Free some space first.".to_owned())
        }
        ErrorKind::PermissionDenied => (
            "this computer does not let you write or read there".to_owned(),
            format!("Ask your IT person for access to {}.", shown(path)),
        ),
        ErrorKind::ReadOnlyFilesystem => (
            "nothing can be written there: the disk is read-only".to_owned(),
            "Choose another place with --home FOLDER, or ask your IT person.".to_owned(),
        ),
        ErrorKind::TimedOut => (
            "it does not answer: the disk that it lies on hangs".to_owned(),
            "Look whether the disk or the share is connected, then try again. To stop the case you need not wait.".to_owned(),
        ),
        ErrorKind::NotFound => ("there is no such file or folder".to_owned(), "Check the name.".to_owned()),
        ErrorKind::NotADirectory => {
            ("a file is where a folder should be".to_owned(), "Choose another place.".to_owned())
        }
        ErrorKind::IsADirectory => {
            ("a folder is where a file should be".to_owned(), "Name a file.".to_owned())
        }
        _ => (format!("the computer says: {error}"), "Show this to your IT person.".to_owned()),
    };
    (reason, vec![hint])
}

/// What to do about something that is no file, or too long for one.
fn not_regular(why: NotRegular) -> &'static str {
    match why {
        NotRegular::TooLong { .. } => "Nothing that belongs there is so long. Show this to your IT person.",
        _ => "Nothing else was read. Show this to your IT person: it does not belong there.",
    }
}

fn sentence(words: &str) -> String {
    format!("{words}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_says_how_much_is_left() {
        let error = DiskError::io(Path::new("/"), io::Error::from(ErrorKind::StorageFull));
        let message = disk(&error);
        assert!(message.what.starts_with("/: the disk is full ("), "{}", message.what);
        assert_eq!(message.exit, Exit::Surroundings);
    }
}
