//! What the register says of one case.

use serde::{Serialize, Serializer};

use super::words;
use crate::case::{CaseError, Reading};
use crate::clock::Time;
use crate::journal::{self, Body, Category, Concerns, Hold, Ledger, Line, Name, Reference, Seen};
use crate::procedure::{Due, Phase, Reminder, State};

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its reference.
    pub reference: Reference,
    /// What is known of it.
    #[serde(flatten)]
    pub known: Known,
}

/// What is known of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Known {
    /// It was read and found whole.
    Read(Box<Case>),
    /// It was not.
    Unread {
        /// Why, in one line.
        fault: Seen,
    },
}

/// A case that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// When it was opened.
    pub opened: Time,
    /// Real or practice.
    pub standing: journal::Standing,
    /// The earlier case that it follows.
    pub follows: Option<Reference>,
    /// Where it stands.
    #[serde(serialize_with = "phase_id")]
    pub phase: Phase,
    /// The entry that stopped it first.
    pub halted_at: Option<u64>,
    /// Who is concerned.
    pub concerns: Concerns,
    /// The school's own reference for that person.
    pub subject: Name,
    /// What was found so far: the labels of the categories, each once.
    pub categories: Vec<Line>,
    /// The two reviewers, by name.
    pub reviewers: [Name; 2],
    /// Whether the last judgement found substance.
    pub substance: Option<bool>,
    /// How many entries it has.
    pub entries: u64,
    /// The last seal.
    pub seal: Option<LastSeal>,
    /// Who got copies, in order.
    pub handed_over: Vec<HandedTo>,
    /// How it is filed.
    pub filed: Option<Filed>,
    /// What is due, the most pressing first.
    pub due: Vec<DueItem>,
}

/// The last seal of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastSeal {
    /// Its number.
    pub number: u32,
    /// When it was made.
    pub sealed: Time,
    /// Whether it holds the whole record, but for what tells of it.
    pub current: bool,
    /// The same in words.
    pub words: String,
    /// Whether it has a bundle, as far as the record says.
    pub has_bundle: bool,
}

/// Somebody who got a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandedTo {
    /// Of which seal.
    pub seal: u32,
    /// To whom.
    pub to: Name,
    /// Of which organisation.
    pub organisation: Line,
    /// When, as people said it.
    pub when: Line,
}

/// How a case is filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filed {
    /// The label of its retention class.
    pub retention: Line,
    /// The day of review.
    pub review: Line,
    /// Whether it is held for the law.
    pub hold: Hold,
}

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueItem {
    /// What.
    #[serde(serialize_with = "reminder_id")]
    pub what: Reminder,
    /// The same in words.
    pub words: String,
    /// Since when.
    pub since: Option<Time>,
    /// Until when. Without one it is due at once.
    pub by: Option<Time>,
    /// Whether it is late.
    pub overdue: bool,
}

impl Row {
    /// The row of a case as it was read, or of one that could not be.
    pub fn of(reference: Reference, reading: Result<&Reading, &CaseError>, now: Time) -> Row {
        match reading {
            Ok(reading) => Row { reference, known: Known::Read(Box::new(Case::of(reading, now))) },
            Err(CaseError::Missing { .. }) => {
                Row::unread(reference, "its folder is missing, though this computer has kept entries of it")
            }
            Err(error) => Row::unread(reference, &error.to_string()),
        }
    }

    pub(super) fn unread(reference: Reference, fault: &str) -> Row {
        Row { reference, known: Known::Unread { fault: Seen::of(fault) } }
    }
}

impl Case {
    /// What there is to say of a case at `now`.
    pub(super) fn of(reading: &Reading, now: Time) -> Case {
        let ledger = reading.ledger();
        let opened = ledger.opened();
        let state = reading.state();
        Case {
            opened: ledger.entries()[0].time,
            standing: opened.standing,
            follows: opened.follows,
            phase: state.phase(),
            halted_at: state.halted_at(),
            concerns: opened.concerns,
            subject: opened.subject.clone(),
            categories: categories(ledger),
            reviewers: [opened.first.name.clone(), opened.second.name.clone()],
            substance: state.substance(),
            entries: ledger.head(),
            seal: ledger.last_seal().map(|(_, sealed)| LastSeal {
                number: sealed.seal,
                sealed: sealed.sealed_at,
                current: state.current_seal() == Some(sealed.seal),
                words: state.seal_in_words().unwrap_or_default(),
                has_bundle: ledger.unbundled(sealed.seal).is_none(),
            }),
            handed_over: handed_over(ledger),
            filed: filed(ledger, &state),
            due: state.due(now).into_iter().map(|due| item(due, &state, now)).collect(),
        }
    }
}

fn categories(ledger: &Ledger) -> Vec<Line> {
    let mut labels = Vec::new();
    for entry in ledger.entries() {
        let category: Option<&Category> = match &entry.body {
            Body::Concern(concern) => Some(&concern.category),
            Body::Halted(halted) => halted.category.as_ref(),
            _ => None,
        };
        if let Some(category) = category.filter(|category| !labels.contains(&category.label)) {
            labels.push(category.label.clone());
        }
    }
    labels
}

fn handed_over(ledger: &Ledger) -> Vec<HandedTo> {
    let handed = ledger.entries().iter().filter_map(|entry| match &entry.body {
        Body::HandedOver(handed) => Some(handed),
        _ => None,
    });
    let told = handed.map(|handed| HandedTo {
        seal: handed.seal,
        to: handed.to.clone(),
        organisation: handed.organisation.clone(),
        when: handed.when.clone(),
    });
    told.collect()
}

/// The last word on filing. After a halt that came later the case is open
/// again, and a hold for the law stands all the same.
fn filed(ledger: &Ledger, state: &State<'_>) -> Option<Filed> {
    let last = ledger.entries().iter().rev().find_map(|entry| match &entry.body {
        Body::Archived(archived) => Some(archived),
        _ => None,
    })?;
    let counts = state.phase() == Phase::Archived || last.hold == Hold::Legal;
    counts.then(|| Filed {
        retention: last.retention.label.clone(),
        review: last.review.clone(),
        hold: last.hold,
    })
}

fn item(due: Due, state: &State<'_>, now: Time) -> DueItem {
    DueItem {
        words: words::of(&due.reminder, state.pack()),
        since: due.since,
        by: due.by,
        overdue: due.is_overdue(now),
        what: due.reminder,
    }
}

fn phase_id<S: Serializer>(phase: &Phase, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(phase.id())
}

fn reminder_id<S: Serializer>(reminder: &Reminder, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(reminder.id())
}
