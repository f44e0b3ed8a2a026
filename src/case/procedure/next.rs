//! The next right steps of a case, the most pressing first.

use super::deed::Verb;
use super::pack::{Route, RouteTo, Stage};
use super::state::{Halting, State};
use countersign_record::clock::Time;
use countersign_record::journal::{Answer, Id, Restraint};

/// A step that is right to take next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// What to do, by name.
    pub verb: Verb,
    /// The stage that it belongs to.
    pub stage: Stage,
    /// The route to take, where it is a referral that is due.
    pub route: Option<Id>,
    /// What to do, in one plain sentence.
    pub words: String,
}

impl State<'_> {
    /// What is right to do next. Empty when the case is filed and nothing is
    /// left to do.
    pub fn next(&self) -> Vec<NextStep> {
        if self.raised != Restraint::None {
            return vec![step(
                Verb::Halt,
                Stage::Halt,
                "Unlock the case together, so that the stop is put on record.",
            )];
        }
        let mut next = Vec::new();
        if self.last_halt().is_some() {
            self.after_a_halt(&mut next);
        } else {
            if self.judged.is_none() {
                self.during_the_review(&mut next);
            }
            self.referrals(&mut next);
        }
        if self.filed().is_some() {
            // What is due stays due when the case is filed; what else could be
            // said is nobody's task any more.
            next.retain(|step| {
                matches!(step.verb, Verb::Refer | Verb::Halt | Verb::SayOfStop | Verb::Isolate)
            });
        }
        self.actions(&mut next);
        self.towards_the_file(&mut next);
        next
    }

    /// The same at `now`, with the review of a filed case whose day has come.
    /// What is due then is always among it.
    pub fn next_at(&self, now: Time) -> Vec<NextStep> {
        let mut next = self.next();
        if self.review_reached(now).is_some() {
            let words = "The day of review has come: look at the case together, and file it anew.";
            next.push(step(Verb::Archive, Stage::Archive, words));
        }
        next
    }

    /// The routes that apply to what was found so far, whether they are due
    /// or left to the reviewers, in the pack's order.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        let found = self.found();
        self.pack.routes().iter().filter(move |route| {
            found.iter().any(|id| {
                self.pack.category(id.as_str()).is_some_and(|category| route.applies(category, self.concerns))
            })
        })
    }

    /// Whether somebody of the police was told.
    pub fn police_told(&self) -> bool {
        self.referred.iter().any(|told| self.is_police(&told.route))
    }

    pub(super) fn is_police(&self, route: &Id) -> bool {
        self.pack.route(route.as_str()).is_some_and(|route| route.to == RouteTo::Police)
    }

    fn during_the_review(&self, next: &mut Vec<NextStep>) {
        let judge = step(
            Verb::Judge,
            Stage::Judge,
            "When you have seen enough, decide together whether the concern has substance.",
        );
        if self.recorded.is_empty() {
            next.push(step(Verb::Keep, Stage::Review, "Keep the pages that matter."));
            next.push(step(
                Verb::Attach,
                Stage::Review,
                "Add files, such as monitoring reports or photos of a device.",
            ));
            next.push(step(
                Verb::Concern,
                Stage::Review,
                "Say where the concern is and what is wrong there.",
            ));
            next.push(step(Verb::Note, Stage::Review, "Write a note."));
            next.extend(self.reviewed.map(|_| judge));
        } else {
            next.push(judge);
            next.push(step(Verb::Keep, Stage::Review, "Or keep more pages that matter."));
            next.push(step(Verb::Attach, Stage::Review, "Or add more files."));
            next.push(step(Verb::Concern, Stage::Review, "Or describe a further concern."));
            next.push(step(Verb::Note, Stage::Review, "Or write a note."));
        }
    }

    /// In the order of the pack's task list.
    fn after_a_halt(&self, next: &mut Vec<NextStep>) {
        if self.is_unsaid_what_it_is_about() {
            next.push(step(
                if self.halts.is_empty() { Verb::Halt } else { Verb::SayOfStop },
                Stage::Halt,
                "Say what kind of material it is about, from what you know already. Do not look again.",
            ));
        }
        for described in self.pack.steps() {
            match described.id {
                Stage::Isolate if !self.isolated => {
                    next.push(step(Verb::Isolate, Stage::Isolate, "Leave the computer as it is, cut it off from the network, and write down what you did."));
                }
                Stage::Refer => self.referrals(next),
                _ => {}
            }
        }
        if self.judged.is_none() {
            let words = match self.answered() {
                None => {
                    "When the police have answered, write down what they found, and then what you decide."
                }
                Some(Answer::Confirmed) => "The police go on with it. Write down what you decide.",
                Some(Answer::NotConfirmed) => {
                    "The police did not confirm it, so the case goes on by your school's own procedures. Write down what you decide."
                }
            };
            next.push(step(Verb::Judge, Stage::Judge, words));
        }
        if self.answered() == Some(Answer::NotConfirmed) {
            next.push(step(
                Verb::Open,
                Stage::Open,
                "This case stays stopped. If there is more to look at, open a new case that names this one.",
            ));
        }
    }

    /// Whether nobody has said what the stop is about: by a category, or in
    /// words of its entry as a whole.
    pub(super) fn is_unsaid_what_it_is_about(&self) -> bool {
        let is_spoken_of =
            |halt: &Halting| self.ledger.current(halt.entry).is_some_and(|stop| !stop.marks().is_empty());
        self.halts.iter().all(|halt| halt.category.is_none() && !is_spoken_of(halt))
    }

    fn referrals(&self, next: &mut Vec<NextStep>) {
        for route in self.outstanding_routes() {
            let words = format!("Tell {}, and write down whom you spoke to. {}", route.name, route.how);
            let route = Some(route.id.clone());
            next.push(NextStep { verb: Verb::Refer, stage: Stage::Refer, route, words });
        }
    }

    fn actions(&self, next: &mut Vec<NextStep>) {
        if self.action_is_missing() {
            next.push(step(
                Verb::Act,
                Stage::Act,
                "Write down what follows: in the school, with the local authority, or with the police.",
            ));
        }
        for outcome in self.proposed() {
            let label = self.pack.outcomes().iter().find(|known| known.id == outcome);
            let label = label.map_or(outcome.id(), |known| known.label.as_str());
            let words = format!("Do what was proposed ({label}), and write down that it is done.");
            next.push(NextStep { verb: Verb::Act, stage: Stage::Act, route: None, words });
        }
    }

    fn towards_the_file(&self, next: &mut Vec<NextStep>) {
        let seal = |words| step(Verb::Seal, Stage::Seal, words);
        match (self.current_seal(), self.seals.last()) {
            (None, Some(_)) => {
                next.push(seal(
                    "Print the form and seal the case again: the last seal lacks what was added since.",
                ));
            }
            (None, None) if self.decided().is_some() => {
                next.push(seal("Print the form and seal the case."));
            }
            (None, None) => {}
            (Some(_), _) if self.filed_before_the_seal() => next.push(step(
                Verb::Archive,
                Stage::Archive,
                "The case was sealed again: confirm how it is filed, and the day of review.",
            )),
            (Some(_), _) if self.filed().is_some() => {}
            (Some(current), _) => {
                if !self.handed_over.contains(&current) {
                    next.push(step(
                        Verb::HandOver,
                        Stage::HandOver,
                        "Hand over a copy, where someone needs one.",
                    ));
                }
                next.push(step(Verb::Archive, Stage::Archive, "File the case: how long is it kept?"));
            }
        }
    }

    fn action_is_missing(&self) -> bool {
        self.acted.is_empty() && self.judged.is_some_and(|judged| judged.substance)
    }
}

pub(super) fn step(verb: Verb, stage: Stage, words: &str) -> NextStep {
    NextStep { verb, stage, route: None, words: words.to_owned() }
}
