//! What one person wrote down alone after a stop: whom they told, and how a
//! computer was left.
//!
//! The duty to report falls on each person, so this waits for nobody, as a
//! halt does: no passphrase, no lock. It is a file that nobody signed. The next
//! unlocking shows it to both, and [`super::Unlocked::sign_written`] puts on
//! record what was shown, and by whom it was written.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::folder::Folder;
use super::listing::{Listed, list};
use super::said_of_stop::{MAX_SAID, SaidOfStop};
use super::{CaseError, Reading, Unlocked};
use crate::durable::{Disk, DiskError};
use crate::procedure::Deed;
use countersign_record::clock::{Clock, Time};
use countersign_record::digest::Digest;
use countersign_record::journal::{
    Body, Corrected, Isolated, Referred, Restraint, Side, WrittenAlone, spell,
};
use countersign_record::regular_file;

/// What can be written down alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Report {
    /// Somebody was told.
    Referred(Referred),
    /// A computer or device was isolated.
    Isolated(Isolated),
    /// Something was said of a stop that was made before.
    Stop(SaidOfStop),
}

impl Report {
    /// The report that an entry of this body would be; none where the body is
    /// nothing that one person can write down alone.
    pub fn of(body: &Body) -> Option<Report> {
        match body {
            Body::Referred(referred) => Some(Report::Referred(referred.clone())),
            Body::Isolated(isolated) => Some(Report::Isolated(isolated.clone())),
            _ => None,
        }
    }

    /// The entry's body, with who wrote it and when.
    fn into_body(self, alone: WrittenAlone) -> Option<Body> {
        match self {
            Report::Referred(referred) => Some(Body::Referred(Referred { alone: Some(alone), ..referred })),
            Report::Isolated(isolated) => Some(Body::Isolated(Isolated { alone: Some(alone), ..isolated })),
            Report::Stop(_) => None,
        }
    }

    fn is_an_entry(&self) -> bool {
        match self {
            Report::Referred(referred) => referred.alone.is_none(),
            Report::Isolated(isolated) => isolated.alone.is_none(),
            Report::Stop(said) => said.is_a_value(),
        }
    }

    /// What kind of entry it becomes, or `stop` where it is said of a stop.
    pub fn kind(&self) -> &'static str {
        match self {
            Report::Referred(_) => "referred",
            Report::Isolated(_) => "isolated",
            Report::Stop(_) => "stop",
        }
    }

    fn most_bytes(&self) -> usize {
        match self {
            Report::Referred(_) | Report::Isolated(_) => MAX_NOTE,
            Report::Stop(_) => MAX_SAID,
        }
    }
}

/// What such a file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    format: Format,
    by: Side,
    time: Time,
    report: Report,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "countersign/alone/v1")]
    V1,
}

/// Something that was written alone and is in no entry yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Who wrote it, as they said, and when; and the file's digest.
    pub alone: WrittenAlone,
    /// What it says.
    pub report: Report,
}

impl Written {
    /// The entry that it becomes once both have seen it and sign it. What is
    /// said of a stop becomes a correction of the stop's entry, which need not
    /// be there yet.
    pub fn to_body(&self) -> Option<Body> {
        self.report.clone().into_body(self.alone.clone())
    }

    fn parse(bytes: &[u8]) -> Option<Written> {
        let note: Note = serde_json::from_slice(bytes).ok()?;
        let is_ours = spell(&note).is_ok_and(|spelled| spelled == bytes) && note.report.is_an_entry();
        let alone = WrittenAlone { by: note.by, at: note.time, file: Digest::of(bytes) };
        is_ours.then_some(Written { alone, report: note.report })
    }
}

/// Why something was not written down alone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteAloneError {
    /// Only what follows a stop is written alone.
    #[error("the case is not stopped")]
    NotStopped,
    /// An entry could not hold it.
    #[error("with {bytes} bytes it is longer than the {limit} that an entry has room for")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// As many as there may be lie there already.
    #[error("{0} reports lie there already and wait for both")]
    TooMany(usize),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Writes down, for the person `by`, what they did after a stop.
///
/// When it returns, the file survives a power cut. It MUST NOT need a
/// passphrase or the case's lock.
///
/// # Errors
/// [`WriteAloneError`].
pub fn write_alone(
    reading: &Reading,
    by: Side,
    report: Report,
    clock: &dyn Clock,
) -> Result<Written, WriteAloneError> {
    if reading.state().restraint() == Restraint::None {
        return Err(WriteAloneError::NotStopped);
    }
    let note = Note { format: Format::V1, by, time: clock.now(), report };
    let bytes = spell(&note).unwrap_or_default();
    let limit = note.report.most_bytes();
    if bytes.len() > limit {
        return Err(WriteAloneError::TooLong { bytes: bytes.len(), limit });
    }
    let disk = Disk::new();
    for number in 1..=MAX_WAITING {
        match disk.create_new(&reading.folder().written_alone(number), &bytes) {
            Ok(()) => {
                let alone = WrittenAlone { by, at: note.time, file: Digest::of(&bytes) };
                return Ok(Written { alone, report: note.report });
            }
            Err(DiskError::Taken(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(WriteAloneError::TooMany(MAX_WAITING))
}

/// What was written alone and is in no entry yet, the earliest first, and the
/// names of files that look like it and are not.
pub(super) fn waiting(folder: &Folder, signed: &[Digest]) -> Result<(Vec<Written>, Vec<String>), DiskError> {
    let (mut waiting, mut strange): (Vec<Written>, Vec<String>) = (Vec::new(), Vec::new());
    for path in folder.all_written_alone()? {
        match regular_file::read(&path, MAX_NOTE as u64).ok().and_then(|bytes| Written::parse(&bytes)) {
            Some(written) if signed.contains(&written.alone.file) => {}
            Some(written) => waiting.push(written),
            None => strange.push(name(&path)),
        }
    }
    waiting.sort_by_key(|written| written.alone.at);
    Ok((waiting, strange))
}

/// Whether that is such a file, by its name and by what it says.
pub(super) fn is_written(path: &Path) -> bool {
    let number = |name: &str| name.strip_prefix(WRITTEN).and_then(|number| number.parse::<usize>().ok());
    path.file_name().and_then(|name| name.to_str()).and_then(number).is_some()
        && regular_file::read(path, MAX_NOTE as u64).is_ok_and(|bytes| Written::parse(&bytes).is_some())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The digests of what entries have taken over already.
pub(super) fn signed<'e>(bodies: impl Iterator<Item = &'e Body>) -> Vec<Digest> {
    bodies.filter_map(Body::written_alone).map(|alone| alone.file).collect()
}

impl Unlocked<'_> {
    /// Puts on record what was written alone, as far as both were `shown` it:
    /// by the digests of the files. Gives the entries.
    ///
    /// What the procedure does not know (a route that it has not) stays where
    /// it is, and is shown again.
    ///
    /// # Errors
    /// As [`Unlocked::append`].
    pub fn sign_written(&mut self, shown: &[Digest]) -> Result<Vec<u64>, CaseError> {
        // Halts first: what follows a stop stands after it.
        self.journal_raised()?;
        let mut entries = Vec::new();
        for written in self.reading().written_alone().to_vec() {
            let body = self.body_of(&written).filter(|_| shown.contains(&written.alone.file));
            let Some(body) = body else { continue };
            let permit = match Deed::of(&body).map(|deed| self.permit(deed)) {
                Some(Ok(permit)) => permit,
                Some(Err(CaseError::Refused(_))) | None => continue,
                Some(Err(error)) => return Err(error),
            };
            entries.push(match body {
                // One that makes the stop stricter is itself a stop.
                Body::Corrected(corrected) => self.correct(permit, corrected)?,
                body => self.append(permit, body)?,
            });
        }
        Ok(entries)
    }

    fn body_of(&self, written: &Written) -> Option<Body> {
        let Report::Stop(said) = &written.report else { return written.to_body() };
        let state = self.reading().state();
        let is_refused = |entry, change: &_| {
            let deed = Deed::Correct(entry, Some(Box::new(Clone::clone(change))));
            state.permit(deed).is_err()
        };
        let corrected: Corrected = said.correction(self.ledger(), &written.alone, is_refused)?;
        Some(Body::Corrected(corrected))
    }
}

impl Folder {
    fn all_written_alone(&self) -> Result<Vec<std::path::PathBuf>, DiskError> {
        let begins = |there: &Listed| there.name.to_string_lossy().starts_with(WRITTEN);
        Ok(list(self.path())?.into_iter().filter(begins).map(|there| there.path).collect())
    }

    fn written_alone(&self, number: usize) -> std::path::PathBuf {
        self.path().join(format!("{WRITTEN}{number}"))
    }
}

/// How the name of each such file begins.
const WRITTEN: &str = "written-alone-";

/// Bytes of such a file: an entry has room for it, and for what stands around
/// it there.
const MAX_NOTE: usize = 48 * 1024;

/// How many may lie in a case's folder: a stop has a few calls.
const MAX_WAITING: usize = 500;
