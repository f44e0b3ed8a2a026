//! What follows from the decision: in the school, with the local authority,
//! or with the police.

use std::sync::Arc;

use countersign_case::case::Reading;
use countersign_case::procedure::Deed;
use countersign_record::journal::{Acted, Action, Body, Id};
use maud::{Markup, html};

use super::check::{Passphrases, before_signing, form_again};
use super::correct;
use crate::describe;
use crate::web::cases::Guide;
use crate::web::html::Page;
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::server::visit::{Answer, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    page(guide, visit, &form_again(guide, visit))
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut form = visit.form();
    let ids: Vec<(&str, Id)> = reading
        .pack()
        .outcomes()
        .iter()
        .filter_map(|outcome| Some((outcome.id.id(), outcome.id.id().parse().ok()?)))
        .collect();
    let route = form.one_of("route", "Choose what kind of action it is.", &ids);
    let what = form.text("what", "action");
    let none = "Say whether it is proposed or has been taken.";
    let action = form.one_of("action", none, &[("proposed", Action::Proposed), ("taken", Action::Taken)]);
    let by = form.optional_name("by", "name of who does it");
    let when = form.optional_line("when", "time");
    let (Some(route), Some(what), Some(action), true) = (route, what, action, form.is_right()) else {
        return page(guide, visit, &form);
    };
    let deed = Deed::Act(route.clone());
    let body = Body::Acted(Acted { route, what, action, by, when });
    before_signing(guide, visit, &reading, (deed, body), Passphrases::WhenLocked)
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let outcomes = reading.pack().outcomes();
    // Where none can be chosen, it is said why the first cannot.
    if let Some(first) = outcomes.first().and_then(|outcome| outcome.id.id().parse().ok()) {
        reading.may(&Deed::Act(first))?;
    }
    let routes: Vec<Choice> =
        outcomes.iter().map(|outcome| Choice::new(outcome.id.id(), outcome.label.as_str())).collect();
    let actions = [
        Choice::new("proposed", "It is proposed").hint("Write it down again when it has been taken."),
        Choice::new("taken", "It has been taken"),
    ];
    let body = html! {
        (before(&reading))
        (visit.form_to(visit.path(), html! {
            (form.radios(Ask::new("route", "What kind of action is it?"), &routes))
            (form.area(Ask::new("what", "What is done?").hint("One action. For another one, come back to this page.")))
            (sanctions(&reading))
            (form.radios(Ask::new("action", "Is it proposed, or has it been taken?"), &actions))
            (form.input(Ask::new("by", "By whom? (you can leave this out)")))
            (form.input(Ask::new("when", "When? (you can leave this out)").hint("As you would say it, such as: 23 November, in the morning.").short()))
            button { "Continue" }
        }))
    };
    let page = Page::new("Say what follows", body).of(&reading).back(format!("/case/{case}"), "Task list");
    Ok(form.on(page).into())
}

/// The actions that are in the record.
fn before(reading: &Reading) -> Markup {
    let entries = reading.ledger().entries().iter();
    let actions: Vec<_> = entries.filter(|entry| matches!(entry.body, Body::Acted(_))).collect();
    html! {
        @if !actions.is_empty() {
            h2 { "Actions so far" }
            ul {
                @for entry in actions {
                    li { "Entry " (entry.entry) ". " (describe::entry(entry, reading.ledger(), &reading.released())) " " (correct::link(reading, entry.entry)) }
                }
            }
            h2 { "One more action" }
        }
    }
}

/// What the procedure names for somebody like the person concerned.
fn sanctions(reading: &Reading) -> Markup {
    let concerned = reading.ledger().opened().concerns;
    let all = reading.pack().sanctions().iter();
    let ours: Vec<_> = all.filter(|sanction| sanction.subjects.contains(&concerned)).collect();
    html! {
        @if !ours.is_empty() {
            details {
                summary { "What the school's policy names" }
                div { ul { @for sanction in ours { li { (sanction.label) } } } }
            }
        }
    }
}
