//! What the register says of one case.

use serde::{Serialize, Serializer};

use super::words;
use crate::case::{CaseError, Reading};
use crate::procedure::{Due, Phase, Reminder, State};
use countersign_record::clock::Time;
use countersign_record::journal::{
    self, Annotated, Body, Category, Concerns, CorrectedValue, Hold, Ledger, Line, Name, Reference, Seen,
    Side,
};

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
    pub follows: Option<Annotated<Reference>>,
    /// Where it stands.
    #[serde(serialize_with = "phase_id")]
    pub phase: Phase,
    /// The entry that stopped it first.
    pub halted_at: Option<u64>,
    /// Who is concerned.
    pub concerns: Annotated<Concerns>,
    /// The school's own reference for that person.
    pub subject: Annotated<Name>,
    /// What was found so far: the labels of the categories, each once.
    pub categories: Vec<Annotated<Line>>,
    /// The two reviewers, by name.
    pub reviewers: [Annotated<String>; 2],
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
    /// What was corrected in its record.
    pub corrected: Vec<CorrectedValue>,
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
    pub to: Annotated<Name>,
    /// Of which organisation.
    pub organisation: Annotated<Line>,
    /// When, as people said it.
    pub when: Annotated<Line>,
}

/// How a case is filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filed {
    /// The label of its retention class.
    pub retention: Annotated<Line>,
    /// The day of review.
    pub review: Annotated<Line>,
    /// Whether it is held for the law.
    pub hold: Annotated<Hold>,
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
        let first = ledger.now(&ledger.entries()[0]);
        let state = reading.state();
        Case {
            opened: ledger.entries()[0].time,
            standing: opened.standing,
            follows: opened.follows.map(|earlier| first.annotated("follows", earlier)),
            phase: state.phase(),
            halted_at: state.halted_at(),
            concerns: first.annotated("concerns", opened.concerns),
            subject: first.annotated("subject", opened.subject.clone()),
            categories: categories(ledger),
            reviewers: Side::BOTH.map(|side| ledger.reviewer_name(side)),
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
            corrected: ledger.corrected(),
            due: state.due(now).into_iter().map(|due| item(due, &state, now)).collect(),
        }
    }
}

fn categories(ledger: &Ledger) -> Vec<Annotated<Line>> {
    let mut labels = Vec::new();
    for entry in ledger.entries() {
        let now = ledger.now(entry);
        let category: Option<&Category> = match now.body() {
            Body::Concern(concern) => Some(&concern.category),
            Body::Halted(halted) => halted.category.as_ref(),
            _ => None,
        };
        let label = category.map(|category| now.annotated("category", category.label.clone()));
        labels.extend(label.filter(|label| !labels.contains(label)));
    }
    labels
}

fn handed_over(ledger: &Ledger) -> Vec<HandedTo> {
    let handed = ledger.entries().iter().filter_map(|entry| {
        let now = ledger.now(entry);
        let Body::HandedOver(handed) = now.body() else { return None };
        Some(HandedTo {
            seal: handed.seal,
            to: now.annotated("to", handed.to.clone()),
            organisation: now.annotated("organisation", handed.organisation.clone()),
            when: now.annotated("when", handed.when.clone()),
        })
    });
    handed.collect()
}

/// The last word on filing. After a halt that came later the case is open
/// again, and a hold for the law stands all the same.
fn filed(ledger: &Ledger, state: &State<'_>) -> Option<Filed> {
    let (now, last) = ledger.entries().iter().rev().find_map(|entry| {
        let now = ledger.now(entry);
        match now.body() {
            Body::Archived(archived) => Some((now, archived)),
            _ => None,
        }
    })?;
    let counts = state.phase() == Phase::Archived || last.hold == Hold::Legal;
    counts.then(|| Filed {
        retention: now.annotated("retention", last.retention.label.clone()),
        review: now.annotated("review", last.review.clone()),
        hold: now.annotated("hold", last.hold),
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
