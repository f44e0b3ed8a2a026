//! Back, Forward and tabs that are opened again show nothing of a case that
//! was stopped or locked, or after the guide ended: in Chromium and Firefox,
//! with scripts and without, in windows to which nobody speaks DevTools.

use std::io::Write as _;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use crate::opening::{lock, open_at};
use crate::people::{BOTH, start};
use crate::support::{Browser, Guide};
use crate::window::{Kind, Scripts, Window};

/// The colour of the page that is kept, and of nothing of the guide or of a
/// browser.
const CANARY: [u8; 3] = [0xfe, 0x01, 0xd2];

/// What ends the showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// The button of the page.
    Stop,
    /// The button of the page.
    Lock,
    /// Without the window being told: as when nobody did anything, or another
    /// window did it.
    LockedElsewhere,
    /// The page that says so.
    End,
}

#[test]
fn chromium_with_scripts() {
    every_way(Kind::Chromium, Scripts::On);
}

#[test]
fn chromium_without_scripts() {
    every_way(Kind::Chromium, Scripts::Off);
}

#[test]
fn firefox_with_scripts() {
    every_way(Kind::Firefox, Scripts::On);
}

#[test]
fn firefox_without_scripts() {
    every_way(Kind::Firefox, Scripts::Off);
}

/// One window, in which a case is locked twice and then stopped, and of another
/// the guide ends.
fn every_way(kind: Kind, scripts: Scripts) {
    let folder = tempfile::tempdir().expect("a folder");
    let guide = start(folder.path());
    let mut other = Browser::enter(&guide);
    let kept = [kept(&mut other), kept(&mut other)];
    let window = Window::open(kind, scripts);
    window.go(&start(folder.path()).link);
    window.wait_for("Suspected misuse of the internet");
    let mut desk = Desk { guide: &guide, other, window, scripts };
    for how in [How::LockedElsewhere, How::Lock, How::Stop] {
        desk.shows_nothing(&kept[0], how);
        if how != How::Stop {
            desk.unlock(&kept[0].0);
        }
    }
    desk.shows_nothing(&kept[1], How::End);
}

struct Desk<'g> {
    guide: &'g Guide,
    /// Somebody else who came in.
    other: Browser<'g>,
    window: Window,
    scripts: Scripts,
}

fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
            let page = "<!doctype html><title>canary-title-7f3a</title><body style='background:#fe01d2;height:600px'>";
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
        }
    });
    url
}

/// A practice case with a kept page, and the page of its exhibit.
fn kept(browser: &mut Browser<'_>) -> (String, String) {
    let case = open_at(browser, "/open?practise=yes");
    browser.get(&format!("{case}/keep"));
    browser.answer(&[("address", &site()), ("producer", "a")]);
    let began = Instant::now();
    while browser.path.starts_with("/job/") {
        assert!(began.elapsed() < PATIENCE, "{}", browser.page.text());
        thread::sleep(Duration::from_millis(100));
        let path = browser.path.clone();
        browser.get(&path);
    }
    assert!(browser.page.text().contains("<img"), "no picture was kept: {}", browser.page.text());
    (case, browser.path.split('?').next().expect("a path").to_owned())
}

impl Desk<'_> {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.guide.host())
    }

    fn unlock(&mut self, case: &str) {
        self.other.get(&format!("{case}/unlock"));
        self.other.answer(&BOTH);
        assert!(!self.other.get(case).text().contains("The case is locked"));
    }

    fn shows_nothing(&mut self, (case, exhibit): &(String, String), how: How) {
        let shown = |window: &Window| window.pixels(CANARY) > 1000;
        // A tab with the exhibit that is closed, to be opened again later.
        self.window.screen.press(&["ctrl+t"]);
        self.window.go(&self.url(exhibit));
        self.window.wait("the exhibit's picture", shown);
        self.window.screen.press(&["ctrl+w"]);
        // The record, the exhibit, and the page from which it is done.
        self.window.go(&self.url(&format!("{case}/record")));
        self.window.wait_for("The record");
        self.window.go(&self.url(exhibit));
        self.window.wait("the exhibit's picture", shown);
        let page = if how == How::End { "/end" } else { case.as_str() };
        self.other.get(page);
        self.window.go(&self.url(page));
        self.window.wait_for(if how == How::End { "End the guide" } else { "What to do in this case" });
        match how {
            How::Stop => {
                self.push("Stop");
                self.window.wait_for("Stop. Do not look again.");
            }
            How::Lock => {
                self.push("Lock the case now");
                until_locked(&mut self.other, case);
            }
            How::LockedElsewhere => lock(&mut self.other, case),
            How::End => {
                self.push("End the guide");
                self.window.wait_for("The guide has ended");
                gone(self.guide);
            }
        }
        for n in 1..=3 {
            self.window.screen.press(&["alt+Left"]);
            self.nothing(how, &format!("{n} back"));
        }
        for n in 1..=3 {
            self.window.screen.press(&["alt+Right"]);
            self.nothing(how, &format!("{n} forward"));
        }
        self.window.screen.press(&["ctrl+shift+t"]);
        self.nothing(how, "the closed tab again");
        self.window.screen.press(&["F5"]);
        self.nothing(how, "and loaded anew");
        self.window.screen.press(&["ctrl+w"]);
    }

    /// Whatever comes up for a while counts, too.
    fn nothing(&self, how: How, step: &str) {
        for _ in 0..6 {
            let (seen, title) = (self.window.pixels(CANARY), self.window.title());
            assert!(
                seen == 0 && !title.contains("canary"),
                "{:?}, scripts {:?}, {how:?}, {step}: {seen} pixels of the picture, titled {title:?}",
                self.window.kind,
                self.scripts
            );
            thread::sleep(Duration::from_millis(250));
        }
    }

    /// Presses the button of the page that `other` has seen, too: as many Tabs
    /// as there are links, buttons and fields before it.
    fn push(&self, words: &str) {
        let text = self.other.page.text();
        let body = text.split_once("<body").expect("a body").1;
        let end = body.find(&format!(">{words}</button>")).unwrap_or_else(|| panic!("no {words:?}: {text}"));
        let before = &body[..end];
        let stops: usize = ["<a ", "<button", "<summary", "<input type=\"text\""]
            .map(|tag| before.matches(tag).count())
            .iter()
            .sum();
        self.window.screen.press(&vec!["Tab"; stops]);
        self.window.screen.press(&["Return"]);
    }
}

fn until_locked(other: &mut Browser<'_>, case: &str) {
    let began = Instant::now();
    while !other.get(case).text().contains("The case is locked") {
        assert!(began.elapsed() < PATIENCE, "it was not locked");
        thread::sleep(Duration::from_millis(100));
    }
}

fn gone(guide: &Guide) {
    let began = Instant::now();
    while std::net::TcpStream::connect(guide.address()).is_ok() {
        assert!(began.elapsed() < PATIENCE, "the guide goes on");
        thread::sleep(Duration::from_millis(50));
    }
}

const PATIENCE: Duration = Duration::from_secs(90);
