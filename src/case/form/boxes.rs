//! What is written by hand or read out: words in boxes, and who took a thing
//! over.
//!
//! It does not know what the words open or prove.

use super::sheet::{BODY, LEFT, Sheet, WIDTH};
use super::table::{Cell, Row, column};
use super::tags::Role;
use super::text::Style;

/// Rows of `across` numbered words, large enough to read out across a room.
pub(super) fn words(sheet: &mut Sheet, words: &[&str], across: usize) {
    const HEIGHT: f32 = 46.0;
    let list = sheet.structure.add(Role::List);
    let top = sheet.y() + 4.0;
    let width = WIDTH / across as f32;
    let rows = words.len().div_ceil(across);
    for (nth, word) in words.iter().enumerate() {
        let (x, y) = (LEFT + (nth % across) as f32 * width, top + (nth / across) as f32 * HEIGHT);
        sheet.frame(x, y, width, HEIGHT);
        let item = sheet.structure.add_in(list, Role::Item);
        let (label, body) =
            (sheet.structure.add_in(item, Role::Label), sheet.structure.add_in(item, Role::Body));
        let number = sheet.setter.set_in_one_line(&(nth + 1).to_string(), Style::regular(7.0), width);
        sheet.text(number, x + 4.0, y + 3.0, Some(label));
        let word = sheet.setter.set_in_one_line(word, Style::bold(21.0), width - 4.0);
        let inset = (width - word.width) / 2.0;
        sheet.text(word, x + inset, y + 10.0, Some(body));
    }
    sheet.advance(rows as f32 * HEIGHT + 10.0);
}

/// `rows` lines for those who take something over one after the other.
pub(super) fn continuity(sheet: &mut Sheet, sentence: &str, summary: &str, rows: usize) {
    sheet.heading(2, "Continuity", 60.0);
    sheet.paragraph(sentence, BODY);
    let columns = [
        column("Name and organisation", 34.0),
        column("Reason", 20.0),
        column("Signature", 22.0),
        column("Date", 12.0),
        column("Time", 12.0),
    ];
    let blank = |_| Row::of([0; 5].map(|_| Cell::blank())).at_least(29.0);
    sheet.table(summary, &columns, (0..rows).map(blank));
}

/// A row of `of` cells to be filled in by whoever `label` names.
pub(super) fn to_be_filled_in(label: &str, of: usize, height: f32) -> Row {
    let mut cells = vec![Cell::label(label)];
    cells.resize_with(of, Cell::blank);
    Row::of(cells).at_least(height)
}
