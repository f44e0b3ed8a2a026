//! What a recording tells while it goes on: of what is on record only what is
//! durable already.

use crate::capture::told_held;
use crate::case::Held;
use crate::case::Unfinished;
use countersign_record::clock::Time;
use countersign_record::journal::{Body, Browser, Kept, Seen, Visit};

/// Something that happened. Where it has an entry, the entry is durable.
#[derive(Debug, Clone)]
pub enum Event {
    /// The browser is open.
    Began {
        /// The entry.
        entry: u64,
        /// The browser.
        browser: Browser,
    },
    /// A page was visited. Several visits can share an entry.
    Visit {
        /// The entry.
        entry: u64,
        /// The visit.
        visit: Visit,
    },
    /// Something was asked for and not given: an address that nobody may
    /// open, a download.
    Denied {
        /// The entry.
        entry: u64,
        /// The visit as it is on record; its failure says what was denied.
        visit: Visit,
    },
    /// A page or a part of it was kept.
    Kept {
        /// The entry.
        entry: u64,
        /// The exhibit.
        kept: Box<Kept>,
    },
    /// A note or a concern was put on record.
    Said {
        /// The entry.
        entry: u64,
        /// What it says.
        body: Box<Body>,
    },
    /// The recording broke off, or could not tell everything. It may go on:
    /// then [`Event::Began`] follows.
    Gap {
        /// The entry.
        entry: u64,
        /// Since when.
        since: Time,
        /// Why.
        because: Seen,
    },
    /// What was told last is on record; this could not be done beside it.
    Unfinished(Unfinished),
    /// The case was stopped. The window is closed, and what was not durable is
    /// dropped.
    Halted {
        /// The entry.
        entry: u64,
    },
    /// The recording ended.
    Ended {
        /// The entry.
        entry: u64,
        /// Why.
        because: Seen,
    },
    /// People did something in the window. It is told now and then, and is not
    /// on record.
    Active,
    /// A command was not carried out. Nothing of it is on record.
    Refused {
        /// The command's word.
        what: &'static str,
        /// Why.
        why: Unmet,
    },
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error, Clone)]
pub enum Unmet {
    /// No page is open.
    #[error("no page is open")]
    NoPage,
    /// The address is none that can be recorded.
    #[error("{url}: {why}")]
    Address {
        /// What was asked for.
        url: String,
        /// Why not.
        why: String,
    },
    /// The page went on to another address, or closed, while it was kept.
    #[error("the page changed while it was being kept")]
    Changed,
    /// The area is empty or outside of the window.
    #[error("the area is not inside the window, which is {width} by {height}")]
    Area {
        /// The window's width.
        width: u32,
        /// The window's height.
        height: u32,
    },
    /// The page does not answer.
    #[error("the page could not be kept: {0}")]
    Page(String),
    /// What the page shows is withheld in a case of this home.
    #[error("what the page shows {}", told_held(.0))]
    Held(Held),
    /// The procedure or the record refuses.
    #[error("{0}")]
    Case(String),
    /// The words that were typed cannot be kept.
    #[error("the words: {0}")]
    Words(String),
    /// The recording ended before its turn came.
    #[error("the recording ended first")]
    Ended,
}
