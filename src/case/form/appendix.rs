//! The appendix: the record entry by entry, and the digests for those who can
//! use them.

use super::cells::{FAINT, LABELLED, field, said, short};
use super::content::{File, Form};
use super::excerpt::{Excerpt, Part, entries};
use super::sheet::{CODE, SMALL, Sheet};
use super::shortened::{Lists, gap, of_exhibits, say_what_is_left_out};
use super::table::{Cell, Row, column};
use super::text::Style;
use countersign_record::digest::Digest;

/// Text of long lists.
const LISTED: Style = Style::regular(7.5);

/// The seal codes of everything.
pub(super) fn appendix(sheet: &mut Sheet, form: &Form, lists: &Lists<'_>) {
    sheet.turn_page();
    sheet.heading(2, "Appendix: the record and its seal codes", 80.0);
    let words = "A seal code is a SHA-256 digest. Whoever has the sealed file can work it out again with common \
                 tools and compare it with this page; READ-ME-FIRST.txt in the bundle says how.";
    sheet.paragraph(words, SMALL);
    let [first, second] = &form.reviewers;
    let rows = vec![
        field("Procedure", said(&form.procedure.title).and(form.procedure.digest.to_string(), CODE)),
        field(
            "Program, as it reported itself",
            said(format!("Countersign {}", form.program.version)).and(form.program.digest.to_string(), CODE),
        ),
        field(&format!("Key of {}", first.name), Cell::styled(&first.fingerprint, CODE)),
        field(&format!("Key of {}", second.name), Cell::styled(&second.fingerprint, CODE)),
    ];
    sheet.fields("The procedure, the program and the keys of both", &LABELLED, rows);

    files(sheet, form, lists);
    record(sheet, lists);
}

const MOST_FILES: usize = 240;

fn files(sheet: &mut Sheet, form: &Form, lists: &Lists<'_>) {
    let all: Vec<(&str, &File)> = form
        .exhibits
        .iter()
        .flat_map(|exhibit| exhibit.files.iter().map(|file| (exhibit.label.as_str(), file)))
        .collect();
    if all.is_empty() {
        return;
    }
    let files = Excerpt::of(&all, MOST_FILES, |(label, _)| lists.concerned.contains(label));
    sheet.heading(3, "Files of the exhibits", 60.0);
    let those = "those of exhibits that a concern names, the first and the last";
    say_what_is_left_out(sheet, &files, "files", those, |some| of_exhibits(some.iter().map(|one| one.0)));
    let columns = [column("Exhibit", 9.0), column("File", 35.0), column("Seal code", 56.0)];
    let rows = files.parts().map(|part| match part {
        Part::Shown((label, file)) => Row::of([
            said(*label),
            said(&file.name).and(format!("{} bytes", file.bytes), FAINT),
            code(file.digest),
        ]),
        Part::LeftOut(some) => {
            gap(1, 3, some.len(), ["file", "files"], &of_exhibits(some.iter().map(|one| one.0)))
        }
    });
    sheet.table("The files of the exhibits with their seal codes", &columns, rows);
}

fn record(sheet: &mut Sheet, lists: &Lists<'_>) {
    let record = &lists.record;
    sheet.heading(3, "The record", 60.0);
    let those = "the steps of the case, the first and the last";
    say_what_is_left_out(sheet, record, "entries", those, |some| entries(some.iter().map(|line| line.entry)));
    if record.left_out() > 0 {
        let words = "Each entry holds the seal code of the one before it, so the last one holds them all.";
        sheet.paragraph(words, SMALL);
    }
    let columns =
        [column("Entry", 7.5), column("Time (UTC)", 18.5), column("What", 19.5), column("Seal code", 54.5)];
    let rows = record.parts().map(|part| match part {
        Part::Shown(line) => Row::of([
            Cell::styled(line.entry.to_string(), LISTED),
            Cell::styled(short(line.time), LISTED),
            Cell::styled(&line.what, LISTED),
            code(line.digest),
        ]),
        Part::LeftOut(some) => {
            gap(3, 4, some.len(), ["entry", "entries"], &entries(some.iter().map(|line| line.entry)))
        }
    });
    sheet.table("The entries of the record with their seal codes", &columns, rows);
}

fn code(digest: Digest) -> Cell {
    Cell::styled(digest.to_string(), CODE)
}
