//! What lies in a case's folder and is no part of the record: found by name,
//! named once, and left where it is.
//!
//! Nothing of it is opened but regular files of the program's own naming in
//! `files/` and `void/`, whose digests are told. It removes nothing.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::FileType;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::alone;
use super::folder::{Folder, is_halt_mark};
use super::listing::{Listed, list_if_there};
use super::read::MAX_VOID;
use crate::durable::DiskError;
use countersign_record::bundle::name::Name;
use countersign_record::bundle::zip::LARGEST;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Extension, Ledger, LeftOut, Line, List, Seen, Void, entry_name};
use countersign_record::regular_file::{self, NotRegular};

/// What no entry names yet.
#[derive(Debug, Default)]
pub(super) struct Strays {
    /// Drafts that were given up after a signature. They go into the bundle.
    pub(super) void: Vec<Void>,
    /// Everything else, which never leaves the case.
    pub(super) left: Vec<LeftOut>,
}

impl Strays {
    /// Looks through the case's folder.
    pub(super) fn of(folder: &Folder, ledger: &Ledger) -> Result<Strays, DiskError> {
        let named = Named::by(folder, ledger);
        let mut strays = Strays::default();
        for place in Place::ALL {
            let path = place.of(folder);
            for there in lying_in(&path)? {
                let is_own = match place.owns(&there.name, ledger) {
                    Some(Own::Folder) => there.is_folder(),
                    Some(Own::File) => there.is_file(),
                    // That it is there is the stop, whatever it is.
                    Some(Own::Mark) => true,
                    // What is none is named, and never signed.
                    None => matches!(place, Place::Case) && alone::is_written(&there.path),
                };
                if !is_own {
                    strays.take(place, &there, &named);
                }
            }
        }
        Ok(strays)
    }

    /// Of what was put aside in `void/` alone.
    pub(super) fn put_aside(folder: &Folder, ledger: &Ledger) -> Result<Strays, DiskError> {
        let named = Named::by(folder, ledger);
        let mut strays = Strays::default();
        for there in lying_in(&Place::Void.of(folder))? {
            if is_void(&there.name) && there.is_file() {
                strays.take(Place::Void, &there, &named);
            }
        }
        Ok(strays)
    }

    fn take(&mut self, place: Place, there: &Listed, named: &Named) {
        let Listed { name: file_name, path, kind } = there;
        let name = Seen::of_name(file_name);
        let full = place.name_of(&name);
        if named.left.contains(full.as_str()) {
            return;
        }
        let mut left = |sha256, because: &str| {
            self.left.push(LeftOut { name: full.clone(), sha256, because: Seen::brief(because, MOST_WORDS) });
        };
        let read = |why: &str| match digest(path, LARGEST) {
            Ok(sha256) => (Some(sha256), why.to_owned()),
            Err(error) => (None, format!("{why}, and cannot be read: {error}")),
        };
        match place {
            _ if !there.is_file() => left(None, what(*kind)),
            Place::Void if is_void(file_name) => {
                if named.void.contains(name.as_str()) {
                    return;
                }
                let because = "signed, but never part of the record";
                match (digest(path, MAX_VOID), Line::typed(name.as_str()), Line::typed(because)) {
                    (Ok(sha256), Ok(name), Ok(because)) if self.void.len() < MOST_VOID => {
                        self.void.push(Void { name, sha256, because });
                    }
                    (Ok(sha256), ..) => left(Some(sha256), because),
                    (Err(error), ..) => left(None, &format!("cannot be read: {error}")),
                }
            }
            Place::Files if is_content_addressed(file_name) => {
                let (sha256, because) = read("stored, but never part of the record");
                left(sha256, &because);
            }
            _ => left(None, "is nothing that Countersign put there"),
        }
    }
}

/// What earlier entries named.
struct Named {
    void: BTreeSet<String>,
    left: BTreeSet<String>,
}

impl Named {
    fn by(folder: &Folder, ledger: &Ledger) -> Named {
        let mut named = Named { void: BTreeSet::new(), left: BTreeSet::new() };
        for entry in ledger.entries() {
            let Body::Recovered(recovered) = &entry.body else { continue };
            named.void.extend(recovered.void.iter().map(|void| void.name.to_string()));
            named.left.extend(recovered.left.named.iter().map(|left| left.name.to_string()));
            // A list that cannot be read any more: what it named is named again.
            let list = recovered.left.list.as_ref().and_then(|list| {
                let bytes = regular_file::read(&folder.file(list), list.bytes).ok()?;
                (Digest::of(&bytes) == list.sha256).then(|| List::parse(&bytes))?
            });
            named
                .left
                .extend(list.into_iter().flat_map(|list| list.left_out).map(|left| left.name.to_string()));
        }
        named
    }
}

/// The folders of a case. What a bundle's payload is made of lies in `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Case,
    Keys,
    Draft,
    Data,
    Journal,
    Files,
    PublicKeys,
    Stamps,
    Void,
}

/// What a name of the program's own is the name of.
enum Own {
    File,
    Folder,
    Mark,
}

impl Place {
    const ALL: [Place; 9] = [
        Place::Case,
        Place::Keys,
        Place::Draft,
        Place::Data,
        Place::Journal,
        Place::Files,
        Place::PublicKeys,
        Place::Stamps,
        Place::Void,
    ];

    fn within_case(self) -> &'static str {
        match self {
            Place::Case => "",
            Place::Keys => "keys/",
            Place::Draft => "draft/",
            Place::Data => "data/",
            Place::Journal => "data/journal/",
            Place::Files => "data/files/",
            Place::PublicKeys => "data/keys/",
            Place::Stamps => "data/stamps/",
            Place::Void => "data/void/",
        }
    }

    fn of(self, folder: &Folder) -> PathBuf {
        folder.path().join(self.within_case())
    }

    /// The name of what lies there, from the case's folder on.
    fn name_of(self, name: &Seen) -> Seen {
        Seen::of(&format!("{}{name}", self.within_case()))
    }

    /// **The one list of what the program itself puts into a case's folder.**
    /// A name that it comes to use belongs here.
    fn owns(self, name: &OsStr, ledger: &Ledger) -> Option<Own> {
        if self == Place::Case && is_halt_mark(&name.to_string_lossy()) {
            return Some(Own::Mark);
        }
        let name = name.to_str()?;
        let file = |is: bool| is.then_some(Own::File);
        match self {
            Place::Case if name == "lock" => Some(Own::File),
            Place::Case => ["data", "draft", "keys"].contains(&name).then_some(Own::Folder),
            Place::Keys => file(matches!(name, "a" | "b")),
            Place::Draft => file(is_draft(name)),
            Place::Data => {
                ["files", "journal", "keys", "stamps", "void"].contains(&name).then_some(Own::Folder)
            }
            Place::Journal => file(is_of_entry(name, ledger.head())),
            Place::Files => file(ledger.names_file(name)),
            Place::PublicKeys => file(matches!(name, "a.pub" | "b.pub")),
            // Whatever could be a member of a bundle.
            Place::Stamps => file(name.parse::<Name>().is_ok()),
            Place::Void => None,
        }
    }
}

/// Whether the program puts files of this name together in `draft/`. They were
/// never said to be kept.
pub(super) fn is_draft(name: &str) -> bool {
    if is_entry_draft(name) {
        return true;
    }
    let Some(name) = name.strip_suffix(".part") else { return false };
    let (name, number) = name.split_once('.').unwrap_or((name, "2"));
    is_number(number)
        && (matches!(name, "form" | "list") || name.strip_prefix("file-").is_some_and(is_number))
}

/// `000014-1.entry.json`: a draft of entry 14.
pub(super) fn is_entry_draft(name: &str) -> bool {
    let parts = name.strip_suffix(".entry.json").and_then(|stem| stem.split_once('-'));
    parts.is_some_and(|(entry, number)| is_entry_number(entry) && is_number(number))
}

/// `000014.json`, `000014.json.a.sig` and so on, up to the last entry.
fn is_of_entry(name: &str, head: u64) -> bool {
    let digits = name.split('.').next().unwrap_or_default();
    let Ok(number) = digits.parse::<u64>() else { return false };
    let entry = entry_name(number);
    let ending = name.strip_prefix(entry.as_str());
    (1..=head).contains(&number) && matches!(ending, Some("" | ".a.sig" | ".b.sig"))
}

/// `000014-1a2b3c4d.json` and its signatures.
fn is_void(name: &OsStr) -> bool {
    let stem = name.to_str().and_then(|name| {
        [".json", ".json.a.sig", ".json.b.sig"].into_iter().find_map(|ending| name.strip_suffix(ending))
    });
    let Some((number, tag)) = stem.and_then(|stem| stem.split_once('-')) else { return false };
    // A second one of the same entry and digest has a number of its own.
    let (tag, again) = tag.split_once('-').unwrap_or((tag, "2"));
    is_entry_number(number) && tag.len() == 8 && is_hex(tag) && is_number(again)
}

/// `<sha256>.<ending>`.
fn is_content_addressed(name: &OsStr) -> bool {
    let parts = name.to_str().and_then(|name| name.split_once('.'));
    parts.is_some_and(|(digest, ending)| {
        digest.len() == 64 && is_hex(digest) && ending.parse::<Extension>().is_ok()
    })
}

fn is_entry_number(digits: &str) -> bool {
    digits.parse::<u64>().is_ok_and(|number| entry_name(number) == format!("{digits}.json"))
}

fn is_number(digits: &str) -> bool {
    digits.parse::<u32>().is_ok_and(|number| number > 0 && number.to_string() == digits)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn what(kind: Option<FileType>) -> &'static str {
    match kind {
        Some(kind) if kind.is_dir() => "is a folder",
        Some(kind) if kind.is_symlink() => "is a link",
        Some(_) => "is a pipe or a device",
        None => "cannot be looked at",
    }
}

/// What is longer than `limit` the program did not put there.
fn digest(path: &Path, limit: u64) -> io::Result<Digest> {
    let file = regular_file::open(path)?;
    if file.metadata()?.len() > limit {
        return Err(NotRegular::TooLong { limit }.into());
    }
    Digest::of_reader(&mut file.take(limit)).map(|(digest, _)| digest)
}

/// What lies in one of the case's folders. Where something else has the
/// folder's name, that is a stray itself, and nothing lies in it.
fn lying_in(folder: &Path) -> Result<Vec<Listed>, DiskError> {
    match list_if_there(folder) {
        Err(DiskError::Io { source, .. }) if source.kind() == io::ErrorKind::NotADirectory => Ok(Vec::new()),
        listed => listed,
    }
}

/// So that they have room in one entry; a case has a few.
const MOST_VOID: usize = 64;
const MOST_WORDS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_program_gives_are_its_own() {
        let hex = "0123456789abcdef".repeat(4);
        for (name, own) in [
            ("000002-1.entry.json", true),
            ("2-1.entry.json", false),
            ("x.entry.json", false),
            ("file-12.part", true),
            ("form.part", true),
            ("file-3.2.part", true),
            ("file-3.x.part", false),
            ("file-.part", false),
            ("file-1a.part", false),
            ("000002-1.entry.json.bak", false),
            (".part", false),
        ] {
            assert_eq!(is_draft(name), own, "{name}");
        }
        for (name, own) in [
            ("000002.json", true),
            ("000002.json.a.sig", true),
            ("000003.json", false),
            ("000000.json", false),
            ("2.json", false),
            ("000002.json.c.sig", false),
            ("000002", false),
        ] {
            assert_eq!(is_of_entry(name, 2), own, "{name}");
        }
        for (name, own) in [
            ("000002-0a1b2c3d.json", true),
            ("000002-0a1b2c3d-2.json", true),
            ("000002-0a1b2c3d-x.json", false),
            ("000002-0a1b2c3d.json.b.sig", true),
            ("000002-0a1b2c3d", false),
            ("000002-0A1B2C3D.json", false),
            ("2-0a1b2c3d.json", false),
            ("a b.json", false),
        ] {
            assert_eq!(is_void(OsStr::new(name)), own, "{name}");
        }
        assert!(is_content_addressed(OsStr::new(&format!("{hex}.png"))));
        assert!(!is_content_addressed(OsStr::new(&format!("{hex}.p n"))));
        assert!(!is_content_addressed(OsStr::new(&hex)));
    }
}
