//! The guide: its guard, and journeys through its pages, by requests made by
//! hand.

#[path = "../support/guide.rs"]
mod support;

mod guard;
mod journey;
mod opening;
