//! By what a list sees, without reading a case again, that its folder is as
//! it was when it was read.
//!
//! It proves nothing and is no check: whoever changes bytes in place, and the
//! clock of the disk with them, is not seen here but where the case is read.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::folder::Folder;
use super::held;
use crate::durable::DiskError;
use countersign_record::regular_file;

/// What the disk says of a case's folder, beside what is in its files.
///
/// Every entry and every halt makes the note outside the case longer, so that
/// a clock too coarse, or one that was set back, hides neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trace {
    marks: Vec<(PathBuf, Option<Stat>)>,
    /// Stops that the disk has not taken.
    held: usize,
    around: [Option<Stat>; 4],
    tail: Option<[Option<Stat>; 3]>,
}

impl Trace {
    /// Taken before the case is read: what changes meanwhile then shows.
    pub(super) fn of(folder: &Folder) -> Result<Trace, DiskError> {
        let marks = folder.halt_marks()?.into_iter().map(|mark| (mark.clone(), Stat::of(&mark))).collect();
        let around = [folder.head(), folder.path(), &folder.journal(), &folder.files()].map(Stat::of);
        Ok(Trace { marks, held: held::of(folder).len(), around, tail: None })
    }

    /// With the last entry and its signatures, once it is known which it is.
    pub(super) fn with_tail(self, folder: &Folder, last: u64) -> Trace {
        let tail = folder.entry_files(last).map(|path| Stat::of(&path));
        Trace { tail: Some(tail), ..self }
    }

    /// Whether the folder still looks like this. What cannot be told is no.
    pub(super) fn holds(&self, folder: &Folder, last: u64) -> bool {
        Trace::of(folder).is_ok_and(|now| now.with_tail(folder, last) == *self)
            && regular_file::look(&folder.entry_files(last + 1)[0]).is_ok_and(|next| next.is_none())
    }
}

/// A file's length and times.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stat {
    length: u64,
    modified: Option<SystemTime>,
    /// What a program that sets a file's time cannot set.
    inner: [i64; 3],
}

impl Stat {
    fn of(path: &Path) -> Option<Stat> {
        let found = std::fs::symlink_metadata(path).ok()?;
        Some(Stat { length: found.len(), modified: found.modified().ok(), inner: inner(&found) })
    }
}

#[cfg(unix)]
fn inner(found: &Metadata) -> [i64; 3] {
    use std::os::unix::fs::MetadataExt;
    [found.ctime(), found.ctime_nsec(), found.ino() as i64]
}

#[cfg(not(unix))]
fn inner(_: &Metadata) -> [i64; 3] {
    [0; 3]
}
