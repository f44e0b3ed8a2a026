//! The first page: begin a case, go on with one, practise, check a bundle.
//!
//! It needs no passphrase. A case that cannot be read is named and does not
//! hide the others.

use std::sync::Arc;

use countersign::case::Reading;
use countersign::journal::{Reference, Standing};
use countersign::procedure::Phase;
use maud::{Markup, html};

use crate::web::Guide;
use crate::web::layout::Page;
use crate::web::problem::Problem;
use crate::web::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, _: &Visit) -> Answer {
    let cases: Vec<(Reference, Result<Arc<Reading>, Problem>)> =
        guide.home().known()?.into_iter().rev().map(|case| (case, guide.reading(case))).collect();
    let is_filed = |read: &Result<Arc<Reading>, Problem>| {
        read.as_ref().is_ok_and(|reading| reading.state().phase() == Phase::Archived)
    };
    let (filed, open): (Vec<_>, Vec<_>) = cases.iter().partition(|(_, read)| is_filed(read));
    let body = html! {
        p { "Countersign takes two senior members of staff through what to do when misuse of the internet is suspected. You need both of you, and one computer that young people do not use." }
        p { a.button href="/open" { "Start a new case" } }
        h2 { "Go on with a case" }
        @if open.is_empty() { p { "No case is open." } } @else { (list(&open)) }
        @if !filed.is_empty() {
            h2 { "Filed cases" }
            (list(&filed))
        }
        h2 { "More" }
        ul {
            li { a href="/verify" { "Check whether a sealed bundle is unchanged" } }
            li { a href="/register" { "The register: all cases, and what is due" } }
            li { a href="/practise" { "Practise with a made-up case" } }
        }
    };
    Ok(Page::new("Suspected misuse of the internet", body).into())
}

fn list(cases: &[&(Reference, Result<Arc<Reading>, Problem>)]) -> Markup {
    html! {
        ul.tasks {
            @for (case, read) in cases {
                li {
                    div.what {
                        a href=(format!("/case/{case}")) { "Case " (case) }
                        @if let Ok(reading) = read {
                            @let opened = reading.ledger().opened();
                            p.hint {
                                @if opened.standing == Standing::Rehearsal { strong { "REHEARSAL. " } }
                                "About " (opened.subject) ", opened on " (reading.ledger().entries()[0].time.day().format("%-d %B %Y"))
                                " by " (opened.first.name) " and " (opened.second.name)
                            }
                        }
                    }
                    (status(read))
                }
            }
        }
    }
}

fn status(read: &Result<Arc<Reading>, Problem>) -> Markup {
    match read.as_ref().map(|reading| reading.state().phase()) {
        Ok(phase) => standing(phase),
        Err(_) => html! { span.status { "Cannot be read" } },
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
