//! The halt: either person alone, at any moment, with no passphrase and
//! without the case's lock.
//!
//! The duty to report falls on each person, so nothing here may wait for the
//! other: not for a lock, not for a readable record, not for the pack.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::folder::Folder;
use super::head::Head;
use super::mark::{Halt, Mark};
use super::read::Reading;
use super::{CaseError, held};
use crate::durable::{Disk, DiskError};
use crate::procedure::Pack;
use countersign_record::clock::Clock;
use countersign_record::digest::Digest;
use countersign_record::journal::{
    Category, Halted, Ledger, Raised, Reference, Response, Restraint, Seen, Text,
};

/// A halt that was raised and is in no entry yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingHalt {
    /// The digest of its mark, by which the entry will name it. None where
    /// the mark cannot be read.
    pub mark: Option<Digest>,
    /// What is known of it. A mark that cannot be read, or that was removed
    /// by hand, tells nothing, and the strictest response holds.
    pub known: Option<Mark>,
    /// Its category as the case's procedure has it, where that is one that
    /// stops a case.
    category: Option<Category>,
}

impl PendingHalt {
    /// The category, where the mark names one that the case's procedure has
    /// and that stops a case. Without one the strictest response holds.
    pub fn category(&self) -> Option<&Category> {
        self.category.as_ref()
    }

    /// How far it stops the case.
    pub fn restraint(&self) -> Restraint {
        match self.category.as_ref().map(|category| category.response) {
            Some(Response::Police) => Restraint::Police,
            _ => Restraint::Withhold,
        }
    }

    /// The words of an entry for it. What was typed stands in it as far as an
    /// entry has room; the mark has all of it.
    pub fn to_body(&self) -> Halted {
        let typed = |typed: &Option<String>| {
            let typed = typed.as_deref().map(str::trim).filter(|typed| !typed.is_empty());
            typed.map(Seen::of)
        };
        let mark = self.known.as_ref();
        Halted {
            category: self.category.clone(),
            typed: mark.filter(|_| self.category.is_none()).and_then(|mark| typed(&mark.category)),
            place: mark.and_then(|mark| typed(&mark.place)),
            by: mark.and_then(|mark| mark.by),
            raised: mark.map_or(Raised::Found, |mark| mark.raised.into()),
            raised_at: mark.map(|mark| mark.time),
            raised_file: self.mark,
            description: mark
                .and_then(|mark| mark.description.as_deref())
                .and_then(|words| Text::visible(words, DESCRIPTION_IN_AN_ENTRY)),
            screen: None,
            keeping: None,
        }
    }

    fn of(mark: Option<Digest>, known: Option<Mark>, pack: &Pack) -> PendingHalt {
        let named = known.as_ref().and_then(|mark| mark.category.as_deref());
        let found = named.and_then(|id| pack.category(id)).filter(|category| category.halts());
        let category = found.map(|category| category.recorded());
        PendingHalt { mark, known, category }
    }
}

/// What came of raising a halt. The case is stopped.
#[derive(Debug)]
pub struct RaiseOutcome {
    /// The digest of its mark.
    pub mark: Digest,
    /// Why its mark could not be made, if it could not: then a line outside
    /// the case stops it, and what was typed is not kept.
    pub unmarked: Option<DiskError>,
    /// Why it could not be noted outside the case as well, if it could not.
    pub unnoted: Option<DiskError>,
}

/// Why a case is not stopped on the disk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RaiseError {
    /// There is no such case, and nothing outside knows of one.
    #[error("there is no case {0}")]
    Missing(Reference),
    /// The disk has not answered. This program holds the stop in memory until
    /// it does, or this program ends.
    #[error("{} does not answer", .0.display())]
    NoAnswer(PathBuf),
    /// Neither the mark nor the line outside could be made. This program holds
    /// the stop in memory until it ends, and [`retry_held`] tries again.
    #[error("the stop could not be written down: {mark}; {note}")]
    Held {
        /// Why there is no mark.
        mark: DiskError,
        /// Why there is no line outside.
        note: DiskError,
    },
}

/// Stops the case in `folder`. From the moment that its mark is there, no
/// recording that has not passed its last look can become part of the record.
///
/// One that has passed it is given a moment to be kept, so that nothing comes
/// after whoever stops the case was told that it is stopped; it stands before
/// the halt's entry, and is withheld with the rest.
///
/// It MUST NOT need a passphrase, the lock, or a record, signature, key, note
/// or pack that can be read: before the mark is there it looks at none of
/// them. Where the mark cannot be made, a line in the head file stops the
/// case; and before the disk is touched this program holds the stop in memory,
/// so that a disk that hangs stops it, too.
///
/// # Errors
/// [`RaiseError`]. Where it says `Held`, the case is stopped for this program
/// alone.
pub fn raise(folder: &Folder, halt: Halt, clock: &dyn Clock) -> Result<RaiseOutcome, RaiseError> {
    let (mark, bytes) = Mark::of(halt, clock.now());
    let held = held::hold(folder, mark, bytes);
    let raised = write_down(folder, &held);
    match raised {
        Err(RaiseError::Held { .. }) => held::refused(&held),
        _ => held::let_go(&held),
    }
    if raised.is_ok() {
        let_a_commit_end(folder, clock);
    }
    raised
}

/// Holds in memory a stop of a case of which nothing is left on the disk, for
/// who knows that there was one: its disk was taken away, say. [`retry_held`]
/// writes it down when it is back.
pub fn hold(folder: &Folder, halt: Halt, clock: &dyn Clock) {
    let (mark, bytes) = Mark::of(halt, clock.now());
    held::refused(&held::hold(folder, mark, bytes));
}

/// Tries again to write down the stops that this program holds in memory, and
/// tells how many it still holds.
pub fn retry_held() -> usize {
    for held in held::all().into_iter().filter(|held| held.is_refused) {
        if write_down(&held.folder, &held).is_ok() {
            held::let_go(&held);
        }
    }
    held::all().len()
}

/// The cases of which this program holds a stop in memory that the disk did not
/// take, in order.
pub fn held_stops() -> Vec<Reference> {
    let mut cases: Vec<Reference> = held::all().iter().map(|held| held.folder.reference()).collect();
    cases.sort();
    cases.dedup();
    cases
}

/// Whether this program holds a stop of the case in memory that the disk did
/// not take.
pub fn is_held(folder: &Folder) -> bool {
    !held::of(folder).is_empty()
}

fn write_down(folder: &Folder, held: &held::Held) -> Result<RaiseOutcome, RaiseError> {
    let marked = make_mark(folder, &held.bytes);
    let name = marked.as_ref().ok().and_then(|path| path.file_name()?.to_str());
    if is_absent(&marked) && !Head::speaks(folder.head()).unwrap_or(true) {
        return Err(RaiseError::Missing(folder.reference()));
    }
    let noted = Disk::new().append_line(folder.head(), &Head::halt_line(&held.digest, name));
    match (marked, noted) {
        (Err(mark), Err(note)) => Err(RaiseError::Held { mark, note }),
        (marked, noted) => {
            Ok(RaiseOutcome { mark: held.digest, unmarked: marked.err(), unnoted: noted.err() })
        }
    }
}

fn is_absent(marked: &Result<PathBuf, DiskError>) -> bool {
    matches!(marked, Err(DiskError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound)
}

/// That the file exists is the halt, whatever of its content a crash leaves:
/// the name is made first, and once made it stays.
fn make_mark(folder: &Folder, bytes: &[u8]) -> Result<PathBuf, DiskError> {
    // A disk of its own: that another window's failed must not block a halt.
    let disk = Disk::new();
    let mut number = 1;
    loop {
        let mark = folder.halt_mark(number);
        match disk.create_new(&mark, bytes) {
            Ok(()) => return Ok(mark),
            Err(DiskError::Taken(_)) => number += 1,
            // Created, but not full: the disk has no room for the words. The
            // case is stopped under the strictest response, if the name lasts.
            Err(error) => {
                // One that cannot be looked at counts as none: then the line
                // outside stops the case, and nobody is told of a mark that
                // may not be there.
                let is_there = std::fs::symlink_metadata(&mark).is_ok();
                let lasts = || Disk::new().names(folder.path()).and_then(|names| names.sync());
                return if is_there && lasts().is_ok() { Ok(mark) } else { Err(error) };
            }
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
    /// What is noted outside: read on, never anew.
    head: Arc<Mutex<Option<Head>>>,
    seen: Signs,
}

/// How many signs of a halt there are, of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Signs {
    marks: usize,
    noted: usize,
    held: usize,
}

impl Watch {
    /// From now on, whoever holds the case.
    pub fn over(folder: &Folder) -> Watch {
        let head = Head::read(folder.head()).ok().and_then(Result::ok);
        let none = Signs { marks: 0, noted: 0, held: 0 };
        let mut watch = Watch { folder: folder.clone(), head: Arc::new(Mutex::new(head)), seen: none };
        watch.seen = watch.signs().unwrap_or(none);
        watch
    }

    /// Whether one was. What cannot be told counts as one.
    pub fn is_halted(&self) -> bool {
        self.signs().is_none_or(|now| {
            now.marks > self.seen.marks || now.noted > self.seen.noted || now.held > self.seen.held
        })
    }

    fn signs(&self) -> Option<Signs> {
        let held = held::of(&self.folder).len();
        let marks = self.folder.halt_marks().ok()?.len();
        let mut head = self.head.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(head) = &mut *head {
            // One that cannot be read on tells of no halt; an entry could not
            // be kept either, and says why.
            let _ = head.follow(self.folder.head());
        }
        Some(Signs { marks, noted: head.as_ref().map_or(0, |head| head.halts.len()), held })
    }
}

/// The halts that were raised and are in no entry yet.
pub(super) fn pending(
    folder: &Folder,
    head: &Head,
    ledger: &Ledger,
    pack: &Pack,
) -> Result<Vec<PendingHalt>, DiskError> {
    let journaled: Vec<Digest> = ledger.halts().filter_map(|(_, halted)| halted.raised_file).collect();
    let strictest: Vec<Digest> = ledger
        .halts()
        .filter(|(_, halted)| halted.response() == Response::StopAndWithhold)
        .filter_map(|(_, halted)| halted.raised_file)
        .collect();
    let mut pending = Vec::new();
    let mut found = Vec::new();
    let mut unreadable = 0;
    for path in folder.halt_marks()? {
        // One stop is one halt: where a full disk or a crash took fewer words
        // than were noted outside, the mark is that of the halt noted there.
        let named = path.file_name().and_then(|name| head.halt_named(name.to_str()?));
        // Not where that one is on record with a milder response: then somebody
        // wrote over its mark.
        let noted = named.filter(|mark| strictest.contains(mark) || !journaled.contains(mark));
        match Mark::read(&path) {
            Ok((mark, known)) if known.is_some() || noted.is_none() => {
                if !found.contains(&mark) && !journaled.contains(&mark) {
                    pending.push(PendingHalt::of(Some(mark), known, pack));
                }
                found.push(mark);
            }
            // On record before it was noted outside.
            Ok((mark, _)) if journaled.contains(&mark) => {
                found.extend([Some(mark), noted].into_iter().flatten())
            }
            // What is noted outside tells of it, below.
            Ok(_) => {}
            Err(_) if named.is_some() => {}
            Err(_) => unreadable += 1,
        }
    }
    // The disk has not taken them, or not yet.
    for held in held::of(folder) {
        if !found.contains(&held.digest) && !journaled.contains(&held.digest) {
            found.push(held.digest);
            pending.push(PendingHalt::of(Some(held.digest), Some(held.mark.clone()), pack));
        }
    }
    // Noted outside, and in no entry: the mark was never made, was removed by
    // hand, was torn by a crash or cannot be read. The halt stands.
    for mark in head.halts.keys().filter(|mark| !found.contains(mark) && !journaled.contains(mark)) {
        pending.push(PendingHalt::of(Some(*mark), None, pack));
    }
    // A mark that cannot be read and that nothing outside tells of stops the
    // case, too. It may be one that an entry tells of as found.
    let told = ledger.halts().filter(|(_, halted)| is_of_no_file(halted)).count();
    for _ in told..unreadable {
        pending.push(PendingHalt::of(None, None, pack));
    }
    Ok(pending)
}

/// Whether any halt stands against recording, journaled or not, as the disk
/// and this program's memory tell now.
pub(super) fn is_stopped(reading: &mut Reading) -> Result<bool, CaseError> {
    let folder = reading.folder().clone();
    if is_held(&folder) || !folder.halt_marks()?.is_empty() {
        return Ok(true);
    }
    reading.follow_head()?;
    Ok(!reading.head.halts.is_empty())
}

fn is_of_no_file(halted: &Halted) -> bool {
    halted.raised == Raised::Found && halted.raised_file.is_none()
}

/// Bytes of it that an entry has room for, as they are spelled there: beside
/// two of [`Seen::MAX`] in JSON and everything else.
const DESCRIPTION_IN_AN_ENTRY: usize = 40 * 1024;
