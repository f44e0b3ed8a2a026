//! What could not be done once something was kept, and is not a failure of it.
//!
//! It says what, not what to do about it.

use std::path::PathBuf;
use std::sync::Arc;

use super::CaseError;
use crate::durable::DiskError;

/// Something that comes after an entry's commit and could not be done. The
/// entry is kept all the same; before the next one the case is read anew.
#[derive(Debug, Clone)]
pub enum Unfinished {
    /// The entry could not be noted outside the case. Until it is, no other
    /// can follow it.
    Note {
        /// Which entry.
        entry: u64,
        /// What the disk said.
        error: Arc<DiskError>,
    },
    /// The entry's draft could not be removed. The next unlocking removes it.
    Draft {
        /// Which entry.
        entry: u64,
        /// What the disk said.
        error: Arc<DiskError>,
    },
    /// The case could not be read on with the entry.
    Reading {
        /// Which entry.
        entry: u64,
        /// Why not.
        error: Arc<CaseError>,
    },
    /// The halt could not be noted outside the case. It stands all the same.
    Halt {
        /// What the disk said.
        error: Arc<DiskError>,
    },
    /// What was said when the case was opened stopped could not be put on
    /// record. The case is stopped all the same.
    Gate {
        /// Why not.
        error: Arc<CaseError>,
    },
    /// The bundle of a seal could not get its name. It lies there, complete,
    /// and gets its name when the case is unlocked next.
    Bundle {
        /// Which seal.
        seal: u32,
        /// Where it lies.
        path: PathBuf,
        /// What the disk said.
        error: Arc<DiskError>,
    },
    /// What must not leave the case could not be removed.
    MustGo {
        /// Where it lies.
        path: PathBuf,
        /// What the disk said.
        error: Arc<DiskError>,
    },
    /// What was to be written beside the case could not be.
    Copy {
        /// Where it was to be.
        path: PathBuf,
        /// Where it lies now, complete, if it does.
        lies: Option<PathBuf>,
        /// What the disk said.
        error: Arc<DiskError>,
    },
    /// A copy was dropped: the case was stopped while it was made.
    CopyDropped {
        /// Where it was to be.
        path: PathBuf,
    },
}

impl Unfinished {
    /// Whether it stays so, however often the case is read anew: what lies, or
    /// was to lie, beside the record.
    pub fn is_lasting(&self) -> bool {
        match self {
            Unfinished::Bundle { .. }
            | Unfinished::MustGo { .. }
            | Unfinished::Copy { .. }
            | Unfinished::CopyDropped { .. } => true,
            Unfinished::Note { .. }
            | Unfinished::Draft { .. }
            | Unfinished::Reading { .. }
            | Unfinished::Halt { .. }
            | Unfinished::Gate { .. } => false,
        }
    }
}
