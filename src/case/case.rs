//! A case's folder: lock, replay, append, recover.
//!
//! It holds to the order in which an entry becomes part of the record, and
//! asks [`crate::procedure`] for a permit before each. It makes no pictures
//! and no bundles, and what an entry says is not its business.

mod alone;
mod anchor;
mod append;
mod boundary;
mod bundles;
mod correct;
mod drafts;
mod folder;
mod halt;
mod head;
mod held;
mod listing;
mod mark;
mod open;
mod packed;
mod peek;
mod read;
mod recover;
mod said_of_stop;
mod staging;
mod stopping;
mod strays;
mod trace;
mod unfinished;
mod unlock;
mod unlocked;
mod withheld;

use std::path::PathBuf;

pub use alone::{Report, WriteAloneError, Written, write_alone};
pub use boundary::{Contents, Kept, WayOutError};
pub use bundles::{SealFiles, SealParts, receipt_of_copy};
pub use correct::stop_by;
pub use folder::{Folder, Home};
pub use halt::{PendingHalt, RaiseError, RaiseOutcome, Watch, held_stops, hold, is_held, raise, retry_held};
pub use mark::{Halt, How, Mark, SeenAtStop};
pub use open::{NewCase, NewReviewer, open};
pub use packed::packed_digests;
pub use peek::{Category, category, glance, pack};
pub use read::Reading;
pub use said_of_stop::{Afterwards, NothingSaid, SaidOfStop, StopDetails};
pub use staging::Staging;
pub use unfinished::Unfinished;
pub use unlocked::Unlocked;
pub use withheld::{Held, HeldBytes};

use crate::durable::{DiskError, Exposed};
use crate::procedure;
use countersign_record::clock::{Clock, Random};
use countersign_record::journal::{EntryError, Fault, MAX_ENTRY, Machine, Program, Reference, SignedEntry};
use countersign_record::regular_file::{self, NotRegular};
use countersign_record::signature::MAX_SIGNATURE;

/// Everything that the library needs from outside to write to a case.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Random numbers.
    pub random: &'a dyn Random,
    /// The machine that this is.
    pub machine: &'a Machine,
    /// The program that this is.
    pub program: &'a Program,
}

/// Why a case could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is none of that reference.
    #[error("there is no case {reference} in {}", home.display())]
    Missing {
        /// The reference.
        reference: Reference,
        /// Where it was looked for.
        home: PathBuf,
    },
    /// Another program is working on it.
    #[error("case {0} is in use by another window or program")]
    Busy(Reference),
    /// The record is not what it was.
    #[error("case {reference}: {fault}")]
    Fault {
        /// Which case.
        reference: Reference,
        /// What is wrong first.
        fault: Fault,
    },
    /// The record and what the computer remembers of it do not agree.
    #[error("case {reference}: {fault}")]
    Head {
        /// Which case.
        reference: Reference,
        /// How they differ.
        fault: HeadFault,
    },
    /// A file that belongs to the case's keys or pack is missing or changed.
    #[error("{}: {what}", path.display())]
    Part {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Another computer than the one that the case was opened on.
    #[error("case {reference} was opened on {designated}; this is {here}")]
    OtherComputer {
        /// Which case.
        reference: Reference,
        /// The designated computer.
        designated: String,
        /// This one.
        here: String,
    },
    /// One of the passphrases is wrong. Which one is not said.
    #[error("one of the passphrases is not right")]
    Passphrase,
    /// It holds what another case of the home withholds.
    #[error("case {reference} holds what case {other} withholds")]
    HeldElsewhere {
        /// This case.
        reference: Reference,
        /// The other.
        other: Reference,
    },
    /// Both passphrases are the same.
    #[error("both passphrases are the same")]
    SamePassphrase,
    /// The procedure refuses.
    #[error(transparent)]
    Refused(#[from] procedure::Refusal),
    /// The entry cannot be written.
    #[error("entry {entry}: {error}")]
    Entry {
        /// Which.
        entry: u64,
        /// Why not.
        error: EntryError,
    },
    /// A halt came in between: what was being recorded was dropped.
    #[error("the case was stopped while entry {0} was being written; it was not kept")]
    HaltedMeanwhile(u64),
    /// The disk failed; what was being written was not kept.
    #[error("entry {entry} was not kept: {error}")]
    NotKept {
        /// Which.
        entry: u64,
        /// What the disk said.
        error: DiskError,
    },
    /// The disk failed, and whether the entry is on it cannot be told.
    #[error("entry {entry} may not have been kept: {error}")]
    Uncertain {
        /// Which.
        entry: u64,
        /// What the disk said.
        error: DiskError,
    },
    /// The case is stopped: its mark is there. What was said of it is in no
    /// entry yet; the next unlocking puts the stop on record.
    #[error("case {reference} is stopped, but that is not on record yet: {error}")]
    StoppedOnly {
        /// Which case.
        reference: Reference,
        /// Why not.
        error: Box<CaseError>,
    },
    /// The case is opened, and cannot be added to now.
    #[error("case {reference} is opened, but could not be unlocked: {error}")]
    OpenedOnly {
        /// Which case.
        reference: Reference,
        /// Why not.
        error: Box<CaseError>,
    },
    /// Whether the case is opened cannot be told. What opens it MUST be kept.
    #[error("case {reference} may have been opened: {error}")]
    MayBeOpen {
        /// Which case.
        reference: Reference,
        /// What the disk said.
        error: DiskError,
    },
    /// Others could change the cases, or exchange them.
    #[error(transparent)]
    Exposed(#[from] Exposed),
    /// The disk failed elsewhere.
    #[error(transparent)]
    Disk(DiskError),
    /// The computer gave no random numbers.
    #[error("the computer gave no random numbers: {0}")]
    Random(std::io::Error),
    /// The clock says a year that no case can have.
    #[error("the computer's clock says the year {0}")]
    Clock(i32),
    /// There is no such case to stop.
    #[error(transparent)]
    NotStopped(#[from] RaiseError),
    /// A key could not be locked.
    #[error(transparent)]
    Lock(#[from] crate::secret::LockError),
}

/// What is no file, or too long for one of a case, is a part of it that is not
/// what it should be; everything else is the disk's.
impl From<DiskError> for CaseError {
    fn from(error: DiskError) -> CaseError {
        match &error {
            DiskError::Io { path, source } => match NotRegular::of(source) {
                Some(why) => CaseError::Part { path: path.clone(), what: why.to_string() },
                None => CaseError::Disk(error),
            },
            _ => CaseError::Disk(error),
        }
    }
}

/// How a record and the head file outside it differ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// There is no head file.
    #[error("the note of the last entry, {}, is missing", .0.display())]
    Missing(PathBuf),
    /// It is empty.
    #[error("the note of the last entry, {}, is empty", .0.display())]
    Empty(PathBuf),
    /// It cannot be read.
    #[error("the note of the last entry, {}, is not one", .0.display())]
    Unreadable(PathBuf),
    /// Entries are gone: a backup was restored, or files were removed.
    #[error("the record ends at entry {record}, but this computer has kept entry {head}: entry {} is missing", record + 1)]
    Behind {
        /// Where the record ends.
        record: u64,
        /// Which entry the head file knows.
        head: u64,
    },
    /// Entries that this computer did not note.
    #[error("the record goes on to entry {record}, but this computer noted only entry {head}")]
    Ahead {
        /// Where the record ends.
        record: u64,
        /// Which entry the head file knows.
        head: u64,
    },
    /// An entry is another than the one that was noted.
    #[error("entry {0} is not the one that this computer kept")]
    Other(u64),
}

fn read_signed(folder: &Folder, number: u64) -> Result<SignedEntry, DiskError> {
    let [entry, sig_a, sig_b] = folder.entry_files(number);
    let read = |path: PathBuf, most| regular_file::read(&path, most).map_err(|e| DiskError::io(&path, e));
    Ok(SignedEntry {
        entry: read(entry, MAX_ENTRY as u64)?,
        sig_a: read(sig_a, MAX_SIGNATURE)?,
        sig_b: read(sig_b, MAX_SIGNATURE)?,
    })
}
