//! A file that is being written and has no name of its own yet.
//!
//! It does not know whether what it holds is whole; whoever names it does.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::names::Names;
use super::private::create_private;
use super::rename::rename_new;
use super::unless::unless;
use super::{At, Disk, DiskError};

/// A file that is being written and has no name yet. Dropped, it is removed.
pub struct Part<'a> {
    disk: &'a Disk,
    /// The folder that it lies in, where it gets its name there.
    names: Option<Names<'a>>,
    path: PathBuf,
    file: Option<File>,
    stays: bool,
}

impl<'a> Part<'a> {
    /// Begins a file beside `path`, under a name that nothing has.
    pub(super) fn begin(disk: &'a Disk, path: &Path) -> Result<Part<'a>, DiskError> {
        let names = disk.names(parent(path))?;
        let mut part = Part::begin_elsewhere(disk, path)?;
        part.names = Some(names);
        Ok(part)
    }

    /// The same, where it gets its name in another folder: of ten thousand such
    /// parts each holds no descriptor once it is settled.
    pub(super) fn begin_elsewhere(disk: &'a Disk, path: &Path) -> Result<Part<'a>, DiskError> {
        disk.trusted(path)?;
        for number in 1.. {
            let part = part_name(path, number);
            match create_private(&part) {
                Ok(file) => {
                    return Ok(Part { disk, names: None, path: part, file: Some(file), stays: false });
                }
                Err(e) if e.kind() == ErrorKind::AlreadyExists && number < MOST_PARTS => {}
                Err(e) => return Err(DiskError::io(&part, e)),
            }
        }
        Err(DiskError::Taken(path.to_owned()))
    }

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

    /// Makes what was written durable, with the name that it has until it gets
    /// its own, and closes the file. Nothing more can be written.
    pub fn settle(&mut self) -> Result<(), DiskError> {
        self.disk.trusted(&self.path)?;
        match self.file.take() {
            Some(file) => self.disk.sync(&file, &self.path),
            None => Ok(()),
        }
    }

    /// As [`Part::settle`], short of a stop: then nothing waits for the disk
    /// any more, and the part MUST go. False where there was one.
    pub fn settle_unless(&mut self, is_stopped: &dyn Fn() -> bool) -> Result<bool, DiskError> {
        self.disk.trusted(&self.path)?;
        let Some(file) = self.file.take() else { return Ok(true) };
        let synced = unless(is_stopped, move || file.sync_all()).at(&self.path)?;
        match synced {
            Some(synced) => synced.map(|()| true).map_err(|error| self.disk.unsure(&self.path, error)),
            None => Ok(false),
        }
    }

    /// Makes durable what was written until now. More can be written.
    pub fn settle_so_far(&self) -> Result<(), DiskError> {
        self.disk.trusted(&self.path)?;
        match &self.file {
            Some(file) => self.disk.sync(file, &self.path),
            None => Ok(()),
        }
    }

    /// Makes its name of now durable, too: a crash leaves the whole file under
    /// it. It MUST have been begun in the folder in which it gets its name.
    pub fn settle_name(&mut self) -> Result<(), DiskError> {
        self.settle()?;
        match &self.names {
            Some(names) => names.sync(),
            None => Err(DiskError::ReadOnly(self.path.clone())),
        }
    }

    /// It stays under the name that it has now, when it is dropped.
    pub fn stay(&mut self) {
        self.stays = true;
    }

    /// It goes when it is dropped, after all.
    pub fn go(&mut self) {
        self.stays = false;
    }

    /// Makes it durable under `to`, which MUST be nothing that is kept: what
    /// has that name is replaced.
    pub fn replace(mut self, to: &Path) -> Result<(), DiskError> {
        self.settle()?;
        let names = self.take_names_of(to)?;
        fs::rename(&self.path, to).at(to)?;
        self.stays = true;
        names.sync()
    }

    /// Makes it durable under `to`, if nothing has that name. Otherwise the
    /// part is as it was, and is removed when it is dropped unless it is told
    /// to stay.
    ///
    /// # Errors
    /// [`DiskError::Taken`] where something has the name.
    pub fn name(&mut self, to: &Path) -> Result<(), DiskError> {
        self.settle()?;
        let names = self.take_names_of(to)?;
        self.move_to(to)?;
        names.sync()
    }

    /// The same, where `folder` was opened before and makes the names of
    /// several durable.
    pub fn name_in(&mut self, folder: &Names<'_>, to: &Path) -> Result<(), DiskError> {
        debug_assert_eq!(parent(to), folder.path());
        self.settle()?;
        self.move_to(to)
    }

    fn move_to(&mut self, to: &Path) -> Result<(), DiskError> {
        self.disk.trusted(to)?;
        match rename_new(&self.path, to) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(DiskError::Taken(to.to_owned())),
            renamed => renamed.at(to)?,
        }
        self.stays = true;
        Ok(())
    }

    /// The folder of `to`, opened before it is written to.
    fn take_names_of(&mut self, to: &Path) -> Result<Names<'a>, DiskError> {
        match self.names.take() {
            Some(names) if names.path() == parent(to) => Ok(names),
            _ => self.disk.names(parent(to)),
        }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.stays {
            // Nothing was said to be kept; what stays is swept at recovery.
            drop(self.file.take());
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// `path` with `.part` at its end, numbered from the second on.
fn part_name(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    match number {
        1 => name.push(".part"),
        n => name.push(format!(".{n}.part")),
    }
    PathBuf::from(name)
}

pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// How many parts of one file may be left lying beside it.
const MOST_PARTS: u32 = 10_000;
