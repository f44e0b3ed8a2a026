//! What pages ask of the cases: one to read, one to add to, drafts, jobs, a
//! stop.

pub mod at_once;
mod attempt_limit;
mod case_cache;
mod drafts;
mod guide;
mod idle_timer;
pub mod jobs;
pub mod recordings;
pub mod staged;
mod stopped;
mod unlocked_cases;
pub mod waiting;

pub use case_cache::Listing;
pub use guide::Guide;
