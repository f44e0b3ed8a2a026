//! The pictures, one to a page, each exhibit under the label that is signed
//! in ink.

use super::cells::{LABELLED, field, said, short, shortened};
use super::content::{Form, Picture, Pictures, Source};
use super::excerpt::{Excerpt, Part};
use super::picture::{self, Budget, Frame, Unprintable};
use super::sheet::{HEIGHT, LEFT, SMALL, Sheet, WIDTH};
use super::shortened::{gap, of_exhibits};
use super::table::{Cell, Row, column};
use super::text::Style;

/// One picture to a page, under its label. Withheld: not even a heading.
pub(super) fn pictures(sheet: &mut Sheet, form: &Form) {
    let Pictures::Lawful(pictures) = &form.pictures else { return };
    let no_room = |picture: &&Picture| matches!(picture.source, Source::NoRoom);
    let (left_out, printed): (Vec<&Picture>, Vec<&Picture>) = pictures.iter().partition(no_room);
    let mut budget = Budget::default();
    for (nth, picture) in printed.iter().enumerate() {
        sheet.turn_page();
        if nth == 0 {
            sheet.heading(2, "Pictures", 60.0);
        }
        // The tiles of one page follow under one label.
        if nth == 0 || printed[nth - 1].exhibit != picture.exhibit {
            label(sheet, form, picture);
        }
        one_picture(sheet, picture, &mut budget);
    }
    not_printed(sheet, &left_out);
}

/// One line for each, and no page.
fn not_printed(sheet: &mut Sheet, left_out: &[&Picture]) {
    if left_out.is_empty() {
        return;
    }
    sheet.turn_page();
    sheet.heading(2, "Pictures that are not printed", 60.0);
    let words = "No more pictures fit into this form. These are in the sealed file.";
    sheet.paragraph(words, Style::bold(9.5));
    let named = Excerpt::of(left_out, MOST_NAMED, |_| false);
    let rows = named.parts().map(|part| match part {
        Part::Shown(picture) => Row::of([said(&picture.exhibit), said(&picture.what)]),
        Part::LeftOut(some) => {
            let place = of_exhibits(some.iter().map(|picture| picture.exhibit.as_str()));
            gap(1, 2, some.len(), ["picture", "pictures"], &place)
        }
    });
    let columns = [column("Exhibit", 15.0), column("Picture", 85.0)];
    sheet.table("Pictures that are not printed", &columns, rows);
}

fn one_picture(sheet: &mut Sheet, picture: &Picture, budget: &mut Budget) {
    // A label that takes most of a page leaves its picture the next one.
    sheet.keep_together(LEAST);
    let frame = Frame { width: WIDTH, first: sheet.room() - CAPTION, rest: HEIGHT - CAPTION };
    let prepared = match &picture.source {
        Source::Bytes(bytes) => picture::prepare(bytes, &frame, budget),
        Source::TooLarge => Err(Unprintable::TooLarge),
        Source::NoRoom => Err(Unprintable::NoRoom),
    };
    let parts = match prepared {
        Ok(parts) => parts,
        Err(why) => {
            sheet.caption(&format!("Exhibit {}: {}", picture.exhibit, picture.what));
            sheet.paragraph(why.sentence(), Style::bold(9.5));
            return;
        }
    };
    let of = parts.len();
    for (nth, part) in parts.into_iter().enumerate() {
        if nth > 0 {
            sheet.turn_page();
        }
        let caption = match of {
            1 => format!("Exhibit {}: {}", picture.exhibit, picture.what),
            _ => format!("Exhibit {}, part {} of {of}: {}", picture.exhibit, nth + 1, picture.what),
        };
        sheet.caption(&caption);
        let x = LEFT + (WIDTH - part.width) / 2.0;
        sheet.frame(x - 1.0, sheet.y() - 1.0, part.width + 2.0, part.height + 2.0);
        sheet.picture(part.image, part.turn, x, part.width, part.height, caption);
    }
}

/// How many pictures that are not printed are named.
const MOST_NAMED: usize = 120;
/// The least room that a picture begins in.
const LEAST: f32 = 200.0;
/// What a caption takes.
const CAPTION: f32 = 20.0;

/// The label that is signed in ink.
fn label(sheet: &mut Sheet, form: &Form, picture: &Picture) {
    sheet.heading(3, &format!("Exhibit {}", picture.exhibit), 200.0);
    let exhibit = form.exhibits.iter().find(|exhibit| exhibit.label == picture.exhibit);
    let when = exhibit.map(|exhibit| short(exhibit.when.recorded) + " UTC").unwrap_or_default();
    let producer = exhibit.map(|exhibit| exhibit.producer.clone()).unwrap_or_default();
    let place = format!("{}, {}", form.computer.name, form.computer.location);
    let what = exhibit.map_or(&picture.what, |exhibit| &exhibit.what);
    let mut described = said(shortened(what, 400));
    if let Some(address) = exhibit.and_then(|exhibit| exhibit.address.as_ref()) {
        described = described.and(shortened(address, 300), SMALL);
    }
    sheet.fields(
        "Exhibit label",
        &LABELLED,
        [
            field("Description", described),
            field("Referred to in the statement of", Cell::blank()).at_least(20.0),
            field("Produced", said(format!("{when}, {place}, by {producer}"))),
        ],
    );
    let columns = [
        column("Continuity: name", 34.0),
        column("Signature", 30.0),
        column("Date", 18.0),
        column("Time", 18.0),
    ];
    let blank = || Row::of([Cell::blank(), Cell::blank(), Cell::blank(), Cell::blank()]).at_least(20.0);
    sheet.table("Continuity of the exhibit, to be signed", &columns, [blank(), blank()]);
}
