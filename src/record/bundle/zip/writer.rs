//! Writes a zip file of the profile from members that are known beforehand.
//!
//! It creates no file and makes nothing durable: it fills a [`Sink`] that it is
//! handed, and whoever handed it in syncs and renames the file behind it.

use std::fs::File;
use std::io::{self, Read as _};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::header::{self, CENTRAL_LENGTH, END_LENGTH, End, Facts, LOCAL_LENGTH};
use super::{LARGEST, MOST_MEMBERS};
use crate::bundle::name::{self, Clash, Name};
use crate::bundle::{Watch, workers};
use crate::digest::{Digest, Hasher};
use crate::regular_file;

/// A member to be written.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name in the zip file.
    pub name: Name,
    /// What its content MUST have as its digest.
    pub digest: Digest,
    /// Where its content comes from.
    pub content: Content,
}

/// Where a member's content comes from.
#[derive(Debug, Clone)]
pub enum Content {
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// A regular file, not a link, that MUST have this length.
    File {
        /// Where it lies.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
    },
}

impl Member {
    /// A member whose content is in memory.
    pub fn of_bytes(name: Name, bytes: Vec<u8>) -> Member {
        Member { name, digest: Digest::of(&bytes), content: Content::Bytes(bytes) }
    }

    /// The length of its content.
    pub fn length(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File { length, .. } => *length,
        }
    }
}

/// Where a zip file is written: at any offset, from several threads at once.
///
/// It begins empty, and what is never written MUST be thrown away by whoever
/// handed it in, as after every error of [`Writer::write`].
pub trait Sink: Sync {
    /// Writes all of `bytes` from `offset` on.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
}

/// A zip file that is laid out, to the byte, before anything is written.
#[derive(Debug)]
pub struct Writer {
    members: Vec<Member>,
    offsets: Vec<u32>,
    directory: u32,
    length: u64,
}

impl Writer {
    /// Lays out a zip file of `members`, which may come in any order.
    pub fn new(mut members: Vec<Member>) -> Result<Writer, WriteError> {
        if members.is_empty() {
            return Err(WriteError::Empty);
        }
        if members.len() > MOST_MEMBERS {
            return Err(WriteError::TooMany(members.len()));
        }
        members.sort_by(|a, b| a.name.cmp(&b.name));
        let names: Vec<&Name> = members.iter().map(|member| &member.name).collect();
        name::check_together(&names)?;
        let of_names: u64 = names.iter().map(|name| name.len() as u64).sum();
        let extents = || members.iter().map(extent);
        let total = extents().try_fold(0_u64, u64::checked_add);
        let directory_length = (CENTRAL_LENGTH * members.len()) as u64 + of_names;
        let length = total.and_then(|total| total.checked_add(directory_length + END_LENGTH as u64));
        let length = length.unwrap_or(u64::MAX);
        if length > LARGEST {
            return Err(WriteError::TooLarge(length));
        }
        // All offsets are below LARGEST, which fits into 32 bits.
        let mut offset = 0;
        let mut offsets = Vec::with_capacity(members.len());
        for extent in extents() {
            offsets.push(offset as u32);
            offset += extent;
        }
        Ok(Writer { members, offsets, directory: offset as u32, length })
    }

    /// How long the file will be.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Fills `sink`, which MUST be new and empty; `path` is what errors call it.
    ///
    /// Every member's content is hashed as it is copied. If one has not the
    /// digest or the length that it must have, the directory is not written:
    /// what is in the file then is no zip file and MUST be thrown away. The
    /// same members give the same bytes, whatever the number of threads.
    pub fn write(
        &self,
        sink: &dyn Sink,
        path: &Path,
        threads: NonZeroUsize,
        watch: &Watch<'_>,
    ) -> Result<(), WriteError> {
        let target = Target { sink, path };
        let runs = workers::runs(self.members.iter().map(extent));
        let size = |run: &Range<usize>| self.members[run.clone()].iter().map(extent).sum();
        let crcs = workers::largest_first(&runs, threads, size, |run, buffer| {
            if size(run) <= buffer.len() as u64 {
                let crcs = self.write_run(run.clone(), buffer, &target)?;
                if watch(size(run)).is_break() { Err(WriteError::Stopped) } else { Ok(crcs) }
            } else {
                self.write_large(run.start, buffer, &target, watch).map(|crc| vec![crc])
            }
        })?;
        let crcs: Vec<u32> = crcs.into_iter().flatten().collect();
        // Last, so that a file that was not finished has no directory.
        target.write(&self.directory(&crcs), self.directory.into())
    }

    /// Members that fit into the buffer together, written at one go.
    fn write_run(
        &self,
        run: Range<usize>,
        buffer: &mut [u8],
        target: &Target<'_>,
    ) -> Result<Vec<u32>, WriteError> {
        let start = self.offsets[run.start];
        let mut filled = 0;
        let mut crcs = Vec::with_capacity(run.len());
        for index in run {
            let member = &self.members[index];
            let at = filled + LOCAL_LENGTH + member.name.len();
            let end = at + member.length() as usize;
            let mut input = Input::open(member)?;
            input.fill(&mut buffer[at..end])?;
            input.check_end()?;
            let content = &buffer[at..end];
            check_digest(member, Digest::of(content))?;
            let crc = crc32fast::hash(content);
            buffer[filled..at].copy_from_slice(&self.local(index, crc));
            crcs.push(crc);
            filled = end;
        }
        target.write(&buffer[..filled], start.into())?;
        Ok(crcs)
    }

    fn write_large(
        &self,
        index: usize,
        buffer: &mut [u8],
        target: &Target<'_>,
        watch: &Watch<'_>,
    ) -> Result<u32, WriteError> {
        let member = &self.members[index];
        let start: u64 = self.offsets[index].into();
        let mut at = start + (LOCAL_LENGTH + member.name.len()) as u64;
        let end = start + extent(member);
        let (mut sha256, mut crc) = (Hasher::new(), crc32fast::Hasher::new());
        let mut input = Input::open(member)?;
        while at < end {
            // All pieces but the first begin on a page of the target.
            let piece = (buffer.len() as u64 - at % PAGE).min(end - at);
            let bytes = &mut buffer[..piece as usize];
            input.fill(bytes)?;
            sha256.update(bytes);
            crc.update(bytes);
            target.write(bytes, at)?;
            at += piece;
            if watch(piece).is_break() {
                return Err(WriteError::Stopped);
            }
        }
        input.check_end()?;
        check_digest(member, sha256.finish().0)?;
        let crc = crc.finalize();
        target.write(&self.local(index, crc), start)?;
        Ok(crc)
    }

    fn local(&self, index: usize, crc: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        header::write_local(&self.facts(index, crc), &mut bytes);
        bytes
    }

    fn directory(&self, crcs: &[u32]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity((self.length - u64::from(self.directory)) as usize);
        for (index, &crc) in crcs.iter().enumerate() {
            header::write_central(&self.facts(index, crc), &mut bytes);
        }
        let directory_length = bytes.len() as u32;
        let members = self.members.len() as u16;
        header::write_end(&End { members, directory_length, directory_offset: self.directory }, &mut bytes);
        bytes
    }

    fn facts(&self, index: usize, crc: u32) -> Facts<'_> {
        let member = &self.members[index];
        let (name, length) = (member.name.as_bytes(), member.length() as u32);
        Facts { name, crc, length, offset: self.offsets[index] }
    }
}

/// Why a zip file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file: a member's or the zip file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There are no members.
    #[error("no members")]
    Empty,
    /// More members than the profile allows.
    #[error("{0} members; at most {MOST_MEMBERS} are allowed")]
    TooMany(usize),
    /// The zip file would reach 4 GiB.
    #[error("the zip file would be {0} bytes long; at most {LARGEST} are allowed")]
    TooLarge(u64),
    /// Two names cannot lie in one folder.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// A member's content has another digest than it must have.
    #[error("\"{name}\"{}: SHA-256 is {found}, not {expected}", at(path))]
    Digest {
        /// The member.
        name: Name,
        /// The file that it comes from.
        path: Option<PathBuf>,
        /// The digest that it must have.
        expected: Digest,
        /// The digest that it has.
        found: Digest,
    },
    /// A member's file is longer or shorter than it must be.
    #[error("\"{name}\" ({}): not {expected} bytes long any more", path.display())]
    Length {
        /// The member.
        name: Name,
        /// The file that it comes from.
        path: PathBuf,
        /// The length that it must have.
        expected: u64,
    },
    /// The [`Watch`] said so.
    #[error("stopped")]
    Stopped,
}

/// What is filled.
struct Target<'a> {
    sink: &'a dyn Sink,
    path: &'a Path,
}

impl Target<'_> {
    fn write(&self, bytes: &[u8], offset: u64) -> Result<(), WriteError> {
        self.sink
            .write_all_at(bytes, offset)
            .map_err(|source| WriteError::Io { path: self.path.to_owned(), source })
    }
}

/// A member's content as it is read.
enum Input<'a> {
    Bytes { left: &'a [u8] },
    File { file: File, path: &'a Path, name: &'a Name, length: u64 },
}

impl<'a> Input<'a> {
    fn open(member: &'a Member) -> Result<Input<'a>, WriteError> {
        Ok(match &member.content {
            Content::Bytes(bytes) => Input::Bytes { left: bytes },
            Content::File { path, length } => {
                let file = regular_file::open(path);
                let file = file.map_err(|source| WriteError::Io { path: path.clone(), source })?;
                Input::File { file, path, name: &member.name, length: *length }
            }
        })
    }

    /// Fills `buffer` with what comes next.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), WriteError> {
        match self {
            Input::Bytes { left } => {
                let (now, later) = left.split_at(buffer.len());
                buffer.copy_from_slice(now);
                *left = later;
                Ok(())
            }
            Input::File { file, .. } => file.read_exact(buffer).map_err(|source| self.error(source)),
        }
    }

    /// That nothing comes any more.
    fn check_end(&mut self) -> Result<(), WriteError> {
        let Input::File { file, .. } = self else { return Ok(()) };
        match file.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.error(io::ErrorKind::UnexpectedEof.into())),
            Err(source) => Err(self.error(source)),
        }
    }

    fn error(&self, source: io::Error) -> WriteError {
        match self {
            Input::File { path, name, length, .. } if source.kind() == io::ErrorKind::UnexpectedEof => {
                let (name, path) = ((*name).clone(), path.to_path_buf());
                WriteError::Length { name, path, expected: *length }
            }
            Input::File { path, .. } => WriteError::Io { path: path.to_path_buf(), source },
            Input::Bytes { .. } => WriteError::Io { path: PathBuf::new(), source },
        }
    }
}

fn check_digest(member: &Member, found: Digest) -> Result<(), WriteError> {
    if found == member.digest {
        return Ok(());
    }
    let path = match &member.content {
        Content::Bytes(_) => None,
        Content::File { path, .. } => Some(path.clone()),
    };
    Err(WriteError::Digest { name: member.name.clone(), path, expected: member.digest, found })
}

/// How many bytes of the zip file a member takes before the directory.
fn extent(member: &Member) -> u64 {
    member.length().saturating_add((LOCAL_LENGTH + member.name.len()) as u64)
}

fn at(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|path| format!(" ({})", path.display())).unwrap_or_default()
}

/// Pages of memory are of this size or a multiple of it.
const PAGE: u64 = 4096;
