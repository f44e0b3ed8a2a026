//! A folder in which names are about to change.
//!
//! It does not know which names.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::private::create_private;
use super::{At, Disk, DiskError};
use countersign_record::regular_file;
use countersign_record::regular_file::Identity;

/// A folder that was opened before anything in it is written, so that what the
/// system could not write of its names is told to this descriptor and no other.
pub struct Names<'a> {
    pub(super) disk: &'a Disk,
    path: PathBuf,
    folder: Option<File>,
}

impl<'a> Names<'a> {
    pub(super) fn of(disk: &'a Disk, path: &Path) -> Result<Names<'a>, DiskError> {
        Ok(Names { disk, path: path.to_owned(), folder: open_to_sync(path).at(path)? })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the names durable that were given or taken since it was opened.
    ///
    /// # Errors
    /// [`DiskError::Sync`], after which the [`Disk`] writes nothing more.
    pub fn sync(&self) -> Result<(), DiskError> {
        self.disk.trusted(&self.path)?;
        match &self.folder {
            Some(folder) => self.disk.sync(folder, &self.path),
            None => Ok(()),
        }
    }

    /// Creates `path` in this folder with `bytes`, if nothing has that name,
    /// and makes the bytes durable. A crash may leave it torn; its name is
    /// durable only after [`Names::sync`].
    pub fn create_new(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        self.disk.trusted(path)?;
        let mut file = match create_private(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(path.to_owned())),
            opened => opened.at(path)?,
        };
        file.write_all(bytes).at(path)?;
        self.disk.sync(&file, path)
    }

    /// Makes durable what lies at `path`, as [`Disk::settle`] does.
    pub fn settle(&self, path: &Path) -> Result<(), DiskError> {
        self.disk.settle(path)
    }

    /// Gives what lies at `from` the name `to` in this folder as well, in the
    /// same moment for everybody, and only if nothing has that name; then makes
    /// the name durable. `from` stays, and is a second name of what is kept
    /// from then on.
    ///
    /// # Errors
    /// [`DiskError::Taken`] where another file has the name; [`DiskError::Io`]
    /// where it was not given; [`DiskError::Unclear`] and [`DiskError::Sync`]
    /// where that cannot be told.
    pub fn commit(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.disk.trusted(to)?;
        if let Err(error) = fs::hard_link(from, to) {
            match what_is_at(from, to) {
                // Done, and reported as failed.
                Ok(There::This) => {}
                Ok(There::Another) => return Err(DiskError::Taken(to.to_owned())),
                // exFAT and some network shares know no links. Here a crash can
                // leave a torn file, which recovery completes from `from`.
                Ok(There::Nothing) if no_links(&error) => self.copy_exclusively(from, to)?,
                Ok(There::Nothing) => return Err(DiskError::io(to, error)),
                Err(_) => return Err(DiskError::Unclear { path: to.to_owned(), source: error }),
            }
        }
        self.sync()
    }

    fn copy_exclusively(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let bytes = regular_file::read(from, MOST_COPIED).at(from)?;
        let unclear = |source| DiskError::Unclear { path: to.to_owned(), source };
        let mut file = match create_private(to) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(to.to_owned())),
            Err(e) => match fs::symlink_metadata(to) {
                Err(there) if there.kind() == ErrorKind::NotFound => return Err(DiskError::io(to, e)),
                _ => return Err(unclear(e)),
            },
            Ok(file) => file,
        };
        if let Err(error) = file.write_all(&bytes) {
            // Half of it would pass for an entry that is bad.
            drop(file);
            return Err(match fs::remove_file(to) {
                Ok(()) => DiskError::io(to, error),
                Err(_) => unclear(error),
            });
        }
        self.disk.sync(&file, to)
    }
}

#[cfg(unix)]
fn open_to_sync(folder: &Path) -> io::Result<Option<File>> {
    regular_file::open_folder(folder).map(Some)
}

// Windows cannot flush a folder; NTFS journals names by itself.
#[cfg(windows)]
fn open_to_sync(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

/// What has a name that could not be given.
enum There {
    Nothing,
    This,
    Another,
}

fn what_is_at(from: &Path, to: &Path) -> io::Result<There> {
    match fs::symlink_metadata(to) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(There::Nothing),
        there => there?,
    };
    Ok(if Identity::of_path(from)? == Identity::of_path(to)? { There::This } else { There::Another })
}

fn no_links(error: &io::Error) -> bool {
    // EPERM is what Linux says of a link on exFAT.
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied)
}

/// Bytes of what is copied where links are unknown: an entry.
const MOST_COPIED: u64 = 64 * 1024;
