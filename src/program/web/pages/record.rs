//! The whole record in plain words, entry by entry, and one entry by itself.
//!
//! Words only. What is withheld is named as that, and nothing of it is shown.

use std::sync::Arc;

use countersign_case::case::Reading;
use countersign_record::journal::{Body, Entry, Side};
use maud::{Markup, html};

use super::correct;
use crate::amounts::count;
use crate::describe;
use crate::say::cut;
use crate::web::cases::Guide;
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let head = reading.ledger().head();
    let from: u64 = visit.query("from").parse().unwrap_or(1).clamp(1, head);
    let to = (from + MOST_ENTRIES - 1).min(head);
    let released = reading.released();
    let withheld = released.withheld().len() as u64;
    let entries = &reading.ledger().entries()[from as usize - 1..to as usize];
    let body = html! {
        p {
            (count(head, "entry")) " so far, each signed by both of you. Times are UTC. "
            @if from > 1 || to < head { "These are " (from) " to " (to) "." }
        }
        @if withheld > 0 {
            div.warn { (count(withheld, "file")) " withheld by rule: left where " @if withheld == 1 { "it is" } @else { "they are" } "; not shown, printed or copied." }
        }
        ol.log {
            @for entry in entries {
                @let words = describe::entry(entry, reading.ledger(), &released);
                li {
                    a href=(format!("/case/{case}/record/{}", entry.entry)) { "Entry " (entry.entry) }
                    " "
                    span.when { (entry.time.in_words()) }
                    p.words-of { (cut(&words, LONGEST_ENTRY)) }
                }
            }
        }
        (pages(&format!("/case/{case}/record"), head, from))
    };
    let page = Page::new("The record", body).of(&reading).back(format!("/case/{case}"), "Task list");
    Ok(page.into())
}

/// One entry, with everything that it says.
pub fn entry(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let number: usize = visit.part("entry").parse().map_err(|_| Problem::NotFound)?;
    let entries = reading.ledger().entries();
    let entry = number.checked_sub(1).and_then(|at| entries.get(at)).ok_or(Problem::NotFound)?;
    let released = reading.released();
    let words = describe::entry(entry, reading.ledger(), &released);
    let [first, second] = Side::BOTH.map(|side| reading.ledger().reviewer_name(side));
    let body = html! {
        @if let Some(kept) = kept(&reading, visit) { (kept) }
        p { (entry.time.in_words()) ", signed by " (first) " and " (second) "." }
        div.inset { (cut(&words, WHOLE)) }
        @if is_exhibit(entry) {
            p { a href=(format!("/case/{case}/exhibits/{number}")) { "What was kept in it" } }
        }
        (correct::values(&reading, &reading.ledger().now(entry)))
        nav.steps-between aria-label="Entries" {
            @if number > 1 { a href=(format!("/case/{case}/record/{}", number - 1)) { "Entry " (number - 1) } " " }
            @if number < entries.len() { a href=(format!("/case/{case}/record/{}", number + 1)) { "Entry " (number + 1) } }
        }
    };
    let from = (number as u64 - 1) / MOST_ENTRIES * MOST_ENTRIES + 1;
    let page = Page::new(format!("Entry {number}"), body).of(&reading);
    let page = page.back(format!("/case/{case}/record?from={from}"), "The record");
    Ok(page.into())
}

/// That an entry was just kept.
pub fn kept(reading: &Reading, visit: &Visit) -> Option<Markup> {
    let number: usize = visit.query("kept").parse().ok()?;
    let entry = reading.ledger().entries().get(number.checked_sub(1)?)?;
    let words = describe::entry(entry, reading.ledger(), &reading.released());
    Some(html! {
        div.panel role="status" {
            h2 { "Entry " (number) " is kept, signed by both of you" }
            p { (cut(&words, LONGEST_ENTRY)) }
        }
    })
}

fn is_exhibit(entry: &Entry) -> bool {
    matches!(entry.body, Body::Kept(_) | Body::Attached(_))
}

/// The pages of a long list.
fn pages(to: &str, head: u64, from: u64) -> Markup {
    let last = (head - 1) / MOST_ENTRIES * MOST_ENTRIES + 1;
    html! {
        @if head > MOST_ENTRIES {
            nav.steps-between aria-label="Pages of the record" {
                @if from > 1 {
                    a href=(format!("{to}?from=1")) { "First" } " "
                    a href=(format!("{to}?from={}", from.saturating_sub(MOST_ENTRIES).max(1))) { "Earlier" } " "
                }
                @if from + MOST_ENTRIES <= head {
                    a href=(format!("{to}?from={}", from + MOST_ENTRIES)) { "Later" } " "
                    a href=(format!("{to}?from={last}")) { "Last" }
                }
            }
        }
    }
}

/// Entries on one page.
const MOST_ENTRIES: u64 = 50;

/// Letters of an entry in the list, and by itself.
const LONGEST_ENTRY: usize = 500;
const WHOLE: usize = 20_000;
