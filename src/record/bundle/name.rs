//! Names of members: paths that mean the same file on every computer.
//!
//! It reads no folder and does not know which names a bundle must have.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// The path of a member: one or more components of `[A-Za-z0-9._-]`, joined by `/`.
///
/// A value of this type is safe to join to a folder: it MUST NOT be absolute,
/// climb, name a Windows device, or mean another file where case is ignored or
/// a last dot is dropped. Names order by their bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// Reads a name from the bytes of a header or the spelling on a disk.
    pub fn parse(bytes: &[u8]) -> Result<Name, NameError> {
        let wrong = |why| NameError { name: shown(bytes), why };
        if bytes.len() > LONGEST {
            return Err(wrong(NameDefect::TooLong(bytes.len())));
        }
        if let Some(&byte) = bytes.iter().find(|&&byte| !allowed(byte)) {
            return Err(wrong(NameDefect::Character(byte)));
        }
        if bytes.first() == Some(&b'/') {
            return Err(wrong(NameDefect::Absolute));
        }
        for component in bytes.split(|&byte| byte == b'/') {
            check_component(component).map_err(wrong)?;
        }
        let text = std::str::from_utf8(bytes).map_err(|_| wrong(NameDefect::Character(0x80)))?;
        Ok(Name(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first component and the rest of the name, if there is a rest.
    pub fn split_first(&self) -> Option<(&str, Name)> {
        let (first, rest) = self.0.split_once('/')?;
        Some((first, Name(rest.into())))
    }

    /// This name inside the folder `folder`.
    pub fn within(&self, folder: &Name) -> Result<Name, NameError> {
        Name::parse(format!("{folder}/{self}").as_bytes())
    }

    /// Whether the name is a single component.
    pub fn is_single(&self) -> bool {
        !self.0.contains('/')
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Name, NameError> {
        Name::parse(text.as_bytes())
    }
}

/// Whether all `names` can lie in one folder on a computer that ignores case:
/// no two mean the same file, no file is also a folder, and each folder has
/// one spelling.
pub fn check_together(names: &[&Name]) -> Result<(), Clash> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    // Folded names that share a folder stand next to each other in this order,
    // so that comparing neighbours finds every clash.
    order.sort_unstable_by(|&a, &b| folded_order(names[a], names[b]));
    for pair in order.windows(2) {
        let (first, second) = (names[pair[0]], names[pair[1]]);
        let clash = |why| Clash { first: first.clone(), second: second.clone(), why };
        let (mut a, mut b) = (first.split('/'), second.split('/'));
        loop {
            match (a.next(), b.next()) {
                (None, None) => return Err(clash(ClashKind::Same)),
                (None, Some(_)) | (Some(_), None) => return Err(clash(ClashKind::FileAndFolder)),
                (Some(x), Some(y)) if x == y => {}
                (Some(x), Some(y)) if x.eq_ignore_ascii_case(y) => return Err(clash(ClashKind::Case)),
                (Some(_), Some(_)) => break,
            }
        }
    }
    Ok(())
}

/// A text that no member can have as its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name \"{name}\" {why}")]
pub struct NameError {
    /// The name, with everything but printable ASCII escaped, at most 200 bytes of it.
    pub name: String,
    /// What is wrong with it.
    pub why: NameDefect,
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameDefect {
    /// Nothing before, between or after slashes.
    #[error("has an empty part")]
    Empty,
    /// Begins with `/`.
    #[error("begins at the root of a disk")]
    Absolute,
    /// Has a component `.` or `..`.
    #[error("climbs out of its folder")]
    Climbs,
    /// Has a byte outside `[A-Za-z0-9._/-]`.
    #[error("has the byte 0x{0:02x}, which is none of A-Z a-z 0-9 . _ / -")]
    Character(u8),
    /// Is longer than 200 bytes.
    #[error("is {0} bytes long; at most {LONGEST} are allowed")]
    TooLong(usize),
    /// Has a component that Windows takes for a device.
    #[error("has a part that Windows takes for a device")]
    Device,
    /// Has a component that ends in a dot, which Windows drops.
    #[error("has a part that ends in a dot")]
    LastDot,
    /// Has a component that begins with `-`, which tools take for an option.
    #[error("has a part that begins with a hyphen")]
    FirstHyphen,
}

/// Two names that cannot lie in one folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the names \"{first}\" and \"{second}\" {why}")]
pub struct Clash {
    /// The one that comes first when case is ignored.
    pub first: Name,
    /// The other.
    pub second: Name,
    /// How they clash.
    pub why: ClashKind,
}

/// How two names clash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClashKind {
    /// They are the same.
    #[error("are the same")]
    Same,
    /// They differ only in upper and lower case.
    #[error("differ only in upper and lower case")]
    Case,
    /// One is a file where the other needs a folder.
    #[error("make one thing both a file and a folder")]
    FileAndFolder,
}

/// The bytes of a name as they can be shown: hostile ones escaped, long ones cut.
pub(super) fn shown(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(LONGEST)];
    let dots = if cut.len() < bytes.len() { "..." } else { "" };
    format!("{}{dots}", cut.escape_ascii())
}

fn check_component(component: &[u8]) -> Result<(), NameDefect> {
    match component {
        b"" => return Err(NameDefect::Empty),
        b"." | b".." => return Err(NameDefect::Climbs),
        [.., b'.'] => return Err(NameDefect::LastDot),
        [b'-', ..] => return Err(NameDefect::FirstHyphen),
        _ => {}
    }
    let stem = component.split(|&byte| byte == b'.').next().unwrap_or_default().to_ascii_uppercase();
    match stem.as_slice() {
        b"CON" | b"PRN" | b"AUX" | b"NUL" => Err(NameDefect::Device),
        [b'C', b'O', b'M', b'0'..=b'9'] | [b'L', b'P', b'T', b'0'..=b'9'] => Err(NameDefect::Device),
        // CONIN$, CONOUT$, CLOCK$ and COM¹ have characters that no name has.
        _ => Ok(()),
    }
}

fn allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'-')
}

/// By components without regard to case: `/` comes before every other byte.
fn folded_order(a: &str, b: &str) -> Ordering {
    let key = |byte: u8| if byte == b'/' { 0 } else { byte.to_ascii_lowercase() };
    a.bytes().map(key).cmp(b.bytes().map(key))
}

/// Leaves room for a folder to unpack to within the 260 characters of Windows.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_one_file_everywhere() {
        for name in ["a", "data/journal/000001.json.a.sig", "x-1/_y/.z", "CONSOLE", "COM10", "LPT", "a..b"] {
            assert_eq!(name.parse::<Name>().expect(name).as_str(), name);
        }
        assert!("a".repeat(200).parse::<Name>().is_ok());
    }

    #[test]
    fn names_that_do_not() {
        use NameDefect::*;
        for (name, why) in [
            ("", Empty),
            ("a//b", Empty),
            ("a/", Empty),
            ("/a", Absolute),
            ("//server/share", Absolute),
            (".", Climbs),
            ("../a", Climbs),
            ("a/../b", Climbs),
            ("a/./b", Climbs),
            ("a\\b", Character(b'\\')),
            ("C:x", Character(b':')),
            ("a b", Character(b' ')),
            ("a\0", Character(0)),
            ("a\n", Character(b'\n')),
            ("CONIN$", Character(b'$')),
            ("a\u{202e}gpj.exe", Character(0xe2)),
            ("é", Character(0xc3)),
            ("con", Device),
            ("a/Aux.txt", Device),
            ("NUL.tar.gz", Device),
            ("PRN/b", Device),
            ("com0", Device),
            ("lpt9.x", Device),
            ("a.", LastDot),
            ("a./b", LastDot),
            ("...", LastDot),
            ("-rf", FirstHyphen),
            ("a/-o", FirstHyphen),
        ] {
            assert_eq!(name.parse::<Name>().expect_err(name).why, why, "{name:?}");
        }
        assert_eq!("a".repeat(201).parse::<Name>().expect_err("too long").why, TooLong(201));
    }

    #[test]
    fn names_that_clash() {
        let clash = |names: &[&str]| {
            let names: Vec<Name> = names.iter().map(|name| name.parse().expect("a name")).collect();
            check_together(&names.iter().collect::<Vec<_>>()).err().map(|clash| clash.why)
        };
        assert_eq!(clash(&["a", "b", "a.b", "a-b/c", "ab/c"]), None);
        assert_eq!(clash(&["a", "b", "a"]), Some(ClashKind::Same));
        assert_eq!(clash(&["a/x", "b", "a/X"]), Some(ClashKind::Case));
        assert_eq!(clash(&["A/x", "a/y"]), Some(ClashKind::Case));
        assert_eq!(clash(&["a", "a-b", "a.b", "a/x"]), Some(ClashKind::FileAndFolder));
        assert_eq!(clash(&["A", "a/x"]), Some(ClashKind::Case));
    }
}
