//! The order in which an entry becomes part of the record. The order is the
//! promise.
//!
//! 1. the lock, held since unlocking, and the tail read again from the disk;
//! 2. the files that the entry names, each durable under its digest;
//! 3. the entry as a draft in a file of its own, durable before either key
//!    signs it: from here on a crash can only ever complete *this* entry or
//!    put it aside;
//! 4. both signatures, durable;
//! 5. the entry under its number, exclusively, and that name durable: **this
//!    is the moment at which it is kept**. Where the disk cannot say that the
//!    name is durable, the entry is uncertain and nothing more is written;
//! 6. the note outside the case, in the head file; the draft, which is a second
//!    name of the entry now, is removed.
//!
//! What fails before 5 leaves no entry; what fails after it is no failure of
//! the entry, but [unfinished](Unfinished). In either case what is on the disk
//! decides, and not what is remembered: before the next entry the case is read
//! anew. Recovery ([`super::recover`]) goes on at the step where a crash left
//! off, by the same code.

use std::path::Path;
use std::sync::Arc;

use super::head::Head;
use super::unfinished::Unfinished;
use super::unlocked::Unlocked;
use super::{CaseError, halt, read_signed};
use crate::durable::{At, DiskError, Names};
use countersign_record::clock::Time;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Entry, Fault, Links, Moment, SignedEntry};
use countersign_record::regular_file;
use countersign_record::signature::MAX_SIGNATURE;
use countersign_record::signature::{self, Namespace};

impl Unlocked<'_> {
    /// The program's own entries need no permit; everything else comes through
    /// [`Unlocked::append`].
    pub(super) fn write(&mut self, body: Body) -> Result<u64, CaseError> {
        self.read_before(self.ledger().head() + 1)?;
        let now = self.around.clock.now();
        if let Some(jump) = self.anchor.jump(now, self.ledger().last().time, self.around.clock) {
            self.anchor = self.anchor.moved_to(now, self.around.clock);
            self.write_at(now, Body::ClockJumped(jump))?;
            self.read_before(self.ledger().head() + 1)?;
        }
        self.write_at(now, body)
    }

    fn read_before(&mut self, number: u64) -> Result<(), CaseError> {
        self.read_anew().map_err(|error| not_kept(number, error))
    }

    fn write_at(&mut self, now: Time, body: Body) -> Result<u64, CaseError> {
        let chain = &self.reading.chain;
        let number = chain.ledger().head() + 1;
        let since_start_ms = self.anchor.since_start(self.around.clock);
        let moment = Moment { time: now, session: self.session, since_start_ms };
        let entry = Entry::new(chain.ledger().case(), number, Some(chain.tail()), moment, body);
        let bytes = entry.to_bytes().map_err(|error| CaseError::Entry { entry: number, error })?;
        // The note outside may be one entry behind, and never two: a second
        // entry on top of one that could not be noted would look like a fork.
        let as_it_was = self.verify_tail().and_then(|()| self.note_tail());
        as_it_was.map_err(|error| not_kept(number, error))?;
        let written = match self.write_draft(number, &bytes) {
            Ok(draft) => self.complete(number, &bytes, &draft),
            Err(error) => Err(self.put_aside(number, error)),
        };
        // What there is of it now is found out from the disk, not from here.
        self.is_stale |= written.is_err();
        written
    }

    /// Steps 4 to 6 for a draft that is durable. Recovery comes in here, too.
    pub(super) fn complete(&mut self, number: u64, bytes: &[u8], draft: &Path) -> Result<u64, CaseError> {
        let signed = self.signed(number, bytes)?;
        let [to, to_a, to_b] = self.folder().entry_files(number);
        let disk = self.disk_shared();
        let journal = match disk.names(&self.folder().journal()) {
            Ok(journal) => journal,
            Err(error) => return Err(self.put_aside(number, error)),
        };
        let signed_on_disk = put_signature(&journal, &to_a, &signed.files.sig_a)
            .and_then(|()| put_signature(&journal, &to_b, &signed.files.sig_b))
            .and_then(|()| journal.sync());
        if let Err(error) = signed_on_disk {
            return Err(self.put_aside(number, error));
        }
        // The last moment. A halt that is raised after this look comes after
        // the entry, whose commit is under way, and never before it.
        match self.is_stopped(&signed.body) {
            Ok(false) => {}
            Ok(true) => {
                let error = match self.abandon(number) {
                    Ok(()) => return Err(CaseError::HaltedMeanwhile(number)),
                    Err(error) => error,
                };
                return Err(CaseError::Uncertain { entry: number, error });
            }
            // What cannot be looked at may be a halt.
            Err(CaseError::Disk(error)) => return Err(self.put_aside(number, error)),
            Err(other) => return self.abandon(number).map_or_else(|e| Err(e.into()), |()| Err(other)),
        }
        match journal.commit(draft, &to) {
            Ok(()) => {}
            Err(DiskError::Taken(path)) => {
                return Err(CaseError::Part { path, what: "appeared while the case was locked".to_owned() });
            }
            Err(error @ (DiskError::Sync { .. } | DiskError::Unclear { .. })) => {
                return Err(CaseError::Uncertain { entry: number, error });
            }
            Err(error) => return Err(self.put_aside(number, error)),
        }
        self.after_commit(number, &signed.files, draft);
        Ok(number)
    }

    /// The entry is kept: from here on nothing makes it a failure.
    fn after_commit(&mut self, number: u64, signed: &SignedEntry, draft: &Path) {
        let reference = self.folder().reference();
        if let Err(fault) = self.reading.chain.extend(signed) {
            let error = Arc::new(CaseError::Fault { reference, fault });
            self.leave_unfinished(Unfinished::Reading { entry: number, error });
        }
        // That the note outside is one behind is allowed.
        let line = Head::entry_line(number, &Digest::of(&signed.entry));
        if let Err(error) = self.disk.append_line(self.folder().head(), &line) {
            self.leave_unfinished(Unfinished::Note { entry: number, error: Arc::new(error) });
        }
        // Not durable, and need not be: a draft of an entry that is kept is
        // removed by recovery.
        if let Err(error) = self.disk.remove(draft) {
            self.leave_unfinished(Unfinished::Draft { entry: number, error: Arc::new(error) });
        }
    }

    /// The entry with both signatures. What cannot follow is never written:
    /// nobody signs it.
    fn signed(&mut self, number: u64, bytes: &[u8]) -> Result<Signed, CaseError> {
        let reference = self.folder().reference();
        let [sig_a, sig_b] =
            [0, 1].map(|i| signature::sign(&self.keys[i], Namespace::Journal, bytes).into_bytes());
        let files = SignedEntry { entry: bytes.to_vec(), sig_a, sig_b };
        match self.reading.chain.check(&files) {
            Ok(entry) => Ok(Signed { body: entry.body, files }),
            Err(fault) => {
                self.abandon(number)?;
                Err(CaseError::Fault { reference, fault })
            }
        }
    }

    /// Whether a halt stands against an entry that is about to be kept: any
    /// against recording, and one that is in no entry yet against what leaves,
    /// which may hold what must not leave.
    pub(super) fn is_stopped(&mut self, body: &Body) -> Result<bool, CaseError> {
        if body.is_recording() {
            return halt::is_stopped(&mut self.reading);
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
        if self.disk.has_failed() || self.abandon(number).is_err() {
            CaseError::Uncertain { entry: number, error }
        } else {
            CaseError::NotKept { entry: number, error }
        }
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
            // Of an entry that was read and not noted it is not known that its
            // name was ever made durable.
            self.disk.names(&self.folder().journal())?.sync()?;
            let line = Head::entry_line(head, &self.reading.chain.tail().entry);
            self.disk.append_line(self.folder().head(), &line)?;
            self.reading.follow_head()?;
        }
        Ok(())
    }
}

/// An entry as its bytes say it, and what is written of it.
struct Signed {
    body: Body,
    files: SignedEntry,
}

/// Writes a signature, or compares it with the one that a crash left, which is
/// never written again.
fn put_signature(journal: &Names<'_>, to: &Path, signature: &[u8]) -> Result<(), DiskError> {
    match journal.create_new(to, signature) {
        Err(DiskError::Taken(path)) => {
            if regular_file::read(to, MAX_SIGNATURE).at(to)? != signature {
                return Err(DiskError::Taken(path));
            }
            // Whoever left it may not have come to that.
            journal.settle(to)
        }
        created => created,
    }
}

/// Nothing of the entry was written.
pub(super) fn not_kept(entry: u64, error: CaseError) -> CaseError {
    match error {
        CaseError::Disk(error) => CaseError::NotKept { entry, error },
        other => other,
    }
}
