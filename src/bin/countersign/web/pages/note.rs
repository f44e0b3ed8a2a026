//! A note, or the correction of an earlier entry.

use std::sync::Arc;

use countersign::journal::{Body, Noted};
use countersign::procedure::Deed;
use maud::html;

use super::check::{Passphrases, before_signing, form_again};
use crate::web::Guide;
use crate::web::form::{Ask, Form};
use crate::web::layout::Page;
use crate::web::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    page(guide, visit, &form_again(guide, visit))
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let head = reading.ledger().head();
    let mut form = visit.form();
    let text = form.text("text", "note");
    let corrects = match form.typed("corrects") {
        "" => None,
        typed => {
            let entry = typed.parse().ok().filter(|entry| (1..=head).contains(entry));
            if entry.is_none() {
                form.mistake(
                    "corrects",
                    format!("Give the number of an entry, from 1 to {head}, or nothing."),
                );
            }
            entry
        }
    };
    let (Some(text), true) = (text, form.is_right()) else { return page(guide, visit, &form) };
    let body = Body::Noted(Noted { text, corrects });
    before_signing(guide, visit, &reading, (Deed::Note, body), Passphrases::WhenLocked)
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let body = visit.form_to(visit.path(), html! {
        (form.area(Ask::new("text", "What is to be noted?").hint("Say who, what and when. Describe no picture that is against the law.")))
        (form.input(Ask::new("corrects", "Does it put an earlier entry right? Its number").hint("Leave it empty if not. Nothing is ever changed in the record: a mistake is put right by a new entry.").short()))
        button { "Continue" }
    });
    let page = Page::new("Write a note", body).of(&reading).back(format!("/case/{case}"), "Task list");
    Ok(form.on(page).into())
}
