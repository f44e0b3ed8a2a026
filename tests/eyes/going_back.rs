//! Back, Forward and tabs that are opened again show nothing of a case that
//! was stopped or locked, or after the guide ended: in Chromium and Firefox,
//! with scripts and without, in windows to which nobody speaks DevTools.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::opening::{lock, open_at};
use crate::people::{BOTH, start};
use crate::support::{Browser, Guide};
use crate::window::{Kind, Scripts, Window};

/// What ends the showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// By the button of the page.
    Stop,
    /// By the button of the page.
    Lock,
    /// Another window does it: this one is told nothing.
    LockedElsewhere,
    /// Nobody does anything for ten minutes, in real time.
    Idle,
    /// By the button of the page that says so.
    End,
}

#[test]
#[ignore = "takes five minutes; .ci/deep going-back"]
fn in_chromium_with_scripts_and_without() {
    beside_each_other(&[Kind::Chromium], &[How::LockedElsewhere, How::Lock, How::Stop, How::End]);
}

#[test]
#[ignore = "takes five minutes; .ci/deep going-back"]
fn in_firefox_with_scripts_and_without() {
    beside_each_other(&[Kind::Firefox], &[How::LockedElsewhere, How::Lock, How::Stop, How::End]);
}

#[test]
#[ignore = "takes eleven minutes; .ci/deep going-back"]
fn nothing_is_shown_after_ten_minutes_of_nobody() {
    beside_each_other(&[Kind::Chromium, Kind::Firefox], &[How::Idle]);
}

/// A window with scripts and one without, at the same time: they mostly wait.
fn beside_each_other(kinds: &[Kind], ways: &[How]) {
    thread::scope(|scope| {
        for &kind in kinds {
            for scripts in [Scripts::On, Scripts::Off] {
                scope.spawn(move || one_window(kind, scripts, ways));
            }
        }
    });
}

/// In one window after the other what ends the showing; the guide ends last.
fn one_window(kind: Kind, scripts: Scripts, ways: &[How]) {
    let folder = tempfile::tempdir().expect("a folder");
    let guide = start(folder.path());
    let mut other = Browser::enter(&guide);
    let site = site();
    let kept = [kept(&mut other, &site), kept(&mut other, &site)];
    let window = Window::open(kind, scripts);
    window.go(&start(folder.path()).link);
    window.wait_for("Suspected misuse of the internet");
    let mut desk = Desk { guide: &guide, other, window, scripts, site };
    for &how in ways {
        let (case, exhibit) = if how == How::End { &kept[1] } else { &kept[0] };
        desk.shows_nothing(case, exhibit, how);
    }
}

struct Desk<'g> {
    guide: &'g Guide,
    /// Somebody else who came in.
    other: Browser<'g>,
    window: Window,
    scripts: Scripts,
    site: String,
}

/// A page of one colour, with a title that nothing else has. No two answers
/// look the same: what one case withholds, no other shows.
fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for (number, mut stream) in listener.incoming().flatten().enumerate() {
            let _ = stream.read(&mut [0; 4096]);
            let [r, g, b] = COLOUR;
            let page = format!(
                "<!doctype html><title>{TITLE}</title><body style='background:rgb({r},{g},{b});height:600px'>{number}"
            );
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
fn kept(browser: &mut Browser<'_>, site: &str) -> (String, String) {
    let case = open_at(browser, "/open?practise=yes");
    browser.get(&format!("{case}/keep"));
    browser.answer(&[("address", site), ("producer", "a")]);
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
        if self.is_locked(case) {
            self.other.get(&format!("{case}/unlock"));
            self.other.answer(&BOTH);
            assert!(!self.is_locked(case));
        }
    }

    fn is_locked(&mut self, case: &str) -> bool {
        self.other.get(case).text().contains("The case is locked")
    }

    fn shows_nothing(&mut self, case: &str, exhibit: &str, how: How) {
        self.unlock(case);
        // A tab with the exhibit that is closed, to be opened again later.
        self.window.press(&["ctrl+t"]);
        self.window.reach(&self.url(exhibit), "Exhibit ");
        self.window.wait("the exhibit's picture", |window| window.pixels(COLOUR) > 1000);
        self.window.press(&["ctrl+w"]);
        // A busy computer loses a key now and then: then all of it again.
        assert!(
            (0..3).any(|_| self.is_ended(case, exhibit, how)),
            "{:?} {how:?}: no key does it",
            self.window.kind
        );
        for key in ["alt+Left", "alt+Left", "alt+Left", "alt+Right", "alt+Right", "ctrl+shift+t", "F5"] {
            self.window.press(&[key]);
            self.shows_nothing_after(how, key);
        }
        self.window.press(&["ctrl+w"]);
    }

    /// Looks at the record, the exhibit and the page from which it is done, and
    /// does it.
    fn is_ended(&mut self, case: &str, exhibit: &str, how: How) -> bool {
        self.unlock(case);
        self.window.reach(&self.url(&format!("{case}/record")), "The record");
        let text = self.window.text();
        assert!(text.contains(TITLE) && text.contains(&self.site), "{:?}: {text}", self.window.kind);
        self.window.reach(&self.url(exhibit), "Exhibit ");
        self.window.wait("the exhibit's picture", |window| window.pixels(COLOUR) > 1000);
        let page = if how == How::End { "/end" } else { case };
        self.other.get(page);
        let titled = if how == How::End { "End the guide" } else { "What to do in this case" };
        self.window.reach(&self.url(page), titled);
        match how {
            How::Stop => {
                self.push("Stop");
                within(|| self.window.title().contains("Stop. Do not look again."))
            }
            How::Lock => {
                self.push("Lock the case now");
                within(|| self.is_locked(case))
            }
            How::LockedElsewhere => {
                lock(&mut self.other, case);
                true
            }
            How::Idle => {
                thread::sleep(Duration::from_secs(10 * 60 + 5));
                self.is_locked(case)
            }
            How::End => {
                self.push("End the guide");
                within(|| self.window.title().contains("The guide has ended"))
                    && within(|| TcpStream::connect(self.guide.address()).is_err())
            }
        }
    }

    /// Whatever comes up for a while counts, too.
    fn shows_nothing_after(&self, how: How, key: &str) {
        let about = format!("{:?}, scripts {:?}, {how:?}, {key}", self.window.kind, self.scripts);
        let until = Instant::now() + LOOKS;
        while Instant::now() < until {
            let (seen, title) = (self.window.pixels(COLOUR), self.window.title());
            assert!(
                seen == 0 && !title.contains(TITLE),
                "{about}: {seen} pixels of the picture, titled {title:?}"
            );
            thread::sleep(Duration::from_millis(100));
        }
        let words = format!("{}\n{}", self.window.title(), self.window.text());
        let never: &[&str] = match how {
            // The addresses that were visited stay, for the police.
            How::Stop => &[TITLE],
            How::Lock | How::LockedElsewhere | How::Idle => &[TITLE, &self.site, "Exhibit ", "The record"],
            How::End => &[TITLE, &self.site, "Exhibit ", "The record", "Jane Smith", "P-1234"],
        };
        for never in never {
            assert!(!words.contains(never), "{about}: {never:?} is shown: {words}");
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
        self.window.settle();
        self.window.press(&vec!["Tab"; stops]);
        self.window.press(&["Return"]);
    }
}

/// Whether it comes to be so soon.
fn within(mut is: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + SOON;
    loop {
        match is() {
            true => return true,
            false if Instant::now() > until => return false,
            false => thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// The colour of the page that is kept, and of nothing of the guide or of a
/// browser.
const COLOUR: [u8; 3] = [0xfe, 0x01, 0xd2];

const TITLE: &str = "canary-title-7f3a";

/// How long it is looked at what a key brings up.
const LOOKS: Duration = Duration::from_millis(900);

/// For what a key does. A browser of a busy computer takes its time.
const SOON: Duration = Duration::from_secs(60);

const PATIENCE: Duration = Duration::from_secs(90);
