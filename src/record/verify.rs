//! From bytes and public keys to findings and one verdict.
//!
//! It never sees the writer: no case folder, no locked key, no procedure. A
//! check that was not made cannot read as passed: every line of a [`Report`]
//! begins as not checked, and only the check itself sets it. Without the root
//! from the paper the verdict is never better than
//! [`Verdict::UnchangedNotCompared`].

mod check;
mod expected;
mod paper;
mod signatures;

pub use check::verify;
pub use paper::{CodePart, Paper, PaperError, SheetCode};

use serde::Serialize;

use crate::bundle::ReadError;
use crate::clock::Time;
use crate::digest::Digest;
use crate::journal::{Annotated, CaseId, CorrectedValue, Reference, Standing};

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

impl Report {
    /// The report of what is no bundle at all: nothing was checked of it. An
    /// error of the surroundings says nothing of the bundle and stays one.
    pub fn unreadable(error: ReadError) -> Result<Report, ReadError> {
        if matches!(error, ReadError::Io { .. } | ReadError::Stopped) {
            return Err(error);
        }
        Ok(Report {
            verdict: Verdict::Unreadable,
            integrity: Integrity::default(),
            identity: Identity::default(),
            time: Timing::default(),
            completeness: Completeness::default(),
            findings: vec![Finding { entry: None, file: None, what: error.to_string() }],
            root: None,
            words: None,
            says: None,
        })
    }

    /// The same once it was compared with the paper. Only a bundle in which
    /// nothing was found can become [`Verdict::Unchanged`].
    pub fn compared(mut self, paper: &Paper) -> Report {
        let Some(root) = self.root.filter(|_| self.verdict != Verdict::Unreadable) else { return self };
        let differs = paper.differs(&root, self.says.as_ref());
        match (differs.is_empty(), self.verdict) {
            (true, Verdict::UnchangedNotCompared) => self.verdict = Verdict::Unchanged,
            (true, _) => {}
            (false, _) => {
                let finding = |what| Finding { entry: None, file: None, what };
                self.findings.extend(differs.into_iter().map(finding));
                self.verdict = Verdict::Changed;
            }
        }
        self
    }
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
    /// What was corrected in its record.
    pub corrected: Vec<CorrectedValue>,
}

/// One of the two whose keys signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// Name.
    pub name: Annotated<String>,
    /// Position.
    pub position: Annotated<String>,
    /// The key's fingerprint, to be compared with the paper.
    pub fingerprint: String,
}
