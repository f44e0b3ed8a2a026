//! Visits on their way into the record: those that come close together share
//! an entry, and each entry has room for what it holds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::browser::session::{Outcome, Visited};
use crate::capture::store::brief;
use crate::capture::told::MOST_HOPS;
use crate::clock::{Clock, Time};
use crate::journal::{Hop, Seen, Visit};

/// What waits for the next entry.
#[derive(Default)]
pub(super) struct Waiting {
    visits: VecDeque<(Visit, Kind)>,
    /// When the last entry of visits was made.
    last: Option<Instant>,
}

/// Whether a page opened, or was not let to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Visit,
    Denied,
}

impl Waiting {
    pub(super) fn add(&mut self, visited: Visited, clock: &dyn Clock) {
        let kind = match visited.outcome {
            Outcome::Denied(_) => Kind::Denied,
            Outcome::Opened | Outcome::Failed(_) => Kind::Visit,
        };
        self.visits.push_back((visit(visited, clock), kind));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.visits.is_empty()
    }

    /// Whether an entry is due: the first visit is one at once.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        !self.visits.is_empty() && self.last.is_none_or(|last| now.duration_since(last) >= TOGETHER)
    }

    /// As many as an entry has room for.
    pub(super) fn next_entry(&mut self, now: Instant) -> Vec<(Visit, Kind)> {
        self.last = Some(now);
        let (mut entry, mut room) = (Vec::new(), ROOM);
        while let Some((visit, kind)) = self.visits.pop_front() {
            let bytes = written(&visit);
            if bytes > room && !entry.is_empty() {
                self.visits.push_front((visit, kind));
                break;
            }
            room = room.saturating_sub(bytes);
            // Too much even alone: how it came there is left out.
            let visit =
                if bytes > ROOM { Visit { redirects: Vec::new(), title: None, ..visit } } else { visit };
            entry.push((visit, kind));
        }
        entry
    }

    pub(super) fn forget(&mut self) {
        self.visits.clear();
    }
}

fn visit(visited: Visited, clock: &dyn Clock) -> Visit {
    let failure = match &visited.outcome {
        Outcome::Opened => None,
        Outcome::Failed(why) | Outcome::Denied(why) => Some(brief(why, 1000)),
    };
    let hop = |(url, status): &(String, u16)| Hop { url: brief(url, 1000), status: *status };
    Visit {
        time: at(visited.at, clock),
        url: Seen::of(&visited.url),
        redirects: visited.redirects.iter().take(MOST_HOPS).map(hop).collect(),
        final_url: Seen::of(&visited.final_url),
        title: visited.title.as_deref().map(|title| brief(title, 1000)),
        status: visited.status,
        failure,
    }
}

/// What the clock said at `moment`.
pub(super) fn at(moment: Instant, clock: &dyn Clock) -> Time {
    let now = clock.now();
    let ago = i64::try_from(moment.elapsed().as_millis()).unwrap_or(0);
    Time::from_unix_ms(now.unix_ms() - ago).unwrap_or(now)
}

/// The bytes that a visit takes in an entry, at most.
fn written(visit: &Visit) -> usize {
    let text = serde_json::to_string_pretty(visit).unwrap_or_default();
    text.len() + 8 * (text.lines().count() + 1)
}

const TOGETHER: Duration = Duration::from_millis(250);
/// Of an entry's 64 KiB; the rest is for what every entry says.
const ROOM: usize = 60 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Time {
            Time::parse("2026-11-22T14:30:00.000Z").expect("a time")
        }

        fn since_start(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn visited(url: &str) -> Visited {
        Visited {
            at: Instant::now(),
            url: url.to_owned(),
            redirects: vec![("https://a.example/".to_owned(), 302); 30],
            final_url: url.to_owned(),
            title: Some("x".repeat(5000)),
            status: Some(200),
            outcome: Outcome::Opened,
        }
    }

    #[test]
    fn none_is_lost_and_every_entry_has_room() {
        let mut waiting = Waiting::default();
        for n in 0..500 {
            waiting.add(visited(&format!("https://{}.example/{n}", "\"\\".repeat(n * 5))), &Stopped);
        }
        let mut seen = 0;
        while !waiting.is_empty() {
            let entry = waiting.next_entry(Instant::now());
            let bytes: usize = entry.iter().map(|(visit, _)| written(visit)).sum();
            assert!(bytes < 63 * 1024, "{bytes}");
            for (visit, _) in &entry {
                assert!(visit.final_url.as_str().contains(&format!("example/{seen}")) || seen > 400);
                seen += 1;
            }
        }
        assert_eq!(seen, 500);
    }

    #[test]
    fn the_first_is_an_entry_at_once_and_those_close_behind_share_one() {
        let mut waiting = Waiting::default();
        let now = Instant::now();
        assert!(!waiting.is_due(now));
        waiting.add(visited("https://a.example/"), &Stopped);
        assert!(waiting.is_due(now));
        assert_eq!(waiting.next_entry(now).len(), 1);
        waiting.add(visited("https://b.example/"), &Stopped);
        waiting.add(visited("https://c.example/"), &Stopped);
        assert!(!waiting.is_due(now + Duration::from_millis(249)));
        assert!(waiting.is_due(now + TOGETHER));
        assert_eq!(waiting.next_entry(now + TOGETHER).len(), 2);
    }
}
