//! Practice: the same journey on a made-up case and a sample site.

use std::sync::Arc;

use countersign::journal::{Reference, Standing};
use countersign::procedure::Phase;
use maud::html;

use crate::web::Guide;
use crate::web::layout::Page;
use crate::web::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, _: &Visit) -> Answer {
    let is_practice = |case: &Reference| {
        guide.reading(*case).is_ok_and(|reading| {
            reading.ledger().opened().standing == Standing::Rehearsal
                && reading.state().phase() != Phase::Archived
        })
    };
    let open: Vec<Reference> =
        guide.home().references()?.into_iter().rev().filter(is_practice).take(MOST).collect();
    let body = html! {
        p { "Take a made-up case through every step, so that you know the way when you need it. Do it twice a year, the two of you together, on the designated computer." }
        ul {
            li { "The pages that you look at are on this computer alone. Nobody in them exists." }
            li { "Everything says REHEARSAL: every page here, the form, and the bundle." }
            li { "Stop works as it does in a real case. Try it: open a second practice case afterwards." }
        }
        p { a.button href="/open?practise=yes" { "Start a practice case" } }
        p { "Make up the names and the reason. Nothing real belongs into it." }
        @if !open.is_empty() {
            h2 { "Go on with a practice case" }
            ul { @for case in open { li { a href=(format!("/case/{case}")) { "Practice case " (case) } } } }
        }
    };
    Ok(Page::new("Practise with a made-up case", body)
        .practice(Standing::Rehearsal)
        .back("/", "All cases")
        .into())
}

/// Practice cases that are listed.
const MOST: usize = 20;
