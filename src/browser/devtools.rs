//! The browser's own protocol: calls with their answers, and what it says of
//! its own accord.

pub(crate) mod base64;
pub mod client;
pub(crate) mod context;
pub mod error;
pub mod event;
pub(crate) mod page_event;
#[cfg(test)]
pub(crate) mod scripted;
mod wire;
