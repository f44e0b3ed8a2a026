//! What a person reads off the seal sheet.

use std::str::FromStr;

use super::Says;
use crate::digest::Digest;
use crate::journal::CaseId;
use crate::words::{SealWords, SealWordsError};

/// The root as it stands on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paper {
    /// All of it, as the seal code in hex.
    Root(Digest),
    /// What the square code holds: the case and the number of the seal, too.
    Code(SheetCode),
    /// Its eight words.
    Words(SealWords),
}

/// The text of the seal sheet's square code, `countersign:1:<case>:<seal>:<ROOT>`
/// (FORMAT 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetCode {
    /// The case.
    pub case: CaseId,
    /// The number of the seal.
    pub seal: u32,
    /// The root.
    pub root: Digest,
}

impl Paper {
    /// Whether this is the paper of `root`, as far as the root says.
    pub fn matches(&self, root: &Digest) -> bool {
        match self {
            Paper::Root(paper) => paper == root,
            Paper::Code(code) => code.root == *root,
            Paper::Words(words) => words.matches(root),
        }
    }

    /// What the paper says and a bundle does not: the root first. Nothing, if
    /// it is the bundle's paper.
    pub(super) fn differs(&self, root: &Digest, says: Option<&Says>) -> Vec<String> {
        let mut differs = Vec::new();
        if !self.matches(root) {
            differs.push("the seal on the paper is not the seal of this bundle".to_owned());
        }
        let Paper::Code(code) = self else { return differs };
        let Some(says) = says else {
            differs.push("the bundle does not say of which case and seal it is".to_owned());
            return differs;
        };
        if code.case != says.case {
            differs.push(format!(
                "the code on the paper is of case {}, and this bundle of case {}",
                code.case, says.case
            ));
        }
        if code.seal != says.seal {
            differs.push(format!(
                "the code on the paper is of seal {}, and this bundle is seal {}",
                code.seal, says.seal
            ));
        }
        differs
    }
}

impl FromStr for SheetCode {
    type Err = PaperError;

    /// Reads the whole text: white space within it counts for nothing, since
    /// whoever copies it may break the line.
    fn from_str(text: &str) -> Result<SheetCode, PaperError> {
        let text: String = text.split_whitespace().collect();
        let parts: Vec<&str> = text.split(':').collect();
        let [name, version, case, seal, root] = parts[..] else {
            return Err(PaperError::Code(CodePart::Parts(parts.len())));
        };
        let wrong = |part| Err(PaperError::Code(part));
        if !name.eq_ignore_ascii_case("countersign") {
            return wrong(CodePart::Name);
        }
        if version != "1" {
            return wrong(CodePart::Version(version.chars().take(20).collect()));
        }
        let Ok(case) = case.to_ascii_lowercase().parse() else { return wrong(CodePart::Case) };
        let number = seal.parse().ok().filter(|number: &u32| *number > 0 && number.to_string() == seal);
        let Some(seal) = number else { return wrong(CodePart::Seal) };
        let Ok(root) = root.to_ascii_lowercase().parse() else { return wrong(CodePart::Root) };
        Ok(SheetCode { case, seal, root })
    }
}

/// Which part of the square code's text is not as a sheet has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodePart {
    /// There are five.
    #[error("it has {0} parts where there are five")]
    Parts(usize),
    /// The first is the program's name.
    #[error("it does not begin with \"countersign\"")]
    Name,
    /// The second is the version that is known here.
    #[error("its version is {0:?}, and this program knows version 1")]
    Version(String),
    /// The third is 32 hex digits.
    #[error("its third part is not the 32 digits of a case")]
    Case,
    /// The fourth is a number from 1.
    #[error("its fourth part is not the number of a seal")]
    Seal,
    /// The fifth is 64 hex digits.
    #[error("its fifth part is not the 64 digits of a seal code")]
    Root,
}

/// What is typed is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// Hex, but not 64 digits of it.
    #[error("the seal code has {0} digits where there are 64")]
    Digits(usize),
    /// The text of the square code, but not all of it.
    #[error("the text of the square code: {0}")]
    Code(CodePart),
    /// Not the eight words.
    #[error(transparent)]
    Words(#[from] SealWordsError),
}

impl FromStr for Paper {
    type Err = PaperError;

    /// Reads eight words, or 64 hex digits in groups of any size and in either
    /// case, or the text of the QR code.
    fn from_str(text: &str) -> Result<Paper, PaperError> {
        if text.contains(':') {
            return Ok(Paper::Code(text.parse()?));
        }
        let digits: String = text.split_whitespace().collect::<String>().to_ascii_lowercase();
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
        for typed in [hex.clone(), hex.to_uppercase(), grouped.join(" ")] {
            assert_eq!(typed.parse(), Ok(Paper::Root(root)), "{typed}");
        }
        let words = SealWords::of(&root).to_string();
        assert!(words.parse::<Paper>().is_ok_and(|paper| paper.matches(&root)));
        assert_eq!(hex[1..].parse::<Paper>(), Err(PaperError::Digits(63)));
        assert!("".parse::<Paper>().is_err());
    }

    #[test]
    fn the_square_code_is_read_whole() {
        let (root, case) = (Digest::of(b"abc"), "00112233445566778899aabbccddeeff");
        let code = format!("countersign:1:{case}:7:{root}");
        let read = SheetCode { case: case.parse().expect("an id"), seal: 7, root };
        for typed in [code.clone(), code.to_uppercase(), format!(" {} ", code.replace(":7:", ":7:\n "))] {
            assert_eq!(typed.parse(), Ok(Paper::Code(read)), "{typed}");
        }
        let part = |typed: String| match typed.parse::<Paper>() {
            Err(PaperError::Code(part)) => part,
            other => panic!("{typed}: {other:?}"),
        };
        assert_eq!(part(format!("x:{root}")), CodePart::Parts(2));
        assert_eq!(part(format!("{code}:")), CodePart::Parts(6));
        assert_eq!(part(code.replace("countersign", "countersigm")), CodePart::Name);
        assert_eq!(part(code.replace(":1:", ":2:")), CodePart::Version("2".to_owned()));
        assert_eq!(part(code.replace(":1:", "::")), CodePart::Version(String::new()));
        assert_eq!(part(code.replace(case, &case[1..])), CodePart::Case);
        for seal in ["", "0", "07", "+7", "x", "4294967296"] {
            assert_eq!(part(code.replace(":7:", &format!(":{seal}:"))), CodePart::Seal, "{seal}");
        }
        assert_eq!(part(code[..code.len() - 1].to_owned()), CodePart::Root);
    }
}
