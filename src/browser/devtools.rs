//! The browser's own protocol: calls with their answers, and what it says of
//! its own accord.

pub mod client;
pub(crate) mod context;
pub mod error;
pub mod event;
mod wire;
