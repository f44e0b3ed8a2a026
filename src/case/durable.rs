//! The only place that writes to a case: what it has written survives a power
//! cut, and what has its name is never opened for writing or replaced.
//!
//! It knows paths and bytes, not what they mean. After an fsync has failed
//! nobody can tell what is on the disk: the [`Disk`] then writes nothing more
//! (`fsyncgate`; USENIX ATC 2020, Rebello et al.), and does not try again.
//!
//! A folder is opened before anything in it is written, and that descriptor is
//! synced: one that is opened after the write can miss the very error that
//! shows that a name did not reach the disk. On Linux a happy
//! [`Disk::create_new`] of `dir/name` is these system calls:
//!
//! ```text
//! openat("dir", O_RDONLY|O_CLOEXEC|O_DIRECTORY)                    = 3
//! openat("dir/name", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600)        = 4
//! write(4, …)                                                      = …
//! fsync(4)                                                         = 0
//! close(4)                                                         = 0
//! fsync(3)                                                         = 0
//! close(3)                                                         = 0
//! ```
//!
//! a [`Disk::part`] that is [named](Part::name):
//!
//! ```text
//! openat("dir", O_RDONLY|O_CLOEXEC|O_DIRECTORY)                    = 3
//! openat("dir/name.part", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600)   = 4
//! write(4, …)                                                      = …
//! fsync(4)                                                         = 0
//! close(4)                                                         = 0
//! renameat2(…, "dir/name.part", …, "dir/name", RENAME_NOREPLACE)   = 0
//! fsync(3)                                                         = 0
//! close(3)                                                         = 0
//! ```
//!
//! and a [`Names::commit`], which fails where the name is taken:
//!
//! ```text
//! openat("dir", O_RDONLY|O_CLOEXEC|O_DIRECTORY)                    = 3
//! linkat(…, "draft", …, "dir/name", 0)                             = 0
//! fsync(3)                                                         = 0
//! close(3)                                                         = 0
//! ```

mod error;
mod names;
mod pace;
mod part;
mod positioned;
mod private;
mod rename;
#[cfg(test)]
mod tests;
mod unless;

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

pub use error::{At, DiskError};
pub use names::Names;
pub use pace::Pace;
pub use part::Part;
pub use positioned::Positioned;
pub use private::{Exposed, exposed, read_private};
pub use unless::unless;

use self::part::parent;
use self::private::{make_private_folder, open_private};
use countersign_record::regular_file;

/// A disk as long as it can be trusted.
#[derive(Debug, Default)]
pub struct Disk {
    failed: AtomicBool,
}

impl Disk {
    /// A disk of which nothing bad is known.
    pub fn new() -> Disk {
        Disk::default()
    }

    /// Whether it could not make something durable, and writes nothing more.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }

    /// Creates or replaces `path` with `bytes`: afterwards it holds these or,
    /// on error, what it held before. It MUST NOT be anything that is kept.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let mut part = self.part(path)?;
        part.write(bytes)?;
        part.replace(path)
    }

    /// Creates `path` with `bytes` if nothing has that name. A crash may leave
    /// it torn; that it exists is durable as soon as this returns.
    pub fn create_new(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let names = self.names(parent(path))?;
        names.create_new(path, bytes)?;
        names.sync()
    }

    /// Creates `path` with `bytes` if nothing has that name: afterwards it is
    /// there whole, or on error not at all.
    pub fn create_whole(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let mut part = self.part(path)?;
        part.write(bytes)?;
        part.name(path)
    }

    /// Adds a line to a file to which others may be adding at the same time.
    /// Append mode keeps the lines of two writers apart. The file must exist.
    pub fn append_line(&self, path: &Path, line: &str) -> Result<(), DiskError> {
        self.trusted(path)?;
        let mut file = regular_file::open_to_append(path).at(path)?;
        // A torn line of a crash is closed off, not continued.
        let torn = ends_in_mid_line(&mut file).at(path)?;
        let line = format!("{}{line}\n", if torn { "\n" } else { "" });
        file.write_all(line.as_bytes()).at(path)?;
        self.sync(&file, path)
    }

    /// Begins a file that will get its name when it is complete: `path` with
    /// `.part` added, and a number where that is taken.
    pub fn part(&self, path: &Path) -> Result<Part<'_>, DiskError> {
        Part::begin(self, path)
    }

    /// The same for a file that gets its name in another folder.
    pub fn part_for_elsewhere(&self, path: &Path) -> Result<Part<'_>, DiskError> {
        Part::begin_elsewhere(self, path)
    }

    /// Opens a folder in which names are about to change.
    pub fn names(&self, folder: &Path) -> Result<Names<'_>, DiskError> {
        self.trusted(folder)?;
        Names::of(self, folder)
    }

    /// Creates a private folder; it is well if it is there already.
    pub fn folder(&self, path: &Path) -> Result<(), DiskError> {
        self.trusted(path)?;
        if path.is_dir() {
            return Ok(());
        }
        if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
            self.folder(above)?;
        }
        let names = self.names(parent(path))?;
        match make_private_folder(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            made => made.at(path),
        }?;
        names.sync()
    }

    /// Opens a file to lock it, and creates it, private, where it is not there.
    pub fn open_private(&self, path: &Path) -> Result<File, DiskError> {
        self.trusted(path)?;
        open_private(path).at(path)
    }

    /// Creates a private folder if nothing has that name.
    pub fn new_folder(&self, path: &Path) -> Result<(), DiskError> {
        let names = self.names(parent(path))?;
        match make_private_folder(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(path.to_owned())),
            made => made.at(path)?,
        }
        names.sync()
    }

    /// Gives a file or folder another name on the same disk, if nothing has
    /// that name.
    ///
    /// # Errors
    /// [`DiskError::Taken`] where something has it; [`DiskError::Sync`] where
    /// it has its new name, and whether that lasts cannot be told.
    pub fn rename_new(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let names = self.names(parent(to))?;
        match rename::rename_new(from, to) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(to.to_owned())),
            renamed => renamed.at(to)?,
        }
        names.sync()
    }

    /// Removes a file of the program's own making; it is well if it is gone.
    pub fn remove(&self, path: &Path) -> Result<(), DiskError> {
        self.trusted(path)?;
        match fs::remove_file(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.at(path),
        }
    }

    /// Makes durable what lies at `path`, of whose writer it is not known that
    /// it came to that. Its name is another matter: [`Names::sync`].
    pub fn settle(&self, path: &Path) -> Result<(), DiskError> {
        self.trusted(path)?;
        let file = open_to_flush(path).at(path)?;
        self.sync(&file, path)
    }

    fn sync(&self, file: &File, path: &Path) -> Result<(), DiskError> {
        file.sync_all().map_err(|source| self.unsure(path, source))
    }

    /// The kernel may have dropped the pages and cleared the error: a second
    /// fsync would say that all is well, and it would not be.
    fn unsure(&self, path: &Path, source: io::Error) -> DiskError {
        self.failed.store(true, Ordering::SeqCst);
        DiskError::Sync { path: path.to_owned(), source }
    }

    fn trusted(&self, path: &Path) -> Result<(), DiskError> {
        if self.has_failed() {
            return Err(DiskError::ReadOnly(path.to_owned()));
        }
        Ok(())
    }
}

#[cfg(not(windows))]
fn open_to_flush(path: &Path) -> io::Result<File> {
    regular_file::open(path)
}

// Windows flushes only what may be written. Nothing is, and nothing is cut.
#[cfg(windows)]
fn open_to_flush(path: &Path) -> io::Result<File> {
    std::fs::OpenOptions::new().read(true).write(true).open(path)
}

fn ends_in_mid_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}
