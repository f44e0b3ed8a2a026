//! Reads a zip file of the profile, and no other.
//!
//! It holds the list of members in memory, never their contents.

use std::fs::File;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::LARGEST;
use super::defect::{Defect, Record};
use super::header::{self, CENTRAL_LENGTH, End, Facts, LOCAL_LENGTH};
use crate::bundle::name::{self, Name};
use crate::bundle::positioned::Store;
use crate::bundle::source::{Digests, Listed, ReadError};
use crate::bundle::{Watch, workers};
use crate::digest::{Digest, Hasher};
use crate::regular_file;

/// A zip file whose every byte has been accounted for, but for the contents of
/// the members: whether these are what they should be is for
/// [`digest_all`](Reader::digest_all) to say.
#[derive(Debug)]
pub struct Reader {
    store: Store,
    path: PathBuf,
    members: Vec<Listed>,
    places: Vec<Place>,
}

impl Reader {
    /// Opens the file at `path`.
    pub fn open(path: &Path) -> Result<Reader, ReadError> {
        let file = regular_file::open_typed(path).map_err(|e| ReadError::io(path, e))?;
        Reader::of_file(file, path)
    }

    /// Reads from an open file; `path` is what errors call it.
    pub fn of_file(file: File, path: &Path) -> Result<Reader, ReadError> {
        Reader::of_store(Store::File(file), path)
    }

    /// Reads from bytes in memory; `path` is what errors call them.
    pub fn of_bytes(bytes: Vec<u8>, path: &Path) -> Result<Reader, ReadError> {
        Reader::of_store(Store::Memory(bytes), path)
    }

    /// What the file is called in errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The members, in byte order of their names, which is also their order in the file.
    pub fn members(&self) -> &[Listed] {
        &self.members
    }

    /// The content of a member that is at most `limit` bytes long, its CRC-32 checked.
    pub fn read_small(&self, name: &Name, limit: u64) -> Result<Vec<u8>, ReadError> {
        let path = || self.path.clone();
        let Ok(index) = self.members.binary_search_by(|member| member.name.cmp(name)) else {
            return Err(ReadError::Missing { path: path(), name: name.clone() });
        };
        let length = self.members[index].length;
        if length > limit {
            return Err(ReadError::TooLong { path: path(), name: name.clone(), length, limit });
        }
        let place = self.places[index];
        let mut content = vec![0; length as usize];
        self.read_at(&mut content, place.content)?;
        place.check(crc32fast::hash(&content)).map_err(|defect| ReadError::Zip {
            path: path(),
            offset: place.content,
            member: Some(name.to_string()),
            defect,
        })?;
        Ok(content)
    }

    /// The digests of all members, in their order, computed by `threads`
    /// threads, each with one small buffer. A member whose CRC-32 is not what
    /// its headers say has [`Defect::Crc`] in place of its digest.
    pub fn digest_all(&self, threads: NonZeroUsize, watch: &Watch<'_>) -> Result<Digests, ReadError> {
        let extent = |index: usize| self.extent(index);
        let runs = workers::runs((0..self.members.len()).map(extent));
        let size = |run: &Range<usize>| run.clone().map(extent).sum();
        let digests = workers::largest_first(&runs, threads, size, |run, buffer| {
            if size(run) > buffer.len() as u64 {
                return self.digest_large(run.start, buffer, watch).map(|digest| vec![digest]);
            }
            let digests = self.digest_run(run.clone(), buffer)?;
            if watch(size(run)).is_break() { Err(ReadError::Stopped) } else { Ok(digests) }
        })?;
        Ok(digests.into_iter().flatten().collect())
    }

    /// Members that lie next to each other, read at one go.
    fn digest_run(&self, run: Range<usize>, buffer: &mut [u8]) -> Result<Digests, ReadError> {
        let first = self.places[run.start].content;
        let last = run.end - 1;
        let end = self.places[last].content + self.members[last].length;
        let bytes = &mut buffer[..(end - first) as usize];
        self.read_at(bytes, first)?;
        let digest = |index: usize| {
            let from = (self.places[index].content - first) as usize;
            let content = &bytes[from..from + self.members[index].length as usize];
            self.places[index].check(crc32fast::hash(content)).map(|()| Digest::of(content))
        };
        Ok(run.map(digest).collect())
    }

    fn digest_large(
        &self,
        index: usize,
        buffer: &mut [u8],
        watch: &Watch<'_>,
    ) -> Result<Result<Digest, Defect>, ReadError> {
        let (mut sha256, mut crc) = (Hasher::new(), crc32fast::Hasher::new());
        let mut at = self.places[index].content;
        let mut left = self.members[index].length;
        while left > 0 {
            let piece = left.min(buffer.len() as u64);
            let bytes = &mut buffer[..piece as usize];
            self.read_at(bytes, at)?;
            sha256.update(bytes);
            crc.update(bytes);
            at += piece;
            left -= piece;
            if watch(piece).is_break() {
                return Err(ReadError::Stopped);
            }
        }
        Ok(self.places[index].check(crc.finalize()).map(|()| sha256.finish().0))
    }

    /// How many bytes of the file a member takes, its header included.
    fn extent(&self, index: usize) -> u64 {
        (LOCAL_LENGTH + self.members[index].name.len()) as u64 + self.members[index].length
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> Result<(), ReadError> {
        self.store.read_exact_at(bytes, offset).map_err(|e| ReadError::io(&self.path, e))
    }

    fn of_store(store: Store, path: &Path) -> Result<Reader, ReadError> {
        let length = store.length().map_err(|e| ReadError::io(path, e))?;
        let mut reader = Reader { store, path: path.to_owned(), members: Vec::new(), places: Vec::new() };
        let end = reader.read_end(length)?;
        reader.read_directory(&end)?;
        reader.check_tiling(&end)?;
        let names: Vec<&Name> = reader.members.iter().map(|member| &member.name).collect();
        name::check_together(&names).map_err(|clash| {
            let member = clash.second.to_string();
            reader.refused(end.directory_offset.into(), Some(member.as_bytes()), clash.into())
        })?;
        Ok(reader)
    }

    fn read_end(&self, length: u64) -> Result<End, ReadError> {
        let refused = |offset, defect| Err(self.refused(offset, None, defect));
        if length > LARGEST {
            return refused(LARGEST, Defect::TooLarge(length));
        }
        let Some(at) = length.checked_sub(header::END_LENGTH as u64) else {
            return refused(0, Defect::NoEnd);
        };
        let mut record = [0; header::END_LENGTH];
        self.read_at(&mut record, at)?;
        if !record.starts_with(&header::END_SIGNATURE) {
            return Err(self.explain_no_end(length)?);
        }
        let end = header::read_end(&record).or_else(|defect| refused(at, defect))?;
        let directory_end = u64::from(end.directory_offset) + u64::from(end.directory_length);
        if self.begins_at(at.saturating_sub(header::ZIP64_LOCATOR.1), header::ZIP64_LOCATOR.0)? {
            return refused(at - header::ZIP64_LOCATOR.1, Defect::Zip64);
        }
        if end.members == 0 {
            return refused(at, Defect::Empty);
        }
        if directory_end < at {
            // Offsets in a file that was put behind another count from its own beginning.
            let shifted = at - u64::from(end.directory_length);
            let prefix = self.begins_at(shifted, header::CENTRAL_SIGNATURE)?;
            let before = at - directory_end;
            return if prefix {
                refused(0, Defect::Prefix(before))
            } else {
                refused(directory_end, Defect::Gap(before))
            };
        }
        if directory_end > at {
            return refused(at, Defect::CutOff(Record::Central));
        }
        Ok(end)
    }

    /// Names the fault of a file that does not end with an end record.
    fn explain_no_end(&self, length: u64) -> Result<ReadError, ReadError> {
        let window = length.min(FURTHEST_END);
        let start = length - window;
        let mut tail = vec![0; window as usize];
        self.read_at(&mut tail, start)?;
        let found = tail.windows(header::END_LENGTH).rposition(|w| w.starts_with(&header::END_SIGNATURE));
        let Some(at) = found else {
            return Ok(self.refused(length, None, Defect::NoEnd));
        };
        let after = (tail.len() - at - header::END_LENGTH) as u64;
        let comment = u16::from_le_bytes([tail[at + 20], tail[at + 21]]);
        let at = start + at as u64;
        if u64::from(comment) == after {
            let found = u32::from(comment);
            let defect = Defect::Field { record: Record::End, field: header::COMMENT, expected: 0, found };
            return Ok(self.refused(at, None, defect));
        }
        Ok(self.refused(at + header::END_LENGTH as u64, None, Defect::Suffix(after)))
    }

    fn read_directory(&mut self, end: &End) -> Result<(), ReadError> {
        let said = usize::from(end.members);
        let start = u64::from(end.directory_offset);
        let mut window = Window::new(start, start + u64::from(end.directory_length));
        self.members.reserve_exact(said);
        self.places.reserve_exact(said);
        let mut at = window.start;
        while at < window.end {
            let bytes = window.at(at, CENTRAL_LENGTH + usize::from(u16::MAX), &self.store);
            let bytes = bytes.map_err(|e| ReadError::io(&self.path, e))?;
            let facts =
                header::read_central(bytes).map_err(|defect| self.refused(at, name_in(bytes), defect))?;
            let refused = |defect| self.refused(at, Some(facts.name), defect);
            if self.members.len() == said {
                return Err(refused(Defect::Count { said: said as u64, found: said as u64 + 1 }));
            }
            let name = Name::parse(facts.name).map_err(|e| refused(e.into()))?;
            if let Some(last) = self.members.last()
                && last.name >= name
            {
                let clash = name::check_together(&[&last.name, &name]);
                return Err(refused(match clash {
                    Err(clash) => clash.into(),
                    Ok(()) => Defect::Order(last.name.to_string()),
                }));
            }
            at += (CENTRAL_LENGTH + name.len()) as u64;
            let content = u64::from(facts.offset) + (LOCAL_LENGTH + name.len()) as u64;
            self.places.push(Place { content, crc: facts.crc });
            self.members.push(Listed { name, length: facts.length.into() });
        }
        if self.members.len() == said {
            Ok(())
        } else {
            let defect = Defect::Count { said: said as u64, found: self.members.len() as u64 };
            Err(self.refused(at, None, defect))
        }
    }

    /// Whether the members begin at byte 0, each where the one before it ends,
    /// and the directory where the last one ends.
    fn check_tiling(&self, end: &End) -> Result<(), ReadError> {
        let mut window = Window::new(0, end.directory_offset.into());
        let mut expected = 0;
        for (member, place) in self.members.iter().zip(&self.places) {
            let name = member.name.as_bytes();
            let header_length = LOCAL_LENGTH + name.len();
            let at = place.content - header_length as u64;
            let refused = |offset, defect| Err(self.refused(offset, Some(name), defect));
            if at > expected {
                return Err(self.explain_gap(expected, at)?);
            }
            if at < expected {
                return refused(at, Defect::Overlap(expected - at));
            }
            let bytes =
                window.at(at, header_length, &self.store).map_err(|e| ReadError::io(&self.path, e))?;
            // Sizes were compared with the directory's and fit into 32 bits.
            let facts = Facts { name, crc: place.crc, length: member.length as u32, offset: at as u32 };
            header::check_local(bytes, &facts).or_else(|defect| refused(at, defect))?;
            expected = place.content + member.length;
        }
        let directory: u64 = end.directory_offset.into();
        if expected > directory {
            let last = self.members.last().map(|member| member.name.as_bytes());
            return Err(self.refused(directory, last, Defect::Overlap(expected - directory)));
        }
        if expected < directory { Err(self.explain_gap(expected, directory)?) } else { Ok(()) }
    }

    /// Names what it is that lies between `from` and `to`.
    fn explain_gap(&self, from: u64, to: u64) -> Result<ReadError, ReadError> {
        let defect = if self.begins_at(from, header::LOCAL_SIGNATURE)? {
            Defect::Hidden(to - from)
        } else if from == 0 {
            Defect::Prefix(to)
        } else {
            Defect::Gap(to - from)
        };
        Ok(self.refused(from, None, defect))
    }

    fn begins_at(&self, offset: u64, signature: [u8; 4]) -> Result<bool, ReadError> {
        let mut bytes = [0; 4];
        match self.store.read_exact_at(&mut bytes, offset) {
            Ok(()) => Ok(bytes == signature),
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
            Err(e) => Err(ReadError::io(&self.path, e)),
        }
    }

    fn refused(&self, offset: u64, member: Option<&[u8]>, defect: Defect) -> ReadError {
        ReadError::Zip { path: self.path.clone(), offset, member: member.map(name::shown), defect }
    }
}

/// Where a member's content begins, and the CRC-32 that its headers give.
#[derive(Debug, Clone, Copy)]
struct Place {
    content: u64,
    crc: u32,
}

impl Place {
    fn check(self, found: u32) -> Result<(), Defect> {
        if found == self.crc { Ok(()) } else { Err(Defect::Crc { said: self.crc, found }) }
    }
}

/// Part of a file in memory, moved along as headers are read, so that many
/// small members do not cost one reading each.
struct Window {
    start: u64,
    end: u64,
    bytes: Vec<u8>,
}

impl Window {
    fn new(start: u64, end: u64) -> Window {
        Window { start, end, bytes: Vec::new() }
    }

    /// The bytes from `at` on: `length` of them, or fewer where the part ends.
    fn at(&mut self, at: u64, length: usize, store: &Store) -> std::io::Result<&[u8]> {
        let length = (length as u64).min(self.end.saturating_sub(at));
        let held = self.start + self.bytes.len() as u64;
        if at < self.start || at + length > held {
            let near = at < held + WINDOW;
            let take = if near { WINDOW.max(length) } else { length }.min(self.end.saturating_sub(at));
            self.bytes = vec![0; take as usize];
            store.read_exact_at(&mut self.bytes, at)?;
            self.start = at;
        }
        let from = (at - self.start) as usize;
        Ok(&self.bytes[from..from + length as usize])
    }
}

/// The name in a central header that could not be read, to be shown.
fn name_in(central: &[u8]) -> Option<&[u8]> {
    let length = usize::from(u16::from_le_bytes([*central.get(28)?, *central.get(29)?]));
    central.get(CENTRAL_LENGTH..CENTRAL_LENGTH + length)
}

/// The furthest that an end record with a comment can be from the end.
const FURTHEST_END: u64 = header::END_LENGTH as u64 + 0xffff;
/// More than the headers of a few hundred small members.
const WINDOW: u64 = 128 * 1024;
