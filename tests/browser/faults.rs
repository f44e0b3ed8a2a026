//! Pages that do not end, answer, or stay.

use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use countersign_browser::page::facts::{Absence, Fidelity, Piece};
use countersign_browser::page::{Limits, PageError};

use crate::desk::{group, keep, keep_into, keep_within, rehearsal, short, start, temporary};
use crate::site::Site;

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
    assert_eq!(page.answer().and_then(|hop| hop.status), Some(200));

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
fn a_full_disk_ends_the_keeping_and_is_what_is_said() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    for room in 0..3 {
        let mut given = 0;
        let mut sink = |_: Piece, _: &[u8]| {
            given += 1;
            if given > room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        };
        let full = keep_into(&mut browser, &site.url("/tall"), &Limits::default(), &mut sink);
        let said = matches!(&full, Err(PageError::Sink(why)) if why.kind() == io::ErrorKind::StorageFull);
        assert!(said, "{full:?}");
        assert_eq!(given, room + 1, "nothing is given any more once something was refused");
    }
    let (page, _) = keep(&mut browser, &site.url("/"));
    assert_eq!(page.absences, []);
}
