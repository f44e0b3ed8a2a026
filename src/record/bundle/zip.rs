//! One profile of the zip format (APPNOTE 6.3) in which no bit of the file is free.
//!
//! Members are stored, not compressed, in byte order of their names; every
//! header field has one allowed value; records and members tile the file from
//! its first byte to its last. What the profile does not fix does not exist.
//! It reads nothing else: it is not a reader for zip files in general, for
//! these see `handover`.

mod defect;
mod header;
mod reader;
mod writer;

pub use defect::{Defect, Record};
pub use reader::Reader;
pub use writer::{Content, Member, Sink, WriteError, Writer};

/// The most bytes that a bundle has: one more would need zip64.
pub const LARGEST: u64 = 0xffff_fffe;

/// The most members that a bundle has: one more would need zip64.
pub const MOST_MEMBERS: usize = 0xfffe;
