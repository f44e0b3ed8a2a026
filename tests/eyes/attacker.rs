//! A page of another origin, opened beside the guide in the reviewers' own
//! browser, tries each way in.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::chromium::Tab;
use crate::people::Office;

/// A site on another port of this computer: `SameSite` does not tell it from
/// the guide.
struct Elsewhere {
    port: u16,
    page: Arc<Mutex<String>>,
}

impl Elsewhere {
    fn start() -> Elsewhere {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let page = Arc::new(Mutex::new(String::new()));
        let served = Arc::clone(&page);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let page = served.lock().expect("the page").clone();
                thread::spawn(move || answer(stream, &page));
            }
        });
        Elsewhere { port, page }
    }

    fn shows(&self, page: &str) {
        *self.page.lock().expect("the page") = format!("<!doctype html><title>Elsewhere</title>{page}");
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

fn answer(mut stream: TcpStream, page: &str) {
    let mut lines = BufReader::new(stream.try_clone().expect("cloned")).lines();
    while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    let _ = stream.read(&mut [0; 1]);
}

/// A guide with a case, somewhere else in the same browser, and a tab there.
struct Beside {
    office: Office,
    elsewhere: Elsewhere,
    tab: Tab,
    case: String,
}

impl Beside {
    fn start() -> Beside {
        let (office, case) = Office::with_case();
        let tab = office.person.tab();
        Beside { office, elsewhere: Elsewhere::start(), tab, case }
    }

    fn visit(&self, page: &str) {
        self.elsewhere.shows(page);
        self.tab.go(&self.elsewhere.url());
        self.tab.said();
    }

    /// What the guide answered to requests of the other page, by status.
    fn statuses(&self) -> BTreeMap<String, u64> {
        let mut answers = self.answers();
        // What was answered before this is told before it.
        self.tab.eval("fetch('/the-last').then(() => 0, () => 0)");
        let began = Instant::now();
        while !answers.keys().any(|url| url.ends_with("/the-last")) {
            assert!(began.elapsed() < PATIENCE, "{answers:?}");
            thread::sleep(Duration::from_millis(20));
            answers.extend(self.answers());
        }
        answers.retain(|url, _| url.starts_with(&self.office.url("/")));
        answers
    }

    /// What was answered to the other page, by anybody, since this was asked
    /// last.
    fn answers(&self) -> BTreeMap<String, u64> {
        let answers = self.tab.said().into_iter().filter(|said| said.method == "Network.responseReceived");
        answers
            .filter_map(|said| {
                let url = said.params["response"]["url"].as_str()?.to_owned();
                Some((url, said.params["response"]["status"].as_u64().unwrap_or(0)))
            })
            .collect()
    }

    fn refused(&self) {
        for (url, status) in self.statuses() {
            assert!(status >= 400 || url.contains("/assets/"), "{url}: {status}");
        }
    }

    /// Nothing came of it.
    fn unharmed(&self) {
        let office = &self.office;
        office.go(&self.case);
        assert!(!office.folder.path().join("home/cases/2026-0001/halt-raised").exists());
        office.tab.sees("1 entry");
        office.tab.sees("Write a note");
        office.go("/");
        assert_eq!(office.tab.words().matches("About P-1234").count(), 1);
    }
}

#[test]
fn forms_are_refused() {
    let beside = Beside::start();
    let targets = ["/stop", "/lock", "/note", "/unlock"]
        .map(|page| beside.office.url(&format!("{}{page}", beside.case)));
    for to in &targets {
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"] {
            beside.visit(&format!("<form method=post action='{to}' enctype='{kind}'><input name=token value=x><input name=text value=y></form>"));
            beside.tab.leave(|tab| drop(tab.eval("document.forms[0].submit(), 0")));
            assert_eq!(beside.tab.eval(STATUS).as_u64().map(|status| status / 100), Some(4), "{to} {kind}");
            beside.refused();
        }
    }
    beside.unharmed();
}

#[test]
fn requests_by_script_are_refused_and_their_answers_not_read() {
    let beside = Beside::start();
    let (stop, page) = (beside.office.url(&format!("{}/stop", beside.case)), beside.office.url("/"));
    beside.visit("<h1>Elsewhere</h1>");
    for mode in ["cors", "no-cors"] {
        for (method, to) in
            [("POST", &stop), ("GET", &page), ("PUT", &stop), ("DELETE", &stop), ("OPTIONS", &page)]
        {
            let read = beside.tab.eval(&format!(
                "fetch('{to}', {{ method: '{method}', mode: '{mode}', credentials: 'include', body: {} }}).then(r => r.text(), e => '').catch(e => '')",
                if method == "GET" { "undefined" } else { "new URLSearchParams('token=x')" }
            ));
            assert_eq!(read, "", "{method} {mode} {to}");
        }
    }
    let sent = beside.tab.eval(&format!("navigator.sendBeacon('{stop}', new URLSearchParams('token=x')), new Promise(done => {{ const x = new XMLHttpRequest(); x.withCredentials = true; x.onloadend = () => done(x.responseText); x.open('POST', '{stop}'); x.setRequestHeader('Content-Type', 'text/plain'); x.send('token=x'); }})"));
    assert_eq!(sent, "");
    let live = beside.tab.eval(&format!("new Promise(done => {{ const s = new EventSource('{page}work/x/live', {{ withCredentials: true }}); s.onopen = () => done('open'); s.onerror = () => done('refused'); }})"));
    assert_eq!(live, "refused");
    beside.refused();
    beside.unharmed();
}

#[test]
fn no_socket_opens() {
    let beside = Beside::start();
    beside.visit("<h1>Elsewhere</h1>");
    let host = beside.office.guide.host();
    for path in ["/", "/job/x/live", &format!("{}/stop", beside.case)] {
        let opened = beside.tab.eval(&format!("new Promise(done => {{ const s = new WebSocket('ws://{host}{path}'); s.onopen = () => done('open'); s.onerror = () => done('refused'); }})"));
        assert_eq!(opened, "refused", "{path}");
    }
    beside.unharmed();
}

#[test]
fn nothing_of_it_is_embedded() {
    let beside = Beside::start();
    let page = beside.office.url(&beside.case);
    let url = |path: &str| beside.office.url(path);
    beside.visit(&format!(
        "<iframe src='{page}'></iframe><object data='{page}'></object><embed src='{page}'>\
         <img src='{page}'><img src='{icon}'><script src='{script}'></script>\
         <link rel=stylesheet href='{style}'><video src='{page}'></video>",
        icon = url("/assets/icon.svg"),
        script = url("/assets/guide.js"),
        style = url("/assets/style.css"),
    ));
    let loaded = beside.tab.eval("({ images: [...document.images].filter(i => i.naturalWidth > 0).length, sheets: [...document.styleSheets].filter(s => s.href).length, script: document.documentElement.classList.contains('script'), frames: [...document.querySelectorAll('iframe,object')].filter(f => { try { return f.contentDocument && f.contentDocument.body && f.contentDocument.body.innerText.includes('Case') } catch (e) { return false } }).length })");
    assert_eq!(loaded["images"], 0, "{loaded}");
    assert_eq!(loaded["script"], false, "{loaded}");
    assert_eq!(loaded["frames"], 0, "{loaded}");
    // The frame shows the browser's own refusal, or the guide's: no case.
    let tree = beside.tab.call("Page.getFrameTree", serde_json::json!({}));
    for frame in tree["frameTree"]["childFrames"].as_array().into_iter().flatten() {
        let at = frame["frame"]["url"].as_str().unwrap_or_default();
        let unreachable = frame["frame"].get("unreachableUrl").is_some();
        assert!(unreachable || at.starts_with("chrome-error:") || at == "about:blank", "{frame}");
    }
    beside.refused();
    beside.unharmed();
}

#[test]
fn a_window_that_it_opens_is_a_stranger() {
    let beside = Beside::start();
    let page = beside.office.url(&beside.case);
    beside.visit("<h1>Elsewhere</h1>");
    let opened = beside.tab.call(
        "Runtime.evaluate",
        serde_json::json!({ "expression": format!("window.other = window.open('{page}')"), "userGesture": true }),
    );
    assert!(opened.get("exceptionDetails").is_none(), "{opened}");
    let is_there = || beside.office.person.open().iter().any(|(_, url)| url.starts_with(&page));
    let began = Instant::now();
    while !is_there() {
        assert!(began.elapsed() < PATIENCE, "{:?}", beside.office.person.open());
        thread::sleep(Duration::from_millis(20));
    }
    let known = beside.tab.eval("(() => { try { return String(window.other && window.other.document && window.other.document.body.innerText) } catch (e) { return 'closed off' } })()");
    let known = known.as_str().unwrap_or_default().to_owned();
    assert!(!known.contains("2026-0001"), "{known}");
    for (target, url) in beside.office.person.open() {
        if url.starts_with(&page) {
            let tab = beside.office.person.attach(&target);
            tab.arrive();
            if tab.eval("document.referrer").as_str() == Some(&beside.elsewhere.url()) {
                assert!(!tab.words().contains("What to do in this case"), "{}", tab.words());
                assert_eq!(tab.eval("window.opener"), Value::Null);
            }
        }
    }
    // The tab itself sent there: no way in, and one that a person can go on
    // from.
    beside.tab.leave(|tab| drop(tab.eval(&format!("location = '{page}', 0"))));
    assert_eq!(beside.tab.eval(STATUS), 403);
    assert!(!beside.tab.words().contains("P-1234"), "{}", beside.tab.words());
    beside.unharmed();
}

#[test]
fn another_name_of_this_computer_is_not_the_guide() {
    let beside = Beside::start();
    let port = beside.office.guide.port().to_owned();
    // Names that resolve to this computer without asking anybody.
    for name in ["127.0.0.1", "localhost", "rebound.localhost", "[::ffff:127.0.0.1]"] {
        let tab = beside.office.person.tab();
        let gone = tab.call(
            "Page.navigate",
            serde_json::json!({ "url": format!("http://{name}:{port}{}", beside.case) }),
        );
        if gone.get("errorText").is_none_or(Value::is_null) {
            tab.arrive();
            assert_eq!(tab.eval(STATUS), 421, "{name}");
            assert!(!tab.words().contains("P-1234"), "{name}: {}", tab.words());
        }
        tab.close();
    }
    beside.unharmed();
}

#[test]
fn the_link_and_the_cookie_are_no_use_elsewhere() {
    let beside = Beside::start();
    // The link was used when the browser came in.
    beside.visit("<h1>Elsewhere</h1>");
    let read = beside.tab.eval(&format!(
        "fetch('{}', {{ mode: 'no-cors', credentials: 'include' }}).then(r => r.text(), e => '')",
        beside.office.guide.link
    ));
    assert_eq!(read, "");
    let other = crate::chromium::Chromium::shared().person();
    let tab = other.tab();
    tab.go(&beside.office.guide.link);
    tab.sees("This link has been used or is too old");
    // No script reads the cookie, the guide's own neither.
    for tab in [&beside.tab, &beside.office.tab] {
        assert_eq!(tab.eval("document.cookie"), "");
    }
    // One of its name that the other page sets is another's: it locks nobody
    // out, and lets nobody in.
    for domain in ["", "; domain=localhost", "; domain=127.0.0.1"] {
        beside.tab.eval(&format!("document.cookie = 'countersign=mine; path=/{domain}'"));
        beside.tab.eval(&format!("document.cookie = 'countersign=mine; path=/case{domain}'"));
    }
    beside.office.go(&beside.case);
    beside.office.tab.sees("Write a note");
    beside.unharmed();
}

#[test]
fn the_pages_say_what_a_browser_may_do_with_them() {
    let beside = Beside::start();
    let tab = &beside.office.tab;
    tab.said();
    beside.office.go(&beside.case);
    let said = tab.said();
    let page = said
        .iter()
        .find(|said| said.method == "Network.responseReceived" && said.params["type"] == "Document");
    let headers = &page.expect("the page").params["response"]["headers"];
    let header = |name: &str| {
        let found = headers.as_object().into_iter().flatten().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
    };
    for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"] {
        assert!(header("content-security-policy").contains(part), "{headers}");
    }
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    // And the browser holds to it: a script that got into a page does not run.
    tab.eval("(() => { const s = document.createElement('script'); s.textContent = 'window.inside = 1'; document.body.append(s); return 0; })()");
    assert_eq!(tab.eval("window.inside"), Value::Null);
    let out = tab.eval(&format!("fetch('{}').then(() => 'sent', () => 'refused')", beside.elsewhere.url()));
    assert_eq!(out, "refused");
}

const PATIENCE: Duration = Duration::from_secs(60);
const STATUS: &str = "performance.getEntriesByType('navigation')[0].responseStatus";
