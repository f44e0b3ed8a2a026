//! The list of what was looked at, kept, brought in and said: newest first,
//! so many at a time.

use countersign_case::case::Reading;
use countersign_record::clock::Time;
use countersign_record::journal::{Body, Entry, Released};
use maud::{Markup, html};

use crate::amounts::time_of_day;
use crate::describe;
use crate::say::cut;

/// The newest rows before an entry, or of all, and the entry before which the
/// next ones are.
pub fn rows(reading: &Reading, before: Option<u64>) -> (Markup, Option<u64>) {
    let released = reading.released();
    let entries = reading.ledger().entries();
    let end = before.map_or(entries.len(), |before| (before.saturating_sub(1) as usize).min(entries.len()));
    let mut listed = entries[..end].iter().rev().filter(|entry| is_listed(entry));
    let shown: Vec<&Entry> = listed.by_ref().take(MOST_ROWS).collect();
    let older = listed.next().and(shown.last().map(|entry| entry.entry));
    let case = reading.folder().reference();
    let rows = html! {
        @if shown.is_empty() { p { "Nothing yet." } } @else {
            ol.log {
                @for entry in shown {
                    li #{ "entry-" (entry.entry) } {
                        a href=(format!("/case/{case}/record/{}", entry.entry)) { "Entry " (entry.entry) }
                        " "
                        span.when { (time_of_day(entry.time)) }
                        p.words-of { (words(entry, reading, &released)) }
                        (next_to(entry, reading))
                    }
                }
            }
        }
    };
    (rows, older)
}

/// What can be done with it.
fn next_to(entry: &Entry, reading: &Reading) -> Markup {
    let case = reading.folder().reference();
    let number = entry.entry;
    html! {
        @match &entry.body {
            Body::Visited(_) => a href=(format!("/case/{case}/concern/kind?at=visit-{number}")) {
                "Describe a concern" span.visually-hidden { " about entry " (number) }
            },
            Body::Kept(kept) => {
                a href=(format!("/case/{case}/exhibits/{number}")) { "Look at " (kept.exhibit.label) }
                " · "
                a href=(format!("/case/{case}/concern/kind?at=exhibit-{number}")) {
                    "Describe a concern" span.visually-hidden { " about " (kept.exhibit.label) }
                }
            }
            Body::Attached(attached) => a href=(format!("/case/{case}/exhibits/{number}")) { "See " (attached.exhibit.label) },
            _ => {}
        }
    }
}

fn words(entry: &Entry, reading: &Reading, released: &Released) -> String {
    cut(&describe::entry(entry, reading.ledger(), released), LONGEST_ROW)
}

fn is_listed(entry: &Entry) -> bool {
    entry.body.is_recording() || matches!(entry.body, Body::Concern(_) | Body::Noted(_) | Body::Recording(_))
}

/// The page that was kept last.
pub fn last_kept(reading: &Reading) -> Option<(String, Time)> {
    let entries = reading.ledger().entries().iter().rev();
    entries.take(FAR_ENOUGH).find_map(|entry| match &entry.body {
        Body::Kept(kept) => Some((kept.exhibit.label.to_string(), entry.time)),
        _ => None,
    })
}

/// Rows on one page.
const MOST_ROWS: usize = 25;

/// Letters of one row.
const LONGEST_ROW: usize = 400;

/// Entries that are looked through for the last kept page.
const FAR_ENOUGH: usize = 5000;
