//! What the journal tells, in the words of the form: one thing, one line.
//!
//! It reads no files and keeps no order.

use super::content::{Computer, Fate, File, Halt, Isolation, Left, Referral, Reviewer, Visit, When};
use crate::case::PendingHalt;
use crate::journal::{
    self, Body, Halted, Id, Isolated, Ledger, Opened, Raised, Referred, Released, Role, Seen, Side,
    WrittenAlone,
};
use crate::procedure::Pack;

pub(super) fn reviewer(opened: &Opened, side: Side) -> Reviewer {
    let reviewer = opened.reviewer(side);
    Reviewer {
        name: reviewer.name.to_string(),
        position: reviewer.position.to_string(),
        fingerprint: reviewer.public_key.fingerprint(),
    }
}

pub(super) fn computer(opened: &Opened) -> Computer {
    let machine = &opened.machine;
    let minutes = machine.utc_offset_minutes;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60);
    Computer {
        name: opened.computer.name.to_string(),
        location: opened.computer.location.to_string(),
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
        Role::Form => "The form",
    }
}

pub(super) fn fate(files: &[journal::File], released: &Released) -> Fate {
    if files.iter().all(|file| released.allows(file)) { Fate::Released } else { Fate::LeftWhereItIs }
}

pub(super) fn mended(recovered: &journal::Recovered) -> String {
    let mut words = vec!["The program had been interrupted.".to_owned()];
    words.extend(recovered.completed.iter().map(|entry| format!("Entry {entry} was completed as it was.")));
    for void in &recovered.void {
        words.push(format!("Put aside: {} ({}).", void.name, void.because));
    }
    for left in &recovered.left {
        words.push(format!("Left where it is: {} ({}).", left.name, left.because));
    }
    words.join(" ")
}

/// How a computer was left; without `when`, nobody has signed it yet.
pub(super) fn isolation(isolated: &Isolated, opened: &Opened, pack: &Pack, when: Option<When>) -> Isolation {
    Isolation {
        what: match &isolated.device {
            Some(device) => format!("{}: {}", device_label(pack, device), isolated.what),
            None => isolated.what.to_string(),
        },
        changes: isolated.changes.as_ref().map(ToString::to_string),
        by: isolated.by.as_ref().map(ToString::to_string),
        happened: isolated.when.as_ref().map(ToString::to_string),
        alone: isolated.alone.as_ref().map(|alone| written_alone(alone, opened, when.is_some())),
        when,
    }
}

/// Who was told; without `when`, nobody has signed it yet.
pub(super) fn referral(referred: &Referred, opened: &Opened, when: Option<When>) -> Referral {
    Referral {
        to: referred.to.to_string(),
        by: referred.by.as_ref().map(ToString::to_string),
        contact: referred.contact.as_ref().map(ToString::to_string),
        reference: referred.reference.as_ref().map(ToString::to_string),
        advice: referred.advice.as_ref().map(ToString::to_string),
        computer: referred.computer.as_ref().map(ToString::to_string),
        answer: referred.answer,
        happened: referred.when.as_ref().map(ToString::to_string),
        alone: referred.alone.as_ref().map(|alone| written_alone(alone, opened, when.is_some())),
        when,
    }
}

fn written_alone(alone: &WrittenAlone, opened: &Opened, is_signed: bool) -> String {
    let who = &opened.reviewer(alone.by).name;
    let later = if is_signed { "Both signed it later." } else { "NOT SIGNED YET by both." };
    format!("Written by {who}, as they said, alone, on {}. {later}", alone.at.in_words())
}

fn device_label(pack: &Pack, device: &Id) -> String {
    let described = pack.isolation().iter().find(|described| described.id == *device);
    described.map_or_else(|| device.to_string(), |described| described.label.to_string())
}

pub(super) fn halt(halted: &Halted, opened: &Opened, when: Option<When>) -> Halt {
    let how = match halted.raised {
        Raised::AtTheGate => "By the answer at the start that something illegal is suspected",
        Raised::ByConcern => "By a concern",
        Raised::ByHand => "By one person, at once",
        Raised::Found => "The mark of a stop was found, but not who made it",
    };
    Halt {
        category: halted.category.as_ref().map(|category| category.label.to_string()),
        typed: halted.typed.as_ref().map(ToString::to_string),
        place: halted.place.as_ref().map(ToString::to_string),
        by: halted.by.map(|side| opened.called(side)),
        how: how.to_owned(),
        description: halted.description.as_ref().map(ToString::to_string),
        raised: halted.raised_at,
        when,
    }
}

/// A stop that is in no entry yet: the sheet for the police cannot wait for
/// both.
pub(super) fn raised(raised: &PendingHalt, opened: &Opened) -> Halt {
    halt(&raised.to_body(), opened, None)
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
