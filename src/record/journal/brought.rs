//! What was brought in as one exhibit, over all its entries: **the one place
//! where its files, parts and what was left out are counted**.
//!
//! It looks at entries alone, and says nothing in words.

use std::fmt;

use super::body::{Attached, Body, BrokenOff, Exhibit};
use super::entry::Entry;
use super::ledger::Ledger;
use super::left_out::AllLeftOut;
use super::text::Text;

/// An exhibit of files that were brought in, as far as the record holds it.
#[derive(Debug, Clone)]
pub struct BroughtIn<'a> {
    /// Its number.
    pub exhibit: &'a Exhibit,
    /// What the files are.
    pub description: &'a Text,
    /// The entries of its parts, in order.
    pub entries: Vec<u64>,
    /// How many parts it was to have.
    pub of: u32,
    /// How many files are in the record.
    pub files: u64,
    /// How many were to come.
    pub of_files: u64,
    /// How many bytes of files are in the record.
    pub bytes: u64,
    /// What was not brought in, and why.
    pub left_out: &'a AllLeftOut,
    /// Whether all of it is there.
    pub progress: Progress,
}

impl BroughtIn<'_> {
    /// What is in the record of it, where that is not all.
    pub fn unfinished(&self) -> Option<BrokenOff> {
        (self.progress != Progress::Whole).then(|| BrokenOff {
            exhibit: self.exhibit.label.clone(),
            parts: self.entries.len() as u32,
            of: self.of,
            files: self.files,
            of_files: self.of_files,
        })
    }

    /// The same in words, as a sentence.
    pub fn unfinished_in_words(&self) -> Option<String> {
        let part = self.unfinished()?;
        Some(match self.progress {
            Progress::Whole => return None,
            Progress::BrokeOff => format!("{part}."),
            Progress::Underway => {
                format!("Not all of it is on record: {} of {} files.", part.files, part.of_files)
            }
        })
    }
}

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BrokenOff { exhibit, files, of_files, .. } = self;
        write!(f, "Bringing in exhibit {exhibit} broke off: {files} of {of_files} files are on record")
    }
}

/// How far an exhibit has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// All its parts are in the record.
    Whole,
    /// Some are, and the next may follow.
    Underway,
    /// Some are, and none can follow: the case was stopped, or the program
    /// ended.
    BrokeOff,
}

impl Ledger {
    /// The exhibit with this label, where it is one of files that were
    /// brought in.
    pub fn brought_in(&self, label: &str) -> Option<BroughtIn<'_>> {
        let first = self.exhibit_entry(label)?;
        let Body::Attached(attached) = &first.body else { return None };
        let mut brought = BroughtIn::begin(attached);
        let later = usize::try_from(first.entry).ok().and_then(|first| self.entries().get(first - 1..))?;
        for entry in later {
            brought.take(entry);
            if brought.progress != Progress::Underway {
                break;
            }
        }
        Some(brought)
    }

    /// The exhibit of which some parts are in the record and no other can
    /// follow, while no entry says so yet. There is one at most: the last.
    pub fn unsaid_break(&self) -> Option<BrokenOff> {
        let mut back = self.entries().iter().rev();
        let last = back.find_map(|entry| match &entry.body {
            Body::Attached(attached) => Some(attached),
            _ => None,
        })?;
        let brought = self.brought_in(last.exhibit.label.as_str())?;
        let label = last.exhibit.label.as_str();
        let said = self.entries().iter().rev().take_while(|entry| !matches!(entry.body, Body::Attached(_)));
        let is_said = said.into_iter().any(|entry| breaks(entry, label));
        brought.unfinished().filter(|_| !is_said)
    }
}

impl<'a> BroughtIn<'a> {
    fn begin(first: &'a Attached) -> BroughtIn<'a> {
        BroughtIn {
            exhibit: &first.exhibit,
            description: &first.description,
            entries: Vec::new(),
            of: first.part.of,
            files: 0,
            of_files: first.part.files,
            bytes: 0,
            left_out: &first.left_out,
            progress: Progress::Underway,
        }
    }

    fn take(&mut self, entry: &Entry) {
        match &entry.body {
            Body::Attached(attached) if attached.exhibit == *self.exhibit => {
                self.entries.push(entry.entry);
                self.files += attached.files.len() as u64;
                self.bytes += attached.files.iter().map(|file| file.bytes).sum::<u64>();
                if attached.part.number == self.of {
                    self.progress = Progress::Whole;
                }
            }
            Body::ClockJumped(_) => {}
            _ => self.progress = Progress::BrokeOff,
        }
    }
}

fn breaks(entry: &Entry, label: &str) -> bool {
    matches!(&entry.body, Body::Recovered(recovered)
        if recovered.broken_off.as_ref().is_some_and(|broken| broken.exhibit.as_str() == label))
}
