//! The browsers that a test started, found by the folder that their command
//! line names.
#![allow(dead_code)]

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Processes whose command line names `folder`.
pub fn processes(folder: &Path) -> Vec<(u32, String)> {
    let mark = folder.display().to_string();
    let entries = fs::read_dir("/proc").expect("processes").flatten();
    let found = entries.filter_map(|entry| {
        let process = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let command = fs::read(entry.path().join("cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        command.contains(&mark).then_some((process, command))
    });
    found.collect()
}

pub fn is_alive(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).is_some_and(|state| state != 'Z')
}

pub fn kill(process: u32) {
    let process = libc::pid_t::try_from(process).expect("a process");
    // SAFETY: a plain system call on a process that this test started.
    unsafe { libc::kill(process, libc::SIGKILL) };
}

/// Kills a whole group of processes.
pub fn kill_group(leader: u32) {
    let group = libc::pid_t::try_from(leader).expect("a process");
    // SAFETY: a plain system call on a group that this test started.
    unsafe { libc::kill(-group, libc::SIGKILL) };
}

/// The process of the recording browser in `folder`; it leads their group.
pub fn leader(folder: &Path) -> u32 {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let found = processes(folder)
            .into_iter()
            .find(|(_, command)| command.contains("--remote-debugging-pipe") && !command.contains("--type="));
        if let Some((process, _)) = found {
            return process;
        }
        assert!(Instant::now() < until, "no browser runs");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until it ended, and gives how long that took.
pub fn until_ended(process: u32, since: Instant) -> Duration {
    while is_alive(process) {
        assert!(since.elapsed() < Duration::from_secs(20), "the browser is still open");
        thread::sleep(Duration::from_millis(1));
    }
    since.elapsed()
}
