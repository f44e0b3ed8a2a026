//! How far a long piece of work has come, at a terminal, once it takes longer
//! than a second.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that shows itself when it is worth it.
pub struct Progress {
    what: &'static str,
    total: u64,
    done: AtomicU64,
    started: Instant,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// Of `total` bytes, if that is known.
    pub fn of(what: &'static str, total: u64) -> Progress {
        let (done, started) = (AtomicU64::new(0), Instant::now());
        Progress { what, total, done, started, bar: OnceLock::new() }
    }

    /// So many more are done.
    pub fn add(&self, bytes: u64) -> ControlFlow<()> {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if self.started.elapsed() > WAIT_UNSEEN && std::io::stderr().is_terminal() {
            self.bar.get_or_init(|| self.begin()).set_position(done);
        }
        ControlFlow::Continue(())
    }

    fn begin(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(self.total), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg}: {bytes} of {total_bytes}, {eta} left {wide_bar}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.with_message(self.what)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

/// How many threads are worth it: reading and hashing keep two busy.
pub fn threads() -> NonZeroUsize {
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    cores.min(const { NonZeroUsize::new(2).expect("two") })
}

const WAIT_UNSEEN: Duration = Duration::from_secs(1);
