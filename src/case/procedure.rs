//! The documented procedure as data ([`Pack`]) and as a state machine: who
//! may do what next, and why not.
//!
//! It writes nothing, signs nothing and knows no folder: it is handed a pack's
//! bytes and a case's entries, and it says which deeds are allowed
//! ([`State::permit`]). What a deed does is for the modules below, which
//! cannot do it without a permit from here. `docs/PROCEDURE.md` has the
//! states, the transitions, and the reason for each.

pub mod pack;

mod correction;
mod deed;
mod due;
mod fold;
mod next;
mod opening;
mod permit;
mod refusal;
mod rules;
mod sealing;
mod state;

pub use correction::{CorrectionError, CorrectionRefusal, correct, place, target};
pub use deed::{Deed, Verb};
pub use due::{Due, Reminder};
pub use next::NextStep;
pub use opening::{OpeningPermit, OpeningRefusal, Person, may_open};
pub use pack::{MAX_PACK, Pack, PackError, Stage};
pub use permit::{Permit, RecordingPermit};
pub use refusal::{Refusal, Unknown, Why};
pub use rules::MOST_RECORDED;
pub use state::{Filed, Irregularity, Phase, State};
