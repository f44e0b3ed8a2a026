//! A case that both reviewers have unlocked, and what may be done with it.
//!
//! How an entry becomes part of the record is [`super::append`]'s, and what it
//! says is not its business.

use std::fs::File;
use std::sync::Arc;

use super::anchor::Anchor;
use super::append::not_kept;
use super::folder::{Folder, Home};
use super::halt::Watch;
use super::mark::SeenAtStop;
use super::read::Reading;
use super::unfinished::Unfinished;
use super::unlock::{lock, same_machine, unlock_keys};
use super::{CaseError, Surroundings};
use crate::durable::Disk;
use crate::procedure::{Deed, Permit, RecordingPermit, State};
use crate::secret::{Passphrase, SecretKey};
use countersign_record::journal::{Body, Fault, Halted, Ledger, Reference, SessionId};
use countersign_record::signature::{self, Namespace};

/// A case that both reviewers have unlocked: entries can be added to it.
///
/// It holds the case's lock until it goes.
pub struct Unlocked<'a> {
    pub(super) reading: Reading,
    pub(super) disk: Arc<Disk>,
    pub(super) keys: [SecretKey; 2],
    pub(super) around: Surroundings<'a>,
    pub(super) session: SessionId,
    pub(super) anchor: Anchor,
    /// Something failed since the case was read: what is on the disk decides,
    /// and not what is remembered.
    pub(super) is_stale: bool,
    unfinished: Vec<Unfinished>,
    /// For the entry of a halt that is about to be journaled.
    pub(super) seen_at_stop: SeenAtStop,
    _lock: File,
}

impl Reading {
    /// Unlocks the case that was just read whole, as [`Unlocked::unlock`] does,
    /// without reading it a second time: under the case's lock it is read on
    /// with what was added since.
    ///
    /// # Errors
    /// As [`Unlocked::unlock`] and [`Reading::follow`].
    pub fn unlock<'a>(
        mut self,
        home: &Home,
        passphrases: [&Passphrase; 2],
        around: Surroundings<'a>,
    ) -> Result<Unlocked<'a>, CaseError> {
        self.folder().is_there(home)?;
        let lock = lock(self.folder())?;
        self.follow()?;
        Unlocked::with_keys(self, passphrases, lock, around)
    }
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
        folder.is_there(home)?;
        let lock = lock(&folder)?;
        let reading = Reading::of_folder(folder)?;
        Unlocked::with_keys(reading, passphrases, lock, around)
    }

    /// The case was read while its lock was held.
    fn with_keys(
        reading: Reading,
        passphrases: [&Passphrase; 2],
        lock: File,
        around: Surroundings<'a>,
    ) -> Result<Unlocked<'a>, CaseError> {
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
        let mut unlocked = Unlocked {
            reading,
            disk: Arc::default(),
            keys,
            around,
            session,
            anchor: Anchor::drop_at(around.clock),
            is_stale: false,
            unfinished: Vec::new(),
            seen_at_stop: SeenAtStop::default(),
            _lock: lock,
        };
        unlocked.recover()?;
        unlocked.note_broken_recording()?;
        unlocked.journal_halts()?;
        unlocked.settle_bundles()?;
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

    /// What could not be done beside what was kept, and has not been made good
    /// since. None of it is a failure of what was kept.
    pub fn unfinished(&self) -> &[Unfinished] {
        &self.unfinished
    }

    /// Says that something could not be done. The case is read anew before
    /// anything else is asked of it.
    pub(crate) fn leave_unfinished(&mut self, what: Unfinished) {
        self.is_stale = true;
        self.unfinished.push(what);
    }

    /// Whether the disk failed to make something durable: nothing more can be
    /// added until both have unlocked the case anew.
    pub fn is_spent(&self) -> bool {
        self.disk.has_failed()
    }

    /// Reads the case anew where something failed since it was read, and makes
    /// good what was left unfinished. It MUST come before anything is decided
    /// or written.
    ///
    /// # Errors
    /// As unlocking; [`crate::durable::DiskError::ReadOnly`] where only a new
    /// unlocking will do.
    pub(super) fn read_anew(&mut self) -> Result<(), CaseError> {
        if !self.is_stale {
            return Ok(());
        }
        // Fails where the disk is not to be trusted.
        drop(self.disk.names(&self.folder().journal())?);
        let reading = Reading::of_folder(self.folder().clone())?;
        let (known, tail) = (self.ledger().head(), self.reading.chain.tail());
        let on_disk = match reading.ledger().head() {
            head if head == known => Some(reading.chain.tail()),
            _ => reading.ledger().entries().get(known as usize).and_then(|next| next.links()),
        };
        if on_disk != Some(tail) {
            let reference = self.folder().reference();
            return Err(CaseError::Fault { reference, fault: Fault::Link { entry: known } });
        }
        self.reading = reading;
        self.is_stale = false;
        let recovered = self.recover_entry();
        self.is_stale |= recovered.is_err();
        recovered?;
        if !self.is_stale {
            self.unfinished.clear();
        }
        Ok(())
    }

    /// The surroundings that it was unlocked in.
    pub fn surroundings(&self) -> Surroundings<'a> {
        self.around
    }

    /// Where the case stands in its procedure, with halts raised until now.
    pub fn state(&mut self) -> Result<State<'_>, CaseError> {
        self.read_anew()?;
        self.reading.look_for_halts()?;
        Ok(self.reading.state())
    }

    /// Asks for leave to do something. A halt that was raised meanwhile is
    /// journaled first: both keys are at hand.
    pub fn permit(&mut self, deed: Deed) -> Result<Permit, CaseError> {
        let raised = self.journal_raised();
        raised.map_err(|error| not_kept(self.ledger().head() + 1, error))?;
        Ok(self.reading.state().permit(deed)?)
    }

    /// Asks for leave to record something.
    pub fn permit_recording(&mut self, deed: Deed) -> Result<RecordingPermit, CaseError> {
        let raised = self.journal_raised();
        raised.map_err(|error| not_kept(self.ledger().head() + 1, error))?;
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
    /// What could not be done after it was kept is [`Unlocked::unfinished`].
    ///
    /// # Errors
    /// The entry is not kept; with [`CaseError::Uncertain`] that cannot be told.
    pub fn append(&mut self, permit: Permit, body: Body) -> Result<u64, CaseError> {
        let raised = self.journal_raised();
        raised.map_err(|error| not_kept(self.ledger().head() + 1, error))?;
        self.reading.state().honour(&permit, &body)?;
        self.write(body)
    }

    /// Signs a seal with both keys: the two texts of the signature files.
    pub fn sign_seal(&self, seal: &[u8]) -> [Vec<u8>; 2] {
        [0, 1].map(|i| signature::sign(&self.keys[i], Namespace::Seal, seal).into_bytes())
    }

    pub(super) fn journal_raised(&mut self) -> Result<(), CaseError> {
        self.read_anew()?;
        self.reading.look_for_halts()?;
        if self.reading.pending_halts().is_empty() {
            return Ok(());
        }
        self.journal_halts()
    }

    /// Journals every halt that was raised and is in no entry yet.
    pub(super) fn journal_halts(&mut self) -> Result<(), CaseError> {
        // A draft that was completed meanwhile may be one of them: one stop is
        // one entry.
        self.reading.look_for_halts()?;
        for halt in self.reading.pending_halts().to_vec() {
            let SeenAtStop { screen, keeping } = self.seen_at_stop.clone();
            self.write(Body::Halted(Halted { screen, keeping, ..halt.to_body() }))?;
            self.seen_at_stop = SeenAtStop::default();
        }
        self.read_anew()?;
        self.reading.look_for_halts()
    }
}
