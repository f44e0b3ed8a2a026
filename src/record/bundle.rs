//! The bag and the zip profile: out deterministically, in suspiciously.
//!
//! It knows names, digests and bytes. It does not know what the members of a
//! bundle mean, it verifies no signature, and it neither creates, syncs nor
//! renames the file that it fills: it is handed one that is open.
//!
//! `docs/FORMAT.md` is the byte-exact description of what is written and read.

pub mod bag;
pub mod folder;
pub mod name;
mod positioned;
pub mod seal;
pub mod source;
mod workers;
pub mod zip;

use std::ops::ControlFlow;

pub use name::Name;
pub use seal::Seal;
pub use source::{ReadError, Source};

/// What a long copy or reading tells while it goes on, and asks.
///
/// It is called after each piece with the number of bytes done since the last
/// call, from any of the worker threads. [`ControlFlow::Break`] stops the work.
pub type Watch<'a> = dyn Fn(u64) -> ControlFlow<()> + Sync + 'a;

/// A [`Watch`] that tells nobody and never stops the work.
pub fn unwatched(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
