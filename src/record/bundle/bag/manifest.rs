//! Manifests: digests and names, one a line.
//!
//! It compares nothing with what is there.

use std::fmt;

use crate::bundle::name::{Name, NameError, shown};
use crate::bundle::zip::Member;
use crate::digest::Digest;

/// What a manifest lists, in byte order of the names.
///
/// Written as `sha256sum` writes it: 64 lower-case hex digits, two spaces, the
/// name, a line feed. It MUST be read back only from that spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest(Vec<Line>);

/// A line of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The file, from the top folder on.
    pub name: Name,
    /// What its content must have as its digest.
    pub digest: Digest,
}

impl Manifest {
    /// The manifest of `members`, which are in byte order of their names.
    pub(super) fn of(members: &[Member]) -> Manifest {
        let line = |member: &Member| Line { name: member.name.clone(), digest: member.digest };
        Manifest(members.iter().map(line).collect())
    }

    /// Reads a manifest.
    pub fn parse(text: &[u8]) -> Result<Manifest, ManifestError> {
        let Some(text) = text.strip_suffix(b"\n") else { return Err(ManifestError::LastLine) };
        let mut lines: Vec<Line> = Vec::new();
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let number = index + 1;
            let (digest, name) = line.split_at_checked(64).ok_or(ManifestError::Line(number))?;
            let name = name.strip_prefix(b"  ").ok_or(ManifestError::Line(number))?;
            let digest = std::str::from_utf8(digest).ok().and_then(|digest| digest.parse().ok());
            let digest = digest.ok_or(ManifestError::Line(number))?;
            let name = Name::parse(name).map_err(|e| ManifestError::Name(number, e))?;
            if lines.last().is_some_and(|last| last.name >= name) {
                return Err(ManifestError::Order(number, shown(name.as_bytes())));
            }
            lines.push(Line { name, digest });
        }
        Ok(Manifest(lines))
    }

    /// The lines, in byte order of their names.
    pub fn lines(&self) -> &[Line] {
        &self.0
    }

    /// The digest that is listed for `name`.
    pub fn digest(&self, name: &str) -> Option<Digest> {
        let found = self.0.binary_search_by(|line| line.name.as_str().cmp(name)).ok()?;
        Some(self.0[found].digest)
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{}  {}", line.digest, line.name))
    }
}

/// Why a text is no manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The last line does not end with a line feed, or there is none.
    #[error("does not end with a line feed")]
    LastLine,
    /// A line is not a digest, two spaces and a name.
    #[error("line {0} is not 64 lower-case hex digits, two spaces and a name")]
    Line(usize),
    /// A name that no member has.
    #[error("line {0}: {1}")]
    Name(usize, NameError),
    /// A name that does not come after the one before it.
    #[error("line {0}: \"{1}\" does not come after the name before it")]
    Order(usize, String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        let text = format!("{a}  data/a\n{b}  data/b\n");
        let manifest = Manifest::parse(text.as_bytes()).expect("our spelling");
        assert_eq!(manifest.to_string(), text);
        assert_eq!((manifest.digest("data/b"), manifest.digest("data/c")), (Some(b), None));
        for (other, error) in [
            (String::new(), ManifestError::LastLine),
            ("\n".to_owned(), ManifestError::Line(1)),
            (text.trim_end().to_owned(), ManifestError::LastLine),
            (format!("{text}\n"), ManifestError::Line(3)),
            (text.replace("  ", " "), ManifestError::Line(1)),
            (text.replace("  ", " *"), ManifestError::Line(1)),
            (text.replace("  ", "\t"), ManifestError::Line(1)),
            (format!("\u{feff}{text}"), ManifestError::Line(1)),
            (format!("{text}# x\n"), ManifestError::Line(3)),
            (format!("{}  data/a\n", a.to_string().to_uppercase()), ManifestError::Line(1)),
            (format!("{b}  data/b\n{a}  data/a\n"), ManifestError::Order(2, "data/a".into())),
            (format!("{a}  data/a\n{b}  data/a\n"), ManifestError::Order(2, "data/a".into())),
        ] {
            assert_eq!(Manifest::parse(other.as_bytes()), Err(error), "{other:?}");
        }
        for other in
            [text.replace('\n', "\r\n"), text.replace("data/a", "data/%0A"), text.replace("data/a", "./a")]
        {
            assert!(matches!(Manifest::parse(other.as_bytes()), Err(ManifestError::Name(1, _))), "{other:?}");
        }
    }
}
