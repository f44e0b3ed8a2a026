//! What the journal tells, in the words of the form: one thing, one line.
//!
//! It reads no files and keeps no order.

use std::fmt::Display;

use super::content::{Computer, Fate, File, Halt, Isolation, Left, Referral, Reviewer, Visit, When};
use crate::procedure::Pack;
use countersign_record::journal::{
    self, Answer, Body, Corrected, Current, Halted, Id, Isolated, Ledger, Opened, Raised, Referred, Released,
    Role, Seen, Side, Value, ValueKind, WrittenAlone,
};

pub(super) fn reviewer(first: &Current<'_>, opened: &Opened, side: Side) -> Reviewer {
    let reviewer = opened.reviewer(side);
    let [name, position] = match side {
        Side::A => ["first.name", "first.position"],
        Side::B => ["second.name", "second.position"],
    };
    Reviewer {
        name: first.annotated(name, reviewer.name.to_string()),
        position: said(first, position, &reviewer.position),
        fingerprint: reviewer.public_key.fingerprint(),
    }
}

/// A value with what is to be said of its corrections.
pub(super) fn said(entry: &Current<'_>, name: &str, value: &dyn Display) -> String {
    format!("{value}{}", entry.note(name))
}

/// The same of what need not be said; it was said before where it is not any
/// more.
pub(super) fn said_or_not<T: Display>(entry: &Current<'_>, name: &str, value: Option<&T>) -> Option<String> {
    let note = entry.was(name);
    match value {
        Some(value) => Some(format!("{value}{note}")),
        None => (!note.is_empty()).then(|| format!("Not said{note}")),
    }
}

pub(super) fn computer(first: &Current<'_>, opened: &Opened) -> Computer {
    let machine = &opened.machine;
    let minutes = machine.utc_offset_minutes;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60);
    Computer {
        name: said(first, "computer.name", &opened.computer.name),
        location: said(first, "computer.location", &opened.computer.location),
        seen: format!(
            "{}, {}, {}; local time was UTC{sign}{hours:02}:{rest:02}",
            machine.name, machine.system, machine.architecture
        ),
    }
}

/// A page's own words for itself, where they may be printed: those of a page
/// that is withheld can themselves show what is, or name a victim. The address
/// is enough for the police to find it; the title stays in its entry.
pub(super) fn title(title: Option<&Seen>, released: &Released) -> Option<String> {
    title.filter(|_| released.pictures()).map(ToString::to_string)
}

pub(super) fn visit_line(visit: &journal::Visit, entry: u64, released: &Released) -> Visit {
    Visit {
        time: visit.time,
        address: visit.final_url.to_string(),
        asked_for: (visit.url != visit.final_url).then(|| visit.url.to_string()),
        title: title(visit.title.as_ref(), released),
        outcome: outcome(visit.status, visit.failure.as_ref()),
        kept_as: Vec::new(),
        entry,
    }
}

pub(super) fn outcome(status: Option<u16>, failure: Option<&Seen>) -> String {
    match (status, failure) {
        (Some(status), None) => status.to_string(),
        (Some(status), Some(failure)) => format!("{status}; {failure}"),
        (None, Some(failure)) => failure.to_string(),
        (None, None) => "No status".to_owned(),
    }
}

pub(super) fn file_line(file: &journal::File) -> File {
    File { name: named(file), digest: file.sha256, bytes: file.bytes }
}

pub(super) fn named(file: &journal::File) -> String {
    match (&file.name, what(file.role)) {
        (Some(name), _) if file.role == Role::Attached => name.to_string(),
        (Some(name), what) => format!("{what} ({name})"),
        (None, what) => what.to_owned(),
    }
}

/// A route as people read it: an outcome, a sanction, or whom to tell.
pub(super) fn route(id: &Id, pack: &Pack) -> String {
    let outcome =
        pack.outcomes().iter().find(|outcome| outcome.id.id() == id.as_str()).map(|outcome| &outcome.label);
    let sanction =
        || pack.sanctions().iter().find(|sanction| sanction.id == *id).map(|sanction| &sanction.label);
    let body = || pack.route(id.as_str()).map(|route| &route.name);
    outcome.or_else(sanction).or_else(body).map_or_else(|| id.to_string(), ToString::to_string)
}

fn what(role: Role) -> &'static str {
    match role {
        Role::Pack => "The procedure",
        Role::Picture => "Picture of the whole page",
        Role::Screen => "Picture of the screen",
        Role::Area => "Picture of a part of the screen",
        Role::Page => "The page as a file (MHTML)",
        Role::Response => "The server's answer",
        Role::Traffic => "The page's traffic (WACZ)",
        Role::Record => "What was noted when the page was kept",
        Role::Attached => "File",
        Role::List => "The names of what was left out",
        Role::Form => "The form",
    }
}

pub(super) fn fate(files: &[journal::File], released: &Released) -> Fate {
    if files.iter().all(|file| released.allows(file)) { Fate::Released } else { Fate::LeftWhereItIs }
}

pub(super) fn mended(recovered: &journal::Recovered) -> String {
    let interrupted =
        !recovered.completed.is_empty() || recovered.broken_off.is_some() || !recovered.void.is_empty();
    let mut words = Vec::new();
    if interrupted {
        words.push("The program had been interrupted.".to_owned());
    }
    words.extend(recovered.completed.iter().map(|entry| format!("Entry {entry} was completed as it was.")));
    words.extend(recovered.broken_off.iter().map(|broken| format!("{broken}.")));
    for void in &recovered.void {
        words.push(format!("Put aside: {} ({}).", void.name, void.because));
    }
    let left = &recovered.left;
    let shown = left.named.len().min(MOST_NAMED);
    if left.count > shown as u64 {
        words.push(format!(
            "In the case's folder, and no part of the record: {} files and folders. The first {shown}:",
            left.count
        ));
    }
    for left in &left.named[..shown] {
        words.push(format!("Left where it is: {} ({}).", left.name, left.because));
    }
    words.join(" ")
}

/// What a correction says, in words.
pub(super) fn correction(corrected: &Corrected, ledger: &Ledger, pack: &Pack) -> String {
    let because = corrected.because.as_ref().map(ToString::to_string).unwrap_or_default();
    let target = ledger.current(corrected.entry);
    let changed = corrected.change.as_ref().zip(target).and_then(|(change, target)| {
        let field = journal::field(target.body(), change.field.as_str())?;
        let words = |value: Option<&Value>| match field.kind {
            ValueKind::Route | ValueKind::Outcome => named_value(value, |id| route(id, pack)),
            ValueKind::Device => named_value(value, |id| device_label(pack, id)),
            _ => field.in_words(value),
        };
        let (now, was) = (words(change.now.as_ref()), words(change.was.as_ref()));
        Some(format!("{}: {now}\nIt was: {was}", field.label))
    });
    let words = match (changed, because.is_empty()) {
        (Some(changed), true) => changed,
        (Some(changed), false) => format!("{changed}\n{because}"),
        (None, _) => because,
    };
    match &corrected.alone {
        Some(alone) => format!("{words}\n{}", written_alone(alone, ledger, true)),
        None => words,
    }
}

/// A value that is an id of the pack, by its name there.
pub(super) fn named_value(value: Option<&Value>, name: impl Fn(&Id) -> String) -> String {
    match value.and_then(Value::as_words).map(str::parse) {
        Some(Ok(id)) => name(&id),
        _ => "not said".to_owned(),
    }
}

fn found(answer: Answer) -> &'static str {
    match answer {
        Answer::Confirmed => "Confirmed: they go on with it.",
        Answer::NotConfirmed => "Not confirmed: the school goes on by its own procedures.",
    }
}

/// How a computer was left; without `when`, nobody has signed it yet.
pub(super) fn isolation(
    now: &Current<'_>,
    isolated: &Isolated,
    ledger: &Ledger,
    pack: &Pack,
    when: Option<When>,
) -> Isolation {
    let device = isolated.device.as_ref().map(|device| device_label(pack, device));
    let was = now.was_as("device", |_, value| named_value(value, |id| device_label(pack, id)));
    let what = format!("{}{}", isolated.what, now.was("what"));
    Isolation {
        what: match (device, was.is_empty()) {
            (Some(device), _) => format!("{device}{was}: {what}"),
            (None, true) => what,
            (None, false) => format!("No kind of device named{was}: {what}"),
        },
        changes: said_or_not(now, "changes", isolated.changes.as_ref()),
        by: said_or_not(now, "by", isolated.by.as_ref()),
        happened: said_or_not(now, "when", isolated.when.as_ref()),
        alone: isolated.alone.as_ref().map(|alone| written_alone(alone, ledger, when.is_some())),
        when,
    }
}

/// Who was told; without `when`, nobody has signed it yet.
pub(super) fn referral(
    now: &Current<'_>,
    referred: &Referred,
    ledger: &Ledger,
    pack: &Pack,
    when: Option<When>,
) -> Referral {
    let was = now.was_as("route", |_, value| named_value(value, |id| route(id, pack)));
    let by = if was.is_empty() { was } else { format!("; by {}{was}", route(&referred.route, pack)) };
    let line = |name: &str, value: &Option<journal::Name>| said_or_not(now, name, value.as_ref());
    let text = |name: &str, value: &Option<journal::Text>| said_or_not(now, name, value.as_ref());
    Referral {
        to: format!("{}{}{by}", referred.to, now.was("to")),
        by: line("by", &referred.by),
        contact: line("contact", &referred.contact),
        reference: line("reference", &referred.reference),
        advice: text("advice", &referred.advice),
        computer: text("computer", &referred.computer),
        answer: said_or_not(now, "answer", referred.answer.map(found).as_ref()),
        happened: said_or_not(now, "when", referred.when.as_ref()),
        alone: referred.alone.as_ref().map(|alone| written_alone(alone, ledger, when.is_some())),
        when,
    }
}

pub(super) fn written_alone(alone: &WrittenAlone, ledger: &Ledger, is_signed: bool) -> String {
    let who = ledger.reviewer_name(alone.by);
    let later = if is_signed { "Both signed it later." } else { "NOT SIGNED YET by both." };
    format!("Written by {who}, as they said, alone, on {}. {later}", alone.at.in_words())
}

fn device_label(pack: &Pack, device: &Id) -> String {
    let described = pack.isolation().iter().find(|described| described.id == *device);
    described.map_or_else(|| device.to_string(), |described| described.label.to_string())
}

pub(super) fn halt(entry: &Current<'_>, halted: &Halted, ledger: &Ledger, when: Option<When>) -> Halt {
    let how = match halted.raised {
        Raised::AtTheGate => "By the answer at the start that something illegal is suspected",
        Raised::ByConcern => "By a concern",
        Raised::ByHand => "By one person, at once",
        Raised::Found => "The mark of a stop was found, but not who made it",
    };
    let unknown = match halted.raised {
        Raised::ByHand | Raised::ByConcern => Some(UNKNOWN.to_owned()),
        Raised::AtTheGate | Raised::Found => None,
    };
    Halt {
        category: said_or_not(entry, "category", halted.category.as_ref().map(|category| &category.label)),
        typed: halted.typed.as_ref().map(ToString::to_string),
        place: said_or_not(entry, "place", halted.place.as_ref()),
        by: said_or_not(entry, "by", halted.by.map(|side| ledger.reviewer_name(side)).as_ref()).or(unknown),
        how: how.to_owned(),
        description: said_or_not(entry, "description", halted.description.as_ref()),
        screen: halted.screen.as_ref().map(ToString::to_string),
        keeping: halted.keeping.as_ref().map(ToString::to_string),
        afterwards: said_afterwards(entry, ledger),
        mark: halted.raised_file,
        raised: halted.raised_at,
        when,
    }
}

/// What was said of a stop as a whole by one person alone, and signed later.
fn said_afterwards(stop: &Current<'_>, ledger: &Ledger) -> Vec<String> {
    let said = stop.marks().iter().filter_map(|by| {
        let Body::Corrected(corrected) = ledger.current(*by)?.body() else { return None };
        let alone = corrected.alone.as_ref()?;
        Some(format!("{}\n{}", corrected.because.as_ref()?, written_alone(alone, ledger, true)))
    });
    said.collect()
}

/// A stop that is in no entry yet: the sheet for the police cannot wait for
/// both.
pub(super) fn raised(halted: Halted, ledger: &Ledger) -> Halt {
    let body = Body::Halted(halted.clone());
    halt(&Current::draft(&body), &halted, ledger, None)
}

pub(super) fn left(ledger: &Ledger, released: &Released) -> Vec<Left> {
    let exhibit = |number: u64| {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        match &ledger.entries().get(place)?.body {
            Body::Kept(kept) => Some(kept.exhibit.label.to_string()),
            Body::Attached(attached) => Some(attached.exhibit.label.to_string()),
            _ => None,
        }
    };
    let mut left: Vec<Left> = released
        .withheld()
        .iter()
        .map(|withheld| Left {
            what: match exhibit(withheld.entry) {
                Some(label) => format!("Exhibit {label}: {}", named(&withheld.file)),
                None => named(&withheld.file),
            },
            digest: withheld.file.sha256,
            entry: withheld.entry,
        })
        .collect();
    left.sort_by(|a, b| (a.entry, &a.what, a.digest).cmp(&(b.entry, &b.what, b.digest)));
    left
}

/// Where nobody said who it was. A button and keys do not know.
const UNKNOWN: &str = "One of the two; the program does not know which";

/// Names in one remark.
const MOST_NAMED: usize = 10;
