//! The guide's pages: one file for each, and the table of their addresses.
//!
//! A page asks the library and describes what it shows. It writes nothing
//! itself and has no rule of its own.

mod act;
mod archive;
mod asked;
mod attach;
mod check;
mod concern;
mod correct;
mod end;
mod exhibits;
mod form;
mod hand_over;
mod handed;
mod isolate;
mod judge;
mod keep;
mod name;
mod note;
mod open;
pub mod outside;
mod practise;
mod record;
mod refer;
mod register;
mod review;
mod seal;
mod start;
mod stop;
mod tasks;
mod traffic;
mod unlock;
mod verify;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use countersign_case::case::CaseError;
use countersign_record::journal::Reference;
use maud::html;

pub use asked::Asked;
pub use check::Pending;
pub use open::Opening;
pub use unlock::first as to_unlock;
pub use verify::Checked;

use self::archive::Archive;
use self::hand_over::HandOver;
use crate::message::{Message, shown};

use super::layout::Page;
use super::problem::{Problem, hints};
use super::upload::brings;
use super::visit::{Reply, Visit, shows, shows_at_once, takes, takes_at_once};
use super::{Guide, jobs};

/// Every address of the guide. What is not here is not there.
pub fn router() -> Router<Arc<Guide>> {
    Router::new()
        .route("/", shows(start::show))
        .route("/stop", shows_at_once(stop::choose).merge(takes_at_once(stop::choose_now)))
        .route("/end", shows(end::show).merge(takes(end::end)))
        .route("/open", shows(open::gate).merge(takes(open::begin)))
        .route("/open/{draft}/{step}", shows(open::show).merge(takes(open::send)))
        .route("/case/{case}", shows(tasks::show))
        .route("/case/{case}/unlock", shows(unlock::show).merge(takes(unlock::send)))
        .route("/case/{case}/lock", takes(unlock::lock))
        // It waits for nothing that other pages wait for.
        .route("/case/{case}/stop", takes_at_once(stop::stop))
        .route("/case/{case}/stopped", shows_at_once(stop::stopped))
        .route("/case/{case}/referral-sheet", takes(stop::sheet))
        .route("/case/{case}/check/{draft}", shows(check::show).merge(takes(check::sign)))
        .route("/case/{case}/check/{draft}/alone", takes(check::alone))
        .route("/case/{case}/stopped/about", shows(name::show).merge(takes(name::send)))
        .route("/case/{case}/isolate", shows(isolate::show).merge(takes(isolate::send)))
        .route("/case/{case}/refer", shows(refer::show).merge(takes(refer::send)))
        .route("/case/{case}/note", shows(note::show).merge(takes(note::send)))
        .route("/case/{case}/correct/{entry}", shows(correct::show_whole).merge(takes(correct::send_whole)))
        .route("/case/{case}/correct/{entry}/{field}", shows(correct::show).merge(takes(correct::send)))
        .route("/case/{case}/correct/{entry}/{field}/stop", shows(correct::show).merge(takes(correct::stop)))
        .merge(reviewing())
        .merge(ending())
        .route("/job/{job}", shows(jobs::show))
        .route("/job/{job}/live", get(jobs::live))
        .fallback(shows(missing))
}

/// What is looked at, kept, brought in and said, and the record of it.
fn reviewing() -> Router<Arc<Guide>> {
    Router::new()
        .route("/practise", shows(practise::show))
        .route("/case/{case}/review", shows(review::show))
        .route("/case/{case}/review/start", shows(review::start).merge(takes(review::start_now)))
        .route("/case/{case}/review/go", shows(review::go).merge(takes(review::go_now)))
        .route("/case/{case}/review/keep", shows(review::again).merge(takes(review::keep)))
        .route("/case/{case}/review/on", shows(review::again).merge(takes(review::go_on)))
        .route("/case/{case}/review/end", shows(review::again).merge(takes(review::end)))
        .route("/case/{case}/live", get(review::live))
        .route("/case/{case}/keep", shows(keep::show).merge(takes(keep::send)))
        .route("/case/{case}/attach", shows(attach::show).merge(brings(attach::wanted, attach::receive)))
        .route("/case/{case}/concern", shows(concern::show).merge(takes(concern::send)))
        .route("/case/{case}/concern/kind", shows(concern::kind).merge(takes(concern::send_kind)))
        .route("/case/{case}/concern/stop", takes(concern::stop))
        .route("/case/{case}/record", shows(record::show))
        .route("/case/{case}/record/{entry}", shows(record::entry))
        .route("/case/{case}/exhibits", shows(exhibits::show))
        .route("/case/{case}/exhibits/{entry}", shows(exhibits::one))
        .route("/case/{case}/picture/{picture}", shows(exhibits::show_picture))
}

/// What is decided, and how a case leaves and is filed; whether a bundle is
/// unchanged.
fn ending() -> Router<Arc<Guide>> {
    Router::new()
        .route("/case/{case}/judge", shows(judge::show).merge(takes(judge::send)))
        .route("/case/{case}/act", shows(act::show).merge(takes(act::send)))
        .route("/case/{case}/form", shows(form::show).merge(takes(form::send)))
        .route("/case/{case}/form/{entry}", shows(form::ready))
        .route("/case/{case}/form/{entry}/form.pdf", shows(form::file))
        .route("/case/{case}/seal", shows(seal::show).merge(takes(seal::send)))
        .route("/case/{case}/sealed/{seal}", shows(seal::ready))
        .route("/case/{case}/sealed/{seal}/form.pdf", shows(seal::paper))
        .route("/case/{case}/sealed/{seal}/bundle.zip", shows(seal::bundle))
        .route("/case/{case}/hand-over", shows(hand_over::show).merge(takes(hand_over::begin)))
        .route("/case/{case}/hand-over/{draft}/passphrase.pdf", shows(hand_over::sheet))
        .route(
            "/case/{case}/hand-over/{draft}/{step}",
            shows(asked::show::<HandOver>).merge(takes(asked::send::<HandOver>)),
        )
        .route("/case/{case}/handed/{entry}", shows(handed::ready))
        .route("/case/{case}/handed/{entry}/receipt.pdf", shows(handed::receipt))
        .route("/case/{case}/archive", shows(archive::show).merge(takes(archive::begin)))
        .route(
            "/case/{case}/archive/{draft}/{step}",
            shows(asked::show::<Archive>).merge(takes(asked::send::<Archive>)),
        )
        .route("/register", shows(register::show))
        .route("/register/register.csv", shows(register::csv))
        .route("/verify", shows(verify::show).merge(brings(verify::wanted, verify::receive)))
        .route("/verify/here", takes(verify::here))
        .route("/verify/seen/{checked}", shows(verify::seen).merge(takes(verify::compare)))
}

fn missing(_: &Arc<Guide>, _: &Visit) -> super::visit::Answer {
    Err(Problem::NotFound)
}

/// What is shown where a page cannot be.
pub fn problem_page(problem: Problem, guide: &Guide, visit: &Visit) -> Reply {
    let status = match &problem {
        Problem::Shown(_) => StatusCode::OK,
        Problem::NotFound | Problem::Case(CaseError::Missing { .. }) => StatusCode::NOT_FOUND,
        Problem::Locked(case) => {
            return Reply::See(unlock::first(*case, visit));
        }
        _ => StatusCode::CONFLICT,
    };
    let message = match problem {
        Problem::Shown(page) => return Reply::Page(page),
        other => other.message(),
    };
    match told(guide, &message, visit.case().ok()) {
        Reply::Page(page) => Reply::from(page.status(status)),
        other => other,
    }
}

/// What did not happen, and what to do next.
pub fn told(guide: &Guide, message: &Message, case: Option<Reference>) -> Reply {
    let body = html! {
        @for hint in hints(message) { p { (hint) } }
        @match case {
            Some(case) => p { a href=(format!("/case/{case}")) { "Go to the task list of case " (case) } },
            None => p { a href="/" { "Go to the start page" } },
        }
    };
    let page = Page::new(message.what.as_str(), body).status(StatusCode::CONFLICT);
    match case {
        Some(case) => page.about(guide, case).into(),
        None => page.into(),
    }
}

/// What was asked for has not come to an end: the disk does not answer.
pub fn under_way(guide: &Guide, case: Option<Reference>) -> Page {
    let at = case.map(|case| guide.home().case(case).path().to_owned());
    let at = at.unwrap_or_else(|| guide.home().path().to_owned());
    let body = html! {
        p { "The disk does not answer. Countersign waits for it at:" }
        p { code { (shown(&at)) } }
        p { "What you asked for may still be done. Look at the record before you do it again." }
        p { "Look whether the disk or the share is connected. To stop the case you need not wait." }
        p { a href="/" { "Go to the start page" } }
    };
    let page = Page::new("This takes longer than it should", body).status(StatusCode::SERVICE_UNAVAILABLE);
    match case {
        Some(case) => page.beside(case, None),
        None => page,
    }
}

/// The program itself failed.
pub fn broken() -> Page {
    let body = html! {
        p { "Countersign failed while it made this page. What both of you have signed is safe." }
        p { a href="/" { "Go to the start page" } }
        p { "If it happens again, show this to your IT person." }
    };
    Page::new("This page could not be made", body).status(StatusCode::INTERNAL_SERVER_ERROR)
}
