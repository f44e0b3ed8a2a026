//! `bag-info.txt`: labels and values, one a line.
//!
//! It knows `Payload-Oxum`, and of no other label what it means.

use std::fmt;

use crate::journal::characters::turns_a_line;

/// The fields of a `bag-info.txt` beside `Payload-Oxum`, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info(Vec<(String, String)>);

/// The length of the payload in bytes and its number of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oxum {
    /// Bytes.
    pub octets: u64,
    /// Files.
    pub files: u64,
}

impl Info {
    /// Fields with these labels and values. Labels are of `[A-Za-z0-9-]` and
    /// occur once; values are of one line, without control characters, and do
    /// not begin or end with white space.
    pub fn new(fields: Vec<(String, String)>) -> Result<Info, InfoError> {
        let labels = || fields.iter().map(|(label, _)| label);
        for (index, (label, value)) in fields.iter().enumerate() {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            if label.is_empty() || !label.bytes().all(word) {
                return Err(InfoError::Label(label.escape_default().to_string()));
            }
            if value.is_empty() || value.trim() != value || value.chars().any(turns_a_line) {
                return Err(InfoError::Value(label.clone()));
            }
            let again = labels().take(index).any(|other| other.eq_ignore_ascii_case(label));
            if again || label.eq_ignore_ascii_case(OXUM) {
                return Err(InfoError::Twice(label.clone()));
            }
        }
        Ok(Info(fields))
    }

    /// Reads a `bag-info.txt`, whose last line is the `Payload-Oxum`.
    pub fn parse(text: &[u8]) -> Result<(Info, Oxum), InfoError> {
        let text = std::str::from_utf8(text).map_err(|_| InfoError::Text)?;
        let text = text.strip_suffix('\n').ok_or(InfoError::Text)?;
        let mut fields = Vec::new();
        for (index, line) in text.split('\n').enumerate() {
            let (label, value) = line.split_once(": ").ok_or(InfoError::Line(index + 1))?;
            fields.push((label.to_owned(), value.to_owned()));
        }
        let (label, value) = fields.pop().ok_or(InfoError::Text)?;
        let oxum = Oxum::parse(&value).filter(|_| label == OXUM).ok_or(InfoError::Oxum)?;
        Ok((Info::new(fields)?, oxum))
    }

    /// The value of a field.
    pub fn value(&self, label: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == label).map(|(_, value)| value.as_str())
    }

    /// The text of the `bag-info.txt`.
    pub(super) fn with_oxum(&self, oxum: Oxum) -> String {
        let lines = self.0.iter().map(|(label, value)| format!("{label}: {value}\n"));
        lines.collect::<String>() + &format!("{OXUM}: {oxum}\n")
    }
}

impl Oxum {
    fn parse(text: &str) -> Option<Oxum> {
        let (octets, files) = text.split_once('.')?;
        let oxum = Oxum { octets: octets.parse().ok()?, files: files.parse().ok()? };
        (oxum.to_string() == text).then_some(oxum)
    }
}

impl fmt::Display for Oxum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.octets, self.files)
    }
}

/// Why a text is no `bag-info.txt`, or fields cannot be in one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InfoError {
    /// Not UTF-8, or the last line does not end with a line feed.
    #[error("not UTF-8 that ends with a line feed")]
    Text,
    /// A line without a label.
    #[error("line {0} is not a label, a colon, a space and a value")]
    Line(usize),
    /// A label with other characters than letters, digits and hyphens.
    #[error("the label \"{0}\" is not of letters, digits and hyphens")]
    Label(String),
    /// A value that is empty, has control characters, or white space around it.
    #[error("the value of {0} is empty, has white space around it, or has characters that do not show")]
    Value(String),
    /// A label occurs twice, or is `Payload-Oxum` in a wrong place.
    #[error("{0} occurs twice or in a wrong place")]
    Twice(String),
    /// The last line is no `Payload-Oxum`.
    #[error("the last line is not {OXUM}: BYTES.FILES")]
    Oxum,
}

const OXUM: &str = "Payload-Oxum";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        let text = "Bagging-Date: 2026-11-22\nExternal-Identifier: 2026-0001: seal 1\nPayload-Oxum: 12.3\n";
        let (info, oxum) = Info::parse(text.as_bytes()).expect("our spelling");
        assert_eq!(oxum, Oxum { octets: 12, files: 3 });
        assert_eq!(info.value("External-Identifier"), Some("2026-0001: seal 1"));
        assert_eq!(info.with_oxum(oxum), text);
        for (other, error) in [
            ("", InfoError::Text),
            ("\n", InfoError::Line(1)),
            ("Payload-Oxum: 12.3", InfoError::Text),
            ("Payload-Oxum: 12.3\n\n", InfoError::Line(2)),
            ("Payload-Oxum:12.3\n", InfoError::Line(1)),
            ("Payload-Oxum: 012.3\n", InfoError::Oxum),
            ("Payload-Oxum: +12.3\n", InfoError::Oxum),
            ("Payload-Oxum: 12.3\r\n", InfoError::Oxum),
            ("payload-oxum: 12.3\n", InfoError::Oxum),
            ("A: b\n", InfoError::Oxum),
            ("Payload-Oxum: 1.1\nPayload-Oxum: 1.1\n", InfoError::Twice("Payload-Oxum".into())),
            ("A: b\na: c\nPayload-Oxum: 1.1\n", InfoError::Twice("a".into())),
            ("A:  b\nPayload-Oxum: 1.1\n", InfoError::Value("A".into())),
            ("A: b\r\nPayload-Oxum: 1.1\n", InfoError::Value("A".into())),
            ("A: b\u{202e}\nPayload-Oxum: 1.1\n", InfoError::Value("A".into())),
            ("A: b\n  c\nPayload-Oxum: 1.1\n", InfoError::Line(2)),
            ("A b: c\nPayload-Oxum: 1.1\n", InfoError::Label("A b".into())),
        ] {
            assert_eq!(Info::parse(other.as_bytes()), Err(error), "{other:?}");
        }
        assert_eq!(Info::parse(b"A: \xff\nPayload-Oxum: 1.1\n"), Err(InfoError::Text));
    }
}
