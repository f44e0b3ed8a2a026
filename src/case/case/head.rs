//! The head file: outside the case, what the last entry was and which halts
//! were raised.
//!
//! It catches a restored backup, a cloned folder, and a mark of a halt that
//! was removed by hand. It only ever grows, by whole lines in append mode, so
//! that a halt can be noted without the case's lock while an entry is being
//! committed, and neither line can overwrite the other:
//!
//! ```text
//! countersign/head/v1 00112233445566778899aabbccddeeff
//! entry 1 e3b0c442…
//! halt 9834876d… halt-raised
//! entry 2 7d865e95…
//! ```

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::HeadFault;
use super::folder::is_halt_mark;
use crate::durable::DiskError;
use countersign_record::digest::Digest;
use countersign_record::journal::CaseId;
use countersign_record::regular_file::{self, NotRegular};

/// What a head file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub case: CaseId,
    pub entry: u64,
    pub digest: Option<Digest>,
    /// The halts, by the digests of their marks, each with the name of its
    /// mark where one could be made.
    pub halts: BTreeMap<Digest, Option<String>>,
    /// How many bytes of the file this is.
    length: u64,
}

impl Head {
    pub(super) fn first_line(case: CaseId) -> String {
        format!("{FORMAT} {case}")
    }

    pub(super) fn entry_line(number: u64, digest: &Digest) -> String {
        format!("entry {number} {digest}")
    }

    pub(super) fn halt_line(mark: &Digest, name: Option<&str>) -> String {
        match name {
            Some(name) => format!("halt {mark} {name}"),
            None => format!("halt {mark}"),
        }
    }

    /// The halt whose mark was given that name: the one whose words a mark
    /// had, of which a full disk or a crash took less.
    pub(super) fn halt_named(&self, name: &str) -> Option<Digest> {
        let mut named = self.halts.iter().filter(|(_, other)| other.as_deref() == Some(name));
        named.next().map(|(digest, _)| *digest)
    }

    /// Reads the file. The outer error is the disk's, the inner one what the
    /// file itself has wrong.
    pub(super) fn read(path: &Path) -> Result<Result<Head, HeadFault>, DiskError> {
        match regular_file::read_text(path, MAX_HEAD) {
            Ok(text) if text.is_empty() => Ok(Err(HeadFault::Empty(path.to_owned()))),
            Ok(text) => Ok(Head::parse(&text).ok_or_else(|| HeadFault::Unreadable(path.to_owned()))),
            Err(error) => Head::unread(path, error).map(Err),
        }
    }

    /// Whether the file knows of an entry or a halt, so that there was a case.
    /// What cannot be read counts as one that does.
    pub(super) fn speaks(path: &Path) -> Result<bool, DiskError> {
        Ok(match Head::read(path)? {
            Ok(head) => head.digest.is_some() || !head.halts.is_empty(),
            Err(HeadFault::Missing(_)) => false,
            Err(_) => true,
        })
    }

    /// Reads what was added since.
    pub(super) fn follow(&mut self, path: &Path) -> Result<Result<(), HeadFault>, DiskError> {
        let mut added = String::new();
        let read = regular_file::open(path).and_then(|mut file| {
            let length = file.metadata()?.len();
            if length > MAX_HEAD {
                return Err(NotRegular::TooLong { limit: MAX_HEAD }.into());
            }
            file.seek(SeekFrom::Start(self.length))?;
            file.take(MAX_HEAD).read_to_string(&mut added)?;
            Ok(length < self.length)
        });
        match read {
            Ok(false) if self.take(&added) => Ok(Ok(())),
            Ok(_) => Ok(Err(HeadFault::Unreadable(path.to_owned()))),
            Err(error) => Head::unread(path, error).map(Err),
        }
    }

    fn unread(path: &Path, error: io::Error) -> Result<HeadFault, DiskError> {
        match error.kind() {
            io::ErrorKind::NotFound => Ok(HeadFault::Missing(path.to_owned())),
            io::ErrorKind::InvalidData => Ok(HeadFault::Unreadable(path.to_owned())),
            _ => Err(DiskError::io(path, error)),
        }
    }

    fn parse(text: &str) -> Option<Head> {
        let (first, rest) = text.split_once('\n')?;
        let case = first.strip_prefix(FORMAT)?.strip_prefix(' ')?.parse().ok()?;
        let length = first.len() as u64 + 1;
        let mut head = Head { case, entry: 0, digest: None, halts: BTreeMap::new(), length };
        head.take(rest).then_some(head)
    }

    /// Takes whole lines. What a crash or another writer has not ended yet is
    /// left for the next time. Tells whether there was nothing else but lines
    /// that a crash tore.
    #[must_use]
    fn take(&mut self, text: &str) -> bool {
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            self.length += line.len() as u64;
            let line = line.trim_end_matches('\n');
            match Note::parse(line) {
                Some(Note::Entry(number, digest)) => (self.entry, self.digest) = (number, Some(digest)),
                Some(Note::Halt(digest, name)) => {
                    // A name is given to one mark: whoever had it before is gone.
                    let lost = self.halts.values_mut().filter(|other| name.is_some() && **other == name);
                    lost.for_each(|other| *other = None);
                    let known = self.halts.entry(digest).or_default();
                    *known = name.or(known.take());
                }
                // A line that a crash tore is one that nobody was told of.
                None if is_torn(line) => {}
                None => return false,
            }
        }
        true
    }

    /// Compares it with a record that ends at `record`; `digest_of` gives an
    /// entry's digest. A record one entry ahead is what a crash between
    /// committing and noting leaves.
    pub(super) fn compare(&self, record: u64, digest_of: impl Fn(u64) -> Digest) -> Result<(), HeadFault> {
        if record < self.entry {
            return Err(HeadFault::Behind { record, head: self.entry });
        }
        if record > self.entry + 1 {
            return Err(HeadFault::Ahead { record, head: self.entry });
        }
        match &self.digest {
            Some(digest) if *digest != digest_of(self.entry) => Err(HeadFault::Other(self.entry)),
            _ => Ok(()),
        }
    }
}

/// What one line notes.
enum Note {
    Entry(u64, Digest),
    Halt(Digest, Option<String>),
}

impl Note {
    fn parse(line: &str) -> Option<Note> {
        if let Some(halt) = line.strip_prefix("halt ") {
            let (digest, name) = match halt.split_once(' ') {
                Some((digest, name)) => (digest, Some(name)),
                None => (halt, None),
            };
            // The digest is the halt, whatever a crash left of the name.
            let name = name.filter(|name| is_halt_mark(name)).map(str::to_owned);
            return Some(Note::Halt(digest.trim_end_matches('\0').parse().ok()?, name));
        }
        let (number, digest) = line.strip_prefix("entry ")?.split_once(' ')?;
        let note = Note::Entry(number.parse().ok()?, digest.parse().ok()?);
        number.bytes().all(|b| b.is_ascii_digit()).then_some(note)
    }
}

/// Whether a line is the beginning of one, as a crash leaves it: cut off, and
/// on some file systems filled up with zeros.
fn is_torn(line: &str) -> bool {
    let line = line.trim_end_matches('\0');
    let hex = |text: &str| text.len() < 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if let Some(digest) = line.strip_prefix("halt ") {
        return hex(digest);
    }
    match line.strip_prefix("entry ").map(|rest| rest.split_once(' ').unwrap_or((rest, ""))) {
        Some((number, digest)) => digits(number) && hex(digest),
        None => "entry ".starts_with(line) || "halt ".starts_with(line),
    }
}

/// Bytes of a head file: a third of a million lines. It is read whole.
const MAX_HEAD: u64 = 32 * 1024 * 1024;

const FORMAT: &str = "countersign/head/v1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_two_writers_and_a_torn_one() {
        let case: CaseId = "00112233445566778899aabbccddeeff".parse().expect("an id");
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let whole =
            [Head::first_line(case), Head::entry_line(1, &one), Head::halt_line(&two, Some("halt-raised"))]
                .join("\n");
        let head = Head::parse(&format!("{whole}\nentry 2 {}\n", &two.to_string()[..30])).expect("a head");
        assert_eq!((head.entry, head.digest), (1, Some(one)));
        assert_eq!(head.halts, BTreeMap::from([(two, Some("halt-raised".to_owned()))]));
        assert_eq!(Head::parse("entry 1 x\n"), None);
        for other in ["entry 2 x", "halt", "halt zz", "entry 1", "note 1", "entry -1 00", " "] {
            let torn = matches!(other, "halt" | "entry 1");
            assert_eq!(Head::parse(&format!("{whole}\n{other}\n")).is_some(), torn, "{other:?}");
        }
    }

    #[test]
    fn a_halt_is_its_digest_whatever_is_left_of_its_name() {
        let case: CaseId = "00112233445566778899aabbccddeeff".parse().expect("an id");
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let halts = |lines: &[String]| {
            let first = Head::first_line(case);
            Head::parse(&format!("{first}\n{}\n", lines.join("\n"))).expect("a head").halts
        };
        let name = Some("halt-raised-2".to_owned());
        let whole = Head::halt_line(&one, name.as_deref());
        assert_eq!(halts(std::slice::from_ref(&whole)), BTreeMap::from([(one, name.clone())]));
        for torn in 69..whole.len() {
            for zeros in ["", "\0\0"] {
                let left = halts(&[format!("{}{zeros}", &whole[..torn])]);
                assert!(left.len() == 1 && left.contains_key(&one), "{torn}");
            }
        }
        // First without a mark, later with one; and a name that is given anew.
        let bare = Head::halt_line(&one, None);
        assert_eq!(halts(&[bare.clone(), whole.clone()]), BTreeMap::from([(one, name.clone())]));
        assert_eq!(halts(&[whole.clone(), bare]), BTreeMap::from([(one, name.clone())]));
        let anew = halts(&[whole, Head::halt_line(&two, name.as_deref())]);
        assert_eq!(anew, BTreeMap::from([(one, None), (two, name)]));
    }

    #[test]
    fn what_was_added_is_read_on() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("head");
        let case: CaseId = "00112233445566778899aabbccddeeff".parse().expect("an id");
        let mut text = format!("{}\n", Head::first_line(case));
        std::fs::write(&path, &text).expect("writes");
        let mut head = Head::read(&path).expect("reads").expect("a head");
        text += &format!("{}\nhal", Head::entry_line(1, &Digest::of(b"1")));
        std::fs::write(&path, &text).expect("writes");
        head.follow(&path).expect("reads").expect("follows");
        text += &format!("t {}\n", Digest::of(b"2"));
        std::fs::write(&path, &text).expect("writes");
        head.follow(&path).expect("reads").expect("follows");
        assert_eq!(Ok(&head), Head::read(&path).expect("reads").as_ref());
        assert_eq!((head.entry, head.halts.len()), (1, 1));
        std::fs::write(&path, "").expect("writes");
        assert!(head.follow(&path).expect("reads").is_err());
    }
}
