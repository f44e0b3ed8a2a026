//! What stays closed in a recording, is journaled, and leaves nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::desk::{processes, recording, serving};
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
    assert_eq!(ended.expect("recorded").why, countersign::capture::Ending::Asked);
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
