//! A stop by whoever holds the case unlocked: by hand, or by a concern of a
//! kind that stops a case.
//!
//! The mark is made first, by [`super::halt::raise`] as for everybody else;
//! the entries follow, since both keys are at hand.

use std::sync::Arc;

use super::CaseError;
use super::halt::{RaiseError, raise};
use super::mark::{Halt, How, SeenAtStop};
use super::unfinished::Unfinished;
use super::unlocked::Unlocked;
use crate::procedure::{Deed, Permit};
use countersign_record::journal::{At, Body, Concern, Response};

impl Unlocked<'_> {
    /// Stops the case. A stop that the disk does not take is held in memory,
    /// and stops it for this program.
    ///
    /// # Errors
    /// [`CaseError::NotStopped`] where there is no such case any more.
    pub fn halt(&mut self, halt: Halt) -> Result<(), CaseError> {
        match raise(self.folder(), halt, self.around.clock) {
            Ok(raised) => {
                if let Some(error) = raised.unnoted {
                    self.leave_unfinished(Unfinished::Halt { error: Arc::new(error) });
                }
                Ok(())
            }
            Err(RaiseError::Held { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts on record that the case was stopped, with what the program saw
    /// then. Where somebody did so before, that stands as it is.
    ///
    /// # Errors
    /// As [`Unlocked::append`].
    pub fn journal_stop(&mut self, seen: SeenAtStop) -> Result<(), CaseError> {
        self.seen_at_stop = seen;
        let journaled = self.journal_raised();
        // It is of this stop, and of no later one.
        self.seen_at_stop = SeenAtStop::default();
        journaled
    }

    /// Adds a concern. Choosing a category that stops the case is the halt:
    /// its mark is made first, so that nothing can be recorded any more
    /// whatever becomes of the entry.
    ///
    /// # Errors
    /// As [`Unlocked::append`]; [`CaseError::StoppedOnly`] where the case is
    /// stopped and the words are not on record yet.
    pub fn concern(&mut self, permit: Permit, concern: Concern) -> Result<u64, CaseError> {
        if concern.category.response == Response::Record {
            return self.append(permit, Body::Concern(concern));
        }
        self.halt(halt_of(&concern))?;
        self.append(permit, Body::Concern(concern)).map_err(|error| self.stopped_only(error))
    }

    /// Adds a concern without a permit that was asked for before: a category
    /// that stops the case stops it whether it can be asked or not.
    ///
    /// # Errors
    /// As [`Unlocked::concern`].
    pub fn record_concern(&mut self, concern: Concern) -> Result<u64, CaseError> {
        if concern.category.response == Response::Record {
            let permit = self.permit(Deed::Concern(concern.category.id.clone()))?;
            return self.append(permit, Body::Concern(concern));
        }
        self.halt(halt_of(&concern))?;
        self.describe_stop(concern)
    }

    /// Adds the concern by which the case was stopped before.
    ///
    /// # Errors
    /// [`CaseError::StoppedOnly`].
    pub fn describe_stop(&mut self, concern: Concern) -> Result<u64, CaseError> {
        let permit = self.permit(Deed::Concern(concern.category.id.clone()));
        let described = permit.and_then(|permit| self.append(permit, Body::Concern(concern)));
        described.map_err(|error| self.stopped_only(error))
    }

    pub(super) fn stopped_only(&self, error: CaseError) -> CaseError {
        CaseError::StoppedOnly { reference: self.folder().reference(), error: Box::new(error) }
    }
}

fn halt_of(concern: &Concern) -> Halt {
    let place = match &concern.at {
        At::Url(url) => url.to_string(),
        At::Exhibit(label) => label.to_string(),
    };
    Halt {
        category: Some(concern.category.id.to_string()),
        place: Some(place),
        description: Some(concern.description.to_string()),
        how: How::ByConcern,
        by: None,
    }
}
