//! What the review leaves: visits, exhibits, notes, concerns.

use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::journal::facts::{File, Id, Side};
use crate::journal::left_out::AllLeftOut;
use crate::journal::text::{Line, Seen, Text};

/// Top-level visits, in order. Those within 250 ms may share an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visited {
    /// The visits.
    pub visits: Vec<Visit>,
}

/// One top-level visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// When.
    pub time: Time,
    /// The address that was asked for.
    pub url: Seen,
    /// The answers on the way to the last address.
    pub redirects: Vec<Hop>,
    /// How many more there were, for which an entry has no room.
    pub redirects_left_out: u64,
    /// The address that it ended at.
    pub final_url: Seen,
    /// The page's title.
    pub title: Option<Seen>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub failure: Option<Seen>,
}

/// One redirect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The address that answered.
    pub url: Seen,
    /// Its status.
    pub status: u16,
}

/// The number of an exhibit: the producer's initials and a consecutive
/// number, `JS/1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Exhibit {
    /// Who produced it.
    pub producer: Side,
    /// The number among that person's exhibits, from 1.
    pub number: u32,
    /// As it is written: `JS/1`.
    pub label: Line,
}

/// How a page was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// By a browser: with pictures.
    Browser,
    /// By asking the server: its answer, no pictures.
    Request,
}

/// A kept page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its exhibit number.
    pub exhibit: Exhibit,
    /// How it was kept.
    pub method: Method,
    /// The address that was asked for.
    pub url: Seen,
    /// The redirects on the way.
    pub redirects: Vec<Hop>,
    /// How many more there were; they are in the file with the role `record`.
    pub redirects_left_out: u64,
    /// The address that it ended at.
    pub final_url: Seen,
    /// The page's title.
    pub title: Option<Seen>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The network address that answered.
    pub remote_address: Option<Seen>,
    /// What the server said the time was.
    pub server_date: Option<Seen>,
    /// When keeping it began.
    pub started: Time,
    /// How long it took.
    pub took_ms: u64,
    /// The browser.
    pub browser: Option<Browser>,
    /// The files.
    pub files: Vec<File>,
    /// What is not in them.
    pub absences: Vec<Seen>,
    /// How many more there are; they are in the file with the role `record`.
    pub absences_left_out: u64,
}

/// The browser that kept a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    /// Product and version.
    pub product: Seen,
    /// Where its program lies.
    pub path: Seen,
    /// How it was started.
    pub command_line: Seen,
    /// The account as which it ran, where it was not that of the program:
    /// as root the program starts it as another.
    pub account: Option<Seen>,
}

/// Files that were brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Their exhibit number.
    pub exhibit: Exhibit,
    /// Many files take several entries.
    pub part: Part,
    /// What they are.
    pub description: Text,
    /// The files of this part.
    pub files: Vec<File>,
    /// What was not brought in, and why: of all parts, said with the first.
    pub left_out: AllLeftOut,
}

/// Which of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// From 1.
    pub number: u32,
    /// In all.
    pub of: u32,
    /// How many files all parts have together.
    pub files: u64,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Its words.
    pub text: Text,
}

/// What happens when a category is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// Go on.
    Record,
    /// Stop, and keep what there is for the police.
    Police,
    /// Stop at once, and withhold everything that was captured.
    StopAndWithhold,
}

/// A category as the pack had it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Category {
    /// Its id.
    pub id: Id,
    /// Its label.
    pub label: Line,
    /// What choosing it does.
    pub response: Response,
}

/// Where a concern is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// At an address.
    Url(Seen),
    /// In an exhibit, by its label.
    Exhibit(Line),
}

/// A concern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concern {
    /// Where.
    pub at: At,
    /// Of what kind.
    pub category: Category,
    /// In words.
    pub description: Text,
}

/// What became of a recording. The recording browser writes these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Recording {
    /// A browser was opened to record with.
    Began {
        /// Which, and how it was started.
        browser: Browser,
    },
    /// It broke off, or could not tell everything. It may have gone on.
    Gap {
        /// Since when.
        since: Time,
        /// Why.
        because: Seen,
    },
    /// Before the case was stopped these were visited, and none of them was on
    /// record yet.
    BeforeStop {
        /// Each visit, as the browser told it.
        visits: Vec<Visit>,
    },
    /// It ended.
    Ended {
        /// Why.
        because: Seen,
    },
}
