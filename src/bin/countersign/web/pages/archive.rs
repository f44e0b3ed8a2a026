//! File the case: how long it is kept, when somebody looks at it again, and
//! whether the law holds it.

use std::sync::Arc;

use chrono::NaiveDate;
use countersign::case::Reading;
use countersign::handover::{ArchiveError, ArchiveRequest, Review, archive, review_day};
use countersign::journal::{Body, Hold};
use countersign::procedure::Deed;
use countersign::procedure::pack::{Retention, RetentionFrom};
use maud::{Markup, html};

use super::check::{Passphrases, Work, allowed, before_work, form_again};
use crate::describe;
use crate::explain::Message;
use crate::web::Guide;
use crate::web::form::{Ask, Choice, Form};
use crate::web::layout::Page;
use crate::web::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    page(guide, visit, &form_again(guide, visit))
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let mut form = visit.form();
    let classes = reading.pack().retention();
    let choices: Vec<(&str, &Retention)> = classes.iter().map(|class| (class.id.as_str(), class)).collect();
    let class = form.one_of("retention", "Choose how long the case is kept.", &choices);
    let birth = day(&mut form, "birth");
    let review = day(&mut form, "review");
    let hold = match form.typed("hold") {
        "yes" => Hold::Legal,
        _ => Hold::None,
    };
    let because = form.optional_text("because", "reason");
    if hold == Hold::Legal && because.is_none() && form.typed("because").is_empty() {
        form.mistake("because", "Write who asked for it to be held, and why.");
    }
    let today = guide.now().day();
    let counted = class.map(|class| {
        let review = review_of(class, birth, review);
        review_day(class, review, today).map(|day| (class, review, day)).map_err(|error| {
            let field = match &error {
                ArchiveError::NoDateOfBirth(_) => "birth",
                ArchiveError::Date(_) if matches!(review, Review::From(_)) => "birth",
                _ => "review",
            };
            (field, Message::from(error).what)
        })
    });
    let counted = match counted {
        Some(Err((field, words))) if form.is_right() => {
            form.mistake(field, words);
            None
        }
        Some(Ok(counted)) => Some(counted),
        _ => None,
    };
    let (Some((class, review, day)), true) = (counted, form.is_right()) else {
        return page(guide, visit, &form);
    };
    let mut answers = vec![
        ("Kept as".to_owned(), class.label.to_string()),
        ("The rule".to_owned(), class.rule.to_string()),
        ("Looked at again on".to_owned(), day.format("%-d %B %Y").to_string()),
        (
            "Held for the law".to_owned(),
            if hold == Hold::Legal { "Yes, whatever the date" } else { "No" }.to_owned(),
        ),
    ];
    answers.extend(because.as_ref().map(|because| ("Because".to_owned(), because.to_string())));
    let request = ArchiveRequest { retention: class.id.clone(), review, hold, because };
    let work = Work {
        deed: Deed::Archive(class.id.clone()),
        title: "Filing the case",
        answers,
        button: "Sign and file the case",
        run: Box::new(move |guide, _| {
            let request = request.clone();
            let filed = guide.with(case, move |unlocked| archive(unlocked, request))?;
            Ok(format!("/case/{case}?kept={}", filed.map_err(Message::from)?.entry))
        }),
    };
    before_work(guide, visit, &reading, work, Passphrases::WhenLocked)
}

/// A day that was typed, if any was.
fn day(form: &mut Form, field: &str) -> Option<NaiveDate> {
    let typed = form.typed(field).to_owned();
    let parts: Vec<&str> =
        typed.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let number = |at: usize| parts.get(at).and_then(|part| part.parse::<u32>().ok());
    // As people here write it, or as files do: the year has four digits.
    let day = match (number(0), number(1), number(2)) {
        (Some(year), Some(month), Some(day)) if parts[0].len() == 4 => {
            NaiveDate::from_ymd_opt(year as i32, month, day)
        }
        (Some(day), Some(month), Some(year)) if parts[2].len() == 4 => {
            NaiveDate::from_ymd_opt(year as i32, month, day)
        }
        _ => None,
    };
    let day = day.filter(|_| parts.len() == 3);
    if day.is_none() && !typed.is_empty() {
        form.mistake(field, "Write the day in numbers, like 9 3 2014.");
    }
    day
}

fn review_of(class: &Retention, birth: Option<NaiveDate>, review: Option<NaiveDate>) -> Review {
    match (review, birth) {
        (Some(day), _) => Review::On(day),
        (None, Some(birth)) if class.from == RetentionFrom::DateOfBirth => Review::From(birth),
        (None, _) => Review::FromToday,
    }
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let classes = reading.pack().retention();
    if let Some(class) = classes.first() {
        allowed(&reading, &Deed::Archive(class.id.clone()))?;
    }
    let choices: Vec<Choice> = classes
        .iter()
        .map(|class| {
            let hint = format!("{} ({})", class.rule, class.source);
            Choice::new(class.id.as_str(), class.label.as_str()).hint(hint)
        })
        .collect();
    let hold = [Choice::new("yes", "Hold it for the law, whatever the date")
        .hint("Where the police, a court or an inquiry asks for it.")];
    let body = html! {
        p { "Nothing is ever destroyed by itself. On the day of review somebody looks at the case and decides." }
        (before(&reading))
        (visit.form_to(visit.path(), html! {
            (form.radios(Ask::new("retention", "How long is the case kept?"), &choices))
            (form.input(Ask::new("birth", "The child's date of birth, where the rule counts from it").hint("Such as 9 3 2014. It is not put on record: only the day of review is.").short()))
            (form.input(Ask::new("review", "Another day of review (you can leave this out)").hint("Such as 1 9 2040. Not earlier than the rule gives.").short()))
            (form.boxes(Ask::new("hold", "Does the law hold it?"), &hold))
            (form.area(Ask::new("because", "Why? (needed where the law holds it)")))
            button { "Continue" }
        }))
    };
    let page = Page::new("File the case", body).of(&reading).back(format!("/case/{case}"), "Task list");
    Ok(form.on(page).into())
}

/// How it was filed before.
fn before(reading: &Reading) -> Markup {
    let filed = reading.ledger().entries().iter().rev().find(|entry| matches!(entry.body, Body::Archived(_)));
    html! {
        @if let Some(entry) = filed {
            div.inset { "Entry " (entry.entry) ". " (describe::entry(entry, reading.ledger().opened(), &reading.released())) }
            p { "What you decide now holds instead. The earlier entry stays in the record." }
        }
    }
}
