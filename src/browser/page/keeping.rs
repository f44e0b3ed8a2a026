//! A page on its way into the record: asked for, waited for, taken, told.
//!
//! How its pieces are taken is [`super::capture`]'s.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::capture::{CaptureContext, PageCapture, hops};
use super::error::{NotLoaded, PageError};
use super::facts::{Hop, KeptPage, Timings};
use super::fresh_tab::FreshTab;
use super::limits::{Limits, Sink};
use super::speculative::Speculation;
use crate::devtools::client::Pending;
use crate::network::address::Address;
use crate::network::outcome::Outcome;
use crate::network::wall::Wall;
use crate::program::launch::Browser;
use crate::program::tool::Tool;
use crate::watch::absence::Absence;
use crate::watch::page::PageState;
use countersign_record::clock::{Clock, Time};

pub(crate) struct KeepPage<'a> {
    pub(crate) tab: FreshTab,
    wall: &'a Wall,
    tool: Tool,
    address: &'a Address,
    pub(crate) limits: &'a Limits,
    clock: &'a dyn Clock,
    started: Time,
    since: Instant,
    pub(crate) absences: Vec<Absence>,
    settled: Option<Instant>,
    speculation: Speculation,
    /// Whether the page was asked for.
    asked: bool,
}

impl<'a> KeepPage<'a> {
    pub(crate) fn new(
        browser: &'a mut Browser,
        address: &'a Address,
        limits: &'a Limits,
        clock: &'a dyn Clock,
    ) -> Result<KeepPage<'a>, PageError> {
        let started = clock.now();
        let since = Instant::now();
        let tab = FreshTab::open(browser, limits)?;
        let browser: &'a Browser = browser;
        let tool = browser.tool();
        let wall = browser.wall();
        Ok(KeepPage {
            tab,
            wall,
            tool,
            address,
            limits,
            clock,
            started,
            since,
            absences: Vec::new(),
            settled: None,
            speculation: Speculation::default(),
            asked: false,
        })
    }

    pub(crate) fn run(mut self, sink: &mut Sink<'_>) -> Result<KeptPage, PageError> {
        match self.take(sink) {
            Ok(page) => Ok(self.finish(page)),
            // A visit all the same: whoever was asked may have answered.
            Err(error @ PageError::Browser(_)) if self.asked => {
                let failure = NotLoaded { by_browser: true, ..self.not_loaded(error.to_string()) };
                Err(PageError::NotLoaded(Box::new(failure)))
            }
            Err(error) => Err(error),
        }
    }

    fn take(&mut self, sink: &mut Sink<'_>) -> Result<KeptPage, PageError> {
        let stream = self.load()?;
        let begun = self.speculation.take(self.tab.pane());
        let context = CaptureContext {
            wall: self.wall,
            tool: &self.tool,
            clock: self.clock,
            started: self.started,
            since: self.since,
        };
        let mut capture = PageCapture::of(self.tab.pane(), self.limits);
        let captured = capture.take(begun, stream, &context, sink)?;
        Ok(capture.told(captured, &context))
    }

    /// Asks for the page and waits until it stands still or a limit is met.
    fn load(&mut self) -> Result<Option<(String, Pending)>, PageError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Navigated {
            error_text: Option<String>,
        }
        let deadline = self.since + self.limits.load;
        let navigate = self.tab.go(self.address.as_str())?;
        self.asked = true;
        self.tab.stand()?;
        let navigated = loop {
            match navigate.poll::<Navigated>(Duration::from_millis(20))? {
                Some(navigated) => break Some(navigated),
                None if Instant::now() > deadline => break None,
                None => {}
            }
        };
        let Some(navigated) = navigated else {
            let why = format!("no answer within {} s", self.limits.load.as_secs());
            return Err(PageError::NotLoaded(Box::new(self.not_loaded(why))));
        };
        let aborted = navigated.error_text.as_deref() == Some(ABORTED);
        if let Some(reason) = navigated.error_text {
            let answered = |state: &PageState| {
                state.downloads > 0 || state.visit().is_some_and(|visit| visit.answered.is_some())
            };
            // What was aborted may have become a download, which is told later.
            let patience = Duration::from_millis(if aborted { 500 } else { 0 });
            if !self.tab.pane().until(Instant::now() + patience, answered)? {
                return Err(PageError::NotLoaded(Box::new(self.not_loaded(reason))));
            }
        }
        let mut stream: Option<(String, Pending)> = None;
        let mut settle_until = None;
        loop {
            if Instant::now() > deadline + self.limits.settle {
                self.absences.push(Absence::StoppedByTime { seconds: self.limits.load.as_secs() });
                break;
            }
            let committed = self.tab.pane().state().committed.clone();
            if let Some(request) = committed
                && stream.as_ref().is_none_or(|(streamed, _)| *streamed != request)
            {
                let params = json!({ "requestId": request });
                stream = Some((request, self.tab.pane().begin("Network.streamResourceContent", params)?));
                settle_until = None;
            }
            let quiet = self.limits.quiet;
            let is_still_for =
                |state: &PageState, long| !state.is_loading() && state.requests.last_change.elapsed() >= long;
            let is_still = |state: &PageState| is_still_for(state, quiet);
            // Nothing comes of an answer that was aborted: a download, or no
            // content. Of others it does, late where the computer is busy.
            let hope = if aborted { quiet } else { self.limits.settle };
            let speculation = &self.speculation;
            let seen = stream.as_ref().map(|(request, _)| request.clone());
            let until = settle_until.unwrap_or(deadline).min(deadline + self.limits.settle);
            let was_loaded = settle_until.is_some();
            let moved = self.tab.pane().until(until, |state| {
                state.crashed
                    || state.is_too_large()
                    || state.committed != seen
                    || !was_loaded && state.loaded.is_some()
                    || state.committed.is_none() && is_still_for(state, hope)
                    || state.loaded.is_some() && (is_still(state) || speculation.is_due(state))
            })?;
            let state = self.tab.pane().state();
            if state.crashed {
                break;
            }
            if state.is_too_large() {
                self.absences.push(Absence::StoppedBySize { bytes: self.limits.bytes });
                break;
            }
            if state.committed != seen {
                continue;
            }
            if !moved && state.loaded.is_none() {
                self.absences.push(Absence::StoppedByTime { seconds: self.limits.load.as_secs() });
                break;
            }
            if !moved {
                self.absences.push(Absence::StillLoading);
                break;
            }
            match state.loaded {
                Some(loaded) if !was_loaded => settle_until = Some(loaded + self.limits.settle),
                Some(_) if self.speculation.is_due(&state) => {
                    drop(state);
                    self.speculation.begin(self.tab.pane(), quiet);
                }
                // Something came just now.
                Some(_) if !is_still(&state) => {}
                _ => break,
            }
        }
        if self
            .absences
            .iter()
            .any(|a| matches!(a, Absence::StoppedBySize { .. } | Absence::StoppedByTime { .. }))
        {
            let _ = self.tab.pane().call::<Value>("Page.stopLoading", json!({}), Duration::from_secs(5));
        }
        self.settled = Some(Instant::now());
        Ok(stream)
    }

    /// The page, with how long its parts took and what is known here alone.
    fn finish(self, mut page: KeptPage) -> KeptPage {
        let state = self.tab.pane().state();
        let since = self.since;
        let at =
            |moment: Instant| u64::try_from(moment.duration_since(since).as_millis()).unwrap_or(u64::MAX);
        page.timings = Timings {
            answered_ms: state.visit().and_then(|visit| visit.answered).map(at),
            loaded_ms: state.loaded.map(at),
            settled_ms: self.settled.map(at),
            taken_ms: page.timings.taken_ms,
        };
        drop(state);
        page.asked = self.address.to_string();
        if page.url.is_empty() {
            page.url = page.hops.last().map_or_else(|| page.asked.clone(), |hop| hop.url.clone());
        }
        page.absences.splice(0..0, self.absences);
        let lost = self.tab.close();
        if lost > 0 {
            page.absences.push(Absence::EventsLost(lost));
        }
        page
    }

    fn hops(&self) -> Vec<Hop> {
        hops(&self.tab.pane().state(), self.wall)
    }

    fn not_loaded(&self, reason: String) -> NotLoaded {
        let hops = self.hops();
        let url = hops.last().map_or_else(|| self.address.to_string(), |hop| hop.url.clone());
        let outcome = self.wall.latest_at(&url);
        let refused = self.tab.pane().state().absences().into_iter().find_map(|absence| match absence {
            Absence::Refused { url: refused, why } if refused == url => Some(why),
            _ => None,
        });
        let why = match (&outcome, refused) {
            (_, Some(why)) => why,
            (Some(Outcome::Connected(_) | Outcome::Proxied(_)) | None, _) => reason,
            (Some(other), _) => other.to_string(),
        };
        NotLoaded { url, why, outcome, hops, by_browser: false }
    }
}

/// How the browser says that no page comes of an answer.
const ABORTED: &str = "net::ERR_ABORTED";
