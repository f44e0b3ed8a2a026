//! The only place that writes to a case: what it has written survives a power
//! cut.
//!
//! It knows paths and bytes, not what they mean. After an fsync has failed
//! nobody can tell what is on the disk: the [`Disk`] then writes nothing more
//! (`fsyncgate`; USENIX ATC 2020, Rebello et al.), and does not try again.
//!
//! On Linux a happy [`Disk::create`] of `dir/name` is these system calls:
//!
//! ```text
//! openat("dir/name.part", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 3
//! write(3, …)                                                      = …
//! fsync(3)                                                         = 0
//! close(3)                                                         = 0
//! rename("dir/name.part", "dir/name")                              = 0
//! openat("dir", O_RDONLY|O_CLOEXEC)                                = 3
//! fsync(3)                                                         = 0
//! close(3)                                                         = 0
//! ```
//!
//! and a [`Disk::commit`] is `link` instead of `rename`, which fails where the
//! name is taken.

mod error;
mod part;
mod private;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

pub use error::{At, DiskError};
pub use part::Part;

use self::private::{make_private_folder, private};

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

    /// Creates or replaces `path` with `bytes`: afterwards it holds these or,
    /// on error, what it held before.
    pub fn create(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let mut file = self.part(path)?;
        file.write(bytes)?;
        file.rename(path)
    }

    /// Writes `bytes` to `path` where a torn file is told from a whole one by
    /// whoever reads it, and makes them durable. The name is durable only
    /// after [`Disk::sync_folder`].
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        self.trusted(path)?;
        let mut file =
            private(OpenOptions::new().write(true).create(true).truncate(true)).open(path).at(path)?;
        file.write_all(bytes).at(path)?;
        self.sync(&file, path)
    }

    /// Gives what lies at `from` the name `to`, in the same moment for
    /// everybody, and only if nothing has that name. `from` stays.
    pub fn commit(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.trusted(to)?;
        match fs::hard_link(from, to) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(to.to_owned())),
            // exFAT and some network shares know no links. Here a crash can
            // leave a torn file, which recovery completes from `from`.
            Err(e) if no_links(&e) => self.copy_exclusively(from, to)?,
            Err(e) => return Err(DiskError::io(to, e)),
        }
        self.sync_parent(to)
    }

    fn copy_exclusively(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let bytes = fs::read(from).at(from)?;
        let mut file = match private(OpenOptions::new().write(true).create_new(true)).open(to) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(to.to_owned())),
            opened => opened.at(to)?,
        };
        if let Err(error) = file.write_all(&bytes) {
            // Half of it would pass for an entry that is bad.
            drop(file);
            let _ = fs::remove_file(to);
            return Err(DiskError::io(to, error));
        }
        self.sync(&file, to)
    }

    /// Creates `path` with `bytes` if nothing has that name. A crash may leave
    /// it torn; that it exists is durable as soon as this returns.
    pub fn create_new(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        self.trusted(path)?;
        let mut file = match private(OpenOptions::new().write(true).create_new(true)).open(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(path.to_owned())),
            opened => opened.at(path)?,
        };
        file.write_all(bytes).at(path)?;
        self.sync(&file, path)?;
        self.sync_parent(path)
    }

    /// Adds a line to a file to which others may be adding at the same time.
    /// Append mode keeps the lines of two writers apart. The file must exist.
    pub fn append_line(&self, path: &Path, line: &str) -> Result<(), DiskError> {
        self.trusted(path)?;
        let mut file = OpenOptions::new().read(true).append(true).open(path).at(path)?;
        // A torn line of a crash is closed off, not continued.
        let torn = ends_in_mid_line(&mut file).at(path)?;
        let line = format!("{}{line}\n", if torn { "\n" } else { "" });
        file.write_all(line.as_bytes()).at(path)?;
        self.sync(&file, path)
    }

    /// Creates `path` with `bytes` if nothing has that name: afterwards it is
    /// there whole, or on error not at all.
    pub fn create_whole(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let mut file = self.part(path)?;
        file.write(bytes)?;
        file.rename_new(path)
    }

    /// Begins a file that will get its name when it is complete: until then it
    /// has a name of its own, `path` with `.part` added, or the next that is
    /// free. What has such a name, a crash's or a person's, MUST stay as it is.
    pub fn part(&self, path: &Path) -> Result<Part<'_>, DiskError> {
        self.trusted(path)?;
        for number in 1..=MOST_PARTS {
            let mut part = path.as_os_str().to_owned();
            match number {
                1 => part.push(".part"),
                _ => part.push(format!(".{number}.part")),
            }
            let part = PathBuf::from(part);
            match private(OpenOptions::new().read(true).write(true).create_new(true)).open(&part) {
                Ok(file) => return Ok(Part::begun(self, part, file)),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(DiskError::io(&part, e)),
            }
        }
        Err(DiskError::Taken(path.to_owned()))
    }

    /// Creates a private folder; it is well if it is there already.
    pub fn folder(&self, path: &Path) -> Result<(), DiskError> {
        self.trusted(path)?;
        if path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            self.folder(parent)?;
        }
        match make_private_folder(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            made => made.at(path),
        }?;
        self.sync_parent(path)
    }

    /// Creates a private folder if nothing has that name.
    pub fn new_folder(&self, path: &Path) -> Result<(), DiskError> {
        self.trusted(path)?;
        match make_private_folder(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(path.to_owned())),
            made => made.at(path)?,
        }
        self.sync_parent(path)
    }

    /// Gives a file or folder another name on the same disk. What has that
    /// name already, if it is a file, is replaced.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.trusted(to)?;
        fs::rename(from, to).at(to)?;
        self.sync_parent(to)
    }

    /// Removes a file of the program's own making; it is well if it is gone.
    pub fn remove(&self, path: &Path) -> Result<(), DiskError> {
        self.trusted(path)?;
        match fs::remove_file(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.at(path),
        }
    }

    /// Makes the names in a folder durable.
    pub fn sync_folder(&self, path: &Path) -> Result<(), DiskError> {
        self.trusted(path)?;
        // Windows cannot flush a folder; NTFS journals names by itself.
        if cfg!(windows) {
            return Ok(());
        }
        let folder = File::open(path).at(path)?;
        self.sync(&folder, path)
    }

    /// Makes the name of `path` durable, which it already has.
    fn sync_parent(&self, path: &Path) -> Result<(), DiskError> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        self.sync_folder(parent.unwrap_or(Path::new("."))).map_err(|error| match error {
            // Not even opened: the name is there all the same, and whoever is
            // told that nothing was written would take away what it stands on.
            DiskError::Io { path, source } => self.unsure(&path, source),
            other => other,
        })
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
        if self.failed.load(Ordering::SeqCst) {
            return Err(DiskError::ReadOnly(path.to_owned()));
        }
        Ok(())
    }
}

/// Unfinished files of one name that a folder may hold.
const MOST_PARTS: u32 = 10_000;

fn ends_in_mid_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

fn no_links(error: &io::Error) -> bool {
    // EPERM is what Linux says of a link on exFAT.
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_takes_no_name_twice() {
        let dir = tempfile::tempdir().expect("a folder");
        let (draft, entry) = (dir.path().join("draft"), dir.path().join("entry"));
        let disk = Disk::new();
        disk.write(&draft, b"one").expect("writes");
        disk.commit(&draft, &entry).expect("is free");
        disk.write(&dir.path().join("other"), b"two").expect("writes");
        assert!(matches!(disk.commit(&dir.path().join("other"), &entry), Err(DiskError::Taken(_))));
        assert_eq!(fs::read(&entry).expect("reads"), b"one");
    }

    #[test]
    fn a_torn_line_is_closed_off() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("head");
        fs::write(&file, "one\ntw").expect("writes");
        Disk::new().append_line(&file, "three").expect("appends");
        assert_eq!(fs::read_to_string(&file).expect("reads"), "one\ntw\nthree\n");
    }

    #[test]
    fn after_a_failed_sync_nothing_is_written() {
        let dir = tempfile::tempdir().expect("a folder");
        let disk = Disk::new();
        disk.failed.store(true, Ordering::SeqCst);
        let path = dir.path().join("x");
        assert!(matches!(disk.create(&path, b""), Err(DiskError::ReadOnly(_))));
        assert!(matches!(disk.create_new(&path, b""), Err(DiskError::ReadOnly(_))));
        assert!(matches!(disk.folder(&path), Err(DiskError::ReadOnly(_))));
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
    }
}
