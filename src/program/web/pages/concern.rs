//! A concern: where it is, then of which kind and what is wrong there.
//!
//! Choosing a category that stops the case is the stop: asked once, raised,
//! and put into words by both afterwards.

use std::sync::Arc;

use countersign_case::case::{self, Halt, How, Reading};
use countersign_case::procedure::{self, Deed, pack};
use countersign_record::journal::{
    At, Body, Category, Concern, Ledger, Line, Reference, Response, Restraint, Side, Text,
};
use maud::{Markup, html};

use super::check::{Passphrases, before_signing, form_again};
use crate::say::{cut, one_line};
use crate::web::cases::Guide;
use crate::web::cases::at_once::{self, PageDeadline};
use crate::web::html::Page;
use crate::web::html::form::{Ask, Choice, Form, Group};
use crate::web::server::visit::{Answer, Reply, Visit};

/// Where is it?
pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    place_page(guide, visit, &Form::empty())
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut form = visit.form();
    let typed = form.typed("typed").to_owned();
    let at = match form.typed("at") {
        "" if typed.is_empty() => {
            form.mistake("at", "Say where it is: choose one, or give an address or an exhibit.");
            None
        }
        "" | "typed" => {
            let at = place(&reading, &typed);
            if at.is_none() {
                form.mistake("typed", NO_PLACE);
            }
            at.map(|_| typed)
        }
        chosen => place(&reading, chosen).map(|_| chosen.to_owned()),
    };
    let Some(at) = at else { return place_page(guide, visit, &form) };
    let query = url::form_urlencoded::byte_serialize(at.as_bytes()).collect::<String>();
    Reply::see(format!("/case/{}/concern/kind?at={query}", visit.case()?))
}

fn place_page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    // What was looked at is not shown again before both unlock the case.
    let mut choices = if guide.is_hidden(case) { Vec::new() } else { places(&reading) };
    choices.push(Choice::new("typed", "Somewhere else: I give it below"));
    let body = visit.form_to(visit.path(), html! {
        (form.radios(Ask::new("at", "Choose the page or the exhibit").hint("The last ones first."), &choices))
        (form.input(Ask::new("typed", "An address, or an exhibit").hint("Such as: https://example.org/page, or JS/1.")))
        button { "Continue" }
    });
    let page = Page::new("Where is your concern?", body).of(&reading);
    let page = page.back(format!("/case/{case}/review"), "Review");
    Ok(form.on(page).into())
}

/// Of which kind, and what is wrong there?
pub fn kind(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let mut form = form_again(guide, visit);
    if !form.fields().has("at") {
        form.set("at", visit.query("at"));
    }
    kind_page(guide, visit, &form)
}

pub fn send_kind(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let mut form = visit.form();
    let reading = match guide.reading(visit.case()?) {
        Ok(reading) => reading,
        // A stop does not wait for a record that can be read.
        Err(problem) => return stop_unread(guide, visit, &form).ok_or(problem),
    };
    let category = chosen(&reading, &mut form);
    if let Some(category) = category.as_ref().filter(|category| stops_more(&reading, category)) {
        // A stop does not wait for words.
        return stop_page(visit, &reading, &mut form, category);
    }
    let description = form.text("description", "description");
    let at = place(&reading, form.typed("at"));
    let (Some(category), Some(description), Some(at), true) = (category, description, at, form.is_right())
    else {
        return kind_page(guide, visit, &form);
    };
    let deed = Deed::Concern(category.id.clone());
    let body = Body::Concern(Concern { at, category, description });
    before_signing(guide, visit, &reading, (deed, body), Passphrases::WhenLocked)
}

fn kind_page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let Some(at) = place(&reading, form.typed("at")) else {
        return Reply::see(format!("/case/{case}/concern"));
    };
    let body = html! {
        p { "About " (cut(&in_words(&at), LONGEST_PLACE)) ". " a href=(format!("/case/{case}/concern")) { "It is somewhere else" } }
        (visit.form_to(visit.path(), html! {
            input type="hidden" name="at" value=(form.typed("at"));
            (form.radios_in_groups(Ask::new("category", "What comes closest?").hint("If you are not sure whether it is illegal, choose what stops the case."), &categories(&reading)))
            (form.area(Ask::new("description", "What is wrong there?").hint("In your own words. Describe no picture that is against the law. If your choice stops the case, you can leave this out.")))
            button { "Continue" }
        }))
    };
    let page = Page::new("What kind of concern is it?", body).of(&reading);
    let page = page.back(format!("/case/{case}/concern"), "Where it is");
    Ok(form.on(page).into())
}

/// The same question where the case cannot be read, if the category stops it
/// or nobody can tell.
fn stop_unread(guide: &Arc<Guide>, visit: &Visit, form: &Form) -> Option<Reply> {
    let case = visit.case().ok()?;
    let typed = form.typed("category");
    let known = PageDeadline::begin().category(guide, case, typed);
    let (label, response) = match &known {
        case::Category::Known(known) => (known.label.as_str(), known.response),
        case::Category::NoSuch | case::Category::Unknown => (typed, Response::StopAndWithhold),
    };
    known.stops().then(|| {
        let page = Page::new("Stop the case?", question(visit, case, form, (label, response), None));
        page.beside(case, PageDeadline::begin().glance(guide, case).as_ref()).into()
    })
}

/// One plain question before the stop.
fn stop_page(visit: &Visit, reading: &Reading, form: &mut Form, category: &Category) -> Answer {
    let case = reading.folder().reference();
    let what = (category.label.as_str(), category.response);
    let typed = form.typed("at").to_owned();
    let at = place(reading, &typed).map_or(typed, |at| in_words(&at));
    form.set("place", &at);
    let body = question(visit, case, form, what, Some(reading.ledger()));
    Ok(Page::new("Stop the case?", body).of(reading).into())
}

fn question(
    visit: &Visit,
    case: Reference,
    form: &Form,
    (label, response): (&str, Response),
    people: Option<&Ledger>,
) -> Markup {
    let what = what_stops(response);
    html! {
        div.warn { "“" (label) "” stops the case. " (what) }
        p { "It cannot be taken back. Either of you can do it alone, and nobody types a passphrase now. If you are not sure, stop." }
        (visit.form_to(&format!("/case/{case}/concern/stop"), html! {
            @for name in ["at", "place", "category", "description"] { input type="hidden" name=(name) value=(form.fields().of(name)); }
            (form.radios(Ask::new("by", "Who of you stops it? (you can leave this out)"), &who(people)))
            button.warning { "Stop the case now" }
        }))
        p { a href=(format!("/case/{case}/concern/kind?at={}", query(form.typed("at")))) { "Do not stop: choose another kind" } }
    }
}

/// What choosing that category does at once.
pub fn what_stops(response: Response) -> &'static str {
    match response {
        Response::StopAndWithhold => {
            "Everything stops at once. Nothing that was kept is shown, printed or copied again, and you ring the police."
        }
        _ => "Looking stops at once. What was kept is safe and goes to the police.",
    }
}

/// What was chosen, where the record cannot be read to say it better.
fn chosen_in_words(at: String) -> String {
    match at.split_once('-') {
        Some(("visit", entry)) => format!("the page of entry {entry}"),
        Some(("exhibit", entry)) => format!("the exhibit of entry {entry}"),
        _ => at,
    }
}

/// The two, by name where the record can be read.
fn who(ledger: Option<&Ledger>) -> Vec<Choice> {
    let name = |side| match (ledger, side) {
        (Some(ledger), side) => ledger.reviewer_name(side).to_string(),
        (None, Side::A) => "The first of the two who opened the case".to_owned(),
        (None, Side::B) => "The second".to_owned(),
    };
    Side::BOTH.map(|side| Choice::new(side.letter(), name(side))).into()
}

/// The stop, raised first; the words wait until both sign them.
pub fn stop(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let form = visit.form();
    let said = |name: &str| Some(form.fields().of(name).to_owned()).filter(|words| !words.is_empty());
    let halt = Halt {
        category: said("category"),
        place: said("place").or_else(|| said("at").map(chosen_in_words)),
        description: said("description"),
        // Who it is stands in the stop as they said it, or not at all.
        by: Side::BOTH.into_iter().find(|side| form.typed("by") == side.letter()),
        how: How::ByConcern,
    };
    at_once::stop(guide, case, halt)?;
    let stopped = format!("/case/{case}/stopped");
    // A record that cannot be read must not stand in the way.
    let Some(reading) = PageDeadline::begin().reading(guide, case) else { return Reply::see(stopped) };
    let category = reading.pack().category(form.fields().of("category")).map(|known| known.recorded());
    let category = category.filter(|category| category.response != Response::Record);
    let words = Text::typed(form.fields().of("description")).ok();
    let at = place(&reading, form.typed("at"));
    let (Some(category), Some(description), Some(at)) = (category, words, at) else {
        return Reply::see(stopped);
    };
    let deed = Deed::Concern(category.id.clone());
    let body = Body::Concern(Concern { at, category, description });
    match before_signing(guide, visit, &reading, (deed, body), Passphrases::WhenLocked) {
        Ok(Reply::See(check)) => {
            let draft = check.rsplit('/').next().unwrap_or_default();
            Reply::see(format!("{stopped}?words={draft}"))
        }
        // The words are in the stop itself, and the stop stands.
        _ => Reply::see(stopped),
    }
}

fn chosen(reading: &Reading, form: &mut Form) -> Option<Category> {
    let id = form.typed("category").to_owned();
    let found = reading.pack().category(&id).map(|category| category.recorded());
    if found.is_none() {
        form.mistake("category", "Choose the kind of concern that comes closest.");
    }
    found
}

/// The last exhibits and pages, each once.
fn places(reading: &Reading) -> Vec<Choice> {
    let pictures = reading.released().pictures();
    let mut choices: Vec<Choice> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for entry in reading.ledger().entries().iter().rev().take(FAR_ENOUGH) {
        let (value, label, hint) = match reading.ledger().now(entry).body() {
            Body::Kept(kept) => (
                format!("exhibit-{}", entry.entry),
                format!("Exhibit {}", kept.exhibit.label),
                kept.final_url.as_str(),
            ),
            Body::Attached(attached) if attached.part.number == 1 => (
                format!("exhibit-{}", entry.entry),
                format!("Exhibit {}", attached.exhibit.label),
                attached.description.as_str(),
            ),
            Body::Visited(visited) => {
                let Some(visit) = visited.visits.last() else { continue };
                let url = visit.final_url.as_str();
                if seen.contains(&url) {
                    continue;
                }
                seen.push(url);
                let title = visit.title.as_ref().filter(|_| pictures).map_or("", |title| title.as_str());
                (format!("visit-{}", entry.entry), cut(&one_line(url), 120), title)
            }
            _ => continue,
        };
        let choice = Choice::new(value, label);
        let hint = cut(&one_line(hint), 120);
        choices.push(if hint.is_empty() { choice } else { choice.hint(hint) });
        if choices.len() == MOST_PLACES {
            break;
        }
    }
    choices
}

/// An entry that was chosen, an exhibit by its label, or an address.
fn place(reading: &Reading, at: &str) -> Option<At> {
    let entry = |number: &str| {
        let number: usize = number.parse().ok()?;
        reading.ledger().entries().get(number.checked_sub(1)?)
    };
    if let Some(number) = at.strip_prefix("exhibit-") {
        return match &entry(number)?.body {
            Body::Kept(kept) => Some(At::Exhibit(kept.exhibit.label.clone())),
            Body::Attached(attached) => Some(At::Exhibit(attached.exhibit.label.clone())),
            _ => None,
        };
    }
    if let Some(number) = at.strip_prefix("visit-") {
        return match &entry(number)?.body {
            Body::Visited(visited) => Some(At::Url(visited.visits.last()?.final_url.clone())),
            _ => None,
        };
    }
    procedure::place(reading.ledger(), &Line::typed(at).ok()?)
}

fn in_words(at: &At) -> String {
    match at {
        At::Url(url) => one_line(url.as_str()),
        At::Exhibit(label) => format!("exhibit {label}"),
    }
}

/// The pack's categories in its order, under its headings, and what choosing
/// one does.
pub fn categories(reading: &Reading) -> Vec<Group> {
    let is_stopped = reading.state().restraint() != Restraint::None;
    let groups = reading.pack().categories().chunk_by(|one, next| one.group == next.group);
    let groups = groups.map(|categories| {
        let stopping = categories.iter().filter(|category| category.halts()).count();
        let does = match stopping {
            _ if is_stopped => "",
            0 => ": does not stop the case",
            some if some < categories.len() => ": some stop the case",
            _ => ": each of these stops the case",
        };
        let choices = categories.iter().map(|category| choice(category, is_stopped)).collect();
        Group { words: format!("{}{does}", categories[0].group), choices }
    });
    groups.collect()
}

fn choice(category: &pack::Category, is_stopped: bool) -> Choice {
    let does = match category.response {
        _ if is_stopped => "",
        Response::Record => "",
        Response::Police => "Stops the case: it goes to the police.",
        Response::StopAndWithhold => "Stops the case at once: nothing is looked at or shown again.",
    };
    let help = category.help.as_ref().map_or("", |help| help.as_str());
    let hint = [does, help].iter().filter(|words| !words.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let choice = Choice::new(category.id.as_str(), category.label.as_str());
    if hint.is_empty() { choice } else { choice.hint(hint) }
}

/// Whether choosing it stops the case, or stops it more strictly.
pub fn stops_more(reading: &Reading, category: &Category) -> bool {
    let stops = match category.response {
        Response::Record => Restraint::None,
        Response::Police => Restraint::Police,
        Response::StopAndWithhold => Restraint::Withhold,
    };
    stops > reading.state().restraint()
}

fn query(words: &str) -> String {
    url::form_urlencoded::byte_serialize(words.as_bytes()).collect()
}

const NO_PLACE: &str = "Give the address of a web page, which begins with http:// or https://, or an exhibit of this case such as JS/1.";

/// Places to choose from.
const MOST_PLACES: usize = 10;

/// Entries that are looked through for them.
const FAR_ENOUGH: usize = 500;

/// Letters of a place.
const LONGEST_PLACE: usize = 300;
