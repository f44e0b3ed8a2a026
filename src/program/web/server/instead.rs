//! What is shown in place of a page: a problem, the way to unlock a case, or
//! that something takes longer than it should.
//!
//! Of a case that was locked here, by hand or because nobody did anything, or
//! that was stopped, no page shows what is in it until both unlock it. Whoever
//! goes back, forward or opens a tab again is answered by the server, and this
//! is what it asks. It keeps nobody out who can read the folder.

use axum::http::{Method, StatusCode};
use countersign_case::case::CaseError;
use countersign_record::journal::{Reference, Restraint};
use maud::html;

use super::visit::{Reply, Visit};
use crate::message::{Message, shown};
use crate::web::cases::Guide;
use crate::web::html::fields::Fields;
use crate::web::html::{Page, Problem, hints};

/// What is shown in place of a page, where it must not be. Forms are shown and
/// taken: no word that somebody typed is lost because the case was locked
/// meanwhile, and nobody is kept from saying what stops a case.
pub fn in_place_of(guide: &Guide, method: &Method, visit: &Visit) -> Option<Reply> {
    let case = visit.case().ok()?;
    let page = visit.path().strip_prefix(&format!("/case/{case}/"))?;
    let part = page.split('/').next().unwrap_or_default();
    let shows = CONTENTS.contains(&part) || page == "review";
    (*method == Method::GET && shows && guide.is_hidden(case) && !is_withheld(guide, case))
        .then(|| Reply::See(unlock_first(case, visit)))
}

/// After that stop these pages show nothing that was looked at anyway.
fn is_withheld(guide: &Guide, case: Reference) -> bool {
    guide.reading(case).is_ok_and(|reading| reading.released().restraint() == Restraint::Withhold)
}

/// The pages that show what was recorded, and what the papers say of it.
const CONTENTS: [&str; 7] = ["record", "correct", "exhibits", "picture", "form", "sealed", "handed"];

/// What is shown where a page cannot be.
pub fn problem_page(problem: Problem, guide: &Guide, visit: &Visit) -> Reply {
    let status = match &problem {
        Problem::Shown(_) => StatusCode::OK,
        Problem::NotFound | Problem::Case(CaseError::Missing { .. }) => StatusCode::NOT_FOUND,
        Problem::Locked(case) => {
            return Reply::See(unlock_first(*case, visit));
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
        Some(case) => page.about(case, guide.reading(case)).into(),
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

/// Where to unlock the case, and then back to the page that was asked for.
pub fn unlock_first(case: Reference, visit: &Visit) -> String {
    let page = with_query(visit.path(), |name| visit.query(name).to_owned());
    let then: String = url::form_urlencoded::byte_serialize(local(&page, case).as_bytes()).collect();
    format!("/case/{case}/unlock?then={then}")
}

/// Only addresses of the same case: a link must not lead elsewhere. What
/// stands behind the question mark is written anew, by the names that pages of
/// a case have: no token comes along.
pub fn local(then: &str, case: Reference) -> String {
    let home = format!("/case/{case}");
    let (path, query) = then.split_once('?').unwrap_or((then, ""));
    let inside = path.strip_prefix(&home).is_some_and(|rest| {
        (rest.is_empty() || rest.starts_with('/'))
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || "/-_".contains(c))
    });
    let named = Fields::parse(query.as_bytes()).filter(|_| inside);
    named.map_or(home, |named| with_query(path, |name| named.of(name).to_owned()))
}

fn with_query(path: &str, value: impl Fn(&str) -> String) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in WAYS {
        let value = value(name);
        if !value.is_empty() && value.len() <= LONGEST_QUERY {
            query.append_pair(name, &value);
        }
    }
    match query.finish() {
        none if none.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// What can stand behind the question mark of a case's page: what it is about,
/// or which part of it.
const WAYS: [&str; 8] = ["after", "at", "before", "draft", "from", "picture", "route", "words"];

/// Bytes of one of them.
const LONGEST_QUERY: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_within_the_case() {
        let case: Reference = "2026-0001".parse().expect("a reference");
        for (then, to) in [
            ("/case/2026-0001/refer?route=police", "/case/2026-0001/refer?route=police"),
            ("/case/2026-0001/record?from=51&other=1", "/case/2026-0001/record?from=51"),
            (
                "/case/2026-0001/concern/kind?at=https%3A%2F%2Fa.invalid%2F%3Fb%26c",
                "/case/2026-0001/concern/kind?at=https%3A%2F%2Fa.invalid%2F%3Fb%26c",
            ),
            ("/case/2026-0001/attach?token=abc", "/case/2026-0001/attach"),
            ("/case/2026-0001?draft=a\r\nb", "/case/2026-0001?draft=a%0D%0Ab"),
            ("/case/2026-0001", "/case/2026-0001"),
            ("/case/2026-0002/refer?route=police", "/case/2026-0001"),
            ("/case/2026-00011", "/case/2026-0001"),
            ("//evil.invalid/?at=1", "/case/2026-0001"),
            ("/case/2026-0001/../../end?at=1", "/case/2026-0001"),
            ("/case/2026-0001/%2e%2e", "/case/2026-0001"),
            ("javascript:ran(3)", "/case/2026-0001"),
            ("?at=//evil.invalid", "/case/2026-0001"),
            ("", "/case/2026-0001"),
        ] {
            assert_eq!(local(then, case), to, "{then:?}");
        }
        let long = format!("/case/2026-0001/refer?route={}", "a".repeat(LONGEST_QUERY + 1));
        assert_eq!(local(&long, case), "/case/2026-0001/refer");
    }
}
