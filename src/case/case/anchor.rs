//! From which the wall clock is expected to go on evenly.
//!
//! It knows two clocks, and nothing of entries.

use countersign_record::clock::{Clock, Time};
use countersign_record::journal::ClockJumped;

/// A moment at which the wall clock was believed.
#[derive(Clone, Copy)]
pub(super) struct Anchor {
    time: Time,
    since_start_ms: u64,
    began_ms: u64,
}

impl Anchor {
    /// Now, which is the start.
    pub(super) fn drop_at(clock: &dyn Clock) -> Anchor {
        Anchor { time: clock.now(), since_start_ms: 0, began_ms: millis(clock) }
    }

    /// The same start; the wall clock is believed from `now` on.
    pub(super) fn moved_to(self, now: Time, clock: &dyn Clock) -> Anchor {
        Anchor { time: now, since_start_ms: self.since_start(clock), began_ms: self.began_ms }
    }

    /// Milliseconds since the start, by the clock that nobody sets.
    pub(super) fn since_start(&self, clock: &dyn Clock) -> u64 {
        millis(clock) - self.began_ms
    }

    /// Whether the wall clock jumped; `last` is when the last entry was made.
    pub(super) fn jump(&self, now: Time, last: Time, clock: &dyn Clock) -> Option<ClockJumped> {
        let passed = self.since_start(clock) - self.since_start_ms;
        let expected = Time::from_unix_ms(self.time.unix_ms() + passed as i64)?;
        let off = (now.unix_ms() - expected.unix_ms()).abs() > TOLERANCE_MS;
        if off {
            return Some(ClockJumped { before: expected, after: now });
        }
        // Between sessions only a clock that went back can be told from one
        // that went on.
        (now.unix_ms() < last.unix_ms() - TOLERANCE_MS).then_some(ClockJumped { before: last, after: now })
    }
}

fn millis(clock: &dyn Clock) -> u64 {
    clock.since_start().as_millis() as u64
}

/// What a clock may be off before it counts as a jump: more than time servers
/// correct at once, less than anyone could use.
const TOLERANCE_MS: i64 = 2_000;
