//! What a crash left: completed by the same code that was interrupted, or put
//! aside and named.

use std::path::Path;

use super::CaseError;
use super::drafts::list;
use super::folder::void_names;
use super::unlocked::Unlocked;
use crate::digest::Digest;
use crate::durable::At;
use crate::journal::{Body, Entry, Line, Recording, Recovered, Seen, Void};
use crate::regular_file;

impl Unlocked<'_> {
    /// Brings the folder to a state that the normal order can produce, and
    /// journals what was done. Nobody else is at work in it: the case is being
    /// unlocked.
    pub(super) fn recover(&mut self) -> Result<(), CaseError> {
        let completed = self.recover_tail()?;
        self.sweep_drafts()?;
        let void = self.unnamed_void()?;
        self.journal_recovered(Recovered { completed, void, left: self.unnamed_files()? })
    }

    /// The same after a failure, for the entry alone: files that are on their
    /// way into the case are not what a crash left.
    pub(super) fn recover_entry(&mut self) -> Result<(), CaseError> {
        let completed = self.recover_tail()?;
        self.sweep_entry_drafts()?;
        let void = self.unnamed_void()?;
        self.journal_recovered(Recovered { completed, void, left: Vec::new() })
    }

    fn recover_tail(&mut self) -> Result<Vec<u64>, CaseError> {
        // The crash may have come between keeping the last entry and noting it.
        self.note_tail()?;
        let completed = self.resume_draft()?;
        // Where something of that failed, what it left comes first.
        self.read_anew()?;
        Ok(completed)
    }

    fn journal_recovered(&mut self, recovered: Recovered) -> Result<(), CaseError> {
        if recovered.completed.is_empty() && recovered.void.is_empty() && recovered.left.is_empty() {
            return Ok(());
        }
        self.write(Body::Recovered(recovered)).map(|_| ())
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
            Some((session, Recording::Began { .. })) => Some(session),
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
            let found = match regular_file::open(&path) {
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
                opened => Digest::of_reader(&mut opened.at(&path)?).at(&path)?.0,
            };
            if found != file.sha256 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes what was being put together. No part of it was said to be kept.
    fn sweep_drafts(&self) -> Result<(), CaseError> {
        for path in list(&self.folder().draft())? {
            // A folder is none of the program's making.
            if !path.is_dir() {
                self.disk.remove(&path)?;
            }
        }
        Ok(())
    }

    fn unnamed_void(&self) -> Result<Vec<Void>, CaseError> {
        let named: Vec<&str> = void_names(self.ledger().entries()).map(|void| void.name.as_str()).collect();
        let because = "signed, but never part of the record";
        self.unnamed(&self.folder().void(), because, |name| named.contains(&name))
    }

    /// Files that a crash left between storing them and journaling them. They
    /// are left where they are: they may be what the law says not to touch.
    fn unnamed_files(&self) -> Result<Vec<Void>, CaseError> {
        let mut named: Vec<String> =
            self.ledger().files().map(|(file, _)| file.path()["files/".len()..].to_owned()).collect();
        for entry in self.ledger().entries() {
            if let Body::Recovered(recovered) = &entry.body {
                named.extend(recovered.left.iter().map(|left| left.name.to_string()));
            }
        }
        named.sort();
        let because = "stored, but never part of the record";
        self.unnamed(&self.folder().files(), because, |name| {
            named.binary_search_by(|named| named.as_str().cmp(name)).is_ok()
        })
    }

    fn unnamed(
        &self,
        folder: &Path,
        because: &str,
        named: impl Fn(&str) -> bool,
    ) -> Result<Vec<Void>, CaseError> {
        let mut found = Vec::new();
        for path in list(folder)? {
            let name = Seen::of(&path.file_name().unwrap_or_default().to_string_lossy());
            if named(name.as_str()) {
                continue;
            }
            let mut file = regular_file::open(&path).at(&path)?;
            let (sha256, _) = Digest::of_reader(&mut file).at(&path)?;
            let line = |text: &str| Line::typed(text).map_err(|_| unnamable(&path));
            found.push(Void { name: line(name.as_str())?, sha256, because: line(because)? });
        }
        Ok(found)
    }
}

fn unnamable(path: &Path) -> CaseError {
    CaseError::Part { path: path.to_owned(), what: "has a name that no file of a case has".to_owned() }
}
