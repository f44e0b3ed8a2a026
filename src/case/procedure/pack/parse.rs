//! From TOML to the fields of a pack, with the line and field of what is
//! wrong.
//!
//! It knows the shape of a pack, not its rules.

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::PackText;
use countersign_record::journal::{Id, Response, Seen};

/// The fields of `text`, and where its tables stand.
pub(super) fn read(text: &str) -> Result<(PackText, Lines), PackError> {
    if text.len() > LARGEST {
        return Err(PackError { line: None, field: "pack".to_owned(), problem: PackProblem::TooLong });
    }
    let pack = toml::from_str(text).map_err(|e| unreadable(text, &e))?;
    let places: Places = toml::from_str(text).map_err(|e| unreadable(text, &e))?;
    Ok((pack, Lines { text: text.to_owned(), places }))
}

/// The one format that this version reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Format {
    #[serde(rename = "countersign/procedure/v1")]
    V1,
}

/// Why a text is no pack, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{field}: {problem}", line.map(|n| format!("line {n}, ")).unwrap_or_default())]
pub struct PackError {
    /// The line, from 1, where one can be named.
    pub line: Option<usize>,
    /// The field or table, such as `categories "grooming"`.
    pub field: String,
    /// What is wrong with it.
    pub problem: PackProblem,
}

/// What is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackProblem {
    /// More than 256 KiB.
    #[error("is longer than 256 KiB")]
    TooLong,
    /// Not the TOML or the fields of a pack.
    #[error("{0}")]
    Unreadable(Seen),
    /// The id of a built-in pack on another text.
    #[error("is the id of a procedure that comes with Countersign; a changed text needs an id of its own")]
    BuiltInId,
    /// Two entries of one list with one id.
    #[error("is there twice")]
    Twice,
    /// Something that must be there is not.
    #[error("{0} is missing; no procedure can leave it out")]
    Missing(String),
    /// A category whose response is milder than the law allows.
    #[error("must have the response {} or a stricter one; no procedure can weaken it", response_id(*.0))]
    TooMild(Response),
    /// A step before one that it builds on.
    #[error("stands before {0:?}, on which it builds")]
    TooEarly(&'static str),
    /// A category that halts, without anyone to tell at once.
    #[error("halts the case, but no route to the police is due at once for it")]
    NoPolice,
    /// A reference to something that is not in the pack.
    #[error("names {0}, which is not a category of this procedure")]
    Unknown(Id),
    /// A number that does not fit.
    #[error("{0}")]
    Number(&'static str),
}

/// Where the tables of a pack stand in its text.
pub(super) struct Lines {
    text: String,
    places: Places,
}

impl Lines {
    /// The error `problem` with the top-level key `key`.
    pub(super) fn of_key(&self, key: &str, problem: PackProblem) -> PackError {
        let line = self.text.lines().position(|line| key_of(line) == Some(key)).map(|at| at + 1);
        PackError { line, field: key.to_owned(), problem }
    }

    /// The error `problem` with the entry `index` of the list `list`.
    pub(super) fn of(&self, list: List, index: usize, id: &str, problem: PackProblem) -> PackError {
        let places = match list {
            List::Steps => &self.places.steps,
            List::Categories => &self.places.categories,
            List::Routes => &self.places.routes,
            List::Outcomes => &self.places.outcomes,
            List::Sanctions => &self.places.sanctions,
            List::Retention => &self.places.retention,
            List::Isolation => &self.places.isolation,
        };
        let line = places.get(index).map(|place| line_of(&self.text, place.span().start));
        PackError { line, field: format!("{} {id:?}", list.name()), problem }
    }

    /// The error `problem` with the list `list` as a whole.
    pub(super) fn of_list(&self, list: List, problem: PackProblem) -> PackError {
        PackError { line: None, field: list.name().to_owned(), problem }
    }
}

/// The lists of a pack.
#[derive(Debug, Clone, Copy)]
pub(super) enum List {
    Steps,
    Categories,
    Routes,
    Outcomes,
    Sanctions,
    Retention,
    Isolation,
}

impl List {
    fn name(self) -> &'static str {
        match self {
            List::Steps => "steps",
            List::Categories => "categories",
            List::Routes => "routes",
            List::Outcomes => "outcomes",
            List::Sanctions => "sanctions",
            List::Retention => "retention",
            List::Isolation => "isolation",
        }
    }
}

#[derive(Deserialize)]
struct Places {
    steps: Vec<Spanned<IgnoredAny>>,
    categories: Vec<Spanned<IgnoredAny>>,
    routes: Vec<Spanned<IgnoredAny>>,
    outcomes: Vec<Spanned<IgnoredAny>>,
    #[serde(default)]
    sanctions: Vec<Spanned<IgnoredAny>>,
    retention: Vec<Spanned<IgnoredAny>>,
    isolation: Vec<Spanned<IgnoredAny>>,
}

fn unreadable(text: &str, error: &toml::de::Error) -> PackError {
    let line = error.span().map(|span| line_of(text, span.start));
    let field = line.and_then(|n| text.lines().nth(n - 1)).and_then(key_of).unwrap_or("pack");
    let problem = PackProblem::Unreadable(Seen::of(&error.message().replace('\n', " ")));
    PackError { line, field: field.to_owned(), problem }
}

/// The key or table name with which a line begins.
fn key_of(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches('[');
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')));
    let key = &line[..end.unwrap_or(line.len())];
    (!key.is_empty()).then_some(key)
}

fn response_id(response: Response) -> &'static str {
    match response {
        Response::Record => "record",
        Response::Police => "police",
        Response::StopAndWithhold => "stop-and-withhold",
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

const LARGEST: usize = 256 * 1024;
