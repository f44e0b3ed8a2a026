//! Fills the form from the journal.
//!
//! Every file that goes onto the form is asked for through the journal's
//! allow-list; folders are never read.

use std::collections::BTreeSet;

use super::FormError;
use super::cells::short;
use super::content::{
    Action, Concern, Concerned, Exhibit, Fate, File, Form, Halt, Judgement, Note, Pictures, Procedure,
    Program, Remark, Visit, When,
};
use super::lines::{
    computer, correction, fate, file_line, halt, isolation, left, mended, named_value, outcome, raised,
    referral, reviewer, route, said, said_or_not, title, visit_line, written_alone,
};
use super::record::record;
use super::shown::{Files, pictures};
use crate::case::{Report, Written};
use crate::procedure::Pack;
use countersign_record::clock::Time;
use countersign_record::journal::{
    self, Annotated, At, Body, Category, Current, Entry, Halted, Kept, Ledger, Recording, Released, Response,
    Side, Visited,
};

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
        let mut form = Form::in_words(ledger, released, pack, made)?;
        form.pictures = pictures(ledger, released, files, &form.exhibits_of_concern())?;
        Ok(form)
    }

    /// The same without its pictures: no file of the case is read.
    pub fn in_words(
        ledger: &Ledger,
        released: &Released,
        pack: &Pack,
        made: Time,
    ) -> Result<Form, FormError> {
        let opened = ledger.opened();
        let first = &ledger.now(&ledger.entries()[0]);
        let of_first = |name: &str, value: &dyn std::fmt::Display| said(first, name, value);
        let maybe = |name: &str, value: Option<String>| match value {
            Some(value) => Some(said(first, name, &value)),
            None => said_or_not::<String>(first, name, None),
        };
        let mut form = Form {
            labels: pack.form().clone(),
            group: first.annotated("group", opened.group.as_ref().map(ToString::to_string)),
            reference: opened.reference.to_string(),
            follows: maybe(
                "follows",
                opened.follows.map(|reference| match opened.follows_stopped {
                    true => format!("{reference}, which was stopped"),
                    false => reference.to_string(),
                }),
            ),
            standing: opened.standing,
            made,
            opened: ledger.entries()[0].time,
            reason: of_first("reason", &opened.reason),
            reported_by: of_first("reported_by", &opened.reported_by),
            suspected_illegal: opened.suspected_illegal,
            concerned: Concerned {
                who: first.annotated("concerns", opened.concerns),
                reference: of_first("subject", &opened.subject),
                key_kept: maybe("subject_key", opened.subject_key.as_ref().map(ToString::to_string)),
            },
            reviewers: Side::BOTH.map(|side| reviewer(first, opened, side)),
            computer: computer(first, opened),
            confirmations: opened.confirmations.iter().map(|c| c.statement.to_string()).collect(),
            filter_exemptions: maybe(
                "filter_exemptions",
                opened.filter_exemptions.as_ref().map(ToString::to_string),
            ),
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
            pictures: Pictures::Withheld,
        };
        for entry in ledger.entries() {
            form.take(entry, ledger, released, pack);
        }
        form.visits.sort_by_key(|visit| visit.time);
        for exhibit in &mut form.exhibits {
            exhibit.unfinished = ledger.brought_in(&exhibit.label).and_then(|it| it.unfinished_in_words());
        }
        form.refer_concerns_to_exhibits(ledger);
        form.left = left(ledger, released);
        Ok(form)
    }

    /// The same form with the stops that were raised and are in no entry yet.
    pub fn with_raised(mut self, halts: impl IntoIterator<Item = Halted>, ledger: &Ledger) -> Form {
        self.halts.extend(halts.into_iter().map(|halted| raised(halted, ledger)));
        self
    }

    /// The same form with what one person wrote down alone and nobody signed
    /// yet, said to be so.
    pub fn with_written(mut self, written: &[Written], ledger: &Ledger, pack: &Pack) -> Form {
        for written in written {
            let Some(body) = written.to_body() else {
                self.say_of_a_stop(written, ledger);
                continue;
            };
            let now = &Current::draft(&body);
            match &body {
                Body::Isolated(isolated) => {
                    self.isolations.push(isolation(now, isolated, ledger, pack, None));
                }
                Body::Referred(referred) => self.referrals.push(referral(now, referred, ledger, pack, None)),
                _ => {}
            }
        }
        self
    }

    /// What one person said of a stop afterwards stands beside it.
    fn say_of_a_stop(&mut self, written: &Written, ledger: &Ledger) {
        let Report::Stop(said) = &written.report else { return };
        let words = format!("{}\n{}", said.in_words(ledger), written_alone(&written.alone, ledger, false));
        let stop = self.halts.iter().rposition(|halt| halt.mark == said.mark);
        let stop = stop.or(self.halts.len().checked_sub(1));
        if let Some(halt) = stop.and_then(|stop| self.halts.get_mut(stop)) {
            halt.afterwards.push(words);
        }
    }

    /// The labels of the exhibits that a concern names.
    pub(super) fn exhibits_of_concern(&self) -> BTreeSet<&str> {
        self.concerns.iter().flat_map(|concern| &concern.exhibits).map(String::as_str).collect()
    }

    /// A kept page was visited: its visit has an entry of its own before it.
    fn tell_of_keeping(&mut self, kept: &Kept, entry: u64, released: &Released) {
        let address = kept.final_url.as_str();
        let visited = |visit: &&mut Visit| visit.time == kept.started && visit.address == address;
        let label = kept.exhibit.label.to_string();
        match self.visits.iter_mut().rev().find(visited) {
            Some(visit) => visit.kept_as.push(label),
            None => self.visits.push(Visit {
                time: kept.started,
                address: address.to_owned(),
                asked_for: (kept.url != kept.final_url).then(|| kept.url.to_string()),
                title: title(kept.title.as_ref(), released),
                outcome: outcome(kept.status, None),
                kept_as: vec![label],
                entry,
            }),
        }
    }

    fn take(&mut self, entry: &Entry, ledger: &Ledger, released: &Released, pack: &Pack) {
        let now = &ledger.now(entry);
        let at = |happened: Option<String>| When {
            happened,
            recorded: entry.time,
            entry: entry.entry,
            corrected: now.marked(),
        };
        let when = |happened: Option<&journal::Line>| at(said_or_not(now, "when", happened));
        let recorded = || at(None);
        let words = |name: &str, value: &dyn std::fmt::Display| format!("{value}{}", now.was(name));
        let line = |name: &str, value: &Option<journal::Name>| said_or_not(now, name, value.as_ref());
        match now.body() {
            Body::Visited(Visited { visits }) | Body::Recording(Recording::BeforeStop { visits }) => {
                let lines = visits.iter().map(|visit| visit_line(visit, entry.entry, released));
                self.visits.extend(lines);
            }
            Body::Kept(kept) => {
                self.tell_of_keeping(kept, entry.entry, released);
                let what = title(kept.title.as_ref(), released)
                    .map_or_else(|| "A kept page".to_owned(), |title| format!("Kept page: {title}"));
                self.exhibits.push(Exhibit {
                    label: kept.exhibit.label.to_string(),
                    what,
                    address: Some(kept.final_url.to_string()),
                    producer: ledger.reviewer_name(kept.exhibit.producer).to_string(),
                    when: recorded(),
                    files: kept.files.iter().map(file_line).collect(),
                    absences: kept.absences.iter().map(ToString::to_string).collect(),
                    absences_in_all: kept.absences.len() as u64 + kept.absences_left_out,
                    unfinished: None,
                    fate: fate(&kept.files, released),
                });
            }
            Body::Attached(attached) => {
                let files: Vec<File> = attached.files.iter().map(file_line).collect();
                let fate = fate(&attached.files, released);
                let label = attached.exhibit.label.as_str();
                // Many files take several entries of one exhibit.
                if let Some(exhibit) = self.exhibits.iter_mut().find(|exhibit| exhibit.label == label) {
                    exhibit.files.extend(files);
                    if fate == Fate::LeftWhereItIs {
                        exhibit.fate = fate;
                    }
                    return;
                }
                let left_out = &attached.left_out;
                self.exhibits.push(Exhibit {
                    label: label.to_owned(),
                    what: words("description", &attached.description),
                    address: None,
                    producer: ledger.reviewer_name(attached.exhibit.producer).to_string(),
                    when: recorded(),
                    files,
                    absences: left_out
                        .named
                        .iter()
                        .map(|left| format!("{}: {}", left.name, left.because))
                        .collect(),
                    absences_in_all: left_out.count,
                    unfinished: None,
                    fate,
                });
            }
            Body::Noted(noted) => {
                self.notes.push(Note { text: words("text", &noted.text), corrects: None, when: recorded() })
            }
            Body::Corrected(corrected) => {
                if let Some(category) = corrected.stops() {
                    self.stopped_by(category, ledger, recorded());
                }
                self.notes.push(Note {
                    text: correction(corrected, ledger, pack),
                    corrects: Some(corrected.entry),
                    when: recorded(),
                });
            }
            Body::Concern(concern) => {
                // As it was chosen: what it became later has a stop of its own.
                if let Body::Concern(journal::Concern { category, .. }) = &entry.body
                    && category.response >= Response::Police
                {
                    self.stopped_by(category, ledger, recorded());
                }
                let exhibits = match &concern.at {
                    At::Url(_) => Vec::new(),
                    At::Exhibit(label) => vec![label.to_string()],
                };
                self.concerns.push(Concern {
                    at: Annotated { value: at_in_words(&concern.at), note: now.was("at") },
                    reason: words("description", &concern.description),
                    category: words("category", &concern.category.label),
                    exhibits,
                    when: recorded(),
                });
            }
            Body::Recording(Recording::Gap { since, because }) => self.remarks.push(Remark {
                text: format!("The recording broke off at {}: {because}", short(*since)),
                when: recorded(),
            }),
            Body::ClockJumped(jump) => self.remarks.push(Remark {
                text: format!(
                    "The computer's clock jumped: it said {} where {} was to be expected.",
                    short(jump.after),
                    short(jump.before)
                ),
                when: recorded(),
            }),
            Body::Recovered(recovered) => {
                self.remarks.push(Remark { text: mended(recovered), when: recorded() });
            }
            Body::Unbundled(gone) => self.remarks.push(Remark {
                text: format!("Seal {} has no bundle: {}.", gone.seal, gone.because),
                when: recorded(),
            }),
            Body::Halted(halted) => {
                self.halts.push(halt(now, halted, ledger, Some(recorded())));
            }
            Body::Isolated(isolated) => {
                let when = when(isolated.when.as_ref());
                self.isolations.push(isolation(now, isolated, ledger, pack, Some(when)));
            }
            Body::Referred(referred) => {
                let when = when(referred.when.as_ref());
                self.referrals.push(referral(now, referred, ledger, pack, Some(when)));
            }
            Body::Judged(judged) => self.judgements.push(Judgement {
                substance: judged.substance,
                because: words("because", &judged.because),
                when: recorded(),
            }),
            Body::Acted(acted) => self.actions.push(Action {
                route: {
                    let was = now.was_as("route", |_, value| named_value(value, |id| route(id, pack)));
                    format!("{}{was}", route(&acted.route, pack))
                },
                what: words("what", &acted.what),
                state: Annotated { value: acted.action, note: now.was("action") },
                by: line("by", &acted.by),
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

    /// A stop by a category that both recorded. Where its mark was made first,
    /// that has an entry before it.
    fn stopped_by(&mut self, category: &Category, ledger: &Ledger, when: When) {
        let marked = |halt: &Halt| {
            let halted = halt.when.as_ref().and_then(|when| ledger.entries().get(when.entry as usize - 1));
            matches!(halted.map(|entry| &entry.body), Some(Body::Halted(halted))
                if halted.category.as_ref() == Some(category))
        };
        if !self.halts.last().is_some_and(marked) {
            self.halts.push(Halt {
                category: Some(category.label.to_string()),
                typed: None,
                place: None,
                by: None,
                how: "By a concern that both recorded".to_owned(),
                description: None,
                screen: None,
                keeping: None,
                afterwards: Vec::new(),
                mark: None,
                raised: None,
                when: Some(when),
            });
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
                        concern.at.value = format!("{}: {address}", concern.at.value);
                    }
                }
                None => {
                    let same = |kept: &&&Kept| {
                        [&kept.url, &kept.final_url].iter().any(|url| url.as_str() == concern.at.value)
                    };
                    concern.exhibits =
                        kept.iter().filter(same).map(|kept| kept.exhibit.label.to_string()).collect();
                }
            }
        }
    }
}

fn at_in_words(at: &At) -> String {
    match at {
        At::Url(url) => url.to_string(),
        At::Exhibit(label) => format!("Exhibit {label}"),
    }
}
