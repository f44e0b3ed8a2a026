//! A stop: nothing is on the screen, nothing is recorded after it.

use std::thread;
use std::time::{Duration, Instant};

use countersign_case::capture::{Command, Ending, Event};
use countersign_case::case::{Halt, raise};
use countersign_record::journal::{Body, Recording, Restraint};

use crate::desk::{PATIENCE, Remote, recording, serving, until};
use crate::processes::until_ended;
use crate::site::{self, Site};
use crate::walls::{files, holds};
use crate::world::World;

/// How long the window showed something after the stop.
fn until_closed(remote: &Remote<'_>, stop: impl FnOnce()) -> Duration {
    let browser = remote.browser();
    stop();
    let stopped = Instant::now();
    let took = until_ended(browser, stopped);
    println!("{took:?} from the stop to the closed window");
    took
}

fn stopped(how: &str, stop: impl FnOnce(&Remote<'_>, &World)) {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/")), |remote| {
        remote.visit(&site.url("/"));
        let took = until_closed(remote, || stop(remote, &world));
        // 200 ms is the promise; the computer that tests may be busy.
        assert!(took < Duration::from_secs(1), "{how}: {took:?}");
        remote.wait("the stop", |event| matches!(event, Event::Halted { .. }).then_some(()));
    });
    let ended = ended.expect("recorded");
    assert_eq!(ended.why, Ending::Halted, "{how}");
    assert!(matches!(events.last(), Some(Event::Ended { .. })), "{how}: {events:?}");
    let (entry, halt) = case.ledger().halts().next().expect("on record");
    // What the police ask first, as the program saw it.
    assert_eq!(halt.screen.as_ref().map(|url| url.to_string()), Some(site.url("/")), "{how}");
    assert_eq!(halt.keeping, None, "{how}");
    let halted = entry.entry;
    let after = case.ledger().entries().iter().filter(|entry| entry.entry > halted);
    assert!(!after.into_iter().any(|entry| entry.body.is_recording()), "{how}: recorded after the halt");
    let (again, _) = recording(&world, &mut case, None, |_| {});
    assert!(again.is_err(), "{how}: no new recording can begin");
}

#[test]
fn by_a_command() {
    stopped("command", |remote, _| remote.say(Command::Halt { category: None }));
}

#[test]
fn from_anywhere_else() {
    stopped("mark", |remote, world| {
        raise(&remote.case, Halt::default(), &world.clock).expect("raised");
    });
}

#[test]
fn by_a_concern_that_halts() {
    stopped("concern", |remote, _| {
        let category = "child-abuse-images".parse().expect("an id");
        remote.say(Command::Concern { category, words: "What we saw.".to_owned() });
    });
}

#[test]
fn what_was_visited_last_is_on_record_after_the_stop_and_told_to_nobody() {
    let site = serving(|request, to| match request.path.as_str() {
        "/leaving" => {
            let leave = "setTimeout(() => { location.href = '/next' }, 1000)";
            Some(site::html(to, &format!("<title>Leaving</title><script>{leave}</script>")))
        }
        "/next" => Some(site::html(to, "<title>Next</title><p>Words")),
        _ => None,
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/leaving")), |remote| {
        remote.visit(&site.url("/leaving"));
        let hold = remote.hold();
        until("the page goes on", || site.asked().iter().any(|path| path == "/next"));
        thread::sleep(Duration::from_secs(1));
        raise(&remote.case, Halt::default(), &world.clock).expect("raised");
        drop(hold);
        remote.wait("the stop", |event| matches!(event, Event::Halted { .. }).then_some(()));
    });
    assert_eq!(ended.expect("recorded").visits, 2);
    let entries = case.ledger().entries();
    let told = entries.iter().position(|entry| {
        let Body::Recording(Recording::BeforeStop { visits }) = &entry.body else { return false };
        let said: Vec<_> = visits.iter().map(|visit| visit.final_url.to_string()).collect();
        said == [site.url("/next")]
    });
    let told = told.expect("on record");
    assert!(matches!(entries[told - 1].body, Body::Halted(_)), "behind the stop");
    assert!(matches!(entries[told + 1].body, Body::Recording(Recording::Ended { .. })));
    let next = site.url("/next");
    let shown = events.iter().any(|event| format!("{event:?}").contains(&next));
    assert!(!shown, "nothing is told of it on the screen");
}

#[test]
fn while_a_page_is_being_kept() {
    // Its last picture does not come, so that it is still being kept.
    let site = serving(|request, to| {
        (request.path == "/lazy-19.bmp").then(|| {
            thread::sleep(PATIENCE);
            site::answer(to, "404 Not Found", b"")
        })
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/lazy")), |remote| {
        remote.visit(&site.url("/lazy"));
        remote.say(Command::Keep);
        until("its pictures are asked for", || site.asked().iter().any(|path| path == "/lazy-19.bmp"));
        let took = until_closed(remote, || remote.say(Command::Halt { category: None }));
        assert!(took < Duration::from_secs(1), "{took:?}");
        remote.wait("the stop", |event| matches!(event, Event::Halted { .. }).then_some(()));
    });
    let ended = ended.expect("recorded");
    assert_eq!((ended.why, ended.kept), (Ending::Halted, 0));
    let halt = case.ledger().halts().next().expect("on record").1;
    for seen in [&halt.keeping, &halt.screen] {
        assert_eq!(seen.as_ref().map(|url| url.to_string()), Some(site.url("/lazy")));
    }
    assert!(!case.ledger().entries().iter().any(|entry| matches!(entry.body, Body::Kept(_))));
    assert_eq!(case.reading().released().restraint(), Restraint::Withhold);
    let hits: Vec<_> = files(world.folder.path()).into_iter().filter(|p| holds(p, site::CANARY)).collect();
    assert!(hits.is_empty(), "what was not kept is dropped: {hits:?}");
}
