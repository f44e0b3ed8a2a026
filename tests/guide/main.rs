//! The guide: its guard, and journeys through its pages, by requests made by
//! hand.

#[path = "../support/long.rs"]
mod long;
#[path = "../support/guide.rs"]
mod support;
#[path = "../support/world.rs"]
mod world;

mod alone;
mod asked;
mod concerns;
mod corrections;
mod ending;
mod filed;
mod files;
mod guard;
mod journey;
#[path = "long.rs"]
mod long_case;
mod opening;
mod recording;
mod seen_at_stop;
mod traffic;
mod work;
mod written_alone;
