//! The beginning of a recording, and addresses to open in its window.
//!
//! Where the computer cannot record, it says so and names the other ways.

use std::sync::Arc;

use countersign_browser::program::find::Found;
use countersign_browser::program::launch::Window;
use countersign_case::capture::{self, Command, RecordRequest, Traffic};
use countersign_case::case::Reading;
use countersign_case::procedure::Deed;
use countersign_record::journal::{Reference, Side, Standing};
use maud::{Markup, html};

use crate::ambient::{self, Startup};
use crate::explain::without_browser;
use crate::message::Message;
use crate::web::cases::Guide;
use crate::web::cases::recordings::RecordingStatus;
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::html::{Page, Problem, hints};
use crate::web::pages::traffic;
use crate::web::server::visit::{Answer, Reply, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    reading.may_now(&Deed::Visit)?;
    if guide.is_recording(case) {
        return Reply::see(format!("/case/{case}/review"));
    }
    if !guide.is_unlocked(case) {
        return Err(Problem::Locked(case));
    }
    let mut form = Form::empty();
    form.set("producer", "a");
    traffic::preset(&mut form);
    page(guide, visit, &form)
}

pub fn begin(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    reading.may_now(&Deed::Visit)?;
    let mut form = visit.form();
    let producer = form.one_of("producer", "Say which of you produces the exhibits.", &SIDES);
    let address = form.optional_line("address", "address");
    let (Some(producer), true) = (producer, form.is_right()) else { return page(guide, visit, &form) };
    let browser = able(guide, &reading)?;
    let address = address.map(|line| line.as_str().to_owned());
    record(guide, case, browser, address, producer, traffic::answer(&form))?;
    Reply::see(format!("/case/{case}/review"))
}

/// An address for the recording window.
pub fn go(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    go_page(guide, visit, &Form::empty())
}

pub fn go_now(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let mut form = visit.form();
    let Some(address) = form.line("address", "address") else { return go_page(guide, visit, &form) };
    if !guide.is_recording(case) {
        return Err(super::not_recording());
    }
    guide.command(case, Command::Go(address.as_str().to_owned()))?;
    Reply::see(format!("/case/{case}/review"))
}

fn go_page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let body = html! {
        (visit.form_to(visit.path(), html! {
            (form.input(Ask::new("address", "The address of the page").hint("Such as: https://example.org/page")))
            button { "Open it in the recording window" }
        }))
        (samples(guide, visit, &reading, ["Pages of the sample site", ""])?)
    };
    let page = Page::new("Open an address", body).of(&reading);
    Ok(form.on(page.back(format!("/case/{case}/review"), "Review")).into())
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    able(guide, &reading)?;
    let body = html! {
        p { "A window opens for the two of you. Every page that you visit in it is on record as it happens, with its address, its title and the time. Pictures are kept only where you choose to." }
        p { "The window forgets everything when it is closed. What you type into a page is not kept, unless the page makes it part of an address. It cannot open files." }
        (visit.form_to(visit.path(), html! {
            (form.input(Ask::new("address", "Which page first? (you can leave this out)").hint("Such as: https://example.org/page")))
            (producer(form, &reading))
            (traffic::ask(form))
            button { "Start recording" }
        }))
        (samples(guide, visit, &reading, ["Or begin with a page of the sample site", "Start with: "])?)
    };
    let page = Page::new("Start recording", body).of(&reading);
    Ok(form.on(page.back(format!("/case/{case}/review"), "Review")).into())
}

/// Who of the two produces what is kept.
pub fn producer(form: &Form, reading: &Reading) -> Markup {
    let opened = reading.ledger().opened();
    let choices: Vec<Choice> = SIDES
        .iter()
        .map(|(value, side)| {
            let person = opened.reviewer(*side);
            let next = reading.ledger().next_exhibit(*side);
            Choice::new(*value, person.name.as_str()).hint(format!("The next exhibit is {}.", next.label))
        })
        .collect();
    form.radios(
        Ask::new("producer", "Which of you produces the exhibits?")
            .hint("That person can be asked to give a statement about them."),
        &choices,
    )
}

/// The two, by the value of the answer.
pub const SIDES: [(&str, Side); 2] = [("a", Side::A), ("b", Side::B)];

/// Pages of the sample site, for a rehearsal: under a heading, each with a
/// button that sends its address in the form of this page.
pub fn samples(
    guide: &Guide,
    visit: &Visit,
    reading: &Reading,
    [heading, button]: [&str; 2],
) -> Result<Markup, Problem> {
    if reading.ledger().opened().standing != Standing::Rehearsal {
        return Ok(Markup::default());
    }
    let site = guide.site()?;
    let pages = [("The school's class pages", "/"), ("Class 7: the message board", "/class-7")];
    Ok(html! {
        h2 { (heading) }
        @for (words, path) in pages {
            @let url = site.url(path);
            (visit.form_to(visit.path(), html! {
                input type="hidden" name="address" value=(url);
                input type="hidden" name="producer" value="a";
                button.second { (button) (words) }
                p.hint { (url) }
            }))
        }
    })
}

/// The browser to record with, or a page that says what to do without one.
fn able(guide: &Guide, reading: &Reading) -> Result<Found, Problem> {
    if guide.window() == Window::Shown && has_no_screen() {
        return Err(unable(
            reading,
            &Message::no("No window can be opened here: this computer has no screen that programs can use."),
        ));
    }
    match guide.browser()? {
        Ok(found) => Ok(found),
        Err(without) => Err(unable(reading, &without_browser(&without))),
    }
}

fn has_no_screen() -> bool {
    let names = ["DISPLAY", "WAYLAND_DISPLAY"];
    let environment = ambient::environment();
    cfg!(target_os = "linux")
        && !environment
            .iter()
            .any(|(name, value)| names.iter().any(|known| name == known) && !value.is_empty())
}

fn unable(reading: &Reading, why: &Message) -> Problem {
    let case = reading.folder().reference();
    let body = html! {
        p { strong { (why.what) } }
        @for hint in hints(why) { p { (hint) } }
        h2 { "What you can do without a recording" }
        ul {
            li { a href=(format!("/case/{case}/keep")) { "Keep a page by its address" } }
            li { a href=(format!("/case/{case}/attach")) { "Add files" } ", such as photos of a screen or a report of the filter" }
            li { a href=(format!("/case/{case}/note")) { "Write a note of what you saw" } }
        }
    };
    let page = Page::new("This computer cannot record", body).of(reading);
    Problem::from(page.back(format!("/case/{case}/review"), "Review"))
}

fn record(
    guide: &Arc<Guide>,
    case: Reference,
    browser: Found,
    start: Option<String>,
    producer: Side,
    traffic: Traffic,
) -> Result<(), Problem> {
    let network = guide.network(Some(&browser))?;
    let (own, told) = (Arc::clone(guide), Arc::new(RecordingStatus::default()));
    let begun = Arc::clone(&told);
    let recording = move |unlocked: &mut countersign_case::case::Unlocked<'_>,
                          commands: &std::sync::mpsc::Receiver<Command>| {
        let startup = Startup::of(browser);
        let request = RecordRequest {
            start: start.as_deref(),
            producer,
            with: startup.starter(),
            window: own.window(),
            network: &network,
            traffic,
        };
        let mut hear = |event: &capture::Event| {
            told.hear(event, own.now());
            match event {
                capture::Event::Active => own.note_activity(case),
                capture::Event::Halted { .. } => own.stopped().add(case),
                _ => {}
            }
        };
        let ended = capture::record(unlocked, request, commands, &mut hear);
        told.end(ended.map_err(Message::from));
    };
    guide.record(case, Box::new(recording))?;
    guide.recordings.begun(case, begun);
    Ok(())
}
