//! The end of a recording in the middle of something: what was asked for gets
//! an answer that is true.

use std::sync::mpsc::channel;

use countersign_case::capture::{Command, Ending, Event};
use countersign_case::case::Unlocked;
use countersign_case::procedure::Deed;
use countersign_record::journal::{Body, Noted};

use crate::desk::{Remote, recording};
use crate::site::Site;
use crate::world::{World, text};

/// What the case's pages send: work whose answer is waited for.
fn note(sender: std::sync::mpsc::Sender<Result<u64, String>>) -> Command {
    Command::Do(Box::new(move |case: &mut Unlocked<'_>| {
        let body = Body::Noted(Noted { text: text("Words that waited.") });
        let entered = case.permit(Deed::Note).and_then(|permit| case.append(permit, body));
        let _ = sender.send(entered.map_err(|error| error.to_string()));
    }))
}

fn refused(events: &[Event], word: &str) -> Vec<String> {
    let refused = events.iter().filter_map(|event| match event {
        Event::Refused { what, why } if *what == word => Some(why.to_string()),
        _ => None,
    });
    refused.collect()
}

#[test]
fn what_waits_while_a_page_is_kept_is_done_or_refused() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (sender, answers) = channel();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/lazy")), |remote: &Remote<'_>| {
        remote.visit(&site.url("/lazy"));
        let hold = remote.hold();
        for command in [Command::Keep, Command::End, note(sender.clone()), Command::Keep] {
            remote.say(command);
        }
        remote.say(Command::Note(text("Too late.")));
        remote.say(note(sender));
        drop(hold);
    });
    let ended = ended.expect("recorded");
    assert_eq!((ended.why, ended.kept), (Ending::Asked, 1), "{events:?}");
    let answers: Vec<_> = answers.iter().collect();
    assert!(matches!(answers.as_slice(), [Ok(_), Ok(_)]), "{answers:?}");
    assert_eq!(refused(&events, "keep"), ["the recording ended first"]);
    assert_eq!(refused(&events, "note"), ["the recording ended first"]);
    let notes = case.ledger().entries().iter().filter(|entry| matches!(entry.body, Body::Noted(_)));
    assert_eq!(notes.count(), 2);
}

#[test]
fn a_stop_in_the_middle_leaves_nobody_without_an_answer() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (sender, answers) = channel();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/lazy")), |remote| {
        remote.visit(&site.url("/lazy"));
        let hold = remote.hold();
        remote.say(Command::Keep);
        remote.say(note(sender.clone()));
        remote.say(Command::Halt { category: None });
        remote.say(note(sender));
        remote.say(Command::Keep);
        drop(hold);
    });
    assert_eq!(ended.expect("recorded").why, Ending::Halted);
    // A note may be written after a stop; it is on record behind it.
    let answers: Vec<_> = answers.iter().collect();
    assert_eq!(answers.len(), 2, "{answers:?}");
    let halted = case.ledger().halts().next().expect("on record").0.entry;
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|entry| *entry > halted)), "{answers:?}");
    assert_eq!(refused(&events, "keep"), ["the recording ended first"]);
    assert!(!case.ledger().entries().iter().any(|entry| matches!(entry.body, Body::Kept(_))));
}

#[test]
fn a_stop_that_comes_with_the_end_is_a_stop() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/")), |remote| {
        remote.visit(&site.url("/"));
        let hold = remote.hold();
        remote.say(Command::End);
        remote.say(Command::Halt { category: None });
        drop(hold);
    });
    ended.expect("recorded");
    assert!(case.ledger().halts().next().is_some(), "{events:?}");
    assert_eq!(refused(&events, "halt"), Vec::<String>::new());
}
