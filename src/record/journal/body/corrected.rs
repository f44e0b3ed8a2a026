//! What a correction says: which value of which earlier entry, what it was,
//! and what it is.

use serde::{Deserialize, Serialize};

use super::{At, Category, Response, Retention, WrittenAlone};
use crate::journal::field::FieldName;
use crate::journal::text::Text;

/// An earlier entry is put right. Nothing of it is changed: whoever shows it
/// asks [`Ledger::current`](crate::journal::Ledger::current).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// The entry.
    pub entry: u64,
    /// The value that was wrong. Without one the whole entry is marked, and
    /// [`Corrected::because`] says what is wrong with it.
    pub change: Option<Change>,
    /// Why, or what is to be known of it.
    pub because: Option<Text>,
    /// Who wrote this down alone before both signed it, if somebody did.
    pub alone: Option<WrittenAlone>,
}

impl Corrected {
    /// The category by which the correction is itself a halt, where it is one:
    /// its mark MUST be made first.
    pub fn stops(&self) -> Option<&Category> {
        self.change.as_ref()?.stops()
    }
}

/// A value of an entry, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Change {
    /// Which value of the entry.
    pub field: FieldName,
    /// What it was until now, as it stands in the record; none where nothing
    /// was said.
    pub was: Option<Value>,
    /// What it is; none where nothing is to be said.
    pub now: Option<Value>,
}

impl Change {
    /// The category by which the change stops the case, where it does: one
    /// with a stricter response than the one before it.
    pub fn stops(&self) -> Option<&Category> {
        let Some(Value::Category(now)) = &self.now else { return None };
        let before = match &self.was {
            Some(Value::Category(was)) => was.response,
            // A halt without a category is the strictest.
            Some(Value::Retention(_) | Value::Place(_) | Value::Words(_)) | None => Response::StopAndWithhold,
        };
        Some(now).filter(|now| now.response > before)
    }
}

/// A value, written exactly as it stands in the entry that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A category.
    Category(Category),
    /// A retention class.
    Retention(Retention),
    /// Where a concern is.
    Place(At),
    /// Everything that is written as a text: words, names, days, ids.
    Words(Text),
}

impl Value {
    /// The text, where it is one.
    pub fn as_words(&self) -> Option<&str> {
        match self {
            Value::Words(text) => Some(text.as_str()),
            Value::Category(_) | Value::Retention(_) | Value::Place(_) => None,
        }
    }
}
