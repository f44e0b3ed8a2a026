//! What a value may be corrected to: what is corrected goes through the rules
//! again that held when it was said.
//!
//! Which values can be corrected at all is the journal's registry
//! ([`journal::fields`]).

use chrono::{Datelike, NaiveDate};

use super::opening::OpeningRefusal;
use super::pack::{Pack, RetentionFrom};
use super::refusal::{Unknown, Why};
use super::state::State;
use countersign_record::journal::{
    self, Archived, At, Body, Category, Change, Corrected, Current, Field, Hold, Id, Ledger, Line, Name,
    NotA, People, Reference, Response, Seen, Text, TextError, Value, ValueKind,
};

impl State<'_> {
    /// Whether a value of `entry` may become what `change` says.
    pub(super) fn ruling_on_correction(&self, entry: u64, change: &Change) -> Result<(), Why> {
        let before = self.ledger.as_of(entry, self.head).filter(|_| entry <= self.head);
        let before = before.ok_or(CorrectionRefusal::NoValue { entry })?;
        let field = journal::field(&before, change.field.as_str());
        let field = field.ok_or(CorrectionRefusal::NoValue { entry })?;
        let after = before.with(field, change.now.as_ref());
        let after = after.ok_or(CorrectionRefusal::NoValue { entry })?;
        match (&before, &after) {
            (Body::Opened(_), Body::Opened(after)) => {
                if after.follows == Some(after.reference) {
                    return Err(CorrectionRefusal::FollowsItself.into());
                }
                let people = People::corrected(after).check().map_err(OpeningRefusal::from);
                people.map_err(Why::from)
            }
            (Body::Concern(before), Body::Concern(after)) => {
                self.ruling_on_category(entry, Some(&before.category), Some(&after.category))
            }
            (Body::Halted(before), Body::Halted(after)) => {
                self.ruling_on_category(entry, before.category.as_ref(), after.category.as_ref())
            }
            (Body::Referred(_), Body::Referred(after)) => self.known_route(&after.route),
            (Body::Acted(_), Body::Acted(after)) => self.ruling_on_act(&after.route),
            (_, Body::Isolated(isolated)) => match &isolated.device {
                Some(id) if self.pack.isolation().iter().all(|known| known.id != *id) => {
                    Err(Why::Unknown { what: Unknown::Device, id: id.clone() })
                }
                _ => Ok(()),
            },
            (_, Body::Archived(after)) => self.ruling_on_filing(entry, after),
            _ => Ok(()),
        }
    }

    fn ruling_on_category(
        &self,
        entry: u64,
        before: Option<&Category>,
        after: Option<&Category>,
    ) -> Result<(), Why> {
        let response = |category: Option<&Category>| {
            category.map_or(Response::StopAndWithhold, |category| category.response)
        };
        if response(after) < response(before) {
            return Err(CorrectionRefusal::LiftsHalt { entry }.into());
        }
        match after {
            Some(after) if self.category(&after.id)?.recorded() != *after => {
                Err(Why::Unknown { what: Unknown::Category, id: after.id.clone() })
            }
            Some(_) => Ok(()),
            // A category is chosen, and not taken back.
            None if before.is_some() => Err(CorrectionRefusal::LiftsHalt { entry }.into()),
            None => Ok(()),
        }
    }

    fn ruling_on_filing(&self, entry: u64, after: &Archived) -> Result<(), Why> {
        let id = &after.retention.id;
        let class =
            self.pack.retention_class(id.as_str()).filter(|class| class.recorded() == after.retention);
        let class = class.ok_or_else(|| Why::Unknown { what: Unknown::Retention, id: id.clone() })?;
        if after.hold == Hold::Legal && after.because.is_none() {
            return Err(CorrectionRefusal::HoldWithoutReason.into());
        }
        let filed = self.ledger.entries()[entry as usize - 1].time.day();
        let day = review_day(after.review.as_str())?;
        let least = match class.from {
            RetentionFrom::Archiving => class.review_day(filed).unwrap_or(filed),
            // The date of birth stays out of the record.
            RetentionFrom::DateOfBirth => filed,
        };
        match day < least {
            true => Err(CorrectionRefusal::TooEarly { class: id.clone(), day, least }.into()),
            false => Ok(()),
        }
    }
}

/// A day as an entry has it.
fn review_day(text: &str) -> Result<NaiveDate, CorrectionRefusal> {
    let day = text.parse::<NaiveDate>().ok().filter(|day| (1900..=9999).contains(&day.year()));
    day.filter(|day| day.to_string() == text).ok_or_else(|| CorrectionRefusal::NoDay(text.to_owned()))
}

/// Why a value may not be corrected to that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionRefusal {
    /// The entry has no such value.
    #[error("entry {entry} has no such value to correct")]
    NoValue {
        /// The entry.
        entry: u64,
    },
    /// A milder category than the one that was chosen.
    #[error("the category in entry {entry} cannot be corrected to a milder one")]
    LiftsHalt {
        /// The entry.
        entry: u64,
    },
    /// A case cannot follow itself.
    #[error("a case cannot follow itself")]
    FollowsItself,
    /// A hold for the law, and no reason.
    #[error("a legal hold needs a reason")]
    HoldWithoutReason,
    /// No day as an entry has it.
    #[error("{0:?} is not a day like 2051-11-22")]
    NoDay(String),
    /// The day of review is before the one that the rule gives.
    #[error("{day} is earlier than the rule of {class} allows: {least}")]
    TooEarly {
        /// The retention class.
        class: Id,
        /// The day.
        day: NaiveDate,
        /// The first that can be.
        least: NaiveDate,
    },
}

/// A correction of the value called `name` in entry `number`, to what people
/// typed; nothing typed where it is to be left unsaid.
///
/// The old value is taken from the record. A correction is put right where
/// the value stands: of the entry that it corrected.
pub fn correct(
    ledger: &Ledger,
    pack: &Pack,
    number: u64,
    name: &str,
    to: &str,
    because: Option<Text>,
) -> Result<Corrected, CorrectionError> {
    let (entry, field) = target(ledger, number, name)?;
    let was = entry.body().value(field);
    let now = match to.trim() {
        "" if field.optional => None,
        to => Some(parse(ledger, pack, field, to)?),
    };
    if was == now {
        return Err(CorrectionError::Unchanged { field, value: field.in_words(now.as_ref()) });
    }
    let change = Change { field: field.name, was, now };
    Ok(Corrected { entry: entry.number(), change: Some(change), because, alone: None })
}

/// The value called `name` in entry `number`: its entry as it stands now, and
/// its field.
pub fn target<'a>(
    ledger: &'a Ledger,
    number: u64,
    name: &str,
) -> Result<(Current<'a>, &'static Field), CorrectionError> {
    let nothing = || CorrectionError::NoEntry { entry: number, head: ledger.head() };
    let mut target = ledger.current(number).ok_or_else(nothing)?;
    if let Body::Corrected(Corrected { entry, change: Some(change), .. }) = target.body()
        && change.field.as_str() == name
    {
        target = ledger.current(*entry).ok_or_else(nothing)?;
    }
    let field = journal::field(target.body(), name);
    let unknown =
        || CorrectionError::NoField { entry: number, name: name.to_owned(), kind: target.body().kind() };
    Ok((target, field.ok_or_else(unknown)?))
}

/// A value as people type it.
fn parse(ledger: &Ledger, pack: &Pack, field: &'static Field, to: &str) -> Result<Value, CorrectionError> {
    let unknown = |what| move |_| CorrectionError::Unknown { what, typed: to.to_owned() };
    let id = |what| to.parse::<Id>().map_err(|_: NotA| ()).map_err(unknown(what));
    let words = |text: &str| Text::typed(text).map(Value::Words);
    let wrong = |error| CorrectionError::Text { field, error };
    let value = match field.kind {
        ValueKind::Line => words(Line::typed(to).map_err(wrong)?.as_str()),
        ValueKind::Name => words(Name::typed(to).map_err(wrong)?.as_str()),
        ValueKind::Text => words(to),
        ValueKind::Day => {
            review_day(to).map_err(|_| CorrectionError::NoDay(to.to_owned()))?;
            words(to)
        }
        ValueKind::Case => {
            let case: Reference = to.parse().map_err(|_| CorrectionError::NoCase(to.to_owned()))?;
            words(&case.to_string())
        }
        ValueKind::Choice(choices) => match choices.iter().find(|choice| choice.id == to) {
            Some(choice) => words(choice.id),
            None => return Err(CorrectionError::NoChoice { field, typed: to.to_owned() }),
        },
        ValueKind::Category => {
            let category = pack.category(id(Unknown::Category)?.as_str());
            let category = category.ok_or(()).map_err(unknown(Unknown::Category))?;
            return Ok(Value::Category(category.recorded()));
        }
        ValueKind::Retention => {
            let class = pack.retention_class(id(Unknown::Retention)?.as_str());
            let class = class.ok_or(()).map_err(unknown(Unknown::Retention))?;
            return Ok(Value::Retention(class.recorded()));
        }
        ValueKind::Place => {
            let line = Line::typed(to).map_err(wrong)?;
            let place = place(ledger, &line).ok_or_else(|| CorrectionError::NoPlace(line.clone()))?;
            return Ok(Value::Place(place));
        }
        ValueKind::Route => {
            let known = pack.route(id(Unknown::Route)?.as_str());
            words(known.ok_or(()).map_err(unknown(Unknown::Route))?.id.as_str())
        }
        ValueKind::Outcome => {
            let known = pack.outcomes().iter().find(|outcome| outcome.id.id() == to);
            words(known.ok_or(()).map_err(unknown(Unknown::Outcome))?.id.id())
        }
        ValueKind::Device => {
            let known = pack.isolation().iter().find(|device| device.id.as_str() == to);
            words(known.ok_or(()).map_err(unknown(Unknown::Device))?.id.as_str())
        }
    };
    value.map_err(wrong)
}

/// Where a concern is: an exhibit of the case by its label, else an address.
pub fn place(ledger: &Ledger, typed: &Line) -> Option<At> {
    if ledger.exhibit_entry(typed.as_str()).is_some() {
        return Some(At::Exhibit(typed.clone()));
    }
    let is_address =
        url::Url::parse(typed.as_str()).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    is_address.then(|| At::Url(Seen::of(typed.as_str())))
}

/// What was typed is no correction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionError {
    /// There is no such entry.
    #[error("there is no entry {entry} to correct: the record has entries 1 to {head}")]
    NoEntry {
        /// The number.
        entry: u64,
        /// The last entry.
        head: u64,
    },
    /// The entry has no such value.
    #[error("entry {entry} ({kind}) has no value {name} that can be corrected")]
    NoField {
        /// The entry.
        entry: u64,
        /// What was asked for.
        name: String,
        /// The entry's kind.
        kind: &'static str,
    },
    /// It is that already.
    #[error("{} is that already: {value}", field.name)]
    Unchanged {
        /// The value's field.
        field: &'static Field,
        /// The value.
        value: String,
    },
    /// Words that cannot be kept.
    #[error("{}: {error}", field.name)]
    Text {
        /// The value's field.
        field: &'static Field,
        /// Why not.
        #[source]
        error: TextError,
    },
    /// None of those there are.
    #[error("{typed} is none of those that {} can be", field.name)]
    NoChoice {
        /// The value's field.
        field: &'static Field,
        /// What was typed.
        typed: String,
    },
    /// The pack does not have it.
    #[error("{typed} is no {what} of this procedure")]
    Unknown {
        /// What was looked for.
        what: Unknown,
        /// What was typed.
        typed: String,
    },
    /// No day.
    #[error("{0} is not a day like 2051-11-22")]
    NoDay(String),
    /// No reference of a case.
    #[error("{0} is not a case reference like 2026-0001")]
    NoCase(String),
    /// Neither an exhibit nor an address.
    #[error("{0} is neither an exhibit of this case nor an address")]
    NoPlace(Line),
}
