//! A real Chromium against a site that behaves badly. Where there is no
//! Chromium these tests fail: they show what the product promises.
#![cfg(target_os = "linux")]

#[path = "support/site.rs"]
mod site;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use countersign::browser::address::{Address, Reach};
use countersign::browser::facts::{Absence, Fidelity, How, KeptPage, Piece, REDACTED};
use countersign::browser::find::{self, Places};
use countersign::browser::launch::{self, Browser, Cancel, Launch, LaunchError, Window};
use countersign::browser::page::{self, Limits, PageError};
use countersign::browser::wall::{Outcome, Wall};
use countersign::clock::{Clock, Time};
use site::Site;

struct System(Instant);

impl Clock for System {
    fn now(&self) -> Time {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        Time::from_unix_ms(i64::try_from(since.as_millis()).expect("this age")).expect("this age")
    }

    fn since_start(&self) -> Duration {
        self.0.elapsed()
    }
}

fn wrapper() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/chromium-as-root.sh")
}

fn rehearsal() -> Reach {
    Reach::Rehearsal { refused_ports: Vec::new() }
}

fn environment() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

fn start_with(folder: &Path, reach: Reach, cancel: Cancel, program: &Path) -> Result<Browser, LaunchError> {
    let wall = Arc::new(Wall::start(reach).expect("a wall"));
    let environment = environment();
    Launch { program, folder, environment: &environment, window: Window::Headless, wall, cancel }.start()
}

fn start(folder: &Path, reach: Reach) -> Browser {
    start_with(folder, reach, Cancel::never(), &wrapper()).expect("chromium must be installed for this test")
}

type Pieces = HashMap<Piece, Vec<u8>>;

fn keep_within(browser: &mut Browser, url: &str, limits: &Limits) -> Result<(KeptPage, Pieces), PageError> {
    let address = Address::parse(url, browser.wall().reach()).expect("an address within reach");
    let mut pieces = Pieces::new();
    let mut sink = |piece: Piece, bytes: &[u8]| {
        assert!(pieces.insert(piece, bytes.to_vec()).is_none(), "{piece:?} once only");
        Ok(())
    };
    let kept = page::keep(browser, &address, limits, &System(Instant::now()), &mut sink)?;
    Ok((kept, pieces))
}

fn keep(browser: &mut Browser, url: &str) -> (KeptPage, Pieces) {
    keep_within(browser, url, &Limits::default()).expect("kept")
}

fn short() -> Limits {
    Limits { load: Duration::from_secs(2), settle: Duration::from_secs(1), ..Limits::default() }
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn size(png: &[u8]) -> (u32, u32) {
    let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    (reader.info().width, reader.info().height)
}

#[test]
fn a_plain_page_is_kept_whole() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let (page, pieces) = keep(&mut browser, &site.url("/redirect"));
    assert_eq!(page.title.as_deref(), Some("A plain page"));
    assert_eq!(page.url, site.url("/"));
    assert_eq!(page.asked, site.url("/redirect"));
    let hops: Vec<(String, How, Option<u16>)> =
        page.hops.iter().map(|hop| (hop.url.clone(), hop.how, hop.status)).collect();
    assert_eq!(
        hops,
        [
            (site.url("/redirect"), How::Asked, Some(302)),
            (site.url("/redirect-2"), How::Redirected, Some(301)),
            (site.url("/"), How::Redirected, Some(200)),
        ]
    );
    assert!(page.hops.iter().all(|hop| hop.remote == Some(site.address)));
    let answer = page.answer().expect("an answer");
    assert_eq!(answer.date(), Some("Sun, 22 Nov 2026 14:30:00 GMT"));
    assert_eq!(page.hops[0].header("set-cookie"), Some(REDACTED));
    let body = "<!DOCTYPE html><title>A plain page</title><h1>Plain</h1><p>Näive café</p><img src=/red.bmp>";
    assert_eq!(pieces[&Piece::Content], body.as_bytes());
    assert_eq!(page.content.as_ref().map(|c| c.fidelity), Some(Fidelity::AsReceived));
    assert_eq!(size(&pieces[&Piece::Screen]), (1280, 800));
    assert_eq!(size(&pieces[&Piece::Picture { tile: 1, of: 1 }]), (1280, 800));
    let archive = String::from_utf8_lossy(&pieces[&Piece::Archive]);
    assert!(archive.contains("multipart/related") && archive.contains("image/bmp"), "{archive}");
    assert_eq!(page.absences, [], "nothing is missing");
    assert!(page.attempts.iter().all(|a| a.outcome == Outcome::Connected(site.address)), "{:?}", page.attempts);
    assert_eq!(browser.wall().attempts().len(), 1, "the browser itself asks for nothing");
}
