//! How much is written before it is made durable, so that nobody waits long
//! for the disk: whoever writes something large looks up in between.
//!
//! It writes nothing and reads no clock.

use std::time::Duration;

/// The pace of one writer. It goes slowly where the disk is slow.
#[derive(Debug)]
pub struct Pace {
    /// Bytes that the disk was not told to keep yet.
    loose: u64,
    /// Bytes that are made durable at once.
    at_once: u64,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { loose: 0, at_once: FIRST }
    }
}

impl Pace {
    /// So much more was written: whether it is to be made durable now.
    pub fn is_due(&mut self, written: u64) -> bool {
        self.loose += written;
        let is_due = self.loose >= self.at_once;
        if is_due {
            self.loose = 0;
        }
        is_due
    }

    /// So long that took.
    pub fn took(&mut self, time: Duration) {
        if time > TOO_LONG {
            self.at_once = (self.at_once / 2).max(LEAST);
        } else if time < TOO_LONG / 2 {
            self.at_once = (self.at_once * 2).min(MOST);
        }
    }
}

/// Two of them are less than the quarter of a second in which a stop is looked
/// for.
const TOO_LONG: Duration = Duration::from_millis(100);

const FIRST: u64 = 4 << 20;
const LEAST: u64 = 256 << 10;
const MOST: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// What a disk of so many bytes a second is made to wait for.
    fn longest(bytes_a_second: u64) -> Duration {
        let mut pace = Pace::default();
        let (mut longest, mut loose) = (Duration::ZERO, 0);
        for written in 0..20_000 {
            loose += 256 << 10;
            if pace.is_due(256 << 10) {
                let time = Duration::from_millis(loose * 1000 / bytes_a_second);
                pace.took(time);
                loose = 0;
                // The first few find the pace.
                if written > 100 {
                    longest = longest.max(time);
                }
            }
        }
        longest
    }

    #[test]
    fn nobody_waits_long_for_a_slow_disk_and_a_fast_one_is_seldom_asked() {
        for bytes_a_second in [3 << 20, 20 << 20, 100 << 20, 500 << 20] {
            let longest = longest(bytes_a_second);
            assert!(longest <= Duration::from_millis(200), "{bytes_a_second}: {longest:?}");
        }
        let mut pace = Pace::default();
        for _ in 0..10 {
            pace.took(Duration::from_millis(1));
        }
        assert_eq!(pace.at_once, MOST);
    }
}
