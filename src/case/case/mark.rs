//! The mark of a halt: what somebody said when they stopped the case, word for
//! word, in a file whose being there is the halt.
//!
//! It judges nothing of what was typed, and makes no mark: [`super::halt`]
//! does.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use countersign_record::clock::Time;
use countersign_record::digest::Digest;
use countersign_record::journal::{Halted, Raised, Seen, Side, spell};
use countersign_record::regular_file;

/// A stop as somebody makes it. Nothing of it is looked at before it is
/// written down, so that nothing of it can hold up the stop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Halt {
    /// The category's id as it was typed, if one was.
    pub category: Option<String>,
    /// Where it was seen, as it was typed.
    pub place: Option<String>,
    /// What was seen, in words, as they were typed.
    pub description: Option<String>,
    /// Who stops the case, if they say so.
    pub by: Option<Side>,
    /// How.
    pub how: How,
}

impl Halt {
    /// What was said at the gate, where the entry of it has to wait.
    pub(super) fn at_the_gate(halted: &Halted) -> Halt {
        Halt {
            category: halted.category.as_ref().map(|category| category.id.to_string()),
            place: halted.place.as_ref().map(ToString::to_string),
            description: halted.description.as_ref().map(ToString::to_string),
            by: halted.by,
            how: How::AtTheGate,
        }
    }
}

/// What the program saw when a case was stopped: no person said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenAtStop {
    /// The address on the screen of a recording.
    pub screen: Option<Seen>,
    /// What was being kept.
    pub keeping: Option<Seen>,
}

/// How a person stopped a case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// At once, by `halt`, a key or *Stop*.
    #[default]
    ByHand,
    /// By a concern of a kind that stops a case.
    ByConcern,
    /// By the answer at the gate.
    AtTheGate,
}

impl From<How> for Raised {
    fn from(how: How) -> Raised {
        match how {
            How::ByHand => Raised::ByHand,
            How::ByConcern => Raised::ByConcern,
            How::AtTheGate => Raised::AtTheGate,
        }
    }
}

/// What the `halt-raised` file says: what was typed, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    format: Format,
    /// The category's id as it was typed, if one was. What it does is looked
    /// up in the case's procedure.
    pub category: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// Who raised it, if they said so.
    pub by: Option<Side>,
    /// How it was raised.
    pub raised: How,
    /// When.
    pub time: Time,
    /// In words.
    pub description: Option<String>,
}

impl Mark {
    /// The mark of a stop that somebody makes now, and its bytes.
    pub(super) fn of(halt: Halt, time: Time) -> (Mark, Vec<u8>) {
        let short = |typed: Option<String>, most| typed.map(|words| cut(words, most));
        let mark = Mark {
            format: Format::V1,
            category: short(halt.category, SHORT),
            place: short(halt.place, SHORT),
            by: halt.by,
            raised: halt.how,
            time,
            description: short(halt.description, LONG),
        };
        // A mark holds no number; what cannot be spelled still stops the case.
        let bytes = spell(&mark).unwrap_or_default();
        (mark, bytes)
    }

    /// Reads the mark at `path`: its digest, and what it says where it is one
    /// that the program wrote.
    pub(super) fn read(path: &Path) -> io::Result<(Digest, Option<Mark>)> {
        let bytes = regular_file::read(path, MAX_MARK)?;
        Ok((Digest::of(&bytes), Mark::parse(&bytes)))
    }

    /// Reads it in its one spelling. What somebody wrote by hand is not what a
    /// reviewer said: then the strictest response holds.
    fn parse(bytes: &[u8]) -> Option<Mark> {
        let mark: Mark = serde_json::from_slice(bytes).ok()?;
        spell(&mark).is_ok_and(|spelled| spelled == bytes).then_some(mark)
    }
}

fn cut(mut words: String, most: usize) -> String {
    words.truncate(words.floor_char_boundary(most));
    words
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "countersign/halt/v1")]
    V1,
}

/// Bytes of a mark: what is typed may take six times its length in JSON.
const MAX_MARK: u64 = 1024 * 1024;

/// Bytes of a category or a place as it was typed.
const SHORT: usize = 4 * 1024;

/// Bytes of a description as it was typed.
const LONG: usize = 128 * 1024;
