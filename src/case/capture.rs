//! Records under a permit: one page kept, files brought in.
//!
//! What is recorded becomes files first and an entry after; the entry is
//! [`crate::case`]'s to write. It decides nothing about what may be recorded:
//! without a permit from [`crate::procedure`] none of this can be called to an
//! end.

pub mod answer;
mod attach;
mod copying;
mod gather;
mod keep;
mod network;
mod record;
mod room;
mod store;
mod told;
mod traffic;

use std::path::PathBuf;

pub use attach::{
    AttachRequest, Brought, CopyProgress, StagedFile, attach, attach_staged, attach_told, attach_watched,
};
pub use keep::{KeepRequest, KeptExhibit, Starter, Without, keep};
pub use network::Network;
pub use record::{Area, Command, Ended, Ending, Event, RecordRequest, Unmet, record};
pub use traffic::Traffic;

use crate::case::{CaseError, Held, Kept, SeenAtStop, Unlocked};
use crate::durable::DiskError;
use countersign_browser::network::address::AddressError;
use countersign_browser::page::NotLoaded;
use countersign_browser::program::launch::LaunchError;

/// Half a sentence, behind a file's name.
fn told_held(held: &Held) -> String {
    match held {
        Held::Withheld(case) => format!("is withheld in case {case}"),
        Held::Key(case) => format!("is a locked key of case {case}"),
        Held::Unknown(case) => format!("may be withheld in case {case}, whose folder does not answer"),
    }
}

/// Puts on record that the case was stopped while something was being kept:
/// its address, or the names of its files.
///
/// The stop stands whatever becomes of that: where it fails, the next
/// unlocking journals it, as that of any other stop.
pub fn journal_stop(case: &mut Unlocked<'_>, keeping: &str) {
    let keeping = Some(told::seen_at_stop(keeping));
    let _ = case.journal_stop(SeenAtStop { screen: None, keeping });
}

/// Whether a stop came between.
fn is_halted(error: &CaptureError) -> bool {
    matches!(error, CaptureError::Halted | CaptureError::Case(CaseError::HaltedMeanwhile(_)))
}

/// Why nothing was recorded, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The case does not take it.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The address is none that can be recorded.
    #[error("{url}: {error}")]
    Address {
        /// What was asked for.
        url: String,
        /// Why not.
        error: AddressError,
    },
    /// The page did not come. That it was asked for is in the record.
    #[error("{}: {}", .failure.url, .failure.why)]
    NotLoaded {
        /// The entry that says so.
        entry: u64,
        /// What went wrong.
        failure: Box<NotLoaded>,
    },
    /// The case was stopped meanwhile, and what there was is dropped.
    #[error("the case was stopped while the page was being kept; it was not kept")]
    Halted,
    /// The browser did not start, so that nothing can be recorded.
    #[error(transparent)]
    NotStarted(#[from] Box<LaunchError>),
    /// The browser failed.
    #[error("the browser failed: {0}")]
    Browser(String),
    /// A file to be brought in cannot be.
    #[error("{}: {because}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        because: String,
    },
    /// It lies in the home.
    #[error("{} lies in the folder of the cases", .0.display())]
    OfHome(PathBuf),
    /// It lies in a case's folder, an unpacked bundle or another home.
    #[error("{} lies in a folder of cases, {}", path.display(), folder.display())]
    OfCases {
        /// What was named.
        path: PathBuf,
        /// The folder that was recognised.
        folder: PathBuf,
        /// What that is.
        kept: Kept,
    },
    /// A case of this home holds these bytes, and they stay there.
    #[error("{}: {}", path.display(), told_held(held))]
    Held {
        /// What was named.
        path: PathBuf,
        /// Which case, and why.
        held: Held,
    },
    /// What a page shows is withheld in a case of this home: nothing of it was
    /// kept.
    #[error("{url}: {}", told_held(held))]
    PageHeld {
        /// The entry that says that it was asked for.
        entry: u64,
        /// The page.
        url: String,
        /// Which case, and why.
        held: Held,
    },
    /// There was nothing to bring in.
    #[error("{}: there is no file in it to bring in", .0.display())]
    Empty(PathBuf),
    /// More than a bundle can hold.
    #[error("with {} the case would have {bytes} bytes of files; a bundle holds at most {limit}", path.display())]
    TooMuch {
        /// The file with which it would be too much.
        path: PathBuf,
        /// How much it would be.
        bytes: u64,
        /// The most.
        limit: u64,
    },
    /// More files than a bundle can hold.
    #[error("{files} files are more than a bundle of the case has room for: {room}")]
    TooMany {
        /// How many there are.
        files: u64,
        /// How many more there may be.
        room: u64,
    },
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}
