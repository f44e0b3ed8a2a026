//! What a home withholds, by its digest: what one case of a home withholds,
//! every case of that home refuses.
//!
//! It reads records and digests, shows nothing, and decides nothing about a
//! case: a stop is the case's own. What was changed by a single byte is
//! another file, and not known here.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::CaseError;
use super::folder::{Folder, Home};
use super::halt::is_held;
use super::head::Head;
use super::packed::packed_digests;
use super::peek::glance;
use super::read::Reading;
use super::staging::Left;
use crate::durable::{At, DiskError};
use crate::procedure::Pack;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Reference, Restraint, Role, Side};
use countersign_record::regular_file;

/// Why nothing of certain bytes is brought into a case of the home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// That case withholds them.
    Withheld(Reference),
    /// They are a locked key of that case.
    Key(Reference),
    /// What that case withholds cannot be known: its folder does not answer.
    Unknown(Reference),
}

/// The bytes that no way into a case of the home takes, by their digests.
#[derive(Debug, Default)]
pub struct HeldBytes {
    held: HashMap<Digest, Held>,
    /// Files that no record names. One is read once something of its length
    /// comes: so none holds anybody up by its size.
    unnamed: Vec<Unnamed>,
    /// Cases whose folder does not answer: each may withhold anything.
    silent: Vec<Reference>,
}

#[derive(Debug, Clone)]
struct Unnamed {
    path: PathBuf,
    bytes: u64,
    held: Held,
}

impl Home {
    /// The bytes that no way into a case of this home takes, as it is now.
    ///
    /// A case whose disk hangs is waited for two seconds. Then it counts as
    /// one that cannot be read, which may be stopped: what its files are called
    /// is refused. Where even that does not answer, nothing is known, and
    /// everything is [`Held::Unknown`].
    ///
    /// # Errors
    /// What the disk says of the list of cases.
    pub fn held_bytes(&self) -> Result<HeldBytes, DiskError> {
        let mut bytes = HeldBytes::default();
        for reference in self.known()? {
            let of = |take: fn(&mut HeldBytes, &Home, Reference)| {
                let home = self.clone();
                in_time(move || {
                    let mut bytes = HeldBytes::default();
                    take(&mut bytes, &home, reference);
                    bytes
                })
            };
            match of(HeldBytes::take_case).or_else(|| of(HeldBytes::take_names)) {
                Some(more) => bytes.take(more),
                None => bytes.silent.push(reference),
            }
        }
        Ok(bytes)
    }
}

impl HeldBytes {
    /// Why these bytes are not brought in, if they are not.
    pub fn holds(&self, sha256: &Digest, bytes: u64) -> Option<Held> {
        let same = |unnamed: &&Unnamed| unnamed.bytes == bytes && may_be(&unnamed.path, sha256);
        let unnamed = || self.unnamed.iter().find(same).map(|unnamed| unnamed.held);
        let silent = || self.silent.first().map(|case| Held::Unknown(*case));
        let held = self.held.get(sha256).copied().or_else(unnamed).or_else(silent)?;
        (bytes > 0 && !is_everybody_s(sha256)).then_some(held)
    }

    /// Whether any case withholds anything, or may.
    pub fn withholds_any(&self) -> bool {
        let unnamed = self.unnamed.iter().map(|unnamed| &unnamed.held);
        let mut held = self.held.values().chain(unnamed);
        !self.silent.is_empty() || held.any(|held| matches!(held, Held::Withheld(_)))
    }

    fn take(&mut self, more: HeldBytes) {
        self.held.extend(more.held);
        self.unnamed.extend(more.unnamed);
    }

    /// Of a case whose record does not answer: what its files are called.
    fn take_names(&mut self, home: &Home, reference: Reference) {
        let folder = home.case(reference);
        for side in Side::BOTH {
            self.take_unnamed(folder.locked_key(side), Held::Key(reference));
        }
        self.take_unread(home, &folder);
    }

    fn take_case(&mut self, home: &Home, reference: Reference) {
        let folder = home.case(reference);
        for side in Side::BOTH {
            self.take_unnamed(folder.locked_key(side), Held::Key(reference));
        }
        if !may_be_stopped(&folder) {
            return;
        }
        let withholds = match Reading::of(home, reference) {
            Ok(reading) => self.take_read(&reading),
            Err(_) => self.take_unread(home, &folder),
        };
        if withholds {
            let staged = Left::of(home).into_iter().filter(|left| left.case == Some(reference));
            for path in staged.flat_map(|left| left.files).chain(files_in(&folder.draft())) {
                self.take_unnamed(path, Held::Withheld(reference));
            }
        }
    }

    /// What the record of a case says, and what lies beside it. Tells whether
    /// the case withholds.
    fn take_read(&mut self, reading: &Reading) -> bool {
        let (ledger, reference) = (reading.ledger(), reading.folder().reference());
        let Some(since) = ledger.withheld_since(reading.raised()) else { return false };
        for withheld in reading.released().withheld() {
            self.withhold(reference, withheld.file.sha256);
        }
        for entry in ledger.entries() {
            match &entry.body {
                // Those that it has no room for lie among the stored ones.
                Body::Recovered(recovered) => {
                    let left = recovered.left.named.iter().filter_map(|left| left.sha256);
                    left.for_each(|sha256| self.withhold(reference, sha256));
                }
                // Made before the stop, they may hold what must not leave.
                Body::Sealed(sealed) if entry.entry < since => {
                    self.withhold(reference, sealed.bundle_sha256);
                    self.withhold(reference, sealed.form_sha256);
                }
                Body::HandedOver(handed) if entry.entry < since => {
                    self.withhold(reference, handed.copy.file.sha256);
                }
                _ => {}
            }
        }
        let files = reading.folder().files();
        let named: HashSet<PathBuf> = ledger.files().map(|(file, _)| reading.folder().file(file)).collect();
        for path in files_in(&files).filter(|path| !named.contains(path)) {
            self.take_stored(reference, path);
        }
        true
    }

    /// A case that is stopped, as far as can be told, and cannot be read: all
    /// that it has, and all that was sealed of it.
    fn take_unread(&mut self, home: &Home, folder: &Folder) -> bool {
        let reference = folder.reference();
        for path in files_in(&folder.files()) {
            self.take_stored(reference, path);
        }
        let begin = format!("{reference}-");
        let own =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begin));
        for path in files_in(&home.sealed()).filter(own) {
            self.take_unnamed(path, Held::Withheld(reference));
        }
        true
    }

    /// A file among the stored ones: as its name says, and as it is.
    fn take_stored(&mut self, reference: Reference, path: PathBuf) {
        if let Some(sha256) = digest_by_name(&path) {
            self.withhold(reference, sha256);
        }
        self.take_unnamed(path, Held::Withheld(reference));
    }

    fn take_unnamed(&mut self, path: PathBuf, held: Held) {
        if let Ok(found) = path.symlink_metadata()
            && found.is_file()
        {
            self.unnamed.push(Unnamed { path, bytes: found.len(), held });
        }
    }

    fn withhold(&mut self, reference: Reference, sha256: Digest) {
        self.held.insert(sha256, Held::Withheld(reference));
    }
}

impl Reading {
    /// Refuses what would leave while the case holds, from before, what another
    /// case of the home withholds. Its own stop then withholds it here, too.
    ///
    /// # Errors
    /// [`CaseError::HeldElsewhere`]; what the disk says.
    pub fn check_held_elsewhere(&self) -> Result<(), CaseError> {
        let reference = self.folder().reference();
        let Some(home) = self.folder().home() else { return Ok(()) };
        let (held, released) = (home.held_bytes()?, self.released());
        let elsewhere = |sha256: &Digest, bytes| match held.holds(sha256, bytes) {
            Some(Held::Withheld(other) | Held::Unknown(other)) if other != reference => Some(other),
            Some(Held::Withheld(_) | Held::Unknown(_) | Held::Key(_)) | None => None,
        };
        if !held.withholds_any() {
            return Ok(());
        }
        for (file, _) in self.ledger().files().filter(|(file, _)| released.allows(file)) {
            let mut other = elsewhere(&file.sha256, file.bytes);
            if other.is_none() && matches!(file.role, Role::Page | Role::Response | Role::Traffic) {
                let path = self.folder().file(file);
                let bytes = regular_file::read(&path, file.bytes).at(&path)?;
                let packed = packed_digests(file.role, &bytes);
                other = packed.iter().find_map(|(sha256, bytes)| elsewhere(sha256, *bytes));
            }
            if let Some(other) = other {
                return Err(CaseError::HeldElsewhere { reference, other });
            }
        }
        Ok(())
    }
}

/// By a mark, by the note outside, or by entry 1: quick, so that a home with
/// many cases holds nobody up. What cannot be told counts as stopped.
fn may_be_stopped(folder: &Folder) -> bool {
    let is_marked = is_held(folder) || folder.halt_marks().map_or(true, |marks| !marks.is_empty());
    let is_noted = !matches!(Head::read(folder.head()), Ok(Ok(head)) if head.halts.is_empty());
    is_marked || is_noted || glance(folder).is_none_or(|opened| opened.suspected_illegal)
}

/// Whether the case of that reference is stopped, as far as can be told.
pub(super) fn is_stopped(home: &Home, reference: Reference) -> bool {
    may_be_stopped(&home.case(reference))
        && Reading::of(home, reference)
            .map_or(true, |reading| reading.ledger().restraint().max(reading.raised()) != Restraint::None)
}

/// Every procedure that comes with the program.
fn is_everybody_s(sha256: &Digest) -> bool {
    Pack::built_in_ids().filter_map(Pack::built_in).any(|pack| pack.digest() == *sha256)
}

/// A stored file is called after its digest.
fn digest_by_name(path: &Path) -> Option<Digest> {
    path.file_name()?.to_str()?.split('.').next()?.parse().ok()
}

/// Whether a file has that digest. One that does not answer may.
fn may_be(path: &Path, sha256: &Digest) -> bool {
    let path = path.to_owned();
    in_time(move || digest_of(&path)).is_none_or(|found| found == Some(*sha256))
}

fn digest_of(path: &Path) -> Option<Digest> {
    let mut file = regular_file::open(path).ok()?;
    Digest::of_reader(&mut file).ok().map(|(digest, _)| digest)
}

/// What reading gives; none where the disk hangs. The reading is left to itself
/// then: nothing can end it.
fn in_time<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (send, done) = mpsc::sync_channel(1);
    let reading = move || {
        let _ = send.send(read());
    };
    thread::Builder::new().name("withheld".to_owned()).spawn(reading).ok()?;
    done.recv_timeout(HANGS_AFTER).ok()
}

/// How long a disk may take to say what a case withholds.
const HANGS_AFTER: Duration = Duration::from_secs(2);

fn files_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())).map(|entry| entry.path())
}
