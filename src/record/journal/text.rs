//! What people type and what pages say, as types that cannot misbehave on a
//! screen or on paper.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::characters::{is_hidden, shown, unseen_in};
use super::spelling::spelled_length;

/// Words that a person typed or pasted: several lines, not empty, at most
/// [`Text::MAX`] bytes as they stand in an entry, no hidden character
/// ([`is_hidden`]) but newlines.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Bytes as they stand in an entry, where a quotation mark, a backslash
    /// and a new line take two each: so that an entry, which holds 64 KiB in
    /// all, has room for one such text whatever stands in it.
    pub const MAX: usize = 48 * 1024;

    /// The most of a text that shares its entry with others: what is said of
    /// an isolation, of a referral, at the opening. As [`Text::MAX`] counts.
    pub const SHARED: usize = 10 * 1024;

    /// Takes what was typed: every line end becomes LF, a tab a space, white
    /// space at the ends goes, and what is hidden stands there as `[U+202E]`:
    /// no character is a reason to refuse what two people have to say.
    ///
    /// # Errors
    /// What is wrong with it, and by how much it is too long.
    pub fn typed(text: &str) -> Result<Text, TextError> {
        Text::within(text, Text::MAX)
    }

    /// As [`Text::typed`], for words that share their entry with others: at
    /// most [`Text::SHARED`] bytes.
    ///
    /// # Errors
    /// As [`Text::typed`].
    pub fn shared(text: &str) -> Result<Text, TextError> {
        Text::within(text, Text::SHARED)
    }

    fn within(text: &str, limit: usize) -> Result<Text, TextError> {
        let text = shown(plain(text).trim(), |c| is_hidden(c) && c != '\n');
        match spelled_length(&text) {
            0 => Err(TextError::Empty),
            bytes if bytes > limit => Err(TextError::Long { bytes, limit }),
            _ => Ok(Text(text)),
        }
    }

    /// The same of words that nobody can be asked to type again: what is
    /// beyond `most` bytes, as an entry spells them, is cut off and ends in
    /// ` […]`. None where no word is left.
    pub fn visible(raw: &str, most: usize) -> Option<Text> {
        const CUT: &str = " […]";
        let whole = shown(plain(raw).trim(), |c| is_hidden(c) && c != '\n');
        let mut spelled = 0;
        let end = whole.char_indices().find(|(_, c)| {
            spelled += c.len_utf8() + usize::from(matches!(c, '"' | '\\' | '\n'));
            spelled > most.min(Text::MAX) - CUT.len()
        });
        match end {
            Some((end, _)) => Text::typed(&format!("{}{CUT}", &whole[..end])).ok(),
            None => Text::typed(&whole).ok(),
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One line that a person typed or pasted: a place, a time, a way. Like
/// [`Text`] without newlines, and at most [`Line::MAX`] bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(String);

impl Line {
    /// Bytes of UTF-8.
    pub const MAX: usize = 500;

    /// Takes what was typed as [`Text::typed`] does; line ends become spaces.
    pub fn typed(text: &str) -> Result<Line, TextError> {
        let text = shown(plain(text).replace('\n', " ").trim(), is_hidden);
        check(&text, Line::MAX)?;
        Ok(Line(text))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What tells people, posts and papers from others: a name, a position, a
/// reference. Not empty, at most [`Name::MAX`] bytes, and every character of
/// it can be seen ([`unseen_in`]), so that two that look the same are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Bytes of UTF-8.
    pub const MAX: usize = 500;

    /// Takes what was typed: runs of white space become one space, those at
    /// the ends go. A character that cannot be seen is refused.
    pub fn typed(text: &str) -> Result<Name, TextError> {
        let text = text.trim();
        if let Some((place, character)) = unseen_in(text) {
            return Err(TextError::Character { place, character });
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        check(&text, Name::MAX)?;
        Ok(Name(text))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Name> for Line {
    /// A name is a line: nothing is hidden in it, and it is not longer.
    fn from(name: Name) -> Line {
        Line(name.0)
    }
}

/// What a page, a server or a file's name says: kept as data, with every
/// hidden character ([`is_hidden`]) written visibly (`[U+202E]`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen(String);

impl Seen {
    /// Bytes of UTF-8; of what is longer the middle is cut, and ` […] ` stands
    /// there.
    pub const MAX: usize = 4096;

    /// Makes `raw` safe to show and bounded.
    pub fn of(raw: &str) -> Seen {
        if raw.len() <= Seen::MAX && !raw.chars().any(is_hidden) {
            return Seen(raw.to_owned());
        }
        Seen(cut(&shown(raw, is_hidden), Seen::MAX, str::len, " […] "))
    }

    /// The same, in at most `bytes` bytes as they stand in an entry.
    pub fn brief(raw: &str, bytes: usize) -> Seen {
        let Seen(seen) = Seen::of(raw);
        if spelled_length(&seen) <= bytes {
            Seen(seen)
        } else {
            Seen(cut(&seen, bytes, spelled_length, " […] "))
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The beginning and the end of `text` with `mark` between them, together at
/// most `most` of what `length` counts: names and addresses are told by both.
pub(super) fn cut(text: &str, most: usize, length: impl Fn(&str) -> usize, mark: &str) -> String {
    if length(text) <= most {
        return text.to_owned();
    }
    let half = most.saturating_sub(length(mark)) / 2;
    let start = that_fit(text.chars(), half, &length);
    let end = that_fit(text.chars().rev(), half, &length);
    format!("{}{mark}{}", &text[..start], &text[text.len() - end..])
}

/// How many bytes the first of these take, of which no more fit.
fn that_fit(letters: impl Iterator<Item = char>, mut room: usize, length: impl Fn(&str) -> usize) -> usize {
    let mut buffer = [0; 4];
    let fits = |c: &char| match room.checked_sub(length(c.encode_utf8(&mut buffer))) {
        Some(rest) => {
            room = rest;
            true
        }
        None => false,
    };
    letters.take_while(fits).map(char::len_utf8).sum()
}

/// Why a typed text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// More bytes than fit.
    #[error("it takes {bytes} bytes in the record; at most {limit} fit")]
    Long {
        /// How many it takes, as it would stand there.
        bytes: usize,
        /// How many may be.
        limit: usize,
    },
    /// A character that cannot be seen, in a name.
    #[error("character {place} is U+{:04X}, which cannot be seen", u32::from(*.character))]
    Character {
        /// Which character, from 1.
        place: usize,
        /// The character.
        character: char,
    },
}

fn check(text: &str, limit: usize) -> Result<(), TextError> {
    match text.len() {
        0 => Err(TextError::Empty),
        bytes if bytes > limit => Err(TextError::Long { bytes, limit }),
        _ => Ok(()),
    }
}

/// Line ends of every kind as LF, tabs as spaces.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'], "\n")
        .replace('\t', " ")
}

/// Why `text` is not as it would be written: the first character that would be
/// another.
fn unwritten(text: &str, written: &str) -> String {
    let mut written = written.chars();
    match text.chars().enumerate().find(|(_, c)| written.next() != Some(*c)) {
        Some((i, c)) if is_hidden(c) => {
            format!("character {} is U+{:04X}, which never stands there as itself", i + 1, u32::from(c))
        }
        _ => "not as it is written".to_owned(),
    }
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
                if read.0 == text { Ok(read) } else { Err(de::Error::custom(unwritten(&text, &read.0))) }
            }
        }
    };
}

text_type!(Text, Text::typed);
text_type!(Line, Line::typed);
text_type!(Name, Name::typed);
text_type!(Seen, |text: &str| Ok::<Seen, TextError>(Seen::of(text)));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_words_are_kept_whatever_was_pasted() {
        assert_eq!(Text::typed("  a\r\nb \n").map(|t| t.to_string()), Ok("a\nb".to_owned()));
        assert_eq!(Text::typed(" \n "), Err(TextError::Empty));
        assert_eq!(Text::typed(&"x".repeat(65536)), Err(TextError::Long { bytes: 65536, limit: Text::MAX }));
        assert_eq!(
            Text::typed("a\tb\rc\u{2028}d\u{85}e").map(|t| t.to_string()),
            Ok("a b\nc\nd\ne".to_owned())
        );
        assert_eq!(Line::typed("a\nb\u{2029}c").map(|t| t.to_string()), Ok("a b c".to_owned()));
        for character in ['\0', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202a}', '\u{202e}', '\u{2067}', '\u{feff}']
        {
            let (text, shown) = (format!("ab{character}c"), format!("ab[U+{:04X}]c", u32::from(character)));
            assert_eq!(Text::typed(&text).map(|t| t.to_string()), Ok(shown.clone()));
            assert_eq!(Line::typed(&text).map(|t| t.to_string()), Ok(shown.clone()));
            assert_eq!(Seen::of(&text).as_str(), shown);
            assert!(
                serde_json::from_value::<Text>(text.clone().into()).is_err(),
                "an entry has one spelling"
            );
            assert!(serde_json::from_value::<Line>(text.into()).is_err(), "an entry has one spelling");
        }
        // What has no place of its own on a line is no reason to refuse, either.
        let pasted = "👨\u{200d}👩 caf\u{ad}\u{e9} \u{200b}\u{fe0f}\u{e0041}";
        assert_eq!(Text::typed(pasted).map(|t| t.to_string()), Ok(pasted.to_owned()));
        let grown = "\u{202e}".repeat(Text::MAX / 4);
        assert!(
            matches!(Text::typed(&grown), Err(TextError::Long { .. })),
            "measured as it will stand there"
        );
    }

    #[test]
    fn a_name_holds_nothing_that_cannot_be_seen() {
        for character in
            ['\n', '\t', '\u{85}', '\u{202e}', '\u{2062}', '\u{34f}', '\u{3164}', '\u{e000}', '\u{e0041}']
        {
            let text = format!("ab{character}c");
            assert_eq!(Name::typed(&text), Err(TextError::Character { place: 3, character }));
            assert!(serde_json::from_value::<Name>(text.into()).is_err());
        }
        let kept = |text| Name::typed(text).map(|name| name.to_string());
        assert_eq!(kept(" Zoë\u{a0} O’Brien "), Ok("Zoë O’Brien".to_owned()));
        assert_eq!(kept(" محمد علي "), Ok("محمد علي".to_owned()));
        assert_eq!(kept("علی\u{200c}رضا"), Ok("علی\u{200c}رضا".to_owned()));
        assert_eq!(kept(" \u{3000} "), Err(TextError::Empty));
        assert_eq!(kept(&"x".repeat(501)), Err(TextError::Long { bytes: 501, limit: Name::MAX }));
    }

    #[test]
    fn words_that_nobody_can_be_asked_for_again_are_made_visible_and_bounded() {
        let visible = |raw: &str| Text::visible(raw, 100).map(|text| text.to_string());
        assert_eq!(visible(" a\u{1b}b\r\nc\r "), Some("a[U+001B]b\nc".to_owned()));
        assert_eq!(visible("\u{202e}"), Some("[U+202E]".to_owned()));
        assert_eq!(visible(" \n "), None);
        for raw in ["\"".repeat(500), "é".repeat(500), "\u{1}".repeat(500), "a\n".repeat(500)] {
            let text = Text::visible(&raw, 100).expect("words");
            let spelled = serde_json::to_string(&text).expect("spells");
            assert!(spelled.len() <= 102, "{spelled}");
            assert!(text.as_str().ends_with(" […]"));
        }
    }

    #[test]
    fn what_pages_say_is_bounded_and_stable() {
        for raw in ["é".repeat(5000), "\u{202e}".repeat(5000), "x".repeat(Seen::MAX), "\"".repeat(5000)] {
            let seen = Seen::of(&raw);
            assert!(seen.as_str().len() <= Seen::MAX);
            assert_eq!(Seen::of(seen.as_str()), seen, "writing it again changes nothing");
            for most in [20, 333, 2000] {
                let brief = Seen::brief(&raw, most);
                assert!(spelled_length(brief.as_str()) <= most, "{most}");
                assert_eq!(Seen::of(brief.as_str()), brief);
            }
        }
        let name = format!("{}/the file's own name.txt", "folder/".repeat(700));
        let seen = Seen::of(&name);
        assert!(seen.as_str().starts_with("folder/folder/") && seen.as_str().ends_with("own name.txt"));
        assert!(seen.as_str().contains(" […] ") && seen.as_str().len() > Seen::MAX - 20);
    }

    #[test]
    fn a_text_is_measured_as_it_will_stand_in_the_record() {
        let quotes = "\"".repeat(Text::MAX / 2);
        assert!(Text::typed(&quotes).is_ok());
        let long = TextError::Long { bytes: Text::MAX + 2, limit: Text::MAX };
        assert_eq!(Text::typed(&format!("{quotes}\"")), Err(long.clone()));
        assert_eq!(Text::typed(&format!("{quotes}xx")), Err(long));
        assert!(Text::shared(&"\\".repeat(Text::SHARED / 2)).is_ok());
        assert!(Text::shared(&"\n\\".repeat(Text::SHARED / 4 + 1)).is_err());
    }
}
