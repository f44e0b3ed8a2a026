//! The lists that grow with a review: concerns, exhibits, notes, pages
//! visited.
//!
//! What both decided is never shortened; what grows by itself is.

use super::cells::{FAINT, said, short, times};
use super::content::{Concern, Exhibit, Fate, Form, Visit};
use super::excerpt::{Part, count, entries};
use super::outline::Drawn;
use super::sheet::{BODY, SMALL};
use super::shortened::{Lists, gap, say_what_is_left_out};
use super::table::{Cell, Row, column};
use super::text::Style;
use countersign_record::journal::Restraint;

/// Of one exhibit, or of one concern.
const MOST_NAMED: usize = 12;

pub(super) fn concerns(sheet: &mut impl Drawn, form: &Form) {
    sheet.heading(2, "Web sites or devices, and reasons for concern", 70.0);
    if form.concerns.is_empty() {
        sheet.paragraph("No concern was recorded.", BODY);
        return;
    }
    let columns = [column(form.labels.address.as_str(), 42.0), column(form.labels.concern.as_str(), 58.0)];
    let rows = form.concerns.iter().map(|concern| {
        Row::of([
            said(concern.at.to_string()),
            Cell::styled(&concern.category, Style::bold(8.5))
                .and(&concern.reason, SMALL)
                .and(format!("{}{}", shown_by(concern), times(&concern.when)), FAINT),
        ])
    });
    sheet.table("Each web site or device with the reason for concern", &columns, rows);
}

fn shown_by(concern: &Concern) -> String {
    let (named, more) = concern.exhibits.split_at(concern.exhibits.len().min(MOST_NAMED));
    match (named, more.len()) {
        ([], _) => String::new(),
        ([one], 0) => format!("Exhibit {one}. "),
        (many, 0) => format!("Exhibits {}. ", many.join(", ")),
        (many, more) => format!("Exhibits {} and {} more. ", many.join(", "), count(more)),
    }
}

pub(super) fn exhibits(sheet: &mut impl Drawn, lists: &Lists<'_>) {
    let exhibits = &lists.exhibits;
    if exhibits.is_empty() {
        return;
    }
    sheet.heading(2, "Exhibits", 70.0);
    let those = "those that a concern names, the first and the last";
    say_what_is_left_out(sheet, exhibits, "exhibits", those, |some| {
        entries(some.iter().map(|exhibit| exhibit.when.entry))
    });
    let columns = [
        column("Exhibit", 9.0),
        column("What it is, and where it came from", 47.0),
        column("Produced by", 18.0),
        column("When", 26.0),
    ];
    let rows = exhibits.parts().map(|part| match part {
        Part::Shown(exhibit) => Row::of([
            Cell::styled(&exhibit.label, Style::bold(8.5)),
            described(exhibit),
            said(&exhibit.producer),
            said(times(&exhibit.when)),
        ]),
        Part::LeftOut(some) => gap(
            1,
            4,
            some.len(),
            ["exhibit", "exhibits"],
            &entries(some.iter().map(|exhibit| exhibit.when.entry)),
        ),
    });
    sheet.table("Exhibits with their producers and times", &columns, rows);
}

fn described(exhibit: &Exhibit) -> Cell {
    let mut what = said(&exhibit.what);
    if let Some(address) = &exhibit.address {
        what = what.and(address, SMALL);
    }
    if exhibit.fate == Fate::LeftWhereItIs {
        what = what.and("Left where it is; not shown, printed or copied.", Style::bold(8.5));
    }
    if let Some(unfinished) = &exhibit.unfinished {
        what = what.and(unfinished, Style::bold(8.5));
    }
    let shown = exhibit.absences.len().min(MOST_NAMED);
    let all = exhibit.absences_in_all as usize;
    if all > shown {
        what = what.and(
            format!(
                "Not in it: {} in all, each of which the record names. The first {}:",
                count(all),
                count(shown)
            ),
            FAINT,
        );
    }
    for absence in &exhibit.absences[..shown] {
        what = what.and(format!("Not in it: {absence}"), FAINT);
    }
    what.and(files_in_short(exhibit), FAINT)
}

fn files_in_short(exhibit: &Exhibit) -> String {
    let codes: Vec<String> =
        exhibit.files.iter().take(6).map(|file| file.digest.to_string().chars().take(16).collect()).collect();
    let more = exhibit.files.len() - codes.len();
    let files =
        if exhibit.files.len() == 1 { "1 file" } else { &format!("{} files", count(exhibit.files.len())) };
    let tail = if more > 0 { format!(" and {} more", count(more)) } else { String::new() };
    if codes.is_empty() {
        return "No files.".to_owned();
    }
    format!("{files}; seal codes begin {}{tail}. In full in the appendix of the form.", codes.join(", "))
}

pub(super) fn notes(sheet: &mut impl Drawn, lists: &Lists<'_>) {
    if lists.notes.is_empty() && lists.remarks.is_empty() {
        return;
    }
    sheet.heading(2, "Notes", 70.0);
    let those = "corrections, the first and the last";
    say_what_is_left_out(sheet, &lists.notes, "notes", those, |some| {
        entries(some.iter().map(|note| note.when.entry))
    });
    let those = "the first and the last";
    say_what_is_left_out(sheet, &lists.remarks, "remarks of the program", those, |some| {
        entries(some.iter().map(|remark| remark.when.entry))
    });
    let columns = [column("Note", 72.0), column("When", 28.0)];
    let notes = lists.notes.parts().map(|part| match part {
        Part::Shown(note) => {
            let text = match note.corrects {
                Some(entry) => {
                    Cell::styled(format!("Corrects entry {entry}"), Style::bold(8.5)).and(&note.text, SMALL)
                }
                None => said(&note.text),
            };
            Row::of([text, said(times(&note.when))])
        }
        Part::LeftOut(some) => {
            gap(0, 2, some.len(), ["note", "notes"], &entries(some.iter().map(|note| note.when.entry)))
        }
    });
    let remarks = lists.remarks.parts().map(|part| match part {
        Part::Shown(remark) => {
            let text = Cell::styled("Told by the program", Style::bold(8.5)).and(&remark.text, SMALL);
            Row::of([text, said(times(&remark.when))])
        }
        Part::LeftOut(some) => gap(
            0,
            2,
            some.len(),
            ["remark of the program", "remarks of the program"],
            &entries(some.iter().map(|remark| remark.when.entry)),
        ),
    });
    sheet.table("Notes, corrections and what the program told", &columns, notes.chain(remarks));
}

pub(super) fn visits(sheet: &mut impl Drawn, form: &Form, lists: &Lists<'_>) {
    let visits = &lists.visits;
    if visits.is_empty() {
        return;
    }
    sheet.heading(2, "Pages visited", 70.0);
    let those = "those kept or of concern with the ones beside them, the first and the last";
    say_what_is_left_out(sheet, visits, "pages visited", those, |some| {
        entries(some.iter().map(|visit| visit.entry))
    });
    let is_withheld = form.restraint == Restraint::Withhold;
    if is_withheld {
        sheet.paragraph(
            "Titles of pages are left out, as all that the pages show. The record has them.",
            SMALL,
        );
    }
    let columns = [
        column("Time (UTC)", 15.0),
        column(if is_withheld { "Address" } else { "Address and title" }, 62.0),
        column("Answer", 15.0),
        column("Entry", 8.0),
    ];
    let rows = visits.parts().map(|part| match part {
        Part::Shown(visit) => visited(visit),
        Part::LeftOut(some) => gap(
            1,
            4,
            some.len(),
            ["page visited", "pages visited"],
            &entries(some.iter().map(|visit| visit.entry)),
        ),
    });
    sheet.table("Pages visited, in order of time", &columns, rows);
}

fn visited(visit: &Visit) -> Row {
    let mut address = said(&visit.address);
    if let Some(title) = &visit.title {
        address = address.and(title, FAINT);
    }
    if let Some(asked_for) = &visit.asked_for {
        address = address.and(format!("Asked for: {asked_for}"), FAINT);
    }
    let mut outcome = visit.outcome.clone();
    for label in &visit.kept_as {
        outcome.push_str(&format!("; kept as {label}"));
    }
    Row::of([said(short(visit.time)), address, said(outcome), said(visit.entry.to_string())])
}
