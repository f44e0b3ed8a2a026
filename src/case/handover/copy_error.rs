//! Why no copy was handed over.
//!
//! It gives no advice.

use std::io;
use std::path::{Path, PathBuf};

use super::copy::Broken;
use crate::case::{CaseError, WayOutError};
use crate::durable::DiskError;
use crate::form::FormError;
use countersign_record::journal::TextError;

/// A step that failed, or that was stopped by one of two.
pub(super) enum Failed {
    Stopped,
    Error(Box<CopyError>),
}

impl Failed {
    pub(super) fn of(broken: Broken, from: &Path, to: &Path) -> Failed {
        match broken {
            Broken::Stopped => Failed::Stopped,
            Broken::Reading(error) => CopyError::from(DiskError::io(from, error)).into(),
            Broken::Writing(error) => CopyError::from(DiskError::io(to, error)).into(),
        }
    }

    pub(super) fn or(self, stopped: impl Fn() -> CopyError) -> CopyError {
        match self {
            Failed::Stopped => stopped(),
            Failed::Error(error) => *error,
        }
    }
}

impl From<CopyError> for Failed {
    fn from(error: CopyError) -> Failed {
        Failed::Error(Box::new(error))
    }
}

/// Why no copy was handed over.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The case does not take it.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// There is no seal of this number.
    #[error("there is no seal {0}")]
    NoSeal(u32),
    /// The bundle of the seal was not found.
    #[error("the bundle of seal {seal} was not found: {}", paths(looked))]
    NoBundle {
        /// Which seal.
        seal: u32,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// What was found is not the bundle that was sealed.
    #[error("{}: {what}", path.display())]
    NotTheBundle {
        /// Which file.
        path: PathBuf,
        /// What is wrong first.
        what: String,
    },
    /// Where it was to go, something lies already.
    #[error("{} is there already", .0.display())]
    Taken(PathBuf),
    /// Where it was to go, nothing is written to.
    #[error(transparent)]
    WayOut(#[from] WayOutError),
    /// What was read back is not what was written; the copy was dropped.
    #[error("{}: what was read back is not what was written; the copy was dropped", .0.display())]
    Unlike(PathBuf),
    /// The case was stopped meanwhile, and the copy is dropped.
    #[error("the case was stopped while the copy was being made; the copy was dropped")]
    Halted,
    /// The case was stopped at the last moment: the record says that there is
    /// a copy, and there is none.
    #[error("the case was stopped when entry {entry} was just made; the copy was dropped")]
    HaltedAfter {
        /// The entry.
        entry: u64,
        /// The copy, where it must not leave and could not be removed.
        left: Option<PathBuf>,
    },
    /// It was called off, and the copy is dropped.
    #[error("the copy was called off and dropped")]
    Stopped,
    /// A sheet could not be drawn.
    #[error(transparent)]
    Sheet(#[from] FormError),
    /// The computer gave no random numbers.
    #[error("the computer gave no random numbers: {0}")]
    Random(io::Error),
    /// A time that an entry cannot hold.
    #[error("a time for the record: {0}")]
    Text(TextError),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

fn paths(looked: &[PathBuf]) -> String {
    looked.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
