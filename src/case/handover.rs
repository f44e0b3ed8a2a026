//! Seal, encrypt, receipt, continuity: how a case leaves the computer.
//!
//! Everything that leaves is asked for through the one allow-list
//! ([`countersign_record::journal::Ledger::released`]); folders are never read. It decides
//! nothing about when a case may be sealed, and it draws no form.

mod archive;
mod copy;
mod copy_error;
mod form;
mod hand_over;
mod making;
mod paper;
mod places;
mod provisional;
mod read_me;
mod seal;

use std::path::PathBuf;

pub use archive::{ArchiveError, ArchiveRequest, FiledCase, Review, archive, review_day};
pub use copy::CopyPassphrase;
pub use copy_error::CopyError;
pub use form::{FormRequest, MadeForm, make_form, make_referral_sheet, referral_sheet};
pub use hand_over::{HandOverRequest, HandedCopy, Receiver, hand_over, locked_copy, passphrase_sheet};
pub use paper::{PrintedSeal, print_seal_again};
pub use seal::{SealRequest, SealedCase, seal};

use crate::case::{CaseError, WayOutError};
use crate::durable::DiskError;
use crate::form::FormError;
use countersign_record::bundle::bag::DraftError;
use countersign_record::bundle::name::NameError;
use countersign_record::bundle::zip::WriteError;

/// Why nothing left the computer.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// The case does not take it.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The form could not be drawn.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The bag cannot be made.
    #[error(transparent)]
    Bag(#[from] DraftError),
    /// A file of the case has a name that no bundle can hold.
    #[error(transparent)]
    Name(#[from] NameError),
    /// What the bag says of itself cannot be written.
    #[error(transparent)]
    Info(#[from] countersign_record::bundle::bag::InfoError),
    /// A name that an entry cannot hold.
    #[error("a name for the record: {0}")]
    Text(countersign_record::journal::TextError),
    /// The bundle could not be written.
    #[error("the bundle could not be written: {0}")]
    Write(#[from] WriteError),
    /// The case was stopped meanwhile, and the bundle is dropped.
    #[error("the case was stopped while it was being sealed; the bundle was dropped")]
    Halted,
    /// The case was stopped while its form was drawn or written.
    #[error("the case was stopped while its form was being made; nothing of it is kept")]
    FormDropped,
    /// The system has no thread for it.
    #[error("no thread to draw the form: {0}")]
    Thread(#[source] std::io::Error),
    /// The case was stopped when the record had just said that it was sealed:
    /// the seal has no bundle.
    #[error("the case was stopped when entry {entry} had just sealed it; seal {seal} has no bundle")]
    HaltedAfter {
        /// The entry of the seal.
        entry: u64,
        /// The seal.
        seal: u32,
        /// Whether an entry says that it has no bundle. If not, the next
        /// unlocking makes one.
        on_record: bool,
        /// What must not leave the case and could not be removed.
        left: Vec<PathBuf>,
    },
    /// The case was stopped when the form was just on record, and it was not
    /// written beside the case.
    #[error("the case was stopped when entry {entry} had just made the form; it was not written out")]
    FormHalted {
        /// The entry of the form.
        entry: u64,
    },
    /// There is no seal of this number.
    #[error("there is no seal {0}")]
    NoSeal(u32),
    /// The case's folder lies in no home.
    #[error("the case lies in no home")]
    NoHome,
    /// Where it was to go, something else lies already.
    #[error("{} is there already, and is another file", .0.display())]
    Taken(PathBuf),
    /// Where it was to go, nothing is written to.
    #[error(transparent)]
    WayOut(#[from] WayOutError),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}
