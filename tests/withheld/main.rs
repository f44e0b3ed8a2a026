//! Nothing that is withheld leaves a case, by whatever way out: every built-in
//! pack, every category, every state in which the stop can find the case, and
//! every way out, with what is packed unpacked.
//!
//! Where the category withholds nothing, the same search MUST find the same
//! canaries in the same ways out: otherwise it could not fail.
//! Needs `qpdf` and `7z`.

// The tally, for whoever runs it by hand.
#![allow(clippy::print_stdout)]

mod out;
mod trial;
mod way;

#[path = "../support/leaks.rs"]
mod leaks;
#[path = "../support/site.rs"]
mod site;
#[path = "../support/world.rs"]
mod world;

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign_case::form::Fonts;

use crate::trial::{STATES, Trial, share, trials};
use crate::way::Run;

#[test]
fn nothing_withheld_leaves_a_case() {
    let tried = run(share());
    println!("{tried} of {} trials", trials().len());
    assert_eq!(tried, 2 * STATES.len() + STATES.len() - 3, "each state with each response");
}

#[test]
#[ignore = "every pack, category and state: about half an hour"]
fn nothing_withheld_leaves_any_case() {
    let tried = run(trials());
    println!("{tried} trials");
    assert!(tried > 500, "{tried}");
}

fn run(trials: Vec<Trial>) -> usize {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let fonts = Fonts::built_in();
                while let Some(trial) = trials.get(next.fetch_add(1, Ordering::SeqCst)) {
                    Run::of(trial, &fonts).whole();
                }
            });
        }
    });
    trials.len()
}

/// A new verb of the program is a new way out, until somebody has said that it
/// is none.
#[test]
fn every_verb_was_thought_of() {
    let output =
        Command::new(assert_cmd::cargo::cargo_bin("countersign")).arg("--help").output().expect("runs");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    let listed = help.split("Commands:").nth(1).expect("has a list").split("Options:").next().expect("ends");
    let verbs: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(verbs.len() > 15, "{verbs:?}");
    // Tried above, or by the same function of the library. The guide's pages say
    // what `show` says, and its sheet is the one of `refer`.
    let ways_out = ["guide", "show", "register", "form", "seal", "refer", "isolate", "hand-over", "rehearse"];
    // They say what was typed, or what `show` says of the entry that they made.
    let none = [
        "open",
        "record",
        "keep",
        "attach",
        "note",
        "concern",
        "halt",
        "judge",
        "act",
        "verify",
        "stamp",
        "archive",
        "procedure",
        "doctor",
        "completions",
    ];
    for verb in verbs {
        assert!(ways_out.contains(&verb) || none.contains(&verb), "{verb}: can anything leave by it?");
    }
}
