//! Holds a running browser: kills it when the recording is stopped, when its
//! pipe closes, or when its owner lets go.

use std::io;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::devtools::client::Client;
use crate::program::cancel::Cancel;
use crate::program::pipes;
use crate::program::profile::Profile;

/// Kills the browser when the recording is stopped or its owner lets go.
pub(super) struct Keeper {
    pub(super) process: u32,
    client: Client,
    kept: Arc<Mutex<Kept>>,
    done: Arc<AtomicBool>,
    watch: Option<JoinHandle<()>>,
}

struct Kept {
    /// `None` once it was killed and reaped.
    child: Option<Child>,
    profile: Option<Profile>,
}

impl Keeper {
    pub(super) fn watch(
        child: Child,
        client: Client,
        cancel: Cancel,
        profile: Profile,
    ) -> io::Result<Keeper> {
        let process = child.id();
        let kept = Arc::new(Mutex::new(Kept { child: Some(child), profile: Some(profile) }));
        let done = Arc::new(AtomicBool::new(false));
        let mut keeper =
            Keeper { process, client: client.clone(), kept: kept.clone(), done: done.clone(), watch: None };
        let watch = thread::Builder::new().name("browser-watch".to_owned()).spawn(move || {
            while !done.load(Ordering::Relaxed) {
                // A browser whose pipe has closed has ended, or must.
                if cancel.is_raised() || client.is_closed() {
                    client.close();
                    end(&kept);
                    return;
                }
                thread::park_timeout(WATCH_INTERVAL);
            }
        })?;
        keeper.watch = Some(watch);
        Ok(keeper)
    }

    pub(super) fn kill(&self) {
        self.client.close();
        end(&self.kept);
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        self.kill();
        if let Some(watch) = self.watch.take() {
            watch.thread().unpark();
            let _ = watch.join();
        }
        lock(&self.kept).profile = None;
    }
}

fn end(kept: &Mutex<Kept>) {
    if let Some(mut child) = lock(kept).child.take() {
        pipes::kill(&mut child);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const WATCH_INTERVAL: Duration = Duration::from_millis(20);
