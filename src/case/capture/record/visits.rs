//! Visits on their way into the record: those that come close together share
//! an entry, and each entry has room for what it holds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::capture::room::{self, MAX_VISIT};
use crate::capture::told::{MOST_TITLE, MOST_WHY, redirect};
use countersign_browser::session::{Page, VisitOutcome, Visited};
use countersign_record::clock::{Clock, Time};
use countersign_record::journal::{Seen, Visit, length_in_entry};

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
            VisitOutcome::Denied(_) => Kind::Denied,
            VisitOutcome::Opened | VisitOutcome::Failed(_) => Kind::Visit,
        };
        let title_of = visited.title_of.clone();
        self.visits.push_back(Held { visit: visit(visited, clock), kind, since: now, title_of });
    }

    /// The page says what it is called. What is on record already stays as it
    /// is.
    pub(super) fn titled(&mut self, page: &Page, title: Option<&str>) {
        for held in self.visits.iter_mut().filter(|held| held.title_of.as_ref() == Some(page)) {
            held.title_of = None;
            held.visit.title = title.map(|title| Seen::brief(title, MOST_TITLE));
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
        let (mut entry, mut room) = (Vec::new(), MAX_VISIT);
        while let Some(held) = self.visits.pop_front() {
            let bytes = length_in_entry(&held.visit);
            if bytes > room && !entry.is_empty() {
                self.visits.push_front(held);
                break;
            }
            room = room.saturating_sub(bytes);
            entry.push((held.visit, held.kind));
        }
        entry
    }

    /// What got no entry after all waits on, before the others.
    pub(super) fn wait_on(&mut self, entry: Vec<(Visit, Kind)>, now: Instant) {
        for (visit, kind) in entry.into_iter().rev() {
            self.visits.push_front(Held { visit, kind, since: now, title_of: None });
        }
    }
}

fn visit(visited: Visited, clock: &dyn Clock) -> Visit {
    let failure = match &visited.outcome {
        VisitOutcome::Opened => None,
        VisitOutcome::Failed(why) | VisitOutcome::Denied(why) => Some(Seen::brief(why, MOST_WHY)),
    };
    // A title that comes later has as much room.
    let title = visited.title.as_deref().map(|title| Seen::brief(title, MOST_TITLE));
    let redirects = visited.redirects.iter().map(|(url, status)| redirect(url, *status)).collect();
    let visit = Visit {
        time: at(visited.at, clock),
        url: Seen::of(&visited.url),
        redirects: Vec::new(),
        redirects_left_out: 0,
        final_url: Seen::of(&visited.final_url),
        title: Some(title.clone().unwrap_or_else(|| Seen::of(&"x".repeat(MOST_TITLE)))),
        status: visited.status,
        failure,
    };
    Visit { title, ..room::visit(visit, redirects) }
}

/// What the clock said at `moment`.
pub(super) fn at(moment: Instant, clock: &dyn Clock) -> Time {
    let now = clock.now();
    let ago = i64::try_from(moment.elapsed().as_millis()).unwrap_or(0);
    Time::from_unix_ms(now.unix_ms() - ago).unwrap_or(now)
}

const TOGETHER: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_record::journal::{Body, Entry, Visited as Visits};

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
            outcome: VisitOutcome::Opened,
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
            let bytes: usize = entry.iter().map(|(visit, _)| length_in_entry(visit)).sum();
            assert!(bytes <= MAX_VISIT, "{bytes}");
            let visits = entry.iter().map(|(visit, _)| visit.clone()).collect();
            Entry::length_of(&Body::Visited(Visits { visits })).expect("fits");
            for (visit, _) in &entry {
                assert!(visit.final_url.as_str().ends_with(&format!("example/{seen}")));
                assert_eq!(visit.redirects.len() as u64 + visit.redirects_left_out, 30);
                seen += 1;
            }
        }
        assert_eq!(seen, 500);
    }

    #[test]
    fn a_visit_has_room_for_its_title_whatever_else_is_long() {
        let page = Page::first_of("T");
        for (url, title) in
            [("\\".repeat(9000), "\u{1f600}".repeat(3000)), ("\"".repeat(9000), "\"".repeat(3000))]
        {
            let redirects = vec![(url.clone(), 302); 40];
            let mut waiting = Waiting::default();
            let long = Visited {
                redirects,
                title: None,
                title_of: Some(page.clone()),
                outcome: VisitOutcome::Failed(title.clone()),
                ..visited(&url)
            };
            waiting.add(long, Instant::now(), &Stopped);
            waiting.titled(&page, Some(&title));
            let [(visit, _)] = &waiting.next_entry(Instant::now())[..] else { panic!("one visit") };
            Entry::length_of(&Body::Visited(Visits { visits: vec![visit.clone()] })).expect("fits");
            assert!(visit.redirects.len() >= 10 && visit.title.is_some(), "{}", visit.redirects.len());
            assert_eq!(visit.redirects.len() as u64 + visit.redirects_left_out, 40);
        }
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
