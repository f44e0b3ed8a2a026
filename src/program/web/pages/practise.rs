//! Practice: the same journey on a made-up case and a sample site.

use std::sync::Arc;

use countersign_case::case::Reading;
use countersign_case::procedure::Phase;
use countersign_record::journal::Standing;
use maud::html;

use super::start::until_read;
use crate::web::cases::{Guide, Listing};
use crate::web::html::Page;
use crate::web::server::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, _: &Visit) -> Answer {
    let mut known = guide.home().references()?;
    known.reverse();
    let is_practice = |reading: &Reading| {
        reading.ledger().opened().standing == Standing::Rehearsal
            && reading.state().phase() != Phase::Archived
    };
    let (mut open, mut unread) = (Vec::new(), 0);
    for (case, glance) in known.iter().zip(guide.case_cache().list(&known)) {
        match glance {
            Listing::Read(reading) if is_practice(&reading) => open.push(case),
            Listing::BeingRead => unread += 1,
            Listing::Read(_) | Listing::Fault(_) => {}
        }
    }
    let body = html! {
        p { "Take a made-up case through every step, so that you know the way when you need it. Do it twice a year, the two of you together, on the designated computer." }
        ul {
            li { "The pages that you look at are on this computer alone. Nobody in them exists." }
            li { "Everything says REHEARSAL: every page here, the form, and the bundle." }
            li { "Stop works as it does in a real case. Try it: open a second practice case afterwards." }
        }
        p { a.button href="/open?practise=yes" { "Start a practice case" } }
        p { "Make up the names and the reason. Nothing real belongs into it." }
        (until_read(unread, html! {
            @if !open.is_empty() {
                h2 { "Go on with a practice case" }
                ul { @for case in open.iter().take(MOST_CASES) { li { a href=(format!("/case/{case}")) { "Practice case " (case) } } } }
            }
        }))
    };
    let page =
        Page::new("Practise with a made-up case", body).practice(Standing::Rehearsal).back("/", "All cases");
    Ok(if unread == 0 { page } else { page.again_in(1) }.into())
}

/// Practice cases that are listed.
const MOST_CASES: usize = 20;
