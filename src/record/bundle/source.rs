//! A closed set of members, packed or unpacked.
//!
//! It does not know which members a bundle must have.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::{Name, Watch, folder, zip};
use crate::digest::Digest;
use crate::regular_file::NotRegular;

/// The members of a bundle: of a zip file, or of the folder that an examiner
/// unpacked it to. There is nothing in the file or the folder beside them.
#[derive(Debug)]
pub enum Source {
    /// A zip file.
    Zip(zip::Reader),
    /// An unpacked bag: the one top folder of the zip file.
    Folder(folder::Folder),
}

impl Source {
    /// Opens what lies at `path`: a zip file, or a folder.
    pub fn open(path: &Path) -> Result<Source, ReadError> {
        let metadata = std::fs::metadata(path).map_err(|e| ReadError::io(path, e))?;
        if metadata.is_dir() {
            folder::Folder::open(path).map(Source::Folder)
        } else if metadata.is_file() {
            zip::Reader::open(path).map(Source::Zip)
        } else {
            // Opening a pipe would wait for somebody to write to it.
            Err(ReadError::io(path, NotRegular::Special.into()))
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        match self {
            Source::Zip(zip) => zip.path(),
            Source::Folder(folder) => folder.path(),
        }
    }

    /// The members, in byte order of their names.
    pub fn members(&self) -> &[Listed] {
        match self {
            Source::Zip(zip) => zip.members(),
            Source::Folder(folder) => folder.members(),
        }
    }

    /// The place of a member in [`Source::members`].
    pub fn find(&self, name: &Name) -> Option<usize> {
        self.members().binary_search_by(|member| member.name.cmp(name)).ok()
    }

    /// The content of a member that is at most `limit` bytes long.
    pub fn read_small(&self, name: &Name, limit: u64) -> Result<Vec<u8>, ReadError> {
        match self {
            Source::Zip(zip) => zip.read_small(name, limit),
            Source::Folder(folder) => folder.read_small(name, limit),
        }
    }

    /// The digests of all members, in their order. A member that is not what
    /// its own headers say has a defect instead of a digest, so that it cannot
    /// be taken for whole.
    pub fn digest_all(&self, threads: NonZeroUsize, watch: &Watch<'_>) -> Result<Digests, ReadError> {
        match self {
            Source::Zip(zip) => zip.digest_all(threads, watch),
            Source::Folder(folder) => folder.digest_all(threads, watch),
        }
    }
}

/// What [`Source::digest_all`] gives: one result for each member.
pub type Digests = Vec<Result<Digest, zip::Defect>>;

/// A member as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: Name,
    /// The length of its content in bytes.
    pub length: u64,
}

/// Why a bundle cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no zip file of the profile.
    #[error("{}: byte {offset}{}: {defect}", path.display(), of(member))]
    Zip {
        /// The file.
        path: PathBuf,
        /// Where in the file the record, gap or content begins.
        offset: u64,
        /// The member's name, escaped, where it is one member's fault.
        member: Option<String>,
        /// What is wrong.
        defect: zip::Defect,
    },
    /// The folder is no unpacked bundle.
    #[error("{}: {defect}", path.display())]
    Folder {
        /// The folder, or what lies in it and is at fault.
        path: PathBuf,
        /// What is wrong.
        defect: folder::Defect,
    },
    /// A member that must be there is not.
    #[error("{}: no member \"{name}\"", path.display())]
    Missing {
        /// The file or folder.
        path: PathBuf,
        /// The member.
        name: Name,
    },
    /// A member is longer than what it is can be.
    #[error("{}: \"{name}\" is {length} bytes long; at most {limit} are allowed", path.display())]
    TooLong {
        /// The file or folder.
        path: PathBuf,
        /// The member.
        name: Name,
        /// Its length.
        length: u64,
        /// The most that it can have.
        limit: u64,
    },
    /// The [`Watch`] said so.
    #[error("stopped")]
    Stopped,
}

impl ReadError {
    pub(super) fn io(path: &Path, source: io::Error) -> ReadError {
        ReadError::Io { path: path.to_owned(), source }
    }

    /// The name of the broken rule, where a rule is broken.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            ReadError::Zip { defect, .. } => Some(defect.code()),
            ReadError::Folder { defect, .. } => Some(defect.code()),
            ReadError::Missing { .. } => Some("missing"),
            ReadError::TooLong { .. } => Some("too-long"),
            ReadError::Io { .. } | ReadError::Stopped => None,
        }
    }
}

fn of(member: &Option<String>) -> String {
    member.as_ref().map(|name| format!(", \"{name}\"")).unwrap_or_default()
}
