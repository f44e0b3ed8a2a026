//! A case as it can be read: without a passphrase, by anyone who can read the
//! folder.

use std::path::Path;

use super::alone::{self, Written};
use super::folder::{Folder, Home, void_names};
use super::halt::{self, PendingHalt};
use super::head::Head;
use super::trace::Trace;
use super::{CaseError, read_signed};
use crate::durable::{At, DiskError};
use crate::procedure::{Deed, MAX_PACK, Pack, State};
use countersign_record::digest::Digest;
use countersign_record::journal::{
    Chain, Fault, Ledger, Links, Reference, Released, Restraint, Side, SignedEntry, check_signatures,
};
use countersign_record::key::MAX_KEY;
use countersign_record::regular_file;

/// A case that was read and found whole: every entry holds on to the one
/// before, the last one's signatures hold, and the head file agrees.
#[derive(Debug, Clone)]
pub struct Reading {
    pub(super) folder: Folder,
    pub(super) chain: Chain,
    pub(super) head: Head,
    pub(super) pack: Pack,
    pending: Vec<PendingHalt>,
    written: Vec<Written>,
    strange: Vec<String>,
    trace: Trace,
}

impl Reading {
    /// Reads the case.
    pub fn of(home: &Home, reference: Reference) -> Result<Reading, CaseError> {
        let folder = home.case(reference);
        folder.is_there(home)?;
        Reading::of_folder(folder)
    }

    pub(super) fn of_folder(folder: Folder) -> Result<Reading, CaseError> {
        let reference = folder.reference();
        let trace = Trace::of(&folder)?;
        // The head first: a commit in another window between the two reads
        // then shows as one entry more, never as one too few.
        let head = Head::read(folder.head())?.map_err(|fault| CaseError::Head { reference, fault })?;
        let (chain, digests) = replay(&folder, head.entry)?;
        head.compare(chain.ledger().head(), |number| digests[number as usize - 1])
            .map_err(|fault| CaseError::Head { reference, fault })?;
        if head.case != chain.ledger().case() {
            return Err(CaseError::Head { reference, fault: super::HeadFault::Other(1) });
        }
        if chain.ledger().opened().reference != reference {
            return Err(CaseError::Fault { reference, fault: Fault::OtherCase { entry: 1 } });
        }
        let pack = read_pack(&folder, chain.ledger())?;
        let pending = halt::pending(&folder, &head, chain.ledger(), &pack)?;
        let trace = trace.with_tail(&folder, chain.ledger().head());
        let (written, strange) = waiting(&folder, chain.ledger())?;
        let reading = Reading { folder, chain, head, pack, pending, written, strange, trace };
        reading.check_files()?;
        Ok(reading)
    }

    /// Reads on: entries that were added since, and every halt. When it fails,
    /// the reading is of no use any more.
    ///
    /// What was read before is not read again, but for the last entry, on
    /// which the new ones stand: the record only ever grows, and whoever
    /// changes an earlier entry on the disk is found when it is read anew.
    pub fn follow(&mut self) -> Result<(), CaseError> {
        let reference = self.folder.reference();
        let trace = Trace::of(&self.folder)?;
        self.follow_head()?;
        let number = self.ledger().head();
        let last = read_signed(&self.folder, number).map_err(|error| missing(number, error))?;
        if last.links() != self.chain.tail() {
            return Err(CaseError::Fault { reference, fault: Fault::Link { entry: number } });
        }
        let mut digests = vec![self.ledger().last().prev.unwrap_or(self.chain.tail().entry)];
        digests.push(self.chain.tail().entry);
        read_on(&mut self.chain, &self.folder, self.head.entry, last, &mut digests)?;
        // The note outside is at most one behind, so it names one of these.
        let first = number.saturating_sub(1);
        let digest_of = |entry: u64| digests[(entry.max(first) - first) as usize];
        let head = self.ledger().head();
        self.head.compare(head, digest_of).map_err(|fault| CaseError::Head { reference, fault })?;
        self.pending = halt::pending(&self.folder, &self.head, self.chain.ledger(), &self.pack)?;
        self.look_for_written()?;
        self.trace = trace.with_tail(&self.folder, head);
        match head > number {
            true => self.check_files(),
            false => Ok(()),
        }
    }

    /// Whether the folder looks as it did when it was read last: the names,
    /// lengths and times by which an entry or a halt shows. Enough for a list,
    /// which then need not [`Reading::follow`]; nothing is checked by it, and
    /// nothing MUST be added, shown or decided on its word.
    pub fn looks_unchanged(&self) -> bool {
        self.trace.holds(&self.folder, self.ledger().head())
    }

    /// The case's folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What follows from the entries.
    pub fn ledger(&self) -> &Ledger {
        self.chain.ledger()
    }

    /// The digests of the last entry and of its signatures.
    pub fn links(&self) -> Links {
        self.chain.tail()
    }

    /// The procedure that the case follows.
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// Halts that were raised and are in no entry yet.
    pub fn pending_halts(&self) -> &[PendingHalt] {
        &self.pending
    }

    /// What one person wrote down alone and is in no entry yet.
    pub fn written_alone(&self) -> &[Written] {
        &self.written
    }

    /// Files that are named like what is written alone, and are nothing that
    /// the program wrote. They are left where they are.
    pub fn strange_notes(&self) -> &[String] {
        &self.strange
    }

    /// How far raised halts stop the case.
    pub fn raised(&self) -> Restraint {
        self.pending.iter().map(PendingHalt::restraint).max().unwrap_or(Restraint::None)
    }

    /// What may leave the case: see [`Ledger::released`].
    pub fn released(&self) -> Released {
        self.ledger().released(self.raised())
    }

    /// Where the case stands in its procedure.
    pub fn state(&self) -> State<'_> {
        State::replay(&self.pack, self.ledger(), self.raised())
    }

    /// Whether the procedure allows it now, as the case stands.
    ///
    /// # Errors
    /// [`CaseError::Refused`].
    pub fn may_now(&self, deed: &Deed) -> Result<(), CaseError> {
        self.state().permit(deed.clone()).map(drop).map_err(CaseError::Refused)
    }

    /// Whether the procedure allows it, as far as can be told before both
    /// unlock the case. The unlocking puts a stop on record that is in no entry
    /// yet; the procedure MUST be asked again after that.
    ///
    /// # Errors
    /// [`CaseError::Refused`].
    pub fn may(&self, deed: &Deed) -> Result<(), CaseError> {
        if self.pending.is_empty() { self.may_now(deed) } else { Ok(()) }
    }

    /// An entry with its signatures, as bytes.
    pub fn signed_entry(&self, number: u64) -> Result<SignedEntry, DiskError> {
        read_signed(&self.folder, number)
    }

    /// That every file which the entries name and which may leave is there and
    /// has its length. What is in it is compared wherever it is read.
    ///
    /// What is withheld is not looked at: the police may have taken it away.
    fn check_files(&self) -> Result<(), CaseError> {
        let part = |path: &Path, what: String| Err(CaseError::Part { path: path.to_owned(), what });
        let ledger = self.ledger();
        for (side, key) in Side::BOTH.into_iter().zip(ledger.opened().keys()) {
            let path = self.folder.public_keys().join(format!("{}.pub", side.letter()));
            if regular_file::read(&path, MAX_KEY).at(&path)? != format!("{key}\n").as_bytes() {
                return part(&path, "is not the key that entry 1 names".to_owned());
            }
        }
        let released = self.released();
        let mut files: Vec<_> = ledger.files().filter(|(file, _)| released.allows(file)).collect();
        files.sort_by_key(|(_, entry)| *entry);
        for (file, entry) in files {
            let path = self.folder.file(file);
            match std::fs::symlink_metadata(&path) {
                Ok(there) if there.is_file() && there.len() == file.bytes => {}
                Ok(_) => return part(&path, format!("is not the file that entry {entry} names")),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                    return part(&path, format!("is missing: entry {entry} names it"));
                }
                Err(e) => return Err(DiskError::io(&path, e).into()),
            }
        }
        for void in void_names(ledger.entries()) {
            let path = self.folder.void().join(void.name.as_str());
            let digest = Digest::of(&regular_file::read(&path, MAX_VOID).at(&path)?);
            if digest != void.sha256 {
                return part(&path, "is not the draft that the record names".to_owned());
            }
        }
        Ok(())
    }

    pub(super) fn look_for_halts(&mut self) -> Result<(), CaseError> {
        self.follow_head()?;
        self.pending = halt::pending(&self.folder, &self.head, self.chain.ledger(), &self.pack)?;
        self.look_for_written()
    }

    fn look_for_written(&mut self) -> Result<(), CaseError> {
        (self.written, self.strange) = waiting(&self.folder, self.chain.ledger())?;
        Ok(())
    }

    pub(super) fn follow_head(&mut self) -> Result<(), CaseError> {
        let reference = self.folder.reference();
        self.head.follow(self.folder.head())?.map_err(|fault| CaseError::Head { reference, fault })
    }
}

fn waiting(folder: &Folder, ledger: &Ledger) -> Result<(Vec<Written>, Vec<String>), DiskError> {
    alone::waiting(folder, &alone::signed(ledger.entries().iter().map(|entry| &entry.body)))
}

/// Reads entries until there are no more. On a fault it names the entry that
/// is bad, which can be the one before the one that shows it.
fn replay(folder: &Folder, expected: u64) -> Result<(Chain, Vec<Digest>), CaseError> {
    let reference = folder.reference();
    let fault = |fault| CaseError::Fault { reference, fault };
    let first = match read_signed(folder, 1) {
        Ok(first) => first,
        Err(error) => return Err(missing(1, error)),
    };
    let mut chain = Chain::begin(&first).map_err(fault)?;
    let mut digests = vec![Digest::of(&first.entry)];
    read_on(&mut chain, folder, expected, first, &mut digests)?;
    Ok((chain, digests))
}

/// Reads the entries that follow `last`, and checks the signatures of the one
/// that it ends with.
fn read_on(
    chain: &mut Chain,
    folder: &Folder,
    expected: u64,
    mut last: SignedEntry,
    digests: &mut Vec<Digest>,
) -> Result<(), CaseError> {
    let reference = folder.reference();
    let fault = |fault| CaseError::Fault { reference, fault };
    let keys = chain.ledger().opened().keys();
    loop {
        let number = chain.ledger().head() + 1;
        let path = &folder.entry_files(number)[0];
        if regular_file::look(path).at(path)?.is_none() {
            break;
        }
        let next = match read_signed(folder, number) {
            Ok(next) => next,
            Err(error) => return Err(missing(number, error)),
        };
        if number > expected && is_torn(folder, &next)? {
            break;
        }
        if let Err(found) = chain.extend(&next) {
            // Is it this one that was changed, or the one it holds on to?
            check_signatures(number - 1, &keys, &last).map_err(fault)?;
            return Err(fault(found));
        }
        digests.push(chain.tail().entry);
        last = next;
    }
    check_signatures(chain.ledger().head(), &keys, &last).map_err(fault)
}

/// Where links are unknown an entry is copied into place, and a crash can tear
/// it: then the draft, which was durable before anyone signed, is longer.
fn is_torn(folder: &Folder, next: &SignedEntry) -> Result<bool, CaseError> {
    let drafts = folder.read_entry_drafts()?;
    let is_longer = |draft: &[u8]| draft.len() > next.entry.len() && draft.starts_with(&next.entry);
    Ok(drafts.iter().any(|draft| is_longer(&draft.bytes)))
}

fn missing(number: u64, error: DiskError) -> CaseError {
    match &error {
        DiskError::Io { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
            CaseError::Part { path: path.clone(), what: format!("is missing: entry {number} is not whole") }
        }
        _ => error.into(),
    }
}

fn read_pack(folder: &Folder, ledger: &Ledger) -> Result<Pack, CaseError> {
    let named = &ledger.opened().pack.file;
    let path = folder.file(named);
    let bytes = regular_file::read(&path, MAX_PACK).at(&path)?;
    if Digest::of(&bytes) != named.sha256 {
        return Err(CaseError::Part { path, what: "is not the procedure that entry 1 names".to_owned() });
    }
    let wrong = |what: String| CaseError::Part { path: path.clone(), what };
    let text = String::from_utf8(bytes).map_err(|_| wrong("is not text".to_owned()))?;
    Pack::of_case(&text).map_err(|error| wrong(error.to_string()))
}

/// Bytes of what was put aside: a draft or a signature, and the text that came
/// to lie there otherwise.
pub(super) const MAX_VOID: u64 = 1024 * 1024;
