//! What one person says of a stop after it was made: what it is about, where
//! it was seen, who stopped the case, in words.
//!
//! It is no second stop: nobody stopped the case twice. Each value is a report
//! that one person wrote alone, and becomes a correction of the entry of the
//! stop once both have seen it. What makes a stop stricter is a stop, and its
//! mark is made as that of any other.

use serde::{Deserialize, Serialize};

use super::mark::{Halt, How};
use super::{Reading, Report};
use countersign_record::digest::Digest;
use countersign_record::journal::{
    self, Body, Category, Change, Corrected, Field, FieldName, Halted, Ledger, Line, Response, Restraint,
    Side, Text, Value, WrittenAlone, fields,
};

/// One value of the entry of a stop, said afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidOfStop {
    /// The digest of the stop's mark; none where its entry names none.
    pub mark: Option<Digest>,
    /// Which value.
    pub field: FieldName,
    /// What it is.
    pub now: Value,
}

impl SaidOfStop {
    /// The value as people read it: `Where it was seen: a phone`.
    pub fn in_words(&self, ledger: &Ledger) -> String {
        let Some(field) = self.field() else { return String::new() };
        let side = self.now.as_words().and_then(|words| Side::BOTH.into_iter().find(|s| s.letter() == words));
        let value = match side.filter(|_| field.name.as_str() == "by") {
            Some(side) => ledger.reviewer_name(side).to_string(),
            None => field.in_words(Some(&self.now)),
        };
        format!("{}: {value}", field.label)
    }

    /// Whether the entry of a stop can hold it.
    pub(super) fn is_a_value(&self) -> bool {
        let blank = blank();
        self.field().is_some_and(|field| blank.with(field, Some(&self.now)).is_some())
    }

    /// The correction that it becomes; none where the stop is not on record.
    ///
    /// What the record says already, and a category that would be milder, is
    /// said in words of the entry as a whole: nothing that somebody said goes.
    pub(super) fn correction(
        &self,
        ledger: &Ledger,
        alone: &WrittenAlone,
        is_refused: impl FnOnce(u64, &Change) -> bool,
    ) -> Option<Corrected> {
        let (entry, halted) = ledger.halts().filter(|(_, halted)| halted.raised_file == self.mark).last()?;
        let field = self.field()?;
        let (entry, was) = (entry.entry, Body::Halted(halted.clone()).value(field));
        let change = Change { field: field.name, was, now: Some(self.now.clone()) };
        let is_one = change.was != change.now && !is_refused(entry, &change);
        let words = || Text::visible(&format!("{}.", self.in_words(ledger)), MAX_WORDS);
        Some(Corrected {
            entry,
            because: if is_one { None } else { words() },
            change: is_one.then_some(change),
            alone: Some(alone.clone()),
        })
    }

    fn field(&self) -> Option<&'static Field> {
        journal::field(&blank(), self.field.as_str())
    }
}

/// Everything that one person says of a stop afterwards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StopDetails {
    /// What it is about.
    pub category: Option<Category>,
    /// Where it was seen.
    pub place: Option<Line>,
    /// Who stopped the case.
    pub by: Option<Side>,
    /// What was seen, in words.
    pub description: Option<Text>,
}

/// What becomes of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Afterwards {
    /// It is a stop itself, and MUST be raised: the first of a case that was
    /// stopped at the gate, or one that is stricter than those before.
    Stop(Halt),
    /// It is said of the stop that was made last: each a file of its own
    /// ([`super::write_alone`]).
    Reports(Vec<Report>),
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NothingSaid {
    /// Nobody stopped the case.
    #[error("the case is not stopped")]
    NotStopped,
    /// A case that was stopped at the gate first needs to know what it is
    /// about.
    #[error("what the stop is about has not been said")]
    CategoryFirst,
    /// Everything that was said is known already, or nothing was said.
    #[error("nothing was said that is not known already")]
    Known,
}

impl StopDetails {
    /// What becomes of what `writer` says of the last stop of the case.
    pub fn afterwards(&self, reading: &Reading, writer: Side) -> Result<Afterwards, NothingSaid> {
        let restraint = reading.state().restraint();
        let (ledger, pending) = (reading.ledger(), reading.pending_halts().last());
        let last = ledger.halts().last();
        let known = match (pending, last) {
            _ if restraint == Restraint::None => return Err(NothingSaid::NotStopped),
            (Some(pending), _) => pending.to_body(),
            (None, Some((_, halted))) => halted.clone(),
            (None, None) if self.category.is_none() => return Err(NothingSaid::CategoryFirst),
            (None, None) => return Ok(Afterwards::Stop(self.halt(self.by, How::AtTheGate))),
        };
        let stricter = |category: &Category| {
            category.response == Response::StopAndWithhold && restraint == Restraint::Police
        };
        if self.category.as_ref().is_some_and(stricter) {
            return Ok(Afterwards::Stop(self.halt(Some(writer), How::ByHand)));
        }
        let mark = known.raised_file;
        let known = Body::Halted(known);
        let said = self.values().into_iter().filter(|(field, now)| known.value(field).as_ref() != Some(now));
        let reports = said.map(|(field, now)| Report::Stop(SaidOfStop { mark, field: field.name, now }));
        let reports: Vec<Report> = reports.collect();
        if reports.is_empty() { Err(NothingSaid::Known) } else { Ok(Afterwards::Reports(reports)) }
    }

    fn values(&self) -> Vec<(&'static Field, Value)> {
        let words = |words: &str| Text::typed(words).ok().map(Value::Words);
        let blank = blank();
        let said = fields(&blank).iter().filter_map(|field| {
            let value = match field.name.as_str() {
                "category" => self.category.clone().map(Value::Category),
                "place" => self.place.as_ref().and_then(|place| words(place.as_str())),
                "by" => self.by.and_then(|by| words(by.letter())),
                "description" => self.description.clone().map(Value::Words),
                _ => None,
            };
            Some((field, value?))
        });
        said.collect()
    }

    fn halt(&self, by: Option<Side>, how: How) -> Halt {
        Halt {
            category: self.category.as_ref().map(|category| category.id.to_string()),
            place: self.place.as_ref().map(ToString::to_string),
            description: self.description.as_ref().map(ToString::to_string),
            by,
            how,
        }
    }
}

fn blank() -> Body {
    Body::Halted(Halted::at_the_gate(None, None, None))
}

/// Bytes of such a file, as an entry has room for the value before it as well.
pub(super) const MAX_SAID: usize = 16 * 1024;

/// Bytes of it as words of an entry.
const MAX_WORDS: usize = 32 * 1024;
