//! What stands in the cells of the form: labels, words, times, room to write.
//!
//! It places nothing on a page.

use super::content::When;
use super::table::{Cell, Row};
use super::text::Style;
use countersign_record::clock::Time;

/// The shares of a label and of what it says.
pub(super) const LABELLED: [f32; 2] = [27.0, 73.0];

/// Smaller text for entry numbers and times.
pub(super) const FAINT: Style = Style::regular(7.2);

pub(super) fn field(label: &str, value: Cell) -> Row {
    Row::of([Cell::label(label), value])
}

pub(super) fn said(text: impl Into<String>) -> Cell {
    Cell::text(text)
}

/// What is not known is left open, to be written in.
pub(super) fn or_blank(text: Option<&str>) -> Cell {
    text.map_or_else(Cell::blank, Cell::text)
}

pub(super) fn or_none(text: Option<&str>, none: &str) -> Cell {
    Cell::text(text.unwrap_or(none))
}

pub(super) fn bullets(statements: &[String]) -> String {
    if statements.is_empty() {
        return "Nothing was confirmed.".to_owned();
    }
    statements.iter().map(|statement| format!("•  {statement}")).collect::<Vec<_>>().join("\n")
}

pub(super) fn yes_no(answer: bool) -> &'static str {
    if answer { "Yes" } else { "No" }
}

/// `22 Nov 2026 14:30:05`.
pub(super) fn short(time: Time) -> String {
    let clock: String = time.to_string().chars().skip(11).take(8).collect();
    format!("{} {clock}", time.day().format("%-d %b %Y"))
}

pub(super) fn entry(when: &When) -> String {
    let corrected = when.corrected.as_ref().map(|words| format!("; {words}")).unwrap_or_default();
    format!("{} (entry\u{a0}{}{corrected})", short(when.recorded), when.entry)
}

/// When it happened, where people said so, and when it was recorded.
pub(super) fn times(when: &When) -> String {
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
