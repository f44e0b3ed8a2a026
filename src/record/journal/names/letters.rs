//! Single letters: what they look like, and what they can be read as.
//!
//! It knows no names and no words.

use std::borrow::Cow;
use std::sync::LazyLock;

use unicode_security::confusable_detection::skeleton;

use crate::journal::unicode::{folded, is_letter, is_mark, is_number, is_punctuation, is_soft_dotted};

/// A letter as it was typed, and what it looks like.
#[derive(Clone)]
pub(super) struct Look {
    pub(super) letter: char,
    shape: String,
    /// What it is whatever its case, and what that looks like.
    pub(super) as_letter: String,
    /// What it looks like, whatever the case of that.
    pub(super) as_shape: String,
}

/// The look of a letter. Those of ASCII are looked up once: most names have no
/// others, and a list of cases compares many.
pub(super) fn look(letter: char) -> Cow<'static, Look> {
    static ASCII: LazyLock<Vec<Look>> = LazyLock::new(|| ('\0'..='\x7f').map(Look::of).collect());
    match ASCII.get(letter as usize) {
        Some(look) => Cow::Borrowed(look),
        None => Cow::Owned(Look::of(letter)),
    }
}

impl Look {
    fn of(letter: char) -> Look {
        let looks = |letter: &str| folded(&shape_of(&folded(&shape_of(letter))));
        let shape = shape_of(letter.encode_utf8(&mut [0; 4]));
        let as_letter = looks(&folded(&letter.to_string()));
        let as_shape = looks(&folded(&shape));
        Look { letter, shape, as_letter, as_shape }
    }

    /// Whether it stands between words and in none.
    pub(super) fn parts_words(&self) -> bool {
        // A long dash looks like a letter of Katakana, and parts words.
        let punctuation = is_punctuation(self.letter) && !self.is_stroke();
        punctuation || !self.shape.chars().any(is_of_a_word)
    }

    /// I, l, 1, |, and all that look so.
    pub(super) fn is_stroke(&self) -> bool {
        self.shape == STROKE
    }

    /// Whether a dot above it shows nothing.
    pub(super) fn has_a_dot(&self) -> bool {
        is_soft_dotted(self.letter) || matches!(self.shape.as_str(), "i" | "j" | STROKE)
    }

    pub(super) fn is_apostrophe(&self) -> bool {
        self.shape == "'"
    }
}

/// What the letters look like, as UTS 39 has it, and beyond that.
fn shape_of(letters: &str) -> String {
    skeleton(letters).map(|c| drawn_as(c).unwrap_or(c)).collect()
}

/// The letter that a sign shows, where Unicode says so by its name alone:
/// small capitals, white letters on black, the letters of flags.
fn drawn_as(c: char) -> Option<char> {
    const SMALL_CAPITALS: [char; 26] = [
        'ᴀ', 'ʙ', 'ᴄ', 'ᴅ', 'ᴇ', 'ꜰ', 'ɢ', 'ʜ', 'ɪ', 'ᴊ', 'ᴋ', 'ʟ', 'ᴍ', 'ɴ', 'ᴏ', 'ᴘ', 'ꞯ', 'ʀ', 'ꜱ', 'ᴛ',
        'ᴜ', 'ᴠ', 'ᴡ', 'ꭓ', 'ʏ', 'ᴢ',
    ];
    const SMALL_AS_OTHERS: [(char, usize); 2] = [('ĸ', 10), ('ʍ', 12)];
    let small = || SMALL_CAPITALS.iter().position(|small| *small == c);
    let signs = || ['\u{1F150}', '\u{1F170}', '\u{1F1E6}'].iter().find_map(|first| place_from(*first, c));
    // UTS 39 writes two of the small capitals as other letters.
    let other = || SMALL_AS_OTHERS.iter().find(|(small, _)| *small == c).map(|(_, place)| *place);
    let letter = small().or_else(signs).or_else(other)?;
    char::from_digit(u32::try_from(letter).ok()? + 10, 36).map(|c| c.to_ascii_uppercase())
}

/// Which of 26 that begin with `first` is `c`.
fn place_from(first: char, c: char) -> Option<usize> {
    let place = u32::from(c).checked_sub(u32::from(first))?;
    (place < 26).then_some(place as usize)
}

/// Letters, their marks, digits. Everything else parts words.
fn is_of_a_word(c: char) -> bool {
    is_letter(c) || is_mark(c) || is_number(c)
}

/// How UTS 39 writes an upright stroke.
const STROKE: &str = "l";
