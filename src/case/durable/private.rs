//! Files and folders that other users of the computer cannot read, made as each
//! system makes them, and only where nothing has the name; whether others could
//! change what lies in a folder.
//!
//! Of what is there already it changes nothing but the rights of a file that
//! it opens and that is this user's.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use countersign_record::regular_file;

/// How other users of the computer could change what lies in a folder, or
/// exchange the folder itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Exposed {
    /// Others may write to it.
    #[error("others can write to {}", path.display())]
    Writable {
        /// The folder, or one that it lies in.
        path: PathBuf,
    },
    /// It is another user's.
    #[error("{} belongs to another user of this computer", path.display())]
    Foreign {
        /// The folder, one that it lies in, or a link on the way to it.
        path: PathBuf,
    },
}

/// Looks whether anybody else could change what lies in `folder`: in it and
/// the folders directly in it, and on the whole way to it. Of a folder that is
/// not there yet, the way is looked at.
///
/// On the way a folder to which all may write is well where none of them may
/// rename what others own (the sticky bit, as on `/tmp`).
///
/// # Errors
/// What the system says, where something on the way cannot be looked at.
#[cfg(unix)]
pub fn exposed(folder: &Path) -> io::Result<Option<Exposed>> {
    use std::os::unix::fs::MetadataExt;
    // SAFETY: asks for the user of this process; touches no memory of ours.
    let us = unsafe { libc::geteuid() };
    let is_trusted = |owner: u32| owner == us || owner == 0;
    let absolute = std::path::absolute(folder)?;
    // Whoever owns a link on the way can lead it elsewhere.
    for part in absolute.ancestors() {
        let found = fs::symlink_metadata(part).ok();
        if found.is_some_and(|found| found.is_symlink() && !is_trusted(found.uid())) {
            return Ok(Some(Exposed::Foreign { path: part.to_owned() }));
        }
    }
    let there = absolute.ancestors().find(|part| part.exists()).unwrap_or(&absolute);
    let is_there = there == absolute;
    let there = there.canonicalize()?;
    for part in there.ancestors() {
        let found = fs::metadata(part)?;
        let is_itself = is_there && part == there;
        let is_foreign = found.uid() != us && (is_itself || !is_trusted(found.uid()));
        if is_foreign {
            return Ok(Some(Exposed::Foreign { path: part.to_owned() }));
        }
        let (others_write, is_sticky) = (found.mode() & 0o022 != 0, found.mode() & 0o1000 != 0);
        if others_write && (is_itself || !is_sticky) {
            return Ok(Some(Exposed::Writable { path: part.to_owned() }));
        }
    }
    if !is_there {
        return Ok(None);
    }
    for entry in fs::read_dir(&there)? {
        let entry = entry?;
        let found = entry.metadata()?;
        if found.is_dir() && found.uid() != us {
            return Ok(Some(Exposed::Foreign { path: entry.path() }));
        }
        if found.is_dir() && found.mode() & 0o022 != 0 {
            return Ok(Some(Exposed::Writable { path: entry.path() }));
        }
    }
    Ok(None)
}

// Windows has lists of who may do what; a person's own folders let nobody else
// in. Reading the lists comes with the Windows branch.
#[cfg(not(unix))]
pub fn exposed(_: &Path) -> io::Result<Option<Exposed>> {
    Ok(None)
}

/// Reads a regular file that is this user's and that nobody else can read or
/// write.
///
/// # Errors
/// As [`regular_file::read`], and [`io::ErrorKind::PermissionDenied`] where it
/// is somebody else's, too.
pub fn read_private(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    use std::io::Read;
    let file = regular_file::open(path)?;
    if !is_private(&file)? {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(io::ErrorKind::InvalidData.into()),
        false => Ok(bytes),
    }
}

#[cfg(unix)]
fn is_private(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let found = file.metadata()?;
    // SAFETY: asks for the user of this process; touches no memory of ours.
    Ok(found.uid() == unsafe { libc::geteuid() } && found.mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &File) -> io::Result<bool> {
    Ok(true)
}

/// Opens a file to lock it, and creates it where it is not there. One that
/// others could read or write, from a time when it was made so, is closed to
/// them.
#[cfg(unix)]
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = private(&mut options).open(path)?;
    regular_file::check(&file)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(not(unix))]
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// A file of its own, to write and to read.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).write(true).create_new(true)).open(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

// On Windows the home lies in the user's own profile, which others cannot
// read; files take over its access list.
#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
pub(super) fn make_private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
pub(super) fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("sets");
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_found_wherever_it_is() {
        let top = tempfile::tempdir().expect("a folder");
        let home = top.path().join("a/home");
        fs::create_dir_all(home.join("cases")).expect("folders");
        let named = |path: &Path| Some(Exposed::Writable { path: path.canonicalize().expect("is there") });
        let parts = [home.join("cases"), home.clone(), top.path().join("a"), top.path().to_owned()];
        parts.iter().for_each(|part| set(part, 0o755));
        assert_eq!(exposed(&home).expect("looks"), None);
        for part in &parts {
            for mode in [0o775, 0o757, 0o777, 0o772] {
                set(part, mode);
                assert_eq!(exposed(&home).expect("looks"), named(part), "{part:?} {mode:o}");
            }
            set(part, 0o755);
        }
        // As on /tmp: well on the way, and not for the home itself.
        set(top.path(), 0o1777);
        assert_eq!(exposed(&home).expect("looks"), None);
        set(&home, 0o1777);
        assert_eq!(exposed(&home).expect("looks"), named(&home));
        // One that is not there yet would come to lie where others can write.
        set(&home, 0o755);
        assert_eq!(exposed(&home.join("new/home")).expect("looks"), None);
        set(&home, 0o777);
        assert_eq!(exposed(&home.join("new/home")).expect("looks"), named(&home));
        set(&home, 0o755);
        // Links on the way are followed to what they lead to.
        let link = top.path().join("link");
        std::os::unix::fs::symlink(&home, &link).expect("links");
        set(&home, 0o777);
        assert_eq!(exposed(&link).expect("looks"), named(&home));
    }

    #[test]
    fn a_note_that_others_can_read_or_write_is_none() {
        let top = tempfile::tempdir().expect("a folder");
        let note = top.path().join("note");
        fs::write(&note, "words").expect("writes");
        for (mode, is_read) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o622, false)]
        {
            set(&note, mode);
            assert_eq!(read_private(&note, 5).is_ok(), is_read, "{mode:o}");
        }
        set(&note, 0o600);
        assert!(read_private(&note, 4).is_err(), "too long");
        let link = top.path().join("link");
        std::os::unix::fs::symlink(&note, &link).expect("links");
        assert!(read_private(&link, 5).is_err(), "a link");
    }

    #[test]
    fn a_file_that_is_opened_to_be_locked_is_closed_to_others() {
        let top = tempfile::tempdir().expect("a folder");
        let lock = top.path().join("lock");
        fs::write(&lock, "").expect("writes");
        set(&lock, 0o666);
        drop(open_private(&lock).expect("opens"));
        assert_eq!(fs::metadata(&lock).expect("is there").permissions().mode() & 0o777, 0o600);
    }
}
