//! The form on its pages: which part of what it says stands where, under
//! which heading.
//!
//! It decides no words about a case beyond labels, and measures nothing.

use super::about::About;
use super::appendix::appendix;
use super::cells::{LABELLED, bullets, field, or_blank, said, yes_no};
use super::content::{Concerned, Form};
use super::decision::{actions, conclusion};
use super::lists::{concerns, exhibits, notes, visits};
use super::outline::Drawn;
use super::plates::pictures;
use super::sheet::{Furniture, SMALL, Sheet};
use super::shortened::Lists;
use super::stopped::{isolation, referrals, stop};
use super::table::{Cell, Row, column};
use super::text::Style;
use countersign_record::journal::{Concerns, Restraint, Standing};

/// Everything but the seal sheet.
pub(super) fn form(sheet: &mut Sheet, form: &Form) {
    let lists = &Lists::of(form);
    words(sheet, form, lists);
    appendix(sheet, form, lists);
    pictures(sheet, form);
}

/// What people read and sign: all but the appendix and the pictures.
pub(super) fn words(sheet: &mut impl Drawn, form: &Form, lists: &Lists<'_>) {
    title(sheet, form, lists);
    the_case(sheet, form);
    reviewers(sheet, form);
    computer(sheet, form);
    concerns(sheet, form);
    stop(sheet, form, lists);
    isolation(sheet, form);
    referrals(sheet, form);
    conclusion(sheet, form);
    actions(sheet, form);
    exhibits(sheet, lists);
    notes(sheet, lists);
    visits(sheet, form, lists);
}

/// What stands on every page.
pub(super) fn furniture(form: &Form) -> Furniture {
    Furniture {
        head_left: form.group.value.clone().unwrap_or_else(|| form.labels.title.to_string()),
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

fn title(sheet: &mut impl Drawn, form: &Form, lists: &Lists<'_>) {
    sheet.heading(1, form.labels.title.as_str(), 40.0);
    sheet.paragraph(&format!("{}. Times are UTC unless people said otherwise.", form.labels.subtitle), SMALL);
    if form.standing == Standing::Rehearsal {
        let words = "This is a rehearsal. The people, pages and decisions in it are made up for practice.";
        sheet.paragraph(words, Style::bold(9.5));
    }
    if let Some(sentence) = lists.sentence() {
        sheet.paragraph(&sentence, Style::bold(9.5));
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

fn the_case(sheet: &mut impl Drawn, form: &Form) {
    let labels = &form.labels;
    sheet.heading(2, "The case", 60.0);
    let follows = form.follows.as_ref().map(|earlier| format!(" (follows case {earlier})"));
    let rows = vec![
        field(labels.group.as_str(), group(form).map_or_else(Cell::blank, said)),
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

/// The group or school, with what it was; none where it was never said.
pub(super) fn group(form: &Form) -> Option<String> {
    let note = &form.group.note;
    match &form.group.value {
        Some(group) => Some(format!("{group}{note}")),
        None => (!note.is_empty()).then(|| format!("Not said{note}")),
    }
}

pub(super) fn who(concerned: &Concerned) -> String {
    let who = match concerned.who.value {
        Concerns::Pupil => "A pupil",
        Concerns::Staff => "A member of staff",
        Concerns::Other => "Somebody else",
    };
    format!("{who}{}, known here as {}", concerned.who.note, concerned.reference)
}

fn reviewers(sheet: &mut impl Drawn, form: &Form) {
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
        row(labels.name.as_str(), said(first.name.to_string()), said(second.name.to_string())),
        row(labels.position.as_str(), said(&first.position), said(&second.position)),
        row(labels.signature.as_str(), Cell::blank(), Cell::blank()).at_least(44.0),
        row("Date signed", Cell::blank(), Cell::blank()).at_least(22.0),
    ];
    sheet.table("The two reviewing persons, with room for their signatures", &columns, rows);
}

pub(super) fn computer(sheet: &mut impl Drawn, form: &Form) {
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
