//! The decision of both: whether the concern has substance, and why.

use std::sync::Arc;

use countersign_case::case::Reading;
use countersign_case::procedure::Deed;
use countersign_record::journal::{Body, Judged};
use maud::{Markup, html};

use super::check::{Passphrases, before_signing, form_again};
use super::correct;
use crate::describe;
use crate::web::cases::Guide;
use crate::web::html::Page;
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::server::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    page(guide, visit, &form_again(guide, visit))
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut form = visit.form();
    let none = "Say whether the concern has substance.";
    let substance = form.one_of("substance", none, &[("yes", true), ("no", false)]);
    let because = form.text("because", "reason for your decision");
    let (Some(substance), Some(because)) = (substance, because) else { return page(guide, visit, &form) };
    let body = Body::Judged(Judged { substance, because });
    before_signing(guide, visit, &reading, (Deed::Judge, body), Passphrases::Always)
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    reading.may(&Deed::Judge)?;
    let choices = [
        Choice::new("yes", "Yes, it has substance"),
        Choice::new("no", "No, it has none").hint("What was recorded is kept all the same."),
    ];
    let body = html! {
        @if reading.state().halted_at().is_none() && reading.state().substance().is_none() {
            p { "The review ends with your decision: after it no more pages are kept." }
        }
        (before(&reading))
        (visit.form_to(visit.path(), html! {
            (form.radios(Ask::new("substance", "Has the concern substance?"), &choices))
            (form.area(Ask::new("because", "Why?").hint("In a few sentences: what you found, and what speaks against it.")))
            button { "Continue" }
        }))
    };
    let page = Page::new("Decide together", body).of(&reading).back(format!("/case/{case}"), "Task list");
    Ok(form.on(page).into())
}

/// What the decision stands on: the concerns, and what was decided before.
fn before(reading: &Reading) -> Markup {
    let told = |kind: fn(&Body) -> bool| -> Vec<(u64, String)> {
        let entries = reading.ledger().entries().iter().filter(move |entry| kind(&entry.body));
        entries
            .map(|entry| {
                let words = describe::entry(entry, reading.ledger(), &reading.released());
                (entry.entry, format!("Entry {}. {words}", entry.entry))
            })
            .collect()
    };
    let concerns = told(|body| matches!(body, Body::Concern(_)));
    let decided = told(|body| matches!(body, Body::Judged(_)));
    html! {
        @if !decided.is_empty() {
            h2 { "What you decided before" }
            ul { @for (_, words) in &decided { li { (words) } } }
            p { "A new decision puts it right. The earlier one stays in the record." }
        }
        h2 { "Concerns that you wrote down" }
        @if concerns.is_empty() { p { "None." } }
        ul { @for (entry, words) in concerns.iter().rev().take(MOST_CONCERNS) { li { (words) " " (correct::link(reading, *entry)) } } }
        @if concerns.len() > MOST_CONCERNS { p { "And " (concerns.len() - MOST_CONCERNS) " earlier ones; they are in the record." } }
    }
}

/// Concerns on the page: the last ones.
const MOST_CONCERNS: usize = 20;
