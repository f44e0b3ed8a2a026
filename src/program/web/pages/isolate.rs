//! How the computer, or another device, was left for the police.

use std::sync::Arc;

use countersign_case::procedure::Deed;
use countersign_record::journal::{Body, Id, Isolated};
use maud::html;

use super::check::{Passphrases, before_signing, form_again};
use super::stop::devices;
use crate::web::cases::Guide;
use crate::web::html::Page;
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::server::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    guide.reading(visit.case()?)?.may(&Deed::Isolate)?;
    page(guide, visit, &form_again(guide, visit))
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut form = visit.form();
    let kinds: Vec<(&str, Option<Id>)> =
        reading.pack().isolation().iter().map(|kind| (kind.id.as_str(), Some(kind.id.clone()))).collect();
    let device = form.one_of("device", "Say what it is.", &[kinds, vec![(OTHER, None)]].concat());
    let what = form.shared("what", "description of what you did");
    let changes = form.optional_shared("changes", "description of what changed");
    let by = form.optional_name("by", "name of who did it");
    let when = form.optional_line("when", "time");
    let (Some(device), Some(what), true) = (device, what, form.is_right()) else {
        return page(guide, visit, &form);
    };
    let body = Body::Isolated(Isolated { device, what, changes, by, when, alone: None });
    before_signing(guide, visit, &reading, (Deed::Isolate, body), Passphrases::WhenLocked)
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let kinds = reading.pack().isolation().iter();
    let mut choices: Vec<Choice> =
        kinds.map(|kind| Choice::new(kind.id.as_str(), kind.label.as_str())).collect();
    choices.push(Choice::new(OTHER, "Something else"));
    let body = html! {
        h2 { "What to do" }
        (devices(reading.pack()))
        h2 { "What you did" }
        (visit.form_to(visit.path(), html! {
            (form.radios(Ask::new("device", "What was left as it is?"), &choices))
            (form.area(Ask::new("what", "What did you do with it?").hint("Such as: network cable pulled out, screen off, room locked, the key is with the caretaker.")))
            (form.area(Ask::new("changes", "Has anything changed on it since the stop? (you can leave this out)").hint("Such as: it went to sleep, or somebody closed a window.")))
            (form.input(Ask::new("by", "Who did it? (you can leave this out)")))
            (form.input(Ask::new("when", "When? (you can leave this out)").hint("Such as: 22 November, 14:35.").short()))
            button { "Continue" }
        }))
    };
    let page = Page::new("Leave the computer as it is", body)
        .of(&reading)
        .back(format!("/case/{case}"), "Task list");
    Ok(form.on(page).into())
}

const OTHER: &str = "other";
