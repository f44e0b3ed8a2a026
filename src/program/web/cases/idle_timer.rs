//! Whether people are still there: how long ago they did something, and when
//! what waits for them ends.
//!
//! It does not know what they did, nor what ends.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use countersign_record::clock::{Clock, Time};

use crate::ambient::SystemClock;

/// When people did something last, and how long they may do nothing.
pub struct IdleTimer {
    latest: Mutex<(Instant, Time)>,
    idle: Duration,
}

impl IdleTimer {
    /// Somebody is there now, and may do nothing for as long as `idle`.
    pub fn begin(idle: Duration) -> IdleTimer {
        IdleTimer { latest: Mutex::new(now()), idle }
    }

    /// Somebody did something.
    pub fn restart(&self) {
        *self.latest.lock().unwrap_or_else(|e| e.into_inner()) = now();
    }

    /// What is left until nobody has done anything for too long.
    pub fn left(&self) -> Duration {
        self.idle.saturating_sub(self.latest().0.elapsed())
    }

    /// Once nobody has done anything for most of the time: when it ends, the
    /// same at every asking.
    pub fn ends_soon(&self) -> Option<Time> {
        let idle = i64::try_from(self.idle.as_millis()).ok()?;
        let ends = Time::from_unix_ms(self.latest().1.unix_ms().checked_add(idle)?)?;
        (self.left() <= self.idle * 3 / 10).then_some(ends)
    }

    fn latest(&self) -> (Instant, Time) {
        *self.latest.lock().unwrap_or_else(|e| e.into_inner())
    }
}

fn now() -> (Instant, Time) {
    (Instant::now(), SystemClock::start().now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_before_it_ends_and_taken_back_when_somebody_comes() {
        let idle_timer = IdleTimer::begin(Duration::from_secs(3600));
        assert!(idle_timer.ends_soon().is_none() && idle_timer.left() > Duration::from_secs(3000));
        for (since, left) in [(2700, 900), (3600, 0), (9000, 0)] {
            let Some(then) = Instant::now().checked_sub(Duration::from_secs(since)) else { return };
            let at = Time::from_unix_ms(1_000).expect("a time");
            *idle_timer.latest.lock().expect("held by nobody") = (then, at);
            assert_eq!(idle_timer.ends_soon(), Time::from_unix_ms(3_601_000), "{since}");
            assert!(idle_timer.left().as_secs().abs_diff(left) <= 60, "{:?}", idle_timer.left());
        }
        idle_timer.restart();
        assert!(idle_timer.ends_soon().is_none());
    }
}
