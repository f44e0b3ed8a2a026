//! The task list of a case: the procedure's steps, where each stands, and
//! what is next.
//!
//! What may be done when is asked of the procedure, step by step.

use std::sync::Arc;

use countersign_case::case::{Reading, Written};
use countersign_case::procedure::{Deed, Phase, Reminder, Stage, State, Verb};
use countersign_record::clock::Time;
use countersign_record::journal::{Body, Restraint, Side};
use maud::{Markup, html};

use super::correct;
use crate::amounts::count;
use crate::describe;
use crate::web::cases::Guide;
use crate::web::html::Page;
use crate::web::server::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let state = reading.state();
    let (unlocked, hidden) = (guide.is_unlocked(case), guide.is_hidden(case));
    let opened = reading.ledger().opened();
    let body = html! {
        @if let Some(kept) = kept(&reading, visit, hidden) { (kept) }
        @if state.restraint() != Restraint::None {
            div.warn {
                "This case is stopped. " a href=(format!("/case/{case}/stopped")) { "What to do now" }
            }
        }
        @if let (Some(earlier), true) = (opened.follows, opened.follows_stopped) {
            div.warn {
                "This case follows case " (earlier) ", which was stopped. What is withheld there is not looked at, kept or brought in here."
            }
        }
        @if hidden {
            p { "Nothing of what is in this case is shown until both of you unlock it." }
            p { a.button href=(format!("/case/{case}/unlock")) { "Unlock the case" } }
        } @else {
            p { (people(&reading)) ". " (correct::link(&reading, 1)) }
        }
        (waiting(&reading, hidden))
        @if let Some(words) = state.seal_in_words() { p { (words) } }
        h2 { "Next" }
        (next(&reading, &state, guide.now()))
        h2 { "All steps" }
        ul.tasks {
            @for step in reading.pack().steps() {
                @let (standing, link) = standing(step.id, &reading, &state);
                li {
                    div.what {
                        @if let Some(page) = link { a href=(format!("/case/{case}/{page}")) { (step.title) } } @else { (step.title) }
                    }
                    (standing.tag())
                }
            }
        }
        ul {
            li { a href=(format!("/case/{case}/note")) { "Write a note" } }
            li { a href=(format!("/case/{case}/record")) { "Read the record so far, or put something in it right: " (count(reading.ledger().head(), "entry")) } }
        }
        @if unlocked {
            (visit.form_to(&format!("/case/{case}/lock"), html! {
                @if hidden {
                    p.hint { "The keys of this case are still held here. They go after ten minutes in which nothing happens." }
                } @else {
                    p.hint { "The case is unlocked. It locks itself after ten minutes in which nothing happens." }
                }
                button.second { "Lock the case now" }
            }))
        } @else {
            p.hint { "The case is locked. Both of you type your passphrases when something is added to it." }
        }
    };
    let title = match state.phase() {
        Phase::HaltRaised | Phase::Halted => "Stopped: what is left to do",
        Phase::Archived => "This case is filed",
        _ => "What to do in this case",
    };
    let page = Page::new(title, body).of(&reading).back("/", "All cases");
    Ok(page.into())
}

/// Whom the case is about, and who keeps it.
pub fn people(reading: &Reading) -> String {
    let ledger = reading.ledger();
    let subject = ledger.now(&ledger.entries()[0]).annotated("subject", &ledger.opened().subject);
    let [first, second] = Side::BOTH.map(|side| ledger.reviewer_name(side));
    format!("About {subject}, by {first} and {second}")
}

/// What one person wrote down alone, and both are still to sign.
fn waiting(reading: &Reading, hidden: bool) -> Markup {
    let released = reading.released();
    html! {
        @if !reading.written_alone().is_empty() {
            div.panel {
                h2 { "Kept, and not signed yet" }
                // A locked case shows nothing of what is in it.
                @for written in reading.written_alone().iter().filter(|_| !hidden) {
                    p { (describe::written(written, reading.ledger(), &released)) }
                }
                p { "The next time that you unlock the case together, it is shown to both of you first." }
            }
        }
    }
}

/// That an entry was just kept.
fn kept(reading: &Reading, visit: &Visit, hidden: bool) -> Option<Markup> {
    let number: usize = visit.query("kept").parse().ok()?;
    let entry = reading.ledger().entries().get(number.checked_sub(1)?)?;
    let words = describe::entry(entry, reading.ledger(), &reading.released());
    Some(html! {
        div.panel role="status" {
            h2 {
                @if number == 1 { "Case " (reading.folder().reference()) " is open" }
                @else { "Entry " (number) " is kept, signed by both of you" }
            }
            @if !hidden { p { (words) } }
        }
    })
}

fn next(reading: &Reading, state: &State<'_>, now: Time) -> Markup {
    let case = reading.folder().reference();
    let steps = state.next_at(now);
    let deadlines: Vec<(String, bool)> = state
        .due(now)
        .iter()
        .filter_map(|due| {
            let Reminder::Refer(id) = &due.reminder else { return None };
            let route = state.pack().route(id.as_str())?;
            Some((format!("Tell {} by {}.", route.name, due.by?.in_words()), due.is_overdue(now)))
        })
        .collect();
    html! {
        @if steps.is_empty() { p { "Nothing is left to do." } }
        ul {
            @if state.phase() == Phase::HaltRaised {
                li { a href=(format!("/case/{case}/refer")) { "Tell the police, and write down whom you spoke to: either of you alone, without a passphrase." } }
                li { a href=(format!("/case/{case}/isolate")) { "Leave the computer as it is, and write down what you did: either of you alone." } }
            }
            @for step in &steps {
                @let to = match (&step.route, step.verb) {
                    (Some(route), _) => format!("/case/{case}/refer?route={route}"),
                    (None, Verb::Open) => format!("/open?follows={case}"),
                    (None, Verb::Note) => format!("/case/{case}/note"),
                    (None, Verb::Attach) => format!("/case/{case}/attach"),
                    (None, Verb::Concern) => format!("/case/{case}/concern"),
                    (None, _) => format!("/case/{case}/{}", page_of(step.stage).unwrap_or_default()),
                };
                li { a href=(to) { (step.words) } }
            }
        }
        @for (words, late) in deadlines {
            p { strong { (words) @if late { " This is overdue." } } }
        }
    }
}

/// Where a step stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Done,
    ToDo,
    Going,
    Open,
    NotYet,
    NotNeeded,
    Ended,
}

impl Standing {
    fn tag(self) -> Markup {
        match self {
            Standing::ToDo => html! { span.status.todo { "To do" } },
            Standing::Going => html! { span.status { "Going on" } },
            Standing::Open => html! { span.status { "If needed" } },
            Standing::Done => html! { span.status.quiet { "Done" } },
            Standing::NotYet => html! { span.status.quiet { "Cannot start yet" } },
            Standing::NotNeeded => html! { span.status.quiet { "Not needed" } },
            Standing::Ended => html! { span.status.quiet { "Ended" } },
        }
    }
}

/// The page of a step's work, which has its name, but for the stop's.
fn page_of(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Gate | Stage::Open => None,
        Stage::Halt => Some("stopped"),
        other => Some(other.id()),
    }
}

fn standing(stage: Stage, reading: &Reading, state: &State<'_>) -> (Standing, Option<&'static str>) {
    let entries = reading.ledger().entries();
    let written: Vec<Body> = reading.written_alone().iter().filter_map(Written::to_body).collect();
    let has = |kind: fn(&Body) -> bool| entries.iter().map(|entry| &entry.body).chain(&written).any(kind);
    let due = state.next().iter().any(|step| step.stage == stage);
    let may = |deed: Deed| state.permit(deed).is_ok();
    let stopped = state.restraint() != Restraint::None;
    let id = |text: &str| text.parse().ok();
    let (done, can) = match stage {
        Stage::Gate | Stage::Open => return (Standing::Done, None),
        Stage::Review => {
            let reviewed = entries.iter().any(|entry| {
                entry.body.is_recording() || matches!(entry.body, Body::Concern(_) | Body::Noted(_))
            });
            let standing = match (may(Deed::Keep), reviewed) {
                (true, false) => Standing::ToDo,
                (true, true) => Standing::Going,
                (false, true) => Standing::Ended,
                (false, false) => Standing::NotNeeded,
            };
            return (standing, may(Deed::Keep).then_some("review"));
        }
        Stage::Halt if !stopped => return (Standing::NotNeeded, None),
        Stage::Halt => return (if due { Standing::ToDo } else { Standing::Done }, Some("stopped")),
        Stage::Isolate if !stopped => return (Standing::NotNeeded, None),
        // What one person can write down alone waits for nobody.
        Stage::Isolate => (has(|body| matches!(body, Body::Isolated(_))), true),
        Stage::Refer => {
            let routes = reading.pack().routes();
            let can = routes.first().is_some_and(|route| may(Deed::Refer(route.id.clone())));
            (has(|body| matches!(body, Body::Referred(_))), can || stopped)
        }
        Stage::Judge => (state.substance().is_some(), may(Deed::Judge)),
        Stage::Act => {
            let outcome = reading.pack().outcomes().first().and_then(|outcome| id(outcome.id.id()));
            (
                has(|body| matches!(body, Body::Acted(_))),
                outcome.is_some_and(|outcome| may(Deed::Act(outcome))),
            )
        }
        Stage::Form => (has(|body| matches!(body, Body::FormMade(_))), may(Deed::Form)),
        Stage::Seal => (state.current_seal().is_some(), may(Deed::Seal)),
        Stage::HandOver => {
            let last = reading.ledger().last_seal().map(|(_, sealed)| sealed.seal);
            (
                has(|body| matches!(body, Body::HandedOver(_))),
                last.is_some_and(|seal| may(Deed::HandOver(seal))),
            )
        }
        Stage::Archive => {
            let class = reading.pack().retention().first();
            let can = class.is_some_and(|class| may(Deed::Archive(class.id.clone())));
            (state.phase() == Phase::Archived, can)
        }
    };
    let raised = state.phase() == Phase::HaltRaised && matches!(stage, Stage::Isolate | Stage::Refer);
    let due = due || (raised && !done);
    let standing = match (due, done, can) {
        (true, ..) => Standing::ToDo,
        (_, true, _) => Standing::Done,
        (_, _, true) => Standing::Open,
        _ => Standing::NotYet,
    };
    (standing, page_of(stage).filter(|_| can || due))
}
