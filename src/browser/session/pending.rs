//! The visits of one tab of which it is not known yet how they went.

use std::time::Instant;

use super::visited::{VisitOutcome, Visited};

/// Each by the request that it began with, the oldest first.
#[derive(Default)]
pub(super) struct PendingVisits {
    visits: Vec<(String, Visited)>,
}

impl PendingVisits {
    /// Adds a visit to `url`. What comes out has been forgotten for it.
    pub(super) fn begin(&mut self, request: &str, url: &str, now: Instant) -> Option<Visited> {
        let oldest = (self.visits.len() >= MOST_PENDING).then(|| self.visits.remove(0));
        let visit = Visited { outcome: VisitOutcome::unknown(), ..Visited::to(url, now) };
        self.visits.push((request.to_owned(), visit));
        oldest.map(|(_, visit)| Visited {
            outcome: VisitOutcome::Failed("it was given up".to_owned()),
            ..visit
        })
    }

    pub(super) fn find(&mut self, request: &str) -> Option<&mut Visited> {
        self.visits.iter_mut().find(|(id, _)| id == request).map(|(_, visit)| visit)
    }

    /// One that has come to `url` so far.
    pub(super) fn at(&mut self, url: &str) -> Option<&mut Visited> {
        self.visits.iter_mut().find(|(_, visit)| visit.final_url == url).map(|(_, visit)| visit)
    }

    pub(super) fn take(&mut self, request: &str) -> Option<Visited> {
        let place = self.visits.iter().position(|(id, _)| id == request)?;
        Some(self.visits.remove(place).1)
    }

    /// All of them, which failed for this reason.
    pub(super) fn end(&mut self, why: &str) -> impl Iterator<Item = Visited> {
        let failed = |visit| Visited { outcome: VisitOutcome::Failed(why.to_owned()), ..visit };
        self.visits.drain(..).map(move |(_, visit)| failed(visit))
    }
}

const MOST_PENDING: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_under_way_is_forgotten_or_grows_without_end() {
        let mut pending = PendingVisits::default();
        let begin = |n: u32| pending.begin(&n.to_string(), "http://a.example/", Instant::now());
        assert_eq!((0..100).filter_map(begin).count(), 100 - MOST_PENDING);
        assert_eq!(pending.visits.len(), MOST_PENDING);
        assert_eq!(pending.end("its window was closed").count(), MOST_PENDING);
        assert_eq!(pending.visits.len(), 0);
    }
}
