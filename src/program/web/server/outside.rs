//! Pages for a browser that has no session: how to get a new link, and one
//! thing that it can do without, which is to stop a case.
//!
//! They show nothing of any case, and name none that was not typed or stands
//! in the address that was asked for.

use axum::http::StatusCode;
use countersign_case::case::Halt;
use countersign_record::journal::{Reference, Response};
use maud::{Markup, html};

use crate::stop_page;
use crate::web::cases::{Guide, at_once};
use crate::web::html::Page;
use crate::web::html::form::{Ask, Form};
use crate::web::html::stop_words::{instructions, not_written};
use crate::web::server::sessions::Sessions;

/// Where a case is stopped without a session.
pub const STOP: &str = "/outside/stop";

/// The link was used before or is too old, or there was none: then `path` is
/// the page that was asked for.
pub fn no_session(sessions: &Sessions, path: &str) -> Markup {
    let (title, why) = match path {
        "" => (
            "This link has been used or is too old",
            "The link into the guide works once, and for one minute.",
        ),
        _ => (
            "This page opens only from inside the guide",
            "This browser was never in the guide, or has lost its place there, or another site led you here.",
        ),
    };
    let body = html! {
        p { (why) }
        p { "To come in, start Countersign again. It opens the guide where it is, and nothing is lost." }
        p { "If you started it from a window with text, you can also press Enter there." }
        (by_reference(sessions, &about(path)))
    };
    Page::new(title, body).outside().render(None).1
}

/// The form's token is not of this session.
pub fn old_form(sessions: &Sessions, path: &str) -> Markup {
    let body = html! {
        p { strong { "If you pressed Stop: the case is not stopped yet." } " Stop it below, or go to the start page and press Stop there." }
        p { "The guide was started again since the page was shown. What you typed there was not kept." }
        p { a href="/" { "Go to the start page" } ", then begin this step again. What both of you have signed is safe." }
        (by_reference(sessions, &about(path)))
    };
    Page::new("This page is too old to be sent", body).outside().render(None).1
}

/// More than a form holds.
pub fn too_long() -> Markup {
    let body = html! {
        p { "What was typed is longer than an entry can hold. It was not kept." }
        p { "Go back and say it in fewer words, or add a longer text as a file." }
    };
    Page::new("That is too long", body).outside().render(None).1
}

/// Stops the case of the number that was typed, and says what to do now.
pub fn stop(guide: &Guide, sessions: &Sessions, typed: &str) -> (StatusCode, Markup) {
    let mut form = Form::empty();
    form.set("case", typed);
    let case: Option<Reference> = typed.trim().to_uppercase().parse().ok();
    let Some(case) = case else {
        return again(
            sessions,
            form,
            "Type the number of the case as it stands on paper, such as 2026-0001.",
        );
    };
    if at_once::stop(guide, case, Halt::default()).is_err() {
        return again(sessions, form, &format!("There is no case {case} on this computer."));
    }
    let body = html! {
        @if at_once::is_not_written(guide, case) {
            (not_written(case))
        } @else {
            div.inset.plain { p { "Case " (case) " is stopped. Nothing can be looked at or kept in it from now on." } }
        }
        (instructions(Response::StopAndWithhold))
        p { "To write down whom you told, start Countersign again. It opens the guide where it is." }
    };
    let page = Page::new(stop_page::title(Response::StopAndWithhold), body);
    page.outside().render(None)
}

fn again(sessions: &Sessions, mut form: Form, mistake: &str) -> (StatusCode, Markup) {
    form.mistake("case", mistake);
    let page = Page::new("Which case is to be stopped?", fields(sessions, &form));
    form.on(page).outside().render(None)
}

/// Beside what a page says: the way to stop.
fn by_reference(sessions: &Sessions, form: &Form) -> Markup {
    html! {
        h2 { "Something illegal? Stop the case from here" }
        p { "Either of you can, at once, without a passphrase." }
        (fields(sessions, form))
    }
}

fn fields(sessions: &Sessions, form: &Form) -> Markup {
    html! {
        form method="post" action=(STOP) novalidate {
            input type="hidden" name="token" value=(sessions.outside_token());
            (form.input(Ask::new("case", "The number of the case").hint("Such as 2026-0001. It stands at the top of each page of the case, and on its papers.").short()))
            button.warning { "Stop this case" }
        }
        p { "You need not write anything down before you ring the police: 999 if a child is in danger, otherwise 101." }
    }
}

/// The number that stands in the address, so that it need not be typed.
fn about(path: &str) -> Form {
    let mut form = Form::empty();
    let named = path.strip_prefix("/case/").and_then(|rest| rest.split('/').next());
    if let Some(case) = named.and_then(|named| named.parse::<Reference>().ok()) {
        form.set("case", &case.to_string());
    }
    form
}
