//! The visits of one tab, folded from what the browser says of its main frame.
//!
//! It is pure. A visit comes out as soon as it is known how it went; the title
//! of a page that opened follows.

use std::mem;
use std::time::{Duration, Instant};

use super::addresses::{internal, is_blank, shown};
use super::events::SessionEvent;
use super::names::PageName;
use super::pending::PendingVisits;
use super::visited::{VisitOutcome, Visited};
use crate::devtools::page_event::{Frame, Kind, LoadingFailed, RequestPaused, RequestSent, Response};
use crate::network::reach::Reach;
use crate::watch::commands::refusal;
use crate::watch::notice::is_notice;

/// The visits of one tab.
pub(super) struct Visits {
    frame: String,
    reach: Reach,
    pending: PendingVisits,
    /// Given up by the browser: a download may be told of them.
    given_up: Vec<(Visited, Instant)>,
    name: PageName,
    /// The page of the browser's own that is being closed.
    closing: Option<String>,
    out: Vec<SessionEvent>,
}

impl Visits {
    pub(super) fn of(frame: String, reach: Reach) -> Visits {
        Visits {
            name: PageName::in_tab(&frame),
            frame,
            reach,
            pending: PendingVisits::default(),
            given_up: Vec::new(),
            closing: None,
            out: Vec::new(),
        }
    }

    /// What has come out since.
    pub(super) fn take_out(&mut self) -> Vec<SessionEvent> {
        mem::take(&mut self.out)
    }

    /// Takes in an event of the tab's own session. The answer says that what
    /// it shows must be closed.
    pub(super) fn take(&mut self, kind: &Kind, now: Instant) -> Verdict {
        match kind {
            Kind::RequestSent(sent) if sent.kind == "Document" && sent.frame_id == self.frame => {
                return self.asked(sent, now);
            }
            Kind::RequestPaused(paused) => self.paused(paused),
            Kind::ResponseReceived(received) => {
                if let Some(visit) = self.pending.find(&received.request_id) {
                    visit.status = status(&received.response);
                }
            }
            Kind::LoadingFailed(failed) => self.failed(failed, now),
            Kind::FrameNavigated(to) if to.frame.id == self.frame => return self.navigated(&to.frame, now),
            Kind::NavigatedWithinDocument(to) if to.frame_id == self.frame => {
                self.shows(Visited::to(&to.url, now));
            }
            _ => {}
        }
        Verdict::LetBe
    }

    /// The page at `url` says what it is called.
    pub(super) fn titled(&mut self, url: &str, title: &str) {
        self.out.extend(self.name.said(&shown(url), title));
    }

    /// A download from `url` was denied: whether it was one of this tab's
    /// visits.
    pub(super) fn downloaded(&mut self, url: &str, why: &str) -> bool {
        let url = shown(url);
        let Some(place) = self.given_up.iter().position(|(visit, _)| visit.final_url == url) else {
            return false;
        };
        let (visit, _) = self.given_up.remove(place);
        self.say(Visited { outcome: VisitOutcome::Denied(why.to_owned()), ..visit });
        true
    }

    /// The server at `url` could not show who it is. The answer says whether
    /// what the tab shows must be closed, because this is one of its visits.
    pub(super) fn not_trusted(&mut self, url: &str, error: &str) -> Verdict {
        let url = shown(url);
        let Some(visit) = self.pending.at(&url) else { return Verdict::LetBe };
        visit.outcome = VisitOutcome::not_trusted(error);
        Verdict::Close
    }

    /// Lets out what has waited long enough.
    pub(super) fn tick(&mut self, now: Instant) {
        while self.given_up.first().is_some_and(|(_, until)| *until <= now) {
            let (visit, _) = self.given_up.remove(0);
            self.say(visit);
        }
    }

    /// The tab is gone, for this reason: everything comes out.
    pub(super) fn end(&mut self, why: &str) {
        let given_up = self.given_up.drain(..).map(|(visit, _)| visit);
        self.out.extend(given_up.chain(self.pending.end(why)).map(SessionEvent::Visited));
    }

    fn asked(&mut self, sent: &RequestSent, now: Instant) -> Verdict {
        let (id, url) = (sent.request_id.as_str(), sent.request.url.as_str());
        if let Some(visit) = self.pending.find(id) {
            let from = mem::replace(&mut visit.final_url, shown(url));
            if visit.redirects.len() < MOST_HOPS
                && let Some(status) = sent.redirect_response.as_ref().and_then(status)
            {
                visit.redirects.push((from, status));
            }
            return Verdict::LetBe;
        }
        if let Some(why) = internal(url) {
            self.say(Visited::denied(url, why, now));
            self.closing = Some(shown(url));
            return Verdict::Close;
        }
        if is_blank(url) || is_notice(url) {
            return Verdict::LetBe;
        }
        self.out.extend(self.pending.begin(id, url, now).map(SessionEvent::Visited));
        Verdict::LetBe
    }

    fn paused(&mut self, paused: &RequestPaused) {
        if paused.resource_type == "Document"
            && let Some(why) = refusal(&paused.request.url, true, &self.reach)
            && let Some(visit) = self.pending.find(&paused.network_id)
        {
            visit.outcome = VisitOutcome::Denied(why);
        }
    }

    fn failed(&mut self, failed: &LoadingFailed, now: Instant) {
        let Some(mut visit) = self.pending.take(&failed.request_id) else { return };
        // What is known already says more than the browser's word for it.
        if visit.outcome != VisitOutcome::unknown() {
            self.say(visit);
            return;
        }
        let why = failed.error_text.as_str();
        visit.outcome = VisitOutcome::of_error(why, visit.status);
        if why == "net::ERR_ABORTED" {
            self.given_up.push((visit, now + DOWNLOAD_LIMIT));
        } else {
            self.say(visit);
        }
    }

    fn navigated(&mut self, frame: &Frame, now: Instant) -> Verdict {
        let url = frame.url.as_str();
        let pending = self.pending.take(&frame.loader_id);
        self.name.turn();
        if !frame.unreachable_url.is_empty() || url.starts_with("chrome-error:") {
            // The failure was told before; where it was not, this is it.
            if let Some(mut visit) = pending {
                if visit.outcome == VisitOutcome::unknown() {
                    visit.outcome = VisitOutcome::Failed("it did not open".to_owned());
                }
                self.say(visit);
            }
            return Verdict::LetBe;
        }
        let full = format!("{url}{}", frame.url_fragment);
        let visit = match pending {
            Some(visit) => Visited { final_url: shown(&full), outcome: VisitOutcome::Opened, ..visit },
            None if is_blank(url) || is_notice(url) => return Verdict::LetBe,
            None => match internal(url) {
                // Told when it was asked for.
                Some(_) if self.closing == Some(shown(url)) => {
                    self.closing = None;
                    return Verdict::Close;
                }
                Some(why) => {
                    self.say(Visited::denied(url, why, now));
                    return Verdict::Close;
                }
                // From the browser's memory.
                None => Visited::to(&full, now),
            },
        };
        self.shows(visit);
        Verdict::LetBe
    }

    /// The page is at the end of `visit` now.
    fn shows(&mut self, visit: Visited) {
        let (title, title_of) = self.name.at(&visit.final_url);
        self.say(Visited { title, title_of, ..visit });
    }

    fn say(&mut self, visit: Visited) {
        self.out.push(SessionEvent::Visited(visit));
    }
}

/// What becomes of what a tab shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    LetBe,
    Close,
}

fn status(response: &Response) -> Option<u16> {
    response.status().filter(|status| *status > 0)
}

/// How long after it was given up a visit can turn out to be a download.
const DOWNLOAD_LIMIT: Duration = Duration::from_millis(200);
const MOST_HOPS: usize = 32;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::devtools::event::Event;
    use crate::devtools::page_event::PageEvent;
    use crate::session::visited::Page;

    fn visits() -> Visits {
        Visits::of("T".to_owned(), Reach::Public)
    }

    fn asked(id: &str, url: &str, redirect: Value) -> Value {
        json!({
            "requestId": id, "frameId": "T", "type": "Document", "request": { "url": url },
            "redirectResponse": redirect,
        })
    }

    fn opened(id: &str, url: &str) -> Value {
        json!({ "frame": { "id": "T", "loaderId": id, "url": url } })
    }

    fn told(visits: &mut Visits, method: &str, p: &Value) -> Verdict {
        let event = Event { method: method.to_owned(), session: None, params: p.clone() };
        match PageEvent::of(event) {
            Ok(Some(event)) => visits.take(&event.kind, Instant::now()),
            Ok(None) | Err(_) => Verdict::LetBe,
        }
    }

    fn out(visits: &mut Visits) -> Vec<Visited> {
        let visited = |event| match event {
            SessionEvent::Visited(visit) => Some(visit),
            _ => None,
        };
        visits.take_out().into_iter().filter_map(visited).collect()
    }

    fn brief(visits: &mut Visits) -> Vec<(String, VisitOutcome)> {
        out(visits).into_iter().map(|visit| (visit.final_url, visit.outcome)).collect()
    }

    #[test]
    fn a_redirect_is_one_visit_with_its_chain() {
        let mut visits = visits();
        told(&mut visits, "Network.requestWillBeSent", &asked("1", "http://a.example/", Value::Null));
        let redirect = json!({ "status": 301 });
        told(&mut visits, "Network.requestWillBeSent", &asked("1", "http://b.example/", redirect));
        let answer = json!({ "requestId": "1", "response": { "status": 200 } });
        told(&mut visits, "Network.responseReceived", &answer);
        told(&mut visits, "Page.frameNavigated", &opened("1", "http://b.example/"));
        let out = out(&mut visits);
        assert_eq!(out.len(), 1);
        assert_eq!(
            (out[0].url.as_str(), out[0].final_url.as_str()),
            ("http://a.example/", "http://b.example/")
        );
        assert_eq!(out[0].redirects, [("http://a.example/".to_owned(), 301)]);
        assert_eq!((out[0].status, out[0].title.as_deref()), (Some(200), None), "not held up by its title");
    }

    #[test]
    fn a_title_follows_the_visits_of_its_own_page() {
        let mut visits = visits();
        let went = |url: &str| json!({ "frameId": "T", "url": url });
        told(&mut visits, "Page.frameNavigated", &opened("1", "http://a.example/"));
        told(&mut visits, "Page.navigatedWithinDocument", &went("http://a.example/b"));
        let waiting: Vec<Option<Page>> = out(&mut visits).into_iter().map(|visit| visit.title_of).collect();
        assert!(waiting[0].is_some() && waiting[0] == waiting[1], "{waiting:?}");
        visits.titled("http://a.example/b#part", "B");
        let page = waiting[0].clone().expect("a page");
        assert_eq!(
            visits.take_out(),
            [SessionEvent::Titled { page: page.clone(), title: Some("B".to_owned()) }]
        );
        told(&mut visits, "Page.frameNavigated", &opened("2", "http://b.example/"));
        let next = out(&mut visits).remove(0);
        assert!(next.title.is_none() && next.title_of.is_some_and(|next| next != page));
    }

    #[test]
    fn what_was_given_up_may_be_a_download() {
        let mut visits = visits();
        let given_up = json!({ "requestId": "1", "errorText": "net::ERR_ABORTED" });
        told(&mut visits, "Network.requestWillBeSent", &asked("1", "http://a.example/x", Value::Null));
        told(&mut visits, "Network.loadingFailed", &given_up);
        assert!(!visits.downloaded("http://a.example/y", "denied"));
        assert!(visits.downloaded("http://a.example/x", "denied"));
        assert_eq!(
            brief(&mut visits),
            [("http://a.example/x".to_owned(), VisitOutcome::Denied("denied".to_owned()))]
        );
        told(&mut visits, "Network.requestWillBeSent", &asked("1", "http://a.example/z", Value::Null));
        told(&mut visits, "Network.loadingFailed", &given_up);
        visits.tick(Instant::now() + DOWNLOAD_LIMIT);
        assert_eq!(
            brief(&mut visits),
            [("http://a.example/z".to_owned(), VisitOutcome::Failed("it was given up".to_owned()))]
        );
    }

    #[test]
    fn the_browsers_own_pages_are_denied_once_and_closed() {
        for url in
            ["chrome://version/", "edge://settings/", "devtools://devtools/x", "chrome-extension://a/b"]
        {
            let mut visits = visits();
            assert_eq!(
                told(&mut visits, "Network.requestWillBeSent", &asked("1", url, Value::Null)),
                Verdict::Close
            );
            assert_eq!(brief(&mut visits).len(), 1, "{url}");
            assert_eq!(told(&mut visits, "Page.frameNavigated", &opened("1", url)), Verdict::Close, "{url}");
            assert_eq!(brief(&mut visits), [], "{url}");
        }
        for url in ["about:blank", "chrome://newtab/", "edge://newtab/", "chrome://new-tab-page/"] {
            let mut visits = visits();
            assert_eq!(told(&mut visits, "Page.frameNavigated", &opened("1", url)), Verdict::LetBe);
            visits.end("over");
            assert_eq!(brief(&mut visits), [], "{url} is where people begin");
        }
    }

    #[test]
    fn failures_say_why_and_certificates_are_not_passed_over() {
        let mut visits = visits();
        for (error, words) in
            [("net::ERR_CERT_DATE_INVALID", "not passed over"), ("net::ERR_TIMED_OUT", "TIMED_OUT")]
        {
            told(&mut visits, "Network.requestWillBeSent", &asked("1", "https://a.example/", Value::Null));
            told(&mut visits, "Network.loadingFailed", &json!({ "requestId": "1", "errorText": error }));
            let shown = json!({ "frame": {
                "id": "T", "loaderId": "1", "url": "chrome-error://chromewebdata/", "unreachableUrl": "https://a.example/",
            } });
            told(&mut visits, "Page.frameNavigated", &shown);
            let out = brief(&mut visits);
            assert!(
                matches!(out.as_slice(), [(_, VisitOutcome::Failed(why))] if why.contains(words)),
                "{out:?}"
            );
        }
    }

    #[test]
    fn events_of_any_shape_are_taken() {
        let mut visits = visits();
        for method in [
            "Network.requestWillBeSent",
            "Fetch.requestPaused",
            "Network.loadingFailed",
            "Page.frameNavigated",
        ] {
            for p in [Value::Null, json!([]), json!("x"), json!({ "frame": 7, "frameId": "T" })] {
                told(&mut visits, method, &p);
            }
        }
    }
}
