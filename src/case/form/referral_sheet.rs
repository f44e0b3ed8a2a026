//! The sheet for the police: everything that they need at once, in words, and
//! no picture whatever the case.

use super::cells::{LABELLED, bullets, field, said, short};
use super::compose::{computer, group, who};
use super::content::{Form, Pictures};
use super::lists::{concerns, exhibits, notes, visits};
use super::sheet::{BODY, CODE, SMALL, Sheet};
use super::shortened::Lists;
use super::stopped::{isolation, referrals, stop};
use super::table::{Cell, Row, column};
use super::text::Style;
use crate::case::Written;
use crate::procedure::pack::{self, RouteDue, RouteTo};
use crate::procedure::{Reminder, State};
use countersign_record::clock::Time;
use countersign_record::journal::{Body, Id, Ledger, Restraint};

/// What the sheet says beside what the form says.
#[derive(Debug, Clone)]
pub struct ReferralSheet {
    /// Where the case lies on the designated computer.
    pub folder: String,
    /// The entry that stopped the case, if one has.
    pub stopped: Option<u64>,
    /// How many reports one person wrote down alone, each a file of its own,
    /// whether both have signed it since or not.
    pub alone: usize,
    /// Whom to tell.
    pub routes: Vec<Route>,
    /// How to leave each kind of computer or device.
    pub isolation: Vec<Leave>,
}

/// How to leave a kind of computer or device, in the procedure's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leave {
    /// The kind.
    pub device: String,
    /// What to do, one instruction each.
    pub instructions: Vec<String>,
}

/// Somebody to tell, in the procedure's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Whom.
    pub name: String,
    /// How to reach them.
    pub how: String,
    /// Why it applies.
    pub why: String,
    /// How soon.
    pub urgency: Urgency,
    /// Whether they were told already, as the record says.
    pub told: bool,
}

/// How soon somebody is to be told, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Before all others, if its reason holds.
    First,
    /// At once.
    Now,
    /// By then.
    By(Time),
    /// Where its reason holds.
    WhereItApplies,
}

impl ReferralSheet {
    /// The sheet, made at `now`, of the case that `ledger` tells and that lies
    /// in `folder`.
    ///
    /// Who was told by one person alone, which nobody signed yet, counts as
    /// told: nobody need ring twice.
    pub fn of(
        ledger: &Ledger,
        written: &[Written],
        state: &State<'_>,
        folder: String,
        now: Time,
    ) -> ReferralSheet {
        let due = state.due(now);
        let told = |id: &Id| {
            let tells = |body: &Body| matches!(body, Body::Referred(referred) if referred.route == *id);
            ledger.entries().iter().any(|entry| tells(&entry.body))
                || written.iter().filter_map(Written::to_body).any(|body| tells(&body))
        };
        let is_police = |route: &pack::Route| route.to == RouteTo::Police;
        let police_told = state.routes().any(|route| is_police(route) && told(&route.id));
        let urgency = |route: &pack::Route| {
            let due = due.iter().find(|due| due.reminder == Reminder::Refer(route.id.clone()));
            match due.map(|due| due.by) {
                Some(None) => Urgency::Now,
                Some(Some(by)) => Urgency::By(by),
                None if route.due == RouteDue::IfNeeded && is_police(route) && !police_told => Urgency::First,
                None => Urgency::WhereItApplies,
            }
        };
        let routes = state.routes().map(|route| Route {
            name: route.name.to_string(),
            how: route.how.as_str().replace(OWN_COPY, NUMBER),
            why: route.why.to_string(),
            urgency: urgency(route),
            told: told(&route.id),
        });
        let mut routes: Vec<Route> = routes.collect();
        routes.sort_by_key(|route| route.urgency);
        let leave = |kind: &pack::Isolation| Leave {
            device: kind.label.to_string(),
            instructions: kind.instructions.iter().map(ToString::to_string).collect(),
        };
        let isolation = state.pack().isolation().iter().map(leave).collect();
        let signed = ledger.entries().iter().filter(|entry| entry.body.written_alone().is_some()).count();
        ReferralSheet {
            folder,
            stopped: ledger.halted_at(),
            alone: written.len() + signed,
            routes,
            isolation,
        }
    }
}

pub(super) fn referral_sheet(sheet: &mut Sheet, form: &Form, referral: &ReferralSheet) {
    debug_assert!(matches!(form.pictures, Pictures::Withheld) || form.restraint != Restraint::Withhold);
    sheet.heading(1, &format!("Referral sheet: case {}", form.reference), 60.0);
    let words = "For the police and others who must know. Words only: this sheet has no pictures, and nothing \
                 was opened to make it. Times are UTC unless people said otherwise.";
    sheet.paragraph(words, BODY);
    let rule = match form.restraint {
        Restraint::None => None,
        Restraint::Police => {
            Some("Nobody looks further. Nothing is deleted. What was kept is safe and part of the record.")
        }
        Restraint::Withhold => {
            Some("Nobody looks again. Nothing is printed, copied, photographed, sent or deleted.")
        }
    };
    if let Some(rule) = rule {
        sheet.paragraph(rule, Style::bold(9.5));
    }
    let lists = &Lists::of(form);
    stop(sheet, form, lists);
    if !form.concerns.is_empty() {
        concerns(sheet, form);
    }
    if !form.referrals.is_empty() {
        referrals(sheet, form);
    }
    to_tell(sheet, referral);
    isolated(sheet, form, referral);
    present(sheet, form);
    computer(sheet, form);
    where_it_lies(sheet, form, referral);
    written(sheet, form, referral);
    if form.restraint != Restraint::Withhold {
        exhibits(sheet, lists);
    }
    notes(sheet, lists);
    visits(sheet, form, lists);
    continuity(sheet);
}

fn present(sheet: &mut Sheet, form: &Form) {
    sheet.heading(2, "Who was present, and why", 70.0);
    let [first, second] = &form.reviewers;
    let mut rows = vec![
        field("First reviewing person", said(first.name.to_string()).and(&first.position, SMALL)),
        field("Second reviewing person", said(second.name.to_string()).and(&second.position, SMALL)),
        field("School", said(group(form).unwrap_or_else(|| "Not said".to_owned()))),
        field("Address, and number to ring back", Cell::blank()).at_least(30.0),
        field("Opened", said(form.opened.in_words())),
        field("Reason for investigation", said(&form.reason)),
        field("Reported by", said(&form.reported_by)),
        field("Who is concerned", said(who(&form.concerned))),
        field(
            "Key to this reference is kept",
            said(form.concerned.key_kept.as_deref().unwrap_or("Not said")),
        ),
    ];
    if let Some(earlier) = &form.follows {
        rows.insert(5, field("Follows", said(format!("Case {earlier}"))));
    }
    sheet.fields("Who was present, and why the case was opened", &LABELLED, rows);
}

fn to_tell(sheet: &mut Sheet, referral: &ReferralSheet) {
    let left = |applies: bool| {
        let left = referral.routes.iter().filter(|route| !route.told);
        left.filter(move |route| (route.urgency == Urgency::WhereItApplies) == applies)
    };
    for (title, summary, applies) in [
        ("To be told, and not told yet", "Whom to tell who was not told yet, with room to write", false),
        (
            "To be told where the reason holds",
            "Whom to tell where the reason holds, with room to write",
            true,
        ),
    ] {
        let rows: Vec<Row> = left(applies).map(room_to_write).collect();
        if rows.is_empty() {
            continue;
        }
        sheet.heading(2, title, 90.0);
        let columns = [
            column("Whom, how to reach them, and why", 46.0),
            column("Who rang, and spoke to", 20.0),
            column("When", 13.0),
            column("Reference number", 21.0),
        ];
        sheet.table(summary, &columns, rows);
    }
}

fn room_to_write(route: &Route) -> Row {
    let name = match route.urgency {
        Urgency::First => format!("{}: first, if this is so", route.name),
        Urgency::Now => format!("{}: now", route.name),
        Urgency::By(by) => format!("{}: by the end of {}", route.name, by.day().format("%-d %B %Y")),
        Urgency::WhereItApplies => route.name.clone(),
    };
    let [then, last] = match route.urgency {
        Urgency::First => [&route.why, &route.how],
        _ => [&route.how, &route.why],
    };
    let whom = Cell::styled(&name, Style::bold(8.5)).and(then, SMALL).and(last, SMALL);
    Row::of([whom, Cell::blank(), Cell::blank(), Cell::blank()]).at_least(38.0)
}

/// What was done, or room to write it down.
fn isolated(sheet: &mut Sheet, form: &Form, referral: &ReferralSheet) {
    if !form.isolations.is_empty() {
        return isolation(sheet, form);
    }
    sheet.heading(2, "Isolation", 80.0);
    sheet.paragraph("Nothing is recorded yet. Write here how the computer or device was left.", BODY);
    let columns = [
        column("Computer or device", 16.0),
        column("What to do", 50.0),
        column("What was done, by whom, when", 34.0),
    ];
    let rows = referral
        .isolation
        .iter()
        .map(|kind| Row::of([Cell::label(&kind.device), said(bullets(&kind.instructions)), Cell::blank()]));
    sheet.table("How to leave each computer or device, with room to write what was done", &columns, rows);
}

fn where_it_lies(sheet: &mut Sheet, form: &Form, referral: &ReferralSheet) {
    sheet.heading(2, "Where the record lies", 50.0);
    let rows = vec![
        field("Folder on this computer", Cell::styled(&referral.folder, CODE)),
        field(
            "Files left where they are",
            said(match form.left.len() {
                0 => "None".to_owned(),
                1 => "1, in data/files there, under the seal code above".to_owned(),
                n => format!("{n}, in data/files there, each under its seal code above"),
            }),
        ),
    ];
    sheet.fields("Where the record lies on the designated computer", &LABELLED, rows);
}

fn written(sheet: &mut Sheet, form: &Form, referral: &ReferralSheet) {
    sheet.heading(2, "What this program wrote since the stop", 50.0);
    let since: Vec<_> =
        form.record.iter().filter(|line| referral.stopped.is_some_and(|stop| line.entry >= stop)).collect();
    let alone = match referral.alone {
        0 => String::new(),
        1 => " What one person wrote down alone: one file, written-alone-1.".to_owned(),
        n => format!(" What one person wrote down alone: {n} files, from written-alone-1 on."),
    };
    if since.is_empty() {
        let mark = "No entry yet. The mark of the stop: the file halt-raised, and a line in heads.";
        sheet.paragraph(&format!("{mark}{alone}"), BODY);
        return;
    }
    let entries = "Each of these is a small text file with two signatures, and a line in heads.";
    let mark = " The mark of the stop, if one person made it at once: the file halt-raised.";
    sheet.paragraph(&format!("{entries}{mark}{alone}"), BODY);
    let columns = [column("Entry", 12.0), column("When (UTC)", 30.0), column("What", 58.0)];
    let rows = since
        .into_iter()
        .map(|line| Row::of([said(line.entry.to_string()), said(short(line.time)), said(&line.what)]));
    sheet.table("Entries written since the case was stopped", &columns, rows);
}

fn continuity(sheet: &mut Sheet) {
    sheet.heading(2, "Continuity of the computer", 170.0);
    sheet.paragraph("Each person who takes the computer or a device over signs here.", BODY);
    let columns = [
        column("What was taken over", 28.0),
        column("Name and organisation", 28.0),
        column("Signature", 22.0),
        column("Date, time", 22.0),
    ];
    let rows = (0..4).map(|_| Row::of([0; 4].map(|_| Cell::blank())).at_least(32.0));
    sheet.table("Who took the computer over, with room to sign", &columns, rows);
    sheet.space(8.0);
    let rows = vec![
        field("This sheet was made by (name)", Cell::blank()).at_least(24.0),
        field("Signature, date and time", Cell::blank()).at_least(30.0),
    ];
    sheet.fields("Who made this sheet", &LABELLED, rows);
}

/// How a built-in procedure says that it knows no number. Whoever reads it on
/// paper has no copy at hand, and a pen.
const OWN_COPY: &str = "Write the number here in your school's own copy.";
const NUMBER: &str = "Number: ____________________";
