//! The register as CSV (RFC 4180): commas, CRLF, every cell that needs it
//! quoted, and none that a spreadsheet would take for a formula.

use super::Register;
use super::row::{Case, DueItem, HandedTo, Known, Row};
use crate::journal::{self, Concerns, Hold};

pub(super) fn of(register: &Register) -> String {
    let mut text = line(COLUMNS.map(str::to_owned));
    for row in &register.cases {
        text.push_str(&line(cells(row)));
    }
    text
}

const COLUMNS: [&str; 17] = [
    "reference",
    "opened",
    "phase",
    "standing",
    "concerns",
    "subject",
    "categories",
    "first_reviewer",
    "second_reviewer",
    "substance",
    "seal",
    "sealed",
    "handed_over",
    "retention",
    "review",
    "due",
    "fault",
];

fn cells(row: &Row) -> [String; 17] {
    let reference = row.reference.to_string();
    let case = match &row.known {
        Known::Read(case) => case,
        Known::Unread { fault } => {
            let mut cells: [String; 17] = Default::default();
            cells[0] = reference;
            cells[16] = fault.to_string();
            return cells;
        }
    };
    let [first, second] = &case.reviewers;
    [
        reference,
        case.opened.to_string(),
        case.phase.id().to_owned(),
        standing(case).to_owned(),
        concerns(case.concerns).to_owned(),
        case.subject.to_string(),
        joined(&case.categories, ToString::to_string),
        first.to_string(),
        second.to_string(),
        case.substance.map_or("", |found| if found { "yes" } else { "no" }).to_owned(),
        case.seal.as_ref().map(|seal| seal.number.to_string()).unwrap_or_default(),
        case.seal.as_ref().map(|seal| seal.sealed.to_string()).unwrap_or_default(),
        joined(&case.handed_over, handed),
        case.filed.as_ref().map(|filed| filed.retention.to_string()).unwrap_or_default(),
        review(case),
        joined(&case.due, due),
        String::new(),
    ]
}

fn standing(case: &Case) -> &'static str {
    match case.standing {
        journal::Standing::Case => "case",
        journal::Standing::Rehearsal => "REHEARSAL",
    }
}

fn concerns(who: Concerns) -> &'static str {
    match who {
        Concerns::Pupil => "pupil",
        Concerns::Staff => "staff",
        Concerns::Other => "other",
    }
}

fn handed(handed: &HandedTo) -> String {
    format!("seal {} to {}, {}, {}", handed.seal, handed.to, handed.organisation, handed.when)
}

fn review(case: &Case) -> String {
    match &case.filed {
        None => String::new(),
        Some(filed) if filed.hold == Hold::Legal => format!("legal hold ({})", filed.review),
        Some(filed) => filed.review.to_string(),
    }
}

fn due(due: &DueItem) -> String {
    match due.by {
        Some(by) => format!("{} (by {})", due.words, by.day()),
        None => due.words.clone(),
    }
}

fn joined<T>(items: &[T], word: impl Fn(&T) -> String) -> String {
    items.iter().map(word).collect::<Vec<_>>().join("; ")
}

fn line(cells: [String; 17]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that is text to every spreadsheet: what it would take for a formula
/// begins with an apostrophe.
fn cell(text: &str) -> String {
    let text = match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match text.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_it_says() {
        for (text, written) in [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("=1+1", "'=1+1"),
            ("+44", "'+44"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            (
                "=HYPERLINK(\"http://example.com\",\"a\")",
                "\"'=HYPERLINK(\"\"http://example.com\"\",\"\"a\"\")\"",
            ),
            ("", ""),
        ] {
            assert_eq!(cell(text), written, "{text:?}");
        }
    }
}
