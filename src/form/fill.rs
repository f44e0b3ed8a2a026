//! Fills the form from the journal.
//!
//! Every file that goes onto the form is asked for through the journal's
//! allow-list; folders are never read.

use std::io;

use super::content::{
    Action, Computer, Concern, Concerned, Exhibit, Fate, File, Form, Halt, Isolation, Judgement, Left, Note,
    Picture, Pictures, Procedure, Program, Referral, Remark, Reviewer, Source, Visit, When,
};
use super::picture::{MOST_BYTES, MOST_BYTES_IN_ALL};
use super::record::record;
use super::{FormError, compose};
use crate::clock::Time;
use crate::digest::Digest;
use crate::journal::{
    self, At, Body, Entry, Halted, Id, Kept, Ledger, Opened, Raised, Recording, Released, Response, Role,
    Seen, Side,
};
use crate::procedure::Pack;

/// The files of the case.
pub trait Files {
    /// The bytes of `file`. The form asks only for what may leave the case.
    fn read(&self, file: &journal::File) -> io::Result<Vec<u8>>;
}

impl Form {
    /// The form of the case that `ledger` tells, as it stands at `made`, in the
    /// words of the case's own `pack`.
    ///
    /// `released` MUST be the ledger's own, with a halt that is raised and not
    /// yet recorded taken into account.
    pub fn of(
        ledger: &Ledger,
        released: &Released,
        pack: &Pack,
        files: &dyn Files,
        made: Time,
    ) -> Result<Form, FormError> {
        let opened = ledger.opened();
        let first = &ledger.entries()[0];
        let mut form = Form {
            labels: pack.form().clone(),
            group: opened.group.as_ref().map(ToString::to_string),
            reference: opened.reference.to_string(),
            follows: opened.follows.map(|reference| reference.to_string()),
            standing: opened.standing,
            made,
            opened: first.time,
            reason: opened.reason.to_string(),
            reported_by: opened.reported_by.to_string(),
            suspected_illegal: opened.suspected_illegal,
            concerned: Concerned {
                who: opened.concerns,
                reference: opened.subject.to_string(),
                key_kept: opened.subject_key.as_ref().map(ToString::to_string),
            },
            reviewers: Side::BOTH.map(|side| reviewer(opened, side)),
            computer: computer(opened),
            confirmations: opened.confirmations.iter().map(|c| c.statement.to_string()).collect(),
            filter_exemptions: opened.filter_exemptions.as_ref().map(ToString::to_string),
            concerns: Vec::new(),
            exhibits: Vec::new(),
            visits: Vec::new(),
            notes: Vec::new(),
            remarks: Vec::new(),
            restraint: released.restraint(),
            halts: Vec::new(),
            left: Vec::new(),
            isolations: Vec::new(),
            referrals: Vec::new(),
            judgements: Vec::new(),
            actions: Vec::new(),
            record: record(ledger)?,
            procedure: Procedure { title: opened.pack.title.to_string(), digest: opened.pack.file.sha256 },
            program: Program { version: opened.program.version.to_string(), digest: opened.program.sha256 },
            pictures: pictures(ledger, released, files)?,
        };
        for entry in ledger.entries() {
            form.take(entry, opened, released, pack);
        }
        form.visits.sort_by_key(|visit| visit.time);
        form.refer_concerns_to_exhibits(ledger);
        form.left = left(ledger, released);
        Ok(form)
    }

    /// A kept page was visited: its visit has an entry of its own before it.
    fn tell_of_keeping(&mut self, kept: &Kept, entry: u64) {
        let address = kept.final_url.as_str();
        let visited = |visit: &&mut Visit| visit.time == kept.started && visit.address == address;
        let told = format!("kept as {}", kept.exhibit.label);
        match self.visits.iter_mut().rev().find(visited) {
            Some(visit) => visit.outcome = format!("{}; {told}", visit.outcome),
            None => self.visits.push(Visit {
                time: kept.started,
                address: address.to_owned(),
                asked_for: (kept.url != kept.final_url).then(|| kept.url.to_string()),
                title: kept.title.as_ref().map(ToString::to_string),
                outcome: format!("{}; {told}", outcome(kept.status, None)),
                entry,
            }),
        }
    }

    fn take(&mut self, entry: &Entry, opened: &Opened, released: &Released, pack: &Pack) {
        let when = |happened: Option<&journal::Line>| When {
            happened: happened.map(ToString::to_string),
            recorded: entry.time,
            entry: entry.entry,
        };
        let words = |line: &Option<journal::Line>| line.as_ref().map(ToString::to_string);
        match &entry.body {
            Body::Visited(visited) => {
                self.visits.extend(visited.visits.iter().map(|visit| visit_line(visit, entry.entry)));
            }
            Body::Kept(kept) => {
                self.tell_of_keeping(kept, entry.entry);
                let what = kept
                    .title
                    .as_ref()
                    .map_or_else(|| "A kept page".to_owned(), |t| format!("Kept page: {t}"));
                self.exhibits.push(Exhibit {
                    label: kept.exhibit.label.to_string(),
                    what,
                    address: Some(kept.final_url.to_string()),
                    producer: opened.reviewer(kept.exhibit.producer).name.to_string(),
                    when: when(None),
                    files: kept.files.iter().map(file_line).collect(),
                    absences: kept.absences.iter().map(ToString::to_string).collect(),
                    fate: fate(&kept.files, released),
                });
            }
            Body::Attached(attached) => {
                let absences = attached
                    .left_out
                    .iter()
                    .map(|left| format!("{}: {}", left.name, left.because))
                    .collect::<Vec<_>>();
                let files: Vec<File> = attached.files.iter().map(file_line).collect();
                let fate = fate(&attached.files, released);
                let label = attached.exhibit.label.as_str();
                // Many files take several entries of one exhibit.
                if let Some(exhibit) = self.exhibits.iter_mut().find(|exhibit| exhibit.label == label) {
                    exhibit.files.extend(files);
                    exhibit.absences.extend(absences);
                    if fate == Fate::LeftWhereItIs {
                        exhibit.fate = fate;
                    }
                    return;
                }
                self.exhibits.push(Exhibit {
                    label: label.to_owned(),
                    what: attached.description.to_string(),
                    address: None,
                    producer: opened.reviewer(attached.exhibit.producer).name.to_string(),
                    when: when(None),
                    files,
                    absences,
                    fate,
                });
            }
            Body::Noted(noted) => self.notes.push(Note {
                text: noted.text.to_string(),
                corrects: noted.corrects,
                when: when(None),
            }),
            Body::Concern(concern) => {
                let label = concern.category.label.as_str();
                // The stop that the concern was has an entry before it.
                let told = self.halts.last().is_some_and(|halt| halt.category.as_deref() == Some(label));
                if concern.category.response >= Response::Police && !told {
                    self.halts.push(Halt {
                        category: Some(label.to_owned()),
                        by: None,
                        how: "By a concern that both recorded".to_owned(),
                        description: None,
                        raised: None,
                        when: when(None),
                    });
                }
                let (at, exhibits) = match &concern.at {
                    At::Url(url) => (url.to_string(), Vec::new()),
                    At::Exhibit(label) => (format!("Exhibit {label}"), vec![label.to_string()]),
                };
                self.concerns.push(Concern {
                    at,
                    reason: concern.description.to_string(),
                    category: concern.category.label.to_string(),
                    exhibits,
                    when: when(None),
                });
            }
            Body::Recording(Recording::Gap { since, because }) => self.remarks.push(Remark {
                text: format!("The recording broke off at {}: {because}", compose::short(*since)),
                when: when(None),
            }),
            Body::ClockJumped(jump) => self.remarks.push(Remark {
                text: format!(
                    "The computer's clock jumped: it said {} where {} was to be expected.",
                    compose::short(jump.after),
                    compose::short(jump.before)
                ),
                when: when(None),
            }),
            Body::Recovered(recovered) => {
                self.remarks.push(Remark { text: mended(recovered), when: when(None) });
            }
            Body::Halted(halted) => {
                self.halts.push(halt(halted, opened, when(None)));
            }
            Body::Isolated(isolated) => self.isolations.push(Isolation {
                what: match &isolated.device {
                    Some(device) => format!("{}: {}", device_label(pack, device), isolated.what),
                    None => isolated.what.to_string(),
                },
                changes: isolated.changes.as_ref().map(ToString::to_string),
                by: words(&isolated.by),
                when: when(isolated.when.as_ref()),
            }),
            Body::Referred(referred) => self.referrals.push(Referral {
                to: referred.to.to_string(),
                by: words(&referred.by),
                contact: words(&referred.contact),
                reference: words(&referred.reference),
                advice: referred.advice.as_ref().map(ToString::to_string),
                computer: referred.computer.as_ref().map(ToString::to_string),
                answer: referred.answer,
                when: when(referred.when.as_ref()),
            }),
            Body::Judged(judged) => self.judgements.push(Judgement {
                substance: judged.substance,
                because: judged.because.to_string(),
                when: when(None),
            }),
            Body::Acted(acted) => self.actions.push(Action {
                route: route(&acted.route, pack),
                what: acted.what.to_string(),
                state: acted.action,
                by: words(&acted.by),
                when: when(acted.when.as_ref()),
            }),
            Body::Opened(_)
            | Body::Recording(Recording::Began { .. } | Recording::Ended { .. })
            | Body::FormMade(_)
            | Body::Sealed(_)
            | Body::HandedOver(_)
            | Body::Archived(_) => {}
        }
    }

    /// A concern about an address is shown by every page kept from there; one
    /// about an exhibit has that exhibit's address.
    fn refer_concerns_to_exhibits(&mut self, ledger: &Ledger) {
        let kept: Vec<&Kept> = ledger
            .entries()
            .iter()
            .filter_map(|entry| match &entry.body {
                Body::Kept(kept) => Some(&**kept),
                _ => None,
            })
            .collect();
        for concern in &mut self.concerns {
            match concern.exhibits.first() {
                Some(label) => {
                    let exhibit = self.exhibits.iter().find(|exhibit| exhibit.label == *label);
                    if let Some(address) = exhibit.and_then(|exhibit| exhibit.address.as_ref()) {
                        concern.at = format!("{}: {address}", concern.at);
                    }
                }
                None => {
                    let same = |kept: &&&Kept| {
                        [&kept.url, &kept.final_url].iter().any(|url| url.as_str() == concern.at)
                    };
                    concern.exhibits =
                        kept.iter().filter(same).map(|kept| kept.exhibit.label.to_string()).collect();
                }
            }
        }
    }
}

fn reviewer(opened: &Opened, side: Side) -> Reviewer {
    let reviewer = opened.reviewer(side);
    Reviewer {
        name: reviewer.name.to_string(),
        position: reviewer.position.to_string(),
        fingerprint: reviewer.public_key.fingerprint(),
    }
}

fn computer(opened: &Opened) -> Computer {
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

fn visit_line(visit: &journal::Visit, entry: u64) -> Visit {
    Visit {
        time: visit.time,
        address: visit.final_url.to_string(),
        asked_for: (visit.url != visit.final_url).then(|| visit.url.to_string()),
        title: visit.title.as_ref().map(ToString::to_string),
        outcome: outcome(visit.status, visit.failure.as_ref()),
        entry,
    }
}

fn outcome(status: Option<u16>, failure: Option<&Seen>) -> String {
    match (status, failure) {
        (Some(status), None) => status.to_string(),
        (Some(status), Some(failure)) => format!("{status}; {failure}"),
        (None, Some(failure)) => failure.to_string(),
        (None, None) => "No status".to_owned(),
    }
}

fn file_line(file: &journal::File) -> File {
    File { name: named(file), digest: file.sha256, bytes: file.bytes }
}

fn named(file: &journal::File) -> String {
    match (&file.name, what(file.role)) {
        (Some(name), _) if file.role == Role::Attached => name.to_string(),
        (Some(name), what) => format!("{what} ({name})"),
        (None, what) => what.to_owned(),
    }
}

/// A route as people read it: an outcome, a sanction, or whom to tell.
fn route(id: &Id, pack: &Pack) -> String {
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
        Role::Page => "The page as a file (MHTML)",
        Role::Response => "The server's answer",
        Role::Record => "What was noted when the page was kept",
        Role::Attached => "File",
        Role::Form => "The form",
    }
}

fn fate(files: &[journal::File], released: &Released) -> Fate {
    if files.iter().all(|file| released.allows(file)) { Fate::Released } else { Fate::LeftWhereItIs }
}

fn mended(recovered: &journal::Recovered) -> String {
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

fn device_label(pack: &Pack, device: &Id) -> String {
    let described = pack.isolation().iter().find(|described| described.id == *device);
    described.map_or_else(|| device.to_string(), |described| described.label.to_string())
}

fn halt(halted: &Halted, opened: &Opened, when: When) -> Halt {
    let how = match halted.raised {
        Raised::AtTheGate => "By the answer at the start that something illegal is suspected",
        Raised::ByConcern => "By a concern",
        Raised::ByHand => "By one person, at once",
        Raised::Found => "The mark of a stop was found, but not who made it",
    };
    Halt {
        category: halted.category.as_ref().map(|category| category.label.to_string()),
        by: halted.by.map(|side| opened.reviewer(side).name.to_string()),
        how: how.to_owned(),
        description: halted.description.as_ref().map(ToString::to_string),
        raised: halted.raised_at,
        when,
    }
}

fn left(ledger: &Ledger, released: &Released) -> Vec<Left> {
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

/// What is printed as a picture. A withheld case has none, and its files are
/// not even read.
fn pictures(ledger: &Ledger, released: &Released, files: &dyn Files) -> Result<Pictures, FormError> {
    if !released.pictures() {
        return Ok(Pictures::Withheld);
    }
    let mut pictures = Vec::new();
    let mut room = MOST_BYTES_IN_ALL;
    for entry in ledger.entries() {
        let (exhibit, chosen) = match &entry.body {
            Body::Kept(kept) => (&kept.exhibit, page_pictures(&kept.files)),
            Body::Attached(attached) => {
                (&attached.exhibit, attached.files.iter().filter(|file| is_picture(file)).collect())
            }
            _ => continue,
        };
        for file in chosen.into_iter().filter(|file| released.allows(file)) {
            let source = if file.bytes > MOST_BYTES {
                Source::TooLarge
            } else if file.bytes > room {
                Source::NoRoom
            } else {
                room -= file.bytes;
                let bytes =
                    files.read(file).map_err(|why| FormError::File { path: file.path(), why: why.kind() })?;
                if Digest::of(&bytes) != file.sha256 {
                    return Err(FormError::Changed { path: file.path() });
                }
                Source::Bytes(bytes)
            };
            pictures.push(Picture { exhibit: exhibit.label.to_string(), what: named(file), source });
        }
    }
    Ok(Pictures::Lawful(pictures))
}

/// The whole page; only where there is no picture of it, what was on screen.
fn page_pictures(files: &[journal::File]) -> Vec<&journal::File> {
    let of = |role: Role| {
        files.iter().filter(move |file| file.role == role && is_picture(file)).collect::<Vec<_>>()
    };
    let whole = of(Role::Picture);
    if whole.is_empty() { of(Role::Screen) } else { whole }
}

fn is_picture(file: &journal::File) -> bool {
    ["png", "jpg", "jpeg"].contains(&file.extension.to_string().as_str())
}
