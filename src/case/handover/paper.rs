//! The form with the seal sheet of a seal that is on record, drawn again.
//!
//! It comes from the entries that were sealed and nothing else, so that it is
//! the paper that was drawn then; it seals nothing and records nothing.

use super::HandoverError;
use super::form::Stored;
use super::seal::sheet;
use crate::case::{CaseError, Reading};
use crate::form::{Fonts, Form, Pdf, draw_sealed};
use crate::procedure::Deed;
use countersign_record::journal::{Ledger, Restraint, Sealed};

/// The paper of a seal.
pub struct PrintedSeal {
    /// What the record says of the seal.
    pub sealed: Sealed,
    /// The form with the seal sheet.
    pub pdf: Pdf,
}

/// Draws the paper of a seal again. It needs no passphrase.
///
/// # Errors
/// Where a copy of the seal may not be handed over, its paper may not be
/// printed: the case was stopped since, or the seal has no bundle.
pub fn print_seal_again(reading: &Reading, seal: u32, fonts: &Fonts) -> Result<PrintedSeal, HandoverError> {
    reading.state().permit(Deed::HandOver(seal)).map_err(CaseError::Refused)?;
    let sealed = reading.ledger().seals().find(|(_, sealed)| sealed.seal == seal);
    let sealed = sealed.map(|(_, sealed)| sealed.clone()).ok_or(HandoverError::NoSeal(seal))?;
    let ledger = as_sealed(reading, sealed.entries)?;
    let released = ledger.released(Restraint::None);
    let form = Form::of(&ledger, &released, reading.pack(), &Stored(reading), sealed.sealed_at)?;
    let pdf = draw_sealed(&form.with_raised([], &ledger), &sheet(&ledger, &sealed), fonts)?;
    Ok(PrintedSeal { sealed, pdf })
}

/// The entries that the seal holds.
fn as_sealed(reading: &Reading, entries: u64) -> Result<Ledger, HandoverError> {
    let reference = reading.folder().reference();
    let irregular =
        |fault| CaseError::Fault { reference, fault: countersign_record::journal::Fault::Irregular(fault) };
    let mut sealed = reading.ledger().entries().iter().take(entries as usize).cloned();
    let first = sealed.next().ok_or(HandoverError::NoHome)?;
    let mut ledger = Ledger::begin(first).map_err(irregular)?;
    for entry in sealed {
        ledger.push(entry).map_err(irregular)?;
    }
    Ok(ledger)
}
