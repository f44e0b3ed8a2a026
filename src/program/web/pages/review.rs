//! The review of a case: what is recorded, as it comes, and what can be done
//! with it.
//!
//! The list shows words only. What may be recorded is asked of the procedure.

mod list;
mod live;
mod panel;
mod start;

use std::sync::Arc;

use countersign_case::capture::Command;
use countersign_case::case::Reading;
use countersign_case::procedure::Deed;
use countersign_record::journal::{Restraint, Standing};
use maud::{Markup, html};

pub use list::rows;
pub use live::live;
pub use start::{SIDES, begin as start_now, go, go_now, producer, samples, show as start};

use super::record::kept;
use crate::web::cases::Guide;
use crate::web::html::Page;
use crate::web::html::Problem;
use crate::web::server::visit::{Answer, Reply, Visit};

/// Where a button was pressed and the case had to be unlocked first.
pub fn again(_: &Arc<Guide>, visit: &Visit) -> Answer {
    Reply::see(format!("/case/{}/review", visit.case()?))
}

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    if reading.state().restraint() != Restraint::None {
        return Reply::see(format!("/case/{case}/stopped"));
    }
    let before = visit.query("before").parse().ok();
    let (rows, older) = rows(&reading, before);
    let at = format!("/case/{case}");
    let live = format!("{at}/live");
    let body = html! {
        @if let Some(kept) = kept(&reading, visit) { (kept) }
        div.recording data-case=(live) data-asks=[before.is_none().then_some("list=yes")] {
            (panel::panel(guide, visit, &reading))
        }
        div.deeds { (deeds(guide, visit, &reading)) }
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
    if !guide.is_recording(case) || !guide.recordings.of(case).is_some_and(|told| told.want_page_kept()) {
        return Err(not_recording());
    }
    guide.command(case, Command::Keep)?;
    Reply::see(format!("/case/{case}/review"))
}

/// Somebody is still there.
pub fn go_on(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    guide.note_activity(case);
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

/// What can be done now.
fn deeds(guide: &Guide, visit: &Visit, reading: &Reading) -> Markup {
    if reading.may_now(&Deed::Keep).is_err() {
        return html! { p { "The review has ended: nothing more is looked at or brought in." } };
    }
    let case = reading.folder().reference();
    let at = format!("/case/{case}");
    let recording = guide.is_recording(case);
    html! {
        div.row-of-buttons {
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
            p.hint { "Browse in the window that opened: in Chromium and Chrome its frame is dark red. What you do in other windows is not recorded. “Keep this page” keeps what is on the screen there. If you see what must not be seen, press Ctrl+Shift+S in it, or Stop here." }
            p.hint { "When nobody does anything for ten minutes, the recording ends by itself. This page says so before it does." }
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
