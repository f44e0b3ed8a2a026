//! Every kind of top-level visit, and nothing that is none.

use std::io::Write;
use std::sync::{Arc, Barrier};

use countersign_case::capture::{Command, Ending, Event};
use countersign_record::journal::Recording;

use crate::desk::{read, recording, recordings, serving, until, visits};
use crate::site::{Site, html};
use crate::world::World;

#[test]
fn each_kind_of_visit_is_on_record() {
    let site = serving(|request, to| {
        Some(match request.path.as_str() {
            "/links" => html(
                to,
                "<title>Links</title><iframe src=/404></iframe><img src=/red.bmp><script>\
                 const steps = [() => history.pushState(0, '', '/pushed'), \
                 () => history.replaceState(0, '', '/replaced'), () => { location.hash = 'part' }, \
                 () => history.back(), () => open('/opened'), () => { location.href = '/arrived' }]; \
                 addEventListener('load', () => steps.forEach((step, n) => setTimeout(step, 200 * n + 100)))\
                 </script>",
            ),
            "/opened" => html(to, "<title>Opened</title>"),
            "/arrived" => html(
                to,
                "<title>Arrived</title><script>onload = () => setTimeout(() => { \
                 if (!sessionStorage.again) { sessionStorage.again = 1; location.reload() } }, 200)</script>",
            ),
            _ => return None,
        })
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/redirect")), |remote| {
        let first = remote.visit(&site.url("/"));
        assert_eq!(first.url.as_str(), site.url("/redirect"));
        let hops: Vec<(&str, u16)> =
            first.redirects.iter().map(|hop| (hop.url.as_str(), hop.status)).collect();
        assert_eq!(hops, [(&*site.url("/redirect"), 302), (&*site.url("/redirect-2"), 301)]);
        assert_eq!(
            (first.status, first.title.as_ref().map(|t| t.as_str())),
            (Some(200), Some("A plain page"))
        );

        remote.go(&site.url("/links"));
        remote.visit(&site.url("/links"));
        remote.visit(&site.url("/pushed"));
        remote.visit(&site.url("/replaced"));
        remote.visit(&site.url("/replaced#part"));
        let opened = remote.visit(&site.url("/opened"));
        assert_eq!(opened.title.as_ref().map(|title| title.as_str()), Some("Opened"));
        remote.visit(&site.url("/arrived"));
        remote.wait_for(|events| (count(events, &site.url("/arrived")) >= 2).then_some(()));

        remote.go(&site.url("/empty-404"));
        let gone = remote.visit(&site.url("/empty-404"));
        assert_eq!((gone.status, gone.failure), (Some(404), None));
        remote.go(&site.url("/204"));
        assert_eq!(remote.visit(&site.url("/204")).status, Some(204));
        remote.go("http://127.0.0.1:9/");
        assert!(remote.visit("http://127.0.0.1:9/").failure.is_some());
        remote.go("data:text/html,SECRET");
        remote.go(&site.url("/silent"));
        until("the silent page is asked for", || site.asked().iter().any(|path| path == "/silent"));
        remote.go(&site.url("/"));
        assert!(remote.visit(&site.url("/silent")).failure.is_some(), "given up, and said");
    });
    let ended = ended.expect("recorded");
    assert_eq!(ended.why, Ending::Asked);
    drop(case);
    let reading = read(&world, &world_folder(&world));
    let seen = visits(&reading);
    assert_eq!(seen.len() as u64, ended.visits);
    assert!(!seen.iter().any(|visit| visit.url.as_str().ends_with(".bmp")), "parts are no visits");
    assert_eq!(seen.iter().filter(|visit| visit.url.as_str().ends_with("/404")).count(), 0, "nor are frames");
    let (first, last) = (recordings(&reading).remove(0), recordings(&reading).pop());
    let Recording::Began { browser } = first else { panic!("{first:?}") };
    assert!(browser.path.as_str().ends_with("/chromium"), "the record shows it: {browser:?}");
    let account = crate::recorder::account();
    assert_eq!(
        browser.account.as_ref().map(|name| name.as_str()),
        account.as_ref().map(|account| account.name())
    );
    assert!(browser.command_line.as_str().contains("--remote-debugging-pipe"));
    assert!(!browser.command_line.as_str().contains("sandbox"));
    assert!(matches!(last, Some(Recording::Ended { .. })));
}

#[test]
fn twenty_visits_a_second_are_all_on_record_and_share_entries() {
    let site = serving(|request, to| {
        (request.path == "/quick").then(|| {
            html(
                to,
                "<title>Quick</title><script>let n = 0; const more = setInterval(() => { \
                 history.pushState(0, '', '/quick/' + ++n); if (n === 60) clearInterval(more) }, 50)</script>",
            )
        })
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/quick")), |remote| {
        remote.visit(&site.url("/quick/60"));
    });
    ended.expect("recorded");
    for n in 1..=60 {
        assert_eq!(count(&events, &site.url(&format!("/quick/{n}"))), 1, "visit {n}");
    }
    let mut entries: Vec<u64> = events
        .iter()
        .filter_map(|event| match event {
            Event::Visit { entry, .. } => Some(*entry),
            _ => None,
        })
        .collect();
    entries.dedup();
    let times: Vec<i64> = events
        .iter()
        .filter_map(|event| match event {
            Event::Visit { visit, .. } => Some(visit.time.unix_ms()),
            _ => None,
        })
        .collect();
    let took = times.last().expect("visits") - times[0];
    println!("61 visits in {took} ms took {} entries", entries.len());
    assert!(entries.len() as i64 <= took / 250 + 3, "visits within 250 ms share an entry: {entries:?}");
    assert!(entries.len() <= 30, "visits within 250 ms share an entry: {}", entries.len());
}

#[test]
fn a_visit_does_not_wait_for_a_title_that_does_not_come() {
    let hold = Arc::new(Barrier::new(2));
    let answer = Arc::clone(&hold);
    let site = serving(move |request, to| {
        let begun = match request.path.as_str() {
            "/early" => "<title>Early</title><p>more is to come",
            "/never" => "<p>",
            _ => return None,
        };
        // Enough for the browser to show it before the rest comes.
        let rest = "x".repeat(8192);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n";
        let sent = write!(to, "{head}<!doctype html>{begun}<!--{rest}-->");
        answer.wait();
        Some(sent)
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, None, |remote| {
        for (path, title) in [("/early", Some("Early")), ("/never", None)] {
            remote.go(&site.url(path));
            // The page is not there in whole until it is let go on.
            let visit = remote.visit(&site.url(path));
            assert_eq!(visit.title.as_ref().map(|title| title.as_str()), title, "{path}");
            hold.wait();
        }
    });
    ended.expect("recorded");
}

#[test]
fn nothing_is_recorded_that_the_case_does_not_take() {
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some("file:///etc/passwd"), |_| {});
    assert!(ended.is_err());
    assert_eq!(case.ledger().head(), 1, "no browser was opened for it");
    countersign_case::case::raise(case.folder(), countersign_case::case::Halt::default(), &world.clock)
        .expect("raised");
    let (ended, events) = recording(&world, &mut case, None, |_| {});
    assert!(ended.is_err(), "no recording begins after a halt");
    assert!(events.is_empty());
}

#[test]
fn notes_concerns_and_other_deeds_go_on_meanwhile() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/")), |remote| {
        remote.visit(&site.url("/"));
        remote.say(Command::Note(crate::world::text("We both read it.")));
        let category = "bullying".parse().expect("an id");
        remote.say(Command::Concern { category, words: "Insults.".to_owned() });
        remote.say(Command::Concern { category: "none-such".parse().expect("an id"), words: "x".to_owned() });
        let (done, heard) = std::sync::mpsc::channel();
        remote.say(Command::Do(Box::new(move |case| done.send(case.ledger().head()).expect("heard"))));
        assert_eq!(heard.recv_timeout(crate::desk::PATIENCE).expect("done"), 5);
        assert!(remote.refused("concern").contains("none-such"));
    });
    ended.expect("recorded");
}

pub fn count(events: &[Event], url: &str) -> usize {
    let of = |event: &&Event| matches!(event, Event::Visit { visit, .. } if visit.final_url.as_str() == url);
    events.iter().filter(of).count()
}

fn world_folder(world: &World) -> countersign_case::case::Folder {
    let home = world.home();
    home.case(home.references().expect("cases")[0])
}
