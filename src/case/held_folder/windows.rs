//! Windows opens nothing relative to a handle without its inner interface. But
//! a folder that is held without leave to delete it can be neither renamed nor
//! replaced, so that a path through folders that are all held leads to what was
//! looked at.

use std::fs::OpenOptions;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::os::windows::io::AsRawHandle;
use std::sync::Arc;

use windows_sys::Win32::Storage::FileSystem::{
    FILE_BASIC_INFO, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_SHARE_DELETE,
    FILE_SHARE_READ, FILE_SHARE_WRITE, FileBasicInfo, GetFileInformationByHandleEx,
};

use super::*;

#[derive(Debug, Clone)]
pub(super) struct Held {
    path: PathBuf,
    folder: Arc<File>,
    /// The folders above, held as long.
    _above: Option<Arc<Held>>,
}

impl Held {
    pub(super) fn root(path: &Path) -> io::Result<Held> {
        Ok(Held { path: path.to_owned(), folder: Arc::new(hold(path)?), _above: None })
    }

    pub(super) fn file(&self) -> &File {
        &self.folder
    }

    pub(super) fn folder(&self, name: &OsStr) -> io::Result<Held> {
        let path = self.path.join(name);
        let folder = hold(&path)?;
        match Kind::of(&folder.metadata()?) {
            Kind::Folder => Ok(Held { path, folder: Arc::new(folder), _above: Some(Arc::new(self.clone())) }),
            other => Err(other.refused()),
        }
    }

    /// Nobody may write meanwhile.
    pub(super) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .share_mode(FILE_SHARE_READ)
            .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
            .open(self.path.join(name))
    }

    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        std::fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    pub(super) fn look(&self, name: &OsStr) -> io::Result<Look> {
        // No access is asked for, only to look.
        let file = OpenOptions::new()
            .access_mode(0)
            .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
            .open(self.path.join(name))?;
        look_of(&file)
    }
}

fn hold(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)
}

pub(super) fn look_of(file: &File) -> io::Result<Look> {
    let told = file.metadata()?;
    // SAFETY: the structure is plain numbers, for which zeros are well, and
    // its own length is given; the handle is open as long as `file` is.
    let basic = unsafe {
        let mut basic: FILE_BASIC_INFO = std::mem::zeroed();
        let length = std::mem::size_of::<FILE_BASIC_INFO>() as u32;
        let into = (&raw mut basic).cast();
        match GetFileInformationByHandleEx(file.as_raw_handle().cast(), FileBasicInfo, into, length) {
            0 => return Err(io::Error::last_os_error()),
            _ => basic,
        }
    };
    Ok(Look {
        kind: Kind::of(&told),
        identity: Identity::of_file(file)?,
        bytes: told.file_size(),
        changed: (basic.ChangeTime, 0),
        modified: (basic.LastWriteTime, 0),
    })
}
