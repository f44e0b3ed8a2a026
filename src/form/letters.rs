//! Letters before they are set: what a page cannot show is named, and texts
//! that run from right to left are told from those that do not.

use parley::BaseDirection;

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

/// `text` with every letter that `lost` picks spelt out.
pub(super) fn name_letters(text: &str, lost: impl Fn(char) -> bool) -> String {
    let mut named = String::with_capacity(text.len());
    for c in text.chars() {
        if lost(c) {
            named.push_str(&spelt(c));
        } else {
            named.push(c);
        }
    }
    named
}

/// `text` without what a page cannot show: line ends as line feeds, tabs as
/// spaces, controls, direction overrides and private letters by their number.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\n' if before == '\r' => {}
            '\n' | '\r' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => shown.push('\n'),
            '\t' => shown.push_str("    "),
            _ if cannot_show(c) => shown.push_str(&spelt(c)),
            _ => shown.push(c),
        }
        before = c;
    }
    shown
}

fn cannot_show(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
        || (c as u32) & 0xfffe == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

fn spelt(c: char) -> String {
    format!("[U+{:04X}]", u32::from(c))
}
