//! How a case was stopped, and what follows that: a computer isolated, somebody
//! told.
//!
//! Whether it may be is the procedure's to say.

use serde::{Deserialize, Serialize};

use super::{Body, Happened};
use crate::clock::Time;
use crate::digest::Digest;
use crate::journal::{Category, Id, Line, Name, Response, Seen, Side, Text};

/// The case was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halted {
    /// The category, if one was chosen. Without one the strictest response
    /// holds.
    pub category: Option<Category>,
    /// The category's id as it was typed, where the procedure has none such
    /// that stops a case.
    pub typed: Option<Seen>,
    /// Where it was seen, as it was typed.
    pub place: Option<Seen>,
    /// Who stopped it, where that is known.
    pub by: Option<Side>,
    /// How it came about.
    pub raised: Raised,
    /// When it was stopped, which may be before both could sign.
    pub raised_at: Option<Time>,
    /// The digest of the `halt-raised` file.
    pub raised_file: Option<Digest>,
    /// In words.
    pub description: Option<Text>,
    /// The address on the screen of a recording when it was stopped, as the
    /// program saw it.
    pub screen: Option<Seen>,
    /// What was being kept then, as the program saw it.
    pub keeping: Option<Seen>,
}

impl Halted {
    /// Bytes, as they stand in an entry, of what the program saw when the case
    /// was stopped.
    pub const MAX_SEEN: usize = 2048;

    /// By the answer at the gate: before anything was looked at.
    pub fn at_the_gate(category: Option<Category>, description: Option<Text>, at: Option<Time>) -> Halted {
        Halted {
            category,
            typed: None,
            place: None,
            by: None,
            raised: Raised::AtTheGate,
            raised_at: at,
            raised_file: None,
            description,
            screen: None,
            keeping: None,
        }
    }

    /// What it does: without a category, the strictest.
    pub fn response(&self) -> Response {
        self.category.as_ref().map_or(Response::StopAndWithhold, |c| c.response)
    }
}

/// How a halt came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Raised {
    /// By the answer at the gate.
    AtTheGate,
    /// By a concern that was described.
    ByConcern,
    /// By one person, at once.
    ByHand,
    /// The mark of a halt was found, but not who made it.
    Found,
}

/// The computer or a device was isolated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Isolated {
    /// Which of the pack's kinds of computer or device it is.
    pub device: Option<Id>,
    /// What was isolated, and how.
    pub what: Text,
    /// What changed the computer's state since the halt, as far as they know.
    pub changes: Option<Text>,
    /// By whom.
    pub by: Option<Name>,
    /// When.
    pub when: Option<Happened>,
    /// Who wrote this down alone before both signed it, if somebody did.
    pub alone: Option<WrittenAlone>,
}

/// That one person wrote something down alone, without a passphrase, and that
/// both signed it later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenAlone {
    /// Who, as they said.
    pub by: Side,
    /// When, as the computer said.
    pub at: Time,
    /// The digest of the file that nobody signed.
    pub file: Digest,
}

/// Somebody outside was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referred {
    /// The route in the pack.
    pub route: Id,
    /// To whom, in the pack's words or the person's.
    pub to: Line,
    /// Who told them.
    pub by: Option<Name>,
    /// Whom they spoke to.
    pub contact: Option<Name>,
    /// When.
    pub when: Option<Happened>,
    /// The reference number that was given.
    pub reference: Option<Name>,
    /// What was said and advised.
    pub advice: Option<Text>,
    /// What they said is to be done with the computer.
    pub computer: Option<Text>,
    /// What they found, once they have answered.
    pub answer: Option<Answer>,
    /// Who wrote this down alone before both signed it, if somebody did.
    pub alone: Option<WrittenAlone>,
}

/// What the police or another body found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// What was suspected is so: they go on.
    Confirmed,
    /// It is not: the case ends by internal procedures.
    NotConfirmed,
}

impl Body {
    /// Who wrote it down alone before both signed it, where somebody did.
    pub fn written_alone(&self) -> Option<&WrittenAlone> {
        match self {
            Body::Referred(referred) => referred.alone.as_ref(),
            Body::Isolated(isolated) => isolated.alone.as_ref(),
            Body::Corrected(corrected) => corrected.alone.as_ref(),
            _ => None,
        }
    }
}
