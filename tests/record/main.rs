//! The recording browser: a real Chromium against pages that behave badly, in
//! a practice case. Where there is no Chromium these tests fail.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout)] // Measurements.

mod desk;
mod endings;
mod exhibits;
mod faults;
mod keys;
mod load;
mod program;
mod races;
#[allow(dead_code)] // Not every test uses every part.
#[path = "../traffic/reader.rs"]
mod reader;
mod seen_at_stop;
mod stops;
mod traffic;
mod visits;
mod walls;
mod window;
mod withheld;

#[path = "../support/processes.rs"]
mod processes;
#[path = "../support/recorder.rs"]
mod recorder;
#[path = "../support/screen.rs"]
mod screen;
#[path = "../support/site.rs"]
mod site;
#[path = "../support/world.rs"]
mod world;
