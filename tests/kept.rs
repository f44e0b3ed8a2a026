//! A kept page as a case has it: what its entry says, its files and its
//! record; and a page that did not come.
#![cfg(target_os = "linux")]

#[path = "support/recorder.rs"]
mod recorder;
#[path = "support/site.rs"]
mod site;
#[path = "support/world.rs"]
mod world;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_browser::page::facts::{KeptPage, REDACTED, Tool};
use countersign_browser::program::find::FindError;
use countersign_case::capture::{
    CaptureError, KeepRequest, KeptExhibit, Network, Starter, Traffic, Without, keep,
};
use countersign_case::case::Unlocked;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Method, Role, Side};
use site::Site;
use world::World;

fn keep_with(case: &mut Unlocked<'_>, url: &str, with: Kind) -> Result<KeptExhibit, CaptureError> {
    keep_over(case, url, with, &Network::default())
}

fn keep_over(
    case: &mut Unlocked<'_>,
    url: &str,
    with: Kind,
    network: &Network,
) -> Result<KeptExhibit, CaptureError> {
    keep_in(tempfile::tempdir().expect("a folder").path(), case, url, with, network)
}

fn keep_in(
    folder: &Path,
    case: &mut Unlocked<'_>,
    url: &str,
    with: Kind,
    network: &Network,
) -> Result<KeptExhibit, CaptureError> {
    let (program, account) = (recorder::chromium(), recorder::account());
    recorder::let_pass(folder);
    let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let with = match with {
        Kind::Browser => {
            Ok(Starter { program: &program, folder, environment: &environment, account: account.as_ref() })
        }
        Kind::NoBrowser => Err(Without::NoBrowser(Arc::new(FindError::None))),
    };
    keep(case, KeepRequest { url, producer: Side::A, with, network, traffic: Traffic::NotKept })
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Browser,
    NoBrowser,
}

#[test]
fn the_entry_its_files_and_its_record_say_how_the_page_was() {
    let (site, world) = (Site::start(), World::new());
    let mut case = world.open();
    let exhibit = keep_with(&mut case, &site.url("/redirect"), Kind::Browser)
        .expect("chromium must be installed for this test");
    let kept = &exhibit.kept;
    assert!(exhibit.without.is_none());
    assert_eq!((kept.exhibit.label.as_str(), kept.method), ("JS/1", Method::Browser));
    assert_eq!((kept.url.as_str(), kept.final_url.as_str()), (&*site.url("/redirect"), &*site.url("/")));
    let hops: Vec<(&str, u16)> = kept.redirects.iter().map(|hop| (hop.url.as_str(), hop.status)).collect();
    assert_eq!(hops, [(&*site.url("/redirect"), 302), (&*site.url("/redirect-2"), 301)]);
    assert_eq!(kept.title.as_ref().map(|title| title.as_str()), Some("A plain page"));
    assert_eq!(kept.status, Some(200));
    assert_eq!(kept.remote_address.as_ref().map(|a| a.as_str()), Some(&*site.address.to_string()));
    assert_eq!(kept.server_date.as_ref().map(|d| d.as_str()), Some("Sun, 22 Nov 2026 14:30:00 GMT"));
    assert_eq!(kept.absences, []);
    let browser = kept.browser.as_ref().expect("a browser");
    let major =
        browser.product.as_str().split_once("Chrome/").and_then(|(_, version)| version.split('.').next());
    assert!(
        major.and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major >= 122),
        "{browser:?}"
    );
    assert!(browser.path.as_str().ends_with("/chromium"), "{browser:?}");
    let account = recorder::account();
    assert_eq!(browser.account.as_ref().map(|name| name.as_str()), account.as_ref().map(|a| a.name()));
    assert!(browser.command_line.as_str().contains("--remote-debugging-pipe"), "{browser:?}");

    let mut roles: Vec<Role> = kept.files.iter().map(|file| file.role).collect();
    roles.dedup();
    assert_eq!(roles, [Role::Screen, Role::Picture, Role::Page, Role::Response, Role::Record]);
    for file in &kept.files {
        let bytes = std::fs::read(case.folder().file(file)).expect("is there");
        assert_eq!((Digest::of(&bytes), bytes.len() as u64), (file.sha256, file.bytes));
    }
    let record = kept.files.last().expect("the record");
    let record = std::fs::read_to_string(case.folder().file(record)).expect("is there");
    assert!(!record.contains("SECRET") && record.contains(REDACTED));
    let mut noted: serde_json::Value = serde_json::from_str(&record).expect("JSON");
    noted.as_object_mut().and_then(|fields| fields.remove("absences_in_words")).expect("said in words too");
    let page: KeptPage = serde_json::from_value(noted).expect("the facts");
    let view = page.view.expect("looked at");
    assert_eq!((view.width, view.height, view.scale_percent, view.page_width), (1280, 800, 100, 1280));
    assert!(matches!(&page.tool, Tool::Browser { user_agent, .. } if user_agent.contains("Chrome/")));
    assert!(page.timings.answered_ms <= page.timings.loaded_ms && page.timings.loaded_ms.is_some());
    assert_eq!((page.hops.len(), page.certificate), (3, None));
}

#[test]
fn without_a_browser_the_entry_says_so_first() {
    let (site, world) = (Site::start(), World::new());
    let mut case = world.open();
    let exhibit = keep_with(&mut case, &site.url("/"), Kind::NoBrowser).expect("kept");
    assert!(exhibit.without.is_some());
    let kept = exhibit.kept;
    assert_eq!((kept.method, kept.browser, kept.status), (Method::Request, None, Some(200)));
    assert_eq!(kept.files.iter().map(|file| file.role).collect::<Vec<_>>(), [Role::Response, Role::Record]);
    assert!(kept.absences[0].as_str().contains("no browser"), "{:?}", kept.absences);
}

#[test]
fn a_certificate_that_is_not_trusted_is_a_visit_that_failed_and_says_why() {
    let world = World::new();
    let mut case = world.open();
    let server = SelfSigned::start(world.folder.path());
    for (kind, why) in [(Kind::Browser, "ERR_CERT_AUTHORITY_INVALID"), (Kind::NoBrowser, "certificate")] {
        let outcome = keep_with(&mut case, &server.url(), kind);
        let Err(CaptureError::NotLoaded { entry, failure }) = outcome else {
            panic!("{kind:?}: {outcome:?}")
        };
        assert!(failure.why.contains(why), "{kind:?}: {}", failure.why);
        let reading = case.reading();
        let entries = reading.ledger().entries();
        let last = entries.last().expect("an entry");
        assert_eq!(last.entry, entry);
        let Body::Visited(visited) = &last.body else { panic!("{:?}", last.body) };
        let said = visited.visits[0].failure.as_ref().expect("a failure");
        assert!(said.as_str().contains(why), "{said}");
    }
    let left = std::fs::read_dir(case.folder().files()).expect("listed").count();
    assert_eq!(left, 1, "nothing of it is kept: the procedure's file only");
}

#[test]
fn a_page_whose_browser_fails_is_a_visit_that_failed() {
    let world = World::new();
    let mut case = world.open();
    let folder = tempfile::tempdir().expect("a folder");
    let profiles = folder.path().to_owned();
    let site = Site::serving(std::sync::Arc::new(move |request, to| {
        kill_browsers_in(&profiles);
        site::standard(request, to)
    }));
    let network = Network::default();
    let outcome = keep_in(folder.path(), &mut case, &site.url("/"), Kind::Browser, &network);
    let Err(CaptureError::NotLoaded { entry, failure }) = outcome else { panic!("{outcome:?}") };
    assert!(failure.by_browser, "{}", failure.why);
    assert_eq!(site.asked(), ["/"]);
    let reading = case.reading();
    let last = reading.ledger().entries().last().expect("an entry");
    let Body::Visited(visited) = &last.body else { panic!("{:?}", last.body) };
    assert_eq!((last.entry, visited.visits[0].url.as_str()), (entry, &*site.url("/")));
    let said = visited.visits[0].failure.as_ref().expect("a failure");
    assert!(said.as_str().starts_with("the browser failed"), "{said}");
    let site = Site::start();
    keep_with(&mut case, &site.url("/"), Kind::Browser).expect("another browser keeps the next page");
}

/// Kills the browsers whose profiles are below `folder`.
fn kill_browsers_in(folder: &Path) {
    let folder = folder.to_str().expect("a path in UTF-8");
    for process in std::fs::read_dir("/proc").expect("processes").flatten() {
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command);
        if command.contains("--remote-debugging-pipe") && command.contains(folder) {
            let killed = Command::new("kill").arg("-9").arg(process.file_name()).status();
            assert!(killed.expect("kill must be installed").success());
        }
    }
}

#[test]
fn even_a_rehearsal_does_not_open_the_guide() {
    let (guide, world) = (Site::start(), World::new());
    let port = guide.port();
    let outer = Site::serving(std::sync::Arc::new(move |_, to| {
        site::answer(to, &format!("302 Found\r\nLocation: http://localhost:{port}/"), b"")
    }));
    let network = Network { own_ports: vec![port], ..Network::default() };
    let mut case = world.open();
    for kind in [Kind::Browser, Kind::NoBrowser] {
        for host in ["127.0.0.1", "localhost", "[::1]", "2130706433"] {
            let outcome = keep_over(&mut case, &format!("http://{host}:{port}/"), kind, &network);
            assert!(matches!(outcome, Err(CaptureError::Address { .. })), "{host}: {outcome:?}");
        }
        let outcome = keep_over(&mut case, &outer.url("/"), kind, &network);
        let Err(CaptureError::NotLoaded { failure, .. }) = outcome else { panic!("{kind:?}: {outcome:?}") };
        assert!(failure.why.contains("part of Countersign itself"), "{}", failure.why);
    }
    assert_eq!(guide.asked(), Vec::<String>::new());
}

/// A server whose certificate nobody signed but itself.
struct SelfSigned {
    process: Child,
    port: u16,
}

impl SelfSigned {
    fn start(folder: &Path) -> SelfSigned {
        let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Nobody"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .stderr(Stdio::null())
            .status();
        assert!(made.expect("openssl must be installed").success());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        drop(listener);
        let process = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &format!("127.0.0.1:{port}")])
            .arg("-key")
            .arg(&key)
            .arg("-cert")
            .arg(&certificate)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl must be installed");
        let until = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "the server does not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
        SelfSigned { process, port }
    }

    fn url(&self) -> String {
        format!("https://127.0.0.1:{}/", self.port)
    }
}

impl Drop for SelfSigned {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
