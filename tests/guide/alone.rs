//! The guide's session is the guide's alone: what cookies of others do to it,
//! what a stolen one opens, how many can come in, and what a browser without a
//! session can do.

use crate::opening::{guide, open};
use crate::support::{Browser, Guide, Seen};

fn send(guide: &Guide, head: &str, host: &str, cookies: &str, body: &str) -> Seen {
    let request = format!(
        "{head} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n\
         Cookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    guide.raw(request.as_bytes()).expect("an answer")
}

#[test]
fn each_guide_has_a_name_that_nobody_can_guess() {
    let (_one, one) = guide();
    let (_two, two) = guide();
    for guide in [&one, &two] {
        let (name, rest) = guide.host().split_once('.').expect("a name");
        assert_eq!((name.len(), rest.split(':').next()), (32, Some("localhost")), "{}", guide.host());
        assert!(name.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
    }
    assert_ne!(one.host().split('.').next(), two.host().split('.').next());
}

#[test]
fn a_stolen_cookie_alone_is_refused() {
    let (_folder, guide) = guide();
    let browser = Browser::enter(&guide);
    let (_other, other) = crate::opening::guide();
    let port = guide.port();
    assert_eq!(send(&guide, "GET /", guide.host(), &browser.cookie, "").status, 200);
    let elsewhere = other.host().split(':').next().expect("a name").to_owned();
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        format!("{}.localhost:{port}", "0".repeat(32)),
        format!("{elsewhere}:{port}"),
        format!("x.{}", guide.host()),
        guide.host().to_uppercase(),
        guide.host().replace(".localhost", ".localhost."),
    ] {
        let seen = send(&guide, "GET /", &host, &browser.cookie, "");
        assert_eq!((seen.status, seen.text().as_str()), (421, "Refused.\n"), "{host}");
        assert!(!format!("{:?}", seen.headers).contains(".localhost"), "the name is not told: {seen:?}");
    }
    // Nor is it of use to the guide of somebody else.
    assert_eq!(send(&other, "GET /", other.host(), &browser.cookie, "").status, 403);
}

#[test]
fn no_number_and_no_size_of_cookies_shuts_anybody_out() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    let name = browser.cookie.split('=').next().expect("a name").to_owned();
    let many = |count: usize, size: usize, name: &dyn Fn(usize) -> String| {
        let cookies: Vec<String> = (0..count).map(|n| format!("{}={}", name(n), "x".repeat(size))).collect();
        cookies.join("; ")
    };
    for others in [
        format!("{name}="),
        format!("{name}={}", "0".repeat(64)),
        many(180, 20, &|n| format!("c{n}")),
        many(180, 64, &|_| name.clone()),
        many(180, 4080, &|n| format!("c{n:03}")),
        many(180, 4080, &|_| name.clone()),
        format!("{};;=; ={name}; {name}", "é"),
    ] {
        for cookies in [format!("{others}; {}", browser.cookie), format!("{}; {others}", browser.cookie)] {
            let seen = send(&guide, &format!("GET {case}"), guide.host(), &cookies, "");
            assert_eq!(seen.status, 200, "{} bytes of {:.40}…", cookies.len(), cookies);
        }
        assert_eq!(send(&guide, &format!("GET {case}"), guide.host(), &others, "").status, 403);
    }
    let stuffed = many(180, 4080, &|_| name.clone());
    browser.get(&case);
    let token = browser.hidden(&format!("{case}/stop"))[0].1.clone();
    let cookies = format!("{stuffed}; {}", browser.cookie);
    let seen = send(&guide, &format!("POST {case}/stop"), guide.host(), &cookies, &format!("token={token}"));
    assert_eq!(seen.status, 303, "{}", seen.text());
}

#[test]
fn a_hundredth_start_does_not_crowd_out_the_first() {
    let (folder, guide) = guide();
    let first = Browser::enter(&guide);
    // Links that wait: nine are asked for before the first of them is used.
    let home = folder.path().join("home");
    let starts: Vec<Guide> = (0..9).map(|_| Guide::start(&home)).collect();
    for second in &starts {
        assert_eq!(Browser::enter_by(&guide, second.way_in()).page.status, 200);
    }
    let mut again = first.tab();
    assert_eq!(again.get("/").status, 200);
}

/// The form of the page that a browser without a session is shown.
fn outside<'g>(guide: &'g Guide, path: &str) -> Browser<'g> {
    let page = send(guide, &format!("GET {path}"), guide.host(), "", "");
    assert_eq!(page.status, 403);
    Browser { guide, cookie: String::new(), path: path.to_owned(), page }
}

#[test]
fn a_browser_without_its_session_can_stop_a_case_by_its_number_and_nothing_else() {
    let (folder, guide) = guide();
    let case = open(&mut Browser::enter(&guide));
    let marked = || folder.path().join("home/cases/2026-0001/halt-raised").exists();
    for path in ["/", &case, &format!("{case}/record"), "/register", "/enter/x"] {
        let page = outside(&guide, path).page.text();
        for secret in ["P-1234", "Jane", "Ali", "ADMIN", "Messages", "Form tutor"] {
            assert!(!page.contains(secret), "{path} says {secret}: {page}");
        }
        // Its number only where it stands in the address already.
        assert_eq!(page.contains("2026-0001\""), path.starts_with("/case/"), "{path}: {page}");
        assert_eq!(page.matches("<form").count(), 1, "one thing: {page}");
    }
    let mut browser = outside(&guide, "/");
    // What is no number, and a case that is not there.
    for (typed, said) in [
        ("", "such as 2026-0001"),
        ("P-1234", "such as 2026-0001"),
        ("2026-0099", "There is no case 2026-0099"),
    ] {
        browser.post("/outside/stop", &[("case", typed)]);
        assert_eq!(browser.page.status, 422, "{typed}");
        browser.sees(said);
    }
    assert!(!marked());
    // Its token is no token of a session's form, and works from nowhere else.
    let token = browser.hidden("/outside/stop")[0].1.clone();
    let body = format!("token={token}&case=2026-0001");
    assert_eq!(send(&guide, &format!("POST {case}/stop"), guide.host(), "", &body).status, 403);
    let elsewhere = format!("127.0.0.1:{}", guide.port());
    assert_eq!(send(&guide, "POST /outside/stop", &elsewhere, "", &body).status, 421);
    for wrong in ["case=2026-0001".to_owned(), format!("token={}&case=2026-0001", "0".repeat(64))] {
        assert_eq!(send(&guide, "POST /outside/stop", guide.host(), "", &wrong).status, 403);
    }
    let foreign = format!(
        "POST /outside/stop HTTP/1.1\r\nHost: {0}\r\nOrigin: http://127.0.0.1:1\r\nSec-Fetch-Site: cross-site\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {1}\r\nConnection: close\r\n\r\n{body}",
        guide.host(),
        body.len()
    );
    assert_eq!(guide.raw(foreign.as_bytes()).map_or(0, |seen| seen.status), 403);
    assert!(!marked());
    // It stops, and says what to do; it still names nobody.
    let mut browser = outside(&guide, &case);
    browser.post("/outside/stop", &[("case", " 2026-0001 ")]);
    assert_eq!(browser.page.status, 200);
    browser.sees("Stop. Do not look again.").sees("Case 2026-0001 is stopped.");
    for secret in ["P-1234", "Jane", "Ali", "Messages"] {
        assert!(!browser.page.text().contains(secret), "{}", browser.page.text());
    }
    assert!(marked());
}

/// A page that lost its session: the press is not lost, and takes one more.
#[test]
fn stop_pressed_without_a_session_asks_for_one_more_press() {
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&case);
    browser.cookie = String::new();
    browser.post(&format!("{case}/stop"), &[]);
    assert_eq!(browser.page.status, 403);
    let page = browser.page.text();
    assert!(page.contains("value=\"2026-0001\""), "{page}");
    browser.post("/outside/stop", &[("case", "2026-0001")]);
    browser.sees("Stop. Do not look again.");
    assert!(folder.path().join("home/cases/2026-0001/halt-raised").exists());
}
