//! The keys that stop work on every page: in a window that people see, on
//! pages that would keep the keys for themselves.

use std::time::{Duration, Instant};

use crate::desk::serving;
use crate::processes::{is_alive, leader, until_ended};
use crate::program::{Program, opened};
use crate::screen::Screen;
use crate::site::{Site, html};

/// Pages at which a press of the keys did nothing, or that are of their kind.
const PAGES: [(&str, &str); 14] = [
    ("hangs", "<title>Hangs</title><p>Hangs<script>onload = () => setTimeout(() => { for (;;); }, 300)</script>"),
    ("hangs-in-a-key", "<title>Key</title><script>addEventListener('keydown', () => { for (;;); }, true)</script>"),
    ("alert", "<title>Alert</title><script>onload = () => alert('One')</script>"),
    ("alerts", "<title>Alerts</title><script>onload = () => setTimeout(() => { for (;;) alert('Again'); }, 300)</script>"),
    ("confirms", "<title>Confirms</title><script>setInterval(() => { confirm('Sure?'); prompt('Name?'); }, 10)</script>"),
    ("prints", "<title>Prints</title><script>onload = () => setTimeout(print, 300)</script>"),
    ("prints-on", "<title>Prints on</title><script>setInterval(print, 50)</script>"),
    ("leaves", "<title>Leaves</title><script>onbeforeunload = e => { e.preventDefault(); return 'Stay'; };
        onclick = () => location = '/hangs-no-more'</script>"),
    ("chooser", "<title>Chooser</title><input type=file id=f style='width:100vw;height:100vh'>
        <script>onclick = () => f.showPicker && 0</script>"),
    ("folder", "<title>Folder</title><input type=file webkitdirectory multiple style='width:100vw;height:100vh'>"),
    ("picker", "<title>Picker</title><script>onclick = () => showOpenFilePicker && showOpenFilePicker().catch(() => 0)</script>
        <body style='height:100vh'>"),
    ("saver", "<title>Saver</title><script>onclick = () => showSaveFilePicker && showSaveFilePicker().catch(() => 0)</script>
        <body style='height:100vh'>"),
    ("framed", "<title>Framed</title><iframe src='/chooser' style='width:100vw;height:100vh'></iframe>"),
    ("keeps-keys", "<title>Keeps</title><script>for (const kind of ['keydown', 'keyup', 'keypress'])
        addEventListener(kind, e => { e.preventDefault(); e.stopImmediatePropagation(); }, true)</script>"),
];

fn site() -> Site {
    serving(|request, to| {
        let page = PAGES.iter().find(|(name, _)| request.path == format!("/{name}"));
        page.map(|(_, page)| html(to, page))
    })
}

/// From the keys to the closed window.
fn stops_on(name: &str, before: &[&[&str]]) -> Duration {
    let (site, folder, screen) = (site(), opened(), Screen::start());
    let address = site.url(&format!("/{name}"));
    let program = Program::record_on(folder.path(), &address, Some(&screen.display));
    program.wait_visit(&address);
    // What the page sets out to do, it does now.
    std::thread::sleep(Duration::from_secs(2));
    for act in before {
        screen.point(act);
        std::thread::sleep(Duration::from_millis(700));
    }
    let leader = leader(&folder.path().join("t"));
    let pressed = Instant::now();
    // People press again; what stands in the way is covered after two seconds.
    while is_alive(leader) && pressed.elapsed() < Duration::from_secs(30) {
        screen.press(&["ctrl+shift+s"]);
    }
    let took = until_ended(leader, pressed);
    program.wait("halted");
    program.wait("ended");
    assert_eq!(program.end(), Some(0), "{name}");
    println!("{name}: {took:?} from the keys to the closed window");
    took
}

#[test]
fn the_keys_stop_on_pages_that_hang() {
    stops_on("hangs", &[]);
    stops_on("hangs-in-a-key", &[&["key", "a"]]);
}

#[test]
fn the_keys_stop_on_pages_with_message_boxes() {
    for name in ["alert", "alerts", "confirms"] {
        stops_on(name, &[]);
    }
    let click: &[&str] = &["mousemove", "600", "500", "click", "1"];
    stops_on("leaves", &[click, &["key", "F5"]]);
}

#[test]
fn the_keys_stop_where_a_page_or_people_print() {
    stops_on("prints", &[]);
    stops_on("prints-on", &[]);
    stops_on("keeps-keys", &[&["key", "ctrl+p"]]);
}

#[test]
fn the_keys_stop_where_a_page_asks_for_files() {
    let click: &[&str] = &["mousemove", "600", "500", "click", "1"];
    for name in ["chooser", "folder", "picker", "saver", "framed"] {
        stops_on(name, &[click]);
    }
    stops_on("keeps-keys", &[&["key", "ctrl+o"], &["key", "ctrl+s"]]);
}
