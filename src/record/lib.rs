//! What a Countersign case says, and how a stranger checks it.
//!
#![doc = include_str!("README.md")]
//!
//! ## Where things are
//!
//! A case is a chain of entries that two people sign ([`journal`],
//! [`signature`]); it leaves the school as one zip file in which no bit is
//! free ([`bundle`]); [`mod@verify`] says what holds of it, and what does not.
#![forbid(unsafe_code)]

pub mod clock;
pub mod digest;
pub mod regular_file;
pub mod words;

pub mod key;
pub mod signature;

pub mod journal;

pub mod bundle;

pub mod verify;
