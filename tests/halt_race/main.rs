//! A halt against whatever is under way: nothing is recorded after it, and no
//! bundle comes out that holds what it withholds.

// The tallies, for whoever runs it by hand.
#![allow(clippy::print_stdout)]

mod leaving;
mod race;
mod recording;

#[path = "../support/site.rs"]
mod site;
#[path = "../support/world.rs"]
mod world;

use std::fs;
use std::time::{Duration, Instant};

use countersign_case::case::{Halt, raise};
use countersign_case::form::Fonts;
use countersign_record::journal::Side;

use crate::leaving::{Leaving, against_leaving};
use crate::race::races;
use crate::recording::{against_attach, against_keep, pages};
use world::World;

#[test]
fn against_attaching() {
    races(100, "attach", against_attach);
}

#[test]
fn against_keeping() {
    let site = pages();
    races(100, "keep", |number, tally| against_keep(number, tally, &site));
}

#[test]
fn against_what_leaves() {
    let fonts = Fonts::built_in();
    for (count, what) in [(60, Leaving::Seal), (24, Leaving::Form), (24, Leaving::HandOver)] {
        races(count, &format!("{what:?}"), |number, tally| against_leaving(number, tally, what, &fonts));
    }
}

#[test]
#[ignore = "a thousand: some minutes"]
fn attach_a_thousand_times() {
    races(1000, "attach", against_attach);
}

#[test]
#[ignore = "a thousand: some minutes"]
fn keep_a_thousand_times() {
    let site = pages();
    races(1000, "keep", |number, tally| against_keep(number, tally, &site));
}

#[test]
#[ignore = "a thousand: some minutes"]
fn what_leaves_a_thousand_times() {
    let fonts = Fonts::built_in();
    for (count, what) in [(1000, Leaving::Seal), (200, Leaving::Form), (200, Leaving::HandOver)] {
        races(count, &format!("{what:?}"), |number, tally| against_leaving(number, tally, what, &fonts));
    }
}

/// An entry that has passed its last look is kept before the halt returns, or
/// the halt has waited as long as it may.
#[test]
fn a_commit_that_is_under_way_is_waited_for_a_moment() {
    let world = World::seeded(1);
    let folder = world.open().folder().clone();
    let (draft, mark) = (folder.path().join("draft/000005-9.entry.json"), folder.path().join("halt-raised"));
    fs::write(&draft, "an entry that both have signed").expect("writes");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !mark.exists() {
                std::hint::spin_loop();
            }
            std::thread::sleep(Duration::from_millis(20));
            fs::remove_file(&draft).expect("is removed");
        });
        let begun = Instant::now();
        raise(&folder, Halt { by: Some(Side::A), ..Halt::default() }, &world.clock).expect("is raised");
        assert!(!draft.exists() || begun.elapsed() >= Duration::from_millis(100));
    });
}

/// What a crash left lies there for good, and holds up nobody.
#[test]
fn a_draft_that_nobody_goes_on_with_does_not_hold_up_a_halt() {
    let world = World::seeded(2);
    let folder = world.open().folder().clone();
    fs::write(folder.path().join("draft/000005-9.entry.json"), "torn").expect("writes");
    raise(&folder, Halt { by: Some(Side::A), ..Halt::default() }, &world.clock).expect("is raised");
    assert!(folder.path().join("halt-raised").exists());
}
