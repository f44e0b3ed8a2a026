//! Names of files as words: what makes two names differ stays, whatever bytes
//! they are of.
//!
//! It opens no file, and a name is never made from words again.

use std::ffi::OsStr;
use std::path::{Component, Path};

use super::characters::{is_hidden, spelt};
use super::text::{Seen, cut};
use crate::digest::Digest;

impl Seen {
    /// The name of a file. Two names are never one: a hidden character is
    /// written `[U+202E]`, a byte that is no text `[0xFF]`, half a surrogate
    /// of Windows `[U+D800]`, and a `[` that could pass for the beginning of
    /// one of these `[U+005B]`.
    ///
    /// Of a name that is too long to be kept whole the middle is cut, and the
    /// beginning of the whole name's SHA-256 stands there.
    pub fn of_name(name: &OsStr) -> Seen {
        Seen::of_spelled(&spelled(name))
    }

    /// A path from a folder on, with `/` between its names on every system.
    pub fn of_path(path: &Path) -> Seen {
        let names = path.components().filter(|part| !matches!(part, Component::RootDir | Component::CurDir));
        let names: Vec<String> = names.map(|part| spelled(part.as_os_str())).collect();
        Seen::of_spelled(&names.join("/"))
    }

    fn of_spelled(name: &str) -> Seen {
        let digest = Digest::of(name.as_bytes()).to_string();
        Seen::of(&cut(name, Seen::MAX, str::len, &format!(" [… {} …] ", &digest[..16])))
    }
}

fn spelled(name: &OsStr) -> String {
    let mut text = String::with_capacity(name.len());
    for piece in pieces(name) {
        match piece {
            Piece::Text(piece) => {
                let mut rest = piece.chars();
                while let Some(c) = rest.next() {
                    let after = rest.as_str();
                    let passes = c == '[' && ["U+", "0x", "…"].iter().any(|sign| after.starts_with(sign));
                    match passes || is_hidden(c) {
                        true => text.push_str(&spelt(c)),
                        false => text.push(c),
                    }
                }
            }
            Piece::Odd(odd) => text.push_str(&odd),
        }
    }
    // A name that ends in `[` before odd bytes stands for itself: `[[0xFF]`.
    text
}

enum Piece {
    Text(String),
    Odd(String),
}

#[cfg(not(windows))]
fn pieces(name: &OsStr) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        pieces.push(Piece::Text(chunk.valid().to_owned()));
        pieces.extend(chunk.invalid().iter().map(|byte| Piece::Odd(format!("[0x{byte:02X}]"))));
    }
    pieces
}

#[cfg(windows)]
fn pieces(name: &OsStr) -> Vec<Piece> {
    use std::os::windows::ffi::OsStrExt;
    let mut pieces = Vec::new();
    let mut text = String::new();
    for unit in char::decode_utf16(name.encode_wide()) {
        match unit {
            Ok(c) => text.push(c),
            Err(half) => {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Odd(format!("[U+{:04X}]", half.unpaired_surrogate())));
            }
        }
    }
    pieces.push(Piece::Text(text));
    pieces
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn name(bytes: &[u8]) -> String {
        Seen::of_name(OsStr::from_bytes(bytes)).to_string()
    }

    #[test]
    fn names_are_written_so_that_people_can_read_them() {
        assert_eq!(name("Zoë [draft] (2).pdf".as_bytes()), "Zoë [draft] (2).pdf");
        assert_eq!(name(b"a\xffb\xc3.txt"), "a[0xFF]b[0xC3].txt");
        assert_eq!(name("a\u{202e}\n".as_bytes()), "a[U+202E][U+000A]");
        assert_eq!(name(b"a[U+202E]"), "a[U+005B]U+202E]");
        assert_eq!(Seen::of_path(Path::new("./a/b\tc/d.txt")).as_str(), "a/b[U+0009]c/d.txt");
    }

    #[test]
    fn no_two_names_become_one() {
        // Every name of up to four of these, which make and break each mark.
        let parts: [&[u8]; 12] = [
            b"[",
            b"]",
            b"U+",
            b"0x",
            b"FF",
            b"202E",
            b"\xff",
            b"\xe2",
            "…".as_bytes(),
            "\u{202e}".as_bytes(),
            b"005B",
            b"a",
        ];
        let mut seen = BTreeMap::new();
        let mut names: Vec<Vec<u8>> = vec![Vec::new()];
        for _ in 0..4 {
            names = names.iter().flat_map(|name| parts.map(|part| [name, part].concat())).collect();
            for bytes in &names {
                let before = seen.insert(name(bytes), bytes.clone());
                assert!(before.as_ref().is_none_or(|before| before == bytes), "{before:?} {bytes:?}");
            }
        }
        assert!(seen.len() > 20_000, "{}", seen.len());
    }

    #[test]
    fn a_long_path_is_whole_and_a_longer_one_keeps_its_ends_and_stays_another() {
        let path = |folder: &str| format!("{}{folder}/report.pdf", "folder/".repeat(560));
        let whole = path("x");
        assert!(whole.len() < Seen::MAX);
        assert_eq!(name(whole.as_bytes()), whole);
        let [one, other] = ["1", "2"]
            .map(|n| name(path(&format!("{}{n}{}", "y".repeat(3000), "z".repeat(3000))).as_bytes()));
        assert_ne!(one, other);
        for cut in [&one, &other] {
            assert!(
                cut.len() <= Seen::MAX && cut.starts_with("folder/folder/") && cut.ends_with("/report.pdf")
            );
        }
    }
}
