//! What a stop is about, said after it was made: from what is known already.
//!
//! Like the stop itself it needs no passphrase, and it is no second stop.

use std::sync::Arc;

use countersign_case::case::{self, Afterwards, NothingSaid, StopDetails};
use countersign_case::procedure::Pack;
use countersign_record::journal::Side;
use maud::html;

use crate::ambient::SystemClock;
use crate::message::Message;
use crate::web::cases::{Guide, at_once};
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Reply, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    page(guide, visit, &Form::empty())
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let mut form = visit.form();
    let sides = Side::BOTH.map(|side| (side.letter(), side));
    let categories = reading.pack().categories().iter().filter(|category| category.halts());
    let category = categories.map(|known| known.recorded());
    let category = category.into_iter().find(|known| known.id.as_str() == form.typed("category"));
    let writer = form.one_of("written-by", "Say which of you writes this.", &sides);
    let place = form.optional_line("place", "place");
    let description = form.optional_text("description", "description");
    let by = sides.into_iter().find(|(letter, _)| *letter == form.typed("by")).map(|(_, side)| side);
    let (Some(writer), true) = (writer, form.is_right()) else { return page(guide, visit, &form) };
    let details = StopDetails { category, place, by, description };
    match details.afterwards(&reading, writer) {
        Ok(Afterwards::Stop(halt)) => {
            at_once::stop(guide, case, halt)?;
            Reply::see(format!("/case/{case}/stopped"))
        }
        Ok(Afterwards::Reports(reports)) => {
            for report in reports {
                let kept = case::write_alone(&reading, writer, report, &SystemClock::start());
                kept.map_err(|error| Problem::from(Message::from(error)))?;
            }
            Reply::see(format!("/case/{case}"))
        }
        Err(NothingSaid::NotStopped) => Reply::see(format!("/case/{case}")),
        Err(NothingSaid::CategoryFirst) => {
            form.mistake("category", "Choose what it is about.");
            page(guide, visit, &form)
        }
        Err(NothingSaid::Known) => {
            form.mistake("category", "Say at least one thing that is not known already.");
            page(guide, visit, &form)
        }
    }
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let opened = reading.ledger().opened();
    let people = Side::BOTH.map(|side| Choice::new(side.letter(), opened.called(side)));
    let body = html! {
        div.warn { "Say it from what you know already. Do not look again." }
        p { "This is no second stop. What you write is kept unsigned, and shown to both of you the next time that you unlock the case together." }
        (visit.form_to(visit.path(), html! {
            (form.radios(Ask::new("category", "What comes closest? (you can leave this out)"), &stops(reading.pack())))
            (form.input(Ask::new("place", "Where? (you can leave this out)").hint("An address, a device, an app or account, or a place, in your own words.")))
            (form.radios(Ask::new("by", "Who of you stopped the case? (you can leave this out)"), &people))
            (form.area(Ask::new("description", "What did you see? (you can leave this out)").hint("In words that show nothing.")))
            (form.radios(Ask::new("written-by", "Who of you writes this?"), &people))
            button { "Keep what I wrote" }
        }))
    };
    let page = Page::new("What is the stop about?", body).of(&reading).stopped();
    Ok(form.on(page.back(format!("/case/{case}/stopped"), "What to do now")).into())
}

/// The categories that stop a case, as choices.
pub fn stops(pack: &Pack) -> Vec<Choice> {
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
