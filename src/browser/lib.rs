//! The browser that visits pages for the record: found, started behind a
//! wall, spoken to over a pipe, and asked to keep a page.
//!
//! It knows nothing of cases, journals and exhibits, decides nothing about
//! whether a page may be recorded, and writes no file except the browser's
//! own profile, which it removes.

mod text;

pub mod network;

pub mod devtools;

pub mod program;

pub mod warc;

pub mod traffic;

mod watch;

pub mod page;

pub mod session;
