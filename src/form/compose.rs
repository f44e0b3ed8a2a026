//! The form on its pages: which part of what it says stands where, under
//! which heading.
//!
//! It decides no words about a case beyond labels, and measures nothing.

use super::about::About;
use super::appendix::appendix;
use super::content::{Concerned, Exhibit, Fate, Form, When};
use super::plates::pictures;
use super::sheet::{BODY, CODE, Furniture, SMALL, Sheet};
use super::table::{Cell, Row, column};
use super::text::Style;
use crate::clock::Time;
use crate::journal::{Action, Answer, Concerns, Restraint, Standing};

/// Everything but the seal sheet.
pub(super) fn form(sheet: &mut Sheet, form: &Form) {
    title(sheet, form);
    the_case(sheet, form);
    reviewers(sheet, form);
    computer(sheet, form);
    concerns(sheet, form);
    stop(sheet, form);
    isolation(sheet, form);
    referrals(sheet, form);
    conclusion(sheet, form);
    actions(sheet, form);
    exhibits(sheet, form);
    visits(sheet, form);
    notes(sheet, form);
    appendix(sheet, form);
    pictures(sheet, form);
}

/// What stands on every page.
pub(super) fn furniture(form: &Form) -> Furniture {
    Furniture {
        head_left: form.group.clone().unwrap_or_else(|| form.labels.title.to_string()),
        head_right: format!("Case {}", form.reference),
        foot_left: format!("Made {} by Countersign {}", form.made.in_words(), form.program.version),
        banner: match form.standing {
            Standing::Case => None,
            Standing::Rehearsal => Some(super::REHEARSAL),
        },
    }
}

/// What the file says about itself.
pub(super) fn about(form: &Form, suffix: &str) -> About {
    let rehearsal = match form.standing {
        Standing::Case => "",
        Standing::Rehearsal => "REHEARSAL: ",
    };
    About {
        title: format!("{rehearsal}{}, case {}{suffix}", form.labels.title, form.reference),
        made: form.made,
        identifier: format!("countersign:form:{}:{}", form.reference, form.made),
        producer: format!("Countersign {}", form.program.version),
    }
}

/// The shares of a label and of what it says.
pub(super) const LABELLED: [f32; 2] = [27.0, 73.0];

fn title(sheet: &mut Sheet, form: &Form) {
    sheet.heading(1, form.labels.title.as_str(), 40.0);
    sheet.paragraph(&format!("{}. Times are UTC unless people said otherwise.", form.labels.subtitle), SMALL);
    if form.standing == Standing::Rehearsal {
        let words = "This is a rehearsal. The people, pages and decisions in it are made up for practice.";
        sheet.paragraph(words, Style::bold(9.5));
    }
    let stopped = match form.restraint {
        Restraint::None => return,
        Restraint::Police => "This case was stopped. It goes to the police.",
        Restraint::Withhold => {
            "This case was stopped. What was kept is left where it is: it is not shown, printed or copied, \
             and this form has no pictures."
        }
    };
    sheet.paragraph(stopped, Style::bold(9.5));
}

fn the_case(sheet: &mut Sheet, form: &Form) {
    let labels = &form.labels;
    sheet.heading(2, "The case", 60.0);
    let follows = form.follows.as_ref().map(|earlier| format!(" (follows case {earlier})"));
    let rows = vec![
        field(labels.group.as_str(), or_blank(form.group.as_deref())),
        field("Case reference", said(format!("{}{}", form.reference, follows.unwrap_or_default()))),
        field(labels.date.as_str(), said(form.opened.in_words())),
        field(labels.reason.as_str(), said(&form.reason)),
        field("Reported by", said(&form.reported_by)),
        field("Who is concerned", said(who(&form.concerned))),
        field("Key to this reference is kept", or_blank(form.concerned.key_kept.as_deref())),
        field("Something illegal suspected at the start", said(yes_no(form.suspected_illegal))),
    ];
    sheet.fields("The case: group, reference, date, reason and who is concerned", &LABELLED, rows);
}

pub(super) fn who(concerned: &Concerned) -> String {
    let who = match concerned.who {
        Concerns::Pupil => "A pupil",
        Concerns::Staff => "A member of staff",
        Concerns::Other => "Somebody else",
    };
    format!("{who}, known here as {}", concerned.reference)
}

fn reviewers(sheet: &mut Sheet, form: &Form) {
    let labels = &form.labels;
    sheet.heading(2, "Reviewing persons", 140.0);
    let [first, second] = &form.reviewers;
    let row = |label: &str, a: Cell, b: Cell| Row::of([Cell::label(label), a, b]);
    let columns = [
        column("Person", 16.0),
        column(labels.first_reviewer.as_str(), 42.0),
        column(labels.second_reviewer.as_str(), 42.0),
    ];
    let rows = [
        row(labels.name.as_str(), said(&first.name), said(&second.name)),
        row(labels.position.as_str(), said(&first.position), said(&second.position)),
        row(labels.signature.as_str(), Cell::blank(), Cell::blank()).at_least(44.0),
        row("Date signed", Cell::blank(), Cell::blank()).at_least(22.0),
    ];
    sheet.table("The two reviewing persons, with room for their signatures", &columns, rows);
}

pub(super) fn computer(sheet: &mut Sheet, form: &Form) {
    sheet.heading(2, form.labels.computer.as_str(), 60.0);
    let mut rows = vec![
        field("Name", said(&form.computer.name)),
        field("Location", said(&form.computer.location)),
        field("As the program saw it", said(&form.computer.seen)),
        field("Confirmed by both", said(bullets(&form.confirmations))),
    ];
    if let Some(exemptions) = &form.filter_exemptions {
        rows.push(field("Filtering lifted", said(exemptions)));
    }
    sheet.fields("The designated computer and what both confirmed about it", &LABELLED, rows);
}

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

/// Smaller text for entry numbers and times.
pub(super) const FAINT: Style = Style::regular(7.2);

pub(super) fn stop(sheet: &mut Sheet, form: &Form) {
    if form.restraint == Restraint::None && form.halts.is_empty() {
        return;
    }
    sheet.heading(2, "The case was stopped", 70.0);
    if form.halts.is_empty() {
        let words = if form.suspected_illegal {
            "Something illegal was suspected at the start, so nothing was reviewed."
        } else {
            "The stop is raised and still to be recorded by both."
        };
        sheet.paragraph(words, BODY);
    }
    for halt in &form.halts {
        let raised = halt.raised.map_or_else(|| short(halt.when.recorded), short);
        let mut rows = vec![
            field("Category", or_none(halt.category.as_deref(), "None was chosen; the strictest rule holds")),
            field("How", said(&halt.how)),
            field("Stopped", said(raised)),
            field("Recorded", said(entry(&halt.when))),
        ];
        if let Some(by) = &halt.by {
            rows.insert(1, field("Raised by", said(by)));
        }
        // What was seen comes first: it is what the police ask.
        if let Some(description) = &halt.description {
            rows.insert(1, field("In words", said(description)));
        }
        sheet.fields("How the case was stopped", &LABELLED, rows);
    }
    if form.restraint == Restraint::Withhold {
        left_where_it_is(sheet, form);
    }
}

fn left_where_it_is(sheet: &mut Sheet, form: &Form) {
    sheet.heading(3, "Left where it is", 50.0);
    if form.left.is_empty() {
        sheet.paragraph("Nothing had been kept when the case was stopped.", BODY);
        return;
    }
    let words = "These files lie on the designated computer. They were not deleted and are not shown, printed \
                 or copied. They are named here so that the police can find them.";
    sheet.paragraph(words, BODY);
    let columns = [column("What", 36.0), column("Entry", 8.0), column("Seal code", 56.0)];
    let rows = form.left.iter().map(|left| {
        Row::of([said(&left.what), said(left.entry.to_string()), Cell::styled(left.digest.to_string(), CODE)])
    });
    sheet.table("Files that are left where they are", &columns, rows);
}

pub(super) fn isolation(sheet: &mut Sheet, form: &Form) {
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
        Row::of([said(&what), or_blank(isolation.by.as_deref()), said(times(&isolation.when))])
    });
    sheet.table("What was isolated, by whom and when", &columns, rows);
}

pub(super) fn referrals(sheet: &mut Sheet, form: &Form) {
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
        let rows = vec![
            field("Reported to", said(&referral.to)),
            field("By whom", or_blank(referral.by.as_deref())),
            field("Spoke to", or_blank(referral.contact.as_deref())),
            field("When", said(times(&referral.when))),
            field("Reference number", or_blank(referral.reference.as_deref())),
            field("What was said and advised", or_blank(referral.advice.as_deref())),
            field("What is to be done with the computer", instruction(referral.computer.as_deref())),
            field("What they found", or_blank(referral.answer.map(found))),
        ];
        sheet.fields("Who was told, when, and what they advised", &LABELLED, rows);
    }
}

/// The police's instruction is looked for in a hurry.
fn instruction(words: Option<&str>) -> Cell {
    words.map_or_else(Cell::blank, |words| Cell::styled(words, Style::bold(8.5)))
}

fn found(answer: Answer) -> &'static str {
    match answer {
        Answer::Confirmed => "Confirmed: they go on with it.",
        Answer::NotConfirmed => "Not confirmed: the school goes on by its own procedures.",
    }
}

fn conclusion(sheet: &mut Sheet, form: &Form) {
    sheet.heading(2, form.labels.conclusion.as_str(), 80.0);
    let Some((last, earlier)) = form.judgements.split_last() else {
        let rows = [
            field("The concern has substance", said("Yes  ☐      No  ☐")).at_least(22.0),
            field("Because", Cell::blank()).at_least(70.0),
        ];
        sheet.paragraph("No judgement is recorded.", BODY);
        sheet.fields("Room to write the conclusion", &LABELLED, rows);
        return;
    };
    for judgement in earlier {
        let words = format!(
            "Judged before: {}. {} ({})",
            if judgement.substance { "the concern has substance" } else { "the concern has no substance" },
            judgement.because,
            times(&judgement.when)
        );
        sheet.paragraph(&words, SMALL);
    }
    let rows = vec![
        field("The concern has substance", Cell::styled(yes_no(last.substance), Style::bold(9.5))),
        field("Because", said(&last.because)),
        field("Judged by", said(format!("{} and {}", form.reviewers[0].name, form.reviewers[1].name))),
        field("When", said(times(&last.when))),
    ];
    sheet.fields("What both concluded, and why", &LABELLED, rows);
}

fn actions(sheet: &mut Sheet, form: &Form) {
    sheet.heading(3, "Action", 80.0);
    let columns =
        [column("Action", 44.0), column("Proposed or taken", 14.0), column("By", 18.0), column("When", 24.0)];
    let rows = form.actions.iter().map(|action| {
        let state = match action.state {
            Action::Proposed => "Proposed",
            Action::Taken => "Taken",
        };
        Row::of([
            Cell::styled(&action.route, Style::bold(8.5)).and(&action.what, SMALL),
            said(state),
            or_blank(action.by.as_deref()),
            said(times(&action.when)),
        ])
    });
    let room =
        std::iter::once(Row::of([Cell::blank(), Cell::blank(), Cell::blank(), Cell::blank()]).at_least(30.0));
    sheet.table("Actions proposed or taken, with a line to write on", &columns, rows.chain(room));
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

pub(super) fn field(label: &str, value: Cell) -> Row {
    Row::of([Cell::label(label), value])
}

pub(super) fn said(text: impl Into<String>) -> Cell {
    Cell::text(text)
}

/// What is not known is left open, to be written in.
fn or_blank(text: Option<&str>) -> Cell {
    text.map_or_else(Cell::blank, Cell::text)
}

fn or_none(text: Option<&str>, none: &str) -> Cell {
    Cell::text(text.unwrap_or(none))
}

fn bullets(statements: &[String]) -> String {
    if statements.is_empty() {
        return "Nothing was confirmed.".to_owned();
    }
    statements.iter().map(|statement| format!("•  {statement}")).collect::<Vec<_>>().join("\n")
}

fn yes_no(answer: bool) -> &'static str {
    if answer { "Yes" } else { "No" }
}

/// `22 Nov 2026 14:30:05`.
pub(super) fn short(time: Time) -> String {
    let clock: String = time.to_string().chars().skip(11).take(8).collect();
    format!("{} {clock}", time.day().format("%-d %b %Y"))
}

fn entry(when: &When) -> String {
    format!("{} (entry {})", short(when.recorded), when.entry)
}

/// When it happened, where people said so, and when it was recorded.
fn times(when: &When) -> String {
    match &when.happened {
        Some(happened) => format!("Happened: {happened}\nRecorded: {}", entry(when)),
        None => format!("Recorded: {}", entry(when)),
    }
}

/// The beginning of a long text.
pub(super) fn shortened(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
