//! A real Chromium against a site that behaves badly. Where there is no
//! Chromium these tests fail: they show what the product promises.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout)] // Measurements, and a test that another one reads.

mod certificates;
mod desk;
mod faults;
mod pages;
mod pictures;
mod processes;
mod walls;

#[path = "../support/recorder.rs"]
mod recorder;
#[path = "../support/site.rs"]
mod site;
