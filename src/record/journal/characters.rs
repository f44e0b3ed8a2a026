//! Characters that deceive: which there are, why, and where each is a matter.
//!
//! Every list of them that the library and the program use is here. What is
//! done about one (refused, written as `[U+202E]`) is said by whoever asks.

use super::unicode::{
    GeneralCategory, JoiningType, general_category, is_default_ignorable, is_virama, joining_type,
};

/// Never in an entry, whoever wrote it: control characters, which a terminal
/// obeys; separators of lines, which make two of one; the overrides,
/// embeddings and isolates of Unicode Annex 9, with which `txt.exe` reads as
/// `exe.txt`; and the byte order mark, which tools drop or add.
///
/// The set is part of the format (FORMAT 4) and does not grow with Unicode.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Never where a line is read by people or tools without any layout of its
/// own, such as a terminal or `bag-info.txt`: what is hidden, and the three
/// marks of direction. Words in Arabic or Hebrew need the marks, so entries
/// keep them; among words in Latin letters they move brackets and dots.
pub fn turns_a_line(c: char) -> bool {
    is_hidden(c) || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}')
}

/// Never on paper, where nobody can look at the bytes behind: what turns a
/// line, what fonts have no shape for by design, letters of private use,
/// tags, and what is no character.
pub fn cannot_be_printed(c: char) -> bool {
    turns_a_line(c)
        || matches!(c, '\u{2060}'..='\u{206F}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}')
        || is_private(c)
        || matches!(c, '\u{E0000}'..='\u{EFFFF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// Not for the eye: nothing shows where it stands, or what shows is up to a
/// font. Two names that differ in such characters alone are one name.
pub fn is_unseen(c: char) -> bool {
    let shapeless = matches!(
        general_category(c),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    );
    // Signs that enclose the number after them are of the category and show.
    let encloses = matches!(
        c,
        '\u{0600}'
            ..='\u{0605}'
                | '\u{06DD}'
                | '\u{070F}'
                | '\u{0890}'
                | '\u{0891}'
                | '\u{08E2}'
                | '\u{110BD}'
                | '\u{110CD}'
    );
    // Blank, though no property says so: Braille without a dot, a place for an
    // object, a note without a head, a filler between Khitan signs.
    let blank = matches!(c, '\u{2800}' | '\u{FFFC}' | '\u{1D159}' | '\u{16FE4}');
    shapeless && !encloses || blank || is_default_ignorable(c)
}

/// The first character of `name` that cannot be seen and that no script needs
/// where it stands, with its place from 1.
///
/// The two joiners are needed after a virama, and the one that does not join
/// also between letters that would: that is the rule for names on the network
/// (RFC 5892, A.1 and A.2), and Persian and Indian names are written by it.
pub fn unseen_in(name: &str) -> Option<(usize, char)> {
    let letters: Vec<char> = name.chars().collect();
    let unseen = |(at, c): (usize, &char)| {
        let needed = match c {
            '\u{200C}' => follows_virama(&letters[..at]) || parts_letters(&letters[..at], &letters[at + 1..]),
            '\u{200D}' => follows_virama(&letters[..at]),
            _ => false,
        };
        (is_unseen(*c) && !needed).then_some((at + 1, *c))
    };
    letters.iter().enumerate().find_map(unseen)
}

/// The character by its number, as it is shown instead of itself.
pub fn spelt(c: char) -> String {
    format!("[U+{:04X}]", u32::from(c))
}

/// `text` with each character that `picked` picks by its number.
pub fn shown(text: &str, picked: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if picked(c) { shown.push_str(&spelt(c)) } else { shown.push(c) }
    }
    shown
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

fn follows_virama(before: &[char]) -> bool {
    before.last().is_some_and(|c| is_virama(*c))
}

fn parts_letters(before: &[char], after: &[char]) -> bool {
    let joining = |c: &char| joining_type(*c);
    let marks = |c: &char| joining(c) == JoiningType::Transparent;
    let left = before.iter().rev().map(|c| (c, joining(c))).find(|(c, _)| !marks(c));
    let right = after.iter().map(|c| (c, joining(c))).find(|(c, _)| !marks(c));
    let joins_on = |kind| matches!(kind, JoiningType::Left | JoiningType::Dual);
    let joins_back = |kind| matches!(kind, JoiningType::Right | JoiningType::Dual);
    left.is_some_and(|(_, kind)| joins_on(kind)) && right.is_some_and(|(_, kind)| joins_back(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_holds_the_one_before() {
        for c in '\0'..=char::MAX {
            assert!(!is_hidden(c) || turns_a_line(c), "{c:?}");
            assert!(!turns_a_line(c) || cannot_be_printed(c), "{c:?}");
            assert!(!turns_a_line(c) || is_unseen(c), "{c:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_found_at_its_place() {
        for unseen in [
            '\u{2062}',
            '\u{034F}',
            '\u{3164}',
            '\u{061C}',
            '\u{FE0F}',
            '\u{E0041}',
            '\u{E0100}',
            '\u{E000}',
            '\u{F0000}',
            '\u{AD}',
            '\u{200B}',
            '\u{200C}',
            '\u{200D}',
            '\u{200E}',
            '\u{2060}',
            '\u{FEFF}',
            '\u{115F}',
            '\u{FFA0}',
            '\u{2800}',
            '\u{FFFC}',
            '\u{180E}',
            '\u{17B4}',
            '\u{378}',
            '\u{1D173}',
        ] {
            assert_eq!(unseen_in(&format!("Zo{unseen}ë")), Some((3, unseen)), "{unseen:?}");
        }
        for seen in ["Zoë O’Brien-Łódź", "Zoe\u{308}", "محمد علي", "李小龙", "नरेन्द्र", "N’Ko ߒߞߏ", "د. ي"]
        {
            assert_eq!(unseen_in(seen), None, "{seen:?}");
        }
    }

    #[test]
    fn joiners_stand_where_a_script_needs_them() {
        for needed in ["علی\u{200c}رضا", "ක්\u{200d}රිස්ටි", "श्\u{200d}री", "ನ್\u{200c}ನ"]
        {
            assert_eq!(unseen_in(needed), None, "{needed:?}");
        }
        for (idle, place) in [
            ("\u{200c}علی", 1),
            ("علی\u{200c}", 4),
            ("د\u{200c}د", 2),
            ("ab\u{200d}c", 3),
            ("👨\u{200d}👩", 2),
        ] {
            assert_eq!(unseen_in(idle).map(|(at, _)| at), Some(place), "{idle:?}");
        }
    }
}
