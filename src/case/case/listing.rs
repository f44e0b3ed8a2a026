//! What lies in a folder of a home or of a case.

use std::ffi::OsString;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};

use crate::durable::{At, DiskError};

/// One name in a folder.
pub(super) struct Listed {
    pub(super) name: OsString,
    pub(super) path: PathBuf,
    /// What it is, no link followed; none where that cannot be told.
    pub(super) kind: Option<FileType>,
}

impl Listed {
    pub(super) fn is_file(&self) -> bool {
        self.kind.is_some_and(|kind| kind.is_file())
    }

    pub(super) fn is_folder(&self) -> bool {
        self.kind.is_some_and(|kind| kind.is_dir())
    }
}

/// What lies in `folder`, in the order of the names.
///
/// # Errors
/// What the disk says, also where there is no such folder: a case that is not
/// there MUST NOT be taken for one in which nothing lies.
pub(super) fn list(folder: &Path) -> Result<Vec<Listed>, DiskError> {
    let mut listed = Vec::new();
    for entry in std::fs::read_dir(folder).at(folder)? {
        let entry = entry.at(folder)?;
        let kind = entry.file_type().ok();
        listed.push(Listed { name: entry.file_name(), path: entry.path(), kind });
    }
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(listed)
}

/// The same; nothing where there is no such folder.
pub(super) fn list_if_there(folder: &Path) -> Result<Vec<Listed>, DiskError> {
    match list(folder) {
        Err(DiskError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed,
    }
}
