//! The entries as they stand now: what was corrected of each, and the one way
//! in which a corrected value is written.
//!
//! Nothing of an entry is changed by it: what was signed stays in
//! [`Ledger::entries`].

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Ledger, What};
use crate::journal::body::{Body, Change, Corrected, Opened, Response, Value};
use crate::journal::entry::Entry;
use crate::journal::facts::Side;
use crate::journal::field::{self, Field};
use crate::journal::names::is_one_name;
use crate::journal::people::People;

/// What was corrected of one entry.
#[derive(Debug, Clone)]
pub(super) struct Amended {
    /// The entry's words with all corrections.
    body: Body,
    /// The changes with the entries that made them, in order.
    changes: Vec<(u64, Change)>,
    /// The entries that correct it as a whole.
    marks: Vec<u64>,
}

/// An entry as it stands now.
///
/// Whoever shows people a value of an entry MUST take it from here, and say
/// with it what [`Current::note`] says.
#[derive(Debug, Clone, Copy)]
pub struct Current<'a> {
    body: &'a Body,
    number: u64,
    amended: Option<&'a Amended>,
    ledger: Option<&'a Ledger>,
}

/// A value that was corrected, for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CorrectedValue {
    /// The entry that it belongs to.
    pub entry: u64,
    /// Its name; none where the whole entry is marked.
    pub field: Option<field::FieldName>,
    /// What it was.
    pub was: Option<Value>,
    /// What it is.
    pub now: Option<Value>,
    /// The entry that corrected it.
    pub by: u64,
}

/// A value with what is to be said of its corrections. Programs get the value
/// alone, people both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotated<T> {
    /// The value as it stands now.
    pub value: T,
    /// What follows it: nothing, or ` (entry 2; was: 7B-14, entry 1)`.
    pub note: String,
}

impl<T: fmt::Display> fmt::Display for Annotated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, self.note)
    }
}

impl<T: Serialize> Serialize for Annotated<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'a> Current<'a> {
    /// Words that are in no entry yet.
    pub fn draft(body: &'a Body) -> Current<'a> {
        Current { body, number: 0, amended: None, ledger: None }
    }

    /// What it says, with every correction.
    pub fn body(&self) -> &'a Body {
        self.body
    }

    /// The entry's number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The changes of `field`, in order, with the entries that made them.
    pub fn changes(&self, field: &Field) -> impl Iterator<Item = (u64, &'a Change)> {
        let name = field.name;
        let changes = self.amended.map_or(&[][..], |amended| &amended.changes);
        changes.iter().filter(move |(_, change)| change.field == name).map(|(by, change)| (*by, change))
    }

    /// The entries that correct it as a whole.
    pub fn marks(&self) -> &'a [u64] {
        self.amended.map_or(&[], |amended| &amended.marks)
    }

    /// `corrected by entry 2`, where the whole entry is.
    pub fn marked(&self) -> Option<String> {
        let numbers: Vec<String> = self.marks().iter().map(u64::to_string).collect();
        match numbers.as_slice() {
            [] => None,
            [one] => Some(format!("corrected by entry {one}")),
            many => Some(format!("corrected by entries {}", many.join(", "))),
        }
    }

    /// ` (entry 2; was: 7B-14, entry 1)` where the value of that name was
    /// corrected, else nothing. For where the entry itself is named beside it
    /// and marked once.
    pub fn was(&self, name: &str) -> String {
        self.was_as(name, |field, value| field.in_words(value))
    }

    /// The same, with the values in the words of `name_of`.
    pub fn was_as(&self, name: &str, name_of: impl Fn(&Field, Option<&Value>) -> String) -> String {
        enclosed(self.history(name, name_of))
    }

    /// What is to be said of the value of that name: how it was corrected,
    /// and whether its whole entry is.
    pub fn note(&self, name: &str) -> String {
        enclosed(self.history(name, |field, value| field.in_words(value)).into_iter().chain(self.marked()))
    }

    /// `value`, which stands under that name, with what is to be said of it.
    pub fn annotated<T>(&self, name: &str, value: T) -> Annotated<T> {
        Annotated { value, note: self.note(name) }
    }

    fn history(&self, name: &str, in_words: impl Fn(&Field, Option<&Value>) -> String) -> Option<String> {
        let field = field::field(self.body, name);
        debug_assert!(field.is_some(), "{} has no {name}", self.body.kind());
        let field = field?;
        let changes: Vec<(u64, &Change)> = self.changes(field).collect();
        let (last, _) = changes.last()?;
        let mut words = format!("entry {last}{}", self.in_doubt(*last));
        for (place, (_, change)) in changes.iter().enumerate().rev() {
            let before = place.checked_sub(1).map_or(self.number, |before| changes[before].0);
            let was = in_words(field, change.was.as_ref());
            let joint = if place + 1 == changes.len() { "was:" } else { "before that:" };
            words.push_str(&format!("; {joint} {was}, entry {before}"));
        }
        Some(words)
    }

    /// That a correction was itself corrected.
    fn in_doubt(&self, by: u64) -> String {
        let marked = self.ledger.and_then(|ledger| ledger.current(by)).and_then(|entry| entry.marked());
        marked.map(|marked| format!(", {marked}")).unwrap_or_default()
    }
}

fn enclosed(notes: impl IntoIterator<Item = String>) -> String {
    let notes: Vec<String> = notes.into_iter().collect();
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) }
}

impl Ledger {
    /// Entry `number` as it stands now.
    pub fn current(&self, number: u64) -> Option<Current<'_>> {
        let entry = self.signed(number)?;
        let amended = self.amended.get(&number);
        let body = amended.map_or(&entry.body, |amended| &amended.body);
        Some(Current { body, number, amended, ledger: Some(self) })
    }

    /// An entry of this journal as it stands now.
    pub fn now<'a>(&'a self, entry: &'a Entry) -> Current<'a> {
        self.current(entry.entry).unwrap_or(Current::draft(&entry.body))
    }

    /// What entry `number` said once entry `head` was kept.
    pub fn as_of(&self, number: u64, head: u64) -> Option<Body> {
        let mut body = self.signed(number)?.body.clone();
        for (by, change) in self.amended.get(&number).map_or(&[][..], |amended| &amended.changes) {
            if *by <= head {
                body = body.with(field::field(&body, change.field.as_str())?, change.now.as_ref())?;
            }
        }
        Some(body)
    }

    /// What to call a reviewing person, as it stands now.
    pub fn reviewer_name(&self, side: Side) -> Annotated<String> {
        let name = match side {
            Side::A => "first.name",
            Side::B => "second.name",
        };
        self.now(&self.entries[0]).annotated(name, self.opened.called(side))
    }

    /// Every value that was corrected, and every entry that was as a whole, in
    /// the order of the entries that did so.
    pub fn corrected(&self) -> Vec<CorrectedValue> {
        let corrections = self.entries.iter().filter_map(|entry| match &entry.body {
            Body::Corrected(corrected) => Some((entry.entry, corrected)),
            _ => None,
        });
        let value = |(by, corrected): (u64, &Corrected)| CorrectedValue {
            entry: corrected.entry,
            field: corrected.change.as_ref().map(|change| change.field),
            was: corrected.change.as_ref().and_then(|change| change.was.clone()),
            now: corrected.change.as_ref().and_then(|change| change.now.clone()),
            by,
        };
        corrections.map(value).collect()
    }

    fn signed(&self, number: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// Why no case can say this correction; none where one can.
    pub(super) fn wrong_correction(&self, corrected: &Corrected) -> Option<What> {
        let Some(target) = self.current(corrected.entry) else { return Some(What::CorrectsNothing) };
        let Some(change) = &corrected.change else {
            return corrected.because.is_none().then_some(What::CorrectsNothing);
        };
        let body = target.body();
        let Some(field) = field::field(body, change.field.as_str()) else {
            return Some(What::CorrectsNoValue);
        };
        if body.value(field) != change.was || change.was == change.now {
            return Some(What::CorrectsAnother);
        }
        let Some(after) = body.with(field, change.now.as_ref()) else { return Some(What::CorrectsNoValue) };
        match (response(body), response(&after)) {
            (Some(before), Some(after)) if after < before => return Some(What::CorrectionLiftsHalt),
            _ => {}
        }
        let Body::Opened(opened) = &after else { return None };
        if let Err(people) = People::corrected(opened).check() {
            return Some(What::People(people));
        }
        self.wrong_initials(opened)
    }

    /// Exhibits keep their labels, and two people have two sets of initials.
    fn wrong_initials(&self, after: &Opened) -> Option<What> {
        if is_one_name(after.first.initials.as_str(), after.second.initials.as_str()) {
            return Some(What::OneSetOfInitials);
        }
        let produced = |side: Side| self.numbers[side as usize] > 0;
        let changed = |side: Side| after.reviewer(side).initials != self.opened.reviewer(side).initials;
        let relabels = Side::BOTH.into_iter().any(|side| changed(side) && produced(side));
        relabels.then_some(What::CorrectionRelabels)
    }

    /// Takes a correction that was checked.
    pub(super) fn correct(&mut self, corrected: &Corrected, by: u64) {
        let Some(before) = self.current(corrected.entry).map(|target| target.body().clone()) else { return };
        let was = response(&before);
        let amended = self.amended.entry(corrected.entry);
        let amended = amended.or_insert(Amended { body: before, changes: Vec::new(), marks: Vec::new() });
        let Some(change) = &corrected.change else { return amended.marks.push(by) };
        let field = field::field(&amended.body, change.field.as_str());
        let after = field.and_then(|field| amended.body.with(field, change.now.as_ref()));
        let Some(after) = after else { return };
        amended.changes.push((by, change.clone()));
        amended.body = after.clone();
        if let Body::Opened(opened) = &after {
            self.opened = (**opened).clone();
        }
        if let Some(response) = response(&after).filter(|response| was.is_none_or(|was| *response > was)) {
            self.halt(response, by);
        }
    }
}

/// What an entry does to the case by its category.
fn response(body: &Body) -> Option<Response> {
    match body {
        Body::Concern(concern) => Some(concern.category.response),
        Body::Halted(halted) => Some(halted.response()),
        _ => None,
    }
}
