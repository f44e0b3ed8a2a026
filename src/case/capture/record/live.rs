//! The browser of a recording while it lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::RecordRequest;
use crate::capture::CaptureError;
use crate::case::Watch;
use countersign_browser::network::wall::{Judge, Wall};
use countersign_browser::program::launch::{Browser, Cancel, Launch, LaunchError};
use countersign_browser::session::{Session, SessionEvent};

/// The stop of a recording: by the keys in the window, or by any halt of the
/// case. Once it is set, the browser is killed within some 20 ms.
#[derive(Clone)]
pub(super) struct Stop {
    pressed: Arc<AtomicBool>,
    watch: Watch,
}

impl Stop {
    pub(super) fn of(watch: Watch) -> Stop {
        Stop { pressed: Arc::default(), watch }
    }

    /// Whether it was the keys, so that the halt is still to be raised.
    pub(super) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    pub(super) fn is_set(&self) -> bool {
        self.is_pressed() || self.watch.is_halted()
    }
}

pub(super) struct Live {
    pub(super) session: Session,
    pub(super) browser: Browser,
}

impl Live {
    /// Starts the browser and opens its first window.
    pub(super) fn start(
        request: &RecordRequest<'_>,
        judge: Judge,
        stop: &Stop,
    ) -> Result<Live, CaptureError> {
        let wall = Wall::start(judge).map_err(|error| CaptureError::Browser(error.to_string()))?;
        let stopped = stop.clone();
        let launch = Launch {
            program: request.with.program,
            folder: request.with.folder,
            environment: request.with.environment,
            account: request.with.account,
            window: request.window,
            wall: Arc::new(wall),
            cancel: Cancel::when(move || stopped.is_set()),
        };
        let browser = launch.start().map_err(|error| match error {
            LaunchError::Cancelled => CaptureError::Halted,
            error => CaptureError::NotStarted(Box::new(error)),
        })?;
        let session = Session::open(&browser, Arc::clone(&stop.pressed), request.traffic.limits()).map_err(
            |error| match error {
                // It was ended before its window was open.
                _ if stop.is_set() => CaptureError::Halted,
                error => CaptureError::Browser(error.to_string()),
            },
        )?;
        Ok(Live { session, browser })
    }

    /// Kills the browser, and gives what it had told and nobody had taken.
    pub(super) fn end(self) -> Vec<SessionEvent> {
        self.browser.kill();
        let until = Instant::now() + Duration::from_secs(5);
        let mut rest = Vec::new();
        while Instant::now() < until {
            match self.session.next(Duration::from_millis(100)) {
                Ok(happening) => rest.extend(happening),
                Err(_) => break,
            }
        }
        rest
    }
}
