//! `show`: where a case stands, what is next, and its time line.
//!
//! Text only, and nothing of what is withheld.

use clap::Args;
use countersign_case::case::Reading;
use countersign_case::procedure::{Due, Phase, Reminder, State};
use countersign_record::clock::Time;
use countersign_record::journal::{Body, Entry, Exhibit, Ledger, Progress, Restraint, Sealed};
use serde_json::{Value, json};

use crate::amounts::count;
use crate::args::CaseArg;
use crate::context::{Context, next_words, standing};
use crate::explain::every_next_step;
use crate::message::{Exit, Message};
use crate::{describe, say};

/// Show where a case stands, what is next, and what happened so far
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign show 2026-0001
  countersign show 2026-0001 --json")]
pub struct Show {
    #[command(flatten)]
    case: CaseArg,
}

impl Show {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        let state = reading.state();
        let now = context.now();
        context.output.result(&words(&reading, &state, now), || object(&reading, &state, now));
        Ok(Exit::Done)
    }
}

fn words(reading: &Reading, state: &State<'_>, now: Time) -> String {
    let ledger = reading.ledger();
    let mut parts = vec![format!("Case {}: {}", reading.folder().reference(), phase(state))];
    let withheld = reading.released().withheld().len() as u64;
    if withheld > 0 {
        parts.push(format!(
            "{} withheld by rule: left where it is; not shown, printed or copied.",
            count(withheld, "file")
        ));
    }
    parts.extend(state.seal_in_words());
    for written in reading.written_alone() {
        let words = describe::written(written, ledger, &reading.released());
        parts.push(format!(
            "Not signed yet; the next unlocking shows it to both of you:\n{}",
            say::indent(&words)
        ));
    }
    // What is due is shown until it is done, and all of it.
    let next = match state.phase() {
        Phase::HaltRaised => next_words(state),
        _ => every_next_step(&state.next_at(now)),
    };
    if !next.is_empty() {
        parts.push(next);
    }
    let late: Vec<String> = state.due(now).iter().filter_map(|due| deadline(due, state, now)).collect();
    parts.extend((!late.is_empty()).then(|| format!("By when:\n{}", say::indent(&late.join("\n")))));
    let lines: Vec<String> = ledger.entries().iter().map(|entry| line(entry, reading)).collect();
    parts.push(format!(
        "{} so far, each signed by both. Times are UTC.\n{}",
        count(ledger.head(), "entry"),
        lines.join("\n")
    ));
    parts.join("\n\n")
}

fn phase(state: &State<'_>) -> String {
    let substance = match state.substance() {
        Some(true) => "the concern has substance",
        Some(false) => "the concern has no substance",
        None => "not decided yet",
    };
    match state.phase() {
        Phase::HaltRaised => "STOPPED. The stop is not on record yet: unlock the case together.".to_owned(),
        Phase::Halted => "STOPPED. Nothing more is looked at, kept or brought in.".to_owned(),
        Phase::Review => "in review.".to_owned(),
        Phase::Judged => format!("decided: {substance}."),
        Phase::Sealed if state.restraint() != Restraint::None => "sealed, after a stop.".to_owned(),
        Phase::Sealed => format!("sealed; {substance}."),
        Phase::Archived => "filed.".to_owned(),
    }
}

fn deadline(due: &Due, state: &State<'_>, now: Time) -> Option<String> {
    let by = due.by?;
    let what = match &due.reminder {
        Reminder::Refer(id) => {
            state.pack().route(id.as_str()).map_or("referral", |route| route.name.as_str())
        }
        other => other.id(),
    };
    let late = if due.is_overdue(now) { " This is overdue." } else { "" };
    Some(format!("{what}: by {}.{late}", by.in_words()))
}

fn line(entry: &Entry, reading: &Reading) -> String {
    let words = brief(&describe::entry(entry, reading.ledger(), &reading.released()));
    let time = entry.time.to_string();
    format!(
        "{:>4}  {} {}  {}",
        entry.entry,
        &time[..10],
        &time[11..19],
        words.replace('\n', "\n                           ")
    )
}

/// A time line is read at a glance. What is longer stands in full on the form,
/// where both of them sign it, and in `--json`.
fn brief(words: &str) -> String {
    let lines: Vec<&str> = words.lines().take(MOST_LINES).collect();
    let shown: String = lines.join("\n").chars().take(MOST_LETTERS).collect();
    if shown.len() == words.len() {
        return shown;
    }
    format!("{} […]\n(all of it: countersign show --json, or the form)", shown.trim_end())
}

const MOST_LINES: usize = 8;
const MOST_LETTERS: usize = 600;

fn object(reading: &Reading, state: &State<'_>, now: Time) -> Value {
    let ledger = reading.ledger();
    let opened = ledger.opened();
    let released = reading.released();
    let mut result = standing(reading, state);
    let steps: Vec<Value> = state
        .next_at(now)
        .iter()
        .map(|step| json!({ "verb": step.verb.id(), "stage": step.stage, "route": step.route, "words": step.words }))
        .collect();
    let due: Vec<Value> = state
        .due(now)
        .iter()
        .map(|due| {
            let route = match &due.reminder {
                Reminder::Refer(id) => Some(id),
                _ => None,
            };
            json!({ "what": due.reminder.id(), "route": route, "since": due.since, "by": due.by, "overdue": due.is_overdue(now) })
        })
        .collect();
    let corrected = ledger.corrected();
    let timeline: Vec<Value> = ledger
        .entries()
        .iter()
        .map(|entry| {
            let words = describe::entry(entry, ledger, &released);
            let by: Vec<u64> =
                corrected.iter().filter(|value| value.entry == entry.entry).map(|value| value.by).collect();
            json!({
                "entry": entry.entry,
                "time": entry.time,
                "kind": entry.body.kind(),
                "words": words,
                "corrected_by": by,
            })
        })
        .collect();
    let not_signed_yet: Vec<Value> = reading
        .written_alone()
        .iter()
        .map(|written| json!({ "kind": written.report.kind(), "by": written.alone.by, "at": written.alone.at }))
        .collect();
    let exhibits: Vec<Value> = ledger.entries().iter().filter_map(|entry| exhibit(entry, reading)).collect();
    let seals: Vec<Value> = ledger.seals().map(|(entry, sealed)| seal(ledger, entry, sealed)).collect();
    for (name, value) in [
        ("case_id", json!(ledger.case())),
        ("halted_at", json!(state.halted_at())),
        ("stop_on_record", json!(reading.raised() == Restraint::None)),
        ("substance", json!(state.substance())),
        ("next_steps", json!(steps)),
        ("entries", json!(ledger.head())),
        ("opened_at", json!(ledger.entries()[0].time)),
        ("reviewers", json!([person(&opened.first), person(&opened.second)])),
        ("computer", json!(opened.computer)),
        ("procedure", json!(opened.pack.id)),
        ("follows", json!(opened.follows)),
        ("follows_stopped", json!(opened.follows_stopped)),
        ("concerns", json!(opened.concerns)),
        ("subject", json!(opened.subject)),
        ("corrected", json!(corrected)),
        ("due", json!(due)),
        ("exhibits", json!(exhibits)),
        ("not_signed_yet", json!(not_signed_yet)),
        ("withheld", json!(released.withheld().len())),
        ("seals", json!(seals)),
        ("current_seal", json!(state.current_seal())),
        ("timeline", json!(timeline)),
    ] {
        result[name] = value;
    }
    result
}

fn person(reviewer: &countersign_record::journal::Reviewer) -> Value {
    json!({
        "name": reviewer.name,
        "position": reviewer.position,
        "initials": reviewer.initials,
        "fingerprint": reviewer.public_key.fingerprint(),
    })
}

fn exhibit(entry: &Entry, reading: &Reading) -> Option<Value> {
    let (exhibit, files): (&Exhibit, _) = match &entry.body {
        Body::Kept(kept) => (&kept.exhibit, &kept.files),
        Body::Attached(attached) => (&attached.exhibit, &attached.files),
        _ => return None,
    };
    let released = reading.released();
    let withheld = files.iter().filter(|file| !released.allows(file)).count();
    // Of files that came in as several entries, what all of them have.
    let all = reading.ledger().brought_in(exhibit.label.as_str()).map(|all| {
        json!({
            "parts": all.entries.len(),
            "of": all.of,
            "files": all.files,
            "of_files": all.of_files,
            "left_out": all.left_out.count,
            "broke_off": all.progress == Progress::BrokeOff,
        })
    });
    Some(json!({
        "label": exhibit.label,
        "entry": entry.entry,
        "kind": entry.body.kind(),
        "files": files.len(),
        "withheld": withheld,
        "in_all_parts": all,
    }))
}

fn seal(ledger: &Ledger, entry: &Entry, sealed: &Sealed) -> Value {
    json!({
        "seal": sealed.seal,
        "entry": entry.entry,
        "root": sealed.root,
        "words": countersign_record::words::SealWords::of(&sealed.root).to_string(),
        "sealed_at": sealed.sealed_at,
        "entries": sealed.entries,
        "withheld": sealed.withheld,
        "bundle": sealed.bundle,
        "no_bundle": ledger.unbundled(sealed.seal).map(|gone| &gone.because),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_cut_and_short_ones_are_not() {
        for short in ["", "a\nb", &"ż".repeat(MOST_LETTERS)] {
            assert_eq!(brief(short), *short);
        }
        let long = brief(&"ż".repeat(MOST_LETTERS + 1));
        assert!(long.starts_with(&"ż".repeat(MOST_LETTERS)) && long.contains("--json"), "{long}");
        let many = brief(&"a line\n".repeat(MOST_LINES + 1));
        assert_eq!(many.matches("a line").count(), MOST_LINES);
        assert!(many.contains("[…]"), "{many}");
    }
}
