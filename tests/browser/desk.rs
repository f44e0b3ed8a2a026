//! A browser for each test, what it keeps, and what is left of it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_browser::network::address::Address;
use countersign_browser::network::reach::Reach;
use countersign_browser::network::wall::Wall;
use countersign_browser::page::facts::{KeptPage, Piece};
use countersign_browser::page::{self, Limits, PageError, Sink};
use countersign_browser::program::launch::{Browser, Cancel, Launch, LaunchError, Window};
use countersign_record::clock::{Clock, Time};

pub use crate::recorder::{account, chromium, places, temporary};

pub struct System(pub Instant);

impl Clock for System {
    fn now(&self) -> Time {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        Time::from_unix_ms(i64::try_from(since.as_millis()).expect("this age")).expect("this age")
    }

    fn since_start(&self) -> Duration {
        self.0.elapsed()
    }
}

pub fn rehearsal() -> Reach {
    Reach::Rehearsal { refused_ports: Vec::new() }
}

pub fn environment() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

pub fn start_with(
    folder: &Path,
    reach: Reach,
    cancel: Cancel,
    program: &Path,
) -> Result<Browser, LaunchError> {
    let wall = Arc::new(Wall::start(reach).expect("a wall"));
    let environment = environment();
    let account = account();
    let (environment, account) = (&environment, account.as_ref());
    Launch { program, folder, environment, account, window: Window::Headless, wall, cancel }.start()
}

pub fn start(folder: &Path, reach: Reach) -> Browser {
    start_with(folder, reach, Cancel::never(), &chromium()).expect("chromium must be installed for this test")
}

pub type Pieces = HashMap<Piece, Vec<u8>>;

pub fn keep_within(
    browser: &mut Browser,
    url: &str,
    limits: &Limits,
) -> Result<(KeptPage, Pieces), PageError> {
    let mut pieces = Pieces::new();
    let mut sink = |piece: Piece, bytes: &[u8]| {
        assert!(pieces.insert(piece, bytes.to_vec()).is_none(), "{piece:?} once only");
        Ok(())
    };
    let kept = keep_into(browser, url, limits, &mut sink)?;
    Ok((kept, pieces))
}

pub fn keep_into(
    browser: &mut Browser,
    url: &str,
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<KeptPage, PageError> {
    let address = Address::parse(url, browser.wall().reach()).expect("an address within reach");
    page::keep(browser, &address, limits, &System(Instant::now()), sink)
}

pub fn keep(browser: &mut Browser, url: &str) -> (KeptPage, Pieces) {
    keep_within(browser, url, &Limits::default()).expect("kept")
}

pub fn short() -> Limits {
    Limits { load: Duration::from_secs(2), settle: Duration::from_secs(1), ..Limits::default() }
}

/// The processes of a group that are not yet dead.
pub fn group(leader: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("processes").flatten();
    processes
        .filter_map(|entry| {
            let process: u32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let after = &stat[stat.rfind(')')? + 2..];
            let columns: Vec<&str> = after.split_whitespace().collect();
            (columns[0] != "Z" && columns[2] == leader.to_string()).then_some(process)
        })
        .collect()
}

pub fn found_in(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// The files under `folder` in which `text` stands.
pub fn found(folder: &Path, text: &[u8]) -> Vec<PathBuf> {
    let mut hits = Vec::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten().filter(|e| e.file_type().is_file()) {
        let bytes = fs::read(entry.path()).unwrap_or_default();
        if found_in(&bytes, text) {
            hits.push(entry.into_path());
        }
    }
    hits
}

pub struct Killed(pub std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
