//! A built-in sample site and a sample case to practise on.
//!
//! It does nothing that a real case could not: the same library calls, on
//! pages that this computer serves to itself. Everything that it makes says
//! REHEARSAL.

mod run;
mod script;
mod site;

pub use run::{KeptPage, Outcome, Rehearsal, RehearsalError, Step, run};
pub use script::{Script, script};
pub use site::Site;
