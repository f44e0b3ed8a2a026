//! A page that shows what a case of the home withholds: nothing of it stays,
//! and people are asked whether to stop. With a real browser.

use std::fs;
use std::io::Write as _;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use countersign_browser::program::find::FindError;
use countersign_case::capture::{
    Area, AttachRequest, CaptureError, Command, KeepRequest, Network, Starter, Traffic, Without, attach, keep,
};
use countersign_case::case::{Halt, Held, raise};
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, File, Reference, Side};

use crate::desk::{Remote, read, recording_with, serving};
use crate::recorder::{account, chromium, let_pass};
use crate::site::{Site, answer, canary, html};
use crate::world::{World, text};

/// The picture as the main answer, in a page, from a style, and written out.
const SHOWN: [&str; 5] = ["/canary.png", "/shows", "/styled", "/written", "/framed"];

fn site() -> Site {
    serving(|request, to| match request.path.as_str() {
        "/canary.png" => Some(answer(to, "200 OK\r\nContent-Type: image/bmp", &canary())),
        "/shows" => Some(html(to, "<title>Shows</title><p>Words</p><img src=/canary.png>")),
        "/styled" => {
            Some(html(to, "<style>p { background: url(/canary.png); height: 90px }</style><p>Words</p>"))
        }
        "/written" => {
            let coded = BASE64.encode(canary());
            Some(html(to, &format!("<p>Words</p><img src=\"data:image/png;base64,{coded}\">")))
        }
        "/other" => Some(html(to, "<title>Other</title><p>Words")),
        "/framed" => Some(html(to, "<p>Words</p><iframe src=/shows></iframe>")),
        _ => None,
    })
}

/// A case of the home that withholds the picture.
fn withholding(world: &World) -> Reference {
    let mut case = world.open();
    let path = world.folder.path().join("x.png");
    fs::File::create(&path).and_then(|mut file| file.write_all(&canary())).expect("writes");
    let request = AttachRequest { paths: &[path], producer: Side::A, description: &text("A picture") };
    attach(&mut case, request).expect("nothing is withheld yet");
    raise(case.folder(), Halt::default(), &world.clock).expect("stops");
    case.folder().reference()
}

fn refused(remote: &Remote<'_>, command: Command, word: &str, before: usize) -> String {
    remote.say(command);
    remote.wait_for(|events| {
        let refused = events.iter().filter_map(|event| match event {
            countersign_case::capture::Event::Refused { what, why } if *what == word => Some(why.to_string()),
            _ => None,
        });
        refused.skip(before).collect::<Vec<_>>().into_iter().next()
    })
}

#[test]
fn a_recording_keeps_nothing_of_a_page_that_shows_what_is_withheld() {
    let (world, site) = (World::new(), site());
    let first = withholding(&world);
    let mut case = world.open();
    let files = case.folder().files();
    let there = || fs::read_dir(&files).expect("lists").count();
    let before = there();
    let start = site.url(SHOWN[0]);
    let traffic = Traffic::Kept;
    let (ended, _) = recording_with(&world, &mut case, Some(&start), (None, traffic), |remote| {
        for (number, path) in SHOWN.iter().enumerate() {
            let url = site.url(path);
            remote.go(&url);
            remote.visit(&url);
            let why = refused(remote, Command::Keep, "keep", number);
            assert!(why.contains(&format!("is withheld in case {first}")), "{path}: {why}");
            let part = Area { x: 0, y: 0, width: 200, height: 40 };
            let why = refused(remote, Command::Area(part), "area", number);
            assert!(why.contains(&format!("is withheld in case {first}")), "a part of {path}: {why}");
            assert_eq!(there(), before, "{path}");
        }
        // The recording goes on, and other pages are kept as ever.
        let other = site.url("/other");
        remote.go(&other);
        remote.visit(&other);
        assert_eq!(remote.keep().final_url.as_str(), other);
    });
    assert_eq!(ended.expect("recorded").kept, 1);
    let folder = case.folder().clone();
    drop(case);
    let reading = read(&world, &folder);
    assert!(reading.ledger().files().all(|(file, _)| file.sha256 != Digest::of(&canary())));
    assert_eq!(fs::read_dir(folder.draft()).expect("lists").count(), 0);
}

#[test]
fn a_page_that_is_kept_without_a_window_is_refused_likewise() {
    let (world, site) = (World::new(), site());
    let first = withholding(&world);
    let mut case = world.open();
    let before: Vec<File> = case.ledger().files().map(|(file, _)| file.clone()).collect();
    let browsers = world.folder.path().join("browsers");
    fs::create_dir_all(&browsers).expect("a folder");
    let environment: Vec<_> = std::env::vars_os().collect();
    let (program, account) = (chromium(), account());
    let_pass(world.folder.path());
    let_pass(&browsers);
    for path in SHOWN {
        let url = site.url(path);
        let starter = Starter {
            program: &program,
            folder: &browsers,
            environment: &environment,
            account: account.as_ref(),
        };
        let network = Network::default();
        let request = KeepRequest {
            url: &url,
            producer: Side::A,
            with: Ok(starter),
            network: &network,
            traffic: Traffic::NotKept,
        };
        let Err(CaptureError::PageHeld { entry, held, .. }) = keep(&mut case, request) else {
            panic!("{path} was kept")
        };
        assert_eq!(held, Held::Withheld(first), "{path}");
        let Body::Visited(visited) = &case.ledger().last().body else { panic!("that it was asked for") };
        assert_eq!((entry, visited.visits[0].url.as_str()), (case.ledger().head(), url.as_str()));
        assert_eq!(visited.visits[0].title, None, "{path}");
    }
    // Without a browser the main answer alone is there to be compared.
    let url = site.url("/written");
    let none = Without::NoBrowser(Arc::new(FindError::None));
    let network = Network::default();
    let request = KeepRequest {
        url: &url,
        producer: Side::A,
        with: Err(none),
        network: &network,
        traffic: Traffic::NotKept,
    };
    assert!(matches!(keep(&mut case, request), Err(CaptureError::PageHeld { .. })));
    let after: Vec<File> = case.ledger().files().map(|(file, _)| file.clone()).collect();
    assert_eq!(before, after);
    assert_eq!(fs::read_dir(case.folder().files()).expect("lists").count(), before.len());
    assert_eq!(fs::read_dir(case.folder().draft()).expect("lists").count(), 0);
}
