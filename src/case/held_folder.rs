//! A folder that is held open: what lies in it is listed and opened step by
//! step from there, and no link is followed on the way.
//!
//! A path is looked up anew whenever it is used, and leads elsewhere as soon
//! as somebody puts a link in place of one of its folders. A folder that is
//! held is itself, wherever it lies.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use countersign_record::regular_file::{Identity, NotRegular, regular};

/// A folder that is held open.
#[derive(Debug)]
pub struct Folder {
    held: held::Held,
}

/// What a name stood for when it was looked at: enough to tell whether it is
/// still the same, unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What it is.
    pub kind: Kind,
    /// Which it is.
    pub identity: Identity,
    /// How long it is.
    pub bytes: u64,
    /// When it was last changed, content or not, as the system counts:
    /// nobody can set it back (POSIX `st_ctime`, NTFS `ChangeTime`).
    changed: (i64, i64),
    modified: (i64, i64),
}

/// What something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link or a junction.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

impl Kind {
    fn of(metadata: &Metadata) -> Kind {
        match regular(metadata) {
            Ok(()) => Kind::File,
            Err(NotRegular::Folder) => Kind::Folder,
            Err(NotRegular::Link) => Kind::Link,
            Err(_) => Kind::Special,
        }
    }

    fn refused(self) -> io::Error {
        match self {
            Kind::Folder => NotRegular::Folder.into(),
            Kind::Link => NotRegular::Link.into(),
            Kind::File => ErrorKind::NotADirectory.into(),
            Kind::Special => NotRegular::Special.into(),
        }
    }
}

impl Folder {
    /// Opens the folder at `path`, which somebody typed: links on the way are
    /// followed once, now. From here on none is.
    ///
    /// # Errors
    /// What the system says, and [`NotRegular`] where it is no folder.
    pub fn open(path: &Path) -> io::Result<Folder> {
        let resolved = path.canonicalize()?;
        let mut parts = resolved.components();
        let mut root = PathBuf::new();
        for part in parts.by_ref() {
            root.push(part);
            if part == Component::RootDir {
                break;
            }
        }
        let mut folder = Folder { held: held::Held::root(&root)? };
        for part in parts {
            folder = folder.folder(part.as_os_str())?;
        }
        Ok(folder)
    }

    /// The folder in which `path` lies, and the name that it has there. The
    /// name itself can be a link.
    ///
    /// # Errors
    /// As [`Folder::open`]; [`ErrorKind::InvalidInput`] where `path` ends in no
    /// name.
    pub fn above(path: &Path) -> io::Result<(Folder, OsString)> {
        let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_owned();
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        Ok((Folder::open(parent.unwrap_or(Path::new(".")))?, name))
    }

    /// Its identity.
    ///
    /// # Errors
    /// What the system says.
    pub fn identity(&self) -> io::Result<Identity> {
        Identity::of_file(self.held.file())
    }

    /// The names in it, in order.
    ///
    /// # Errors
    /// What the system says.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = self.held.names()?;
        names.sort();
        Ok(names)
    }

    /// What a name in it stands for. A link is looked at itself.
    ///
    /// # Errors
    /// What the system says.
    pub fn look(&self, name: &OsStr) -> io::Result<Look> {
        self.held.look(name)
    }

    /// A folder in it.
    ///
    /// # Errors
    /// [`NotRegular`] where it is a link or no folder; what the system says.
    pub fn folder(&self, name: &OsStr) -> io::Result<Folder> {
        let look = self.look(name)?;
        if look.kind != Kind::Folder {
            return Err(look.kind.refused());
        }
        Ok(Folder { held: self.held.folder(name)? })
    }

    /// A regular file in it, for reading, and what it is. It waits for no pipe
    /// and opens no device.
    ///
    /// # Errors
    /// [`NotRegular`] where it is something else; what the system says.
    pub fn file(&self, name: &OsStr) -> io::Result<File> {
        let look = self.look(name)?;
        if look.kind != Kind::File {
            return Err(look.kind.refused());
        }
        let file = self.held.open_file(name)?;
        regular(&file.metadata()?)?;
        Ok(file)
    }
}

impl Look {
    /// At a file that is open.
    ///
    /// # Errors
    /// What the system says.
    pub fn of_file(file: &File) -> io::Result<Look> {
        held::look_of(file)
    }
}

#[cfg(unix)]
#[path = "held_folder/unix.rs"]
mod held;
#[cfg(windows)]
#[path = "held_folder/windows.rs"]
mod held;

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_that_is_held_is_itself_whatever_takes_its_name() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("photos/2026")).expect("makes");
        fs::create_dir_all(at("elsewhere/2026")).expect("makes");
        fs::write(at("photos/2026/one"), "theirs").expect("writes");
        fs::write(at("elsewhere/2026/one"), "another's").expect("writes");
        let photos = Folder::open(&at("photos")).expect("opens");
        let year = photos.folder("2026".as_ref()).expect("opens");
        fs::rename(at("photos/2026"), at("gone")).expect("moves");
        symlink(at("elsewhere/2026"), at("photos/2026")).expect("links");
        let mut text = String::new();
        year.file("one".as_ref()).expect("opens").read_to_string(&mut text).expect("reads");
        assert_eq!(text, "theirs");
        let refused = photos.folder("2026".as_ref()).expect_err("is a link now");
        assert_eq!(NotRegular::of(&refused), Some(NotRegular::Link));
        assert_eq!(photos.look("2026".as_ref()).expect("looks").kind, Kind::Link);
        // A link that somebody typed is followed once.
        symlink(at("elsewhere"), at("typed")).expect("links");
        let typed = Folder::open(&at("typed")).expect("opens");
        assert_eq!(typed.names().expect("lists"), ["2026"]);
        assert_eq!(typed.identity().expect("is one"), Identity::of_path(&at("elsewhere")).expect("is one"));
        let (above, name) = Folder::above(&at("photos/2026")).expect("opens");
        assert_eq!((name.to_str(), above.identity().ok()), (Some("2026"), photos.identity().ok()));
    }

    #[test]
    fn a_file_that_was_rewritten_looks_changed_though_its_time_was_set_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("one");
        fs::write(&path, "aaaa").expect("writes");
        let folder = Folder::open(dir.path()).expect("opens");
        let file = folder.file("one".as_ref()).expect("opens");
        let before = Look::of_file(&file).expect("looks");
        assert_eq!(before, folder.look("one".as_ref()).expect("looks"));
        let modified = fs::metadata(&path).expect("is there").modified().expect("has one");
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(&path, "bbbb").expect("writes");
        let set = File::options().write(true).open(&path).expect("opens");
        set.set_modified(modified).expect("sets");
        let after = Look::of_file(&file).expect("looks");
        assert_eq!((after.identity, after.bytes), (before.identity, before.bytes));
        assert_ne!(after, before);
    }
}
