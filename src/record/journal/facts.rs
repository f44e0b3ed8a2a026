//! The small values that entries are made of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::text::Seen;
use crate::clock::Random;
use crate::digest::Digest;

/// A text that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}")]
pub struct NotA {
    what: &'static str,
    text: String,
}

impl NotA {
    fn new(what: &'static str, text: &str) -> NotA {
        NotA { what, text: text.chars().take(80).collect() }
    }
}

macro_rules! spelled {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A new one.
            pub fn generate(random: &dyn Random) -> std::io::Result<$name> {
                let mut bytes = [0; 16];
                random.fill(&mut bytes)?;
                Ok($name(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl FromStr for $name {
            type Err = NotA;

            fn from_str(text: &str) -> Result<$name, NotA> {
                let wrong = || NotA::new($what, text);
                // Read as half of a digest: the same digits, the same strictness.
                let whole: Digest = format!("{text}{text}").parse().map_err(|_| wrong())?;
                let mut bytes = [0; 16];
                bytes.copy_from_slice(&whole.as_bytes()[..16]);
                if text.len() == 32 { Ok($name(bytes)) } else { Err(wrong()) }
            }
        }

        spelled!($name);
    };
}

random_id! {
    /// 128 random bits that tell a case from every other, in hex.
    CaseId, "a case's 32 hex digits"
}

random_id! {
    /// 128 random bits for each unlocking, in hex. Times since start are
    /// comparable within one session only.
    SessionId, "a session's 32 hex digits"
}

/// How people name a case: the year and a number, `2026-0001`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    year: u16,
    number: u32,
}

impl Reference {
    /// The reference of the `number`th case of `year`.
    pub fn new(year: i32, number: u32) -> Option<Reference> {
        let year = u16::try_from(year).ok().filter(|y| (1970..=9999).contains(y))?;
        (1..=999_999).contains(&number).then_some(Reference { year, number })
    }

    /// The year.
    pub fn year(self) -> i32 {
        i32::from(self.year)
    }

    /// The number within the year.
    pub fn number(self) -> u32 {
        self.number
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:04}", self.year, self.number)
    }
}

impl FromStr for Reference {
    type Err = NotA;

    fn from_str(text: &str) -> Result<Reference, NotA> {
        let read = || {
            let (year, number) = text.split_once('-')?;
            let reference = Reference::new(year.parse().ok()?, number.parse().ok()?)?;
            (reference.to_string() == text).then_some(reference)
        };
        read().ok_or_else(|| NotA::new("a case reference like 2026-0001", text))
    }
}

spelled!(Reference);

/// One of the two reviewers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first reviewing person.
    A,
    /// The second reviewing person.
    B,
}

impl Side {
    /// Both, in order.
    pub const BOTH: [Side; 2] = [Side::A, Side::B];

    /// `a` or `b`, as in file names.
    pub fn letter(self) -> &'static str {
        match self {
            Side::A => "a",
            Side::B => "b",
        }
    }
}

/// An id of a pack: of a category, a route, a confirmation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// The id's letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Id {
    type Err = NotA;

    fn from_str(text: &str) -> Result<Id, NotA> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-');
        if fits {
            Ok(Id(text.to_owned()))
        } else {
            Err(NotA::new("an id of small letters, digits and hyphens", text))
        }
    }
}

spelled!(Id);

/// The ending of a kept file's name: 1 to 8 small letters or digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Extension(String);

impl Extension {
    /// The ending of `name` where it can be one, else `bin`.
    pub fn of_name(name: &str) -> Extension {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        ending.and_then(|e| e.parse().ok()).unwrap_or_else(|| Extension("bin".to_owned()))
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Extension {
    type Err = NotA;

    fn from_str(text: &str) -> Result<Extension, NotA> {
        let fits = (1..=8).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if fits { Ok(Extension(text.to_owned())) } else { Err(NotA::new("a file ending", text)) }
    }
}

spelled!(Extension);

/// What a file of the case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The procedure pack of the case.
    Pack,
    /// The whole page as a picture, or one tile of it.
    Picture,
    /// What was on the screen.
    Screen,
    /// A part of what was on the screen, which people chose.
    Area,
    /// The page as MHTML.
    Page,
    /// The server's main answer.
    Response,
    /// What the page exchanged with servers, as WACZ.
    Traffic,
    /// All that was noted when the page was kept, as JSON.
    Record,
    /// A file that was brought in.
    Attached,
    /// The names of what did not become part of the record, where an entry has
    /// no room for all of them.
    List,
    /// The form as PDF.
    Form,
}

/// A file of the case: `files/<sha256>.<extension>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What it is.
    pub role: Role,
    /// Its digest, which is its name.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
    /// The ending of its name.
    pub extension: Extension,
    /// The name it had where it came from.
    pub name: Option<Seen>,
}

impl File {
    /// Where it lies, from the case's `data` folder.
    pub fn path(&self) -> String {
        format!("files/{}.{}", self.sha256, self.extension)
    }

    /// Whether it came in by recording, and can therefore be withheld.
    pub fn is_captured(&self) -> bool {
        !matches!(self.role, Role::Pack | Role::Form | Role::List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        assert_eq!("2026-0001".parse::<Reference>().map(|r| r.to_string()), Ok("2026-0001".to_owned()));
        for wrong in
            ["2026-1", "2026-00001", "26-0001", "2026-0000", "2026-0001 ", "../2026-0001", "2026-+001"]
        {
            assert!(wrong.parse::<Reference>().is_err(), "{wrong}");
        }
        assert!("2026-12345".parse::<Reference>().is_ok());
        let id = "00112233445566778899aabbccddeeff";
        assert_eq!(id.parse::<CaseId>().map(|c| c.to_string()), Ok(id.to_owned()));
        assert!(id.to_uppercase().parse::<CaseId>().is_err());
        assert!(format!("{id}00").parse::<CaseId>().is_err());
        assert_eq!(Extension::of_name("Photo.JPEG").to_string(), "jpeg");
        assert_eq!(Extension::of_name("x.tar.").to_string(), "bin");
        assert_eq!(Extension::of_name("../x./y").to_string(), "bin");
    }
}
