//! The appendix: the record entry by entry, and the digests for those who can
//! use them.

use super::cells::{FAINT, LABELLED, field, said, short};
use super::content::Form;
use super::sheet::{CODE, SMALL, Sheet};
use super::table::{Cell, Row, column};
use super::text::Style;

/// Text of long lists.
const LISTED: Style = Style::regular(7.5);

/// The seal codes of everything.
pub(super) fn appendix(sheet: &mut Sheet, form: &Form) {
    sheet.turn_page();
    sheet.heading(2, "Appendix: the record and its seal codes", 80.0);
    let words = "A seal code is a SHA-256 digest. Whoever has the sealed file can work it out again with common \
                 tools and compare it with this page; READ-ME-FIRST.txt in the bundle says how.";
    sheet.paragraph(words, SMALL);
    let code = |text: String| Cell::styled(text, CODE);
    let [first, second] = &form.reviewers;
    let rows = vec![
        field("Procedure", said(&form.procedure.title).and(form.procedure.digest.to_string(), CODE)),
        field(
            "Program, as it reported itself",
            said(format!("Countersign {}", form.program.version)).and(form.program.digest.to_string(), CODE),
        ),
        field(&format!("Key of {}", first.name), code(first.fingerprint.clone())),
        field(&format!("Key of {}", second.name), code(second.fingerprint.clone())),
    ];
    sheet.fields("The procedure, the program and the keys of both", &LABELLED, rows);

    if form.exhibits.iter().any(|exhibit| !exhibit.files.is_empty()) {
        sheet.heading(3, "Files of the exhibits", 60.0);
        let columns = [column("Exhibit", 9.0), column("File", 35.0), column("Seal code", 56.0)];
        let rows = form.exhibits.iter().flat_map(|exhibit| {
            exhibit.files.iter().map(|file| {
                Row::of([
                    said(&exhibit.label),
                    said(&file.name).and(format!("{} bytes", file.bytes), FAINT),
                    code(file.digest.to_string()),
                ])
            })
        });
        sheet.table("Every file of the exhibits with its seal code", &columns, rows);
    }

    sheet.heading(3, "The record", 60.0);
    let columns =
        [column("Entry", 7.5), column("Time (UTC)", 18.5), column("What", 19.5), column("Seal code", 54.5)];
    let rows = form.record.iter().map(|line| {
        Row::of([
            Cell::styled(line.entry.to_string(), LISTED),
            Cell::styled(short(line.time), LISTED),
            Cell::styled(&line.what, LISTED),
            code(line.digest.to_string()),
        ])
    });
    sheet.table("Every entry of the record with its seal code", &columns, rows);
}
