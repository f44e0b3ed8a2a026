//! What stays closed in a recording, is journaled, and leaves nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use countersign_case::capture::{self, Event, Unmet};

use crate::desk::{PATIENCE, recording, serving};
use crate::processes::processes;
use crate::site::{self, Site, html};
use crate::world::World;

#[test]
fn files_downloads_and_the_browsers_own_pages_are_denied_and_journaled() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/")), |remote| {
        remote.visit(&site.url("/"));
        remote.go(&site.url("/download"));
        assert_eq!(remote.denied(&site.url("/download")), "the download of x.exe was denied");
        remote.go(&site.url("/offers"));
        remote.visit(&site.url("/offers"));
        for url in ["file:///etc/passwd", "chrome://version/", "view-source:http://example.org/"] {
            remote.go(url);
            assert!(remote.denied(url).contains("begins with"), "{url}");
        }
    });
    ended.expect("recorded");
    assert!(!events.is_empty());
    let downloads = files(world.folder.path()).into_iter().filter(|path| holds(path, b"DOWNLOADED-BYTES"));
    assert_eq!(downloads.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

#[test]
fn a_certificate_that_is_not_valid_is_recorded_and_not_passed_over() {
    let world = World::new();
    let at = |name: &str| world.folder.path().join(name).display().to_string();
    let (key, certificate) = (at("key.pem"), at("certificate.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-out", &certificate])
        .args(["-days", "30", "-subj", "/CN=Sample School", "-addext", "subjectAltName=IP:127.0.0.1"])
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let mut server = Command::new("openssl")
        .args(["s_server", "-quiet", "-www", "-key", &key, "-cert", &certificate])
        .args(["-accept", &format!("127.0.0.1:{port}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl");
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let url = format!("https://127.0.0.1:{port}/");
    let mut case = world.open();
    let site = Site::start();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/")), |remote| {
        remote.visit(&site.url("/"));
        remote.go(&url);
        let failure = remote.visit(&url).failure.expect("it failed").to_string();
        assert!(failure.contains("ERR_CERT") && failure.contains("not passed over"), "{failure}");
        // The page before it does not stay as if nothing had happened.
        let is_answer = |event: &&Event| matches!(event, Event::Kept { .. } | Event::Refused { .. });
        let until = Instant::now() + PATIENCE;
        loop {
            let before = remote.events().iter().filter(is_answer).count();
            remote.say(capture::Command::Keep);
            let answer = remote.wait_for(|events| events.iter().filter(is_answer).nth(before).cloned());
            if matches!(answer, Event::Refused { why: Unmet::NoPage, .. }) {
                break;
            }
            assert!(Instant::now() < until, "the page before it is still there: {answer:?}");
        }
        remote.go(&site.url("/404"));
        remote.visit(&site.url("/404"));
    });
    let _ = server.kill();
    let _ = server.wait();
    ended.expect("recorded");
    let ours = events.iter().filter(|event| format!("{event:?}").contains("data:text"));
    assert_eq!(ours.count(), 0, "the words in its place are not on record");
}

#[test]
fn permissions_are_denied() {
    let site = serving(|request, to| {
        (request.path == "/asks").then(|| {
            html(
                to,
                "<title>asking</title><script>(async () => { const said = []; \
                 for (const name of ['camera', 'geolocation', 'notifications', 'clipboard-read']) { \
                 try { said.push((await navigator.permissions.query({ name })).state) } catch (e) { said.push('none') } } \
                 history.replaceState(0, '', '/said-' + said.join('-')) })()</script>",
            )
        })
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/asks")), |remote| {
        remote.visit(&site.url("/said-denied-denied-denied-denied"));
    });
    ended.expect("recorded");
}

#[test]
fn the_pages_own_world_shows_no_trace_of_the_listener() {
    let site = serving(|request, to| {
        (request.path == "/looks").then(|| {
            html(
                to,
                "<title>looks</title><script>addEventListener('load', () => { \
                 const seen = [typeof recorder, document.scripts.length, document.documentElement.attributes.length, \
                 Object.getOwnPropertyNames(window).includes('recorder')]; \
                 dispatchEvent(new KeyboardEvent('keydown', { key: 'S', code: 'KeyS', ctrlKey: true, shiftKey: true })); \
                 history.replaceState(0, '', '/seen-' + seen.join('-')) })</script>",
            )
        })
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/looks")), |remote| {
        remote.visit(&site.url("/seen-undefined-1-0-false"));
    });
    // Keys that a page makes up stop nothing.
    assert_eq!(ended.expect("recorded").why, countersign_case::capture::Ending::Asked);
}

#[test]
fn nothing_listens_and_nothing_is_left_but_what_was_kept() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/")), |remote| {
        remote.visit(&site.url("/"));
        let browsers = processes(remote.browsers);
        assert!(!browsers.is_empty());
        for (process, _) in browsers {
            assert!(!listens(process), "process {process} listens at a socket");
        }
    });
    ended.expect("recorded");
    let hits: Vec<PathBuf> =
        files(world.folder.path()).into_iter().filter(|p| holds(p, site::CANARY)).collect();
    assert_eq!(hits, Vec::<PathBuf>::new(), "nothing was kept, so nothing is there");
    let left: Vec<_> = fs::read_dir(world.folder.path().join("browsers")).expect("listed").collect();
    assert!(left.is_empty(), "{left:?}");
}

fn listens(process: u32) -> bool {
    let links = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    let sockets: Vec<String> = links
        .filter_map(|entry| {
            let link = fs::read_link(entry.path()).ok()?;
            Some(link.to_string_lossy().strip_prefix("socket:[")?.trim_end_matches(']').to_owned())
        })
        .collect();
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().any(|table| {
        let table = fs::read_to_string(table).expect("a table");
        table.lines().skip(1).any(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            columns[3] == "0A" && sockets.iter().any(|socket| socket == columns[9])
        })
    })
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

pub fn holds(path: &Path, needle: &[u8]) -> bool {
    let bytes = fs::read(path).unwrap_or_default();
    memchr::memmem::find(&bytes, needle).is_some()
}
