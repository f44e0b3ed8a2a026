//! A real Chromium against a site that behaves badly. Where there is no
//! Chromium these tests fail: they show what the product promises.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout)] // Measurements, and a test that another one reads.

#[path = "support/site.rs"]
mod site;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use countersign::browser::address::Address;
use countersign::browser::facts::{Absence, Fidelity, How, KeptPage, Piece, REDACTED};
use countersign::browser::find::{self, Places};
use countersign::browser::launch::{self, Browser, Cancel, Launch, LaunchError, Window};
use countersign::browser::page::{self, Limits, PageError};
use countersign::browser::reach::Reach;
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
    assert!(
        page.attempts.iter().all(|a| a.outcome == Outcome::Connected(site.address)),
        "{:?}",
        page.attempts
    );
    thread::sleep(Duration::from_secs(3));
    assert_eq!(browser.wall().attempts(), [], "the browser itself asks for nothing");
}

#[test]
fn secrets_stay_out_of_everything_kept() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let (page, pieces) = keep(&mut browser, &site.url("/cookie"));
    let answer = page.answer().expect("an answer");
    let cookies = answer.headers.iter().filter(|h| h.name.eq_ignore_ascii_case("set-cookie")).count();
    assert_eq!(cookies, 2, "their presence is kept: {:?}", answer.headers);
    let facts = serde_json::to_string(&page).expect("JSON");
    assert!(!facts.contains("SECRET") && facts.contains(REDACTED));
    for (piece, bytes) in pieces {
        assert!(!bytes.windows(6).any(|w| w == b"SECRET"), "{piece:?}");
    }
}

#[test]
fn pages_that_go_on_by_themselves_are_followed() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let (page, _) = keep(&mut browser, &site.url("/by-page"));
    assert_eq!(page.title.as_deref(), Some("A plain page"));
    assert_eq!(page.hops.last().map(|hop| hop.how), Some(How::ByPage));
    assert_eq!(page.hops.len(), 2);
}

#[test]
fn other_answers_than_a_page() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());

    let (page, pieces) = keep(&mut browser, &site.url("/404"));
    assert_eq!(page.answer().and_then(|hop| hop.status), Some(404));
    assert_eq!(pieces[&Piece::Content], b"<title>Gone</title>gone");

    let (page, pieces) = keep(&mut browser, &site.url("/empty-404"));
    assert_eq!((page.answer().and_then(|hop| hop.status), &page.url), (Some(404), &site.url("/empty-404")));
    assert!(page.absences.contains(&Absence::BrowserMessage), "{:?}", page.absences);
    assert!(pieces.contains_key(&Piece::Screen));

    let (page, _) = keep(&mut browser, &site.url("/401"));
    let asked = Absence::SignIn { url: site.url("/401"), status: 401 };
    assert!(page.absences.contains(&asked), "{:?}", page.absences);
    assert_eq!(page.title.as_deref(), Some("Who"));

    let (page, pieces) = keep(&mut browser, &site.url("/204"));
    assert_eq!(page.answer().and_then(|hop| hop.status), Some(204));
    assert!(!pieces.contains_key(&Piece::Screen));
    assert!(page.absences.iter().any(|a| matches!(a, Absence::NoPiece { piece, .. } if piece == "picture")));

    let (page, pieces) = keep(&mut browser, &site.url("/latin"));
    assert_eq!(page.title.as_deref(), Some("café"));
    let fidelity = page.content.as_ref().map(|content| content.fidelity);
    match fidelity {
        Some(Fidelity::AsReceived) => assert!(pieces[&Piece::Content].contains(&0xe9)),
        _ => assert!(page.absences.iter().any(|a| matches!(a, Absence::ContentReencoded { .. }))),
    }
}

#[test]
fn downloads_boxes_and_windows_are_denied_and_said() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());

    let (page, pieces) = keep(&mut browser, &site.url("/download"));
    let denied = Absence::Download { url: site.url("/download"), name: "x.exe".to_owned() };
    assert!(page.absences.contains(&denied), "{:?}", page.absences);
    assert!(!pieces.contains_key(&Piece::Screen));
    let (page, _) = keep(&mut browser, &site.url("/offers"));
    assert!(page.absences.contains(&denied), "{:?}", page.absences);
    assert_eq!(page.title.as_deref(), Some("Offers"));
    assert_eq!(found(folder.path(), b"DOWNLOADED-BYTES"), Vec::<PathBuf>::new());

    let (page, _) = keep(&mut browser, &site.url("/dialogs"));
    let said: Vec<&str> = page
        .absences
        .iter()
        .filter_map(|a| if let Absence::Dialog { message, .. } = a { Some(message.as_str()) } else { None })
        .collect();
    assert_eq!(said, ["one", "two", "three"]);

    let (page, _) = keep(&mut browser, &site.url("/popup"));
    if !page.absences.contains(&Absence::Popup { url: site.url("/popped") }) {
        assert_eq!(page.absences, [], "closed by us, or blocked by the browser");
    }
    assert!(!site.asked().contains(&"/popped".to_owned()), "closed before its first request");
    assert_eq!(page.title.as_deref(), Some("Went on"), "the page does not wait with it");

    let (page, _) = keep(&mut browser, &site.url("/media"));
    assert!(page.absences.contains(&Absence::Media { video: 1, audio: 1 }));
}

#[test]
fn a_server_that_never_ends_is_stopped_and_said() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());

    let (page, pieces) = keep_within(&mut browser, &site.url("/endless"), &short()).expect("kept so far");
    assert!(page.absences.contains(&Absence::StoppedByTime { seconds: 2 }), "{:?}", page.absences);
    assert!(page.absences.iter().any(|a| matches!(a, Absence::ContentStops { at } if *at > 500)));
    assert_eq!(page.title.as_deref(), Some("Endless"));
    let content = &pieces[&Piece::Content];
    assert!(content.starts_with(b"<title>Endless</title><p>line 0</p>\n<p>line 1</p>\n"));
    assert!(pieces.contains_key(&Piece::Archive) && pieces.contains_key(&Piece::Screen));

    let limits = Limits { bytes: 1 << 20, ..Limits::default() };
    let started = Instant::now();
    let (page, _) = keep_within(&mut browser, &site.url("/flood"), &limits).expect("kept so far");
    assert!(page.absences.contains(&Absence::StoppedBySize { bytes: 1 << 20 }), "{:?}", page.absences);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?} {page:?}", started.elapsed());

    let started = Instant::now();
    let silent = keep_within(&mut browser, &site.url("/silent"), &short());
    assert!(matches!(silent, Err(PageError::NotLoaded(_))), "{silent:?}");
    assert!(started.elapsed() < Duration::from_secs(6));

    let (page, pieces) = keep(&mut browser, &site.url("/drip"));
    assert_eq!(page.title.as_deref(), Some("Drip"));
    assert_eq!(pieces[&Piece::Content], b"<title>Drip</title>drip drip  ");
    assert_eq!(page.content.map(|c| c.fidelity), Some(Fidelity::AsReceived));
}

#[test]
fn a_page_that_does_not_answer_holds_nothing_up() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let limits = Limits { take: Duration::from_secs(2), ..short() };
    let started = Instant::now();
    let (page, pieces) = keep_within(&mut browser, &site.url("/busy"), &limits).expect("facts at least");
    assert!(page.absences.iter().any(|a| matches!(a, Absence::NoPiece { .. })), "{:?}", page.absences);
    assert_eq!(page.answer().and_then(|hop| hop.status), Some(200));
    assert!(!pieces.contains_key(&Piece::Archive));
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    let (page, _) = keep(&mut browser, &site.url("/"));
    assert_eq!(page.absences, [], "the next page is not disturbed");
}

#[test]
fn tall_pages_are_kept_in_tiles_that_show_the_right_places() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let (page, pieces) = keep(&mut browser, &site.url("/tall"));
    assert_eq!(page.view.map(|view| view.page_height), Some(20_000));
    assert_eq!(page.absences, []);
    let tiles = [&pieces[&Piece::Picture { tile: 1, of: 2 }], &pieces[&Piece::Picture { tile: 2, of: 2 }]];
    assert_eq!([size(tiles[0]), size(tiles[1])], [(1280, 16_384), (1280, 3_616)]);
    let mut top = 0;
    for tile in tiles {
        let mut reader = png::Decoder::new(std::io::Cursor::new(tile)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("fits")];
        let info = reader.next_frame(&mut pixels).expect("decoded");
        for y in (0..info.height).step_by(50) {
            let at = y as usize * info.line_size + 600 * info.color_type.samples();
            let band = (top + y) / 100;
            let expected = [(band / 16 * 16) as u8, (band % 16 * 16) as u8, 128];
            assert_eq!(pixels[at..at + 3], expected, "{} px from the top", top + y);
        }
        top += info.height;
    }
}

#[test]
fn a_picture_that_does_not_go_to_the_end_says_where_it_stops() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    // So that it is the picture that stops, and not the patience to scroll.
    let limits =
        Limits { scroll: Duration::from_secs(60), take: Duration::from_secs(60), ..Limits::default() };
    let (page, pieces) = keep_within(&mut browser, &site.url("/deep"), &limits).expect("kept");
    let (at, of) = (8 * 16_384, 140_000);
    assert!(page.absences.contains(&Absence::PictureStops { at, of }), "{:?}", page.absences);
    let tiles: Vec<u32> = (1..=8).map(|tile| size(&pieces[&Piece::Picture { tile, of: 8 }]).1).collect();
    assert_eq!(tiles, [16_384; 8]);
    let (page, pieces) = keep_within(&mut browser, &site.url("/wide"), &limits).expect("kept");
    let (at, of) = (16_384, 20_000);
    assert!(page.absences.contains(&Absence::PictureNarrow { at, of }), "{:?}", page.absences);
    assert_eq!(size(&pieces[&Piece::Picture { tile: 1, of: 1 }]).0, at);
}

#[test]
fn parts_that_did_not_come_are_named() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let (page, _) = keep(&mut browser, &site.url("/frames"));
    for (url, kind) in [
        ("http://127.0.0.1:1/closed".to_owned(), "Document"),
        (site.url("/404"), "Document"),
        (site.url("/missing.png"), "Image"),
        (site.url("/missing.js"), "Script"),
    ] {
        let named = page
            .absences
            .iter()
            .any(|a| matches!(a, Absence::NotLoaded { url: at, kind: of, .. } if *at == url && of == kind));
        assert!(named, "{kind} {url}: {:?}", page.absences);
    }
}

#[test]
fn lazy_parts_are_scrolled_in_and_endless_pages_are_left() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    for lazy in ["lazy", "observed"] {
        let (page, pieces) = keep(&mut browser, &site.url(&format!("/{lazy}")));
        assert_eq!(page.absences, []);
        let asked = site.asked();
        let archive = String::from_utf8_lossy(&pieces[&Piece::Archive]).into_owned();
        for n in 0..20 {
            assert!(asked.contains(&format!("/{lazy}-{n}.bmp")), "{lazy} {n}");
            assert!(archive.contains(&format!("/{lazy}-{n}.bmp")), "{lazy} {n} in the archive");
        }
    }
    let limits = Limits { scroll: Duration::from_secs(2), ..Limits::default() };
    let (page, _) = keep_within(&mut browser, &site.url("/growing"), &limits).expect("kept");
    assert!(page.absences.iter().any(|a| matches!(a, Absence::Endless { .. })), "{:?}", page.absences);
}

#[test]
fn the_wall_keeps_pages_from_this_computer() {
    let (victim, folder) = (Site::start(), temporary());
    let attacker = Site::start();
    let attack = attacker.url(&format!("/reach-{}", victim.port()));
    {
        // Without the refusal the attack works, so that its failure means something.
        let (victim, folder) = (Site::start(), temporary());
        let mut browser = start(folder.path(), rehearsal());
        keep(&mut browser, &attacker.url(&format!("/reach-{}", victim.port())));
        let asked = victim.asked();
        for path in ["/fetch", "/socket", "/image", "/frame"] {
            assert!(asked.contains(&path.to_owned()), "{path} of {asked:?}");
        }
    }
    // The attacker stands for the internet: only its port may be reached.
    let reach = Reach::Rehearsal { refused_ports: vec![victim.port()] };
    let mut browser = start(folder.path(), reach);
    let (page, _) = keep(&mut browser, &attack);
    assert_eq!(victim.asked(), Vec::<String>::new(), "fetch, WebSocket, image and frame by four names");
    let refused = page.attempts.iter().filter(|a| matches!(a.outcome, Outcome::Refused(_))).count();
    assert!(refused >= 3, "{:?}", page.attempts);
    assert!(page.absences.iter().any(|a| matches!(a, Absence::Refused { .. } | Absence::NotLoaded { .. })));
}

#[test]
fn nothing_near_is_reached_for_the_record() {
    let (site, folder) = (Site::start(), temporary());
    let browser = start(folder.path(), Reach::Public);
    for host in ["localhost", "127.0.0.1", "2130706433", "[::1]"] {
        let text = format!("http://{host}:{}/", site.port());
        assert!(Address::parse(&text, &Reach::Public).is_err(), "{text}");
    }
    // Past the judgement of the address, as a name that resolves here would
    // be: the wall itself has to refuse.
    let client = browser.client();
    let limit = Duration::from_secs(10);
    for host in ["localhost", "127.0.0.1", "2130706433", "[::1]", "localhost.localdomain"] {
        let url = format!("http://{host}:{}/", site.port());
        let params = serde_json::json!({ "url": url });
        let target: serde_json::Value =
            client.call(None, "Target.createTarget", params, limit).expect("a tab");
        assert!(target["targetId"].is_string());
    }
    let until = Instant::now() + Duration::from_secs(5);
    while browser.wall().attempts().len() < 4 && Instant::now() < until {
        thread::sleep(Duration::from_millis(20));
    }
    let attempts = browser.wall().attempts();
    assert!(attempts.len() >= 4, "{attempts:?}");
    assert!(attempts.iter().all(|a| !matches!(a.outcome, Outcome::Connected(_))), "{attempts:?}");
    assert_eq!(site.asked(), Vec::<String>::new());
}

#[test]
fn no_datagrams_leave() {
    let (site, folder) = (Site::start(), temporary());
    let (port, count) = site::udp();
    let mut browser = start(folder.path(), rehearsal());
    let (page, _) = keep(&mut browser, &site.url(&format!("/udp-{port}")));
    assert_eq!(page.title.as_deref(), Some("Udp"));
    assert_eq!(*count.lock().expect("count"), 0);
}

#[test]
fn hosts_that_do_not_answer_are_said() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), Reach::Rehearsal { refused_ports: vec![1] });
    let outcome = keep_within(&mut browser, &site.url("/to-near"), &short());
    let Err(PageError::NotLoaded(failed)) = outcome else { panic!("{outcome:?}") };
    assert!(failed.url.starts_with("http://127.0.0.1:1/") && failed.why.contains("itself"), "{failed:?}");
    assert_eq!(failed.hops[0].status, Some(302));
    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let outcome = keep_within(&mut browser, &format!("http://127.0.0.1:{closed}/"), &short());
    let Err(PageError::NotLoaded(failed)) = outcome else { panic!("{outcome:?}") };
    assert!(matches!(failed.outcome, Some(Outcome::Unreachable(_))), "{failed:?}");
    assert_eq!(failed.hops.len(), 1, "{failed:?}");
}

#[test]
fn devtools_listens_on_no_socket() {
    let folder = temporary();
    let browser = start(folder.path(), rehearsal());
    let mut inodes = Vec::new();
    for process in group(browser.process()) {
        for entry in fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten() {
            if let Ok(link) = fs::read_link(entry.path())
                && let Some(inode) = link.to_string_lossy().strip_prefix("socket:[")
            {
                inodes.push(inode.trim_end_matches(']').to_owned());
            }
        }
    }
    assert!(!inodes.is_empty(), "the browser's descriptors can be read");
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let table = fs::read_to_string(table).expect("a table");
        for line in table.lines().skip(1) {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let listening = columns[3] == "0A";
            assert!(!(listening && inodes.iter().any(|inode| inode == columns[9])), "{line}");
        }
    }
    assert!(
        !browser.arguments().iter().any(|a| a.contains("remote-debugging-port") || a.contains("sandbox"))
    );
}

#[test]
fn nothing_is_left_on_disk() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let (_, pieces) = keep(&mut browser, &site.url("/"));
    assert!(pieces[&Piece::Archive].len() > 100);
    let process = browser.process();
    assert!(group(process).len() > 1);
    let marked = || {
        let mark = folder.path().display().to_string();
        let processes = fs::read_dir("/proc").expect("processes").flatten();
        let commands = processes.map(|entry| fs::read(entry.path().join("cmdline")).unwrap_or_default());
        commands.filter(|command| found_in(command, mark.as_bytes())).count()
    };
    assert!(marked() > 0);
    assert_eq!(launch::sweep(folder.path()).expect("swept"), 0, "a running browser's folder is left");
    let during = found(folder.path(), site::CANARY);
    assert_eq!(during, Vec::<PathBuf>::new(), "off the record, even while it runs");
    drop(browser);
    assert_eq!(group(process), Vec::<u32>::new());
    // The crash handler is of another group; it ends when the browser has.
    let ended = Instant::now();
    while marked() > 0 {
        assert!(ended.elapsed() < Duration::from_secs(2), "a process of the browser is left");
        thread::sleep(Duration::from_millis(10));
    }
    let left: Vec<_> = fs::read_dir(folder.path()).expect("listed").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_a_killed_program_left_is_swept() {
    let folder = temporary();
    let left = folder.path().join("csb-999-0");
    fs::create_dir_all(left.join("p")).expect("made");
    fs::write(left.join("lock"), "").expect("made");
    fs::write(folder.path().join("other"), "").expect("made");
    assert_eq!(launch::sweep(folder.path()).expect("swept"), 1);
    assert!(!left.exists() && folder.path().join("other").exists());
}

#[test]
fn a_killed_browser_is_an_error_at_once() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let process = i32::try_from(browser.process()).expect("a process");
    let killer = thread::spawn(move || {
        thread::sleep(Duration::from_millis(700));
        // SAFETY: a plain system call.
        unsafe { libc::kill(process, libc::SIGKILL) };
        Instant::now()
    });
    let outcome = keep_within(&mut browser, &site.url("/endless"), &Limits::default());
    let killed = killer.join().expect("killed");
    assert!(matches!(outcome, Err(PageError::Browser(_))), "{outcome:?}");
    assert!(killed.elapsed() < Duration::from_secs(2), "{:?}", killed.elapsed());
}

#[test]
fn a_stop_kills_the_browser_within_200_ms() {
    let (site, folder) = (Site::start(), temporary());
    let raised = Arc::new(AtomicBool::new(false));
    let cancel = Cancel::flag(Arc::clone(&raised));
    let mut browser =
        start_with(folder.path(), rehearsal(), cancel, &wrapper()).expect("chromium must be installed");
    let process = browser.process();
    let stopper = thread::spawn(move || {
        thread::sleep(Duration::from_millis(700));
        raised.store(true, Ordering::Relaxed);
        let at = Instant::now();
        while !group(process).is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        (at, at.elapsed())
    });
    let outcome = keep_within(&mut browser, &site.url("/endless"), &Limits::default());
    let returned = Instant::now();
    let (at, gone) = stopper.join().expect("stopped");
    assert!(matches!(outcome, Err(PageError::Cancelled)), "{outcome:?}");
    assert!(returned.duration_since(at) < Duration::from_millis(200), "{:?}", returned.duration_since(at));
    assert!(gone < Duration::from_millis(200), "{gone:?}");
}

#[test]
fn the_browser_dies_with_a_killed_recorder() {
    let folder = temporary();
    let recorder = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "holds_a_browser", "--nocapture"])
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("started");
    let mut recorder = Killed(recorder);
    let said = BufReader::new(recorder.0.stdout.take().expect("piped"));
    let leader = said.lines().map_while(Result::ok).find_map(|line| {
        let (_, process) = line.split_once("browser ")?;
        process.trim().parse::<u32>().ok()
    });
    let leader = leader.expect("chromium must be installed for this test");
    assert!(group(leader).len() > 1);
    let killed = Instant::now();
    drop(recorder);
    while !group(leader).is_empty() {
        assert!(killed.elapsed() < Duration::from_secs(2), "still running");
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(launch::sweep(folder.path()).expect("swept"), 1, "what it left is swept later");
}

#[test]
#[ignore = "the recorder that another test kills"]
fn holds_a_browser() {
    let browser = start(&std::env::temp_dir(), rehearsal());
    println!("browser {}", browser.process());
    thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_page_that_crashes_or_closes_is_said() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let leader = browser.process();
    // On a busy computer the page may not be there yet when its process is
    // killed; that is a page that did not come, and is tried again later.
    let crashed = (1..=6).find_map(|try_number: u64| {
        let killer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(700 * try_number));
            for process in group(leader) {
                let command = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
                if String::from_utf8_lossy(&command).contains("--type=renderer") {
                    // SAFETY: a plain system call.
                    unsafe { libc::kill(process as i32, libc::SIGKILL) };
                }
            }
        });
        let kept = keep_within(&mut browser, &site.url("/endless"), &Limits::default());
        killer.join().expect("killed");
        kept.ok()
    });
    let (page, _) = crashed.expect("came, and crashed");
    assert!(page.absences.contains(&Absence::Crashed), "{:?}", page.absences);

    let started = Instant::now();
    let (page, _) = keep(&mut browser, &site.url("/closes"));
    assert_eq!(page.answer().and_then(|hop| hop.status), Some(200));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let (page, _) = keep(&mut browser, &site.url("/"));
    assert_eq!(page.absences, []);
}

#[test]
fn a_page_that_reloads_for_ever_is_left() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let started = Instant::now();
    let (page, _) = keep_within(&mut browser, &site.url("/restless"), &short()).expect("facts at least");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(page.hops.len() <= 64 && page.hops.len() > 1);
    assert!(!page.absences.is_empty(), "{:?}", page.absences);
}

#[test]
fn files_and_the_browsers_own_pages_stay_out() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let (page, pieces) = keep(&mut browser, &site.url("/forbidden"));
    assert_eq!((page.title.as_deref(), &page.url), (Some("Forbidden"), &site.url("/forbidden")));
    for (piece, bytes) in pieces.iter().filter(|(piece, _)| **piece == Piece::Archive) {
        assert!(!found_in(bytes, b"root:x:") && !found_in(bytes, b"Chromium"), "{piece:?}");
    }
}

#[test]
fn a_browser_that_refuses_root_says_so() {
    let folder = temporary();
    let chromium = find::find(&places(folder.path())).expect("chromium must be installed for this test");
    let outcome = start_with(folder.path(), rehearsal(), Cancel::never(), &chromium.path);
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } == 0 {
        assert!(matches!(&outcome, Err(LaunchError::Sandbox { said, .. }) if said.contains("root")));
    } else {
        assert!(!matches!(outcome, Err(LaunchError::NotUp { .. } | LaunchError::NotStarted { .. })));
    }
    drop(outcome);
    assert!(fs::read_dir(folder.path()).expect("listed").next().is_none(), "its folder is gone");
}

#[test]
fn programs_that_are_no_browser_are_errors() {
    let folder = temporary();
    let start = |program: &str| {
        let started = Instant::now();
        let outcome = start_with(folder.path(), rehearsal(), Cancel::never(), Path::new(program));
        assert!(started.elapsed() < Duration::from_secs(5));
        outcome
    };
    let deep = folder.path().join("d".repeat(90));
    fs::create_dir(&deep).expect("made");
    let outcome = start_with(&deep, rehearsal(), Cancel::never(), &wrapper());
    assert!(matches!(outcome, Err(LaunchError::FolderTooLong { .. })));
    fs::remove_dir(&deep).expect("nothing in it");
    assert!(matches!(start("/nowhere"), Err(LaunchError::NotStarted { .. })));
    assert!(matches!(start("/bin/true"), Err(LaunchError::NotUp { .. })));
    let scripts = temporary();
    let says = |name: &str, words: &str| {
        let path = scripts.path().join(name);
        fs::write(&path, format!("#!/bin/sh\necho '{words}' >&2\necho 'ERROR: bus' >&2\n")).expect("written");
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
        start(&path.display().to_string())
    };
    let policy = says("policy", "DevTools remote debugging is disallowed by the system admin.");
    assert!(matches!(policy, Err(LaunchError::Policy { said, .. }) if said.contains("admin")));
    let sandbox = says("sandbox", "FATAL: No usable sandbox! Update your kernel");
    assert!(matches!(sandbox, Err(LaunchError::Sandbox { .. })));
    let other = says("other", "InitializeSandbox() called with multiple threads in process gpu-process.");
    assert!(matches!(other, Err(LaunchError::NotUp { .. })));
    assert!(fs::read_dir(folder.path()).expect("listed").next().is_none());
}

#[test]
fn the_wrapper_is_found_with_its_version() {
    let folder = temporary();
    let found = find::given(&wrapper(), &places(folder.path())).expect("chromium must be installed");
    assert!(found.version.major() >= 122 && found.name.contains("Chrom"), "{found:?}");
}

fn places(temporary: &Path) -> Places {
    let search = std::env::split_paths(&std::env::var_os("PATH").expect("PATH")).collect();
    Places { search, temporary: temporary.to_owned(), ..Places::default() }
}

/// The processes of a group that are not yet dead.
fn group(leader: u32) -> Vec<u32> {
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

fn found_in(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// The files under `folder` in which `text` stands.
fn found(folder: &Path, text: &[u8]) -> Vec<PathBuf> {
    let mut hits = Vec::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten().filter(|e| e.file_type().is_file()) {
        let bytes = fs::read(entry.path()).unwrap_or_default();
        if found_in(&bytes, text) {
            hits.push(entry.into_path());
        }
    }
    hits
}

/// Not a promise but a figure: `cargo test --test browser -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn how_long_a_page_takes() {
    let (site, folder) = (Site::start(), temporary());
    let started = Instant::now();
    let mut browser = start(folder.path(), rehearsal());
    println!("start {:?}", started.elapsed());
    for path in ["/", "/", "/", "/", "/", "/lazy", "/tall"] {
        let started = Instant::now();
        let (page, pieces) = keep(&mut browser, &site.url(path));
        let bytes: usize = pieces.values().map(Vec::len).sum();
        println!("{path} {:?} {bytes} bytes {:?}", started.elapsed(), page.timings);
    }
    let started = Instant::now();
    drop(browser);
    println!("end {:?}", started.elapsed());
}

#[test]
fn certificates_are_recorded_and_their_errors_not_passed_over() {
    let folder = temporary();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let run = |arguments: &[&str]| {
        let done = std::process::Command::new("openssl").args(arguments).output().expect("openssl");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    let (key, certificate) = (at("key.pem"), at("certificate.pem"));
    run(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        &key,
        "-out",
        &certificate,
        "-days",
        "30",
        "-subj",
        "/CN=Sample School",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]);
    let der = run(&["x509", "-in", &certificate, "-outform", "DER"]);
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let server = std::process::Command::new("openssl")
        .args(["s_server", "-quiet", "-www", "-key", &key, "-cert", &certificate])
        .args(["-accept", &format!("127.0.0.1:{port}")])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("openssl");
    let _server = Killed(server);
    let until = Instant::now() + Duration::from_secs(5);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() && Instant::now() < until {
        thread::sleep(Duration::from_millis(20));
    }
    let url = format!("https://127.0.0.1:{port}/");

    let mut browser = start(folder.path(), rehearsal());
    let outcome = keep_within(&mut browser, &url, &Limits::default());
    let Err(PageError::NotLoaded(failed)) = outcome else { panic!("{outcome:?}") };
    assert!(failed.why.contains("ERR_CERT_AUTHORITY_INVALID"), "{failed:?}");
    drop(browser);

    // A browser that was told, by its wrapper, to trust this one key.
    let public = folder.path().join("public.pem");
    fs::write(&public, run(&["x509", "-in", &certificate, "-noout", "-pubkey"])).expect("written");
    let spki = run(&["pkey", "-pubin", "-in", &public.display().to_string(), "-outform", "DER"]);
    let pin = base64(countersign::digest::Digest::of(&spki).as_bytes());
    let trusting = folder.path().join("trusting.sh");
    let script = format!(
        "#!/bin/sh\nexec '{}' --ignore-certificate-errors-spki-list='{pin}' \"$@\"\n",
        wrapper().display()
    );
    fs::write(&trusting, script).expect("written");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&trusting, executable).expect("set");
    let mut browser = start_with(folder.path(), rehearsal(), Cancel::never(), &trusting)
        .expect("chromium must be installed");
    let (page, _) = keep(&mut browser, &url);
    let shown = page.certificate.expect("a certificate");
    assert_eq!(shown.chain, [countersign::digest::Digest::of(&der)]);
    assert_eq!(shown.subject.as_deref(), Some("Sample School"));
    assert!(shown.protocol.is_some_and(|protocol| protocol.starts_with("TLS")));
}

struct Killed(std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |group: u32, place: u32| char::from(DIGITS[(group >> (18 - 6 * place) & 63) as usize]);
    let mut text = String::new();
    for piece in bytes.chunks(3) {
        let group = (0..3).fold(0, |group, i| group << 8 | u32::from(piece.get(i).copied().unwrap_or(0)));
        for place in 0..4 {
            text.push(if place as usize <= piece.len() { digit(group, place) } else { '=' });
        }
    }
    text
}
