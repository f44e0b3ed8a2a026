//! File the case: how long it is kept, when somebody looks at it again, and
//! whether the law holds it, one question a page.

use std::sync::Arc;

use chrono::NaiveDate;
use countersign_case::case::Reading;
use countersign_case::handover::{ArchiveError, ArchiveRequest, Review, archive, review_day};
use countersign_case::procedure::Deed;
use countersign_case::procedure::pack::{Retention, RetentionFrom};
use countersign_record::journal::{Body, Hold, Text};
use maud::{Markup, html};

use super::asked::{self, At, Questions};
use super::check::{Answered, Passphrases, Work, before_work};
use super::correct;
use crate::describe;
use crate::message::Message;
use crate::web::cases::Guide;
use crate::web::html::fields::Fields;
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Visit};

/// What is asked before a case is filed.
pub struct Archive;

#[derive(Clone, Copy)]
pub enum Step {
    Retention,
    Birth,
    Review,
    Hold,
    Because,
}

/// What it is, and how the case was filed before.
pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    may_file(&reading)?;
    let body = html! {
        p { "Nothing is ever destroyed by itself. On the day of review somebody looks at the case and decides." }
        (before(&reading))
        (visit.form_to(visit.path(), html! { button { "Continue" } }))
    };
    Ok(Page::new("File the case", body).of(&reading).back(format!("/case/{case}"), "Task list").into())
}

pub fn begin(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    may_file(&reading)?;
    asked::begin::<Archive>(guide, visit, &reading, as_filed(&reading))
}

/// What stands, to be confirmed where the case is filed already.
fn as_filed(reading: &Reading) -> Fields {
    let mut fields = Fields::default();
    if let Some(filed) = reading.state().filed() {
        fields.set("retention", filed.retention.as_str());
        fields.set("hold", if filed.hold == Hold::Legal { "yes" } else { "no" });
    }
    fields
}

impl Questions for Archive {
    type Step = Step;
    const VERB: &'static str = "archive";

    fn steps(reading: &Reading, answers: &Fields) -> Vec<Step> {
        let class = reading.pack().retention_class(answers.of("retention"));
        let birth: &[Step] = match class {
            Some(class) if class.from == RetentionFrom::DateOfBirth => &[Step::Birth],
            _ => &[],
        };
        [&[Step::Retention], birth, &[Step::Review, Step::Hold, Step::Because]].concat()
    }

    fn id(step: Step) -> &'static str {
        match step {
            Step::Retention => "retention",
            Step::Birth => "birth",
            Step::Review => "review",
            Step::Hold => "hold",
            Step::Because => "because",
        }
    }

    fn ask(guide: &Guide, reading: &Reading, step: Step, form: &Form) -> (&'static str, Markup) {
        match step {
            Step::Retention => {
                let choices = reading.pack().retention().iter().map(|class| {
                    Choice::new(class.id.as_str(), class.label.as_str())
                        .hint(format!("{} ({})", class.rule, class.source))
                });
                let choices: Vec<Choice> = choices.collect();
                ("How long is the case kept?", form.radios(Ask::new("retention", "The class of the case"), &choices))
            }
            Step::Birth => (
                "What is the child's date of birth?",
                form.input(Ask::new("birth", "Date of birth").hint(match confirms(reading, form) {
                    true => "Such as 9 3 2014. You can leave this out: the day of review then stays as it is filed now.",
                    false => "Such as 9 3 2014. The rule counts from it. It is not put on record: only the day of review is.",
                }).short()),
            ),
            Step::Review => ("When does somebody look at it again?", html! {
                @match by_the_rule(guide, reading, form) {
                    Some((Review::AsFiled, day)) => p {
                        "As it is filed now, on " strong { (in_words(day)) } ". Leave the field empty to confirm this day."
                    },
                    Some((_, day)) => p { "By the rule on " strong { (in_words(day)) } "." },
                    None => {}
                }
                (form.input(Ask::new("review", "Another day (you can leave this out)").hint("Such as 1 9 2040. Not earlier than the rule gives.").short()))
            }),
            Step::Hold => {
                let choices = [
                    Choice::new("no", "No"),
                    Choice::new("yes", "Yes: it is held, whatever the date").hint("Where the police, a court or an inquiry asks for it."),
                ];
                ("Does the law hold the case?", form.radios(Ask::new("hold", "Held for the law"), &choices))
            }
            Step::Because => {
                let (title, label) = match form.typed("hold") {
                    "yes" => ("Who asked for it to be held?", "Who asked, and why"),
                    _ => ("Is there anything to say about this?", "Why it is filed like this (you can leave this out)"),
                };
                (title, form.area(Ask::new("because", label)))
            }
        }
    }

    fn take(guide: &Guide, reading: &Reading, step: Step, form: &mut Form) {
        match step {
            Step::Retention => drop(class(reading, form)),
            Step::Birth | Step::Review => drop(counted(guide, reading, form, step)),
            Step::Hold => drop(hold(form)),
            Step::Because => drop(because(form)),
        }
    }

    fn check(guide: &Guide, visit: &Visit, reading: &Reading, mut form: Form, at: &At) -> Answer {
        let counted = counted(guide, reading, &mut form, Step::Review);
        let (Some((class, review, day)), Some(hold)) = (counted, hold(&mut form)) else {
            return Err(Problem::NoDraft);
        };
        let (case, because) = (visit.case()?, because(&mut form));
        let held = if hold == Hold::Legal { "Yes, whatever the date" } else { "No" };
        let told = |question, answer: &str, step| {
            Answered::new(question, answer).changed_on(at.page::<Archive>(step))
        };
        let mut answers = vec![
            told("Kept as", class.label.as_str(), Step::Retention),
            Answered::new("The rule", class.rule.as_str()),
            told("Looked at again on", &in_words(day), Step::Review),
            told("Held for the law", held, Step::Hold),
        ];
        answers.extend(because.as_ref().map(|because| told("Because", because.as_str(), Step::Because)));
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
        before_work(guide, visit, reading, work, Passphrases::WhenLocked)
    }
}

fn class<'r>(reading: &'r Reading, form: &mut Form) -> Option<&'r Retention> {
    let classes = reading.pack().retention().iter();
    let choices: Vec<(&str, &Retention)> = classes.map(|class| (class.id.as_str(), class)).collect();
    form.one_of("retention", "Choose how long the case is kept.", &choices)
}

fn hold(form: &mut Form) -> Option<Hold> {
    form.one_of("hold", "Say whether the law holds it.", &[("no", Hold::None), ("yes", Hold::Legal)])
}

fn because(form: &mut Form) -> Option<Text> {
    if form.typed("hold") == "yes" && form.typed("because").is_empty() {
        form.mistake("because", "Write who asked for it to be held, and why.");
        return None;
    }
    form.optional_text("because", "reason")
}

/// The class and the day of review. A mistake is one of this question: what
/// comes later is not asked yet.
fn counted<'r>(
    guide: &Guide,
    reading: &'r Reading,
    form: &mut Form,
    step: Step,
) -> Option<(&'r Retention, Review, NaiveDate)> {
    let class = class(reading, form)?;
    let birth = match class.from {
        RetentionFrom::DateOfBirth => day(form, "birth"),
        _ => None,
    };
    let another = match step {
        Step::Birth => None,
        _ => day(form, "review"),
    };
    if !form.is_right() {
        return None;
    }
    let state = reading.state();
    let review = Review::said(class, state.filed(), birth, another);
    match review_day(class, review, state.filed(), guide.now().day()) {
        Ok(day) => Some((class, review, day)),
        Err(error) => {
            let of_birth = matches!(step, Step::Birth) || matches!(error, ArchiveError::NoDateOfBirth(_));
            form.mistake(if of_birth { "birth" } else { "review" }, Message::from(error).what);
            None
        }
    }
}

/// Whether the case is filed under this class already, so that its day stands.
fn confirms(reading: &Reading, form: &Form) -> bool {
    reading.state().filed().is_some_and(|filed| filed.retention.as_str() == form.typed("retention"))
}

/// The day that stands or that the rule gives, as far as the answers tell it.
fn by_the_rule(guide: &Guide, reading: &Reading, form: &Form) -> Option<(Review, NaiveDate)> {
    let mut form = Form::of(form.fields().clone());
    counted(guide, reading, &mut form, Step::Birth).map(|(_, review, day)| (review, day))
}

fn in_words(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

fn may_file(reading: &Reading) -> Result<(), Problem> {
    match reading.pack().retention().first() {
        Some(class) => Ok(reading.may(&Deed::Archive(class.id.clone()))?),
        None => Ok(()),
    }
}

/// A day that was typed, if any was.
pub fn day(form: &mut Form, field: &str) -> Option<NaiveDate> {
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

/// How it was filed before.
fn before(reading: &Reading) -> Markup {
    let filed = reading.ledger().entries().iter().rev().find(|entry| matches!(entry.body, Body::Archived(_)));
    html! {
        @if let Some(entry) = filed {
            div.inset { "Entry " (entry.entry) ". " (describe::entry(entry, reading.ledger(), &reading.released())) }
            p { (correct::link(reading, entry.entry)) }
            p { "What you decide now holds instead. The earlier entry stays in the record." }
        }
    }
}
