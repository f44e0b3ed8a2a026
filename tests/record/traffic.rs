//! The traffic of pages that people visit: of what is on the screen, and of
//! nothing before it.

use std::sync::Arc;

use countersign_case::capture::Traffic;
use countersign_record::journal::{Kept, Role, Seen};

use crate::desk::{Remote, recording_with};
use crate::reader::Package;
use crate::site::{self, Site};
use crate::world::World;

/// In ISO 8859-1.
const OLD: &str = "<title>Old</title><p>café</p><img src=/shared.svg>\
    <script>fetch('/late').then(a => a.text())\
    .then(t => { document.title = t; history.pushState(0, '', '/elsewhere') })</script>";

fn pages() -> Site {
    let cached = "200 OK\r\nContent-Type: image/svg+xml\r\nCache-Control: max-age=3600";
    Site::serving(Arc::new(move |request, to| match request.path.as_str() {
        "/secret" => site::html(to, "<title>Before</title>BEFORE-WORDS<img src=/shared.svg>"),
        "/old" => site::answer(
            to,
            "200 OK\r\nContent-Type: text/html; charset=iso-8859-1",
            &OLD.chars().map(|c| c as u8).collect::<Vec<_>>(),
        ),
        "/late" => site::answer(to, "200 OK\r\nContent-Type: text/plain", b"Loaded late"),
        "/shared.svg" => site::answer(to, cached, b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        _ => site::answer(to, "404 Not Found", b""),
    }))
}

fn package(remote: &Remote<'_>, kept: &Kept) -> Package {
    let files: Vec<_> = kept.files.iter().filter(|file| file.role == Role::Traffic).collect();
    assert_eq!(files.len(), 1, "{kept:?}");
    Package::read(&std::fs::read(remote.case.file(files[0])).expect("is there"))
}

#[test]
fn it_is_of_the_page_on_the_screen_and_of_none_before() {
    let (site, world) = (pages(), World::new());
    let mut case = world.open();
    let (ended, _) =
        recording_with(&world, &mut case, Some(&site.url("/secret")), (None, Traffic::Kept), |remote| {
            remote.visit(&site.url("/secret"));
            remote.go(&site.url("/old"));
            remote.visit(&site.url("/elsewhere"));
            let kept = remote.keep();
            assert_eq!(kept.title.as_ref().map(|title| title.as_str()), Some("Loaded late"));
            let is_missing =
                |absence: &&Seen| absence.as_str().contains("traffic") && !absence.as_str().contains("UTF-8");
            assert_eq!(kept.absences.iter().find(is_missing), None);
            let first = package(remote, &kept);
            assert_eq!(
                first.page(),
                site.url("/old"),
                "where it was loaded from, not where it says that it is"
            );
            let page = first.answer("/old");
            assert!(page.has_latin(OLD), "{page:?}");
            assert_eq!(first.answer("/late").content(), b"Loaded late");
            // Not out of the store that the page before had filled.
            assert_eq!(first.answer("/shared.svg").content(), b"<svg xmlns='http://www.w3.org/2000/svg'/>");
            assert!(first.of("response", "/secret").is_empty());
            for record in &first.records {
                assert!(!String::from_utf8_lossy(&record.block).contains("BEFORE-WORDS"));
            }
            // Kept again, it is whole again.
            let second = package(remote, &remote.keep());
            assert_eq!(second.answer("/old").content(), page.content());
        });
    ended.expect("it ends");
}

#[test]
fn without_the_option_there_is_none() {
    let (site, world) = (pages(), World::new());
    let mut case = world.open();
    let start = site.url("/old");
    let (ended, _) = recording_with(&world, &mut case, Some(&start), (None, Traffic::NotKept), |remote| {
        remote.visit(&start);
        let kept = remote.keep();
        assert!(kept.files.iter().all(|file| file.role != Role::Traffic), "{kept:?}");
    });
    ended.expect("it ends");
}
