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
mod private;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

pub use error::{At, DiskError};

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

    /// Begins a file that will get its name when it is complete: `path` with
    /// `.part` added. What a crash left there before is overwritten.
    pub fn part(&self, path: &Path) -> Result<Part<'_>, DiskError> {
        self.trusted(path)?;
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let part = PathBuf::from(name);
        match fs::remove_file(&part) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(DiskError::io(&part, e)),
            _ => {}
        }
        let file =
            private(OpenOptions::new().read(true).write(true).create_new(true)).open(&part).at(&part)?;
        Ok(Part { disk: self, path: part, file: Some(file), named: false })
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

/// A file that is being written and has no name yet. Dropped, it is removed.
pub struct Part<'a> {
    disk: &'a Disk,
    path: PathBuf,
    file: Option<File>,
    named: bool,
}

impl Part<'_> {
    /// Adds `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        match &mut self.file {
            Some(file) => file.write_all(bytes).at(&self.path),
            None => Err(DiskError::ReadOnly(self.path.clone())),
        }
    }

    /// The file, for a writer that fills it by position; none once it is
    /// settled.
    pub fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// Where it lies until it has its name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes what was written durable and closes the file. Nothing more can be
    /// written.
    pub fn settle(&mut self) -> Result<(), DiskError> {
        self.disk.trusted(&self.path)?;
        match self.file.take() {
            Some(file) => self.disk.sync(&file, &self.path),
            None => Ok(()),
        }
    }

    /// Makes it durable under its name, replacing what has that name.
    pub fn rename(self, to: &Path) -> Result<(), DiskError> {
        let disk = self.disk;
        self.name(to)?;
        disk.sync_parent(to)
    }

    /// As [`Part::rename`], but only if nothing has that name.
    pub fn rename_new(mut self, to: &Path) -> Result<(), DiskError> {
        self.settle()?;
        self.disk.trusted(to)?;
        match fs::hard_link(&self.path, to) {
            Ok(()) => drop(fs::remove_file(&self.path)),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(to.to_owned())),
            // Systems say in many ways that a stick knows no links. A crash
            // between these two calls leaves the name to an empty file.
            Err(_) => self.claim(to)?,
        }
        self.named = true;
        self.disk.sync_parent(to)
    }

    /// Takes the name with an empty file, and replaces that.
    fn claim(&self, to: &Path) -> Result<(), DiskError> {
        match private(OpenOptions::new().write(true).create_new(true)).open(to) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(to.to_owned())),
            opened => drop(opened.at(to)?),
        }
        fs::rename(&self.path, to).at(to).inspect_err(|_| drop(fs::remove_file(to)))
    }

    /// As [`Part::rename`], but the name is durable only after
    /// [`Disk::sync_folder`].
    pub fn name(mut self, to: &Path) -> Result<(), DiskError> {
        self.settle()?;
        self.disk.trusted(to)?;
        fs::rename(&self.path, to).at(to)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.named {
            // Nothing was said to be kept; what stays is swept at recovery.
            drop(self.file.take());
            let _ = fs::remove_file(&self.path);
        }
    }
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

fn no_links(error: &io::Error) -> bool {
    // EPERM is what Linux says of a link on exFAT.
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By a link, and as where there are none.
    #[test]
    fn a_part_takes_no_name_that_is_taken() {
        let dir = tempfile::tempdir().expect("a folder");
        let (disk, taken) = (Disk::new(), dir.path().join("taken"));
        fs::write(&taken, "another's").expect("writes");
        for (round, by_link) in [true, false].into_iter().enumerate() {
            let named = |part: Part<'_>, to: &Path| match by_link {
                true => part.rename_new(to),
                false => {
                    let mut part = part;
                    part.settle()?;
                    part.claim(to)
                }
            };
            for (to, holds) in
                [(taken.clone(), "another's"), (dir.path().join(format!("free-{round}")), "ours")]
            {
                let mut part = disk.part(&to).expect("begins");
                part.write(b"ours").expect("writes");
                let came = named(part, &to);
                assert_eq!(matches!(came, Err(DiskError::Taken(_))), holds == "another's", "{came:?}");
                assert_eq!(fs::read_to_string(&to).expect("reads"), holds);
            }
        }
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 3, "and no parts");
    }

    #[test]
    fn a_part_that_is_dropped_leaves_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let disk = Disk::new();
        let mut part = disk.part(&dir.path().join("x")).expect("opens");
        part.write(b"words").expect("writes");
        drop(part);
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
    }

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
