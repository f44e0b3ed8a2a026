//! The review of a case: what is recorded, as it comes, and what can be done
//! with it.
//!
//! The list shows words only. What may be recorded is asked of the procedure.

mod list;
mod live;
mod start;

use std::sync::Arc;

use countersign::capture::Command;
use countersign::case::Reading;
use countersign::journal::{Reference, Restraint, Standing};
use countersign::procedure::Deed;
use maud::{Markup, html};

pub use list::{cut, rows};
pub use live::live;
pub use start::{SIDES, begin as start_now, go, go_now, producer, samples, show as start};

use super::record::kept;
use crate::ambient;
use crate::describe::time_of_day;
use crate::explain::bytes;
use crate::web::Guide;
use crate::web::layout::Page;
use crate::web::problem::{Problem, hints};
use crate::web::visit::{Answer, Reply, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    if reading.state().restraint() != Restraint::None {
        return Reply::see(format!("/case/{case}/stopped"));
    }
    let may = reading.state().permit(Deed::Keep).is_ok();
    let before = visit.query("before").parse().ok();
    let (rows, older) = rows(&reading, before);
    let at = format!("/case/{case}");
    let live = format!("{at}/live");
    let body = html! {
        @if let Some(kept) = kept(&reading, visit) { (kept) }
        div.recording data-case=(live) data-list=[before.is_none().then_some("yes")] data-stage=(stage(guide, case)) {
            (panel(guide, &reading))
        }
        @if may { (buttons(guide, visit, &reading)) } @else {
            p { "The review has ended: nothing more is looked at or brought in." }
        }
        h2 { @if before.is_some() { "Earlier" } @else { "On record so far" } }
        p {
            a href=(format!("{at}/review")) { "Refresh this list" }
            ". Newest first; the times are UTC. "
            a href=(format!("{at}/exhibits")) { "What was kept and brought in" } " · "
            a href=(format!("{at}/record")) { "The whole record" }
        }
        div #list { (rows) }
        @if let Some(older) = older {
            p { a href=(format!("{at}/review?before={older}")) { "Earlier ones" } }
        }
    };
    let page = Page::new("Look at it together", body).of(&reading).back(at, "Task list");
    Ok(page.into())
}

/// Keeps the page that is on the screen of the recording browser.
pub fn keep(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let told = guide.recordings.of(case).filter(|told| told.goes_on());
    let (Some(told), true) = (told, guide.is_recording(case)) else { return Err(not_recording()) };
    guide.command(case, Command::Keep)?;
    told.is_keeping();
    Reply::see(format!("/case/{case}/review"))
}

/// Ends the recording.
pub fn end(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    if !guide.is_recording(case) {
        return Err(not_recording());
    }
    guide.command(case, Command::End)?;
    // So that the next page says that it has ended, where it ends at once.
    for _ in 0..20 {
        if !guide.is_recording(case) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Reply::see(format!("/case/{case}/review"))
}

fn not_recording() -> Problem {
    Problem::no("Nothing is being recorded. What was kept before is on record.")
}

fn buttons(guide: &Guide, visit: &Visit, reading: &Reading) -> Markup {
    let case = reading.folder().reference();
    let at = format!("/case/{case}");
    let recording = guide.is_recording(case);
    html! {
        div.deeds {
            @if recording {
                (visit.form_to(&format!("{at}/review/keep"), html! { button accesskey="k" { "Keep this page" } }))
            } @else {
                a.button href=(format!("{at}/review/start")) { "Start recording" }
            }
            a.button.second href=(format!("{at}/concern")) { "Describe a concern" }
            a.button.second href=(format!("{at}/attach")) { "Add files" }
            a.button.second href=(format!("{at}/note")) { "Note" }
            @if recording {
                (visit.form_to(&format!("{at}/review/end"), html! { button.second { "End the recording" } }))
            }
        }
        @if recording {
            p.hint { "Browse in the window that opened. “Keep this page” keeps what is on the screen there. If you see what must not be seen, press Ctrl+Shift+S in it, or Stop here." }
        }
        p {
            @if recording { a href=(format!("{at}/review/go")) { "Open an address in the recording window" } }
            @else { a href=(format!("{at}/keep")) { "Keep a page by its address" } }
        }
        @if reading.ledger().opened().standing == Standing::Rehearsal {
            p {
                "This is practice. "
                a href=(format!("{at}/review/{}", if recording { "go" } else { "start" })) { "Pages of the sample site to visit" }
            }
        }
    }
}

/// Which of its forms the page has: it is loaded anew when that changes.
fn stage(guide: &Guide, case: Reference) -> &'static str {
    if guide.is_recording(case) { "recording" } else { "quiet" }
}

/// The state of the recording. In words: colours say nothing alone.
fn panel(guide: &Guide, reading: &Reading) -> Markup {
    let case = reading.folder().reference();
    let told = guide.recordings.of(case);
    let trouble = told.as_ref().and_then(|told| told.trouble());
    html! {
        p.state role="status" { (state(guide, case)) }
        div.facts { (facts(guide, reading)) }
        div.trouble {
            @if let Some(trouble) = trouble {
                p { strong { (trouble.what) } }
                @for hint in hints(&trouble) { p { (hint) } }
            }
        }
    }
}

fn state(guide: &Guide, case: Reference) -> String {
    match guide.recordings.of(case) {
        Some(told) => told.words(),
        None => "NOT RECORDING".to_owned(),
    }
}

/// The last page kept and when, and how much room is left.
fn facts(guide: &Guide, reading: &Reading) -> Markup {
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

/// Bytes on the disk below which it is said.
const LITTLE_ROOM: u64 = 1_000_000_000;
