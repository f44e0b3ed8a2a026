//! The values of entries that can be corrected: one registry, by kind of
//! entry.
//!
//! What is not in it can't be corrected: keys, digests, the clock's times,
//! seals, and what the program or the machine said. A decision is not
//! corrected but made again. What a value may become beyond its type is the
//! procedure's business.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::body::{At, Body, Value};

/// The name of a value that can be corrected: the way to it in the entry's
/// `body`, such as `subject` or `first.name`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName(&'static str);

impl FieldName {
    /// The name's letters.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for FieldName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldName, D::Error> {
        let name = String::deserialize(deserializer)?;
        let mut known = every_field().map(|field| field.name);
        known.find(|known| known.0 == name).ok_or_else(|| de::Error::custom("no value that can be corrected"))
    }
}

/// A value that can be corrected.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: FieldName,
    /// What people call it.
    pub label: &'static str,
    /// What it is made of.
    pub kind: ValueKind,
    /// Whether it can be left unsaid.
    pub optional: bool,
}

/// What a value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// One line.
    Line,
    /// A name, a position or a reference.
    Name,
    /// Words in several lines.
    Text,
    /// A day, `2051-11-22`.
    Day,
    /// One of these.
    Choice(&'static [Choice]),
    /// A category of the pack.
    Category,
    /// A retention class of the pack.
    Retention,
    /// Where a concern is.
    Place,
    /// A route of the pack by which somebody is told.
    Route,
    /// An outcome of the pack by which something is done.
    Outcome,
    /// A kind of computer or device of the pack.
    Device,
    /// The reference of another case.
    Case,
}

/// One of a few values.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// As it stands in the entry.
    pub id: &'static str,
    /// As people read it.
    pub label: &'static str,
}

/// The values of an entry of this kind that can be corrected, in the order of
/// the entry.
pub fn fields(body: &Body) -> &'static [Field] {
    match body {
        Body::Opened(_) => OPENED,
        Body::Attached(_) => ATTACHED,
        Body::Noted(_) => NOTED,
        Body::Concern(_) => CONCERN,
        Body::Halted(_) => HALTED,
        Body::Isolated(_) => ISOLATED,
        Body::Referred(_) => REFERRED,
        Body::Judged(_) => JUDGED,
        Body::Acted(_) => ACTED,
        Body::HandedOver(_) => HANDED_OVER,
        Body::Archived(_) => ARCHIVED,
        // What pages, the program and its machine said. A correction is put
        // right where the value stands that it corrected.
        Body::Visited(_)
        | Body::Kept(_)
        | Body::Recording(_)
        | Body::FormMade(_)
        | Body::Sealed(_)
        | Body::Corrected(_)
        | Body::ClockJumped(_)
        | Body::Recovered(_)
        | Body::Unbundled(_) => &[],
    }
}

/// The values of all kinds, kind by kind.
pub fn every_field() -> impl Iterator<Item = &'static Field> {
    ALL.into_iter().flatten()
}

/// The field of that name in an entry of this kind.
pub fn field(body: &Body, name: &str) -> Option<&'static Field> {
    fields(body).iter().find(|field| field.name.0 == name)
}

impl Field {
    /// A value of this field, as people read it.
    pub fn in_words(&self, value: Option<&Value>) -> String {
        match (value, self.kind) {
            (None, _) => "not said".to_owned(),
            (Some(Value::Category(category)), _) => category.label.to_string(),
            (Some(Value::Retention(retention)), _) => retention.label.to_string(),
            (Some(Value::Place(At::Url(url))), _) => url.to_string(),
            (Some(Value::Place(At::Exhibit(label))), _) => format!("exhibit {label}"),
            (Some(Value::Words(text)), ValueKind::Choice(choices)) => {
                let known = choices.iter().find(|choice| choice.id == text.as_str());
                known.map_or(text.as_str(), |choice| choice.label).to_owned()
            }
            (Some(Value::Words(text)), _) => text.to_string(),
        }
    }
}

impl Body {
    /// What stands in `field`; none where nothing does.
    pub fn value(&self, field: &Field) -> Option<Value> {
        let written = serde_json::to_value(self).ok()?;
        serde_json::from_value(written.pointer(&pointer(field))?.clone()).ok()?
    }

    /// The same with another value in `field`; none where that is no value of
    /// the field's type. The type is that of the entry itself: what would not
    /// be read there is not taken here.
    pub fn with(&self, field: &Field, value: Option<&Value>) -> Option<Body> {
        let mut written = serde_json::to_value(self).ok()?;
        *written.pointer_mut(&pointer(field))? = serde_json::to_value(value).ok()?;
        let body: Body = serde_json::from_value(written).ok()?;
        (body.value(field).as_ref() == value).then_some(body)
    }
}

fn pointer(field: &Field) -> String {
    format!("/body/{}", field.name.0.replace('.', "/"))
}

const fn said(name: &'static str, label: &'static str, kind: ValueKind) -> Field {
    Field { name: FieldName(name), label, kind, optional: false }
}

const fn maybe(name: &'static str, label: &'static str, kind: ValueKind) -> Field {
    Field { name: FieldName(name), label, kind, optional: true }
}

const fn choice(id: &'static str, label: &'static str) -> Choice {
    Choice { id, label }
}

use ValueKind::{
    Case, Category, Choice as OneOf, Day, Device, Line, Name, Outcome, Place, Retention, Route, Text,
};

const ALL: [&[Field]; 11] =
    [OPENED, ATTACHED, NOTED, CONCERN, HALTED, ISOLATED, REFERRED, JUDGED, ACTED, HANDED_OVER, ARCHIVED];

const OPENED: &[Field] = &[
    maybe("follows", "The earlier case that it follows", Case),
    maybe("group", "School or group", Line),
    said("reason", "Reason for the investigation", Text),
    said("reported_by", "Reported by", Text),
    said("concerns", "Who is concerned", OneOf(&CONCERNS)),
    said("subject", "The school's reference for that person", Name),
    maybe("subject_key", "Where the key to that reference is kept", Line),
    said("first.name", "Name of the first reviewing person", Name),
    said("first.position", "Position of the first reviewing person", Name),
    said("first.initials", "Initials on the exhibits of the first reviewing person", Name),
    said("second.name", "Name of the second reviewing person", Name),
    said("second.position", "Position of the second reviewing person", Name),
    said("second.initials", "Initials on the exhibits of the second reviewing person", Name),
    said("computer.name", "Name of the computer", Name),
    said("computer.location", "Where the computer stands", Line),
    maybe("filter_exemptions", "Filtering lifted for the review", Text),
];

const CONCERNS: [Choice; 3] =
    [choice("pupil", "a pupil"), choice("staff", "a member of staff"), choice("other", "somebody else")];

const ATTACHED: &[Field] = &[said("description", "What was brought in", Text)];

const NOTED: &[Field] = &[said("text", "The note", Text)];

const CONCERN: &[Field] = &[
    said("at", "Where the concern is", Place),
    said("category", "What kind of concern it is", Category),
    said("description", "What is wrong there", Text),
];

const HALTED: &[Field] = &[
    maybe("category", "What the stop is about", Category),
    maybe("place", "Where it was seen", Line),
    maybe("by", "Who stopped the case", OneOf(&SIDES)),
    maybe("description", "What was seen, in words", Text),
];

const SIDES: [Choice; 2] =
    [choice("a", "the first reviewing person"), choice("b", "the second reviewing person")];

const ISOLATED: &[Field] = &[
    maybe("device", "Which kind of computer or device", Device),
    said("what", "What was isolated, and how", Text),
    maybe("changes", "What changed on it since", Text),
    maybe("by", "By whom it was isolated", Name),
    maybe("when", "When it was isolated", Line),
];

const REFERRED: &[Field] = &[
    said("route", "By which route", Route),
    said("to", "Who was told", Line),
    maybe("by", "Who told them", Name),
    maybe("contact", "Whom they spoke to", Name),
    maybe("when", "When they were told", Line),
    maybe("reference", "Their reference number", Name),
    maybe("advice", "What they said", Text),
    maybe("computer", "What is to be done with the computer", Text),
    maybe("answer", "What they found", OneOf(&ANSWERS)),
];

const ANSWERS: [Choice; 2] = [
    choice("confirmed", "what was suspected is so"),
    choice("not-confirmed", "what was suspected is not so"),
];

const JUDGED: &[Field] = &[said("because", "Why it was decided so", Text)];

const ACTED: &[Field] = &[
    said("route", "By which route", Outcome),
    said("what", "What is done", Text),
    said("action", "Proposed or taken", OneOf(&ACTIONS)),
    maybe("by", "By whom", Name),
    maybe("when", "When it was done", Line),
];

const ACTIONS: [Choice; 2] = [choice("proposed", "proposed"), choice("taken", "taken")];

const HANDED_OVER: &[Field] = &[
    said("to", "Who got it", Name),
    said("organisation", "Of which organisation", Line),
    said("role", "In which role", Name),
    said("when", "When it was handed over", Line),
    said("how", "How it was handed over", Line),
    said("medium", "On what medium", Line),
];

const ARCHIVED: &[Field] = &[
    said("retention", "How long it is kept", Retention),
    said("review", "When it is looked at again", Day),
    said("hold", "Whether it is held for the law", OneOf(&HOLDS)),
    maybe("because", "Why", Text),
];

const HOLDS: [Choice; 2] = [choice("none", "not held"), choice("legal", "held for the law")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_once_in_its_kind() {
        for kind in ALL {
            for (place, field) in kind.iter().enumerate() {
                assert!(kind[..place].iter().all(|other| other.name != field.name), "{}", field.name);
            }
        }
    }
}
