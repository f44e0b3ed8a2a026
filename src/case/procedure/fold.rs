//! One entry after the other into the state of a case.
//!
//! It judges nothing: what was not allowed is noted, and counts.

use super::deed::Deed;
use super::pack::OutcomeId;
use super::state::{Done, Filed, Halting, Irregularity, Judgement, Recorded, State, Told};
use countersign_record::journal::{Body, Corrected, Entry, Halted, Id, Response};

impl State<'_> {
    /// Takes one entry. An entry that was not allowed still happened: it is
    /// noted, and counts.
    pub(super) fn follow(&mut self, entry: &Entry) {
        let number = entry.entry;
        if let Some(deed) = Deed::of(&entry.body)
            && let Err(why) = self.ruling(&deed)
        {
            self.irregularities.push(Irregularity { entry: number, why });
        }
        self.head = number;
        match &entry.body {
            Body::Visited(_) | Body::Kept(_) | Body::Attached(_) | Body::Noted(_) => {
                self.reviewed.get_or_insert(number);
            }
            Body::Concern(concern) => {
                self.reviewed.get_or_insert(number);
                let id = concern.category.id.clone();
                match concern.category.response {
                    Response::Record => {
                        self.recorded.push(Recorded { entry: number, time: entry.time, category: id });
                    }
                    response => self.halt(entry, Some(id), response),
                }
            }
            Body::Halted(halted) => {
                let category = halted.category.as_ref().map(|category| category.id.clone());
                self.halt(entry, category, halted.response());
            }
            Body::Isolated(_) => self.isolated = true,
            Body::Referred(referred) => {
                let (route, answer) = (referred.route.clone(), referred.answer);
                self.referred.push(Told { entry: number, route, answer });
            }
            Body::Judged(judged) => {
                self.first_judged.get_or_insert(number);
                let (time, substance) = (entry.time, judged.substance);
                self.judged = Some(Judgement { entry: number, time, substance });
            }
            Body::Acted(acted) => {
                let outcome = OutcomeId::ALL.into_iter().find(|id| id.id() == acted.route.as_str());
                let (action, time) = (acted.action, entry.time);
                self.acted.extend(outcome.map(|outcome| Done { entry: number, outcome, action, time }));
            }
            Body::Sealed(_) => self.seals.push((number, entry.time)),
            Body::HandedOver(handed) => self.handed_over.push(handed.seal),
            Body::Archived(archived) => {
                self.archived = Some(Filed {
                    entry: number,
                    first: self.filed().map_or(entry.time, |filed| filed.first),
                    retention: archived.retention.id.clone(),
                    review: archived.review.clone(),
                    hold: archived.hold,
                });
            }
            Body::Corrected(corrected) => self.correct(entry, corrected),
            Body::Unbundled(gone) => self.unbundled.push(gone.seal),
            Body::Opened(_)
            | Body::Recording(_)
            | Body::FormMade(_)
            | Body::ClockJumped(_)
            | Body::Recovered(_) => {}
        }
        let tells_of_the_seal = matches!(
            entry.body,
            Body::FormMade(_)
                | Body::Sealed(_)
                | Body::HandedOver(_)
                | Body::Archived(_)
                | Body::Unbundled(_)
        );
        if !tells_of_the_seal {
            self.spoken = number;
        }
    }

    /// What was corrected counts as it stands now.
    fn correct(&mut self, by: &Entry, corrected: &Corrected) {
        let number = corrected.entry;
        match self.ledger.as_of(number, by.entry) {
            Some(Body::Opened(opened)) => self.concerns = opened.concerns,
            Some(Body::Concern(concern)) => {
                let id = concern.category.id;
                if concern.category.response == Response::Record {
                    let mut recorded = self.recorded.iter_mut();
                    if let Some(recorded) = recorded.find(|recorded| recorded.entry == number) {
                        recorded.category = id;
                    }
                } else {
                    self.recorded.retain(|recorded| recorded.entry != number);
                    self.name_halt(by, corrected, id);
                }
            }
            Some(Body::Halted(Halted { category: Some(category), .. })) => {
                self.name_halt(by, corrected, category.id);
            }
            Some(Body::Referred(referred)) => {
                if let Some(told) = self.referred.iter_mut().find(|told| told.entry == number) {
                    (told.route, told.answer) = (referred.route, referred.answer);
                }
            }
            Some(Body::Acted(acted)) => {
                let outcome = OutcomeId::ALL.into_iter().find(|id| id.id() == acted.route.as_str());
                let done = self.acted.iter_mut().find(|done| done.entry == number);
                if let (Some(done), Some(outcome)) = (done, outcome) {
                    (done.outcome, done.action) = (outcome, acted.action);
                }
            }
            Some(Body::Archived(archived)) => {
                if let Some(filed) = self.archived.as_mut().filter(|filed| filed.entry == number) {
                    (filed.review, filed.hold) = (archived.review, archived.hold);
                    filed.retention = archived.retention.id;
                }
            }
            _ => {}
        }
    }

    /// A category that stops: another name for the stop that was made, or,
    /// where it is stricter, a stop of its own.
    fn name_halt(&mut self, by: &Entry, corrected: &Corrected, category: Id) {
        match corrected.stops() {
            Some(stricter) => self.halt(by, Some(category), stricter.response),
            None => {
                if let Some(halt) = self.halts.iter_mut().find(|halt| halt.entry == corrected.entry) {
                    halt.category = Some(category);
                }
            }
        }
    }

    fn halt(&mut self, entry: &Entry, category: Option<Id>, response: Response) {
        // A halt whose category only records cannot be made here; read from
        // elsewhere, it stops nothing.
        if response != Response::Record {
            self.halts.push(Halting { entry: entry.entry, time: entry.time, category, response });
        }
    }
}
