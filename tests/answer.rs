//! The answer of a server, kept without a browser, against a site that
//! behaves badly.

#[path = "support/site.rs"]
mod site;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use countersign_browser::network::address::Address;
use countersign_browser::network::reach::Reach;
use countersign_browser::network::wall::Outcome;
use countersign_browser::page::PageError;
use countersign_browser::page::facts::{Absence, How, KeptPage, Piece, REDACTED};
use countersign_browser::program::launch::Cancel;
use countersign_case::capture::answer::{self, Limits};
use countersign_record::clock::{Clock, Time};
use site::Site;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Time {
        Time::parse("2026-11-22T14:30:00.000Z").expect("a time")
    }

    fn since_start(&self) -> Duration {
        Duration::ZERO
    }
}

fn rehearsal() -> Reach {
    Reach::Rehearsal { refused_ports: Vec::new() }
}

fn keep_with(url: &str, limits: Limits, cancel: &Cancel) -> Result<(KeptPage, Vec<u8>), PageError> {
    let address = Address::parse(url, &rehearsal()).expect("an address within reach");
    let mut content = Vec::new();
    let mut sink = |piece: Piece, bytes: &[u8]| {
        assert_eq!(piece, Piece::Content);
        content.extend_from_slice(bytes);
        Ok(())
    };
    let page = answer::keep(&address, &rehearsal().into(), limits, cancel, &Fixed, &mut sink)?;
    Ok((page, content))
}

fn keep(url: &str) -> Result<(KeptPage, Vec<u8>), PageError> {
    keep_with(url, Limits::default(), &Cancel::never())
}

#[test]
fn an_answer_is_kept_with_its_redirects() {
    let site = Site::start();
    let (page, content) = keep(&site.url("/redirect")).expect("kept");
    assert!(content.starts_with(b"<!DOCTYPE html><title>A plain page</title>"));
    assert_eq!((page.url.as_str(), page.view), (site.url("/").as_str(), None));
    let hops: Vec<(Option<u16>, How)> = page.hops.iter().map(|hop| (hop.status, hop.how)).collect();
    assert_eq!(hops, [(Some(302), How::Asked), (Some(301), How::Redirected), (Some(200), How::Redirected)]);
    assert!(page.hops.iter().all(|hop| hop.remote == Some(site.address)));
    assert_eq!(page.hops[0].header("set-cookie"), Some(REDACTED));
    assert_eq!(page.answer().and_then(|hop| hop.date()), Some("Sun, 22 Nov 2026 14:30:00 GMT"));
    assert_eq!(page.absences, [Absence::NoBrowser]);
    let (page, content) = keep(&site.url("/empty-404")).expect("kept");
    assert_eq!((page.answer().and_then(|hop| hop.status), content.len()), (Some(404), 0));
    let (page, _) = keep(&site.url("/401")).expect("kept");
    assert!(page.absences.contains(&Absence::SignIn { url: site.url("/401"), status: 401 }));
}

#[test]
fn a_server_that_never_ends_is_stopped_and_said() {
    let site = Site::start();
    let limits = Limits { time: Duration::from_secs(1), ..Limits::default() };
    let started = Instant::now();
    let (page, content) = keep_with(&site.url("/endless"), limits, &Cancel::never()).expect("kept so far");
    assert!(started.elapsed() < Duration::from_secs(3));
    assert!(content.starts_with(b"<title>Endless</title><p>line 0</p>"));
    assert!(page.absences.contains(&Absence::StoppedByTime { seconds: 1 }), "{:?}", page.absences);
    assert!(page.absences.contains(&Absence::ContentStops { at: content.len() as u64 }));

    let limits = Limits { bytes: 1 << 20, ..Limits::default() };
    let (page, content) = keep_with(&site.url("/flood"), limits, &Cancel::never()).expect("kept so far");
    assert_eq!(content.len(), 1 << 20);
    assert!(page.absences.contains(&Absence::StoppedBySize { bytes: 1 << 20 }));

    let limits = Limits { time: Duration::from_secs(1), ..Limits::default() };
    let silent = keep_with(&site.url("/silent"), limits, &Cancel::never());
    assert!(matches!(silent, Err(PageError::NotLoaded(_))), "{silent:?}");

    // Exactly as much as the limit is whole.
    let limits = Limits { bytes: 30, ..Limits::default() };
    let (page, content) = keep_with(&site.url("/drip"), limits, &Cancel::never()).expect("kept");
    assert_eq!((content.len(), page.absences.as_slice()), (30, [Absence::NoBrowser].as_slice()));
}

#[test]
fn redirects_are_judged_and_nothing_answers_is_said() {
    let inner = Site::start();
    let port = inner.port();
    let outer = Site::serving(Arc::new(move |request, to| {
        let target = match request.path.as_str() {
            "/near" => format!("http://localhost:{port}/"),
            "/file" => "file:///etc/passwd".to_owned(),
            _ => "/round".to_owned(),
        };
        site::answer(to, &format!("302 Found\r\nLocation: {target}"), b"")
    }));
    let reach = Reach::Rehearsal { refused_ports: vec![port] };
    for path in ["/near", "/file", "/round"] {
        let address = Address::parse(&outer.url(path), &reach).expect("within reach");
        let mut sink = |_: Piece, _: &[u8]| Ok(());
        let outcome = answer::keep(
            &address,
            &reach.clone().into(),
            Limits::default(),
            &Cancel::never(),
            &Fixed,
            &mut sink,
        );
        let Err(PageError::NotLoaded(failed)) = outcome else { panic!("{path}: {outcome:?}") };
        assert_eq!(failed.hops[0].status, Some(302), "{path}");
    }
    assert_eq!(inner.asked(), Vec::<String>::new());

    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let outcome = keep(&format!("http://127.0.0.1:{closed}/"));
    let Err(PageError::NotLoaded(failed)) = outcome else { panic!("{outcome:?}") };
    assert!(matches!(failed.outcome, Some(Outcome::Unreachable(_))), "{failed:?}");

    // No name is resolved for it: the top domain `invalid` never exists.
    let address = Address::parse("https://nowhere.invalid/", &Reach::Public).expect("an address");
    let mut sink = |_: Piece, _: &[u8]| Ok(());
    let outcome =
        answer::keep(&address, &Reach::Public.into(), Limits::default(), &Cancel::never(), &Fixed, &mut sink);
    let Err(PageError::NotLoaded(failed)) = outcome else { panic!("{outcome:?}") };
    assert!(matches!(failed.outcome, Some(Outcome::NotFound(_))), "{failed:?}");
}

#[test]
fn a_stop_is_heard_within_200_ms() {
    let site = Site::start();
    let raised = Arc::new(AtomicBool::new(false));
    let cancel = Cancel::flag(Arc::clone(&raised));
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        raised.store(true, Ordering::Relaxed);
        Instant::now()
    });
    let outcome = keep_with(&site.url("/silent"), Limits::default(), &cancel);
    let at = stopper.join().expect("stopped");
    assert!(matches!(outcome, Err(PageError::Cancelled)), "{outcome:?}");
    assert!(at.elapsed() < Duration::from_millis(200), "{:?}", at.elapsed());
}
