//! The documented procedure as data ([`Pack`]) and as a state machine: who
//! may do what next, and why not.
//!
//! It writes nothing, signs nothing and knows no folder: it is handed a pack's
//! bytes, and it says which deeds are allowed. What a deed does is for the
//! modules below, which cannot do it without a permit from here.

pub mod pack;

pub use pack::{Pack, PackError};
