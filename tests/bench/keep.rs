//! Seconds and bytes for a kept page, against `playwright-core` taking the
//! same full-page picture and MHTML of the same pages in the same run:
//! `cargo bench --bench keep [-- FOLDER]`.
//!
//! Warm: a page in a browser that runs, each with a fresh context and its files
//! written. Cold: a whole command from its start to its end, for us with both
//! signatures and every fsync. The peer waits for `load` and for its pictures
//! and for nothing else, so that it is never held up by its own patience. Ours
//! takes the screen, the server's answer, headers and certificate as well.
//! Rounds are interleaved; the goal is for medians.
//!
//! It needs `node`, `npm` and a Chromium, installs the peer below `target/`,
//! and reaches this computer only.

#![allow(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

#[path = "../support/recorder.rs"]
mod recorder;
#[path = "../support/site.rs"]
mod site;
mod support;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_browser::network::address::Address;
use countersign_browser::network::reach::Reach;
use countersign_browser::network::wall::Wall;
use countersign_browser::page::facts::Piece;
use countersign_browser::page::{self, Limits};
use countersign_browser::program::launch::{Browser, Cancel, Launch, Window};
use countersign_record::clock::{Clock, Time};
use countersign_record::digest::Digest;
use site::Site;
use support::{Times, timed};

const PEER: &str = "playwright-core@1.65.1";
const WARM: usize = 16;
const COLD: usize = 7;
const PAGES: [(&str, &str, &str); 3] = [
    ("/", "plain: ours", "plain: peer"),
    ("/article", "article, 12 pictures, 6,000 px: ours", "article, 12 pictures, 6,000 px: peer"),
    ("/tall", "20,000 px: ours", "20,000 px: peer"),
];

fn main() {
    let Some(folder) = support::place() else { return };
    let site = sample();
    let peer = install();
    warm(folder.path(), &site, &peer);
    cold(folder.path(), &site, &peer);
}

fn warm(folder: &Path, site: &Site, peer: &Path) {
    println!("\nA page in a running browser, {WARM} rounds");
    let mut browser = start(folder);
    let mut theirs = Peer::start(peer);
    let mut times = Times::default();
    let mut bytes: BTreeMap<&str, Bytes> = BTreeMap::new();
    for round in 0..=WARM {
        for (path, our_name, their_name) in PAGES {
            let (url, out) = (site.url(path), folder.join(format!("{round}")));
            let (mut ours, mut others) = (Bytes::default(), 0);
            let (mut our_time, mut their_time) = (0.0, 0.0);
            // Each goes first by turns: a browser still clears up after its
            // longest page while the other begins with the shortest.
            for our_turn in [round % 2 == 0, round % 2 == 1] {
                if our_turn {
                    our_time = timed(|| ours = keep(&mut browser, &url, &out.join("ours")));
                } else {
                    their_time = timed(|| others = theirs.keep(&url, &out.join("theirs")));
                }
            }
            // The first round fills caches.
            if round > 0 {
                times.add(our_name, our_time);
                times.add(their_name, their_time);
                bytes.insert(our_name, ours);
                bytes.insert(their_name, Bytes { same: others, all: others });
            }
        }
    }
    report(&times, &PAGES);
    println!("   bytes  same, all");
    for (_, ours, theirs) in PAGES {
        let (our, their) = (bytes[ours], bytes[theirs]);
        let ratio = |ours: u64| ours as f64 / their.same as f64;
        println!("{:9} {:9}  {ours}", our.same, our.all);
        println!("{:9} {:9}  {theirs}", their.same, "");
        println!("{:9.2} {:9.2}  {ours} / {theirs}", ratio(our.same), ratio(our.all));
    }
}

/// What a page takes on the disk.
#[derive(Debug, Clone, Copy, Default)]
struct Bytes {
    /// The full-page picture and the archive, which the peer keeps too.
    same: u64,
    /// With the screen, the server's answer and the record of it all.
    all: u64,
}

fn cold(folder: &Path, site: &Site, peer: &Path) {
    println!("\nA whole command, {COLD} rounds");
    let home = folder.join("home");
    let passphrases = folder.join("passphrases.txt");
    let program = |arguments: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .arg("--home")
            .arg(&home)
            .args(arguments)
            .arg("--passphrases")
            .arg(&passphrases)
            .stdin(Stdio::null())
            .output()
            .expect("the program");
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    program(&OPEN);
    let browser = recorder::chromium();
    let browser = browser.to_str().expect("a path in UTF-8");
    const NAMES: [(&str, &str, &str); 1] = [("/article", "countersign keep", "node, playwright-core")];
    let (path, ours, theirs) = NAMES[0];
    let url = site.url(path);
    let mut times = Times::default();
    for round in 0..=COLD {
        let our_time = timed(|| program(&["keep", &url, "--browser", browser]));
        let once = format!("{url} {}", folder.join(format!("cold-{round}")).display());
        let their_time = timed(|| {
            let mut command = script(peer);
            support::stock(command.arg(&once).stdout(Stdio::null()));
        });
        if round > 0 {
            times.add(ours, our_time);
            times.add(theirs, their_time);
        }
    }
    report(&times, &NAMES);
}

fn report(times: &Times, pages: &[(&str, &'static str, &'static str)]) {
    let names: Vec<&str> = pages.iter().flat_map(|(_, ours, theirs)| [*ours, *theirs]).collect();
    times.print(&names);
    println!("  median     best");
    for (_, ours, theirs) in pages {
        times.compare(ours, theirs, 1.0);
    }
}

/// Keeps a page as the program does; its bytes, each file once.
fn keep(browser: &mut Browser, url: &str, out: &Path) -> Bytes {
    fs::create_dir_all(out).expect("a folder");
    let address = Address::parse(url, browser.wall().reach()).expect("an address within reach");
    let mut files: BTreeMap<Digest, u64> = BTreeMap::new();
    let mut same = 0;
    let mut sink = |piece: Piece, bytes: &[u8]| {
        if matches!(piece, Piece::Picture { .. } | Piece::Archive) {
            same += bytes.len() as u64;
        }
        let sha256 = Digest::of(bytes);
        if files.insert(sha256, bytes.len() as u64).is_none() {
            fs::write(out.join(format!("{sha256}-{}", kind(piece))), bytes)?;
        }
        Ok(())
    };
    let clock = System(Instant::now());
    let kept = page::keep(browser, &address, &Limits::default(), &clock, &mut sink).expect("kept");
    assert!(kept.absences.is_empty(), "{:?}", kept.absences);
    let record = serde_json::to_vec_pretty(&kept).expect("JSON");
    fs::write(out.join("record.json"), &record).expect("written");
    Bytes { same, all: files.values().sum::<u64>() + record.len() as u64 }
}

fn kind(piece: Piece) -> &'static str {
    match piece {
        Piece::Picture { .. } | Piece::Screen => "picture.png",
        Piece::Archive => "page.mhtml",
        _ => "answer",
    }
}

fn start(folder: &Path) -> Browser {
    let wall = Wall::start(Reach::Rehearsal { refused_ports: Vec::new() }).expect("a wall");
    let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    recorder::let_pass(folder);
    let account = recorder::account();
    Launch {
        program: &recorder::chromium(),
        folder,
        environment: &environment,
        account: account.as_ref(),
        window: Window::Headless,
        wall: Arc::new(wall),
        cancel: Cancel::never(),
    }
    .start()
    .expect("chromium must be installed for this benchmark")
}

/// Installs the peer, by name and version, where no source is.
fn install() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer");
    fs::create_dir_all(&folder).expect("a folder");
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--silent", PEER]);
    support::stock(npm.current_dir(&folder).stdout(Stdio::null()));
    folder
}

fn script(peer: &Path) -> Command {
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/keep.mjs"))
        .arg(peer)
        .arg(recorder::chromium());
    node
}

struct Peer {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(peer: &Path) -> Peer {
        let mut process = script(peer)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node must be installed for this benchmark");
        let ask = process.stdin.take().expect("piped");
        let mut answers = BufReader::new(process.stdout.take().expect("piped"));
        let mut line = String::new();
        answers.read_line(&mut line).expect("the peer starts");
        assert_eq!(line.trim(), "ready");
        Peer { process, ask, answers }
    }

    fn keep(&mut self, url: &str, out: &Path) -> u64 {
        writeln!(self.ask, "{url} {}", out.display()).expect("asked");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("answered");
        line.trim().parse().expect("the bytes that it wrote")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

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

/// The site of the tests, and an article as the web has them.
fn sample() -> Site {
    let picture = photograph();
    Site::serving(Arc::new(move |request, to| match request.path.as_str() {
        "/article" => site::html(to, &article()),
        "/style.css" => site::answer(to, "200 OK\r\nContent-Type: text/css", STYLE.as_bytes()),
        path if path.starts_with("/photograph-") => {
            site::answer(to, "200 OK\r\nContent-Type: image/png", &picture)
        }
        _ => site::standard(request, to),
    }))
}

fn article() -> String {
    let words = "Two of them looked at the page together and wrote down what they saw. ".repeat(12);
    let parts: String = (0..12)
        .map(|n| {
            let lazy = if n < 2 { "" } else { " loading=lazy" };
            format!("<h2>Part {n}</h2><p>{words}</p><img{lazy} width=600 height=240 src=/photograph-{n}.png>")
        })
        .collect();
    format!("<html><head><title>An article</title><link rel=stylesheet href=/style.css></head><body>{parts}")
}

const STYLE: &str = "body { font: 18px/1.5 sans-serif; max-width: 720px; margin: 0 auto } img { display: block; margin: 1em 0 }";

/// A PNG that does not compress to nothing: a slope with noise on it.
fn photograph() -> Vec<u8> {
    let (width, height) = (600_u32, 240_u32);
    let mut state = 7_u32;
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = state >> 28;
            [x * 255 / width, y * 255 / height, (x + y) / 4].map(|base| ((base & 0xf8) + noise % 8) as u8)
        })
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels)).expect("a PNG");
    bytes
}

const OPEN: [&str; 20] = [
    "open",
    "--rehearsal",
    "--suspected-illegal",
    "no",
    "--reason",
    "A benchmark",
    "--reported-by",
    "Nobody",
    "--concerns",
    "pupil",
    "--subject",
    "P-1",
    "--first",
    "Jane Smith, Headteacher",
    "--second",
    "Ali Khan, Safeguarding lead",
    "--computer",
    "BENCH-01, Office",
    "--confirm-all",
    "--json",
];
