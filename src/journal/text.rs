//! What people type and what pages say, as types that cannot misbehave on a
//! screen or on paper.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Words that a person typed: several lines, not empty, at most
/// [`Text::MAX`] bytes, no control characters (newline aside) and no
/// characters that override the direction of writing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Bytes of UTF-8. An entry holds 64 KiB in all.
    pub const MAX: usize = 48 * 1024;

    /// Takes what was typed: line ends become LF, white space at the ends
    /// goes, and what cannot be kept is refused.
    pub fn typed(text: &str) -> Result<Text, TextError> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        check(text, Text::MAX, |c| c == '\n')?;
        Ok(Text(text.to_owned()))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One line that a person typed: a name, a position, a place. Like [`Text`]
/// without newlines, and at most [`Line::MAX`] bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(String);

impl Line {
    /// Bytes of UTF-8.
    pub const MAX: usize = 500;

    /// Takes what was typed, without white space at the ends.
    pub fn typed(text: &str) -> Result<Line, TextError> {
        let text = text.trim();
        check(text, Line::MAX, |_| false)?;
        Ok(Line(text.to_owned()))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a page, a server or a file's name says: kept as data, with every
/// character that could deceive written visibly (`[U+202E]`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen(String);

impl Seen {
    /// Bytes of UTF-8; what is longer ends in ` […]`.
    pub const MAX: usize = 4096;

    /// Makes `raw` safe to show and bounded.
    pub fn of(raw: &str) -> Seen {
        const CUT: &str = " […]";
        if raw.len() <= Seen::MAX && !raw.chars().any(is_unsafe) {
            return Seen(raw.to_owned());
        }
        let mut text = String::new();
        for c in raw.chars() {
            let before = text.len();
            if is_unsafe(c) {
                text.push_str(&format!("[U+{:04X}]", u32::from(c)));
            } else {
                text.push(c);
            }
            if text.len() > Seen::MAX - CUT.len() {
                text.truncate(before);
                text.push_str(CUT);
                break;
            }
        }
        Seen(text)
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a typed text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// More bytes than fit.
    #[error("it has {bytes} bytes; at most {limit} fit")]
    Long {
        /// How many it has.
        bytes: usize,
        /// How many may be.
        limit: usize,
    },
    /// A character that cannot be seen, or that turns the writing around.
    #[error("character {place} is U+{:04X}, which cannot be seen or deceives the eye", u32::from(*.character))]
    Character {
        /// Which character, from 1.
        place: usize,
        /// The character.
        character: char,
    },
}

fn check(text: &str, limit: usize, allowed: impl Fn(char) -> bool) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.len() > limit {
        return Err(TextError::Long { bytes: text.len(), limit });
    }
    match text.chars().enumerate().find(|&(_, c)| is_unsafe(c) && !allowed(c)) {
        Some((i, character)) => Err(TextError::Character { place: i + 1, character }),
        None => Ok(()),
    }
}

/// Controls, line separators, and the bidirectional overrides and isolates of
/// Unicode Annex 9, which can make a name or an address read as another.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

macro_rules! text_type {
    ($name:ident, $read:expr) => {
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = String::deserialize(deserializer)?;
                let read = $read(&text).map_err(de::Error::custom)?;
                // The journal has one spelling of everything.
                if read.0 == text { Ok(read) } else { Err(de::Error::custom("not as it is written")) }
            }
        }
    };
}

text_type!(Text, Text::typed);
text_type!(Line, Line::typed);
text_type!(Seen, |text: &str| Ok::<Seen, TextError>(Seen::of(text)));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_words_are_kept_or_refused() {
        assert_eq!(Text::typed("  a\r\nb \n").map(|t| t.to_string()), Ok("a\nb".to_owned()));
        assert_eq!(Text::typed(" \n "), Err(TextError::Empty));
        assert_eq!(Text::typed(&"x".repeat(65536)), Err(TextError::Long { bytes: 65536, limit: Text::MAX }));
        for character in ['\0', '\u{1b}', '\u{7f}', '\u{85}', '\u{202e}', '\u{2067}', '\r'] {
            let text = format!("ab{character}c");
            assert_eq!(Text::typed(&text), Err(TextError::Character { place: 3, character }));
            assert_eq!(Seen::of(&text).as_str(), format!("ab[U+{:04X}]c", u32::from(character)));
        }
        assert!(Line::typed("a\nb").is_err());
        assert_eq!(Line::typed(" محمد علي ").map(|t| t.to_string()), Ok("محمد علي".to_owned()));
    }

    #[test]
    fn what_pages_say_is_bounded_and_stable() {
        for raw in ["é".repeat(5000), "\u{202e}".repeat(5000), "x".repeat(Seen::MAX)] {
            let seen = Seen::of(&raw);
            assert!(seen.as_str().len() <= Seen::MAX);
            assert_eq!(Seen::of(seen.as_str()), seen, "writing it again changes nothing");
        }
    }
}
