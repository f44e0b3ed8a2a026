//! The lists that grow with a review: concerns, exhibits, pages visited, notes.
//!
//! It says nothing of why the case was opened or how it ended.

use super::cells::{FAINT, said, short, times};
use super::content::{Exhibit, Fate, Form};
use super::sheet::{BODY, SMALL, Sheet};
use super::table::{Cell, Row, column};
use super::text::Style;

pub(super) fn concerns(sheet: &mut Sheet, form: &Form) {
    sheet.heading(2, "Web sites or devices, and reasons for concern", 70.0);
    if form.concerns.is_empty() {
        sheet.paragraph("No concern was recorded.", BODY);
        return;
    }
    let columns = [column(form.labels.address.as_str(), 42.0), column(form.labels.concern.as_str(), 58.0)];
    let rows = form.concerns.iter().map(|concern| {
        let exhibits = match concern.exhibits.as_slice() {
            [] => String::new(),
            [one] => format!("Exhibit {one}. "),
            many => format!("Exhibits {}. ", many.join(", ")),
        };
        Row::of([
            said(&concern.at),
            Cell::styled(&concern.category, Style::bold(8.5))
                .and(&concern.reason, SMALL)
                .and(format!("{exhibits}{}", times(&concern.when)), FAINT),
        ])
    });
    sheet.table("Each web site or device with the reason for concern", &columns, rows);
}

pub(super) fn exhibits(sheet: &mut Sheet, form: &Form) {
    if form.exhibits.is_empty() {
        return;
    }
    sheet.heading(2, "Exhibits", 70.0);
    let columns = [
        column("Exhibit", 9.0),
        column("What it is, and where it came from", 47.0),
        column("Produced by", 18.0),
        column("When", 26.0),
    ];
    let rows = form.exhibits.iter().map(|exhibit| {
        let mut what = said(&exhibit.what);
        if let Some(address) = &exhibit.address {
            what = what.and(address, SMALL);
        }
        if exhibit.fate == Fate::LeftWhereItIs {
            what = what.and("Left where it is; not shown, printed or copied.", Style::bold(8.5));
        }
        for absence in &exhibit.absences {
            what = what.and(format!("Not in it: {absence}"), FAINT);
        }
        what = what.and(files_in_short(exhibit), FAINT);
        Row::of([
            Cell::styled(&exhibit.label, Style::bold(8.5)),
            what,
            said(&exhibit.producer),
            said(times(&exhibit.when)),
        ])
    });
    sheet.table("Exhibits with their producers and times", &columns, rows);
}

fn files_in_short(exhibit: &Exhibit) -> String {
    let codes: Vec<String> =
        exhibit.files.iter().take(6).map(|file| file.digest.to_string().chars().take(16).collect()).collect();
    let more = exhibit.files.len() - codes.len();
    let count = if exhibit.files.len() == 1 { "1 file" } else { &format!("{} files", exhibit.files.len()) };
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    if codes.is_empty() {
        return "No files.".to_owned();
    }
    format!("{count}; seal codes begin {}{tail}. In full in the appendix of the form.", codes.join(", "))
}

pub(super) fn visits(sheet: &mut Sheet, form: &Form) {
    if form.visits.is_empty() {
        return;
    }
    sheet.heading(2, "Pages visited", 70.0);
    let columns = [
        column("Time (UTC)", 15.0),
        column("Address and title", 62.0),
        column("Answer", 15.0),
        column("Entry", 8.0),
    ];
    let rows = form.visits.iter().map(|visit| {
        let mut address = said(&visit.address);
        if let Some(title) = &visit.title {
            address = address.and(title, FAINT);
        }
        if let Some(asked_for) = &visit.asked_for {
            address = address.and(format!("Asked for: {asked_for}"), FAINT);
        }
        Row::of([said(short(visit.time)), address, said(&visit.outcome), said(visit.entry.to_string())])
    });
    sheet.table("Pages visited, in order of time", &columns, rows);
}

pub(super) fn notes(sheet: &mut Sheet, form: &Form) {
    if form.notes.is_empty() && form.remarks.is_empty() {
        return;
    }
    sheet.heading(2, "Notes", 70.0);
    let columns = [column("Note", 72.0), column("When", 28.0)];
    let notes = form.notes.iter().map(|note| {
        let text = match note.corrects {
            Some(entry) => {
                Cell::styled(format!("Corrects entry {entry}"), Style::bold(8.5)).and(&note.text, SMALL)
            }
            None => said(&note.text),
        };
        Row::of([text, said(times(&note.when))])
    });
    let remarks = form.remarks.iter().map(|remark| {
        let text = Cell::styled("Told by the program", Style::bold(8.5)).and(&remark.text, SMALL);
        Row::of([text, said(times(&remark.when))])
    });
    sheet.table("Notes, corrections and what the program told", &columns, notes.chain(remarks));
}
