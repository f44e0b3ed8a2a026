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
    computer, fate, file_line, halt, isolation, left, mended, outcome, raised, referral, reviewer, route,
    title, visit_line,
};
use super::record::record;
use super::shown::{Files, pictures};
use crate::case::{PendingHalt, Written};
use crate::clock::Time;
use crate::journal::{self, At, Body, Entry, Kept, Ledger, Opened, Recording, Released, Response, Side};
use crate::procedure::Pack;

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
            pictures: Pictures::Withheld,
        };
        for entry in ledger.entries() {
            form.take(entry, opened, released, pack);
        }
        form.visits.sort_by_key(|visit| visit.time);
        form.refer_concerns_to_exhibits(ledger);
        form.left = left(ledger, released);
        Ok(form)
    }

    /// The same form with the stops that were raised and are in no entry yet.
    pub fn with_raised(mut self, halts: &[PendingHalt], opened: &Opened) -> Form {
        self.halts.extend(halts.iter().map(|halt| raised(halt, opened)));
        self
    }

    /// The same form with what one person wrote down alone and nobody signed
    /// yet, said to be so.
    pub fn with_written(mut self, written: &[Written], opened: &Opened, pack: &Pack) -> Form {
        for written in written {
            match written.to_body() {
                Body::Isolated(isolated) => {
                    self.isolations.push(isolation(&isolated, opened, pack, None));
                }
                Body::Referred(referred) => self.referrals.push(referral(&referred, opened, None)),
                _ => {}
            }
        }
        self
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

    fn take(&mut self, entry: &Entry, opened: &Opened, released: &Released, pack: &Pack) {
        let when = |happened: Option<&journal::Line>| When {
            happened: happened.map(ToString::to_string),
            recorded: entry.time,
            entry: entry.entry,
        };
        let words = |line: &Option<journal::Name>| line.as_ref().map(ToString::to_string);
        match &entry.body {
            Body::Visited(visited) => {
                let lines = visited.visits.iter().map(|visit| visit_line(visit, entry.entry, released));
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
                    producer: opened.called(kept.exhibit.producer),
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
                    producer: opened.called(attached.exhibit.producer),
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
                        typed: None,
                        place: None,
                        by: None,
                        how: "By a concern that both recorded".to_owned(),
                        description: None,
                        raised: None,
                        when: Some(when(None)),
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
                text: format!("The recording broke off at {}: {because}", short(*since)),
                when: when(None),
            }),
            Body::ClockJumped(jump) => self.remarks.push(Remark {
                text: format!(
                    "The computer's clock jumped: it said {} where {} was to be expected.",
                    short(jump.after),
                    short(jump.before)
                ),
                when: when(None),
            }),
            Body::Recovered(recovered) => {
                self.remarks.push(Remark { text: mended(recovered), when: when(None) });
            }
            Body::Halted(halted) => {
                self.halts.push(halt(halted, opened, Some(when(None))));
            }
            Body::Isolated(isolated) => {
                let when = when(isolated.when.as_ref());
                self.isolations.push(isolation(isolated, opened, pack, Some(when)));
            }
            Body::Referred(referred) => {
                let when = when(referred.when.as_ref());
                self.referrals.push(referral(referred, opened, Some(when)));
            }
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
