//! Letters before they are set: what a page cannot show is named, and texts
//! that run from right to left are told from those that do not.

use parley::BaseDirection;

use countersign_record::journal::characters::{cannot_be_printed, spelt};
use icu_properties::props::{BinaryProperty as _, DefaultIgnorableCodePoint, GraphemeExtend};

/// Left to right, unless the text begins the other way and mostly goes on so:
/// the form is an English one, and a name in Arabic beside "Headteacher" or
/// "Key of" stays in the order in which it was written.
pub(super) fn direction(text: &str) -> BaseDirection {
    let turned =
        |c: char| matches!(c, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}');
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    let right_to_left = letters().filter(|&c| turned(c)).count();
    let begins_turned = letters().next().is_some_and(turned);
    if begins_turned && 2 * right_to_left > letters().count() {
        BaseDirection::Rtl
    } else {
        BaseDirection::Ltr
    }
}

/// `text` without what a page cannot show: line ends as line feeds, tabs as
/// spaces, controls, direction overrides and private letters by their number,
/// as what joins one letter beyond [`MOST_JOINED`]: a PDF/A holds no letter of
/// more than 32,767 bytes.
pub(super) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let mut before = ' ';
    let mut joined = 0;
    for c in text.chars() {
        joined = if joins_the_letter_before(c) { joined + 1 } else { 0 };
        match c {
            _ if joined > MOST_JOINED => visible.push_str(&spelt(c)),
            '\n' if before == '\r' => {}
            '\n' | '\r' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => visible.push('\n'),
            '\t' => visible.push_str("    "),
            _ if cannot_be_printed(c) => visible.push_str(&spelt(c)),
            _ => visible.push(c),
        }
        before = c;
    }
    visible
}

/// More than any script puts around one letter (Unicode Annex 15 allows 30).
const MOST_JOINED: usize = 32;

/// Takes no place of its own, but joins the letter before it: a mark over it,
/// a joiner. A letter has a few; thousands make one letter that nothing can
/// draw.
fn joins_the_letter_before(c: char) -> bool {
    GraphemeExtend::for_char(c) || DefaultIgnorableCodePoint::for_char(c)
}
