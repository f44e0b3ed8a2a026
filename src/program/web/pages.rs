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
use axum::routing::get;

use self::archive::Archive;
use self::hand_over::HandOver;
use crate::web::cases::Guide;
use crate::web::html::Problem;
use crate::web::server::jobs;
use crate::web::server::routes::{shows, shows_at_once, takes, takes_at_once};
use crate::web::server::upload::brings;
use crate::web::server::visit::{Answer, Visit};

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

fn missing(_: &Arc<Guide>, _: &Visit) -> Answer {
    Err(Problem::NotFound)
}
