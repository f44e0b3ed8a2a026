//! The processes of a browser: what starts, what ends, and with whom.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use countersign::browser::find::{self, Places};
use countersign::browser::launch::{self, Cancel, LaunchError};
use countersign::browser::page::{Limits, PageError};

use crate::desk::{Killed, group, keep_within, rehearsal, start, start_with, temporary, wrapper};
use crate::site::Site;

#[test]
fn what_a_killed_program_left_is_swept() {
    let folder = temporary();
    let left = folder.path().join("csb-999-0");
    fs::create_dir_all(left.join("p")).expect("made");
    fs::write(left.join("lock"), "countersign/browser/v1 csb-999-0\n").expect("made");
    // Somebody's own, whatever they are called.
    let theirs = ["other", "csb-mine", "csb-998-0", "csb-997-0x", "csb-996-1"];
    for name in theirs {
        fs::create_dir_all(folder.path().join(name).join("p")).expect("made");
    }
    fs::write(folder.path().join("csb-996-1/lock"), "countersign/browser/v1 csb-999-0\n").expect("made");
    assert_eq!(launch::sweep(folder.path()).expect("swept"), 1);
    assert!(!left.exists() && theirs.iter().all(|name| folder.path().join(name).join("p").exists()));
}

#[test]
fn a_killed_browser_is_an_error_at_once() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let process = i32::try_from(browser.process()).expect("a process");
    let killer = thread::spawn(move || {
        thread::sleep(Duration::from_millis(700));
        // SAFETY: a plain system call.
        unsafe { libc::kill(process, libc::SIGKILL) };
        Instant::now()
    });
    let outcome = keep_within(&mut browser, &site.url("/endless"), &Limits::default());
    let killed = killer.join().expect("killed");
    let Err(PageError::NotLoaded(failure)) = outcome else { panic!("{outcome:?}") };
    assert!(failure.by_browser, "{failure:?}");
    assert_eq!(failure.hops.len(), 1, "what had answered is told: {failure:?}");
    let gone = keep_within(&mut browser, &site.url("/"), &Limits::default());
    assert!(matches!(gone, Err(PageError::Browser(_))), "nothing was asked for: {gone:?}");
    assert!(killed.elapsed() < Duration::from_secs(2), "{:?}", killed.elapsed());
}

#[test]
fn a_stop_kills_the_browser_within_200_ms() {
    let (site, folder) = (Site::start(), temporary());
    let raised = Arc::new(AtomicBool::new(false));
    let cancel = Cancel::flag(Arc::clone(&raised));
    let mut browser =
        start_with(folder.path(), rehearsal(), cancel, &wrapper()).expect("chromium must be installed");
    let process = browser.process();
    let stopper = thread::spawn(move || {
        thread::sleep(Duration::from_millis(700));
        raised.store(true, Ordering::Relaxed);
        let at = Instant::now();
        while !group(process).is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        (at, at.elapsed())
    });
    let outcome = keep_within(&mut browser, &site.url("/endless"), &Limits::default());
    let returned = Instant::now();
    let (at, gone) = stopper.join().expect("stopped");
    assert!(matches!(outcome, Err(PageError::Cancelled)), "{outcome:?}");
    assert!(returned.duration_since(at) < Duration::from_millis(200), "{:?}", returned.duration_since(at));
    assert!(gone < Duration::from_millis(200), "{gone:?}");
}

#[test]
fn the_browser_dies_with_a_killed_recorder() {
    let folder = temporary();
    let recorder = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "processes::holds_a_browser", "--nocapture"])
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("started");
    let mut recorder = Killed(recorder);
    let said = BufReader::new(recorder.0.stdout.take().expect("piped"));
    let leader = said.lines().map_while(Result::ok).find_map(|line| {
        let (_, process) = line.split_once("browser ")?;
        process.trim().parse::<u32>().ok()
    });
    let leader = leader.expect("chromium must be installed for this test");
    assert!(group(leader).len() > 1);
    let killed = Instant::now();
    drop(recorder);
    while !group(leader).is_empty() {
        assert!(killed.elapsed() < Duration::from_secs(2), "still running");
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(launch::sweep(folder.path()).expect("swept"), 1, "what it left is swept later");
}

#[test]
#[ignore = "the recorder that another test kills"]
fn holds_a_browser() {
    let browser = start(&std::env::temp_dir(), rehearsal());
    println!("browser {}", browser.process());
    thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_browser_that_refuses_root_says_so() {
    let folder = temporary();
    let chromium = find::find(&places(folder.path())).expect("chromium must be installed for this test");
    let outcome = start_with(folder.path(), rehearsal(), Cancel::never(), &chromium.path);
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } == 0 {
        assert!(matches!(&outcome, Err(LaunchError::Sandbox { said, .. }) if said.contains("root")));
    } else {
        assert!(!matches!(outcome, Err(LaunchError::NotUp { .. } | LaunchError::NotStarted { .. })));
    }
    drop(outcome);
    assert!(fs::read_dir(folder.path()).expect("listed").next().is_none(), "its folder is gone");
}

#[test]
fn programs_that_are_no_browser_are_errors() {
    let folder = temporary();
    let start = |program: &str| {
        let started = Instant::now();
        let outcome = start_with(folder.path(), rehearsal(), Cancel::never(), Path::new(program));
        assert!(started.elapsed() < Duration::from_secs(5));
        outcome
    };
    let deep = folder.path().join("d".repeat(90));
    fs::create_dir(&deep).expect("made");
    let outcome = start_with(&deep, rehearsal(), Cancel::never(), &wrapper());
    assert!(matches!(outcome, Err(LaunchError::FolderTooLong { .. })));
    fs::remove_dir(&deep).expect("nothing in it");
    assert!(matches!(start("/nowhere"), Err(LaunchError::NotStarted { .. })));
    assert!(matches!(start("/bin/true"), Err(LaunchError::NotUp { .. })));
    let scripts = temporary();
    let says = |name: &str, words: &str| {
        let path = scripts.path().join(name);
        fs::write(&path, format!("#!/bin/sh\necho '{words}' >&2\necho 'ERROR: bus' >&2\n")).expect("written");
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
        start(&path.display().to_string())
    };
    let policy = says("policy", "DevTools remote debugging is disallowed by the system admin.");
    assert!(matches!(policy, Err(LaunchError::Policy { said, .. }) if said.contains("admin")));
    let sandbox = says("sandbox", "FATAL: No usable sandbox! Update your kernel");
    assert!(matches!(sandbox, Err(LaunchError::Sandbox { .. })));
    let other = says("other", "InitializeSandbox() called with multiple threads in process gpu-process.");
    assert!(matches!(other, Err(LaunchError::NotUp { .. })));
    assert!(fs::read_dir(folder.path()).expect("listed").next().is_none());
}

#[test]
fn the_wrapper_is_found_with_its_version() {
    let folder = temporary();
    let found = find::given(&wrapper(), &places(folder.path())).expect("chromium must be installed");
    assert!(found.version.major() >= 122 && found.name.contains("Chrom"), "{found:?}");
}

fn places(temporary: &Path) -> Places {
    let search = std::env::split_paths(&std::env::var_os("PATH").expect("PATH")).collect();
    Places { search, temporary: temporary.to_owned(), ..Places::default() }
}
