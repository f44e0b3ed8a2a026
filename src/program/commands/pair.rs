//! Two things in one argument: a name and a position, a computer and its
//! place.
//!
//! What is left out is asked for at a terminal.

use countersign_record::journal::{Line, Name, TextError};

use crate::ask;
use crate::explain::field;
use crate::message::Message;

/// Two things in one argument, parted by the first comma.
pub struct Pair {
    flag: &'static str,
    what: &'static str,
    parts: [&'static str; 2],
    questions: [&'static str; 2],
}

pub const FIRST: Pair = Pair {
    flag: "--first",
    what: "first reviewing person",
    parts: ["name", "position"],
    questions: ["The first reviewing person's name?", "Their position?"],
};

pub const SECOND: Pair = Pair {
    flag: "--second",
    what: "second reviewing person",
    parts: ["name", "position"],
    questions: ["The second reviewing person's name?", "Their position?"],
};

pub const COMPUTER: Pair = Pair {
    flag: "--computer",
    what: "designated computer",
    parts: ["name", "location"],
    questions: ["The name of this computer?", "Where does it stand?"],
};

/// What can be one of the two.
pub trait PartOfPair: Sized {
    fn typed(words: &str) -> Result<Self, TextError>;
    fn ask(question: &str, what: &str) -> Result<Self, Message>;
}

impl PartOfPair for Name {
    fn typed(words: &str) -> Result<Name, TextError> {
        Name::typed(words)
    }

    fn ask(question: &str, what: &str) -> Result<Name, Message> {
        ask::name(question, what)
    }
}

impl PartOfPair for Line {
    fn typed(words: &str) -> Result<Line, TextError> {
        Line::typed(words)
    }

    fn ask(question: &str, what: &str) -> Result<Line, Message> {
        ask::line(question, what)
    }
}

pub fn pair<A: PartOfPair, B: PartOfPair>(given: &Option<String>, pair: &Pair) -> Result<(A, B), Message> {
    let [one, two] = pair.parts;
    let Some(given) = given else {
        ask::or_missing(pair.flag)?;
        let [first, second] = pair.questions;
        return Ok((A::ask(first, one)?, B::ask(second, two)?));
    };
    let Some((first, second)) =
        given.split_once(',').filter(|(first, second)| !first.trim().is_empty() && !second.trim().is_empty())
    else {
        let missing = match given.split_once(',') {
            Some((first, _)) if first.trim().is_empty() => one,
            _ => two,
        };
        return Err(Message::wrong(format!("The {} has no {missing}.", pair.what)).hint(format!(
            "Write both, with a comma between: {} \"{}, {}\"",
            pair.flag,
            one.to_uppercase(),
            two.to_uppercase()
        )));
    };
    let wrong = |part: &str, error| field(&format!("{part} of the {}", pair.what), &error);
    Ok((
        A::typed(first).map_err(|error| wrong(one, error))?,
        B::typed(second).map_err(|error| wrong(two, error))?,
    ))
}
