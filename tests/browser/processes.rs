//! The processes of a browser: what starts, what ends, and with whom.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use countersign_browser::network::wall::Wall;
use countersign_browser::page::facts::Tool;
use countersign_browser::page::{Limits, PageError};
use countersign_browser::program::find;
use countersign_browser::program::launch::{self, Cancel, Launch, LaunchError, Window};

use crate::desk::{
    Killed, account, chromium, environment, group, keep_within, places, rehearsal, start, start_with,
    temporary,
};
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
        start_with(folder.path(), rehearsal(), cancel, &chromium()).expect("chromium must be installed");
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
fn as_root_the_browser_runs_as_another_and_keeps_its_sandbox() {
    let folder = temporary();
    let browser = start(folder.path(), rehearsal());
    let Some(account) = account() else { return };
    let Tool::Browser { account: told, arguments, .. } = browser.tool() else { panic!("a browser") };
    assert_eq!(told.as_deref(), Some(account.name()));
    assert!(!arguments.iter().any(|argument| argument.contains("sandbox")), "{arguments:?}");
    // proc_pid_status(5): real, effective, saved and file-system identities.
    let mut confined = 0;
    for process in group(browser.process()) {
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("runs");
        let line = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a status");
            line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        for name in ["Uid:", "Gid:"] {
            assert!(line(name).iter().all(|number| number != "0"), "{status}");
        }
        assert!(line("Groups:").iter().all(|group| *group == line("Gid:")[0]), "{status}");
        confined += usize::from(line("Seccomp:") == ["2"]);
    }
    assert!(confined >= 1, "pages are drawn in a sandbox");
    // What it writes in is its own, and closed to everybody else.
    let profile = fs::read_dir(folder.path()).expect("listed").flatten().next().expect("a profile").path();
    for name in ["p", "h", "t", "r"] {
        let inner = fs::metadata(profile.join(name)).expect("is there");
        assert_eq!((inner.mode() & 0o777, inner.uid() == 0), (0o700, false), "{name}");
    }
    let lock = fs::metadata(profile.join("lock")).expect("is there");
    assert_eq!((fs::metadata(&profile).expect("is there").uid(), lock.uid()), (0, 0));
    drop(browser);
    assert!(fs::read_dir(folder.path()).expect("listed").next().is_none(), "its folder is gone");
}

#[test]
fn a_folder_that_the_browser_s_account_cannot_reach_is_named() {
    let folder = temporary();
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("set");
    let Some(account) = account() else { return };
    let outcome = start_with(folder.path(), rehearsal(), Cancel::never(), &chromium());
    let (path, named) = match outcome {
        Err(LaunchError::OutOfReach { path, account }) => (path, account),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    };
    assert_eq!((path.as_path(), named.as_str()), (folder.path(), account.name()));
    assert!(fs::read_dir(folder.path()).expect("listed").next().is_none(), "nothing is left");
}

/// Where the program is root and knows nobody else, it starts nothing; a
/// browser that is started as root all the same says why it will not run.
#[test]
fn a_browser_that_refuses_root_says_so() {
    let folder = temporary();
    let wall = Arc::new(Wall::start(rehearsal()).expect("a wall"));
    let (program, environment) = (chromium(), environment());
    let launch = Launch {
        program: &program,
        folder: folder.path(),
        environment: &environment,
        account: None,
        window: Window::Headless,
        wall,
        cancel: Cancel::never(),
    };
    let outcome = launch.start();
    if account().is_some() {
        let Err(error @ LaunchError::Sandbox { .. }) = outcome else { panic!("is refused") };
        let words = error.to_string();
        assert!(words.ends_with("without its sandbox") && !words.contains("ERROR"), "{words}");
    } else {
        assert!(!matches!(outcome, Err(LaunchError::NotUp { .. } | LaunchError::NotStarted { .. })));
    }
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
    let outcome = start_with(&deep, rehearsal(), Cancel::never(), &chromium());
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
fn a_browser_is_found_with_its_version_and_the_account_that_it_gets() {
    let folder = temporary();
    let found = find::given(&chromium(), &places(folder.path())).expect("chromium must be installed");
    assert!(found.version.major() >= 122 && found.name.contains("Chrom"), "{found:?}");
    assert_eq!(found.account, account());
}
