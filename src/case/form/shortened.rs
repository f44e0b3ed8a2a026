//! What of the form's lists stands on paper, and how the paper says what does
//! not: with numbers, on the first page, above the list and at the place.
//!
//! It draws no list.

use std::collections::BTreeSet;

use super::cells::said;
use super::content::{Exhibit, Form, Left, Note, Pictures, RecordLine, Remark, Source, Visit};
use super::excerpt::{Excerpt, count};
use super::outline::Drawn;
use super::table::{Cell, Row};
use super::text::Style;

/// What of the form's lists stands on paper.
pub(super) struct Lists<'a> {
    pub(super) exhibits: Excerpt<'a, Exhibit>,
    pub(super) notes: Excerpt<'a, Note>,
    pub(super) remarks: Excerpt<'a, Remark>,
    pub(super) visits: Excerpt<'a, Visit>,
    pub(super) left: Excerpt<'a, Left>,
    pub(super) record: Excerpt<'a, RecordLine>,
    /// The exhibits that a concern names.
    pub(super) concerned: BTreeSet<&'a str>,
    /// How many pictures are not printed.
    unprinted: usize,
}

/// Some thirty pages together, which is what two people read before they sign.
const MOST_EXHIBITS: usize = 120;
const MOST_NOTES: usize = 160;
const MOST_REMARKS: usize = 40;
const MOST_VISITS: usize = 160;
const MOST_LINES: usize = 240;
/// The police ask for these one by one.
const MOST_LEFT: usize = 1_000;

impl<'a> Lists<'a> {
    pub(super) fn of(form: &'a Form) -> Lists<'a> {
        let concerned = form.exhibits_of_concern();
        let is_concerned = |exhibit: &Exhibit| concerned.contains(exhibit.label.as_str());
        let of_exhibits =
            form.exhibits.iter().filter(|e| is_concerned(e)).filter_map(|e| e.address.as_deref());
        let addresses: BTreeSet<&str> =
            form.concerns.iter().map(|concern| concern.at.value.as_str()).chain(of_exhibits).collect();
        let of_concern = |visit: &Visit| {
            let asked_for = visit.asked_for.as_deref();
            addresses.contains(visit.address.as_str()) || asked_for.is_some_and(|a| addresses.contains(a))
        };
        let unprinted = match &form.pictures {
            Pictures::Withheld => 0,
            Pictures::Lawful(pictures) => {
                pictures.iter().filter(|picture| matches!(picture.source, Source::NoRoom)).count()
            }
        };
        Lists {
            exhibits: Excerpt::of(&form.exhibits, MOST_EXHIBITS, is_concerned),
            notes: Excerpt::of(&form.notes, MOST_NOTES, |note| note.corrects.is_some()),
            remarks: Excerpt::of(&form.remarks, MOST_REMARKS, |_| false),
            visits: Excerpt::of(&form.visits, MOST_VISITS, |visit| {
                !visit.kept_as.is_empty() || of_concern(visit)
            }),
            left: Excerpt::of(&form.left, MOST_LEFT, |_| false),
            record: Excerpt::of(&form.record, MOST_LINES, |line| line.is_step),
            concerned,
            unprinted,
        }
    }

    /// What the first page says of all that is left out, if anything is.
    pub(super) fn sentence(&self) -> Option<String> {
        let left_out = [
            (self.exhibits.left_out(), "exhibit", "exhibits"),
            (self.notes.left_out(), "note", "notes"),
            (self.remarks.left_out(), "remark of the program", "remarks of the program"),
            (self.visits.left_out(), "page visited", "pages visited"),
            (self.unprinted, "picture", "pictures"),
            (self.left.left_out(), "file left where it is", "files left where they are"),
        ];
        let named: Vec<String> = left_out
            .into_iter()
            .filter(|(number, ..)| *number > 0)
            .map(|(number, one, many)| format!("{} {}", count(number), if number == 1 { one } else { many }))
            .collect();
        let (last, others) = named.split_last()?;
        let all = if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
        Some(format!(
            "The record is long, so this paper leaves out {all}. Each list says which. The sealed bundle holds \
             the whole record, and READ-ME-FIRST.txt in it says how to list them."
        ))
    }
}

/// Says above a list how much of it stands here, where that is not all.
pub(super) fn say_what_is_left_out<T>(
    sheet: &mut impl Drawn,
    list: &Excerpt<'_, T>,
    things: &str,
    those: &str,
    place: impl Fn(&[&T]) -> String,
) {
    let missing: Vec<&T> = list.missing().collect();
    if missing.is_empty() {
        return;
    }
    let (shown, all) = (count(list.shown()), count(list.shown() + missing.len()));
    let (left_out, place) = (count(missing.len()), place(&missing));
    let words = format!(
        "{shown} of {all} {things} stand here: {those}. The other {left_out} are in the record, {place}."
    );
    sheet.paragraph(&words, Style::bold(9.0));
}

/// The row of cells that stands for those left out; the one at `wide` says so.
pub(super) fn gap(wide: usize, cells: usize, number: usize, [one, many]: [&str; 2], place: &str) -> Row {
    let things = if number == 1 { one } else { many };
    let words = format!("{} {things}, not on this paper: {place}.", count(number));
    let cell =
        |at: usize| if at == wide { Cell::styled(words.as_str(), Style::bold(8.5)) } else { said("…") };
    Row::of((0..cells).map(cell).collect::<Vec<_>>())
}

/// `exhibit MA/1`, or `exhibits JS/4 to MA/1`.
pub(super) fn of_exhibits<'a>(mut labels: impl Iterator<Item = &'a str>) -> String {
    let first = labels.next().unwrap_or_default();
    match labels.last() {
        Some(last) if last != first => format!("exhibits {first} to {last}"),
        _ => format!("exhibit {first}"),
    }
}
