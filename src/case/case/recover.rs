//! What a crash left: completed by the same code that was interrupted, or put
//! aside and named.

use super::CaseError;
use super::listing::list_if_there;
use super::strays::{Strays, is_draft};
use super::unlocked::Unlocked;
use crate::durable::At;
use countersign_record::digest::Digest;
use countersign_record::journal::{AllLeftOut, Body, Entry, EntryError, Recording, Recovered, Seen};
use countersign_record::regular_file;

impl Unlocked<'_> {
    /// Brings the folder to a state that the normal order can produce, and
    /// journals what was done. Nobody else is at work in it: the case is being
    /// unlocked.
    pub(super) fn recover(&mut self) -> Result<(), CaseError> {
        let completed = self.recover_tail()?;
        self.sweep_drafts()?;
        let Strays { void, left } = Strays::of(self.folder(), self.ledger())?;
        let unspelled = |error: serde_json::Error| CaseError::Entry {
            entry: self.ledger().head() + 1,
            error: EntryError::Json(error.to_string()),
        };
        let (left, list) = AllLeftOut::of(left, ROOM_FOR_LEFT).map_err(unspelled)?;
        if let (Some(bytes), Some(file)) = (list, &left.list) {
            let files = self.folder().files();
            let mut part = self.disk.part_for_elsewhere(&self.folder().draft().join("list"))?;
            part.write(&bytes)?;
            part.settle()?;
            let names = self.disk.names(&files)?;
            self.folder().place(&mut part, file, &names)?;
            names.sync()?;
        }
        let broken_off = self.ledger().unsaid_break();
        self.journal_recovered(Recovered { completed, broken_off, void, left })
    }

    /// The same after a failure, for the entry alone: files that are on their
    /// way into the case are not what a crash left.
    pub(super) fn recover_entry(&mut self) -> Result<(), CaseError> {
        let completed = self.recover_tail()?;
        self.sweep_entry_drafts()?;
        let Strays { void, .. } = Strays::put_aside(self.folder(), self.ledger())?;
        self.journal_recovered(Recovered { completed, void, ..Recovered::default() })?;
        match self.reading.pending_halts().is_empty() {
            true => self.settle_bundles(),
            // The stop comes first; what it means for a bundle, the next
            // unlocking finds.
            false => Ok(()),
        }
    }

    fn recover_tail(&mut self) -> Result<Vec<u64>, CaseError> {
        // The crash may have come between keeping the last entry and noting it.
        self.note_tail()?;
        let completed = self.resume_draft()?;
        // Where something of that failed, what it left comes first.
        self.read_anew()?;
        Ok(completed)
    }

    /// Says what a crash, a stop or another program left, once: nothing of it
    /// is a reason not to unlock the case.
    fn journal_recovered(&mut self, recovered: Recovered) -> Result<(), CaseError> {
        match recovered.is_empty() {
            true => Ok(()),
            false => self.write(Body::Recovered(recovered)).map(|_| ()),
        }
    }

    /// Says of files that were being brought in and of which no more can come
    /// that they broke off. A stop that was raised is on record before it.
    pub fn note_broken_attach(&mut self) -> Result<(), CaseError> {
        self.journal_raised()?;
        let broken_off = self.ledger().unsaid_break();
        self.journal_recovered(Recovered { broken_off, ..Recovered::default() })
    }

    /// Says of a recording that never said how it ended that it broke off.
    ///
    /// Nobody records now: the lock is held.
    pub(super) fn note_broken_recording(&mut self) -> Result<(), CaseError> {
        let entries = self.ledger().entries();
        let recordings = entries.iter().rev().filter_map(|entry| match &entry.body {
            Body::Recording(recording) => Some((entry.session, recording)),
            _ => None,
        });
        let broken = match recordings.clone().next() {
            None | Some((_, Recording::Ended { .. })) => None,
            Some((session, Recording::Began { .. } | Recording::BeforeStop { .. })) => Some(session),
            // One that went on after a gap, and not a gap that was noted here.
            Some((session, Recording::Gap { .. })) => recordings
                .take_while(|(other, _)| *other == session)
                .any(|(_, recording)| matches!(recording, Recording::Began { .. }))
                .then_some(session),
        };
        let Some(session) = broken else { return Ok(()) };
        let last = entries.iter().rev().find(|entry| entry.session == session);
        let Some(since) = last.map(|entry| entry.time) else { return Ok(()) };
        let because = Seen::of("the program that recorded ended without saying so");
        self.write(Body::Recording(Recording::Gap { since, because })).map(|_| ())
    }

    /// Completes the draft that a crash left, or puts it aside.
    ///
    /// A draft that is not whole bears no signature: nobody signs before it is
    /// durable. One that does not bear both MUST NOT be completed: whoever can
    /// write to this folder can put one here, and the keys would sign what
    /// their owners never saw.
    fn resume_draft(&mut self) -> Result<Vec<u64>, CaseError> {
        let number = self.ledger().head() + 1;
        let draft = match self.signed_draft(number)? {
            Some((draft, entry)) if self.may_go_on(&entry)? => draft,
            _ => {
                self.abandon(number)?;
                return Ok(Vec::new());
            }
        };
        let [entry, ..] = self.folder().entry_files(number);
        if entry.try_exists().at(&entry)? {
            // Torn where links are unknown; the reading took it for absent.
            self.disk.remove(&entry)?;
        }
        self.disk.settle(&draft.path)?;
        match self.complete(number, &draft.bytes, &draft.path) {
            Ok(number) => Ok(vec![number]),
            Err(CaseError::HaltedMeanwhile(_)) => Ok(Vec::new()),
            // Not the successor of what is there: it never was kept.
            Err(CaseError::Fault { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Whether a draft may still become an entry: no halt stands against it, by
    /// the same look as before a commit, and every file that it names must be whole. A file that cannot be
    /// read now may be read next time: what both have signed is not put aside
    /// for it.
    fn may_go_on(&mut self, draft: &Entry) -> Result<bool, CaseError> {
        if self.is_stopped(&draft.body)? {
            return Ok(false);
        }
        for file in draft.body.files() {
            let path = self.folder().file(file);
            let mut found = match regular_file::open(&path) {
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
                opened => opened.at(&path)?,
            };
            if found.metadata().at(&path)?.len() != file.bytes
                || Digest::of_reader(&mut found).at(&path)?.0 != file.sha256
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes what was being put together. No part of it was said to be kept.
    fn sweep_drafts(&self) -> Result<(), CaseError> {
        for there in list_if_there(&self.folder().draft())? {
            // What is not the program's own is named, and not removed.
            if there.is_file() && there.name.to_str().is_some_and(is_draft) {
                self.disk.remove(&there.path)?;
            }
        }
        Ok(())
    }
}

/// Of an entry's bytes; what it put aside takes the rest.
const ROOM_FOR_LEFT: usize = 24 * 1024;
