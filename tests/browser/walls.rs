//! What a page reaches, and what it leaves on this computer.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use countersign_browser::network::address::Address;
use countersign_browser::network::reach::Reach;
use countersign_browser::network::wall::Outcome;
use countersign_browser::page::PageError;
use countersign_browser::page::facts::{Absence, Piece};
use countersign_browser::program::launch;

use crate::desk::{found, found_in, group, keep, keep_within, rehearsal, short, start, temporary};
use crate::site::Site;

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
    let (port, count) = crate::site::udp();
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
    let during = found(folder.path(), crate::site::CANARY);
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
fn files_and_the_browsers_own_pages_stay_out() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let (page, pieces) = keep(&mut browser, &site.url("/forbidden"));
    assert_eq!((page.title.as_deref(), &page.url), (Some("Forbidden"), &site.url("/forbidden")));
    for (piece, bytes) in pieces.iter().filter(|(piece, _)| **piece == Piece::Archive) {
        assert!(!found_in(bytes, b"root:x:") && !found_in(bytes, b"Chromium"), "{piece:?}");
    }
}
