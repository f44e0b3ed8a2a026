//! What a pack is made of.
//!
//! Texts are for people and in their words; ids are for machines.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use countersign_record::journal::{self, Concerns, Id, Line, Response, Text};

/// A stage of every case. Packs describe the stages; they cannot add or drop
/// one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Is something illegal suspected?
    Gate,
    /// Who looks, on which computer, and why.
    Open,
    /// Visits, kept pages, files brought in, concerns, notes.
    Review,
    /// Nothing more is recorded.
    Halt,
    /// The computer is left as it is.
    Isolate,
    /// The police and others are told.
    Refer,
    /// Substance or not.
    Judge,
    /// What follows.
    Act,
    /// The sheet that is signed in ink.
    Form,
    /// The bundle that can be checked.
    Seal,
    /// Who got it.
    HandOver,
    /// How long it is kept.
    Archive,
}

impl Stage {
    /// All stages, in the default order.
    pub const ALL: [Stage; 12] = [
        Stage::Gate,
        Stage::Open,
        Stage::Review,
        Stage::Halt,
        Stage::Isolate,
        Stage::Refer,
        Stage::Judge,
        Stage::Act,
        Stage::Form,
        Stage::Seal,
        Stage::HandOver,
        Stage::Archive,
    ];

    /// The id, as packs and `--json` spell it.
    pub fn id(self) -> &'static str {
        match self {
            Stage::Gate => "gate",
            Stage::Open => "open",
            Stage::Review => "review",
            Stage::Halt => "halt",
            Stage::Isolate => "isolate",
            Stage::Refer => "refer",
            Stage::Judge => "judge",
            Stage::Act => "act",
            Stage::Form => "form",
            Stage::Seal => "seal",
            Stage::HandOver => "hand-over",
            Stage::Archive => "archive",
        }
    }
}

/// What a stage asks of the two reviewers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which stage this is.
    pub id: Stage,
    /// Its name on the task list.
    pub title: Line,
    /// What to do, one instruction each.
    #[serde(rename = "do")]
    pub instructions: Vec<Line>,
    /// Policy and heading.
    pub source: Line,
    /// What both confirm for it when they open the case.
    #[serde(default)]
    pub confirmations: Vec<Confirmation>,
}

/// A statement that both reviewers make when they open a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The name under which it is recorded.
    pub id: Id,
    /// What they say.
    pub statement: Line,
    /// Policy and heading.
    pub source: Line,
}

impl Confirmation {
    /// As entry 1 names it.
    pub fn recorded(&self) -> journal::Confirmation {
        let statement = Text::typed(self.statement.as_str()).expect("a line is a text");
        journal::Confirmation { id: self.id.clone(), statement }
    }
}

/// What a concern can be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// The id, as `--category` takes it.
    pub id: Id,
    /// What people read.
    pub label: Line,
    /// When to choose another one.
    #[serde(default)]
    pub help: Option<Line>,
    /// What choosing it does.
    pub response: Response,
    /// The heading under which it is listed.
    pub group: Line,
    /// Who deals with it in the school, where the policy says so.
    #[serde(default)]
    pub handled_by: Option<Line>,
    /// Policy and heading.
    pub source: Line,
}

impl Category {
    /// Whether choosing it is itself the halt.
    pub fn halts(&self) -> bool {
        self.response != Response::Record
    }

    /// As entries name it.
    pub fn recorded(&self) -> journal::Category {
        journal::Category { id: self.id.clone(), label: self.label.clone(), response: self.response }
    }
}

/// Someone to whom a case can be referred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The id, as `--to` takes it.
    pub id: Id,
    /// What kind of body it is.
    pub to: RouteTo,
    /// Whom.
    pub name: Line,
    /// How they are reached.
    pub how: Line,
    /// Why it applies.
    pub why: Line,
    /// How soon, where it applies.
    pub due: RouteDue,
    /// The working days of `within-working-days`.
    #[serde(default)]
    pub working_days: Option<u8>,
    /// Only for these responses; for all when empty.
    #[serde(default)]
    pub responses: Vec<Response>,
    /// Only for these categories; for all when empty.
    #[serde(default)]
    pub categories: Vec<Id>,
    /// Only for these subjects; for all when empty.
    #[serde(default)]
    pub subjects: Vec<Concerns>,
    /// Policy and heading.
    pub source: Line,
}

impl Route {
    /// Whether it applies to a concern of `category` about a `subject`.
    pub fn applies(&self, category: &Category, subject: Concerns) -> bool {
        (self.responses.is_empty() || self.responses.contains(&category.response))
            && (self.categories.is_empty() || self.categories.contains(&category.id))
            && (self.subjects.is_empty() || self.subjects.contains(&subject))
    }
}

/// What kind of body a route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteTo {
    /// The police, or a part of them.
    Police,
    /// The local authority.
    LocalAuthority,
    /// Someone in the school.
    Internal,
    /// Anyone else.
    Other,
}

/// How soon a route that applies is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteDue {
    /// Without delay.
    AtOnce,
    /// Within so many working days.
    WithinWorkingDays,
    /// Where the two reviewers see that its reason holds.
    IfNeeded,
}

/// What can follow from a judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Which of the three.
    pub id: OutcomeId,
    /// What people read.
    pub label: Line,
    /// Policy and heading.
    pub source: Line,
}

/// The three outcomes that the policies know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeId {
    /// Internal response or discipline.
    Internal,
    /// Local authority or another body.
    LocalAuthority,
    /// The police.
    Police,
}

impl OutcomeId {
    /// All three.
    pub const ALL: [OutcomeId; 3] = [OutcomeId::Internal, OutcomeId::LocalAuthority, OutcomeId::Police];

    /// The id, as `--route` takes it.
    pub fn id(self) -> &'static str {
        match self {
            OutcomeId::Internal => "internal",
            OutcomeId::LocalAuthority => "local-authority",
            OutcomeId::Police => "police",
        }
    }
}

/// A sanction that the policy lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sanction {
    /// The name under which it is recorded.
    pub id: Id,
    /// What people read.
    pub label: Line,
    /// Whom it can be used for.
    pub subjects: Vec<Concerns>,
    /// Policy and heading.
    pub source: Line,
}

/// What the form calls its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the label of the field that it names")]
pub struct FormLabels {
    pub title: Line,
    pub subtitle: Line,
    pub group: Line,
    pub date: Line,
    pub reason: Line,
    pub first_reviewer: Line,
    pub second_reviewer: Line,
    pub name: Line,
    pub position: Line,
    pub signature: Line,
    pub computer: Line,
    pub address: Line,
    pub concern: Line,
    pub conclusion: Line,
    pub source: Line,
}

/// How long a class of cases is kept before someone looks at it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The id, as `--retention` takes it.
    pub id: Id,
    /// What people read.
    pub label: Line,
    /// The rule in words.
    pub rule: Line,
    /// The years of the rule.
    pub years: u8,
    /// Where the years begin.
    pub from: RetentionFrom,
    /// Policy and heading, or where else the rule comes from.
    pub source: Line,
}

impl Retention {
    /// The day on which the case is looked at again, counted from `start`.
    pub fn review_day(&self, start: NaiveDate) -> Option<NaiveDate> {
        start.checked_add_months(Months::new(u32::from(self.years) * 12))
    }

    /// As entries name it.
    pub fn recorded(&self) -> journal::Retention {
        journal::Retention { id: self.id.clone(), label: self.label.clone() }
    }
}

/// Where the years of a retention rule begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetentionFrom {
    /// The day on which the case is archived.
    Archiving,
    /// The child's date of birth, which the reviewers look up.
    DateOfBirth,
}

/// How one kind of computer or device is left for the police.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Isolation {
    /// The kind.
    pub id: Id,
    /// What people read.
    pub label: Line,
    /// What to do, one instruction each.
    #[serde(rename = "do")]
    pub instructions: Vec<Line>,
    /// Policy and heading.
    pub source: Line,
}
