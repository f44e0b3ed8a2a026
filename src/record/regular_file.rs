//! Regular files, looked at before they are read and bounded in size; and
//! which file a path leads to, whatever it is spelled like.
//!
//! A FIFO would be waited for until somebody writes to it, a link to
//! `/dev/zero` read for ever, a link followed to what is not ours: none of them
//! is opened here. It writes nothing, and does not know what a file means.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Why something is not read that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRegular {
    /// A folder.
    #[error("is a folder, not a file")]
    Folder,
    /// A symbolic link or a junction.
    #[error("is a link, not a file")]
    Link,
    /// A FIFO, a socket or a device.
    #[error("is a pipe or a device, not a file")]
    Special,
    /// Something else where a folder should be: a file, a link, a pipe.
    #[error("is not a folder, or only a link to one")]
    NotFolder,
    /// A file that is longer than anything that belongs there.
    #[error("is longer than {limit} bytes")]
    TooLong {
        /// How long it may be.
        limit: u64,
    },
}

impl NotRegular {
    /// What an error of this module says about the file; none where the system
    /// itself refused.
    pub fn of(error: &io::Error) -> Option<NotRegular> {
        error.get_ref()?.downcast_ref::<NotRegular>().copied()
    }
}

impl From<NotRegular> for io::Error {
    fn from(why: NotRegular) -> io::Error {
        let kind = match why {
            NotRegular::TooLong { .. } => ErrorKind::FileTooLarge,
            _ => ErrorKind::InvalidInput,
        };
        io::Error::new(kind, why)
    }
}

/// Opens a regular file for reading.
///
/// What lies at `path` is looked at first, and again once it is open: it MUST
/// NOT wait for a pipe's other end, touch a device, or follow a link. Folders
/// above it are followed as the system does.
///
/// # Errors
/// [`NotRegular`] as the error's cause where it is something else; else what
/// the system says, [`ErrorKind::NotFound`] where nothing is there.
pub fn open(path: &Path) -> io::Result<File> {
    regular(&fs::symlink_metadata(path)?)?;
    open_without_waiting(path, Links::Refused)
}

/// What lies at `path` without following a link, if anything does.
///
/// # Errors
/// What the system says, where it cannot be looked at.
pub fn look(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(there) => Ok(Some(there)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Whether there is a folder at `path`, itself and no link to one.
///
/// # Errors
/// [`NotRegular::NotFolder`] as the error's cause where something else is
/// there; else what the system says.
pub fn is_folder(path: &Path) -> io::Result<bool> {
    match look(path)? {
        None => Ok(false),
        Some(there) if there.is_dir() => Ok(true),
        Some(_) => Err(NotRegular::NotFolder.into()),
    }
}

/// Opens a folder, to make durable what changes in it. Links are followed: it
/// may be one that a person typed.
///
/// # Errors
/// What the system says: [`ErrorKind::NotADirectory`] where something else is
/// there, which is neither waited for nor opened.
#[cfg(unix)]
pub fn open_folder(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(path)
}

/// Whether an open file, of whatever options, is a regular file.
///
/// # Errors
/// [`NotRegular`] as the error's cause where it is something else.
pub fn check(file: &File) -> io::Result<()> {
    Ok(regular(&file.metadata()?)?)
}

/// The length of a regular file.
///
/// # Errors
/// As [`open()`].
pub fn length(path: &Path) -> io::Result<u64> {
    let there = fs::symlink_metadata(path)?;
    regular(&there)?;
    Ok(there.len())
}

/// As [`open()`], for a file to which lines are added. Nothing is truncated and
/// nothing is made.
///
/// # Errors
/// As [`open()`].
pub fn open_to_append(path: &Path) -> io::Result<File> {
    regular(&fs::symlink_metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    opened(&mut options, path, Links::Refused)
}

/// As [`open()`], where a person typed the path: a link at its end is followed,
/// once, to the regular file that it leads to.
///
/// # Errors
/// As [`open()`].
pub fn open_typed(path: &Path) -> io::Result<File> {
    regular(&fs::metadata(path)?)?;
    open_without_waiting(path, Links::Followed)
}

/// Reads a regular file of at most `limit` bytes whole.
///
/// # Errors
/// As [`open()`], and [`NotRegular::TooLong`].
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_whole(open(path)?, limit)
}

/// As [`read`], where a person typed the path.
///
/// # Errors
/// As [`read`].
pub fn read_typed(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_whole(open_typed(path)?, limit)
}

/// As [`read`], for text in UTF-8.
///
/// # Errors
/// As [`read`], and [`ErrorKind::InvalidData`] where it is no text.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

fn read_whole(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    if length > limit {
        return Err(NotRegular::TooLong { limit }.into());
    }
    let mut bytes = Vec::with_capacity(length as usize);
    // It may grow while it is read.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(NotRegular::TooLong { limit }.into());
    }
    Ok(bytes)
}

/// Whether what was looked at, without following a link, is a regular file.
///
/// # Errors
/// What it is instead.
pub fn regular(metadata: &Metadata) -> Result<(), NotRegular> {
    let kind = metadata.file_type();
    if kind.is_file() {
        Ok(())
    } else if kind.is_dir() {
        Err(NotRegular::Folder)
    } else if kind.is_symlink() {
        Err(NotRegular::Link)
    } else {
        Err(NotRegular::Special)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Refused,
    Followed,
}

/// What was looked at may have been exchanged since: the open itself waits for
/// nothing, and what came of it is looked at again.
fn open_without_waiting(path: &Path, links: Links) -> io::Result<File> {
    opened(OpenOptions::new().read(true), path, links)
}

fn opened(options: &mut OpenOptions, path: &Path, links: Links) -> io::Result<File> {
    without_waiting(options, links);
    let file = match options.open(path) {
        Err(e) if is_loop(&e) && links == Links::Refused => return Err(NotRegular::Link.into()),
        opened => opened?,
    };
    regular(&file.metadata()?)?;
    Ok(file)
}

#[cfg(unix)]
fn without_waiting(options: &mut OpenOptions, links: Links) {
    use std::os::unix::fs::OpenOptionsExt;
    let no_follow = if links == Links::Refused { libc::O_NOFOLLOW } else { 0 };
    options.custom_flags(no_follow | libc::O_NONBLOCK | libc::O_NOCTTY);
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

/// The link itself is opened, and its metadata then says that it is one.
#[cfg(windows)]
fn without_waiting(options: &mut OpenOptions, links: Links) {
    use std::os::windows::fs::OpenOptionsExt;
    use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OPEN_REPARSE_POINT;
    if links == Links::Refused {
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    }
}

#[cfg(windows)]
fn is_loop(_: &io::Error) -> bool {
    false
}

/// Where there are no files (in a page, say) none can be opened.
#[cfg(not(any(unix, windows)))]
fn without_waiting(_: &mut OpenOptions, _: Links) {}

#[cfg(not(any(unix, windows)))]
fn is_loop(_: &io::Error) -> bool {
    false
}

/// Which file or folder something is, whatever path led to it: two paths with
/// the same identity are the same thing on the disk (links, bind mounts, short
/// names, other spellings of a share).
///
/// It is compared within one run and never stored: systems use numbers again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    volume: u64,
    number: u128,
}

impl Identity {
    /// Of what is called so by the system: the number of the volume (POSIX
    /// `st_dev`), and that of the file on it (`st_ino`).
    pub fn new(volume: u64, number: u128) -> Identity {
        Identity { volume, number }
    }

    /// Of what `path` leads to, links followed.
    ///
    /// # Errors
    /// What the system says, where it cannot be looked at.
    pub fn of_path(path: &Path) -> io::Result<Identity> {
        identity_of_path(path)
    }

    /// Of a file or folder that is open.
    ///
    /// # Errors
    /// What the system says.
    pub fn of_file(file: &File) -> io::Result<Identity> {
        identity_of_file(file)
    }
}

#[cfg(unix)]
fn identity_of_path(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|metadata| identity(&metadata))
}

#[cfg(unix)]
fn identity_of_file(file: &File) -> io::Result<Identity> {
    file.metadata().map(|metadata| identity(&metadata))
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Identity { volume: metadata.dev(), number: metadata.ino().into() }
}

#[cfg(not(any(unix, windows)))]
fn identity_of_path(_: &Path) -> io::Result<Identity> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(not(any(unix, windows)))]
fn identity_of_file(_: &File) -> io::Result<Identity> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(windows)]
fn identity_of_path(path: &Path) -> io::Result<Identity> {
    use std::os::windows::fs::OpenOptionsExt;
    use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_BACKUP_SEMANTICS;
    // No access is asked for, only to look: a file that others hold is told,
    // too. The flag lets a folder be opened.
    let file = OpenOptions::new().access_mode(0).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)?;
    identity_of_file(&file)
}

#[cfg(windows)]
fn identity_of_file(file: &File) -> io::Result<Identity> {
    let told = winapi_util::file::information(file)?;
    Ok(Identity { volume: told.volume_serial_number(), number: told.file_index().into() })
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_a_regular_file_is_read_and_nothing_is_waited_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "words").expect("writes");
        symlink(at("file"), at("link")).expect("links");
        symlink("/dev/zero", at("zero")).expect("links");
        let ours = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), rustix::fs::FileType::Fifo, ours, 0)
            .expect("a pipe");

        assert_eq!(read(&at("file"), 5).expect("reads"), b"words");
        assert_eq!(read_typed(&at("link"), 5).expect("reads"), b"words");
        let why = |read: io::Result<Vec<u8>>| NotRegular::of(&read.expect_err("is refused"));
        assert_eq!(why(read(&at("file"), 4)), Some(NotRegular::TooLong { limit: 4 }));
        assert_eq!(why(read(&at("link"), 5)), Some(NotRegular::Link));
        assert_eq!(why(read(&at("zero"), 5)), Some(NotRegular::Link));
        assert_eq!(why(read_typed(&at("zero"), 5)), Some(NotRegular::Special));
        assert_eq!(why(read(&at("fifo"), 5)), Some(NotRegular::Special));
        assert_eq!(why(read_typed(&at("fifo"), 5)), Some(NotRegular::Special));
        assert_eq!(why(read(dir.path(), 5)), Some(NotRegular::Folder));
        // One that was exchanged for a pipe after the look.
        let late = open_without_waiting(&at("fifo"), Links::Refused).expect_err("is refused");
        assert_eq!(NotRegular::of(&late), Some(NotRegular::Special));
    }

    #[test]
    fn the_same_file_has_one_identity_by_whatever_path() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "words").expect("writes");
        fs::write(at("other"), "words").expect("writes");
        symlink(at("file"), at("link")).expect("links");
        fs::hard_link(at("file"), at("second")).expect("links");
        let of = |name: &str| Identity::of_path(&at(name)).expect("is there");
        assert_eq!(of("file"), of("link"));
        assert_eq!(of("file"), of("second"));
        assert_eq!(of("file"), Identity::of_file(&open(&at("file")).expect("opens")).expect("tells"));
        assert_ne!(of("file"), of("other"));
    }
}
