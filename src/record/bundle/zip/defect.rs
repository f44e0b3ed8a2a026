//! What can be wrong with a zip file: one kind for each rule of the profile.
//!
//! It finds nothing; the reader does.

use std::fmt;

use super::header;
use crate::bundle::name::{Clash, ClashKind, NameDefect, NameError};

/// Why a file is not a zip file of the profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// It has not even an end record.
    #[error("no end record: this is not a zip file, or its end is missing")]
    NoEnd,
    /// It is 4 GiB or larger.
    #[error("{0} bytes long, which is more than a bundle has")]
    TooLarge(u64),
    /// It has no members.
    #[error("no members")]
    Empty,
    /// Needs the zip64 extension.
    #[error("zip64 is used")]
    Zip64,
    /// Something stands before the first member.
    #[error("{0} bytes before the first member")]
    Prefix(u64),
    /// Something stands after the end record.
    #[error("{0} bytes after the end record")]
    Suffix(u64),
    /// Something stands between two records.
    #[error("{0} bytes that belong to no member")]
    Gap(u64),
    /// A member that the directory does not list.
    #[error("a member that the directory does not list ({0} bytes)")]
    Hidden(u64),
    /// Two members share bytes, or stand in another order than the directory says.
    #[error("the member begins {0} bytes before the end of the one before it")]
    Overlap(u64),
    /// The directory has more or fewer members than the end record says.
    #[error("the end record says {said} members, the directory has {found}")]
    Count {
        /// What the end record says.
        said: u64,
        /// How many there are; one too many if there are more.
        found: u64,
    },
    /// Continues in another file.
    #[error("in several parts: {here} of {total} members are here")]
    Split {
        /// Members in this file.
        here: u16,
        /// Members in all.
        total: u16,
    },
    /// A record does not begin where it should.
    #[error("no {0} where one should begin")]
    NoRecord(Record),
    /// A record reaches beyond its place.
    #[error("the {0} is cut off")]
    CutOff(Record),
    /// A field has another value than the one that it can have.
    #[error("{record}: {field} is {found:#x}, not {expected:#x}{}", meaning(field, *found))]
    Field {
        /// The record in which it stands.
        record: Record,
        /// The field.
        field: &'static str,
        /// The one allowed value.
        expected: u32,
        /// The value that it has.
        found: u32,
    },
    /// A stored member has two sizes.
    #[error("{record}: the compressed size is {packed}, the size {length}")]
    SizesDiffer {
        /// The record in which they stand.
        record: Record,
        /// The compressed size.
        packed: u32,
        /// The size.
        length: u32,
    },
    /// The two headers of a member disagree.
    #[error("{field} is {central:#x} in the directory and {local:#x} before the member")]
    HeadersDiffer {
        /// The field.
        field: &'static str,
        /// Its value in the directory.
        central: u32,
        /// Its value before the member.
        local: u32,
    },
    /// The two headers of a member have different names.
    #[error("the name before the member is \"{local}\"")]
    NamesDiffer {
        /// The name in the local header, escaped.
        local: String,
    },
    /// The name is none that a member can have.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The name does not come after the one before it.
    #[error("the name does not come after \"{0}\" in byte order")]
    Order(String),
    /// Two names cannot lie in one folder.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// The content is not what its header says.
    #[error("CRC-32 of the content is {found:#010x}, the header says {said:#010x}")]
    Crc {
        /// What the headers say.
        said: u32,
        /// What the content has.
        found: u32,
    },
}

impl Defect {
    /// A short name of the rule that is broken, which stays the same between versions.
    pub fn code(&self) -> &'static str {
        match self {
            Defect::NoEnd => "no-end",
            Defect::TooLarge(_) => "too-large",
            Defect::Empty => "empty",
            Defect::Zip64 => "zip64",
            Defect::Prefix(_) => "prefix",
            Defect::Suffix(_) => "suffix",
            Defect::Gap(_) => "gap",
            Defect::Hidden(_) => "hidden-member",
            Defect::Overlap(_) => "overlap",
            Defect::Count { .. } => "count",
            Defect::Split { .. } => "split",
            Defect::NoRecord(_) => "no-record",
            Defect::CutOff(_) => "cut-off",
            Defect::Field { field, found, .. } => field_code(field, *found),
            Defect::SizesDiffer { .. } => "sizes-differ",
            Defect::HeadersDiffer { .. } | Defect::NamesDiffer { .. } => "headers-differ",
            Defect::Name(NameError { why, .. }) => match why {
                NameDefect::Empty => "name-empty",
                NameDefect::Absolute => "name-absolute",
                NameDefect::Climbs => "name-climbs",
                NameDefect::Character(_) => "name-character",
                NameDefect::TooLong(_) => "name-too-long",
                NameDefect::Device => "name-device",
                NameDefect::LastDot => "name-last-dot",
                NameDefect::FirstHyphen => "name-first-hyphen",
            },
            Defect::Order(_) => "order",
            Defect::Clash(Clash { why, .. }) => match why {
                ClashKind::Same => "duplicate",
                ClashKind::Case => "case",
                ClashKind::FileAndFolder => "file-and-folder",
            },
            Defect::Crc { .. } => "crc",
        }
    }
}

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// The header before a member.
    Local,
    /// The header of a member in the directory.
    Central,
    /// The record that ends the file.
    End,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Record::Local => "local header",
            Record::Central => "central header",
            Record::End => "end record",
        })
    }
}

fn field_code(field: &'static str, found: u32) -> &'static str {
    match field {
        header::VERSION_NEEDED => "version-needed",
        header::FLAGS if found & ENCRYPTED != 0 => "encrypted",
        header::FLAGS if found & DESCRIPTOR != 0 => "descriptor",
        header::FLAGS => "flags",
        header::METHOD => "compressed",
        header::TIME | header::DATE => "date",
        header::EXTRA => "extra-field",
        header::COMMENT => "comment",
        header::DISK | "disk of the directory" => "split",
        "version made by" => "made-by",
        _ => "attributes",
    }
}

fn meaning(field: &str, found: u32) -> &'static str {
    match field {
        header::FLAGS if found & ENCRYPTED != 0 => " (encrypted)",
        header::FLAGS if found & DESCRIPTOR != 0 => " (a descriptor follows the member)",
        _ => "",
    }
}

const ENCRYPTED: u32 = 1;
const DESCRIPTOR: u32 = 1 << 3;
