//! The sheet that is kept apart from the bundle: the eight words, and room
//! for ink.

use qrcode::{Color, EcLevel, QrCode};

use super::FormError;
use super::boxes::{continuity, to_be_filled_in, words};
use super::cells::said;
use super::content::{Form, SealSheet};
use super::sheet::{CODE, LEFT, SMALL, Sheet, WIDTH};
use super::table::{Cell, Row, column};
use super::tags::Role;
use super::text::Style;
use countersign_record::words::SealWords;

/// One page.
pub(super) fn seal_sheet(sheet: &mut Sheet, form: &Form, seal: &SealSheet) -> Result<(), FormError> {
    sheet.turn_page();
    let first = "These eight words prove that the bundle handed over is the one you sealed. \
                 Keep this sheet apart from the bundle.";
    sheet.paragraph(first, Style::bold(10.5));
    sheet.heading(1, &format!("Seal sheet: case {}, seal {}", form.reference, seal.seal), 300.0);
    // Two rows of four.
    words(sheet, SealWords::of(&seal.root).words(), 4);
    code(sheet, seal)?;
    signatures(sheet, form);
    Ok(())
}

/// The same for machines: hex in groups, and a QR code beside it.
fn code(sheet: &mut Sheet, seal: &SealSheet) -> Result<(), FormError> {
    const SIZE: f32 = 112.0;
    let text = format!("countersign:1:{}:{}:{}", seal.case, seal.seal, seal.root);
    let code = QrCode::with_error_correction_level(&text, EcLevel::M).map_err(|_| FormError::Code)?;
    let dark: Vec<bool> = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
    let top = sheet.y() + 8.0;
    let hex = seal.root.to_string();
    let groups: Vec<&str> = (0..16).map(|i| &hex[4 * i..4 * i + 4]).collect();
    let rows: Vec<String> = groups.chunks(4).map(|row| row.join("  ")).collect();
    let left = match seal.left {
        0 => String::new(),
        1 => " 1 file was left where it is.".to_owned(),
        many => format!(" {many} files were left where they are."),
    };
    let lines = [
        ("Seal code, in full, in the order of reading:".to_owned(), SMALL),
        (rows.join("\n"), Style::fixed(11.0)),
        (format!("Sealed {}.", seal.sealed.in_words()), SMALL),
        (format!("{} entries.{left}", seal.entries), SMALL),
        (format!("Bundle: {}", seal.bundle), SMALL),
        (format!("Case number: {}", seal.case), SMALL),
    ];
    let width = WIDTH - SIZE - 16.0;
    let mut y = top;
    for (text, style) in lines {
        let place = sheet.structure.add(Role::Paragraph);
        for line in sheet.setter.set(&text, style, width) {
            let below = y + line.height;
            sheet.text(line, LEFT, y, Some(place));
            y = below;
        }
        y += 2.5;
    }
    let alt = format!("QR code of the text {text}");
    sheet.code(&dark, code.width(), LEFT + WIDTH - SIZE, top, SIZE, alt);
    sheet.advance((y - top).max(SIZE) + 12.0);
    Ok(())
}

fn signatures(sheet: &mut Sheet, form: &Form) {
    let columns = [
        column("Person", 19.0),
        column("Name", 23.0),
        column("Key", 24.0),
        column("Signature", 20.0),
        column("Date, time", 14.0),
    ];
    let signer = |role: &str, name: &str, key: &str| {
        Row::of([Cell::label(role), said(name), Cell::styled(key, CODE), Cell::blank(), Cell::blank()])
            .at_least(42.0)
    };
    let [first, second] = &form.reviewers;
    sheet.heading(2, "Signed in ink", 60.0);
    sheet.table(
        "Signatures of both reviewing persons and of the receiving officer",
        &columns,
        [
            signer("First reviewing person", &first.name.to_string(), &first.fingerprint),
            signer("Second reviewing person", &second.name.to_string(), &second.fingerprint),
            to_be_filled_in("Receiving officer", 5, 42.0),
        ],
    );
    let sentence = "Each person who takes the bundle over signs here.";
    continuity(sheet, sentence, "Continuity of the bundle, to be signed", 4);
}
