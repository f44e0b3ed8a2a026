//! What a Countersign case says, and how a stranger checks it.
//!
//! A case is a chain of entries that two people sign ([`journal`],
//! [`signature`]); it leaves the school as one zip file in which no bit is
//! free ([`bundle`]); [`verify`] says what holds of it, and what does not.
//!
//! It reads, and writes to what it is handed. It never prints, prompts,
//! exits, reads the environment, or asks the system for time or randomness
//! except through what it was handed ([`clock`]).

pub mod clock;
pub mod digest;
pub mod regular_file;
pub mod words;

pub mod key;
pub mod signature;

pub mod journal;

pub mod bundle;

pub mod verify;
