//! A folder by its descriptor: `openat` and `fstatat` (POSIX), each without
//! following a link. It does not know what is done with what it opens.

use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, statat};

use super::*;

#[derive(Debug)]
pub(super) struct Held(File);

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

impl Held {
    pub(super) fn root(path: &Path) -> io::Result<Held> {
        Ok(Held(openat(CWD, path, FOLDER, Mode::empty())?.into()))
    }

    pub(super) fn file(&self) -> &File {
        &self.0
    }

    pub(super) fn folder(&self, name: &OsStr) -> io::Result<Held> {
        match openat(&self.0, name, FOLDER, Mode::empty()) {
            Ok(folder) => Ok(Held(folder.into())),
            // What was a folder a moment ago is a link now.
            Err(rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR) => Err(NotRegular::Link.into()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        match openat(&self.0, name, FILE, Mode::empty()) {
            Ok(file) => Ok(file.into()),
            Err(rustix::io::Errno::LOOP) => Err(NotRegular::Link.into()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if !matches!(name.as_slice(), b"." | b"..") {
                names.push(OsString::from_vec(name));
            }
        }
        Ok(names)
    }

    // Each system has its own widths of these numbers.
    #[allow(clippy::unnecessary_cast)]
    pub(super) fn look(&self, name: &OsStr) -> io::Result<Look> {
        let told = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = match FileType::from_raw_mode(told.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Folder,
            FileType::Symlink => Kind::Link,
            _ => Kind::Special,
        };
        Ok(Look {
            kind,
            identity: Identity::new(told.st_dev as u64, told.st_ino as u128),
            bytes: told.st_size as u64,
            changed: (told.st_ctime as i64, told.st_ctime_nsec as i64),
            modified: (told.st_mtime as i64, told.st_mtime_nsec as i64),
        })
    }
}

pub(super) fn look_of(file: &File) -> io::Result<Look> {
    let told = file.metadata()?;
    Ok(Look {
        kind: Kind::of(&told),
        identity: Identity::new(told.dev(), told.ino().into()),
        bytes: told.len(),
        changed: (told.ctime(), told.ctime_nsec()),
        modified: (told.mtime(), told.mtime_nsec()),
    })
}
