//! What is tried: each pack, category and state.

use std::collections::BTreeSet;

use countersign_case::procedure::Pack;
use countersign_record::digest::Digest;
use countersign_record::journal::{Category, Response};

/// What the stop finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The gate's yes: nobody looks.
    Gate,
    /// Things were kept and brought in; the concern is the stop.
    InReview,
    /// One person raised it; the record does not say so yet.
    Raised,
    /// And somebody removed its mark.
    MarkRemoved,
    Judged,
    FormMade,
    Sealed,
    /// Stopped for the police before, with what was kept on its way to them.
    PoliceFirst,
}

pub const STATES: [State; 8] = [
    State::Gate,
    State::InReview,
    State::Raised,
    State::MarkRemoved,
    State::Judged,
    State::FormMade,
    State::Sealed,
    State::PoliceFirst,
];

pub struct Trial {
    pub pack: &'static str,
    pub category: Category,
    pub state: State,
}

/// Every one there is. A category that only records stops nothing at the gate
/// or by hand.
pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for pack in Pack::built_in_ids() {
        for category in Pack::built_in(pack).expect("is built in").categories() {
            for state in STATES {
                let stops = category.response != Response::Record;
                let by_itself = !matches!(state, State::Gate | State::Raised | State::MarkRemoved);
                if stops || by_itself {
                    trials.push(Trial { pack, category: category.recorded(), state });
                }
            }
        }
    }
    trials
}

/// Every state with every response, in different packs.
pub fn share() -> Vec<Trial> {
    let mut seen = BTreeSet::new();
    let mut trials = trials();
    // So that not all of them are the first category of the first pack.
    trials.sort_by_key(|trial| {
        *Digest::of(format!("{}{}", trial.pack, trial.category.id).as_bytes()).as_bytes()
    });
    trials.retain(|trial| seen.insert((trial.state, trial.category.response)));
    trials
}
