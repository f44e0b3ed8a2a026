//! A pack: one documented procedure as a school wrote it, read from TOML.
//!
//! A pack changes the words, the order of the task list, the categories and
//! the routes. It cannot switch off a rule: [`Pack::parse`] refuses one that
//! tries (`floor`). It opens no files; the caller hands in the bytes.

mod floor;
mod parse;
mod parts;

use serde::Deserialize;

use countersign_record::digest::Digest;
use countersign_record::journal::{Concerns, Id, Line};

pub use parse::{PackError, PackProblem};
pub use parts::{
    Category, Confirmation, FormLabels, Isolation, Outcome, OutcomeId, Retention, RetentionFrom, Route,
    RouteDue, RouteTo, Sanction, Stage, Step,
};

/// Bytes of a pack's file: five times the longest that comes with
/// Countersign.
pub const MAX_PACK: u64 = 256 * 1024;

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
    ("uk-schools", include_str!("packs/uk-schools.toml")),
    ("policy-000", include_str!("packs/policy-000.toml")),
    ("policy-002", include_str!("packs/policy-002.toml")),
    ("policy-004", include_str!("packs/policy-004.toml")),
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
