//! What no pack can switch off.
//!
//! The rules that do not depend on a pack at all (two people, one computer,
//! nothing after a halt) are not here: the state machine does not ask a pack
//! about them.

use std::collections::BTreeSet;

use super::parse::{Lines, List};
use super::{Category, OutcomeId, PackError, PackProblem, PackText, RouteDue, RouteTo, Stage};
use countersign_record::journal::{Concerns, Response};

/// Refuses a pack that leaves out or weakens a rule.
pub(super) fn hold(pack: &PackText, lines: &Lines) -> Result<(), PackError> {
    steps(pack, lines)?;
    confirmations(pack, lines)?;
    categories(pack, lines)?;
    routes(pack, lines)?;
    outcomes(pack, lines)?;
    unique(lines, List::Sanctions, pack.sanctions.iter().map(|sanction| sanction.id.as_str()))?;
    retention(pack, lines)?;
    isolation(pack, lines)
}

/// Every stage once, and none before one on which it builds.
fn steps(pack: &PackText, lines: &Lines) -> Result<(), PackError> {
    unique(lines, List::Steps, pack.steps.iter().map(|step| step.id.id()))?;
    for (index, step) in pack.steps.iter().enumerate() {
        if step.instructions.is_empty() {
            let missing = PackProblem::Missing("what to do".to_owned());
            return Err(lines.of(List::Steps, index, step.id.id(), missing));
        }
    }
    let place = |stage| pack.steps.iter().position(|step| step.id == stage);
    for stage in Stage::ALL {
        if place(stage).is_none() {
            return Err(lines.of_list(List::Steps, PackProblem::Missing(stage.id().to_owned())));
        }
    }
    for (first, then) in ORDER {
        if place(first) > place(then) {
            let index = place(then).expect("every stage is there");
            return Err(lines.of(List::Steps, index, then.id(), PackProblem::TooEarly(first.id())));
        }
    }
    Ok(())
}

fn confirmations(pack: &PackText, lines: &Lines) -> Result<(), PackError> {
    let mut seen = BTreeSet::new();
    for (index, step) in pack.steps.iter().enumerate() {
        for confirmation in &step.confirmations {
            if !seen.insert(confirmation.id.as_str()) {
                return Err(lines.of(List::Steps, index, confirmation.id.as_str(), PackProblem::Twice));
            }
        }
    }
    match CONFIRMATIONS.iter().find(|id| !seen.contains(*id)) {
        Some(id) => {
            let missing = PackProblem::Missing(format!("the confirmation {id:?}"));
            Err(lines.of_list(List::Steps, missing))
        }
        None => Ok(()),
    }
}

fn categories(pack: &PackText, lines: &Lines) -> Result<(), PackError> {
    unique(lines, List::Categories, pack.categories.iter().map(|category| category.id.as_str()))?;
    for (index, category) in pack.categories.iter().enumerate() {
        let floor = FLOOR.iter().find(|(id, _)| *id == category.id.as_str());
        if let Some((id, response)) = floor
            && category.response < *response
        {
            let problem = PackProblem::TooMild(*response);
            return Err(lines.of(List::Categories, index, id, problem));
        }
    }
    if !pack.categories.iter().any(|category| category.id.as_str() == CHILD_ABUSE_IMAGES) {
        let missing = PackProblem::Missing(format!("the category {CHILD_ABUSE_IMAGES:?}"));
        return Err(lines.of_list(List::Categories, missing));
    }
    if !pack.categories.iter().any(|category| category.response == Response::Police) {
        let missing = PackProblem::Missing("a category with the response \"police\"".to_owned());
        return Err(lines.of_list(List::Categories, missing));
    }
    Ok(())
}

fn routes(pack: &PackText, lines: &Lines) -> Result<(), PackError> {
    unique(lines, List::Routes, pack.routes.iter().map(|route| route.id.as_str()))?;
    for (index, route) in pack.routes.iter().enumerate() {
        let wrong = |problem| Err(lines.of(List::Routes, index, route.id.as_str(), problem));
        for id in &route.categories {
            if !pack.categories.iter().any(|category| category.id == *id) {
                return wrong(PackProblem::Unknown(id.clone()));
            }
        }
        match (route.due, route.working_days) {
            (RouteDue::WithinWorkingDays, Some(1..=10)) => {}
            (RouteDue::WithinWorkingDays, _) => {
                return wrong(PackProblem::Number("needs working_days, from 1 to 10"));
            }
            (_, Some(_)) => {
                return wrong(PackProblem::Number("has working_days without due = \"within-working-days\""));
            }
            (_, None) => {}
        }
    }
    let told = |category: &Category, subject| {
        pack.routes.iter().any(|route| {
            route.to == RouteTo::Police && route.due == RouteDue::AtOnce && route.applies(category, subject)
        })
    };
    for (index, category) in pack.categories.iter().enumerate() {
        let all = [Concerns::Pupil, Concerns::Staff, Concerns::Other].iter().all(|who| told(category, *who));
        if category.halts() && !all {
            return Err(lines.of(List::Categories, index, category.id.as_str(), PackProblem::NoPolice));
        }
    }
    Ok(())
}

fn outcomes(pack: &PackText, lines: &Lines) -> Result<(), PackError> {
    unique(lines, List::Outcomes, pack.outcomes.iter().map(|outcome| outcome.id.id()))?;
    for id in OutcomeId::ALL {
        if !pack.outcomes.iter().any(|outcome| outcome.id == id) {
            return Err(lines.of_list(List::Outcomes, PackProblem::Missing(id.id().to_owned())));
        }
    }
    Ok(())
}

fn retention(pack: &PackText, lines: &Lines) -> Result<(), PackError> {
    unique(lines, List::Retention, pack.retention.iter().map(|class| class.id.as_str()))?;
    for (index, class) in pack.retention.iter().enumerate() {
        if !(1..=100).contains(&class.years) {
            let problem = PackProblem::Number("needs years, from 1 to 100");
            return Err(lines.of(List::Retention, index, class.id.as_str(), problem));
        }
    }
    not_empty(lines, List::Retention, pack.retention.len())
}

fn isolation(pack: &PackText, lines: &Lines) -> Result<(), PackError> {
    unique(lines, List::Isolation, pack.isolation.iter().map(|kind| kind.id.as_str()))?;
    for (index, kind) in pack.isolation.iter().enumerate() {
        if kind.instructions.is_empty() {
            let missing = PackProblem::Missing("what to do".to_owned());
            return Err(lines.of(List::Isolation, index, kind.id.as_str(), missing));
        }
    }
    not_empty(lines, List::Isolation, pack.isolation.len())
}

fn unique<'a>(lines: &Lines, list: List, ids: impl Iterator<Item = &'a str>) -> Result<(), PackError> {
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        if !seen.insert(id) {
            return Err(lines.of(list, index, id, PackProblem::Twice));
        }
    }
    Ok(())
}

fn not_empty(lines: &Lines, list: List, length: usize) -> Result<(), PackError> {
    match length {
        0 => Err(lines.of_list(list, PackProblem::Missing("at least one entry".to_owned()))),
        _ => Ok(()),
    }
}

/// The one category that every procedure has, by this id.
pub(super) const CHILD_ABUSE_IMAGES: &str = "child-abuse-images";

/// The mildest response that a category of that id can have.
const FLOOR: [(&str, Response); 19] = [
    (CHILD_ABUSE_IMAGES, Response::StopAndWithhold),
    ("self-generated-images", Response::StopAndWithhold),
    ("non-consensual-images", Response::StopAndWithhold),
    ("child-sexual-exploitation", Response::StopAndWithhold),
    ("grooming", Response::Police),
    ("obscene-to-child", Response::Police),
    ("obscene-publication", Response::Police),
    ("criminal-racism", Response::Police),
    ("terrorism-extremism", Response::Police),
    ("other-criminal", Response::Police),
    ("non-consensual-images-adult", Response::Police),
    ("extreme-pornography", Response::Police),
    ("hate-crime", Response::Police),
    ("fraud-extortion", Response::Police),
    ("harassment-stalking", Response::Police),
    ("illegal-sales", Response::Police),
    ("criminal-exploitation", Response::Police),
    ("computer-misuse-offence", Response::Police),
    ("copyright-piracy", Response::Police),
];

/// What both reviewers confirm in every procedure.
const CONFIRMATIONS: [&str; 7] = [
    "two-senior-staff",
    "not-the-person-concerned",
    "not-used-by-young-people",
    "can-be-taken-away",
    "same-computer-throughout",
    "suitable-access",
    "monitored-and-recorded",
];

/// Each first stage stands before its second one on every task list.
const ORDER: [(Stage, Stage); 12] = [
    (Stage::Gate, Stage::Open),
    (Stage::Open, Stage::Review),
    (Stage::Open, Stage::Halt),
    (Stage::Halt, Stage::Isolate),
    (Stage::Halt, Stage::Refer),
    (Stage::Review, Stage::Judge),
    (Stage::Judge, Stage::Act),
    (Stage::Act, Stage::Form),
    (Stage::Refer, Stage::Form),
    (Stage::Form, Stage::Seal),
    (Stage::Seal, Stage::HandOver),
    (Stage::HandOver, Stage::Archive),
];
