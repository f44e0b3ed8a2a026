//! The browser that visits pages for the record: found, started behind a
//! wall, spoken to over a pipe, and asked to keep a page.
//!
//! It knows nothing of cases, journals and exhibits, decides nothing about
//! whether a page may be recorded, and writes no file except the browser's
//! own profile, which it removes.

mod absence;
pub mod account;
pub mod address;
mod ahead;
pub mod client;
mod content;
mod context;
pub mod facts;
pub mod find;
mod keeping;
pub mod launch;
mod loads;
mod notes;
mod orders;
pub mod page;
mod pane;
mod picture;
mod pipes;
pub mod policy;
mod profile;
pub mod proxy;
pub mod reach;
pub mod session;
mod tab;
mod taking;
pub mod traffic;
pub mod wall;
pub mod warc;
mod watch;
