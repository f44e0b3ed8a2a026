//! Files that were brought in and lie in a private folder until the page is done
//! with them.

use std::path::PathBuf;
use std::sync::Arc;

use countersign_case::case::{Staging, Watch};

/// Files on their way, and where they lie meanwhile. Dropped, they are gone.
#[derive(Default)]
pub struct Staged {
    pub folders: Vec<Staging>,
    /// The files, in order.
    pub files: Vec<StagedFile>,
    /// Tells of a stop of their case.
    pub watch: Option<Arc<Watch>>,
}

/// One file.
pub struct StagedFile {
    /// Where it lies now, under a name of the program's own.
    pub path: PathBuf,
    /// Its name where it came from; with folders, where it is of one.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
}

impl Staged {
    /// These and those that came after them.
    pub fn with(mut self, later: Staged) -> Staged {
        self.folders.extend(later.folders);
        self.files.extend(later.files);
        self.watch = later.watch.or(self.watch);
        self
    }

    /// How many bytes they have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Whether their case was stopped since they came.
    pub fn is_stopped(&self) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.is_halted())
    }
}
