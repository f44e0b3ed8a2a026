//! What the form says, from the journal, and how it is drawn as a PDF that an
//! archive can keep: PDF/A-3a and PDF/UA-1, checked when it is finished.
//!
//! It opens no files of a case and looks for nothing by itself: the words
//! come from the journal, pictures are asked for one by one through the
//! journal's allow-list, fonts are handed in, and the time is in the input,
//! so that the same form is the same bytes.

mod about;
mod appendix;
mod boxes;
mod cells;
mod compose;
mod content;
mod decision;
mod excerpt;
mod fill;
mod fonts;
mod hand_over_sheet;
mod letters;
mod lines;
mod lists;
mod outline;
mod page;
mod picture;
mod plates;
mod record;
mod referral_sheet;
mod seal_sheet;
mod sheet;
mod shortened;
mod shown;
mod stopped;
mod table;
mod tags;
mod text;

pub use content::{
    Action, Computer, Concern, Concerned, Exhibit, Fate, File, Form, Halt, Isolation, Judgement, Left, Note,
    Picture, Pictures, Procedure, Program, RecordLine, Referral, Remark, Reviewer, SealSheet, Source, Visit,
    When,
};
pub use fonts::{Fonts, from_folders};
pub use hand_over_sheet::{HandOverSheet, PassphraseSheet, SheetHead, draw_passphrase, draw_receipt};
pub use outline::{Block, Outline, OutlineCell, Said, Weight};
pub use referral_sheet::{Leave, ReferralSheet, Route, Urgency};
pub use sheet::Pdf;
pub use shown::Files;

/// The form.
pub fn draw(form: &Form, fonts: &Fonts) -> Result<Pdf, FormError> {
    let mut sheet = sheet::Sheet::new(fonts, compose::furniture(form));
    compose::form(&mut sheet, form);
    sheet.finish(&compose::about(form, ""))
}

/// The form, and after it the seal sheet.
pub fn draw_sealed(form: &Form, seal: &SealSheet, fonts: &Fonts) -> Result<Pdf, FormError> {
    let mut sheet = sheet::Sheet::new(fonts, compose::furniture(form));
    compose::form(&mut sheet, form);
    seal_sheet::seal_sheet(&mut sheet, form, seal)?;
    sheet.finish(&compose::about(form, &format!(", seal {}", seal.seal)))
}

/// The sheet for the police: words only, whatever the case.
pub fn draw_referral(form: &Form, referral: &ReferralSheet, fonts: &Fonts) -> Result<Pdf, FormError> {
    let mut sheet = sheet::Sheet::new(fonts, compose::furniture(form));
    referral_sheet::referral_sheet(&mut sheet, form, referral);
    sheet.finish(&compose::about(form, ", referral sheet"))
}

/// The language of the form.
const LANGUAGE: &str = "en-GB";

/// What stands on each page of a rehearsal.
const REHEARSAL: &str = "REHEARSAL – practice, not a real case";

/// Why a form could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The document did not pass its own check against PDF/A-3a and PDF/UA-1.
    #[error("the form did not become a valid PDF: {0}")]
    Pdf(String),
    /// A file of the case could not be read.
    #[error("{path}: {why}")]
    File {
        /// Where it lies, from the case's `data` folder.
        path: String,
        /// Why not.
        why: std::io::ErrorKind,
    },
    /// A file of the case is not what the record says.
    #[error("{path} is not the file that the record names")]
    Changed {
        /// Where it lies, from the case's `data` folder.
        path: String,
    },
    /// An entry cannot be written as the record writes it.
    #[error("entry {0}: {1}")]
    Entry(u64, #[source] countersign_record::journal::EntryError),
    /// The seal code does not fit into a QR code.
    #[error("the seal code does not fit into a QR code")]
    Code,
}
