//! A page on its way into the record: asked for, waited for, taken, told.
//!
//! What the page spoils becomes an absence; only the browser's end, a stop and
//! a full disk end it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::address::Address;
use super::client::{CallError, Pending};
use super::facts::{Absence, Content, Hop, How, KeptPage, Piece, Timings, Tool, cut};
use super::launch::Browser;
use super::page::{Limits, NotLoaded, PageError, Sink};
use super::picture::{self, Area, Look, World, tiles};
use super::tab::Tab;
use super::wall::{Outcome, Wall};
use super::watch::{Step, Visit, Watch};
use crate::clock::{Clock, Time};

pub(super) struct Keeping<'a> {
    pub(super) tab: Tab,
    wall: &'a Wall,
    tool: Tool,
    address: &'a Address,
    pub(super) limits: &'a Limits,
    clock: &'a dyn Clock,
    started: Time,
    since: Instant,
    pub(super) absences: Vec<Absence>,
    settled: Option<Instant>,
    /// Set once the page has not answered: the rest is not waited for again.
    silent: Option<String>,
}

impl<'a> Keeping<'a> {
    pub(super) fn new(
        browser: &'a mut Browser,
        address: &'a Address,
        limits: &'a Limits,
        clock: &'a dyn Clock,
    ) -> Result<Keeping<'a>, PageError> {
        let started = clock.now();
        let since = Instant::now();
        let tab = Tab::open(browser, limits.bytes, limits.width, limits.height)?;
        let browser: &'a Browser = browser;
        let tool = Tool::Browser {
            product: cut(&browser.version().product),
            user_agent: cut(&browser.version().user_agent),
            path: browser.program().display().to_string(),
            arguments: browser.arguments().to_vec(),
        };
        let wall = browser.wall();
        Ok(Keeping {
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
            silent: None,
        })
    }

    pub(super) fn run(mut self, sink: &mut Sink<'_>) -> Result<KeptPage, PageError> {
        let stream = self.load()?;
        let shown = self.tab.watch().committed.is_some();
        let mut look = None;
        if shown {
            look = self.take_pictures(sink)?;
        } else {
            let why = if self.tab.watch().downloads > 0 {
                "the address is a download"
            } else {
                "the server's answer had nothing to show"
            };
            self.no_piece("picture", why);
        }
        let content = self.take_content(stream, sink)?;
        self.facts(look, content)
    }

    /// Asks for the page and waits until it stands still or a limit is met.
    fn load(&mut self) -> Result<Option<(String, Pending)>, PageError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Navigated {
            error_text: Option<String>,
        }
        let deadline = self.since + self.limits.load;
        let navigate = self.tab.begin("Page.navigate", json!({ "url": self.address.as_str() }))?;
        let navigated = loop {
            match navigate.poll::<Navigated>(Duration::from_millis(20))? {
                Some(navigated) => break Some(navigated),
                None if Instant::now() > deadline => break None,
                None => {}
            }
        };
        let Some(navigated) = navigated else {
            return Err(self.not_loaded(format!("no answer within {} s", self.limits.load.as_secs())));
        };
        if let Some(reason) = navigated.error_text {
            let answered = |watch: &Watch| {
                watch.downloads > 0 || watch.visit().is_some_and(|visit| visit.answered.is_some())
            };
            // What was aborted may have become a download, which is told later.
            let patience = Duration::from_millis(if reason == "net::ERR_ABORTED" { 500 } else { 0 });
            if !self.tab.until(Instant::now() + patience, answered)? {
                return Err(self.not_loaded(reason));
            }
        }
        let mut stream: Option<(String, Pending)> = None;
        let mut settle_until = None;
        loop {
            if Instant::now() > deadline + self.limits.settle {
                self.absences.push(Absence::StoppedByTime { seconds: self.limits.load.as_secs() });
                break;
            }
            let committed = self.tab.watch().committed.clone();
            if let Some(request) = committed
                && stream.as_ref().is_none_or(|(streamed, _)| *streamed != request)
            {
                let params = json!({ "requestId": request });
                stream = Some((request, self.tab.begin("Network.streamResourceContent", params)?));
                settle_until = None;
            }
            let quiet = self.limits.quiet;
            let seen = stream.as_ref().map(|(request, _)| request.clone());
            let until = settle_until.unwrap_or(deadline).min(deadline + self.limits.settle);
            let was_loaded = settle_until.is_some();
            let moved = self.tab.until(until, |watch| {
                let still = !watch.is_loading() && watch.last_change.elapsed() >= quiet;
                watch.crashed
                    || watch.is_too_large()
                    || watch.committed != seen
                    || !was_loaded && watch.loaded.is_some()
                    // Nothing came of the answer: a download, or no content.
                    || watch.committed.is_none() && still
                    || watch.loaded.is_some() && still
            })?;
            let watch = self.tab.watch();
            if watch.crashed {
                break;
            }
            if watch.is_too_large() {
                self.absences.push(Absence::StoppedBySize { bytes: self.limits.bytes });
                break;
            }
            if watch.committed != seen {
                continue;
            }
            if !moved && watch.loaded.is_none() {
                self.absences.push(Absence::StoppedByTime { seconds: self.limits.load.as_secs() });
                break;
            }
            if !moved {
                self.absences.push(Absence::StillLoading);
                break;
            }
            match watch.loaded {
                Some(loaded) if !was_loaded => settle_until = Some(loaded + self.limits.settle),
                _ => break,
            }
        }
        if self
            .absences
            .iter()
            .any(|a| matches!(a, Absence::StoppedBySize { .. } | Absence::StoppedByTime { .. }))
        {
            let _ = self.tab.call::<Value>("Page.stopLoading", json!({}), Duration::from_secs(5));
        }
        self.settled = Some(Instant::now());
        Ok(stream)
    }

    fn take_pictures(&mut self, sink: &mut Sink<'_>) -> Result<Option<Look>, PageError> {
        let limit = self.limits.take;
        let world = self.attempt("measures", |keeping| {
            World::create(&keeping.tab, limit).and_then(|world| world.look(limit))
        })?;
        let first = limit.min(FIRST_PICTURE);
        let on_screen = self.attempt("screen", |keeping| picture::picture(&keeping.tab, None, first))?;
        let (Some(on_screen), Some(mut look)) = (on_screen, world.clone()) else {
            self.no_piece("picture", "the page could not be drawn");
            self.take_archive(sink)?;
            return Ok(world);
        };
        self.give(Piece::Screen, &on_screen, sink)?;
        let fits = |look: &Look| {
            let view = look.view();
            view.page_height <= view.height && view.page_width <= view.width
        };
        if !fits(&look) {
            self.scroll()?;
            let again = self.attempt("measures", |keeping| {
                World::create(&keeping.tab, limit).and_then(|world| world.look(limit))
            })?;
            look = again.unwrap_or(look);
        }
        let view = look.view();
        let areas = tiles(&view);
        let of = u32::try_from(areas.len()).unwrap_or(u32::MAX);
        if fits(&look) {
            // What was on screen is all there is.
            self.give(Piece::Picture { tile: 1, of: 1 }, &on_screen, sink)?;
        } else {
            let mut reached = 0;
            for (tile, area) in (1..).zip(&areas) {
                let taken =
                    self.attempt("picture", |keeping| picture::picture(&keeping.tab, Some(*area), limit))?;
                let Some(taken) = taken else { break };
                self.give(Piece::Picture { tile, of }, &taken, sink)?;
                reached = area.y + area.height;
            }
            self.measure_picture(reached, areas.first(), view.page_width, view.page_height);
        }
        if look.video + look.audio > 0 {
            self.absences.push(Absence::Media { video: look.video, audio: look.audio });
        }
        self.take_archive(sink)?;
        Ok(Some(look))
    }

    fn measure_picture(&mut self, reached: u32, first: Option<&Area>, width: u32, height: u32) {
        if 0 < reached && reached < height {
            self.absences.push(Absence::PictureStops { at: reached, of: height });
        }
        if let Some(first) = first
            && first.width < width
        {
            self.absences.push(Absence::PictureNarrow { at: first.width, of: width });
        }
    }

    fn scroll(&mut self) -> Result<(), PageError> {
        let limit = self.limits.scroll;
        let scrolled = self.attempt("scrolling", |keeping| {
            World::create(&keeping.tab, limit).and_then(|world| world.scroll(picture::DEEPEST, limit))
        })?;
        if let Some(scrolled) = scrolled
            && !scrolled.ended
        {
            self.absences.push(Absence::Endless { at: picture::whole(scrolled.at) });
        }
        let quiet = self.limits.quiet;
        let still = |watch: &Watch| {
            watch.crashed
                || watch.is_too_large()
                || !watch.is_loading() && watch.last_change.elapsed() >= quiet
        };
        let until = Instant::now() + self.limits.settle;
        if !self.tab.until(until, still)? && !self.absences.contains(&Absence::StillLoading) {
            self.absences.push(Absence::StillLoading);
        }
        Ok(())
    }

    fn take_archive(&mut self, sink: &mut Sink<'_>) -> Result<(), PageError> {
        #[derive(Deserialize)]
        struct Snapshot {
            data: String,
        }
        let limit = self.limits.take;
        let snapshot = self.attempt("archive", |keeping| {
            keeping.tab.call::<Snapshot>("Page.captureSnapshot", json!({ "format": "mhtml" }), limit)
        })?;
        match snapshot {
            Some(snapshot) => self.give(Piece::Archive, snapshot.data.as_bytes(), sink),
            None => Ok(()),
        }
    }

    fn facts(mut self, look: Option<Look>, content: Option<Content>) -> Result<KeptPage, PageError> {
        let certificate = self.certificate()?;
        let hops = self.hops();
        let watch = self.tab.watch();
        let since = self.since;
        let at =
            |moment: Instant| u64::try_from(moment.duration_since(since).as_millis()).unwrap_or(u64::MAX);
        let timings = Timings {
            answered_ms: watch.visit().and_then(|visit| visit.answered).map(at),
            loaded_ms: watch.loaded.map(at),
            settled_ms: self.settled.map(at),
            taken_ms: at(Instant::now()),
        };
        let url = match (watch.url.is_empty(), hops.last()) {
            (true, Some(hop)) => hop.url.clone(),
            (true, None) => self.address.to_string(),
            (false, _) => watch.url.clone(),
        };
        let mut absences = std::mem::take(&mut self.absences);
        absences.extend(watch.absences());
        if watch.error_page {
            absences.push(Absence::BrowserMessage);
        }
        if watch.crashed {
            absences.push(Absence::Crashed);
        }
        if watch.headers_left_out > 0 {
            absences.push(Absence::HeadersLeftOut(watch.headers_left_out));
        }
        if watch.hops_left_out > 0 {
            absences.push(Absence::HopsLeftOut(watch.hops_left_out));
        }
        drop(watch);
        let (attempts, left_out) = self.wall.take_attempts();
        if left_out > 0 {
            absences.push(Absence::AttemptsLeftOut(left_out));
        }
        let lost = self.tab.close();
        if lost > 0 {
            absences.push(Absence::EventsLost(lost));
        }
        Ok(KeptPage {
            asked: self.address.to_string(),
            url,
            title: look.as_ref().map(|look| cut(&look.title)),
            hops,
            certificate,
            tool: self.tool,
            view: look.as_ref().map(Look::view),
            started: self.started,
            finished: self.clock.now(),
            timings,
            content,
            attempts,
            absences,
        })
    }

    fn hops(&self) -> Vec<Hop> {
        let watch = self.tab.watch();
        let last = watch.visit().map(|visit| visit.request.clone());
        let mut hops = Vec::new();
        for visit in &watch.visits {
            hops.extend(hops_of(visit, self.wall));
            if Some(&visit.request) == last.as_ref() {
                break;
            }
        }
        hops
    }

    fn not_loaded(&self, reason: String) -> PageError {
        let hops = self.hops();
        let url = hops.last().map_or_else(|| self.address.to_string(), |hop| hop.url.clone());
        let outcome = Url::parse(&url).ok().and_then(|url| {
            let host = url.host_str()?;
            self.wall.latest(host, url.port_or_known_default()?)
        });
        let refused = self.tab.watch().absences().into_iter().find_map(|absence| match absence {
            Absence::Refused { url: refused, why } if refused == url => Some(why),
            _ => None,
        });
        let why = match (&outcome, refused) {
            (_, Some(why)) => why,
            (Some(Outcome::Connected(_)) | None, _) => reason,
            (Some(other), _) => other.to_string(),
        };
        PageError::NotLoaded(Box::new(NotLoaded { url, why, outcome, hops }))
    }

    /// One step that the page may spoil: its failure is an absence, the
    /// browser's end is an error.
    pub(super) fn attempt<T>(
        &mut self,
        piece: &str,
        step: impl FnOnce(&Keeping<'a>) -> Result<T, CallError>,
    ) -> Result<Option<T>, PageError> {
        if self.tab.watch().crashed {
            self.silent.get_or_insert_with(|| "the page crashed".to_owned());
        }
        if let Some(why) = self.silent.clone() {
            self.no_piece(piece, &why);
            return Ok(None);
        }
        match step(self) {
            Ok(taken) => Ok(Some(taken)),
            Err(CallError::Closed) => Err(CallError::Closed.into()),
            Err(error) => {
                if matches!(error, CallError::TimedOut { .. }) {
                    // Some pages cannot be drawn and still answer.
                    let alive = json!({ "expression": "1" });
                    if self.tab.call::<Value>("Runtime.evaluate", alive, Duration::from_secs(2)).is_err() {
                        self.silent = Some("the page did not answer".to_owned());
                    }
                }
                self.no_piece(piece, &error.to_string());
                Ok(None)
            }
        }
    }

    fn no_piece(&mut self, piece: &str, why: &str) {
        self.absences.push(Absence::NoPiece { piece: piece.to_owned(), why: why.to_owned() });
    }

    pub(super) fn give(&mut self, piece: Piece, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), PageError> {
        sink(piece, bytes).map_err(PageError::Sink)
    }
}

/// A picture of what is on screen takes a tenth of a second, or for ever.
const FIRST_PICTURE: Duration = Duration::from_secs(8);

fn hops_of(visit: &Visit, wall: &Wall) -> Vec<Hop> {
    let raw_for_all = visit.raw.len() == visit.steps.iter().filter(|step| step.status.is_some()).count();
    let hop = |(i, step): (usize, &Step)| Hop {
        url: step.url.clone(),
        how: step.how.unwrap_or(How::Asked),
        status: step.status,
        protocol: step.protocol.clone(),
        remote: step.status.and_then(|_| remote(&step.url, wall)),
        headers: visit.raw.get(i).filter(|_| raw_for_all).unwrap_or(&step.headers).clone(),
    };
    visit.steps.iter().enumerate().map(hop).collect()
}

fn remote(url: &str, wall: &Wall) -> Option<SocketAddr> {
    let url = Url::parse(url).ok()?;
    match wall.latest(url.host_str()?, url.port_or_known_default()?)? {
        Outcome::Connected(address) => Some(address),
        _ => None,
    }
}
