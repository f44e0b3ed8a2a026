//! Countersign takes two senior members of staff through the documented
//! procedure for suspected misuse of the internet, records what they do in a
//! journal that both sign, stops them when the law says stop, and seals the
//! result so that a stranger can check it.
//!
//! The library never prints, prompts, exits, reads the environment, or asks
//! the system for time or randomness except through what it was handed
//! ([`clock`]). Modules are layers: each uses only those above it in this
//! list, and `tests/layers.rs` holds that. `docs/ARCHITECTURE.md` is the map.

pub mod clock;
pub mod digest;
pub mod regular_file;
pub mod words;

pub mod key;
pub mod signature;

pub mod journal;

pub mod bundle;

pub mod verify;

pub mod durable;
pub mod secret;

pub mod procedure;

pub mod case;

pub mod warc;

pub mod browser;

pub mod capture;

pub mod form;

pub mod handover;

pub mod register;

pub mod rehearsal;
