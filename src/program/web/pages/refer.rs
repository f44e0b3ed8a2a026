//! Whom to tell, why and how soon; and what they said.

use std::sync::Arc;

use countersign_case::case::Reading;
use countersign_case::procedure::pack::{Route, RouteTo};
use countersign_case::procedure::{Deed, Reminder, State};
use countersign_record::clock::Time;
use countersign_record::journal::{Answer as Found, Body, Referred, Side};
use maud::{Markup, html};

use super::check::{Passphrases, before_signing, form_again};
use crate::web::cases::Guide;
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Visit};

/// The routes; with one of them in the address, its form.
pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut form = form_again(guide, visit);
    if !visit.query("route").is_empty() {
        form.set("route", visit.query("route"));
    }
    match form.typed("route") {
        "" => Ok(choose(&reading, guide.now()).into()),
        _ => page(&reading, visit, form),
    }
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut form = visit.form();
    let route = route(&reading, &form)?.clone();
    let to = form.line("to", "name of whom you told");
    let by = form.optional_name("by", "name of who told them");
    let contact = form.optional_name("contact", "name of whom you spoke to");
    let when = form.optional_line("when", "time");
    let reference = form.optional_name("reference", "reference number");
    let advice = form.optional_shared("advice", "advice");
    let computer = form.optional_shared("computer", "advice on the computer");
    let answer = match form.typed("answer") {
        "confirmed" => Some(Found::Confirmed),
        "not-confirmed" => Some(Found::NotConfirmed),
        _ => None,
    };
    let (Some(to), true) = (to, form.is_right()) else { return page(&reading, visit, form) };
    let (deed, id) = (Deed::Refer(route.id.clone()), route.id);
    let body = Body::Referred(Referred {
        route: id,
        to,
        by,
        contact,
        when,
        reference,
        advice,
        computer,
        answer,
        alone: None,
    });
    before_signing(guide, visit, &reading, (deed, body), Passphrases::WhenLocked)
}

fn route<'r>(reading: &'r Reading, form: &Form) -> Result<&'r Route, Problem> {
    reading.pack().route(form.typed("route")).ok_or(Problem::NotFound)
}

/// Everybody who can be told: those who must be first, and why.
fn choose(reading: &Reading, now: Time) -> Page {
    let case = reading.folder().reference();
    let state = reading.state();
    let due: Vec<Reminder> = state.due(now).into_iter().map(|due| due.reminder).collect();
    let applying: Vec<&Route> = state.routes().collect();
    let (must, may): (Vec<&Route>, Vec<&Route>) =
        applying.iter().partition(|route| due.contains(&Reminder::Refer(route.id.clone())));
    let others: Vec<&Route> = reading
        .pack()
        .routes()
        .iter()
        .filter(|route| applying.iter().all(|known| known.id != route.id))
        .collect();
    let body = html! {
        @if must.is_empty() { p { "Nobody has to be told now." } } @else {
            h2 { "Tell them now" }
            (list(reading, &state, &must, now))
        }
        @if !may.is_empty() {
            h2 { "Told already, or to be told where it holds" }
            (list(reading, &state, &may, now))
        }
        @if !others.is_empty() {
            details {
                summary { "Others who can be told" }
                div { (list(reading, &state, &others, now)) }
            }
        }
    };
    Page::new("Who must be told", body).of(reading).back(format!("/case/{case}"), "Task list")
}

fn list(reading: &Reading, state: &State<'_>, routes: &[&Route], now: Time) -> Markup {
    let case = reading.folder().reference();
    let told: Vec<_> = reading
        .ledger()
        .entries()
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::Referred(referred) => Some((&referred.route, entry.entry)),
            _ => None,
        })
        .collect();
    let due = state.due(now);
    let deadline = |route: &Route| {
        due.iter().find(|due| due.reminder == Reminder::Refer(route.id.clone())).map(|due| {
            let by = due.by.map_or("At once.".to_owned(), |by| format!("By {}.", by.in_words()));
            let late = if due.by.is_some() && due.is_overdue(now) { " This is overdue." } else { "" };
            format!("{by}{late}")
        })
    };
    html! {
        ul.tasks {
            @for route in routes {
                @let entry = told.iter().find(|(id, _)| **id == route.id).map(|(_, entry)| entry);
                li {
                    div.what {
                        a href=(format!("/case/{case}/refer?route={}", route.id)) { (route.name) }
                        p.hint { (route.why) " " (route.how) }
                        @if let Some(words) = deadline(route) { p.hint { strong { (words) } } }
                    }
                    @match (entry, deadline(route).is_some()) {
                        (Some(entry), _) => span.status.quiet { "Told, entry " (entry) },
                        (None, true) => span.status.todo { "To do" },
                        (None, false) => span.status { "If needed" },
                    }
                }
            }
        }
    }
}

fn page(reading: &Reading, visit: &Visit, mut form: Form) -> Answer {
    let case = visit.case()?;
    let route = route(reading, &form)?;
    if !form.fields().has("to") {
        form.set("to", route.name.as_str());
    }
    let opened = reading.ledger().opened();
    let who = format!("Such as: {}.", opened.called(Side::A));
    let answers = [
        Choice::new("", "They have not answered yet"),
        Choice::new("confirmed", "What was suspected is so, and they go on with it"),
        Choice::new("not-confirmed", "What was suspected is not so"),
    ];
    if route.to == RouteTo::Police && !form.fields().has("answer") {
        form.set("answer", "");
    }
    let body = html! {
        div.inset.plain {
            p { strong { (route.how) } }
            p { (route.why) }
        }
        (visit.form_to(visit.path(), html! {
            input type="hidden" name="route" value=(route.id);
            (form.input(Ask::new("to", "Whom did you tell?")))
            (form.input(Ask::new("by", "Which of you told them?").hint(&who)))
            (form.input(Ask::new("contact", "Whom did you speak to?").hint("Name and number, such as: PC 1234 Brown.")))
            (form.input(Ask::new("when", "When?").hint("Such as: 22 November, 14:40.").short()))
            (form.input(Ask::new("reference", "Which reference number did they give you?").short()))
            (form.area(Ask::new("advice", "What did they tell you to do?")))
            @if route.to == RouteTo::Police {
                (form.area(Ask::new("computer", "What did they say about the computer?")))
                (form.radios(Ask::new("answer", "What did they find?"), &answers))
            }
            p.hint { "Leave out what you do not know yet. What comes later is a new entry." }
            button { "Continue" }
        }))
    };
    let title = format!("Tell {}", route.name);
    let page = Page::new(title, body).of(reading).back(format!("/case/{case}/refer"), "Who must be told");
    Ok(form.on(page).into())
}
