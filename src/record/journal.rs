//! Entries as typed JSON, their strict parse, their chain, and what follows
//! from them.
//!
//! The journal is the only state: what a case *is* is a fold over its entries
//! ([`Ledger`]). This module knows bytes, keys and meaning; it knows no
//! folders and no disk, and it does not know what the procedure allows.

mod body;
mod brought;
mod chain;
pub mod characters;
mod entry;
mod facts;
mod field;
mod ledger;
mod left_out;
mod name;
pub mod names;
mod people;
mod spelling;
mod text;
mod unicode;

pub use body::{
    Acted, Action, Answer, Archived, At, Attached, Body, BrokenOff, Browser, BundleFile, Category, Change,
    ClockJumped, Computer, Concern, Concerns, Confirmation, Copy, Corrected, Encryption, Exhibit, FormMade,
    Halted, HandedOver, Happened, Hold, Hop, Isolated, Judged, Kept, Machine, Method, Noted, Opened,
    PackName, Part, Program, Raised, Recording, Recovered, Referred, Response, Retention, Reviewer, Sealed,
    Standing, Unbundled, Value, Visit, Visited, Void, WrittenAlone,
};
pub use brought::{BroughtIn, Progress};
pub use chain::{Chain, Fault, Links, SignedEntry, check_signatures};
pub use entry::{Entry, EntryError, MAX_BODY, MAX_ENTRY, Moment, entry_name};
pub use facts::{CaseId, Extension, File, Id, NotA, Reference, Role, SessionId, Side};
pub use field::{Choice, Field, FieldName, ValueKind, every_field, field, fields};
pub use ledger::{
    Annotated, CorrectedValue, Current, Irregular, Ledger, Released, Restraint, What, Withheld,
};
pub use left_out::{AllLeftOut, LeftOut, List, length_in_entry};
pub use people::{NotThree, People, called};
pub use spelling::{MAX_INTEGER, spell};
pub use text::{Line, Name, Seen, Text, TextError};
