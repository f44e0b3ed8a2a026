//! The wall: behind a school's proxy, against names that change their answer,
//! and where the computer's own rules overrule the browser's proxy.
#![cfg(target_os = "linux")]

#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/recorder.rs"]
mod recorder;
#[path = "support/site.rs"]
mod site;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use countersign_browser::network::address::Address;
use countersign_browser::network::proxy::Proxy;
use countersign_browser::network::reach::{Reach, Refusal};
use countersign_browser::network::wall::{Judge, Names, Outcome, Proxied, Refused, Wall};
use countersign_browser::page::facts::{Absence, KeptPage, Piece};
use countersign_browser::page::{self, Limits, PageError};
use countersign_browser::program::launch::{Browser, Cancel, Launch, Window};
use countersign_case::capture::answer;
use countersign_record::clock::{Clock, Time};
use proxy::{Manner, School};
use recorder::{account, chromium, temporary};
use site::Site;

struct Fixed(Instant);

impl Clock for Fixed {
    fn now(&self) -> Time {
        Time::parse("2026-11-22T14:30:00.000Z").expect("a time")
    }

    fn since_start(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Names that only the school's proxy knows, but for a few.
struct SchoolNames;

impl Names for SchoolNames {
    fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        match host {
            "known.example.org" => Ok(vec!["9.9.9.9".parse().expect("an IP address")]),
            "near.example.org" => Ok(vec![Ipv4Addr::LOCALHOST.into()]),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn judge(proxy: &str) -> Judge {
    let proxy: Proxy = proxy.parse().expect("a proxy");
    Judge::from(Reach::Public).behind(Some(proxy)).asking(Arc::new(SchoolNames))
}

fn behind(school: &School) -> Judge {
    judge(&school.address.to_string())
}

/// Asks the wall as a browser does; its answer and the connection.
fn ask(wall: &Wall, host: &str, port: u16) -> (u8, TcpStream) {
    let mut stream = TcpStream::connect(wall.address()).expect("the wall listens");
    stream.write_all(&[5, 1, 0]).expect("sent");
    stream.read_exact(&mut [0; 2]).expect("answered");
    let mut request = vec![5, 1, 0, 3, host.len() as u8];
    request.extend_from_slice(host.as_bytes());
    request.extend_from_slice(&port.to_be_bytes());
    stream.write_all(&request).expect("sent");
    let mut answer = [0; 10];
    stream.read_exact(&mut answer).expect("answered");
    (answer[1], stream)
}

fn start(folder: &Path, judge: impl Into<Judge>, program: &Path) -> Browser {
    let wall = Arc::new(Wall::start(judge).expect("a wall"));
    let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let cancel = Cancel::never();
    let account = account();
    let (environment, account) = (&environment, account.as_ref());
    Launch { program, folder, environment, account, window: Window::Headless, wall, cancel }
        .start()
        .expect("chromium must be installed for this test")
}

type Pieces = HashMap<Piece, Vec<u8>>;

fn keep(browser: &mut Browser, url: &str) -> Result<(KeptPage, Pieces), PageError> {
    let address = Address::parse(url, browser.wall().reach()).expect("an address within reach");
    let mut pieces = Pieces::new();
    let mut sink = |piece: Piece, bytes: &[u8]| {
        pieces.insert(piece, bytes.to_vec());
        Ok(())
    };
    let kept = page::keep(browser, &address, &Limits::default(), &Fixed(Instant::now()), &mut sink)?;
    Ok((kept, pieces))
}

#[test]
fn what_can_be_judged_here_never_reaches_the_proxy() {
    let site = Site::start();
    let school = School::start(Manner::Open, site.address);
    let wall = Wall::start(behind(&school)).expect("started");
    let near = [
        "localhost",
        "a.localhost",
        "127.0.0.1",
        "10.0.0.1",
        "[::1]",
        "::ffff:192.168.1.1",
        "169.254.169.254",
        "2130706433",
        "near.example.org",
        "intranet",
        "printer.local",
    ];
    for host in near {
        assert_eq!(ask(&wall, host, school.address.port()).0, 2, "{host}");
    }
    assert!(wall.attempts().iter().all(|a| matches!(a.outcome, Outcome::Refused(_))));
    for host in ["a b", "x\r\nX: y", "u@example.org", "example.org:80"] {
        assert_ne!(ask(&wall, host, 80).0, 0, "{host:?}");
    }
    assert_eq!(school.asked(), Vec::<String>::new());

    let checked = |host: &str| match wall.latest(host, 443) {
        Some(Outcome::Proxied(Proxied { proxy, checked })) if proxy == school.address => checked,
        other => panic!("{host}: {other:?}"),
    };
    assert_eq!(ask(&wall, "known.example.org", 443).0, 0);
    assert_eq!(checked("known.example.org"), Some("9.9.9.9".parse().expect("an IP address")));
    assert_eq!(ask(&wall, "www.example.org", 443).0, 0);
    assert_eq!(checked("www.example.org"), None, "said that it was not checked");
    assert_eq!(
        school.asked(),
        ["CONNECT known.example.org:443 HTTP/1.1", "CONNECT www.example.org:443 HTTP/1.1"]
    );
}

#[test]
fn a_proxys_refusal_is_said() {
    let site = Site::start();
    let school = School::start(Manner::SignIn, site.address);
    let wall = Wall::start(behind(&school)).expect("started");
    assert_eq!(ask(&wall, "www.example.org", 443).0, 2);
    let outcome = wall.latest("www.example.org", 443).expect("noted");
    assert!(
        matches!(outcome, Outcome::Denied(_)) && outcome.to_string().contains("name and password"),
        "{outcome}"
    );

    let signed = format!("http://staff:letmein@{}", school.address);
    let wall = Wall::start(judge(&signed)).expect("started");
    assert_eq!(ask(&wall, "www.example.org", 443).0, 0);

    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("bound").local_addr().expect("bound");
    let wall = Wall::start(judge(&closed.to_string())).expect("started");
    assert_eq!(ask(&wall, "www.example.org", 443).0, 5);
    let outcome = wall.latest("www.example.org", 443).expect("noted");
    assert!(matches!(&outcome, Outcome::Unreachable(why) if why.contains(&closed.to_string())), "{outcome}");
}

#[test]
fn a_proxy_that_connects_to_https_only_is_asked_for_each_plain_request() {
    let site = Site::start();
    let school = School::start(Manner::OnlyHttps, site.address);
    let wall = Wall::start(behind(&school)).expect("started");
    for _ in 0..2 {
        let (code, mut stream) = ask(&wall, "www.example.org", 80);
        assert_eq!(code, 0);
        // The second request would be for the proxy itself: it is not passed on.
        let both =
            "GET /cookie HTTP/1.1\r\nHost: www.example.org\r\n\r\nGET http://10.0.0.1/ HTTP/1.1\r\n\r\n";
        stream.write_all(both.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        assert!(answer.contains("<title>Cookies</title>"), "{answer}");
    }
    assert_eq!(
        school.asked(),
        [
            "CONNECT www.example.org:80 HTTP/1.1",
            "GET http://www.example.org:80/cookie HTTP/1.1",
            "GET http://www.example.org:80/cookie HTTP/1.1",
        ]
    );
    let (_, mut stream) = ask(&wall, "www.example.org", 8443);
    stream.write_all(&[0x16, 3, 1, 0, 1, 0, b'\r', b'\n', b'\r', b'\n']).expect("sent");
    assert_eq!(stream.read(&mut [0; 1]).expect("closed"), 0, "not a plain request");
    assert!(matches!(wall.latest("www.example.org", 8443), Some(Outcome::Denied(_))));
    assert_eq!(school.asked().len(), 3);
}

#[test]
fn pages_come_through_the_proxy_and_reach_nothing_near() {
    let victim = Site::start();
    let (site, folder) = (Site::start(), temporary());
    for manner in [Manner::Open, Manner::OnlyHttps] {
        let school = School::start(manner, site.address);
        let mut browser = start(folder.path(), behind(&school), &chromium());
        let (page, pieces) = keep(&mut browser, "http://www.example.org/").expect("kept");
        assert_eq!(page.title.as_deref(), Some("A plain page"), "{manner:?}");
        assert!(pieces.contains_key(&Piece::Screen) && pieces.contains_key(&Piece::Archive));
        assert_eq!(page.answer().expect("an answer").remote, None, "nobody here knows it");
        let host = "www.example.org".to_owned();
        assert_eq!(
            page.absences,
            [Absence::Proxied { proxy: school.address }, Absence::NotChecked { host }],
            "{manner:?}"
        );

        let attack = format!("http://www.example.org/reach-{}", victim.port());
        let (page, _) = keep(&mut browser, &attack).expect("kept");
        assert_eq!(victim.asked(), Vec::<String>::new(), "{manner:?}");
        assert!(
            page.attempts.iter().any(|a| matches!(a.outcome, Outcome::Refused(_))),
            "{:?}",
            page.attempts
        );
        let asked = school.asked();
        assert!(asked.iter().all(|line| line.contains("www.example.org")), "{asked:?}");
    }
}

#[test]
fn without_a_browser_the_answer_comes_through_the_proxy_too() {
    let site = Site::start();
    let school = School::start(Manner::Open, site.address);
    let judge = behind(&school);
    let ask = |url: &str| {
        let address = Address::parse(url, &Reach::Public).expect("an address");
        let mut content = Vec::new();
        let mut sink = |_: Piece, bytes: &[u8]| {
            content.extend_from_slice(bytes);
            Ok(())
        };
        let clock = Fixed(Instant::now());
        let kept =
            answer::keep(&address, &judge, answer::Limits::default(), &Cancel::never(), &clock, &mut sink);
        kept.map(|page| (page, content))
    };
    let (page, content) = ask("http://www.example.org/cookie").expect("kept");
    assert_eq!(content, b"<title>Cookies</title>");
    assert_eq!(page.answer().expect("an answer").remote, None);
    assert!(page.absences.contains(&Absence::Proxied { proxy: school.address }), "{:?}", page.absences);
    assert_eq!(school.asked(), ["GET http://www.example.org/cookie HTTP/1.1"]);
    let refused = ask("http://near.example.org/");
    assert!(
        matches!(&refused, Err(PageError::NotLoaded(failed))
            if matches!(failed.outcome, Some(Outcome::Refused(Refused { why: Refusal::Loopback, .. })))),
        "{refused:?}"
    );
    assert_eq!(school.asked().len(), 1);
}

/// A name that leads to the attacker's own site first, and to this computer
/// from the second time on.
#[derive(Default)]
struct Rebinding {
    asked: Mutex<u32>,
}

/// As near as 127.0.0.1, and refused even in a rehearsal.
const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl Names for Rebinding {
    fn look_up(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let mut asked = self.asked.lock().expect("count");
        *asked += 1;
        Ok(vec![if *asked == 1 { Ipv4Addr::LOCALHOST.into() } else { SECOND }])
    }
}

#[test]
fn a_name_that_changes_its_answer_is_judged_by_the_answer_that_is_used() {
    let site = Site::start();
    // The second answer would lead to the site as well: only the wall is between.
    assert!(TcpStream::connect(SocketAddr::new(SECOND, site.port())).is_ok());
    let names = Arc::new(Rebinding::default());
    let reach = Reach::Rehearsal { refused_ports: Vec::new() };
    let wall = Wall::start(Judge::from(reach).asking(Arc::clone(&names) as Arc<dyn Names>)).expect("started");
    assert_eq!(ask(&wall, "rebind.example", site.port()).0, 0);
    assert_eq!(*names.asked.lock().expect("count"), 1, "judged and connected by one look-up");
    assert_eq!(wall.latest("rebind.example", site.port()), Some(Outcome::Connected(site.address)));
    assert_eq!(ask(&wall, "rebind.example", site.port()).0, 2);
    let refused = Refused { ip: Some(SECOND), why: Refusal::Unspecified };
    assert_eq!(wall.latest("rebind.example", site.port()), Some(Outcome::Refused(refused)));
}

#[test]
fn a_page_cannot_rebind_its_own_name() {
    let (site, folder) = (
        Site::serving(Arc::new(|request, to| match request.path.as_str() {
            "/" => site::html(
                to,
                "<title>Rebinds</title><script>fetch('/secret').then(r => r.text())\
                 .then(t => { document.title = t }, () => { document.title = 'refused' })</script>x",
            ),
            _ => site::html(to, "the secret of this computer"),
        })),
        temporary(),
    );
    let reach = Reach::Rehearsal { refused_ports: Vec::new() };
    let judge = Judge::from(reach).asking(Arc::new(Rebinding::default()));
    let mut browser = start(folder.path(), judge, &chromium());
    let (page, _) = keep(&mut browser, &format!("http://rebind.example:{}/", site.port())).expect("kept");
    assert_eq!(page.title.as_deref(), Some("refused"), "{:?}", page.attempts);
    assert_eq!(site.asked(), ["/"]);
}

#[test]
fn a_browser_whose_proxy_is_overruled_still_meets_the_wall() {
    let (victim, site, folder) = (Site::start(), Site::start(), temporary());
    // As a policy of the computer does (`ProxyMode`): its word counts for more
    // than the switches.
    let overruled = folder.path().join("overruled.sh");
    let script = format!("#!/bin/sh\nexec '{}' \"$@\" --no-proxy-server\n", chromium().display());
    fs::write(&overruled, script).expect("written");
    fs::set_permissions(&overruled, fs::Permissions::from_mode(0o755)).expect("set");
    let reach = Reach::Rehearsal { refused_ports: vec![victim.port()] };
    let mut browser = start(folder.path(), reach, &overruled);
    let (page, _) = keep(&mut browser, &site.url(&format!("/reach-{}", victim.port()))).expect("kept");
    assert_eq!(victim.asked(), Vec::<String>::new());
    assert!(
        page.attempts.iter().any(|a| a.outcome == Outcome::Connected(site.address)),
        "{:?}",
        page.attempts
    );
    assert!(page.attempts.iter().any(|a| matches!(a.outcome, Outcome::Refused(_))), "{:?}", page.attempts);
}
