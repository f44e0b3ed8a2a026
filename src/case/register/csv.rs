//! The register as CSV (RFC 4180): commas, CRLF, every cell that needs it
//! quoted, and none that a spreadsheet would take for a formula, whatever it
//! parts cells by, or a reference for a number.
//!
//! It begins with a byte order mark: without it Excel takes UTF-8 for the
//! computer's old code page, and names with accents are garbled.

use unicode_normalization::UnicodeNormalization;

use super::Register;
use super::row::{Case, DueItem, HandedTo, Known, LastSeal, Row};
use countersign_record::journal::{self, Concerns, Hold};

pub(super) fn of(register: &Register) -> String {
    let mut text = format!("\u{feff}{}", line(COLUMNS.map(str::to_owned)));
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

fn seal(seal: &LastSeal) -> String {
    match seal.has_bundle {
        true => seal.number.to_string(),
        false => format!("{} (no bundle)", seal.number),
    }
}

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
        format!("{}{}", concerns(case.concerns.value), case.concerns.note),
        as_text(&case.subject.to_string()),
        joined(&case.categories, ToString::to_string),
        as_text(&first.to_string()),
        as_text(&second.to_string()),
        case.substance.map_or("", |found| if found { "yes" } else { "no" }).to_owned(),
        case.seal.as_ref().map(seal).unwrap_or_default(),
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
        Some(filed) if filed.hold.value == Hold::Legal => {
            format!("legal hold{} ({})", filed.hold.note, filed.review)
        }
        Some(filed) => format!("{}{}", filed.review, filed.hold.note),
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
/// has an apostrophe before it.
///
/// Where a computer's lists have semicolons, Excel parts a line at these and
/// not at commas, quotes or not: so what stands behind one, or behind a tab or
/// a line end, is seen to as well.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for (at, c) in text.char_indices() {
        if begins && is_formula(&text[at..]) {
            cell.push('\'');
        }
        begins = matches!(c, ';' | '\t' | '\r' | '\n');
        cell.push(c);
    }
    match cell.contains([',', ';', '"', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

/// Whether a cell that begins so may be a formula, once white space and quotes
/// before it are passed over. Full-width and small signs count as theirs.
fn is_formula(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let first = text.chars().find(|c| !c.is_whitespace() && *c != '"');
    first.is_some_and(|c| std::iter::once(c).nfkc().any(|sign| "=+-@\u{2212}".contains(sign)))
}

/// A school's reference or a name, with an apostrophe where a spreadsheet
/// would make a number, a date or a time of it: `000714` is not 714.
fn as_text(text: &str) -> String {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let is_kept_as_it_is = digits && text.len() <= 15 && !(text.len() > 1 && text.starts_with('0'));
    let is_a_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.chars().all(|c| c.is_ascii_digit() || " .,:/-%eE+".contains(c));
    match (is_a_number && !is_kept_as_it_is) || names_a_month(text) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// Whether it reads as a day of a month, such as `MAR1` or `1-Sept-09`.
fn names_a_month(text: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let parts = text.split(|c: char| c.is_ascii_digit() || " .,:/-".contains(c));
    let words: Vec<String> = parts.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    let [word] = words.as_slice() else { return false };
    let shortened = word.len() >= 3 && MONTHS.iter().any(|month| month.starts_with(word.as_str()));
    text.contains(|c: char| c.is_ascii_digit()) && shortened
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
            (" =1", "' =1"),
            ("\"=1\"", "\"'\"\"=1\"\"\""),
            ("＝1+1", "'＝1+1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠SUM(A1)", "'＠SUM(A1)"),
            ("﹦1", "'﹦1"),
            ("−1", "'−1"),
            ("x;=HYPERLINK(1)", "\"x;'=HYPERLINK(1)\""),
            ("x; \"=1\"", "\"x;' \"\"=1\"\"\""),
            ("x\t=1", "x\t'=1"),
            ("x\n@y", "\"x\n'@y\""),
            ("a; b", "\"a; b\""),
            ("7B-41", "7B-41"),
            ("", ""),
        ] {
            assert_eq!(cell(text), written, "{text:?}");
        }
    }

    #[test]
    fn a_reference_stays_text() {
        for text in [
            "000714",
            "0714",
            "1234567890123456",
            "1E5",
            "12e3",
            "3-4",
            "1/2",
            "2026-03-04",
            "10:30",
            "7.0",
            "50%",
            "MAR1",
            "1-Sept",
        ] {
            assert_eq!(as_text(text), format!("'{text}"));
        }
        for text in ["714", "0", "P-1234", "7B-41", "Zoë 2", "", "Mary", "May", "JS1", "Marsh 12"] {
            assert_eq!(as_text(text), text);
        }
    }
}
