//! The guard's points, one by one, by requests that no browser of the
//! reviewers would send.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::opening::guide;
use crate::support::{Browser, Guide};
use crate::world::World;

fn get(guide: &Guide, path: &str, host: &str, more: &str) -> u16 {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n");
    guide.raw(request.as_bytes()).map_or(0, |seen| seen.status)
}

#[test]
fn it_listens_on_this_computer_alone() {
    let (_folder, guide) = guide();
    let port = guide.host().split(':').nth(1).expect("a port").to_owned();
    // Any other address of this computer is free to take.
    for other in ["127.0.0.2", "0.0.0.0", "[::1]"] {
        match TcpListener::bind(format!("{other}:{port}")) {
            Ok(_) => {}
            Err(error) => assert_ne!((other, error.kind()), ("127.0.0.2", std::io::ErrorKind::AddrInUse)),
        }
    }
    assert!(TcpStream::connect(format!("127.0.0.2:{port}")).is_err());
    assert_ne!(port, guide_port_of_another());
}

fn guide_port_of_another() -> String {
    let (_folder, guide) = guide();
    guide.host().split(':').nth(1).expect("a port").to_owned()
}

#[test]
fn the_host_is_exact() {
    let (_folder, guide) = guide();
    let browser = Browser::enter(&guide);
    let ours = guide.host();
    let port = ours.split(':').nth(1).expect("a port");
    let more = format!("Cookie: {}\r\nSec-Fetch-Site: same-origin\r\n", browser.cookie);
    assert_eq!(get(&guide, "/", ours, &more), 200);
    for host in [
        format!("localhost:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{port}"),
        format!("127.0.0.1.example.org:{port}"),
        format!("evil.example:{port}"),
        format!("{ours}0"),
        format!("{ours}.example.org"),
        format!("127.1:{port}"),
        format!("[::1]:{port}"),
        String::new(),
    ] {
        assert_ne!(get(&guide, "/", &host, &more), 200, "{host:?}");
    }
    // Twice, not at all, and in the request's line.
    assert_ne!(get(&guide, "/", ours, &format!("Host: evil.example\r\n{more}")), 200);
    let none = format!("GET / HTTP/1.1\r\nConnection: close\r\n{more}\r\n");
    assert_ne!(guide.raw(none.as_bytes()).map_or(0, |seen| seen.status), 200);
    assert_ne!(get(&guide, "http://evil.example/", ours, &more), 200);
}

#[test]
fn where_a_request_comes_from_is_exact() {
    let (_folder, guide) = guide();
    let browser = Browser::enter(&guide);
    let ours = guide.host();
    let with = |site: &str| format!("Cookie: {}\r\n{site}", browser.cookie);
    for site in ["same-origin", "none"] {
        assert_eq!(get(&guide, "/", ours, &with(&format!("Sec-Fetch-Site: {site}\r\n"))), 200);
    }
    for site in ["cross-site", "same-site", "", "none, same-origin", "NONE"] {
        let line = format!("Sec-Fetch-Site: {site}\r\n");
        assert_eq!(get(&guide, "/", ours, &with(&line)), 403, "{site:?}");
        // Not even a style or the link is given to another page.
        assert_eq!(get(&guide, "/assets/style.css", ours, &with(&line)), 403, "{site:?}");
    }
    assert_eq!(get(&guide, "/", ours, &with("")), 403, "no browser");
    assert_eq!(get(&guide, "/", ours, &with("Sec-Fetch-Site: none\r\nSec-Fetch-Site: none\r\n")), 403);
}

#[test]
fn a_form_needs_its_origin_and_its_token() {
    let (_folder, guide) = guide();
    let browser = Browser::enter(&guide);
    let ours = guide.host().to_owned();
    let token = browser.hidden("/stop")[0].1.clone();
    let post = |origin: &str, site: &str, cookie: &str, body: &str, kind: &str| {
        let request = format!(
            "POST /stop HTTP/1.1\r\nHost: {ours}\r\nConnection: close\r\n{origin}{site}Cookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        guide.raw(request.as_bytes()).map_or(0, |seen| seen.status)
    };
    let origin = format!("Origin: http://{ours}\r\n");
    let site = "Sec-Fetch-Site: same-origin\r\n";
    let body = format!("token={token}");
    let kind = "application/x-www-form-urlencoded";
    let cookie = browser.cookie.as_str();
    assert_eq!(post(&origin, site, cookie, &body, kind), 200);
    for wrong in ["", "Origin: null\r\n", "Origin: http://127.0.0.1\r\n", "Origin: https://evil.example\r\n"]
    {
        assert_eq!(post(wrong, site, cookie, &body, kind), 403, "{wrong:?}");
    }
    let other_scheme = format!("Origin: https://{ours}\r\n");
    assert_eq!(post(&other_scheme, site, cookie, &body, kind), 403);
    for wrong in ["Sec-Fetch-Site: none\r\n", "Sec-Fetch-Site: same-site\r\n", ""] {
        assert_eq!(post(&origin, wrong, cookie, &body, kind), 403, "{wrong:?}");
    }
    for wrong in ["", "token=", "token=00", &format!("token={}", &token[1..]), &format!("x={token}")] {
        assert_eq!(post(&origin, site, cookie, wrong, kind), 403, "{wrong:?}");
    }
    // Another form's token, another session's, no session's.
    let other = guide_token_of_another_form(&browser);
    assert_eq!(post(&origin, site, cookie, &format!("token={other}"), kind), 403);
    assert_eq!(post(&origin, site, "", &body, kind), 403);
    let name = cookie.split('=').next().expect("a name");
    assert_eq!(post(&origin, site, &format!("{name}={}", "0".repeat(64)), &body, kind), 403);
    // A second cookie of the name, as another server of this computer can set,
    // opens nothing and shuts nobody out.
    for two in [format!("{cookie}; {name}=x"), format!("{name}=x; {cookie}")] {
        assert_eq!(post(&origin, site, &two, &body, kind), 200);
    }
    assert_eq!(post(&origin, site, &format!("{name}=x; {name}=y"), &body, kind), 403);
    // Bodies that a page of another site can send without asking.
    for wrong in ["text/plain", "application/json", ""] {
        assert_eq!(post(&origin, site, cookie, &body, wrong), 415, "{wrong:?}");
    }
    assert_eq!(post(&origin, site, cookie, &body, "multipart/form-data; boundary=x"), 403);
}

fn guide_token_of_another_form(browser: &Browser<'_>) -> String {
    let mut other = Browser {
        guide: browser.guide,
        cookie: browser.cookie.clone(),
        path: "/".into(),
        page: browser.page.clone(),
    };
    other.get("/end");
    other.hidden("/end")[0].1.clone()
}

#[test]
fn other_methods_are_refused() {
    let (_folder, guide) = guide();
    let browser = Browser::enter(&guide);
    for method in ["PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "CONNECT", "get"] {
        let request = format!(
            "{method} / HTTP/1.1\r\nHost: {}\r\nOrigin: http://{}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            guide.host(),
            guide.host(),
            browser.cookie
        );
        let status = guide.raw(request.as_bytes()).map_or(0, |seen| seen.status);
        assert!(status == 405 || status == 421 || status == 400, "{method}: {status}");
    }
}

#[test]
fn a_link_works_once_and_leaves_a_cookie_that_scripts_cannot_read() {
    let (_folder, guide) = guide();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: none\r\nConnection: close\r\n\r\n",
        guide.way_in(),
        guide.host()
    );
    let first = guide.raw(request.as_bytes()).expect("an answer");
    assert_eq!((first.status, first.header("location")), (303, "/"));
    let cookie = first.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict; Path=/"), "{cookie}");
    assert_eq!(cookie.split(['=', ';']).nth(1).map(str::len), Some(64), "256 bits: {cookie}");
    assert!(!first.text().contains(guide.way_in()));
    let second = guide.raw(request.as_bytes()).expect("an answer");
    assert_eq!(second.status, 403);
    assert!(second.text().contains("start Countersign again"), "{}", second.text());
    assert_eq!(second.header("set-cookie"), "");
    // Guessed, and without one.
    let more = "Sec-Fetch-Site: none\r\n";
    assert_eq!(get(&guide, &format!("/enter/{}", "0".repeat(64)), guide.host(), more), 403);
    assert_eq!(get(&guide, "/enter/", guide.host(), more), 403);
    assert_eq!(get(&guide, "/", guide.host(), more), 403);
}

#[test]
fn every_answer_is_sealed_off() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    for path in [
        "/",
        "/open",
        "/assets/style.css",
        "/assets/guide.js",
        "/nothing",
        "/assets/nothing",
        "/case/2026-0099",
    ] {
        let page = browser.get(path);
        for (name, value) in [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(page.header(name), value, "{path}");
        }
        assert!(!page.text().contains("style=") && !page.text().contains("onclick"), "{path}");
    }
    let refused = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", guide.host());
    let refused = guide.raw(refused.as_bytes()).expect("an answer");
    assert_eq!((refused.status, refused.header("content-security-policy")), (403, policy));
}

#[test]
fn a_form_that_is_too_long_is_refused_unread() {
    let (_folder, guide) = guide();
    let browser = Browser::enter(&guide);
    let token = browser.hidden("/stop")[0].1.clone();
    let head = |length: usize| {
        format!(
            "POST /stop HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: {1}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
            guide.host(),
            browser.cookie
        )
    };
    let body = format!("token={token}&x={}", "a".repeat(2_000_000));
    let mut request = head(body.len()).into_bytes();
    request.extend(body.as_bytes());
    assert_eq!(guide.raw(&request).map_or(413, |seen| seen.status), 413);
    let body = format!("token={token}{}", "&a=".repeat(5000));
    let mut request = head(body.len()).into_bytes();
    request.extend(body.as_bytes());
    assert_eq!(guide.raw(&request).map_or(0, |seen| seen.status), 413);
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        "a".repeat(100_000),
        guide.host()
    );
    assert_ne!(guide.raw(long.as_bytes()).map_or(0, |seen| seen.status), 200);
    assert_eq!(Browser::enter_again(&guide), 200);
}

#[test]
fn requests_that_never_end_do_not_keep_others_out() {
    let (_folder, guide) = guide();
    let browser = Browser::enter(&guide);
    let slow: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = TcpStream::connect(guide.address()).expect("connects");
            stream.write_all(b"GET / HTTP/1.1\r\nHost: ").expect("writes");
            stream
        })
        .collect();
    let more = format!("Cookie: {}\r\nSec-Fetch-Site: same-origin\r\n", browser.cookie);
    assert_eq!(get(&guide, "/", guide.host(), &more), 200);
    let began = Instant::now();
    for mut stream in slow {
        stream.set_read_timeout(Some(Duration::from_secs(90))).expect("a limit");
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest);
        assert!(ended.is_ok(), "still open after {:?}", began.elapsed());
    }
}

/// A program of this computer that holds every place which it can get, and
/// does not end, keeps nobody from a stop, and ends nothing that goes on.
#[test]
fn strangers_who_stay_keep_nobody_from_a_stop() {
    let (folder, guide) = guide();
    let world = World { folder, ..World::new() };
    let case = world.open().folder().reference();
    let mut browser = Browser::enter(&guide);
    let live = format!(
        "GET /case/{case}/live HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\r\n",
        guide.host(),
        browser.cookie
    );
    let mut events = TcpStream::connect(guide.address()).expect("connects");
    events.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
    events.write_all(live.as_bytes()).expect("writes");
    let mut heard = String::new();
    let mut hear = |words: &str| {
        let (mut part, until) = ([0; 4096], Instant::now() + Duration::from_secs(60));
        while !heard.contains(words) {
            assert!(Instant::now() < until, "no {words:?} in:\n{heard}");
            let read = events.read(&mut part).expect("goes on");
            assert_ne!(read, 0, "the live events ended:\n{heard}");
            heard.push_str(&String::from_utf8_lossy(&part[..read]));
        }
    };
    hear("event: state");
    let strangers: Vec<TcpStream> = (0..400)
        .map(|number| {
            let mut stream = TcpStream::connect(guide.address()).expect("connects");
            if number % 2 == 0 {
                let _ = stream.write_all(b"POST /stop HTTP/1.1\r\nHost: ");
            }
            stream
        })
        .collect();
    browser.get(&format!("/case/{case}"));
    let began = Instant::now();
    browser.send(&format!("/case/{case}/stop"), &[]);
    browser.sees("Do not look again");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    hear("event: stopped");
    drop(strangers);
}

#[test]
fn a_second_start_gives_a_link_into_the_first() {
    let (folder, guide) = guide();
    let home = folder.path().join("home");
    let note = std::fs::read_to_string(home.join("guide")).expect("the note of the first");
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(std::fs::metadata(home.join("guide")).expect("is there").mode() & 0o077, 0);
    }
    let second = Guide::start(&home);
    assert_eq!(second.host(), guide.host());
    assert_ne!(second.link, guide.link);
    let browser = Browser::enter_by(&guide, second.way_in());
    assert_eq!(browser.page.status, 200);
    // Whoever does not know the secret gets nothing.
    let port = note.split_whitespace().nth(1).expect("a port");
    for words in [format!("{}\n", "0".repeat(64)), "GET /enter HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3)] {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("connects");
        stream.write_all(words.as_bytes()).expect("writes");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    }
}

impl Browser<'_> {
    /// Whether the guide still lets somebody in, by the answer's status.
    fn enter_again(guide: &Guide) -> u16 {
        let request = format!(
            "GET /assets/style.css HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: none\r\nConnection: close\r\n\r\n",
            guide.host()
        );
        guide.raw(request.as_bytes()).map_or(0, |seen| seen.status)
    }
}

/// Every address of the table, as it stands in the source: a page that is
/// added later is held by this, too.
#[test]
fn no_page_answers_a_stranger() {
    let (_folder, guide) = guide();
    let source = format!("{}/src/program/web/pages.rs", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(source).expect("the table");
    let addresses: Vec<String> = source
        .split(".route(")
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .map(|address| {
            let filled = address.split('/').map(|part| match part {
                "{case}" => "2026-0001",
                part if part.starts_with('{') => "1",
                part => part,
            });
            filled.collect::<Vec<_>>().join("/")
        })
        .collect();
    assert!(addresses.len() > 15, "{addresses:?}");
    let host = guide.host();
    for address in addresses {
        let more = "Sec-Fetch-Site: same-origin\r\n";
        assert_eq!(get(&guide, &address, host, more), 403, "{address}");
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let request = format!(
                "POST {address} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {kind}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            assert_eq!(guide.raw(request.as_bytes()).map_or(0, |seen| seen.status), 403, "{address}");
        }
    }
}
