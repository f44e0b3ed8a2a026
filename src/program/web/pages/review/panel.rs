//! The state of a recording on the page: what goes on, what was kept last,
//! what was not done, and when it ends by itself.
//!
//! In words: colours say nothing alone.

use countersign_case::case::Reading;
use countersign_record::journal::Reference;
use maud::{Markup, html};

use super::list;
use crate::ambient;
use crate::amounts::{bytes, time_of_day};
use crate::web::cases::Guide;
use crate::web::html::hints;
use crate::web::server::visit::Visit;

/// The whole panel. What is said aloud is put into its place by a script, and
/// when it changes only.
pub fn panel(guide: &Guide, visit: &Visit, reading: &Reading) -> Markup {
    let case = reading.folder().reference();
    html! {
        p.state { (state(guide, case)) }
        p.aloud.visually-hidden role="status" {}
        div.ending role="alert" { (ending(guide, visit, case)) }
        div.facts { (facts(guide, reading)) }
        div.trouble { (trouble(guide, case)) }
    }
}

pub fn state(guide: &Guide, case: Reference) -> String {
    match guide.recordings.of(case) {
        Some(told) => told.words(),
        None => "NOT RECORDING".to_owned(),
    }
}

pub fn aloud(guide: &Guide, case: Reference) -> String {
    guide.recordings.of(case).map(|told| told.aloud()).unwrap_or_default()
}

/// That nobody has done anything for a while, and what to do about it.
pub fn ending(guide: &Guide, visit: &Visit, case: Reference) -> Markup {
    let ends = guide.ends_soon(case).map(time_of_day);
    html! {
        @if let Some(ends) = ends {
            p { strong { "The recording ends by itself at " (ends) ", because nobody has done anything in it for some minutes." } }
            p { "To go on, move the mouse in the recording window, or:" }
            (visit.form_to(&format!("/case/{case}/review/on"), html! { button { "Go on recording" } }))
        }
    }
}

/// The last page kept and when, and how much room is left.
pub fn facts(guide: &Guide, reading: &Reading) -> Markup {
    let case = reading.folder().reference();
    let kept = guide.recordings.of(case).and_then(|told| told.kept()).or_else(|| list::last_kept(reading));
    let left = ambient::disk_left(reading.folder().path());
    html! {
        p {
            @match kept {
                Some((label, at)) => { "Last page kept: exhibit " (label) " at " (time_of_day(at)) "." }
                None => { "No page kept yet." }
            }
            @if let Some(left) = left { " Room on the disk: " (bytes(left)) "." }
            @if left.is_some_and(|left| left < LITTLE_ROOM) { strong { " That is little. Ask your IT person for room before you keep more." } }
        }
    }
}

/// What was not done, or why the recording broke off.
pub fn trouble(guide: &Guide, case: Reference) -> Markup {
    let trouble = guide.recordings.of(case).map(|told| told.trouble()).unwrap_or_default();
    html! {
        @for message in &trouble {
            p { strong { (message.what) } }
            @for hint in hints(message) { p { (hint) } }
        }
    }
}

/// Bytes on the disk below which it is said.
const LITTLE_ROOM: u64 = 1_000_000_000;
