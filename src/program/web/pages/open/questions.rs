//! The questions before a case is opened, and what their answers become.

use std::sync::Arc;

use countersign_case::case::CaseError;
use countersign_case::procedure::{OpeningRefusal, Pack, Refusal, Why, may_open};
use countersign_record::journal::names::is_one_name;
use countersign_record::journal::{Category, Computer, Concerns, Halted, Id, People};
use maud::{Markup, html};

use super::opening::{Opening, Step, mine, page as opening_page};
use crate::message::Message;
use crate::stop_page;
use crate::web::cases::Guide;
use crate::web::html::fields::Fields;
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::html::{Page, Problem};
use crate::web::pages::name::stops;
use crate::web::server::visit::{Answer, Reply, Visit};

/// What the first question's page is called.
pub const GATE: &str = "Is something illegal suspected?";

/// Who is concerned, by the value of the answer.
pub const CONCERNS: [(&str, Concerns); 3] =
    [("pupil", Concerns::Pupil), ("staff", Concerns::Staff), ("other", Concerns::Other)];

/// The page of one question.
pub fn page(guide: &Guide, visit: &Visit, step: Step, form: &Form) -> Answer {
    let page = mine(guide, visit, |opening| {
        let (title, content) = content(opening, step, form);
        let words = if step == Step::DoNotLook { "We have read this: continue" } else { "Continue" };
        let body = visit.form_to(visit.path(), html! { (content) button { (words) } });
        form.on(opening_page(opening, visit, step, Page::new(title, body)))
    })?;
    Ok(page.into())
}

/// Takes the answer, or asks again.
pub fn send(guide: &Arc<Guide>, visit: &Visit, step: Step) -> Answer {
    let mut form = visit.form();
    let taken = mine(guide, visit, |opening| {
        take(opening, step, &mut form);
        if step == Step::Second && form.is_right() {
            two_people(opening, &mut form)?;
        }
        if let Step::Statement(number) = step
            && form.is_right()
            && form.typed(&step.id()) == "no"
        {
            return Err(not_so(opening, visit, number));
        }
        Ok(form.is_right().then(|| opening.answer(step, form.fields())))
    })??;
    match taken {
        Some(next) => Reply::see(format!("/open/{}/{}", visit.part("draft"), next.id())),
        None => page(guide, visit, step, &form),
    }
}

fn content(opening: &Opening, step: Step, form: &Form) -> (String, Markup) {
    let (title, content) = match step {
        Step::Gate => (GATE, gate(form)),
        Step::DoNotLook => ("Do not look for yourselves", do_not_look()),
        Step::Kind => ("What is suspected?", kind(&opening.pack, form)),
        Step::Reason => (
            "Why are you looking?",
            form.area(
                Ask::new("reason", "The reason, in a few sentences")
                    .hint("What was reported, and what you have to find out."),
            ),
        ),
        Step::Reporter => (
            "Who reported it?",
            form.area(
                Ask::new("reporter", "Name and position, or how it came to you")
                    .hint("Such as: form tutor 9B, or a report of the filter."),
            ),
        ),
        Step::Concerned => (
            "Who is concerned?",
            form.radios(
                Ask::new("concerns", "The person whose use is looked into"),
                &[
                    Choice::new("pupil", "A pupil"),
                    Choice::new("staff", "A member of staff"),
                    Choice::new("other", "Somebody else"),
                ],
            ),
        ),
        Step::Subject => (
            "What is the school's reference for that person?",
            html! {
                (form.input(Ask::new("subject", "The reference").hint("Not the name. The record may go to people who need not know it.")))
                (form.input(Ask::new("subject-key", "Where is written down who that is? (you can leave this out)").hint("Such as: the head's safe.")))
                (form.input(Ask::new("group", "The school or group (you can leave this out)").hint("It stands on top of the form.")))
            },
        ),
        Step::First => ("Who is the first reviewing person?", person(form, ["first-name", "first-position"])),
        Step::Second => (
            "Who is the second reviewing person?",
            html! {
                (person(form, ["second-name", "second-position"]))
                (namesakes(opening, form))
            },
        ),
        Step::Computer => (
            "Which computer is used?",
            html! {
                p { "Use this computer, and no other, for the whole case. The police may take it away." }
                (form.input(Ask::new("computer", "The name of this computer").hint("As people in the school call it.")))
                (form.input(Ask::new("location", "Where does it stand?").hint("Such as: the deputy head's office.")))
            },
        ),
        Step::Filter => (
            "Was filtering lifted for this review?",
            form.area(
                Ask::new("filter", "For which addresses, and until when")
                    .hint("Leave it empty if nothing was lifted."),
            ),
        ),
        Step::Statement(number) => {
            let Some(asked) = opening.pack.confirmations().nth(number) else { return Default::default() };
            let of = opening.pack.confirmations().count();
            let answers = [Choice::new("yes", "Yes, that is so"), Choice::new("no", "No")];
            let content = html! {
                p.hint { "Statement " (number + 1) " of " (of) ". Read it together." }
                (form.radios(Ask::new(&step.id(), "Do you both confirm this?"), &answers))
            };
            return (asked.statement.to_string(), content);
        }
        Step::FirstPassphrase | Step::SecondPassphrase | Step::Check => return Default::default(),
    };
    (title.to_owned(), content)
}

/// The first question of all.
pub fn gate(form: &Form) -> Markup {
    let choices = [
        Choice::new("no", "No"),
        Choice::new("yes", "Yes, or we are not sure")
            .hint("Then nobody looks. The case opens stopped, and you go straight to the police."),
    ];
    let question = Ask::new("suspected", "From what has been reported, could it be illegal?")
        .hint("Such as pictures of child abuse, grooming, threats, or terrorism.");
    html! {
        p { "Ask this before anyone opens a page. Do not look for yourselves to find out." }
        (form.radios(question, &choices))
    }
}

/// Whether it was answered; a mistake where not.
pub fn is_gate_answered(form: &mut Form) -> bool {
    let none = "Say whether it could be illegal. If you are not sure, choose yes.";
    form.one_of("suspected", none, &[("yes", ()), ("no", ())]).is_some()
}

fn do_not_look() -> Markup {
    let steps = stop_page::steps(countersign_record::journal::Response::StopAndWithhold);
    html! {
        div.warn { "Nobody looks. The case opens stopped: it holds what was reported, whom you told, and what you decide." }
        ol.steps {
            @for (what, why) in &steps[1..5] { li { strong { (what) } (why) } }
        }
        p { "Ring first if you like. These pages wait." }
    }
}

fn kind(pack: &Pack, form: &Form) -> Markup {
    let mut choices = stops(pack);
    choices.push(Choice::new("unsure", "We are not sure").hint("The strictest rule holds."));
    html! {
        (form.radios(Ask::new("category", "Choose what comes closest"), &choices))
        (form.area(Ask::new("description", "What was reported, in the reporter's own words (you can leave this out)").hint("Describe no picture.")))
    }
}

fn person(form: &Form, [name, position]: [&str; 2]) -> Markup {
    html! {
        (form.input(Ask::new(name, "Full name")))
        (form.input(Ask::new(position, "Position").hint("Such as: headteacher.")))
    }
}

fn take(opening: &Opening, step: Step, form: &mut Form) {
    match step {
        Step::Gate => drop(is_gate_answered(form)),
        Step::DoNotLook | Step::FirstPassphrase | Step::SecondPassphrase | Step::Check => {}
        Step::Kind => drop(suspected(&opening.pack, form)),
        Step::Reason => drop(form.shared("reason", "reason")),
        Step::Reporter => drop(form.shared("reporter", "name of who reported it")),
        Step::Concerned => {
            form.one_of("concerns", "Say who is concerned.", &CONCERNS);
        }
        Step::Subject => {
            form.name("subject", "reference of the person concerned");
            form.optional_line("subject-key", "place where that is written down");
            form.optional_line("group", "name of the school or group");
        }
        Step::First => {
            form.name("first-name", "name of the first person");
            form.name("first-position", "position of the first person");
        }
        Step::Second => {
            form.name("second-name", "name of the second person");
            form.name("second-position", "position of the second person");
        }
        Step::Computer => drop(computer(form)),
        Step::Filter => drop(form.optional_shared("filter", "words about filtering")),
        Step::Statement(_) => {
            form.one_of(&step.id(), "Say whether you both confirm it.", &[("yes", ()), ("no", ())]);
        }
    }
}

/// The gate's yes, as the stop that it is.
pub fn suspected(pack: &Pack, form: &mut Form) -> Option<Halted> {
    let chosen = form.typed("category").to_owned();
    let category: Option<Category> = match chosen.as_str() {
        "unsure" => None,
        id => match pack.category(id).filter(|category| category.halts()) {
            Some(category) => Some(category.recorded()),
            None => {
                form.mistake("category", "Choose what is suspected, or that you are not sure.");
                return None;
            }
        },
    };
    let description = form.optional_text("description", "description");
    Some(Halted::at_the_gate(category, description, None))
}

pub fn computer(form: &mut Form) -> Option<Computer> {
    let name = form.name("computer", "name of the computer");
    let location = form.line("location", "place of the computer");
    Some(Computer { name: name?, location: location? })
}

/// Two people, neither of them the person concerned: asked as soon as both
/// are known.
fn two_people(opening: &Opening, form: &mut Form) -> Result<(), Problem> {
    let mut known = opening.answers.clone();
    known.take_over(form.fields());
    known.set("namesakes", form.typed("namesakes"));
    let Err(refusal) = judge(opening, &known) else { return Ok(()) };
    let (field, words) = match &refusal.why {
        Why::Opening(OpeningRefusal::OneName) => match form.typed("namesakes") {
            "" => ("namesakes", Some("Your names read as one. Say whether you are two different people.")),
            _ => ("second-name", None),
        },
        Why::Opening(OpeningRefusal::ReviewerConcerned {
            person: countersign_case::procedure::Person::Second,
        }) => ("second-name", None),
        _ => return Err(Problem::Case(CaseError::Refused(refusal))),
    };
    let message = Message::from(CaseError::Refused(refusal));
    let said = || format!("{} {}", message.what, message.hints.first().map_or("", String::as_str));
    form.mistake(field, words.map_or_else(said, str::to_owned));
    Ok(())
}

/// Whether those who are known by now may open a case together.
pub fn people(opening: &Opening) -> Result<(), Refusal> {
    judge(opening, &opening.answers)
}

fn judge(opening: &Opening, answers: &Fields) -> Result<(), Refusal> {
    let mut known = Form::of(answers.clone());
    let names = [known.name("first-name", ""), known.name("second-name", "")];
    let (concerns, subject) = (known.one_of("concerns", "", &CONCERNS), known.name("subject", ""));
    let ([Some(first), Some(second)], Some(concerns), Some(subject)) = (&names, concerns, &subject) else {
        return Ok(());
    };
    let names = [first.as_str(), second.as_str()];
    // Said of names that do not read as one any more, it says nothing.
    let namesakes = known.typed("namesakes") == "yes" && is_one_name(names[0], names[1]);
    let people = People { names, namesakes, concerns, subject: subject.as_str() };
    let confirmed: Vec<Id> = opening.pack.confirmations().map(|asked| asked.id.clone()).collect();
    may_open(&opening.pack, people, &confirmed).map(drop)
}

/// Asked of those whose names read as one, and of nobody else.
fn namesakes(opening: &Opening, form: &Form) -> Markup {
    let second = form.typed("second-name");
    let answers = [
        Choice::new("yes", "Yes, we are two people of one name").hint("It goes on record, once."),
        Choice::new("no", "No"),
    ];
    html! {
        @if is_one_name(opening.name(0), second) {
            (form.radios(Ask::new("namesakes", "Are you two different people?"), &answers))
        }
    }
}

fn not_so(opening: &Opening, visit: &Visit, number: usize) -> Problem {
    let statement =
        opening.pack.confirmations().nth(number).map(|asked| asked.statement.to_string()).unwrap_or_default();
    let body = html! {
        p { "You have not confirmed:" }
        div.inset { (statement) }
        p { "Put that right first, then go on here. Your answers wait for as long as the guide runs. Nothing is on record yet." }
        p { a.button href=(visit.path()) { "It is so now" } a.button.second href="/" { "Leave it" } }
    };
    Problem::from(opening_page(
        opening,
        visit,
        Step::Statement(number),
        Page::new("The case cannot be opened like this", body),
    ))
}
