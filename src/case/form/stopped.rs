//! What a stopped case adds: how it was stopped, what was left where it is,
//! what was isolated and who was told.
//!
//! It knows no files, only the names and seal codes of those that stay.

use super::cells::{LABELLED, entry, field, or_blank, or_none, said, short, times};
use super::content::{Form, When};
use super::excerpt::{Part, entries};
use super::outline::Drawn;
use super::sheet::{BODY, CODE};
use super::shortened::{Lists, gap, say_what_is_left_out};
use super::table::{Cell, Row, column};
use super::text::Style;
use countersign_record::journal::Restraint;

pub(super) fn stop(sheet: &mut impl Drawn, form: &Form, lists: &Lists<'_>) {
    if form.restraint == Restraint::None && form.halts.is_empty() {
        return;
    }
    sheet.heading(2, "The case was stopped", 70.0);
    if form.halts.is_empty() {
        let how = match form.suspected_illegal {
            true => "Something illegal was suspected at the start, so nothing was reviewed.",
            false => "One of the reviewing persons stopped it. Both are still to put that on record.",
        };
        sheet.paragraph(how, BODY);
    }
    for halt in &form.halts {
        let stopped = halt.raised.or(halt.when.as_ref().map(|when| when.recorded));
        let stopped = stopped.map_or_else(|| "Not known".to_owned(), |time| format!("{} UTC", short(time)));
        let recorded = halt.when.as_ref().map_or("Not yet: both are still to sign it".to_owned(), entry);
        let none = halt.typed.as_ref().map_or_else(
            || "None was chosen; the strictest rule holds".to_owned(),
            |typed| format!("\"{typed}\" was typed, which stops no case here; the strictest rule holds"),
        );
        let mut rows = vec![
            field("Category", or_none(halt.category.as_deref(), &none)),
            field("How", said(&halt.how)),
            field("Stopped", said(stopped)),
            field("Recorded", said(recorded)),
        ];
        rows.extend(halt.afterwards.iter().map(|words| field("Said afterwards", said(words))));
        if let Some(keeping) = &halt.keeping {
            rows.insert(1, field("Being kept then, as the program saw it", said(keeping)));
        }
        if let Some(screen) = &halt.screen {
            rows.insert(1, field("On the screen then, as the program saw it", said(screen)));
        }
        if let Some(by) = &halt.by {
            rows.insert(1, field("Raised by", said(by)));
        }
        if let Some(place) = &halt.place {
            rows.insert(1, field("Where", said(place)));
        }
        // What was seen comes first: it is what the police ask.
        if let Some(description) = &halt.description {
            rows.insert(1, field("In words", said(description)));
        }
        sheet.fields("How the case was stopped", &LABELLED, rows);
    }
    if form.restraint == Restraint::Withhold {
        left_where_it_is(sheet, lists);
    }
}

fn left_where_it_is(sheet: &mut impl Drawn, lists: &Lists<'_>) {
    sheet.heading(3, "Left where it is", 50.0);
    if lists.left.is_empty() {
        sheet.paragraph("Nothing had been kept when the case was stopped.", BODY);
        return;
    }
    let words = "These files lie on the designated computer. They were not deleted and are not shown, printed \
                 or copied. They are named here so that the police can find them.";
    sheet.paragraph(words, BODY);
    let those = "the first and the last";
    say_what_is_left_out(sheet, &lists.left, "files left where they are", those, |some| {
        entries(some.iter().map(|left| left.entry))
    });
    let columns = [column("What", 36.0), column("Entry", 8.0), column("Seal code", 56.0)];
    let rows = lists.left.parts().map(|part| match part {
        Part::Shown(left) => Row::of([
            said(&left.what),
            said(left.entry.to_string()),
            Cell::styled(left.digest.to_string(), CODE),
        ]),
        Part::LeftOut(some) => {
            gap(0, 3, some.len(), ["file", "files"], &entries(some.iter().map(|left| left.entry)))
        }
    });
    sheet.table("Files that are left where they are", &columns, rows);
}

pub(super) fn isolation(sheet: &mut impl Drawn, form: &Form) {
    if form.isolations.is_empty() {
        return;
    }
    sheet.heading(2, "Isolation", 60.0);
    let columns = [column("What was isolated, and how", 46.0), column("By", 20.0), column("When", 34.0)];
    let rows = form.isolations.iter().map(|isolation| {
        let what = match &isolation.changes {
            Some(changes) => format!("{}\nChanged since: {changes}", isolation.what),
            None => isolation.what.clone(),
        };
        let what = match &isolation.alone {
            Some(alone) => format!("{what}\n{alone}"),
            None => what,
        };
        let when = recorded(isolation.when.as_ref(), isolation.happened.as_deref());
        Row::of([said(&what), or_blank(isolation.by.as_deref()), said(when)])
    });
    sheet.table("What was isolated, by whom and when", &columns, rows);
}

pub(super) fn referrals(sheet: &mut impl Drawn, form: &Form) {
    if form.referrals.is_empty() && form.restraint == Restraint::None {
        return;
    }
    sheet.heading(2, "Referral", 90.0);
    if form.referrals.is_empty() {
        let rows = ["Reported to", "By whom", "Spoke to", "When", "Reference number"]
            .into_iter()
            .map(|label| field(label, Cell::blank()).at_least(22.0))
            .chain([field("What was said and advised", Cell::blank()).at_least(60.0)]);
        sheet.paragraph("Nothing is recorded yet. Write here who was told.", BODY);
        sheet.fields("Room to write who was told", &LABELLED, rows);
    }
    for referral in &form.referrals {
        let mut rows = vec![
            field("Reported to", said(&referral.to)),
            field("By whom", or_blank(referral.by.as_deref())),
            field("Spoke to", or_blank(referral.contact.as_deref())),
            field("When", said(recorded(referral.when.as_ref(), referral.happened.as_deref()))),
            field("Reference number", or_blank(referral.reference.as_deref())),
            field("What was said and advised", or_blank(referral.advice.as_deref())),
            field("What is to be done with the computer", instruction(referral.computer.as_deref())),
            field("What they found", or_blank(referral.answer.as_deref())),
        ];
        if let Some(alone) = &referral.alone {
            rows.insert(1, field("Written down", Cell::styled(alone, Style::bold(8.5))));
        }
        sheet.fields("Who was told, when, and what they advised", &LABELLED, rows);
    }
}

fn recorded(when: Option<&When>, happened: Option<&str>) -> String {
    match (when, happened) {
        (Some(when), _) => times(when),
        (None, Some(happened)) => format!("Happened: {happened}\nRecorded: not yet"),
        (None, None) => "Recorded: not yet".to_owned(),
    }
}

/// The police's instruction is looked for in a hurry.
fn instruction(words: Option<&str>) -> Cell {
    words.map_or_else(Cell::blank, |words| Cell::styled(words, Style::bold(8.5)))
}
