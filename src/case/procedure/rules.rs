//! The rules, in one place.
//!
//! No pack can switch one off: a pack only says what there is to choose from.

use super::deed::Deed;
use super::pack::{Category, OutcomeId};
use super::refusal::{Unknown, Why};
use super::state::State;
use countersign_record::journal::{Body, Change, Corrected, Id, Response, Restraint, Value};

impl State<'_> {
    /// Whether `deed` is allowed now.
    pub(super) fn ruling(&self, deed: &Deed) -> Result<(), Why> {
        match deed {
            Deed::Tell => return Ok(()),
            Deed::Halt(None) => return Ok(()),
            _ if self.other_pack => return Err(Why::OtherPack),
            Deed::Halt(Some(id)) => return self.ruling_on_halt(id),
            // It is a halt itself.
            Deed::Concern(id) if self.category(id)?.halts() => return Ok(()),
            // So is this.
            Deed::Correct(entry, Some(change)) if change.stops().is_some() => {
                return self.ruling_on_correction(*entry, change);
            }
            _ if self.raised != Restraint::None => return Err(Why::HaltRaised),
            // Nobody is held up who tells the police.
            Deed::Refer(route) => return self.known_route(route),
            Deed::Note | Deed::Correct(_, None) => return self.room(MOST_NOTED),
            Deed::Correct(entry, Some(change)) => {
                self.ruling_on_correction(*entry, change)?;
                return self.room(MOST_NOTED);
            }
            Deed::HandOver(seal) => return self.ruling_on_hand_over(*seal),
            Deed::Archive(class) => return self.ruling_on_archive(class),
            _ => {}
        }
        // What follows can be written down for ever; the review is over.
        if let Some(filed) = self.filed()
            && (self.is_recording(deed) || (*deed == Deed::Isolate && self.halted_at().is_none()))
        {
            return Err(Why::Archived { entry: filed.entry });
        }
        match deed {
            Deed::Visit | Deed::Keep | Deed::Attach | Deed::Concern(_) => self.ruling_on_recording(),
            Deed::Isolate => match (self.halted_at(), self.substance()) {
                (None, None | Some(false)) => Err(Why::NotHalted),
                _ => Ok(()),
            },
            Deed::Judge if self.halted_at().is_none() && self.reviewed.is_none() => Err(Why::NothingReviewed),
            Deed::Act(id) => self.ruling_on_act(id),
            Deed::Seal if self.halted_at().is_none() && self.judged.is_none() => Err(Why::NotJudged),
            _ => Ok(()),
        }
    }

    fn ruling_on_halt(&self, id: &Id) -> Result<(), Why> {
        let category = self.category(id)?;
        match category.response {
            Response::Record => Err(Why::DoesNotHalt { category: id.clone() }),
            Response::Police if self.raised == Restraint::Withhold => Err(Why::MilderThanRaised),
            _ => Ok(()),
        }
    }

    fn ruling_on_recording(&self) -> Result<(), Why> {
        match (self.halted_at(), self.first_judged) {
            (Some(entry), _) => Err(Why::Halted { entry }),
            (None, Some(entry)) => Err(Why::ReviewClosed { entry }),
            (None, None) => self.room(MOST_RECORDED),
        }
    }

    /// Whether a bundle has room for more, so that every case can be sealed.
    fn room(&self, most: u64) -> Result<(), Why> {
        if self.members < most { Ok(()) } else { Err(Why::Full { members: self.members }) }
    }

    pub(super) fn ruling_on_act(&self, id: &Id) -> Result<(), Why> {
        let outcome = self.pack.outcomes().iter().find(|outcome| outcome.id.id() == id.as_str());
        let Some(outcome) = outcome else {
            return Err(Why::Unknown { what: Unknown::Outcome, id: id.clone() });
        };
        match (self.halted_at(), &self.judged) {
            (None, None) => Err(Why::NotJudged),
            (None, Some(judged)) if !self.may_act(outcome.id) => {
                Err(Why::NoSubstance { entry: judged.entry })
            }
            _ => Ok(()),
        }
    }

    /// Whether the last judgement leaves this way open.
    pub(super) fn may_act(&self, outcome: OutcomeId) -> bool {
        self.halted_at().is_some()
            || outcome == OutcomeId::Internal
            || self.judged.is_some_and(|judged| judged.substance)
    }

    fn ruling_on_hand_over(&self, seal: u32) -> Result<(), Why> {
        let place = usize::try_from(seal).ok().and_then(|n| n.checked_sub(1));
        let Some((entry, _)) = place.and_then(|place| self.seals.get(place)) else {
            return Err(Why::NotSealed { seal });
        };
        if self.unbundled.contains(&seal) {
            return Err(Why::NoBundle { seal });
        }
        match self.withheld_at() {
            Some(halt) if *entry < halt => Err(Why::SealBeforeHalt { seal, halt }),
            _ => Ok(()),
        }
    }

    fn ruling_on_archive(&self, class: &Id) -> Result<(), Why> {
        if self.pack.retention_class(class.as_str()).is_none() {
            return Err(Why::Unknown { what: Unknown::Retention, id: class.clone() });
        }
        match (self.current_seal(), self.seals.is_empty()) {
            (Some(_), _) => Ok(()),
            // A hold for the law waits for no new seal.
            (None, _) if self.filed().is_some() => Ok(()),
            (None, true) => Err(Why::NotSealed { seal: 1 }),
            (None, false) if self.unbundled.last().is_some_and(|seal| *seal as usize == self.seals.len()) => {
                Err(Why::NoBundle { seal: self.seals.len() as u32 })
            }
            (None, false) => Err(Why::SealOutdated { entry: self.spoken }),
        }
    }

    pub(super) fn known_route(&self, id: &Id) -> Result<(), Why> {
        match self.pack.route(id.as_str()) {
            Some(_) => Ok(()),
            None => Err(Why::Unknown { what: Unknown::Route, id: id.clone() }),
        }
    }

    pub(super) fn category(&self, id: &Id) -> Result<&Category, Why> {
        let unknown = || Why::Unknown { what: Unknown::Category, id: id.clone() };
        self.pack.category(id.as_str()).ok_or_else(unknown)
    }

    pub(super) fn is_recording(&self, deed: &Deed) -> bool {
        match deed {
            Deed::Visit | Deed::Keep | Deed::Attach => true,
            Deed::Concern(id) => self.pack.category(id.as_str()).is_some_and(|category| !category.halts()),
            _ => false,
        }
    }

    /// Whether a category is written as the pack has it, so that an entry
    /// cannot lend it a milder response.
    pub(super) fn as_in_pack(&self, body: &Body) -> bool {
        let written = match body {
            Body::Concern(concern) => Some(&concern.category),
            Body::Halted(halted) => halted.category.as_ref(),
            Body::Corrected(Corrected {
                change: Some(Change { now: Some(Value::Category(category)), .. }),
                ..
            }) => Some(category),
            _ => None,
        };
        written.is_none_or(|written| {
            self.pack.category(written.id.as_str()).is_some_and(|category| category.recorded() == *written)
        })
    }
}

/// Files of a bundle beyond which nothing more is recorded, and beyond which no
/// note is made: the rest are for the end of the case. Three are one entry.
pub const MOST_RECORDED: u64 = countersign_record::bundle::zip::MOST_MEMBERS as u64 - 6_000;
const MOST_NOTED: u64 = countersign_record::bundle::zip::MOST_MEMBERS as u64 - 2_000;
