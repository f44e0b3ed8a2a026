//! One page kept by its address, without a recording.

use std::sync::Arc;

use countersign_browser::network::address::Address;
use countersign_case::capture::{self, KeepRequest};
use countersign_case::procedure::Deed;
use maud::html;

use super::review::{SIDES, producer, samples};
use super::traffic;
use crate::ambient::Startup;
use crate::explain::{address, no_pictures};
use crate::message::Message;
use crate::web::cases::Guide;
use crate::web::html::form::{Ask, Form};
use crate::web::html::{Page, Problem, hints};
use crate::web::server::jobs;
use crate::web::server::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    guide.reading(case)?.may_now(&Deed::Keep)?;
    if !guide.is_unlocked(case) {
        return Err(Problem::Locked(case));
    }
    let mut form = Form::empty();
    form.set("producer", "a");
    traffic::preset(&mut form);
    page(guide, visit, &form)
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    reading.may_now(&Deed::Keep)?;
    if !guide.is_unlocked(case) {
        return Err(Problem::Locked(case));
    }
    let mut form = visit.form();
    let producer = form.one_of("producer", "Say which of you produces the exhibit.", &SIDES);
    let url = form.line("address", "address").map(|line| line.as_str().to_owned());
    let traffic = traffic::answer(&form);
    let browser = guide.browser()?;
    let network = guide.network(browser.as_ref().ok())?;
    if let Some(url) = &url {
        let reach = network.reach(reading.ledger().opened().standing);
        if let Err(error) = Address::parse(url, &reach) {
            let message = address(url, &error);
            form.mistake("address", [vec![message.what.clone()], hints(&message)].concat().join(" "));
        }
    }
    let (Some(producer), Some(url), true) = (producer, url, form.is_right()) else {
        return page(guide, visit, &form);
    };
    jobs::begin(guide, visit, "Keeping the page", move |guide, job| {
        job.say("The page is opened, looked at from top to bottom, and kept. This can take a minute.");
        let kept = guide.with(case, move |unlocked| {
            let startup = browser.map(Startup::of);
            let with = startup.as_ref().map(Startup::starter).map_err(Clone::clone);
            capture::keep(unlocked, KeepRequest { url: &url, producer, with, network: &network, traffic })
        })?;
        let kept = kept.map_err(|error| Problem::from(Message::from(error)))?;
        Ok(format!("/case/{case}/exhibits/{0}?kept={0}", kept.entry))
    })
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let without = guide.browser()?.err();
    let body = html! {
        p { "Countersign opens the page by itself, where you do not see it, and keeps its picture, its text and how it came." }
        @if let Some(without) = without {
            div.inset.plain { p { (no_pictures(&without)) } p { "The server's answer is kept. Add a photo of the page as a file." } }
        }
        div.warn { "If the page may show sexual images of a child, do not keep it. Press Stop." }
        (visit.form_to(visit.path(), html! {
            (form.input(Ask::new("address", "The address of the page").hint("Such as: https://example.org/page")))
            (producer(form, &reading))
            (traffic::ask(form))
            button { "Keep it, signed by both of us" }
        }))
        (samples(guide, visit, &reading, ["Pages of the sample site", "Keep: "])?)
    };
    let page = Page::new("Keep a page by its address", body).of(&reading);
    Ok(form.on(page.back(format!("/case/{case}/review"), "Review")).into())
}
