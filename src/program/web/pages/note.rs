//! A note.

use std::sync::Arc;

use countersign_case::procedure::Deed;
use countersign_record::journal::{Body, Noted};
use maud::html;

use super::check::{Passphrases, before_signing, form_again};
use crate::web::cases::Guide;
use crate::web::html::Page;
use crate::web::html::form::{Ask, Form};
use crate::web::server::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    page(guide, visit, &form_again(guide, visit))
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut form = visit.form();
    let text = form.text("text", "note");
    let Some(text) = text else { return page(guide, visit, &form) };
    let body = Body::Noted(Noted { text });
    before_signing(guide, visit, &reading, (Deed::Note, body), Passphrases::WhenLocked)
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let body = html! {
        p { "Is something in the record wrong? Do not note it here: " a href=(format!("/case/{case}/record")) { "choose the entry and put it right" } "." }
        (visit.form_to(visit.path(), html! {
        (form.area(Ask::new("text", "What is to be noted?").hint("Say who, what and when. Describe no picture that is against the law.")))
        button { "Continue" }
        }))
    };
    let page = Page::new("Write a note", body).of(&reading).back(format!("/case/{case}"), "Task list");
    Ok(form.on(page).into())
}
