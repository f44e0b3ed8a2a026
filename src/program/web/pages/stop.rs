//! Stop: one press, and then what to do, in order.
//!
//! The stop itself waits for nothing: not for the case's thread, not for a
//! passphrase, not for a record that can be read.

use std::sync::Arc;

use countersign_case::case::{Halt, Reading};
use countersign_case::handover::referral_sheet;
use countersign_case::procedure::pack::{RouteDue, RouteTo};
use countersign_case::procedure::{Pack, Phase};
use countersign_record::journal::{Reference, Response, Restraint};
use maud::{Markup, html};

use super::tasks::people;
use crate::ambient::{SystemClock, fonts};
use crate::stop_page;
use crate::web::cases::Guide;
use crate::web::cases::at_once::{self, PageDeadline};
use crate::web::html::stop_words::{instructions, not_written};
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Reply, Visit};

/// Stops the case.
pub fn stop(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    at_once::stop(guide, case, Halt::default())?;
    Reply::see(format!("/case/{case}/stopped"))
}

/// What to do now.
pub fn stopped(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let is_held = at_once::is_not_written(guide, case);
    if !is_held && !PageDeadline::begin().is_there(guide, case) {
        return Err(Problem::NotFound);
    }
    // A record that cannot be read, or not at once, must not stand in the way.
    let reading = PageDeadline::begin().reading(guide, case);
    let restraint = reading.as_ref().map_or(Restraint::Withhold, |reading| reading.state().restraint());
    let response = match restraint {
        Restraint::None => return Reply::see(format!("/case/{case}")),
        Restraint::Police => Response::Police,
        Restraint::Withhold => Response::StopAndWithhold,
    };
    let sheet = format!("/case/{case}/referral-sheet");
    let body = html! {
        @if is_held {
            (not_written(case))
            p { a href=(format!("/case/{case}/stopped")) { "Load this page again" } " to see whether it is written down." }
        }
        (instructions(response))
        p {
            a.button href=(format!("/case/{case}/refer{}", reading.as_deref().map(police).unwrap_or_default())) { "We have rung the police: record it" }
        }
        @if let Some(draft) = words(visit) {
            p { "What you wrote waits until both of you sign it. " a href=(format!("/case/{case}/check/{draft}")) { "Put your words on record" } ", now or later today." }
        }
        (visit.form_to(&sheet, html! { button.second { "Print the referral sheet (no pictures)" } }))
        @match &reading {
            Some(reading) => (afterwards(reading)),
            None => (not_read(case)),
        }
        p { a href=(format!("/case/{case}")) { "Go to the task list of this case" } }
    };
    let page = Page::new(stop_page::title(response), body);
    Ok(match &reading {
        Some(reading) => page.of(reading).into(),
        None => page.stopped().beside(case, PageDeadline::begin().glance(guide, case).as_ref()).into(),
    })
}

/// The draft of the concern that stopped the case.
fn words(visit: &Visit) -> Option<&str> {
    let draft = visit.query("words");
    (draft.len() == 16 && draft.chars().all(|c| c.is_ascii_hexdigit())).then_some(draft)
}

/// The sheet for the police: words only, and no passphrase is asked for.
pub fn sheet(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let made = referral_sheet(&reading, &fonts(), &SystemClock::start());
    let bytes = made.map_err(crate::message::Message::from)?.bytes;
    Ok(Reply::File { name: format!("{case}-referral.pdf"), kind: "application/pdf", bytes })
}

/// Which case? From a page that is of none.
pub fn choose(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let patience = PageDeadline::brief();
    let known = patience.known(guide);
    let is_listed = known.is_some();
    // Those, too, whose disk was taken away since.
    let mut cases = guide.case_cache().have_read().clone();
    cases.extend(known.unwrap_or_default());
    let cases = cases.into_iter().rev();
    let read = cases.map(|case| (case, patience.reading(guide, case)));
    let open: Vec<_> = read.filter(|(_, reading)| is_open(reading.as_deref())).collect();
    let body = html! {
        ol.steps {
            @for (what, why) in &stop_page::steps(Response::StopAndWithhold)[..2] { li { strong { (what) } (why) } }
        }
        h2 { "Which case is it?" }
        @if !is_listed {
            p { "The folder of your cases does not answer, so they are not listed. Load this page again. At a command prompt, with its reference: countersign halt 2026-0001" }
        }
        @for (case, reading) in &open {
            (visit.form_to(&format!("/case/{case}/stop"), html! {
                button.warning { "Stop case " (case) }
                @if let Some(reading) = reading {
                    p.hint { (people(reading)) }
                }
            }))
        }
        p { a.button.second href="/open?suspected=yes" { "None of these: open a case that begins stopped" } }
        p { "You need not write anything down before you ring the police: 999 if a child is in danger, otherwise 101." }
    };
    Ok(Page::new("Stop", body).stopped().into())
}

/// The button on a page of no case.
pub fn choose_now(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    choose(guide, visit)
}

/// A case that cannot be read, or not at once, counts as open.
fn is_open(reading: Option<&Reading>) -> bool {
    reading.is_none_or(|reading| reading.state().phase() != Phase::Archived)
}

/// The same where the case could not be read, or not at once.
fn not_read(case: Reference) -> Markup {
    html! {
        p { a href=(format!("/case/{case}/isolate")) { "Write down how the computer was left" } }
        p { "The case could not be read at once. It is stopped all the same. " a href=(format!("/case/{case}/stopped")) { "Load this page again" } " for the rest of it." }
    }
}

fn afterwards(reading: &Reading) -> Markup {
    let case = reading.folder().reference();
    html! {
        @if !reading.pending_halts().is_empty() {
            div.inset.plain {
                p { "The case is stopped. Nothing can be looked at or kept in it from now on. The stop is put on record when both of you unlock the case next." }
                p { a href=(format!("/case/{case}/unlock?then=/case/{case}/stopped")) { "Unlock it together now" } ", or later." }
            }
        }
        p { a href=(format!("/case/{case}/stopped/about")) { "Say what it is about, where it was, and who stopped it" } ", from what you know already." }
        h2 { "How to leave each kind of device" }
        (devices(reading.pack()))
        p { a href=(format!("/case/{case}/isolate")) { "Write down how the computer was left" } }
    }
}

/// The police's own page, where the procedure says that they are told at once.
fn police(reading: &Reading) -> String {
    let mut routes = reading.pack().routes().iter();
    let route = routes.find(|route| route.to == RouteTo::Police && route.due == RouteDue::AtOnce);
    route.map(|route| format!("?route={}", route.id)).unwrap_or_default()
}

/// What to do with each kind of device, folded up.
pub fn devices(pack: &Pack) -> Markup {
    html! {
        @for kind in pack.isolation() {
            details {
                summary { (kind.label) }
                div { ul { @for instruction in &kind.instructions { li { (instruction) } } } }
            }
        }
    }
}
