//! What a person reads off the seal sheet.

use std::str::FromStr;

use crate::digest::Digest;
use crate::words::{SealWords, SealWordsError};

/// The root as it stands on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paper {
    /// All of it: the seal code, or what the QR code holds.
    Root(Digest),
    /// Its eight words.
    Words(SealWords),
}

impl Paper {
    /// Whether this is the paper of `root`.
    pub fn matches(&self, root: &Digest) -> bool {
        match self {
            Paper::Root(paper) => paper == root,
            Paper::Words(words) => words.matches(root),
        }
    }
}

/// What is typed is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// Hex, but not 64 digits of it.
    #[error("the seal code has {0} digits where there are 64")]
    Digits(usize),
    /// Not the eight words.
    #[error(transparent)]
    Words(#[from] SealWordsError),
}

impl FromStr for Paper {
    type Err = PaperError;

    /// Reads eight words, or 64 hex digits in groups of any size and in either
    /// case, or the text of the QR code.
    fn from_str(text: &str) -> Result<Paper, PaperError> {
        let code = text.trim().rsplit(':').next().unwrap_or_default();
        let digits: String = code.split_whitespace().collect::<String>().to_ascii_lowercase();
        if let Ok(root) = digits.parse() {
            return Ok(Paper::Root(root));
        }
        // Eight words always hold a letter that no hex digit is.
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(PaperError::Digits(digits.len()));
        }
        Ok(Paper::Words(text.parse()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_as_people_type_it() {
        let root = Digest::of(b"abc");
        let hex = root.to_string();
        let grouped: Vec<&str> = (0..8).map(|i| &hex[i * 8..i * 8 + 8]).collect();
        let qr = format!("countersign:1:00112233445566778899aabbccddeeff:1:{hex}");
        for typed in [hex.clone(), hex.to_uppercase(), grouped.join(" "), qr] {
            assert_eq!(typed.parse(), Ok(Paper::Root(root)), "{typed}");
        }
        let words = SealWords::of(&root).to_string();
        assert!(words.parse::<Paper>().is_ok_and(|paper| paper.matches(&root)));
        assert_eq!(hex[1..].parse::<Paper>(), Err(PaperError::Digits(63)));
        assert!("".parse::<Paper>().is_err());
    }
}
