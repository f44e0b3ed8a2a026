//! The guide as the reviewers see it: a real Chromium, its pages reached by
//! keyboard, with and without scripts, narrow and enlarged, attacked and
//! restarted. Where there is no Chromium these tests fail.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout)] // Measurements.
#![allow(dead_code)]

#[path = "../support/guide.rs"]
mod support;

#[path = "../guide/opening.rs"]
mod opening;
#[path = "../support/processes.rs"]
mod processes;
#[path = "../support/recorder.rs"]
mod recorder;
#[path = "../support/screen.rs"]
mod screen;

mod chromium;
mod cookies;
mod going_back;
mod hands;
mod looks;
mod people;
mod pictures;
mod typing;

mod attacker;
mod correcting;
mod hostile;
mod journey;
mod leaving;
mod once;
mod police;
mod recording;
mod silence;
mod stopping;
mod uploads;
mod window;
mod withheld;
