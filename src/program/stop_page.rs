//! The stop page: what to do, in order, when a case is stopped.
//!
//! Text only, for a person who is upset and alone: one instruction a line,
//! with at most one line of why.

use countersign_case::procedure::Pack;
use countersign_record::journal::{Reference, Response};

/// The page for a stop of this kind, under `pack` where it can be read.
pub fn page(reference: Reference, response: Response, pack: Option<&Pack>) -> String {
    let steps = steps(response).into_iter().enumerate();
    let steps: Vec<String> = steps.map(|(i, (what, why))| step(i + 1, what, why)).collect();
    format!(
        "{}\n\n{} To write it down here, alone (first or second of you) and without a passphrase:\n\n   countersign isolate {reference} --alone first --what \"...\"\n   countersign refer {reference} --alone first --route police-101 --contact \"...\" --when \"...\" --reference \"...\" --advice \"...\"\n\n   A sheet for the police, words only, without a passphrase:\n\n   countersign refer {reference} --sheet referral.pdf{}",
        title(response).to_uppercase(),
        steps.join("\n"),
        pack.map(|pack| devices(reference, pack)).unwrap_or_default()
    )
}

/// What the page is called.
pub fn title(response: Response) -> &'static str {
    match response {
        Response::StopAndWithhold => "Stop. Do not look again.",
        _ => "Stop. This goes to the police.",
    }
}

/// What to do, in order, and why. An empty why is none.
pub fn steps(response: Response) -> [(&'static str, &'static str); 6] {
    let [one, two, three] = match response {
        Response::StopAndWithhold => WITHHOLD,
        _ => POLICE,
    };
    let [four, five, six] = THEN;
    [one, two, three, four, five, six]
}

/// The first thing to do with each kind of device, in the pack's words.
fn devices(reference: Reference, pack: &Pack) -> String {
    let mut lines = Vec::new();
    for kind in pack.isolation() {
        lines.extend(kind.instructions.first().map(|first| format!("   {}: {first}", kind.label)));
    }
    format!("\n\n   Each kind of device, in full: countersign isolate {reference}\n{}", lines.join("\n"))
}

fn step(number: usize, what: &str, why: &str) -> String {
    match why {
        "" => format!("{number}. {what}"),
        why => format!("{number}. {what}\n   {why}"),
    }
}

const WITHHOLD: [(&str, &str); 3] = [
    ("Turn the screen away or leave the page covered.", "Do not open what was kept."),
    ("Do not print, copy, photograph or send anything.", "Doing so may be an offence, whatever the reason."),
    ("Do not delete anything.", "What was kept is left where it is and will not be shown."),
];

const POLICE: [(&str, &str); 3] = [
    ("Stop browsing.", ""),
    ("Do not delete anything.", "What you kept is safe and part of the record."),
    ("Do not look further yourselves.", ""),
];

const THEN: [(&str, &str); 3] = [
    (
        "Leave this computer on, as it is, and unplug the network cable or turn off Wi-Fi.",
        "The police may say otherwise: write down what they say.",
    ),
    (
        "Ring the police now: 999 if a child is in danger, otherwise 101.",
        "Tell your headteacher or, if they are concerned, the chair of governors.",
    ),
    (
        "Write down here: who rang, whom you spoke to, when, the reference number, what they told you to do.",
        "Either of you can ring.",
    ),
];
