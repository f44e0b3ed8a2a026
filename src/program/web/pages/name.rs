//! What a stop is about, said after it was made: from what is known already.
//!
//! Like the stop itself it needs no passphrase.

use std::sync::Arc;

use countersign_case::case::Halt;
use countersign_record::journal::Side;
use maud::html;

use crate::web::Guide;
use crate::web::at_once;
use crate::web::form::{Ask, Choice, Form};
use crate::web::layout::Page;
use crate::web::visit::{Answer, Reply, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    page(guide, visit, &Form::empty())
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let mut form = visit.form();
    let stops = reading.pack().categories().iter().filter(|category| category.halts());
    let known: Vec<_> = stops.map(|category| (category.id.as_str(), category.recorded())).collect();
    let category = form.one_of("category", "Choose what it is about.", &known);
    let by = form.one_of("by", "Say who of you says so.", &[("a", Side::A), ("b", Side::B)]);
    let description = form.optional_text("description", "description");
    let (Some(category), Some(by), true) = (category, by, form.is_right()) else {
        return page(guide, visit, &form);
    };
    let halt = Halt {
        category: Some(category.id.to_string()),
        place: Some(form.typed("place").to_owned()).filter(|place| !place.is_empty()),
        description: description.map(|words| words.to_string()),
        by: Some(by),
        ..Halt::default()
    };
    at_once::stop(guide, case, halt)?;
    Reply::see(format!("/case/{case}/stopped"))
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let opened = reading.ledger().opened();
    let people = [Choice::new("a", opened.called(Side::A)), Choice::new("b", opened.called(Side::B))];
    let body = html! {
        div.warn { "Say it from what you know already. Do not look again." }
        (visit.form_to(visit.path(), html! {
            (form.radios(Ask::new("category", "What comes closest?"), &stops(reading.pack())))
            (form.radios(Ask::new("by", "Who of you says so?"), &people))
            (form.input(Ask::new("place", "Where? (you can leave this out)").hint("An address, a device, an app or account, or a place, in your own words.")))
            (form.area(Ask::new("description", "What did you see? (you can leave this out)").hint("In words that show nothing.")))
            button { "Say what it is about" }
        }))
    };
    let page = Page::new("What is the stop about?", body).of(&reading).stopped();
    Ok(form.on(page.back(format!("/case/{case}/stopped"), "What to do now")).into())
}

/// The categories that stop a case, as choices.
pub fn stops(pack: &countersign_case::procedure::Pack) -> Vec<Choice> {
    let stops = pack.categories().iter().filter(|category| category.halts());
    let choices = stops.map(|category| {
        let choice = Choice::new(category.id.as_str(), category.label.as_str());
        match &category.help {
            Some(help) => choice.hint(help.as_str()),
            None => choice,
        }
    });
    choices.collect()
}
