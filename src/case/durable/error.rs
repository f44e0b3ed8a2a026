//! Why something was not written, and where.
//!
//! It gives no advice: that is for the program.

use std::io;
use std::path::{Path, PathBuf};

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The name is taken.
    #[error("{} is there already", .0.display())]
    Taken(PathBuf),
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system could not say that it is on the disk. Nothing more is
    /// written from here on.
    #[error("{} could not be made durable: {source}", path.display())]
    Sync {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused to give a name, and whether it did so all the same
    /// cannot be told.
    #[error("whether {} is there cannot be told: {source}", path.display())]
    Unclear {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An earlier failure to make something durable: this was not tried.
    #[error("{} was not written: the disk failed before", .0.display())]
    ReadOnly(PathBuf),
}

impl DiskError {
    /// An error of the system at `path`.
    pub fn io(path: &Path, source: io::Error) -> DiskError {
        DiskError::Io { path: path.to_owned(), source }
    }
}

/// Names the path of an I/O error.
pub trait At<T> {
    /// The same, with the path.
    fn at(self, path: &Path) -> Result<T, DiskError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, DiskError> {
        self.map_err(|source| DiskError::io(path, source))
    }
}
