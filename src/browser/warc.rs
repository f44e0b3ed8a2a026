//! The traffic of a page as a web archive: WARC/1.1 (ISO 28500) in a WACZ 1.1.1
//! package, which other people's readers list, check and replay.
//!
//! It is pure: from what was exchanged to bytes, the same bytes for the same
//! exchanges. It knows no browser, cuts nothing and redacts nothing.

mod exchange;
mod index;
mod package;
mod query;
mod record;

pub use exchange::{Answer, Content, Cut, Departure, Exchange, Field, Outcome, Page, Request, Spelling};
pub use package::{PackageError, package};
