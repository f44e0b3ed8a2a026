//! What both decided: the conclusion, and what is to be done.
//!
//! It judges nothing by itself; what is missing becomes room to write.

use super::cells::{LABELLED, field, or_blank, said, times, yes_no};
use super::content::Form;
use super::outline::Drawn;
use super::sheet::{BODY, SMALL};
use super::table::{Cell, Row, column};
use super::text::Style;
use countersign_record::journal::Action;

pub(super) fn conclusion(sheet: &mut impl Drawn, form: &Form) {
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

pub(super) fn actions(sheet: &mut impl Drawn, form: &Form) {
    sheet.heading(3, "Action", 80.0);
    let columns =
        [column("Action", 44.0), column("Proposed or taken", 14.0), column("By", 18.0), column("When", 24.0)];
    let rows = form.actions.iter().map(|action| {
        let state = match action.state.value {
            Action::Proposed => "Proposed",
            Action::Taken => "Taken",
        };
        let state = format!("{state}{}", action.state.note);
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
