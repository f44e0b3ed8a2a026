//! A page that is followed: what the browser's events say of it, and what the
//! browser must be told at once.

pub mod absence;
pub(crate) mod commands;
pub(crate) mod listener;
mod notes;
pub(crate) mod notice;
pub(crate) mod page;
pub(crate) mod pane;
pub(crate) mod requests;
