//! From the library's errors, which carry facts, to what a person reads: what
//! happened and where, what to do next, and the exit code.
//!
//! The law of its words: short, in plain English, the entry, file or field by
//! name, the next step always; no blame, and never which passphrase was wrong.

mod boundary;
mod browser;
mod bundle;
mod capture;
mod case;
mod copying;
mod correction;
mod disk;
mod handover;
mod procedure;
mod rehearsal;
mod text;
mod unfinished;

pub use browser::{NO_ACCOUNT, no_browser, no_pictures, without_browser};
pub use bundle::{checks, findings, paper, verdict};
pub use capture::{address, proxy, unmet};
pub use case::not_stopped;
pub use correction::correction;
pub use disk::{disk, named};
pub use procedure::{every_next_step, next_steps, pack, put_on_record};
pub use text::field;
pub use unfinished::unfinished;
