//! A permit: the proof that the procedure allows a deed.
//!
//! Its fields are private and only [`State`](super::State) makes one, so that
//! a module that asks for a permit cannot be called without the question
//! having been answered.

use super::deed::Deed;
use countersign_record::journal::CaseId;

/// That the procedure allowed a deed in one case, as that case stood.
///
/// A permit is not kept for later: whoever appends the entry MUST ask
/// [`State::honour`](super::State::honour) with the state as it is then, so
/// that a halt in between wins.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    case: CaseId,
    head: u64,
    deed: Deed,
}

impl Permit {
    pub(super) fn new(case: CaseId, head: u64, deed: Deed) -> Permit {
        Permit { case, head, deed }
    }

    /// The one case in which it holds.
    pub fn case(&self) -> CaseId {
        self.case
    }

    /// The number of the last entry when it was made.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// What it allows.
    pub fn deed(&self) -> &Deed {
        &self.deed
    }
}

/// A permit to record: to visit, to keep, to bring in, or to describe a
/// concern that does not halt. After a halt, journaled or merely raised, no
/// value of this type can be made.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordingPermit(Permit);

impl RecordingPermit {
    pub(super) fn new(permit: Permit) -> RecordingPermit {
        RecordingPermit(permit)
    }

    /// The permit for the entry that the recording leads to.
    pub fn permit(&self) -> &Permit {
        &self.0
    }

    /// The permit for the entry that the recording leads to.
    pub fn into_permit(self) -> Permit {
        self.0
    }
}
