//! What a browser wrote for people, and what it means when it does not come
//! up.

use std::collections::VecDeque;
use std::io::Read;
use std::path::Path;
use std::process::ChildStderr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::devtools::error::CallError;
use crate::program::error::LaunchError;
use crate::text::at_most;

/// The last lines that the browser wrote for people.
pub(super) struct Said {
    lines: Arc<Mutex<VecDeque<u8>>>,
}

impl Said {
    pub(super) fn listen(stderr: Option<ChildStderr>) -> Said {
        let lines: Arc<Mutex<VecDeque<u8>>> = Arc::default();
        if let Some(mut stderr) = stderr {
            let kept = Arc::clone(&lines);
            // Read to the end always: a browser that cannot write would stop.
            let _ = thread::Builder::new().name("browser-said".to_owned()).spawn(move || {
                let mut piece = [0; 4096];
                while let Ok(n @ 1..) = stderr.read(&mut piece) {
                    let mut kept = lock(&kept);
                    kept.extend(&piece[..n]);
                    let surplus = kept.len().saturating_sub(LONGEST_SAID);
                    kept.drain(..surplus);
                }
            });
        }
        Said { lines }
    }

    pub(super) fn explain(&self, program: &Path, error: CallError) -> LaunchError {
        // The words may arrive a moment after the pipe has closed.
        let until = Instant::now() + Duration::from_millis(300);
        let said = loop {
            let bytes: Vec<u8> = lock(&self.lines).iter().copied().collect();
            let said = String::from_utf8_lossy(&bytes).into_owned();
            if line_with(&said, &SAYS_SANDBOX).is_some() || Instant::now() > until {
                break said;
            }
            thread::sleep(Duration::from_millis(10));
        };
        let path = program.to_owned();
        let brief = |line: &str| at_most(line.trim(), 400);
        if let Some(line) = line_with(&said, &SAYS_SANDBOX) {
            LaunchError::Sandbox { path, said: brief(line) }
        } else if let Some(line) = line_with(&said, &[SAYS_POLICY]) {
            LaunchError::Policy { path, said: brief(line) }
        } else {
            LaunchError::NotUp { path, error, said: brief(said.lines().last().unwrap_or_default()) }
        }
    }
}

fn line_with<'a>(said: &'a str, signs: &[&str]) -> Option<&'a str> {
    said.lines().rev().find(|line| {
        let line = line.to_ascii_lowercase();
        signs.iter().any(|sign| line.contains(sign))
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const SAYS_SANDBOX: [&str; 4] =
    ["running as root without", "no usable sandbox", "suid sandbox", "failed to move to new namespace"];
const SAYS_POLICY: &str = "remote debugging is disallowed";
const LONGEST_SAID: usize = 16 * 1024;
