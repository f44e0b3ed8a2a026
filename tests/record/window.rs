//! A window that people see, on a screen that is none: what they type, the
//! keys that stop, and the last window closed.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use countersign_case::capture::{Command as Say, Event};

use crate::desk::{Remote, recording_on, serving};
use crate::processes::{leader, until_ended};
use crate::program::{Program, opened};
use crate::screen::Screen;
use crate::site::{Site, html};
use crate::world::World;

#[test]
fn people_type_addresses_open_tabs_and_stop_by_keys() {
    let (site, folder, screen) = (Site::start(), opened(), Screen::start());
    let program = Program::record_on(folder.path(), &site.url("/"), Some(&screen.display));
    program.wait_visit(&site.url("/"));
    screen.open(&site.url("/404"));
    program.wait_visit(&site.url("/404"));
    screen.press(&["alt+Left"]);
    program.wait_visit(&site.url("/"));
    screen.press(&["F5"]);
    program.wait_visit(&site.url("/"));
    screen.press(&["ctrl+t"]);
    screen.open(&site.url("/401"));
    program.wait_visit(&site.url("/401"));
    for address in ["chrome://version/", "file:///etc/passwd"] {
        screen.open(address);
        assert_eq!(program.wait("denied")["url"], address);
    }
    screen.open(&site.url("/"));
    program.wait_visit(&site.url("/"));
    // The browser's own tools stay shut.
    screen.press(&["F12"]);
    screen.press(&["ctrl+shift+i"]);
    let leader = leader(&folder.path().join("t"));
    let pressed = Instant::now();
    let keys = Command::new("xdotool").args(["key", "ctrl+shift+s"]).env("DISPLAY", &screen.display).status();
    assert!(keys.expect("pressed").success());
    println!("{:?} from the keys to the closed window", until_ended(leader, pressed));
    program.wait("halted");
    program.wait("ended");
    assert_eq!(program.end(), Some(0));
}

#[test]
fn its_frame_is_its_own_and_the_last_window_closed_ends_it() {
    let (site, folder, screen) = (Site::start(), opened(), Screen::start());
    let program = Program::record_on(folder.path(), &site.url("/"), Some(&screen.display));
    program.wait_visit(&site.url("/"));
    // Between the last tab and the edge: its frame is like no other window's,
    // once the browser has made the colours of it.
    let shown = Instant::now();
    loop {
        let [red, green, blue] = screen.colour(900, 30);
        if red > 80 && green < red / 3 && blue < red / 3 {
            break;
        }
        assert!(shown.elapsed() < Duration::from_secs(60), "the frame is {red}, {green}, {blue}");
        thread::sleep(Duration::from_millis(100));
    }
    screen.press(&["ctrl+w"]);
    assert_eq!(program.wait("ended")["because"], "the last window was closed");
    assert_eq!(program.end(), Some(0));
}

#[test]
fn a_window_that_a_page_opened_and_wrote_anew_stops_by_keys() {
    let site = serving(|request, to| {
        Some(match request.path.as_str() {
            "/opener" => html(to, "<title>Opener</title><script>open('/anew')</script>"),
            "/anew" => html(
                to,
                "<title>Anew</title><script>onload = () => setTimeout(() => { document.open(); \
                 document.write('<title>Written</title><p>Written'); document.close(); \
                 history.replaceState(0, '', '/written') }, 300)</script>",
            ),
            _ => return None,
        })
    });
    let (folder, screen) = (opened(), Screen::start());
    let program = Program::record_on(folder.path(), &site.url("/opener"), Some(&screen.display));
    program.wait_visit(&site.url("/written"));
    screen.press(&["ctrl+shift+s"]);
    program.wait("halted");
    program.wait("ended");
    assert_eq!(program.end(), Some(0));
}

/// How often it was told that people did something.
fn active(remote: &Remote<'_>) -> usize {
    remote.events().iter().filter(|event| matches!(event, Event::Active)).count()
}

/// A page that goes on by itself is nobody; a mouse, a wheel and a key are
/// somebody, and what they do is not told.
#[test]
fn people_are_told_from_a_page_that_goes_on_by_itself() {
    let busy = "<title>Busy</title><body style='height:9000px'><p id=p style='position:fixed;top:0;left:0;width:100vw;height:100vh'>
        <script>let n = 0; setInterval(() => {
            scrollTo(0, ++n % 500); p.style.top = n % 9 + 'px';
            for (const e of [new KeyboardEvent('keydown', { key: 'a' }), new MouseEvent('click'), new WheelEvent('wheel'),
                new PointerEvent('pointermove', { screenX: n }), new PointerEvent('pointerdown'), new InputEvent('input')]) p.dispatchEvent(e), dispatchEvent(e);
            p.click(); if (n % 20 === 0) history.pushState(0, '', '#' + n);
        }, 50)</script>";
    let again = "<title>Again</title><body style='height:900px'><script>setTimeout(() => location.replace('/again?' + (1 + (+location.search.slice(1) || 0))), 600)</script>";
    let site = serving(move |request, to| match request.path.split('?').next().unwrap_or_default() {
        "/busy" => Some(html(to, busy)),
        "/again" => Some(html(to, again)),
        _ => None,
    });
    let (world, screen) = (World::new(), Screen::start());
    let mut case = world.open();
    screen.point(&["mousemove", "640", "500"]);
    let start = site.url("/busy");
    let (ended, events) = recording_on(&world, &mut case, Some(&start), Some(&screen.display), |remote| {
        remote.visit(&start);
        // The window may come up under the mouse, which can look like a hand.
        thread::sleep(Duration::from_secs(6));
        let before = active(remote);
        thread::sleep(Duration::from_secs(12));
        assert_eq!(active(remote), before, "the page went on by itself, and so did its events");
        remote.go(&site.url("/again"));
        remote.visit(&site.url("/again?5"));
        let before = active(remote);
        remote.visit(&site.url("/again?15"));
        assert_eq!(active(remote), before, "page after page came up under a mouse that lay still");
        remote.go(&start);
        thread::sleep(Duration::from_secs(6));
        for (turn, act) in [
            &["mousemove", "300", "400", "sleep", "0.2", "mousemove", "320", "420"][..],
            &["click", "4"],
            &["key", "Down"],
        ]
        .iter()
        .enumerate()
        {
            let before = active(remote);
            screen.point(act);
            remote.wait_for(|events| {
                (events.iter().filter(|event| matches!(event, Event::Active)).count() > before).then_some(())
            });
            println!("{act:?} is somebody ({turn})");
            // It is told now and then, and not each time.
            thread::sleep(Duration::from_millis(5_500));
        }
        remote.say(Say::Leave);
    });
    assert_eq!(ended.expect("recorded").why, countersign_case::capture::Ending::Left);
    let Some(Event::Ended { because, .. }) = events.last() else { panic!("{events:?}") };
    assert_eq!(because.as_str(), "nobody did anything in it for too long");
}
