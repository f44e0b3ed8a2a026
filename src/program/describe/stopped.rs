//! How a case was stopped, and what followed: a computer isolated, somebody
//! told; and who wrote it down alone.

use countersign_case::case::{Report, Written};
use countersign_record::journal::{
    Answer, Current, Halted, Isolated, Ledger, Raised, Referred, Released, Response, Seen, WrittenAlone,
};

use super::corrections::{self, by_when, part, shown, words};
use crate::say::one_line;

pub(super) fn halted(now: &Current<'_>, halted: &Halted, ledger: &Ledger) -> String {
    let by = match (halted.by, halted.raised) {
        (Some(side), _) => format!(" by {}", ledger.reviewer_name(side)),
        (None, Raised::AtTheGate) => " before anything was looked at".to_owned(),
        (None, Raised::ByConcern) => {
            " by the concern that was described, by one of the two; the program does not know which"
                .to_owned()
        }
        (None, Raised::ByHand) => " by one of the two; the program does not know which".to_owned(),
        (None, Raised::Found) => ": the mark of a stop was found".to_owned(),
    };
    let about = match (&halted.category, &halted.typed) {
        (Some(category), _) => format!(" {}{}.", category.label, now.was("category")),
        (None, Some(typed)) => {
            format!(" \"{typed}\" was typed for what it is about, so the strictest rule holds.")
        }
        (None, None) => " What it is about was not said, so the strictest rule holds.".to_owned(),
    };
    let rule = match halted.response() {
        Response::StopAndWithhold => {
            " What was kept is left where it is; it is not shown, printed or copied."
        }
        _ => " What was kept is safe and goes to the police.",
    };
    let when = halted.raised_at.map(|at| format!(", on {}", at.in_words())).unwrap_or_default();
    let place = part(now, "Where:", "place", halted.place.as_ref().map(shown));
    let said = match &halted.description {
        Some(description) => format!(" {}", words(now, "description", description)),
        None => part(now, "In words:", "description", None),
    };
    let seen = |what: &str, seen: &Option<Seen>| {
        seen.as_ref().map(|seen| format!(" {what} then, as the program saw it: {seen}.")).unwrap_or_default()
    };
    let screen = seen("On the screen", &halted.screen);
    let keeping = seen("Being kept", &halted.keeping);
    format!("STOPPED{by}{}{when}.{about}{place}{said}{screen}{keeping}{rule}", now.was("by"))
}

pub(super) fn isolated(now: &Current<'_>, isolated: &Isolated, ledger: &Ledger) -> String {
    format!(
        "Computer or device isolated{}: {}{}{}{}",
        now.was("device"),
        words(now, "what", &isolated.what),
        by_when(now, &isolated.by, &isolated.when),
        part(now, "Changed since:", "changes", isolated.changes.as_ref().map(shown)),
        written_alone(now, isolated.alone.as_ref(), ledger),
    )
}

pub(super) fn referred(now: &Current<'_>, referred: &Referred, ledger: &Ledger) -> String {
    let answer = match referred.answer {
        Some(Answer::Confirmed) => " Their answer: what was suspected is so",
        Some(Answer::NotConfirmed) => " Their answer: what was suspected is not so",
        None if now.was("answer").is_empty() => "",
        None => " Their answer: not said",
    };
    let end = if answer.is_empty() { "" } else { "." };
    format!(
        "Told: {}{}{}.{}{}{}{}{}{answer}{}{end}{}",
        referred.to,
        now.was("to"),
        match now.was("route") {
            was if was.is_empty() => was,
            was => format!(", by {}{was}", referred.route),
        },
        by_when(now, &referred.by, &referred.when),
        part(now, "Spoke to", "contact", referred.contact.as_ref().map(shown)),
        part(now, "Their reference:", "reference", referred.reference.as_ref().map(shown)),
        part(now, "They said:", "advice", referred.advice.as_ref().map(shown)),
        part(now, "About the computer:", "computer", referred.computer.as_ref().map(shown)),
        now.was("answer"),
        written_alone(now, referred.alone.as_ref(), ledger),
    )
}

/// Something that one person wrote alone, before both sign it.
pub fn written(written: &Written, ledger: &Ledger, released: &Released) -> String {
    match (&written.report, written.to_body()) {
        (Report::Stop(said), _) => {
            let words = one_line(&said.in_words(ledger));
            let alone = corrections::written_alone(Some(&written.alone), NOT_SIGNED, ledger);
            format!("Of the stop that was made before. {words}.{alone}")
        }
        (_, Some(body)) => super::body(&body, ledger, released),
        (_, None) => String::new(),
    }
}

fn written_alone(now: &Current<'_>, alone: Option<&WrittenAlone>, ledger: &Ledger) -> String {
    let signed = if now.number() == 0 { NOT_SIGNED } else { "signed later" };
    corrections::written_alone(alone, signed, ledger)
}

const NOT_SIGNED: &str = "not signed yet";
