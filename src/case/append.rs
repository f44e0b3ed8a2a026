//! The order in which an entry becomes part of the record. The order is the
//! promise.
//!
//! 1. the lock, held since unlocking, and the tail read again from the disk;
//! 2. the files that the entry names, each durable under its digest;
//! 3. the entry as a draft, durable before either key signs it: from here on
//!    a crash can only ever complete *this* entry or put it aside;
//! 4. both signatures, durable;
//! 5. the entry under its number, exclusively: **this is the moment at which
//!    it is kept**;
//! 6. the note outside the case, in the head file.
//!
//! Recovery ([`super::recover`]) goes on at the step where a crash left off,
//! by the same code.

use std::fs::File;
use std::sync::Arc;

use super::folder::{Folder, Home};
use super::halt::Watch;
use super::head::Head;
use super::read::Reading;
use super::unlock::{lock, same_machine, unlock_keys};
use super::{CaseError, Surroundings, halt, read_signed};
use crate::clock::{Clock, Time};
use crate::digest::Digest;
use crate::durable::{Disk, DiskError};
use crate::journal::{
    Body, ClockJumped, Concern, Entry, Fault, Halted, Ledger, Links, Moment, Raised, Reference, Response,
    SessionId, SignedEntry, entry_name,
};
use crate::key::{Passphrase, SecretKey};
use crate::procedure::{Deed, Permit, RecordingPermit, State};
use crate::signature::{self, Namespace};

/// A case that both reviewers have unlocked: entries can be added to it.
///
/// It holds the case's lock until it goes.
pub struct Unlocked<'a> {
    pub(super) reading: Reading,
    pub(super) disk: Arc<Disk>,
    keys: [SecretKey; 2],
    around: Surroundings<'a>,
    session: SessionId,
    anchor: Anchor,
    _lock: File,
}

/// From which the wall clock is expected to go on evenly.
#[derive(Clone, Copy)]
struct Anchor {
    time: Time,
    since_start_ms: u64,
    began_ms: u64,
}

impl<'a> Unlocked<'a> {
    /// Unlocks the case with both passphrases, completes or puts aside what a
    /// crash left, and journals the halts that were raised.
    ///
    /// On another machine than the one that entry 1 names it MUST refuse.
    pub fn unlock(
        home: &Home,
        reference: Reference,
        passphrases: [&Passphrase; 2],
        around: Surroundings<'a>,
    ) -> Result<Unlocked<'a>, CaseError> {
        let folder = home.case(reference);
        if !folder.path().is_dir() {
            return Err(CaseError::Missing { reference, home: home.path().to_owned() });
        }
        let lock = lock(&folder)?;
        let reading = Reading::of_folder(folder)?;
        same_machine(&reading, around)?;
        let keys = unlock_keys(&reading, passphrases)?;
        Unlocked::begin(reading, keys, lock, around)
    }

    /// The case has been opened, and its keys are at hand.
    pub(super) fn begin(
        reading: Reading,
        keys: [SecretKey; 2],
        lock: File,
        around: Surroundings<'a>,
    ) -> Result<Unlocked<'a>, CaseError> {
        let session = SessionId::generate(around.random).map_err(CaseError::Random)?;
        let began_ms = millis(around.clock);
        let anchor = Anchor { time: around.clock.now(), since_start_ms: 0, began_ms };
        let mut unlocked =
            Unlocked { reading, disk: Arc::default(), keys, around, session, anchor, _lock: lock };
        unlocked.recover()?;
        unlocked.note_broken_recording()?;
        unlocked.journal_halts(Raised::ByHand)?;
        Ok(unlocked)
    }

    /// Whether these are the passphrases of both. Decisions ask for them
    /// again; nothing is changed by it.
    pub fn confirm(&self, passphrases: [&Passphrase; 2]) -> Result<(), CaseError> {
        unlock_keys(&self.reading, passphrases).map(drop)
    }

    /// The case as it stands.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// What follows from the entries.
    pub fn ledger(&self) -> &Ledger {
        self.reading.ledger()
    }

    /// The case's folder.
    pub fn folder(&self) -> &Folder {
        self.reading.folder()
    }

    /// The one place through which to write to the case.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The same, for writing files while entries are added.
    pub fn disk_shared(&self) -> Arc<Disk> {
        Arc::clone(&self.disk)
    }

    /// The surroundings that it was unlocked in.
    pub fn surroundings(&self) -> Surroundings<'a> {
        self.around
    }

    /// Where the case stands in its procedure, with halts raised until now.
    pub fn state(&mut self) -> Result<State<'_>, CaseError> {
        self.reading.look_for_halts()?;
        Ok(self.reading.state())
    }

    /// Asks for leave to do something. A halt that was raised meanwhile is
    /// journaled first: both keys are at hand.
    pub fn permit(&mut self, deed: Deed) -> Result<Permit, CaseError> {
        self.journal_raised()?;
        Ok(self.reading.state().permit(deed)?)
    }

    /// Asks for leave to record something.
    pub fn permit_recording(&mut self, deed: Deed) -> Result<RecordingPermit, CaseError> {
        self.journal_raised()?;
        Ok(self.reading.state().permit_recording(deed)?)
    }

    /// Something that tells, from any thread, whether a halt was raised since.
    pub fn watch(&self) -> Watch {
        Watch::over(self.folder())
    }

    /// Adds an entry and gives its number. When this returns, the entry
    /// survives a power cut.
    ///
    /// The permit is used up. The procedure is asked again at the last moment,
    /// since a halt may have been raised after the permit was given.
    pub fn append(&mut self, permit: Permit, body: Body) -> Result<u64, CaseError> {
        self.journal_raised()?;
        self.reading.state().honour(&permit, &body)?;
        self.write(body)
    }

    /// Adds a concern. Choosing a category that stops the case is the halt:
    /// its mark is made first, so that nothing can be recorded any more
    /// whatever becomes of the entry.
    pub fn concern(&mut self, permit: Permit, concern: Concern) -> Result<u64, CaseError> {
        if concern.category.response == Response::Record {
            return self.append(permit, Body::Concern(concern));
        }
        halt::raise(
            self.folder(),
            Some(concern.category.clone()),
            None,
            Some(concern.description.clone()),
            self.around.clock,
        )?;
        self.reading.look_for_halts()?;
        self.journal_halts(Raised::ByConcern)?;
        self.append(permit, Body::Concern(concern))
    }

    /// Signs a seal with both keys: the two texts of the signature files.
    pub fn sign_seal(&self, seal: &[u8]) -> [Vec<u8>; 2] {
        [0, 1].map(|i| signature::sign(&self.keys[i], Namespace::Seal, seal).into_bytes())
    }

    fn journal_raised(&mut self) -> Result<(), CaseError> {
        self.reading.look_for_halts()?;
        if self.reading.pending_halts().is_empty() {
            return Ok(());
        }
        self.journal_halts(Raised::ByHand)
    }

    /// Journals every halt that was raised and is in no entry yet.
    pub(super) fn journal_halts(&mut self, raised: Raised) -> Result<(), CaseError> {
        for halt in self.reading.pending_halts().to_vec() {
            self.write(Body::Halted(halt.into_body(raised)))?;
        }
        self.reading.look_for_halts()
    }

    /// The halt of a case whose gate was answered with yes.
    pub(super) fn halt_at_the_gate(&mut self, halted: Halted) -> Result<u64, CaseError> {
        self.write(Body::Halted(halted))
    }

    /// The program's own entries need no permit; everything else comes through
    /// [`Unlocked::append`].
    pub(super) fn write(&mut self, body: Body) -> Result<u64, CaseError> {
        let now = self.around.clock.now();
        if let Some(jump) = self.clock_jump(now) {
            self.anchor =
                Anchor { time: now, since_start_ms: self.since_start(), began_ms: self.anchor.began_ms };
            self.write_at(now, Body::ClockJumped(jump))?;
        }
        self.write_at(now, body)
    }

    fn write_at(&mut self, now: Time, body: Body) -> Result<u64, CaseError> {
        let chain = &self.reading.chain;
        let number = chain.ledger().head() + 1;
        let moment = Moment { time: now, session: self.session, since_start_ms: self.since_start() };
        let entry = Entry::new(chain.ledger().case(), number, Some(chain.tail()), moment, body);
        let bytes = entry.to_bytes().map_err(|error| CaseError::Entry { entry: number, error })?;
        self.verify_tail()?;
        // The note outside may be one entry behind, and never two: a second
        // entry on top of one that could not be noted would look like a fork.
        match self.note_tail() {
            Err(CaseError::Disk(error)) => return Err(CaseError::NotKept { entry: number, error }),
            noted => noted?,
        }
        let draft = self.folder().draft_entry();
        let drafted =
            self.disk.write(&draft, &bytes).and_then(|()| self.disk.sync_folder(&self.folder().draft()));
        if let Err(error) = drafted {
            return Err(self.put_aside(number, error));
        }
        self.complete(number, &bytes)
    }

    /// Steps 4 to 6 for a draft that is durable. Recovery comes in here, too.
    pub(super) fn complete(&mut self, number: u64, bytes: &[u8]) -> Result<u64, CaseError> {
        let reference = self.folder().reference();
        let [sig_a, sig_b] =
            [0, 1].map(|i| signature::sign(&self.keys[i], Namespace::Journal, bytes).into_bytes());
        let signed = SignedEntry { entry: bytes.to_vec(), sig_a, sig_b };
        let entry = self.reading.chain.check(&signed).map_err(|fault| {
            // Never written: nobody signed it.
            let _ = self.disk.remove(&self.folder().draft_entry());
            CaseError::Fault { reference, fault }
        })?;
        let [to, to_a, to_b] = self.folder().entry_files(number);
        let signed_on_disk = self
            .disk
            .write(&to_a, &signed.sig_a)
            .and_then(|()| self.disk.write(&to_b, &signed.sig_b))
            .and_then(|()| self.disk.sync_folder(&self.folder().journal()));
        if let Err(error) = signed_on_disk {
            return Err(self.put_aside(number, error));
        }
        // The last moment. A halt that is raised after this look comes after
        // the entry, whose commit is under way, and never before it.
        if self.is_stopped(&entry.body)? {
            self.abandon(number)?;
            return Err(CaseError::HaltedMeanwhile(number));
        }
        match self.disk.commit(&self.folder().draft_entry(), &to) {
            Ok(()) => {}
            Err(DiskError::Taken(path)) => {
                return Err(CaseError::Part { path, what: "appeared while the case was locked".to_owned() });
            }
            Err(error @ DiskError::Sync { .. }) => return Err(CaseError::Uncertain { entry: number, error }),
            Err(error) => return Err(self.put_aside(number, error)),
        }
        self.reading.chain.extend(&signed).map_err(|fault| CaseError::Fault { reference, fault })?;
        // The entry is kept. That the note outside is one behind is allowed.
        let line = Head::entry_line(number, &Digest::of(bytes));
        let noted = self.disk.append_line(self.folder().head(), &line);
        noted.map_err(|error| CaseError::Uncertain { entry: number, error })?;
        // Not durable, and need not be: a draft of an entry that is kept is
        // removed by recovery.
        self.disk.remove(&self.folder().draft_entry())?;
        Ok(number)
    }

    /// Whether a halt stands against an entry that is about to be kept: any
    /// against recording, and one that is in no entry yet against what leaves,
    /// which may hold what must not leave.
    fn is_stopped(&mut self, body: &Body) -> Result<bool, CaseError> {
        if body.is_recording() {
            return Ok(!self.folder().halt_marks()?.is_empty());
        }
        if !matches!(body, Body::Sealed(_) | Body::HandedOver(_)) {
            return Ok(false);
        }
        self.reading.look_for_halts()?;
        Ok(!self.reading.pending_halts().is_empty())
    }

    /// An entry that the disk had no room for: what there is of it is put
    /// aside, so that it cannot come back later as if it had been kept.
    fn put_aside(&mut self, number: u64, error: DiskError) -> CaseError {
        let uncertain = matches!(error, DiskError::Sync { .. } | DiskError::ReadOnly(_));
        if uncertain || self.abandon(number).is_err() {
            CaseError::Uncertain { entry: number, error }
        } else {
            CaseError::NotKept { entry: number, error }
        }
    }

    /// Puts the draft of entry `number` aside: into `void/` if it bears a
    /// signature, else away. What is in `void/` is named by a later entry.
    pub(super) fn abandon(&mut self, number: u64) -> Result<(), DiskError> {
        let folder = self.folder();
        let draft = folder.draft_entry();
        let signatures = &folder.entry_files(number)[1..];
        if signatures.iter().any(|path| path.exists()) {
            let bytes = std::fs::read(&draft).unwrap_or_default();
            let tag = Digest::of(&bytes).to_string();
            let name = format!("{}-{}", &entry_name(number)[..entry_name(number).len() - 5], &tag[..8]);
            self.disk.folder(&folder.void())?;
            for (path, ending) in signatures.iter().zip(["json.a.sig", "json.b.sig"]) {
                if path.exists() {
                    self.disk.rename(path, &folder.void().join(format!("{name}.{ending}")))?;
                }
            }
            if draft.exists() {
                self.disk.rename(&draft, &folder.void().join(format!("{name}.json")))?;
            }
            self.disk.sync_folder(&folder.journal())?;
        }
        self.disk.remove(&draft)
    }

    /// The last entry and the head file as they are on the disk now, against
    /// what is held in memory.
    fn verify_tail(&mut self) -> Result<(), CaseError> {
        let reference = self.folder().reference();
        let number = self.ledger().head();
        let Links { entry, sig_a, sig_b } = self.reading.chain.tail();
        let on_disk = read_signed(self.folder(), number)?.links();
        if on_disk != (Links { entry, sig_a, sig_b }) {
            return Err(CaseError::Fault { reference, fault: Fault::Link { entry: number } });
        }
        self.reading.follow_head()?;
        let before = self.ledger().last().prev.unwrap_or(entry);
        let digest_of = |n| if n == number { entry } else { before };
        self.reading.head.compare(number, digest_of).map_err(|fault| CaseError::Head { reference, fault })
    }

    /// Notes the last entry outside, where that has not been done.
    pub(super) fn note_tail(&mut self) -> Result<(), CaseError> {
        let head = self.ledger().head();
        if self.reading.head.entry < head {
            let line = Head::entry_line(head, &self.reading.chain.tail().entry);
            self.disk.append_line(self.folder().head(), &line)?;
            self.reading.follow_head()?;
        }
        Ok(())
    }

    fn clock_jump(&self, now: Time) -> Option<ClockJumped> {
        let passed = self.since_start() - self.anchor.since_start_ms;
        let expected = Time::from_unix_ms(self.anchor.time.unix_ms() + passed as i64)?;
        let off = (now.unix_ms() - expected.unix_ms()).abs() > TOLERANCE_MS;
        if off {
            return Some(ClockJumped { before: expected, after: now });
        }
        // Between sessions only a clock that went back can be told from one
        // that went on.
        let last = self.ledger().last().time;
        (now.unix_ms() < last.unix_ms() - TOLERANCE_MS).then_some(ClockJumped { before: last, after: now })
    }

    fn since_start(&self) -> u64 {
        millis(self.around.clock) - self.anchor.began_ms
    }
}

fn millis(clock: &dyn Clock) -> u64 {
    clock.since_start().as_millis() as u64
}

/// What a clock may be off before it counts as a jump: more than time servers
/// correct at once, less than anyone could use.
const TOLERANCE_MS: i64 = 2_000;
