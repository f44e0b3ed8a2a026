//! Put this right: a value of an earlier entry, or the whole entry by words.
//!
//! The old value is taken from the record. A correction to a category that
//! stops the case is the stop: asked once, raised, and signed afterwards.

use std::sync::Arc;

use countersign_case::case::{Reading, stop_by};
use countersign_case::procedure::{self, Deed};
use countersign_record::journal::{self, Body, Category, Corrected, Current, Field, Value, ValueKind};
use maud::{Markup, html};

use super::check::{Passphrases, before_signing, form_again};
use super::{archive, concern};
use crate::explain;
use crate::say::cut;
use crate::web::cases::{Guide, at_once};
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Reply, Visit};

/// The values of an entry that can be corrected, each with the way to do so.
pub fn values(reading: &Reading, entry: &Current<'_>) -> Markup {
    let case = reading.folder().reference();
    let fields = journal::fields(entry.body());
    let at = |field: &Field| format!("/case/{case}/correct/{}/{}", entry.number(), segment(field));
    html! {
        @if !fields.is_empty() {
            h2 #values { "What it says, one by one" }
            dl.answers {
                @for field in fields {
                    div {
                        dt { (field.label) }
                        dd { (cut(&in_words(reading, field, entry), LONGEST_VALUE)) }
                        dd.change { a href=(at(field)) { "Put this right" span.visually-hidden { ": " (field.label) } } }
                    }
                }
            }
        }
        @match entry.body() {
            Body::Corrected(Corrected { entry: corrected, change: Some(_), .. }) => p {
                "It is a correction. " a href=(format!("/case/{case}/record/{corrected}#values")) { "Put the value right in entry " (corrected) }
            },
            Body::Judged(_) => p { "A decision is made again, not corrected. " a href=(format!("/case/{case}/judge")) { "Decide again" } },
            _ => {}
        }
        p { a href=(format!("/case/{case}/correct/{}", entry.number())) { "Say in words what is wrong with entry " (entry.number()) } }
    }
}

/// The link to an entry's values, from where some of them are shown.
pub fn link(reading: &Reading, entry: u64) -> Markup {
    let case = reading.folder().reference();
    html! {
        a href=(format!("/case/{case}/record/{entry}#values")) { "Put this right" span.visually-hidden { ": entry " (entry) } }
    }
}

/// What is wrong with an entry, in words.
pub fn show_whole(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    whole(guide, visit, &form_again(guide, visit))
}

pub fn send_whole(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let entry = current(&reading, visit)?.number();
    let mut form = visit.form();
    let Some(because) = form.text("because", "correction") else { return whole(guide, visit, &form) };
    let body = Body::Corrected(Corrected { entry, change: None, because: Some(because), alone: None });
    before_signing(guide, visit, &reading, (Deed::Correct(entry, None), body), Passphrases::WhenLocked)
}

fn whole(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let entry = current(&reading, visit)?;
    let number = entry.number();
    let has_values = !journal::fields(entry.body()).is_empty();
    let body = html! {
        p { "Entry " (number) " stays as you signed it. Wherever something of it stands, it says that it was corrected, and by which entry." }
        @if has_values {
            p { "If one value of it is wrong, put that value right instead: the new one then stands with the old one. " (link(&reading, number)) }
        }
        (visit.form_to(visit.path(), html! {
            (form.area(Ask::new("because", "What is wrong with it, and what is right?")))
            button { "Continue" }
        }))
    };
    let page = Page::new(format!("Put entry {number} right"), body).of(&reading);
    Ok(form.on(page.back(format!("/case/{case}/record/{number}"), "The entry")).into())
}

/// One value.
pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let (entry, field) = target(&reading, visit)?;
    let mut form = form_again(guide, visit);
    if !form.fields().has("to") {
        form.set("to", &as_typed(field, entry.body().value(field).as_ref()));
    }
    page(visit, &reading, &form)
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut form = visit.form();
    let Some(corrected) = typed(guide, &reading, visit, &mut form)? else {
        return page(visit, &reading, &form);
    };
    if let Some(category) = corrected.stops().filter(|category| concern::stops_more(&reading, category)) {
        reading.may(&deed(&corrected))?;
        return stop_page(visit, &reading, &form, category);
    }
    before_signing(
        guide,
        visit,
        &reading,
        (deed(&corrected), Body::Corrected(corrected)),
        Passphrases::WhenLocked,
    )
}

/// The stop, raised first; the correction waits until both sign it.
pub fn stop(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let mut form = visit.form();
    let corrected = typed(guide, &reading, visit, &mut form)?;
    let stops = corrected.and_then(|corrected| Some((stop_by(reading.ledger(), &corrected)?, corrected)));
    let Some((halt, corrected)) = stops else {
        return page(visit, &reading, &form);
    };
    reading.may(&deed(&corrected))?;
    at_once::stop(guide, case, halt)?;
    let stopped = format!("/case/{case}/stopped");
    let reading = guide.reading(case)?;
    let entry = (deed(&corrected), Body::Corrected(corrected));
    match before_signing(guide, visit, &reading, entry, Passphrases::WhenLocked) {
        Ok(Reply::See(check)) => {
            let draft = check.rsplit('/').next().unwrap_or_default();
            Reply::see(format!("{stopped}?words={draft}"))
        }
        // The stop stands.
        _ => Reply::see(stopped),
    }
}

/// The correction that was typed; none where something is wrong with it, which
/// the form says.
fn typed(
    guide: &Guide,
    reading: &Reading,
    visit: &Visit,
    form: &mut Form,
) -> Result<Option<Corrected>, Problem> {
    let (entry, field) = target(reading, visit)?;
    let because = form.optional_text("because", "reason");
    let to = match field.kind {
        ValueKind::Day => archive::day(form, "to").map(|day| day.to_string()).unwrap_or_default(),
        _ => form.fields().of("to").to_owned(),
    };
    if !form.is_right() {
        return Ok(None);
    }
    let (ledger, pack) = (reading.ledger(), reading.pack());
    let corrected = match procedure::correct(ledger, pack, entry.number(), field.name.as_str(), &to, because)
    {
        Ok(corrected) => corrected,
        Err(error) => {
            form.mistake("to", explain::correction(&error, reading).what);
            return Ok(None);
        }
    };
    if field.kind == ValueKind::Case
        && let Ok(earlier) = to.trim().parse()
        && !guide.home().case(earlier).path().is_dir()
    {
        form.mistake("to", format!("There is no case {earlier} for this one to follow."));
        return Ok(None);
    }
    Ok(Some(corrected))
}

fn page(visit: &Visit, reading: &Reading, form: &Form) -> Answer {
    let case = reading.folder().reference();
    let (entry, field) = target(reading, visit)?;
    let hint = match (field.optional, field.kind) {
        (_, ValueKind::Day) => "Such as 1 9 2040.",
        (_, ValueKind::Place) => "The address of a web page, or an exhibit such as JS/1.",
        (true, ValueKind::Line | ValueKind::Name | ValueKind::Text | ValueKind::Case) => {
            "Leave it empty if nothing is to stand there."
        }
        _ => "",
    };
    let ask = Ask::new("to", "What is right?").hint(hint);
    let body = html! {
        dl.answers {
            div { dt { (field.label) } dd { (cut(&in_words(reading, field, &entry), LONGEST_VALUE)) } }
        }
        p { "The record is not changed: a new entry says what is right. From then on the new value stands everywhere, with the old one beside it." }
        (visit.form_to(visit.path(), html! {
            @match (field.kind, choices(reading, field)) {
                (ValueKind::Category, _) => (form.radios_in_groups(ask, &concern::categories(reading))),
                (_, Some(choices)) => (form.radios(ask, &choices)),
                (ValueKind::Text, None) => (form.area(ask)),
                (_, None) => (form.input(ask)),
            }
            (form.area(Ask::new("because", "Why? (you can leave this out)")))
            button { "Continue" }
        }))
    };
    let number = entry.number();
    let page = Page::new("Put this right", body).of(reading);
    Ok(form.on(page.back(format!("/case/{case}/record/{number}#values"), format!("Entry {number}"))).into())
}

/// One plain question before the stop.
fn stop_page(visit: &Visit, reading: &Reading, form: &Form, category: &Category) -> Answer {
    let body = html! {
        div.warn { "“" (category.label) "” stops the case. " (concern::what_stops(category.response)) }
        p { "It cannot be taken back. Either of you can do it alone, and nobody types a passphrase now. If you are not sure, stop." }
        (visit.form_to(&format!("{}/stop", visit.path()), html! {
            @for name in ["to", "because"] { input type="hidden" name=(name) value=(form.fields().of(name)); }
            button.warning { "Stop the case now" }
        }))
        p { a href=(visit.path()) { "Do not stop: choose another kind" } }
    };
    Ok(Page::new("Stop the case?", body).of(reading).into())
}

fn deed(corrected: &Corrected) -> Deed {
    Deed::Correct(corrected.entry, corrected.change.clone().map(Box::new))
}

/// The answers that there are, where there is a list of them.
fn choices(reading: &Reading, field: &Field) -> Option<Vec<Choice>> {
    let pack = reading.pack();
    let opened = reading.ledger().opened();
    let mut choices: Vec<Choice> = match field.kind {
        ValueKind::Choice(choices) => {
            let label = |choice: &journal::Choice| match (field.name.as_str(), choice.id) {
                ("by", "a") => opened.first.name.to_string(),
                ("by", "b") => opened.second.name.to_string(),
                _ => capital(choice.label),
            };
            choices.iter().map(|choice| Choice::new(choice.id, label(choice))).collect()
        }
        ValueKind::Retention => {
            let classes = pack.retention().iter();
            classes.map(|class| Choice::new(class.id.as_str(), class.label.as_str())).collect()
        }
        ValueKind::Route => {
            pack.routes().iter().map(|route| Choice::new(route.id.as_str(), route.name.as_str())).collect()
        }
        ValueKind::Outcome => {
            let outcomes = pack.outcomes().iter();
            outcomes.map(|outcome| Choice::new(outcome.id.id(), outcome.label.as_str())).collect()
        }
        ValueKind::Device => {
            let devices = pack.isolation().iter();
            devices.map(|device| Choice::new(device.id.as_str(), device.label.as_str())).collect()
        }
        ValueKind::Line
        | ValueKind::Name
        | ValueKind::Text
        | ValueKind::Day
        | ValueKind::Case
        | ValueKind::Place
        | ValueKind::Category => return None,
    };
    if field.optional {
        choices.push(Choice::new("", "Not said"));
    }
    Some(choices)
}

/// A value with its corrections, in the words of the case's procedure.
fn in_words(reading: &Reading, field: &Field, entry: &Current<'_>) -> String {
    let named = |field: &Field, value: Option<&Value>| {
        let id = value.and_then(Value::as_words);
        let choices = choices(reading, field).unwrap_or_default();
        match choices.into_iter().find(|choice| id == Some(choice.value.as_str())) {
            Some(choice) => choice.label,
            None => capital(&field.in_words(value)),
        }
    };
    let value = match field.kind {
        ValueKind::Line
        | ValueKind::Name
        | ValueKind::Text
        | ValueKind::Place
        | ValueKind::Day
        | ValueKind::Case => field.in_words(entry.body().value(field).as_ref()),
        _ => named(field, entry.body().value(field).as_ref()),
    };
    format!(
        "{value}{}",
        entry.was_as(field.name.as_str(), |field, value| match field.kind {
            ValueKind::Route | ValueKind::Outcome | ValueKind::Device | ValueKind::Choice(_) =>
                named(field, value),
            _ => field.in_words(value),
        })
    )
}

/// A value as it is typed into its field.
fn as_typed(field: &Field, value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Category(category)) => category.id.to_string(),
        Some(Value::Retention(retention)) => retention.id.to_string(),
        Some(Value::Place(journal::At::Exhibit(label))) => label.to_string(),
        Some(place @ Value::Place(_)) => field.in_words(Some(place)),
        Some(Value::Words(text)) => text.to_string(),
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A field's name as a part of an address.
fn segment(field: &Field) -> String {
    field.name.as_str().replace('.', "-")
}

fn current<'r>(reading: &'r Reading, visit: &Visit) -> Result<Current<'r>, Problem> {
    let number = visit.part("entry").parse().map_err(|_| Problem::NotFound)?;
    reading.ledger().current(number).ok_or(Problem::NotFound)
}

fn target<'r>(reading: &'r Reading, visit: &Visit) -> Result<(Current<'r>, &'static Field), Problem> {
    let entry = current(reading, visit)?;
    let named = journal::fields(entry.body()).iter().find(|field| segment(field) == visit.part("field"));
    Ok((entry, named.ok_or(Problem::NotFound)?))
}

/// Letters of a value.
const LONGEST_VALUE: usize = 2_000;
