//! A page is kept as the server gave it, with what is missing said.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use countersign_browser::network::wall::Outcome;
use countersign_browser::page::facts::{Absence, Fidelity, How, Piece, REDACTED};

use crate::desk::{found, keep, rehearsal, start, temporary};
use crate::site::Site;

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

pub fn size(png: &[u8]) -> (u32, u32) {
    let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    (reader.info().width, reader.info().height)
}
