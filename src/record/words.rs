//! Numbers as words for people: eight for a seal, six for a passphrase.
//!
//! Both draw on the 2,048 English words of BIP 39, 11 bits each, of which no
//! two share their first four letters. Nothing else of BIP 39 is used: no
//! checksum, no seed.

use std::fmt;
use std::str::FromStr;

use bip39::Language;

use crate::clock::Random;
use crate::digest::Digest;

/// The first 88 bits of a digest as eight words.
///
/// Enough to compare a bundle with a sheet of paper; the digest itself stands
/// beside them for machines.
#[derive(Clone, PartialEq, Eq)]
pub struct SealWords([&'static str; 8]);

impl SealWords {
    /// The words of `digest`.
    pub fn of(digest: &Digest) -> SealWords {
        SealWords(words_of(digest.as_bytes()))
    }

    /// Whether these are the words of `digest`.
    pub fn matches(&self, digest: &Digest) -> bool {
        *self == SealWords::of(digest)
    }

    /// The eight words in order.
    pub fn words(&self) -> &[&'static str; 8] {
        &self.0
    }
}

impl fmt::Display for SealWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl fmt::Debug for SealWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SealWords {
    type Err = SealWordsError;

    /// Reads eight words as a person types them: any case, any white space,
    /// hyphens or commas between them, and the first four letters suffice.
    fn from_str(text: &str) -> Result<SealWords, SealWordsError> {
        let typed: Vec<String> = text
            .split(|c: char| c.is_whitespace() || c == '-' || c == ',')
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let mut words = [""; 8];
        if typed.len() != words.len() {
            return Err(SealWordsError::Count(typed.len()));
        }
        for (place, (word, typed)) in words.iter_mut().zip(&typed).enumerate() {
            *word = complete(typed).ok_or_else(|| SealWordsError::Unknown {
                place: place + 1,
                word: typed.chars().take(20).collect(),
            })?;
        }
        Ok(SealWords(words))
    }
}

/// Why a typed text is no seal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealWordsError {
    /// Not eight words.
    #[error("{0} words where a seal has eight")]
    Count(usize),
    /// A word that is not in the list.
    #[error("word {place}, {word:?}, is not one that Countersign uses")]
    Unknown {
        /// Which word, from 1.
        place: usize,
        /// What was typed.
        word: String,
    },
}

/// Six words drawn evenly: 66 bits.
pub fn passphrase(random: &dyn Random) -> std::io::Result<String> {
    // 2,048 divides 65,536, so the low bits of two bytes are even.
    let mut bytes = [0; 12];
    random.fill(&mut bytes)?;
    let words: Vec<&str> = bytes
        .chunks_exact(2)
        .map(|pair| list()[usize::from(u16::from_be_bytes([pair[0], pair[1]]) & 0x7ff)])
        .collect();
    Ok(words.join(" "))
}

/// Whether `word` is one of the 2,048.
pub fn is_listed(word: &str) -> bool {
    list().binary_search(&word).is_ok()
}

fn words_of(bytes: &[u8; 32]) -> [&'static str; 8] {
    std::array::from_fn(|i| {
        let index = (i * 11..(i + 1) * 11)
            .fold(0, |index, bit| index << 1 | usize::from(bytes[bit / 8] >> (7 - bit % 8) & 1));
        list()[index]
    })
}

fn complete(typed: &str) -> Option<&'static str> {
    let mut candidates = Language::English.words_by_prefix_iter(typed);
    let first = candidates.next()?;
    (first == typed || typed.chars().count() >= 4).then_some(first)
}

fn list() -> &'static [&'static str; 2048] {
    Language::English.word_list()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_words_are_the_first_88_bits() {
        let mut bytes = [0; 32];
        assert_eq!(SealWords::of(&Digest::from_bytes(bytes)).to_string(), ["abandon"; 8].join(" "));
        bytes[10] = 1;
        bytes[11] = 0xff;
        assert_eq!(SealWords::of(&Digest::from_bytes(bytes)).words()[7], "ability");
        bytes[0] = 0xff;
        bytes[1] = 0xe0;
        assert_eq!(SealWords::of(&Digest::from_bytes(bytes)).words()[0], "zoo");
    }

    #[test]
    fn typed_as_people_type() {
        let words = SealWords::of(&Digest::of(b"abc"));
        let spoken = words.to_string();
        let short: Vec<String> = words.words().iter().map(|w| w.chars().take(4).collect()).collect();
        for typed in [spoken.clone(), spoken.to_uppercase(), spoken.replace(' ', " - "), short.join(", ")] {
            assert_eq!(typed.parse(), Ok(words.clone()), "{typed}");
        }
        assert_eq!("a b".parse::<SealWords>(), Err(SealWordsError::Count(2)));
        let wrong = spoken.replacen(words.words()[2], "qqqq", 1);
        assert_eq!(
            wrong.parse::<SealWords>(),
            Err(SealWordsError::Unknown { place: 3, word: "qqqq".to_owned() })
        );
    }

    #[test]
    fn the_list_is_what_the_doc_says() {
        assert!(list().is_sorted());
        let mut starts: Vec<String> = list().iter().map(|w| w.chars().take(4).collect()).collect();
        starts.dedup();
        assert_eq!(starts.len(), 2048);
    }
}
