//! A file on its way: whole before it has its name.
//!
//! It removes nothing but what it made itself.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::private::private;
use super::{At, Disk, DiskError};

/// A file that is being written and has no name yet. Dropped, it is removed.
pub struct Part<'a> {
    disk: &'a Disk,
    path: PathBuf,
    file: Option<File>,
    named: bool,
}

impl<'a> Part<'a> {
    pub(super) fn begun(disk: &'a Disk, path: PathBuf, file: File) -> Part<'a> {
        Part { disk, path, file: Some(file), named: false }
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
    fn a_part_touches_nothing_of_anybody_s() {
        let dir = tempfile::tempdir().expect("a folder");
        let (disk, at) = (Disk::new(), |name: &str| dir.path().join(name));
        fs::write(at("x.part"), "a person's").expect("writes");
        fs::create_dir(at("x.2.part")).expect("makes");
        let one = disk.part(&at("x")).expect("begins");
        let other = disk.part(&at("x")).expect("begins");
        assert_eq!((one.path(), other.path()), (at("x.3.part").as_path(), at("x.4.part").as_path()));
        drop(other);
        disk.create_whole(&at("x"), b"ours").expect("is free");
        assert!(matches!(disk.create_whole(&at("x"), b"another"), Err(DiskError::Taken(_))));
        drop(one);
        assert_eq!(fs::read_to_string(at("x.part")).expect("reads"), "a person's");
        assert_eq!(fs::read_to_string(at("x")).expect("reads"), "ours");
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 3);
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
}
