//! What fails is said, the record stays whole, and recording goes on.

use std::thread;
use std::time::Duration;

use countersign_case::capture::{Ending, Event};
use countersign_record::journal::Recording;

use crate::desk::{Remote, read, recording, recordings, serving};
use crate::processes::{is_alive, kill_group, processes};
use crate::site::{Site, html};
use crate::visits::count;
use crate::world::World;

#[test]
fn a_killed_browser_is_a_gap_and_a_new_one_opens() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/")), |remote| {
        remote.visit(&site.url("/"));
        let browser = remote.browser();
        kill_group(browser);
        assert!(remote.gap().contains("ended"));
        goes_on(remote, &site, browser);
    });
    assert_eq!(ended.expect("recorded").why, Ending::Asked);
    let folder = case.folder().clone();
    drop(case);
    let said = recordings(&read(&world, &folder));
    let kinds: Vec<&str> = said
        .iter()
        .map(|recording| match recording {
            Recording::Began { .. } => "began",
            Recording::Gap { .. } => "gap",
            Recording::BeforeStop { .. } => "before a stop",
            Recording::Ended { .. } => "ended",
        })
        .collect();
    assert_eq!(kinds, ["began", "gap", "began", "ended"]);
    world.unlock(folder.reference()).expect("unlocks");
    assert_eq!(recordings(&read(&world, &folder)).len(), 4, "what ended properly broke off nowhere");
}

#[test]
fn a_browser_that_hangs_is_a_gap_and_a_new_one_opens() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/")), |remote| {
        remote.visit(&site.url("/"));
        let browser = remote.browser();
        let process = libc::pid_t::try_from(browser).expect("a process");
        // SAFETY: a plain system call on a process that this test started.
        unsafe { libc::kill(process, libc::SIGSTOP) };
        assert!(remote.gap().contains("did not answer"));
        goes_on(remote, &site, browser);
    });
    assert_eq!(ended.expect("recorded").why, Ending::Asked);
}

#[test]
fn a_browser_that_dies_again_and_again_ends_it() {
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, None, |remote| {
        for times in 1..=4 {
            remote.wait_for(|events| {
                let began = events.iter().filter(|event| matches!(event, Event::Began { .. })).count();
                (began >= times).then_some(())
            });
            kill_group(remote.browser());
            remote.wait_for(|events| {
                let gaps = events.iter().filter(|event| matches!(event, Event::Gap { .. })).count();
                (gaps >= times).then_some(())
            });
        }
        remote.wait("the end", |event| matches!(event, Event::Ended { .. }).then_some(()));
    });
    assert_eq!(ended.expect("said").why, Ending::Failed);
}

#[test]
fn a_page_that_crashes_is_a_gap_and_others_go_on() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/")), |remote| {
        remote.visit(&site.url("/"));
        for (process, command) in processes(remote.browsers) {
            if command.contains("--type=renderer") {
                let process = libc::pid_t::try_from(process).expect("a process");
                // SAFETY: a plain system call on a process that this test started.
                unsafe { libc::kill(process, libc::SIGKILL) };
            }
        }
        assert!(remote.gap().contains("crashed"));
        remote.go(&site.url("/404"));
        remote.visit(&site.url("/404"));
    });
    ended.expect("recorded");
}

#[test]
fn a_flood_of_windows_and_of_addresses_is_bounded_and_said() {
    let site = serving(|request, to| {
        Some(match request.path.as_str() {
            "/windows" => html(
                to,
                "<title>Windows</title><script>let n = 0; \
                 setInterval(() => { for (let i = 0; i < 20 && n < 1000; i++) open('/window-' + n++) }, 30)</script>",
            ),
            "/addresses" => html(
                to,
                "<title>Addresses</title><script>let n = 0; (function more() { for (let i = 0; i < 500; i++) \
                 history.pushState(0, '', '/address-' + n++); if (n < 20000) setTimeout(more) })()</script>",
            ),
            path if path.starts_with("/window-") => html(to, "<title>Window</title>"),
            _ => return None,
        })
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/windows")), |remote| {
        assert!(remote.gap().contains("closed unopened"));
        thread::sleep(Duration::from_secs(2));
        // The windows that were closed leave the others going on.
        remote.keep();
        let pages = processes(remote.browsers).iter().filter(|(_, c)| c.contains("--type=renderer")).count();
        assert!(pages < 60, "{pages} pages");
    });
    let ended = ended.expect("recorded");
    let opened = events.iter().filter(|event| matches!(event, Event::Visit { .. })).count();
    println!("{opened} visits of a flood of 1,000 windows");
    assert!(ended.visits < 200, "{}", ended.visits);
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/addresses")), |remote| {
        remote.visit(&site.url("/address-0"));
        thread::sleep(Duration::from_secs(3));
    });
    println!("{} visits of a flood of 20,000 addresses", ended.expect("recorded").visits);
    assert_eq!(count(&events, &site.url("/addresses")), 1);
    read(&world, case.folder());
}

/// Another browser is there, the one before is gone, and it records.
fn goes_on(remote: &Remote<'_>, site: &Site, before: u32) {
    remote.wait_for(|events| {
        (events.iter().filter(|event| matches!(event, Event::Began { .. })).count() == 2).then_some(())
    });
    assert!(!is_alive(before));
    remote.go(&site.url("/404"));
    remote.visit(&site.url("/404"));
}
