//! The first page: begin a case, go on with one, practise, check a bundle.
//!
//! It needs no passphrase and waits for no case. A case that cannot be read is
//! named and does not hide the others.

use std::sync::Arc;

use countersign_case::case::Reading;
use countersign_case::procedure::Phase;
use countersign_record::journal::{Reference, Standing};
use maud::{Markup, html};

use super::tasks::people;
use crate::web::cases::{Guide, Listing};
use crate::web::html::Page;
use crate::web::server::visit::{Answer, Visit};

/// A case, and where it stands if that can be told.
struct Listed {
    case: Reference,
    told: Option<(Arc<Reading>, Phase)>,
}

pub fn show(guide: &Arc<Guide>, _: &Visit) -> Answer {
    let mut known = guide.home().known()?;
    known.reverse();
    let (mut open, mut filed, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for (case, glance) in known.iter().copied().zip(guide.case_cache().list(&known)) {
        match glance {
            Listing::Read(reading) => match reading.state().phase() {
                phase @ Phase::Archived => filed.push(Listed { case, told: Some((reading, phase)) }),
                phase => open.push(Listed { case, told: Some((reading, phase)) }),
            },
            Listing::Fault(_) => open.push(Listed { case, told: None }),
            Listing::BeingRead => unread.push(case),
        }
    }
    let body = html! {
        p { "Countersign takes two senior members of staff through what to do when misuse of the internet is suspected. You need both of you, and one computer that young people do not use." }
        p { a.button href="/open" { "Start a new case" } }
        (until_read(unread.len(), html! {
            h2 { "Go on with a case" }
            @if !open.is_empty() { (list(guide, &open, "open")) } @else if unread.is_empty() { p { "No case is open." } }
            (still_read(&unread))
            @if !filed.is_empty() {
                h2 { "Filed cases" }
                (list(guide, &filed, "filed"))
            }
        }))
        h2 { "More" }
        ul {
            li { a href="/verify" { "Check whether a sealed bundle is unchanged" } }
            li { a href="/register" { "The register: all cases, and what is due" } }
            li { a href="/practise" { "Practise with a made-up case" } }
        }
    };
    let page = Page::new("Suspected misuse of the internet", body);
    Ok(if unread.is_empty() { page } else { page.again_in(1) }.into())
}

/// A part of a page that changes by itself while `unread` cases are being
/// read.
pub fn until_read(unread: usize, content: Markup) -> Markup {
    html! {
        div #cases data-again[unread > 0] {
            @if unread > 0 {
                p role="status" {
                    @if unread == 1 { "1 case is being read." } @else { (unread) " cases are being read." }
                    " This page goes on by itself."
                }
            }
            (content)
        }
    }
}

/// Cases of which nothing can be said yet.
pub fn still_read(unread: &[Reference]) -> Markup {
    html! {
        @if !unread.is_empty() {
            ul.tasks {
                @for case in unread.iter().take(MOST_CASES) {
                    li {
                        div.what { a href=(format!("/case/{case}")) { "Case " (case) } }
                        span.status.quiet { "Being read" }
                    }
                }
            }
            @if unread.len() > MOST_CASES { p { "And " (unread.len() - MOST_CASES) " more." } }
        }
    }
}

fn list(guide: &Guide, cases: &[Listed], which: &str) -> Markup {
    html! {
        ul.tasks {
            @for Listed { case, told } in cases.iter().take(MOST_CASES) {
                li {
                    div.what {
                        a href=(format!("/case/{case}")) { "Case " (case) }
                        @if guide.is_hidden(*case) {
                            p.hint { "Nothing of it is shown until both of you unlock it." }
                        } @else if let Some((reading, _)) = told {
                            @let opened = reading.ledger().opened();
                            p.hint {
                                @if opened.standing == Standing::Rehearsal { strong { "REHEARSAL. " } }
                                (people(reading)) ", opened on " (reading.ledger().entries()[0].time.day().format("%-d %B %Y"))
                            }
                        }
                    }
                    @match told {
                        Some((_, phase)) => (standing(*phase)),
                        None => span.status { "Cannot be read" },
                    }
                }
            }
        }
        @if cases.len() > MOST_CASES {
            p { a href=(format!("/register?show={which}")) { "All " (cases.len()) " are in the register" } }
        }
    }
}

/// Where a case stands, in a word.
pub fn standing(phase: Phase) -> Markup {
    let words = match phase {
        Phase::HaltRaised | Phase::Halted => return html! { span.status.todo { "Stopped" } },
        Phase::Review => "In review",
        Phase::Judged => "Decided",
        Phase::Sealed => "Sealed",
        Phase::Archived => "Filed",
    };
    html! { span.status { (words) } }
}

/// Cases of a kind on this page: the others are in the register.
const MOST_CASES: usize = 30;
