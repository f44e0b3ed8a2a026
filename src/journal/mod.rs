//! Entries as typed JSON, their strict parse, their chain, and what follows
//! from them.
//!
//! The journal is the only state: what a case *is* is a fold over its entries
//! ([`Ledger`]). This module knows bytes, keys and meaning; it knows no
//! folders and no disk, and it does not know what the procedure allows.

mod body;
mod chain;
pub mod characters;
mod entry;
mod facts;
mod ledger;
pub mod names;
mod people;
mod spelling;
mod text;

pub use body::{
    Acted, Action, Answer, Archived, At, Attached, Body, Browser, BundleFile, Category, ClockJumped,
    Computer, Concern, Concerns, Confirmation, Copy, Encryption, Exhibit, FormMade, Halted, HandedOver,
    Happened, Hold, Hop, Isolated, Judged, Kept, LeftOut, Machine, Method, Noted, Opened, PackName, Part,
    Program, Raised, Recording, Recovered, Referred, Response, Retention, Reviewer, Sealed, Standing, Visit,
    Visited, Void, WrittenAlone,
};
pub use chain::{Chain, Fault, Links, SignedEntry, check_signatures};
pub use entry::{Entry, EntryError, MAX_ENTRY, Moment, entry_name};
pub use facts::{CaseId, Extension, File, Id, NotA, Reference, Role, SessionId, Side};
pub use ledger::{Irregular, Ledger, Released, Restraint, What, Withheld};
pub use people::{NotThree, People, called};
pub use spelling::MAX_INTEGER;
pub(crate) use spelling::spell;
pub use text::{Line, Name, Seen, Text, TextError};
