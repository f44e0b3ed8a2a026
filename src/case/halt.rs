//! The halt: either person alone, at any moment, with no passphrase and
//! without the case's lock.
//!
//! The duty to report falls on each person, so nothing here may wait for the
//! other: not for a lock, not for a readable record, not for the pack.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::folder::Folder;
use super::head::Head;
use crate::clock::{Clock, Time};
use crate::digest::Digest;
use crate::durable::{At, Disk, DiskError};
use crate::journal::{Category, Halted, Ledger, Raised, Response, Restraint, Side, Text, spell};

/// A halt that was raised and is in no entry yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingHalt {
    /// The digest of its mark, by which the entry will name it.
    pub mark: Digest,
    /// What is known of it. A mark that cannot be read, or that was removed
    /// by hand, tells nothing, and the strictest response holds.
    pub known: Option<Mark>,
}

impl PendingHalt {
    /// How far it stops the case.
    pub fn restraint(&self) -> Restraint {
        match self.known.as_ref().and_then(|mark| mark.category.as_ref()).map(|c| c.response) {
            Some(Response::Police) => Restraint::Police,
            _ => Restraint::Withhold,
        }
    }

    /// The entry's words for it.
    pub(super) fn into_body(self, raised: Raised) -> Halted {
        let Some(mark) = self.known else {
            return Halted {
                category: None,
                by: None,
                raised: Raised::Found,
                raised_at: None,
                raised_file: Some(self.mark),
                description: None,
            };
        };
        Halted {
            category: mark.category,
            by: mark.by,
            raised,
            raised_at: Some(mark.time),
            raised_file: Some(self.mark),
            description: mark.description,
        }
    }
}

/// What the `halt-raised` file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    format: Format,
    /// The category, if one was chosen.
    pub category: Option<Category>,
    /// Who raised it, if they said so.
    pub by: Option<Side>,
    /// When.
    pub time: Time,
    /// In words.
    pub description: Option<Text>,
}

impl Mark {
    /// Reads it in its one spelling. What somebody wrote by hand is not what a
    /// reviewer said: then the strictest response holds.
    fn parse(bytes: &[u8]) -> Option<Mark> {
        let mark: Mark = serde_json::from_slice(bytes).ok()?;
        spell(&mark).is_ok_and(|spelled| spelled == bytes).then_some(mark)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "countersign/halt/v1")]
    V1,
}

/// What came of raising a halt.
#[derive(Debug)]
pub struct RaiseOutcome {
    /// The halt.
    pub halt: PendingHalt,
    /// Why it could not be noted outside the case as well, if it could not.
    /// The case is stopped all the same.
    pub unnoted: Option<DiskError>,
}

/// Stops the case in `folder`. From the moment that its mark is there, no
/// recording that has not passed its last look can become part of the record.
///
/// One that has passed it is given a moment to be kept, so that nothing comes
/// after whoever stops the case was told that it is stopped; it stands before
/// the halt's entry, and is withheld with the rest.
///
/// It MUST NOT need a passphrase, the lock, or a record that can be read.
pub fn raise(
    folder: &Folder,
    category: Option<Category>,
    by: Option<Side>,
    description: Option<Text>,
    clock: &dyn Clock,
) -> Result<RaiseOutcome, DiskError> {
    let mark = Mark { format: Format::V1, category, by, time: clock.now(), description };
    // A mark holds no number; what cannot be spelled still stops the case.
    let bytes = spell(&mark).unwrap_or_default();
    // A disk of its own: that another window's failed must not block a halt.
    let disk = Disk::new();
    std::fs::metadata(folder.path()).at(folder.path())?;
    // That the file exists is the halt, whatever of its content a crash
    // leaves: the name is made first, and once made it stays.
    let mut unmarked = None;
    for number in 1.. {
        match disk.create_new(&folder.halt_mark(number), &bytes) {
            Ok(()) => break,
            Err(DiskError::Taken(_)) => {}
            Err(error) => {
                // What cannot be looked at may be there.
                if matches!(folder.halt_mark(number).try_exists(), Ok(false)) {
                    return Err(error);
                }
                // Created, but not full: the disk has no room for the words. The
                // case is stopped under the strictest response, if the name lasts.
                let lasts = Disk::new().names(folder.path()).and_then(|names| names.sync());
                unmarked = lasts.is_err().then_some(error);
                break;
            }
        }
    }
    let halt = PendingHalt { mark: Digest::of(&bytes), known: Some(mark) };
    let unnoted = Disk::new().append_line(folder.head(), &Head::halt_line(&halt.mark)).err();
    match (unmarked, &unnoted) {
        // Neither is known to survive a power cut: nobody may be told that the
        // case is stopped.
        (Some(error), Some(_)) => Err(error),
        _ => {
            let_a_commit_end(folder, clock);
            Ok(RaiseOutcome { halt, unnoted })
        }
    }
}

/// Waits until no draft lies there, but no longer than [`PATIENCE`]: the case is stopped already, and a draft that a crash left
/// behind, or a disk that hangs, MUST NOT hold up whoever stops it.
///
/// The draft is there from before the last look until after the commit.
fn let_a_commit_end(folder: &Folder, clock: &dyn Clock) {
    let began = clock.since_start();
    for _ in 0..LOOKS {
        // A busy computer sleeps longer than it is told to.
        let is_under_way = folder.entry_drafts().is_ok_and(|drafts| !drafts.is_empty());
        if !is_under_way || clock.since_start().saturating_sub(began) >= PATIENCE {
            return;
        }
        std::thread::sleep(BETWEEN);
    }
}

const PATIENCE: Duration = Duration::from_millis(100);
const LOOKS: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(2);

/// Tells whether a halt was raised since it was made.
#[derive(Debug, Clone)]
pub struct Watch {
    folder: Folder,
    seen: usize,
}

impl Watch {
    /// From now on.
    pub(super) fn over(folder: &Folder) -> Watch {
        Watch { folder: folder.clone(), seen: folder.halt_marks().map(|marks| marks.len()).unwrap_or(0) }
    }

    /// Whether one was. What cannot be told counts as one.
    pub fn is_halted(&self) -> bool {
        self.folder.halt_marks().map_or(true, |marks| marks.len() > self.seen)
    }
}

/// The halts that were raised and are in no entry yet.
pub(super) fn pending(folder: &Folder, head: &Head, ledger: &Ledger) -> Result<Vec<PendingHalt>, DiskError> {
    let journaled: Vec<Digest> = ledger.halts().filter_map(|(_, halted)| halted.raised_file).collect();
    let mut pending = Vec::new();
    let mut found = Vec::new();
    for path in folder.halt_marks()? {
        let (mark, known) = read(&path)?;
        found.push(mark);
        if !journaled.contains(&mark) {
            pending.push(PendingHalt { mark, known });
        }
    }
    // Noted outside, and in no entry: the mark was removed by hand or torn by
    // a crash. The halt stands.
    for mark in &head.halts {
        if !found.contains(mark) && !journaled.contains(mark) {
            pending.push(PendingHalt { mark: *mark, known: None });
        }
    }
    Ok(pending)
}

fn read(path: &Path) -> Result<(Digest, Option<Mark>), DiskError> {
    let bytes = std::fs::read(path).at(path)?;
    Ok((Digest::of(&bytes), Mark::parse(&bytes)))
}
