//! A pack: one documented procedure as a school wrote it, read from TOML.
//!
//! A pack changes the words, the order of the task list, the categories and
//! the routes. It cannot switch off a rule: [`Pack::parse`] refuses one that
//! tries (`floor`). It opens no files; the caller hands in the bytes.

mod floor;
mod parse;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::journal::{self, Concerns, Id, Line, Response, Text};

pub use parse::{PackError, PackProblem};

/// A procedure that was read and that keeps every rule that no pack can
/// switch off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    text: PackText,
    bytes: Vec<u8>,
}

impl Pack {
    /// Reads a pack, and refuses one that switches off a rule.
    pub fn parse(text: &str) -> Result<Pack, PackError> {
        let (pack, lines) = Pack::read(text)?;
        match BUILT_IN.iter().find(|(id, _)| *id == pack.id().as_str()) {
            Some((_, built_in)) if *built_in != text => Err(lines.of_key("id", PackProblem::BuiltInId)),
            _ => Ok(pack),
        }
    }

    /// Reads the pack that a case was opened under. It can be a built-in one
    /// as an earlier version of Countersign had it.
    pub fn of_case(text: &str) -> Result<Pack, PackError> {
        Ok(Pack::read(text)?.0)
    }

    fn read(text: &str) -> Result<(Pack, parse::Lines), PackError> {
        let (pack, lines) = parse::read(text)?;
        floor::hold(&pack, &lines)?;
        Ok((Pack { text: pack, bytes: text.as_bytes().to_vec() }, lines))
    }

    /// The pack of that id among those that come with Countersign.
    pub fn built_in(id: &str) -> Option<Pack> {
        let (_, text) = BUILT_IN.iter().find(|(name, _)| *name == id)?;
        Some(Pack::parse(text).expect("a test parses every built-in pack"))
    }

    /// The ids of the packs that come with Countersign, the default first.
    pub fn built_in_ids() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(id, _)| *id)
    }

    /// The bytes of a built-in pack, for a school to start its own from.
    pub fn built_in_text(id: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
    }

    /// The bytes that the pack was read from.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes that the pack was read from.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// The id, as `--procedure` takes it.
    pub fn id(&self) -> &Id {
        &self.text.id
    }

    /// What the procedure is called.
    pub fn title(&self) -> &Line {
        &self.text.title
    }

    /// Which policy it follows.
    pub fn source(&self) -> &Line {
        &self.text.source
    }

    /// The steps in the order of this procedure's task list.
    pub fn steps(&self) -> &[Step] {
        &self.text.steps
    }

    /// What this procedure says about `stage`.
    pub fn step(&self, stage: Stage) -> &Step {
        let step = self.text.steps.iter().find(|step| step.id == stage);
        step.expect("the floor requires every stage")
    }

    /// Everything that both reviewers confirm when they open a case.
    pub fn confirmations(&self) -> impl Iterator<Item = &Confirmation> {
        self.text.steps.iter().flat_map(|step| &step.confirmations)
    }

    /// What a concern can be about.
    pub fn categories(&self) -> &[Category] {
        &self.text.categories
    }

    /// The category of that id.
    pub fn category(&self, id: &str) -> Option<&Category> {
        self.text.categories.iter().find(|category| category.id.as_str() == id)
    }

    /// The category that holds where none was chosen.
    pub fn strictest(&self) -> &Category {
        self.category(floor::CHILD_ABUSE_IMAGES).expect("the floor requires it")
    }

    /// Whom a case can be referred to.
    pub fn routes(&self) -> &[Route] {
        &self.text.routes
    }

    /// The route of that id.
    pub fn route(&self, id: &str) -> Option<&Route> {
        self.text.routes.iter().find(|route| route.id.as_str() == id)
    }

    /// The routes that apply to a concern of `category` about a `subject`.
    pub fn routes_for(&self, category: &Category, subject: Concerns) -> impl Iterator<Item = &Route> {
        self.text.routes.iter().filter(move |route| route.applies(category, subject))
    }

    /// What can follow from a judgement, all three.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.text.outcomes
    }

    /// The sanctions that the policy lists, if it lists any.
    pub fn sanctions(&self) -> &[Sanction] {
        &self.text.sanctions
    }

    /// What the form calls its fields.
    pub fn form(&self) -> &FormLabels {
        &self.text.form
    }

    /// How long cases are kept.
    pub fn retention(&self) -> &[Retention] {
        &self.text.retention
    }

    /// The retention class of that id.
    pub fn retention_class(&self, id: &str) -> Option<&Retention> {
        self.text.retention.iter().find(|class| class.id.as_str() == id)
    }

    /// What to do with each kind of computer or device after a halt.
    pub fn isolation(&self) -> &[Isolation] {
        &self.text.isolation
    }
}

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

/// The file as it is written, before the floor was held against it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackText {
    #[serde(rename = "format")]
    _format: parse::Format,
    id: Id,
    title: Line,
    source: Line,
    steps: Vec<Step>,
    categories: Vec<Category>,
    routes: Vec<Route>,
    outcomes: Vec<Outcome>,
    #[serde(default)]
    sanctions: Vec<Sanction>,
    form: FormLabels,
    retention: Vec<Retention>,
    isolation: Vec<Isolation>,
}

const BUILT_IN: [(&str, &str); 4] = [
    ("uk-schools", include_str!("../packs/uk-schools.toml")),
    ("policy-000", include_str!("../packs/policy-000.toml")),
    ("policy-002", include_str!("../packs/policy-002.toml")),
    ("policy-004", include_str!("../packs/policy-004.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_pack_parses_under_its_id() {
        for (id, text) in BUILT_IN {
            let pack = Pack::parse(text).unwrap_or_else(|e| panic!("{id}: {e}"));
            assert_eq!(pack.id().as_str(), id);
            assert_eq!(pack.digest(), Digest::of(text.as_bytes()));
        }
    }
}
