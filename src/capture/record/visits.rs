//! Visits on their way into the record: those that come close together share
//! an entry, and each entry has room for what it holds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::browser::session::{Outcome, Page, Visited};
use crate::capture::store::brief;
use crate::capture::told::MOST_HOPS;
use crate::clock::{Clock, Time};
use crate::journal::{Hop, Seen, Visit};

/// What waits for the next entry.
#[derive(Default)]
pub(super) struct Waiting {
    visits: VecDeque<Held>,
    /// When the last entry of visits was made.
    last: Option<Instant>,
}

/// A visit that has no entry yet.
struct Held {
    visit: Visit,
    kind: Kind,
    since: Instant,
    /// The page whose title it could still get.
    title_of: Option<Page>,
}

/// Whether a page opened, or was not let to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Visit,
    Denied,
}

impl Waiting {
    pub(super) fn add(&mut self, visited: Visited, now: Instant, clock: &dyn Clock) {
        let kind = match visited.outcome {
            Outcome::Denied(_) => Kind::Denied,
            Outcome::Opened | Outcome::Failed(_) => Kind::Visit,
        };
        let title_of = visited.title_of.clone();
        self.visits.push_back(Held { visit: visit(visited, clock), kind, since: now, title_of });
    }

    /// The page says what it is called. What is on record already stays as it
    /// is.
    pub(super) fn titled(&mut self, page: &Page, title: Option<&str>) {
        for held in self.visits.iter_mut().filter(|held| held.title_of.as_ref() == Some(page)) {
            held.title_of = None;
            held.visit.title = title.map(|title| brief(title, 1000));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.visits.is_empty()
    }

    /// Whether an entry is due: the first visit is one as soon as its page has
    /// said its title, and none waits longer than those that share an entry.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        let passed = |since: Instant| now.duration_since(since) >= TOGETHER;
        let Some(oldest) = self.visits.front() else { return false };
        passed(oldest.since)
            || self.last.is_none_or(passed) && self.visits.iter().all(|held| held.title_of.is_none())
    }

    /// As many as an entry has room for.
    pub(super) fn next_entry(&mut self, now: Instant) -> Vec<(Visit, Kind)> {
        self.last = Some(now);
        let (mut entry, mut room) = (Vec::new(), ROOM);
        while let Some(held) = self.visits.pop_front() {
            let bytes = written(&held.visit);
            if bytes > room && !entry.is_empty() {
                self.visits.push_front(held);
                break;
            }
            let Held { visit, kind, .. } = held;
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
            title_of: None,
            status: Some(200),
            outcome: Outcome::Opened,
        }
    }

    #[test]
    fn none_is_lost_and_every_entry_has_room() {
        let mut waiting = Waiting::default();
        for n in 0..500 {
            waiting.add(
                visited(&format!("https://{}.example/{n}", "\"\\".repeat(n * 5))),
                Instant::now(),
                &Stopped,
            );
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
        let soon = now + Duration::from_millis(100);
        assert!(!waiting.is_due(now));
        waiting.add(visited("https://a.example/"), now, &Stopped);
        assert!(waiting.is_due(now));
        assert_eq!(waiting.next_entry(now).len(), 1);
        waiting.add(visited("https://b.example/"), soon, &Stopped);
        waiting.add(visited("https://c.example/"), soon, &Stopped);
        assert!(!waiting.is_due(now + Duration::from_millis(249)));
        assert!(waiting.is_due(now + TOGETHER));
        assert_eq!(waiting.next_entry(now + TOGETHER).len(), 2);
    }

    #[test]
    fn a_title_is_waited_for_no_longer_than_visits_share_an_entry() {
        let page = Page::first_of("T");
        let untitled =
            || Visited { title: None, title_of: Some(page.clone()), ..visited("https://a.example/") };
        let (mut waiting, now) = (Waiting::default(), Instant::now());
        let title = |entry: Vec<(Visit, Kind)>| entry[0].0.title.as_ref().map(ToString::to_string);
        waiting.add(untitled(), now, &Stopped);
        assert!(!waiting.is_due(now + Duration::from_millis(249)), "its title may come");
        waiting.titled(&Page::first_of("another"), Some("Another"));
        assert!(!waiting.is_due(now));
        waiting.titled(&page, Some("A"));
        assert!(waiting.is_due(now), "it came");
        assert_eq!(title(waiting.next_entry(now)).as_deref(), Some("A"));

        waiting.add(untitled(), now, &Stopped);
        assert!(waiting.is_due(now + TOGETHER), "it did not come");
        assert_eq!(title(waiting.next_entry(now + TOGETHER)), None);
        waiting.titled(&page, Some("too late"));

        // A page that never says it holds up the others no longer either.
        let later = now + TOGETHER;
        waiting.add(untitled(), later, &Stopped);
        waiting.add(visited("https://b.example/"), later + Duration::from_millis(240), &Stopped);
        assert!(waiting.is_due(later + TOGETHER));
        assert_eq!(waiting.next_entry(later + TOGETHER).len(), 2);
    }
}
