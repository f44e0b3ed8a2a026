//! The keys that stop work on every page: in a window that people see, on
//! pages that would keep the keys for themselves.

use std::thread;
use std::time::{Duration, Instant};

use crate::desk::{PATIENCE, serving};
use crate::processes::{is_alive, kill, leader, processes, until_ended};
use crate::program::{Program, entries, opened};
use crate::screen::Screen;
use crate::site::{Site, html};

/// Pages at which a press of the keys did nothing, or that are of their kind.
/// What one does once it is clicked, it does for people alone.
const PAGES: [(&str, &str); 22] = [
    ("hangs", "<script>onload = () => setTimeout(() => { for (;;); }, 300)</script>"),
    ("hangs-in-a-key", "<script>addEventListener('keydown', () => { for (;;); }, true)</script>"),
    ("hangs-in-full", "<script>onclick = async () => { await document.documentElement.requestFullscreen(); for (;;); }</script>"),
    ("waits", "<script>setTimeout(() => { const x = new XMLHttpRequest; x.open('GET', '/never', false); x.send(); }, 300)</script>"),
    ("loads-again", "<script>location.reload()</script>"),
    ("plain", "<p>Plain"),
    ("alert", "<script>onload = () => alert('One')</script>"),
    ("alerts", "<script>onload = () => setTimeout(() => { for (;;) alert('Again'); }, 300)</script>"),
    ("confirms", "<script>setInterval(() => { confirm('Sure?'); prompt('Name?'); }, 10)</script>"),
    ("leaves", "<script>onbeforeunload = e => { e.preventDefault(); return 'Stay'; }</script>"),
    ("hangs-on-leaving", "<script>onbeforeunload = () => { for (;;); }</script>"),
    ("prints", "<script>onload = () => setTimeout(print, 300)</script>"),
    ("prints-on", "<script>setInterval(print, 50)</script>"),
    ("chooser", "<input type=file style='width:100vw;height:100vh'>"),
    ("folder", "<input type=file webkitdirectory multiple style='width:100vw;height:100vh'>"),
    ("picker", "<script>onclick = () => showOpenFilePicker().catch(() => 0)</script>"),
    ("saver", "<script>onclick = () => showSaveFilePicker().catch(() => 0)</script>"),
    ("framed", "<iframe src='/chooser' style='width:100vw;height:100vh'></iframe>"),
    ("screen", "<script>onclick = () => navigator.mediaDevices.getDisplayMedia().catch(() => 0)</script>"),
    ("device", "<script>onclick = () => navigator.usb.requestDevice({ filters: [] }).catch(() => 0)</script>"),
    ("program", "<script>onclick = () => location = 'example-call:1234'</script>"),
    (
        "keeps-keys",
        "<script>for (const kind of ['keydown', 'keyup', 'keypress'])
            addEventListener(kind, e => { e.preventDefault(); e.stopImmediatePropagation(); }, true)</script>",
    ),
];

const CLICK: &[&str] = &["mousemove", "600", "500", "click", "1"];
const BUTTON: [u8; 3] = [0xb3, 0x00, 0x1b];

fn site() -> Site {
    serving(|request, to| {
        if request.path == "/never" {
            thread::sleep(Duration::from_secs(120));
        }
        let page = PAGES.iter().find(|(name, _)| request.path == format!("/{name}"));
        let whole = |page| format!("<title>A page</title><body style='margin:0;height:100vh'>{page}");
        page.map(|(_, page)| html(to, &whole(page)))
    })
}

/// A recording with one of the pages in its window.
struct Window {
    screen: Screen,
    site: Site,
    program: Program,
    folder: tempfile::TempDir,
}

impl Window {
    fn open(name: &str) -> Window {
        let (site, folder, screen) = (site(), opened(), Screen::start());
        let address = site.url(&format!("/{name}"));
        let program = Program::record_on(folder.path(), &address, Some(&screen.display));
        program.wait_visit(&address);
        // What the page sets out to do, it does now.
        thread::sleep(Duration::from_secs(2));
        Window { screen, site, program, folder }
    }

    fn act(&self, acts: &[&[&str]]) {
        for act in acts {
            self.screen.point(act);
            thread::sleep(Duration::from_millis(700));
        }
    }

    /// Presses the keys until the window is closed, as people do.
    fn stops(self, name: &str) -> Self {
        let leader = leader(&self.folder.path().join("t"));
        let pressed = Instant::now();
        while is_alive(leader) && pressed.elapsed() < Duration::from_secs(30) {
            self.screen.press(&["ctrl+shift+s"]);
        }
        println!("{name}: {:?} from the first press to the closed window", until_ended(leader, pressed));
        self.program.wait("halted");
        self.program.wait("ended");
        self
    }
}

fn stops_on(name: &str, before: &[&[&str]]) {
    let window = Window::open(name);
    window.act(before);
    let window = window.stops(name);
    assert_eq!(window.program.end(), Some(0), "{name}");
}

#[test]
fn the_keys_stop_on_pages_that_hang() {
    stops_on("hangs", &[]);
    stops_on("hangs-in-a-key", &[&["key", "a"]]);
    stops_on("hangs-in-full", &[CLICK]);
    stops_on("waits", &[]);
    stops_on("loads-again", &[]);
}

#[test]
fn the_keys_stop_on_a_page_that_crashed() {
    let window = Window::open("plain");
    let browsers = window.folder.path().join("t");
    for (process, _) in processes(&browsers).iter().filter(|(_, line)| line.contains("--type=renderer")) {
        kill(*process);
    }
    assert_eq!(window.stops("a crash").program.end(), Some(0));
}

#[test]
fn the_keys_stop_on_pages_with_message_boxes() {
    for name in ["alert", "alerts", "confirms"] {
        stops_on(name, &[]);
    }
    for name in ["leaves", "hangs-on-leaving"] {
        stops_on(name, &[CLICK, &["key", "F5"]]);
    }
}

#[test]
fn the_keys_stop_where_a_page_or_people_print() {
    stops_on("prints", &[]);
    stops_on("prints-on", &[]);
    stops_on("keeps-keys", &[&["key", "ctrl+p"]]);
}

#[test]
fn the_keys_stop_where_a_page_asks_for_files() {
    for name in ["chooser", "folder", "picker", "saver", "framed"] {
        stops_on(name, &[CLICK]);
    }
    stops_on("keeps-keys", &[&["key", "ctrl+o"], &["key", "ctrl+s"]]);
}

#[test]
fn the_keys_stop_where_a_page_asks_for_the_screen_a_device_or_another_program() {
    for name in ["screen", "device", "program"] {
        stops_on(name, &[CLICK]);
    }
}

/// The page behind it hangs, and the words of the program's own have a button.
#[test]
fn what_covers_a_page_that_hangs_is_no_visit_and_its_button_stops() {
    let window = Window::open("hangs");
    let began = Instant::now();
    while window.screen.count(|pixel| pixel == BUTTON) < 1000 {
        assert!(began.elapsed() < PATIENCE, "nothing covers the page");
        thread::sleep(Duration::from_millis(50));
    }
    // It is the only field.
    window.act(&[&["key", "Tab"], &["key", "Return"]]);
    window.program.wait("halted");
    window.program.wait("ended");
    let entries = entries(window.folder.path());
    let visits = entries.iter().filter(|entry| entry["kind"] == "visited");
    let visits: Vec<_> =
        visits.flat_map(|entry| entry["body"]["visits"].as_array().expect("a list")).collect();
    assert_eq!(visits.len(), 1, "{visits:?}");
    assert_eq!(visits[0]["final_url"], window.site.url("/hangs"));
    assert_eq!(window.program.end(), Some(0));
}

/// What hung and answers again is shown again, and is what is kept.
#[test]
fn what_answers_again_is_shown_again() {
    let site = serving(|request, to| {
        let hangs = "<title>Back</title><body style='background:#fe01d2;margin:0;height:100vh'><script>
            setTimeout(() => { const end = Date.now() + 9000; while (Date.now() < end); }, 1000)</script>";
        (request.path == "/busy").then(|| html(to, hangs))
    });
    let (folder, screen) = (opened(), Screen::start());
    let mut program = Program::record_on(folder.path(), &site.url("/busy"), Some(&screen.display));
    program.wait_visit(&site.url("/busy"));
    let pixels = || screen.count(|[red, green, blue]| red > 0xf0 && green < 0x10 && blue > 0xc0);
    let shown = |wanted: bool, what: &str| {
        let began = Instant::now();
        while (pixels() > 100_000) != wanted {
            assert!(began.elapsed() < PATIENCE, "{what}");
            thread::sleep(Duration::from_millis(50));
        }
    };
    shown(true, "the page");
    shown(false, "what covers it");
    shown(true, "the page again");
    program.say("keep");
    assert_eq!(program.wait("kept")["url"], site.url("/busy"));
    program.say("end");
    program.wait("ended");
    assert_eq!(program.end(), Some(0));
}
