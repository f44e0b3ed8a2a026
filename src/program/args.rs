//! Arguments that several verbs share.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use countersign_case::capture::Traffic;
use countersign_record::journal::{Id, Reference, Side};

/// Which case.
#[derive(Debug, Args)]
pub struct CaseArg {
    /// The case's reference, such as 2026-0001; may be left out where only one case is open
    #[arg(value_name = "CASE")]
    pub case: Option<Reference>,
}

/// Who did something, and when, as people say it.
#[derive(Debug, Args)]
pub struct ByWhen {
    /// Who did it, or is to do it
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// When
    #[arg(long, value_name = "WHEN")]
    pub when: Option<String>,
}

/// Where the passphrases come from.
#[derive(Debug, Args)]
pub struct Passphrases {
    /// Read both passphrases from this private file, one a line, instead of asking for them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrases: Option<PathBuf>,
}

/// What is kept of a page beside its pictures.
#[derive(Debug, Clone, Args)]
pub struct TrafficArg {
    /// Keep the page's traffic, too: all that it asked for and was sent, as a web archive (WACZ)
    ///
    /// An examiner can open the page again from it. It can hold parts of the
    /// page that nobody looked at, and what was sent through a form, such as a
    /// password; that is why it is not kept unless you say so. Of cookies and
    /// the like only their presence is kept.
    #[arg(long)]
    traffic: bool,
}

impl TrafficArg {
    pub fn traffic(&self) -> Traffic {
        if self.traffic { Traffic::Kept } else { Traffic::NotKept }
    }
}

/// One of the two reviewing people.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Person {
    First,
    Second,
}

impl Person {
    pub fn side(self) -> Side {
        match self {
            Person::First => Side::A,
            Person::Second => Side::B,
        }
    }
}

/// An id of the procedure, such as `grooming`.
pub fn id(text: &str) -> Result<Id, String> {
    text.parse().map_err(|_| {
        "an id has small letters, digits and hyphens; see `countersign procedure show`".to_owned()
    })
}

/// A first argument that may be a case, and the rest.
pub fn leading_case(arguments: &[OsString]) -> (Option<Reference>, &[OsString]) {
    match arguments.split_first() {
        Some((first, rest)) => match first.to_str().and_then(|text| text.parse().ok()) {
            Some(case) => (Some(case), rest),
            None => (None, arguments),
        },
        None => (None, arguments),
    }
}
