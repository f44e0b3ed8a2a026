//! The drafts of an entry: each has a file of its own in `draft/`.
//!
//! A draft whose entry is kept is a second name of it: it is only ever
//! removed, never opened for writing. More than one can lie there; which of
//! them is the next entry, its signatures tell.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::listing::{Listed, list_if_there};
use super::strays::is_entry_draft;
use super::unlocked::Unlocked;
use crate::durable::{At, DiskError};
use countersign_record::digest::Digest;
use countersign_record::journal::{Entry, MAX_ENTRY, SignedEntry, check_signatures, entry_name};
use countersign_record::regular_file;
use countersign_record::signature::MAX_SIGNATURE;

/// A draft as it lies there.
pub(super) struct Draft {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
}

impl Folder {
    /// Where every draft of an entry lies, in the order of their names.
    pub(super) fn entry_drafts(&self) -> Result<Vec<PathBuf>, DiskError> {
        // What is no file is no draft: nobody here made it.
        let is_one = |there: &Listed| {
            there.kind.is_none_or(|kind| kind.is_file()) && there.name.to_str().is_some_and(is_entry_draft)
        };
        let listed = list_if_there(&self.draft())?;
        Ok(listed.into_iter().filter(is_one).map(|there| there.path).collect())
    }

    /// A name for a draft of this entry; the first has number 1.
    pub(super) fn entry_draft(&self, entry: u64, number: u32) -> PathBuf {
        let name = entry_name(entry);
        let digits = name.split('.').next().unwrap_or(&name);
        self.draft().join(format!("{digits}-{number}.{ENDING}"))
    }

    /// Every draft of an entry that can be read. One that goes while it is
    /// looked at belongs to an entry that was kept or given up; one that cannot
    /// be read is an error, and not an empty one.
    pub(super) fn read_entry_drafts(&self) -> Result<Vec<Draft>, DiskError> {
        let mut drafts = Vec::new();
        for path in self.entry_drafts()? {
            match regular_file::read(&path, MAX_ENTRY as u64) {
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                read => drafts.push(Draft { bytes: read.at(&path)?, path }),
            }
        }
        Ok(drafts)
    }
}

impl Unlocked<'_> {
    /// Writes the draft of an entry into a file of its own, and makes it
    /// durable. Nobody signs before it is.
    pub(super) fn write_draft(&self, entry: u64, bytes: &[u8]) -> Result<PathBuf, DiskError> {
        for number in 1..MOST_DRAFTS {
            let path = self.folder().entry_draft(entry, number);
            match self.disk.create_new(&path, bytes) {
                Ok(()) => return Ok(path),
                Err(DiskError::Taken(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(DiskError::Taken(self.folder().entry_draft(entry, MOST_DRAFTS)))
    }

    /// The draft that both have signed as entry `number`.
    pub(super) fn signed_draft(&self, number: u64) -> Result<Option<(Draft, Entry)>, DiskError> {
        let [_, a, b] = self.folder().entry_files(number);
        let signature = |path: PathBuf| match regular_file::read(&path, MAX_SIGNATURE) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read.at(&path),
        };
        let mut signed = SignedEntry { entry: Vec::new(), sig_a: signature(a)?, sig_b: signature(b)? };
        if signed.sig_a.is_empty() || signed.sig_b.is_empty() {
            return Ok(None);
        }
        let keys = self.ledger().opened().keys();
        for draft in self.folder().read_entry_drafts()? {
            signed.entry.clone_from(&draft.bytes);
            let entry = Entry::parse(&draft.bytes).ok().filter(|entry| entry.entry == number);
            if let Some(entry) = entry.filter(|_| check_signatures(number, &keys, &signed).is_ok()) {
                return Ok(Some((draft, entry)));
            }
        }
        Ok(None)
    }

    /// Puts what there is of entry `number` aside, which MUST NOT be kept:
    /// where a signature lies there, that and the drafts that it may be of go
    /// into `void/`, which a later entry names. Other drafts go.
    pub(super) fn abandon(&mut self, number: u64) -> Result<(), DiskError> {
        let folder = self.folder().clone();
        let mut signatures = Vec::new();
        for path in &folder.entry_files(number)[1..] {
            if path.try_exists().at(path)? {
                signatures.push(path.clone());
            }
        }
        if !signatures.is_empty() {
            let drafts = folder.read_entry_drafts()?;
            // A draft of an entry that is kept is a second name of that.
            let is_kept = |draft: &Draft| {
                Entry::parse(&draft.bytes).is_ok_and(|entry| entry.entry <= self.ledger().head())
            };
            let given_up: Vec<&Draft> = drafts.iter().filter(|draft| !is_kept(draft)).collect();
            self.disk.folder(&folder.void())?;
            let journal = self.disk.names(&folder.journal())?;
            let tag = given_up.first().map_or_else(|| Digest::of(b""), |draft| Digest::of(&draft.bytes));
            for path in &signatures {
                let ending = path.to_string_lossy().rsplit('.').nth(1).unwrap_or_default().to_owned();
                self.put_aside_as(path, number, &tag, &format!("json.{ending}.sig"))?;
            }
            for draft in given_up {
                self.put_aside_as(&draft.path, number, &Digest::of(&draft.bytes), "json")?;
            }
            journal.sync()?;
        }
        self.sweep_entry_drafts()
    }

    /// Under a name that nothing in `void/` has.
    fn put_aside_as(&self, from: &Path, entry: u64, tag: &Digest, ending: &str) -> Result<(), DiskError> {
        let name = entry_name(entry);
        let digits = name.split('.').next().unwrap_or(&name);
        let tag = &tag.to_string()[..8];
        let mut to = self.folder().void().join(format!("{digits}-{tag}.{ending}"));
        for number in 2..MOST_DRAFTS {
            match self.disk.rename_new(from, &to) {
                Err(DiskError::Taken(_)) => {
                    to = self.folder().void().join(format!("{digits}-{tag}-{number}.{ending}"));
                }
                moved => return moved,
            }
        }
        Err(DiskError::Taken(to))
    }

    /// Removes every draft of an entry. What was signed was completed or put
    /// aside before.
    pub(super) fn sweep_entry_drafts(&self) -> Result<(), DiskError> {
        for path in self.folder().entry_drafts()? {
            self.disk.remove(&path)?;
        }
        Ok(())
    }
}

const ENDING: &str = "entry.json";

/// Drafts of one entry that can lie there at once.
const MOST_DRAFTS: u32 = 10_000;
