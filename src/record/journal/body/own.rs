//! What the program itself tells: of the clock, of a crash, of a seal that has
//! no bundle.
//!
//! What people do and say is its siblings'.

use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::digest::Digest;
use crate::journal::left_out::AllLeftOut;
use crate::journal::text::{Line, Seen};

/// The computer's clock jumped: it says another time than the last entry and
/// the time that passed since allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockJumped {
    /// The time that was to be expected, or the last entry's.
    pub before: Time,
    /// The time that the clock says.
    pub after: Time,
}

/// What a crash left, what does not belong in the case's folder, and what
/// became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recovered {
    /// Entries that a crash had left half-written and that were completed,
    /// word for word.
    pub completed: Vec<u64>,
    /// The exhibit whose files had not all come in when the program was
    /// stopped or ended.
    pub broken_off: Option<BrokenOff>,
    /// What was put aside in `void/`.
    pub void: Vec<Void>,
    /// What was found in the case's folder and belongs to no entry. It is left
    /// where it is, and never leaves the case.
    pub left: AllLeftOut,
}

impl Recovered {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        *self == Recovered::default()
    }
}

/// An exhibit of which only a part came in. It is no error of the record: what
/// came in is kept, and what did not is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenOff {
    /// Its label.
    pub exhibit: Line,
    /// How many of its parts are in the record.
    pub parts: u32,
    /// Of how many.
    pub of: u32,
    /// How many files are in the record.
    pub files: u64,
    /// Of how many.
    pub of_files: u64,
}

/// A seal has no bundle: the record says that the case was sealed, and the
/// file was never given to anybody. It comes about between the entry of the
/// seal and the name of its bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unbundled {
    /// Which seal.
    pub seal: u32,
    /// Why.
    pub because: Seen,
}

/// A file that is not part of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Void {
    /// Its name.
    pub name: Line,
    /// Its digest.
    pub sha256: Digest,
    /// Why it did not become part of the record.
    pub because: Line,
}
