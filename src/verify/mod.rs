//! From bytes and public keys to findings and one verdict.
//!
//! It never sees the writer: no case folder, no locked key, no procedure. A
//! check that was not made cannot read as passed: every line of a [`Report`]
//! begins as not checked, and only the check itself sets it. Without the root
//! from the paper the verdict is never better than
//! [`Verdict::UnchangedNotCompared`].

mod check;
mod paper;
mod signatures;

pub use check::verify;
pub use paper::{Paper, PaperError};

use serde::Serialize;

use crate::clock::Time;
use crate::digest::Digest;
use crate::journal::{CaseId, Reference, Standing};

/// The one word for a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check was made and passed, and the root is the paper's.
    Unchanged,
    /// Every check was made and passed, but nobody compared it with the paper:
    /// it could be another bundle.
    UnchangedNotCompared,
    /// It was changed, or is not the one on the paper.
    Changed,
    /// It is no complete bundle.
    Unreadable,
}

/// Whether the bytes are those that were sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Integrity {
    /// No check was made.
    #[default]
    NotChecked,
    /// They are.
    Unchanged,
    /// They are not.
    Changed,
}

/// Whether both signed everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// No check was made.
    #[default]
    NotChecked,
    /// The two keys of entry 1 signed every entry and the seal. Whose keys
    /// they are, the paper says.
    SignedByBoth,
    /// They did not.
    NotSignedByBoth,
}

/// What is known of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timing {
    /// No check was made.
    #[default]
    NotChecked,
    /// Only what the computer said: no outsider has confirmed it.
    Claimed,
}

/// Whether everything is there that the record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completeness {
    /// No check was made.
    #[default]
    NotChecked,
    /// It is.
    Complete,
    /// It is, but for what was withheld by rule.
    CompleteButWithheld,
    /// It is not.
    Incomplete,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The entry, where it is one entry's.
    pub entry: Option<u64>,
    /// The file, where it is one file's.
    pub file: Option<String>,
    /// What.
    pub what: String,
}

/// Everything that a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The one word.
    pub verdict: Verdict,
    /// Whether the bytes are those that were sealed.
    pub integrity: Integrity,
    /// Whether both signed everything.
    pub identity: Identity,
    /// What is known of the time.
    pub time: Timing,
    /// Whether everything is there.
    pub completeness: Completeness,
    /// What is wrong: the first bad entry first.
    pub findings: Vec<Finding>,
    /// The root of the bundle as it is.
    pub root: Option<Digest>,
    /// The same as eight words.
    pub words: Option<String>,
    /// What the bundle says of itself. Nothing of it counts unless the verdict
    /// is good.
    pub says: Option<Says>,
}

/// What a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Says {
    /// The case.
    pub case: CaseId,
    /// Its reference.
    pub reference: Reference,
    /// Real or practice.
    pub standing: Standing,
    /// The number of the seal.
    pub seal: u32,
    /// When it was sealed.
    pub sealed_at: Time,
    /// How many entries it holds.
    pub entries: u64,
    /// How many files were withheld by rule.
    pub withheld: u64,
    /// The two reviewers.
    pub signers: [Signer; 2],
}

/// One of the two whose keys signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// Name.
    pub name: String,
    /// Position.
    pub position: String,
    /// The key's fingerprint, to be compared with the paper.
    pub fingerprint: String,
}
