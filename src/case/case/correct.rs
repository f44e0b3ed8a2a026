//! Corrects an earlier entry by a new one.
//!
//! What may be corrected, and to what, is for the journal and the procedure.

use super::CaseError;
use super::mark::{Halt, How};
use super::unlocked::Unlocked;
use crate::procedure::Permit;
use countersign_record::journal::{At, Body, Corrected, Ledger};

impl Unlocked<'_> {
    /// Corrects an earlier entry. To a category that stops the case, or stops
    /// it more strictly, it is the halt: its mark is made first, as with a
    /// concern, so that nothing can be recorded any more whatever becomes of
    /// the entry.
    ///
    /// # Errors
    /// As [`Unlocked::append`]; [`CaseError::StoppedOnly`] where the case is
    /// stopped and the correction is not on record yet.
    pub fn correct(&mut self, permit: Permit, corrected: Corrected) -> Result<u64, CaseError> {
        let Some(halt) = stop_by(self.ledger(), &corrected) else {
            return self.append(permit, Body::Corrected(corrected));
        };
        // Nobody stops a case by what the procedure would not take.
        self.state()?.honour(&permit, &Body::Corrected(corrected.clone()))?;
        self.halt(halt)?;
        let kept = self.append(permit, Body::Corrected(corrected));
        kept.map_err(|error| self.stopped_only(error))
    }
}

/// The stop that a correction is; none where it stops nothing. It MUST be
/// raised before the correction is signed.
pub fn stop_by(ledger: &Ledger, corrected: &Corrected) -> Option<Halt> {
    let category = corrected.stops()?;
    let target = ledger.current(corrected.entry);
    let (place, description) = match target.map(|target| target.body()) {
        Some(Body::Concern(concern)) => {
            let place = match &concern.at {
                At::Url(url) => url.to_string(),
                At::Exhibit(label) => label.to_string(),
            };
            (Some(place), Some(concern.description.to_string()))
        }
        Some(Body::Halted(halted)) => (
            halted.place.as_ref().map(ToString::to_string),
            halted.description.as_ref().map(ToString::to_string),
        ),
        _ => (None, None),
    };
    Some(Halt { category: Some(category.id.to_string()), place, description, by: None, how: How::ByConcern })
}
