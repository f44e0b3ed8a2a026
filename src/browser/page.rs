//! Keeps one page: asks for it in a fresh tab off the record, and takes what
//! shows how it was.
//!
//! The pieces go to the caller as they are taken, the facts at the end. It
//! does not decide whether the page may be kept, and keeps nothing itself.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::address::Address;
use super::client::{CallError, Pending};
use super::facts::{Absence, Certificate, Content, Fidelity, Hop, How, KeptPage, Piece, Timings, Tool, cut};
use super::launch::Browser;
use super::picture::{self, Area, Look, World, tiles};
use super::tab::Tab;
use super::wall::{Outcome, Wall};
use super::watch::{CONTENT_LIMIT, Step, Visit, Watch};
use crate::clock::{Clock, Time};
use crate::digest::Digest;

/// How long and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Until the page says that it is loaded.
    pub load: Duration,
    /// After that, until nothing more is loading.
    pub settle: Duration,
    /// How long nothing must move for that.
    pub quiet: Duration,
    /// Scrolling through it once.
    pub scroll: Duration,
    /// Each picture and file.
    pub take: Duration,
    /// Bytes of the page with all its parts.
    pub bytes: u64,
    /// Width of the window's inside in CSS pixels.
    pub width: u32,
    /// Height of the window's inside in CSS pixels.
    pub height: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            load: Duration::from_secs(30),
            settle: Duration::from_secs(5),
            quiet: Duration::from_millis(100),
            scroll: Duration::from_secs(10),
            take: Duration::from_secs(20),
            bytes: 128 << 20,
            width: 1280,
            height: 800,
        }
    }
}

/// Takes a piece of a page. What it is given of a page that was not kept in
/// the end, it must forget.
pub type Sink<'a> = dyn FnMut(Piece, &[u8]) -> io::Result<()> + 'a;

/// Asks for `address` and keeps what comes.
pub fn keep(
    browser: &mut Browser,
    address: &Address,
    limits: &Limits,
    clock: &dyn Clock,
    sink: &mut Sink<'_>,
) -> Result<KeptPage, PageError> {
    let kept = Keeping::new(browser, address, limits, clock).and_then(|keeping| keeping.run(sink));
    // Whatever went wrong, a stop is what the caller has to hear of.
    if browser.cancel().is_raised() { Err(PageError::Cancelled) } else { kept }
}

/// Why a page was not kept.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The recording was stopped.
    #[error("the recording was stopped")]
    Cancelled,
    /// There was no page to keep.
    #[error("{url}: {why}", url = .0.url, why = .0.why)]
    NotLoaded(Box<NotLoaded>),
    /// The browser ended or failed.
    #[error("the browser failed: {0}")]
    Browser(#[from] CallError),
    /// A piece could not be stored.
    #[error("the kept page could not be stored: {0}")]
    Sink(io::Error),
}

/// A page that did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotLoaded {
    /// The address that failed, perhaps after redirects.
    pub url: String,
    /// Why, as the wall or the browser says.
    pub why: String,
    /// What the wall says of the host.
    pub outcome: Option<Outcome>,
    /// What was answered on the way.
    pub hops: Vec<Hop>,
}

struct Keeping<'a> {
    tab: Tab,
    wall: &'a Wall,
    tool: Tool,
    address: &'a Address,
    limits: &'a Limits,
    clock: &'a dyn Clock,
    started: Time,
    since: Instant,
    absences: Vec<Absence>,
    settled: Option<Instant>,
    /// Set once the page has not answered: the rest is not waited for again.
    silent: Option<String>,
}

impl<'a> Keeping<'a> {
    fn new(
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

    fn run(mut self, sink: &mut Sink<'_>) -> Result<KeptPage, PageError> {
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

    /// The content of the main answer, from the stream that was followed or
    /// from what the browser still has.
    fn take_content(
        &mut self,
        stream: Option<(String, Pending)>,
        sink: &mut Sink<'_>,
    ) -> Result<Option<Content>, PageError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Streamed {
            buffered_data: String,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            body: String,
            base64_encoded: bool,
        }
        let (request, kind, charset, received, ended) = match self.tab.watch().visit() {
            Some(v) if v.answered.is_some() => {
                (v.request.clone(), v.kind.clone(), v.charset.clone(), v.bytes, v.ended)
            }
            _ => return Ok(None),
        };
        let decode = |data: &str| BASE64_STANDARD.decode(data).ok();
        let limit = self.limits.take;
        let streamed = match stream {
            Some((streamed, pending)) if streamed == request => {
                pending.wait::<Streamed>(Duration::from_secs(5)).ok()
            }
            _ => None,
        };
        let (bytes, fidelity) = if let Some(first) = streamed.and_then(|s| decode(&s.buffered_data)) {
            let watch = self.tab.watch();
            let mut bytes = first;
            let room = CONTENT_LIMIT.saturating_sub(bytes.len());
            bytes.extend_from_slice(&watch.streamed[..watch.streamed.len().min(room)]);
            let cut =
                watch.streamed_cut || watch.streamed.len() > room || !watch.visit().is_some_and(|v| v.ended);
            drop(watch);
            if cut {
                self.absences.push(Absence::ContentStops { at: bytes.len() as u64 });
            }
            (bytes, Fidelity::AsReceived)
        } else {
            let body = self.attempt("content", |keeping| {
                keeping.tab.call::<Body>("Network.getResponseBody", json!({ "requestId": request }), limit)
            })?;
            let Some(body) = body else { return Ok(None) };
            let (bytes, fidelity) = if body.base64_encoded {
                (decode(&body.body).unwrap_or_default(), Fidelity::AsReceived)
            } else {
                // Text comes decoded. It is what the server sent exactly if
                // that was UTF-8 and nothing was added or lost on the way.
                let same = charset.eq_ignore_ascii_case("utf-8") || body.body.is_ascii();
                let same = same && body.body.len() as u64 == received;
                (body.body.into_bytes(), if same { Fidelity::AsReceived } else { Fidelity::AsText })
            };
            if !ended {
                self.absences.push(Absence::ContentStops { at: bytes.len() as u64 });
            }
            (bytes, fidelity)
        };
        if fidelity == Fidelity::AsText {
            self.absences.push(Absence::ContentReencoded { charset });
        }
        self.give(Piece::Content, &bytes, sink)?;
        Ok(Some(Content { kind, fidelity, bytes: bytes.len() as u64 }))
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

    fn certificate(&mut self) -> Result<Option<Certificate>, PageError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Chain {
            table_names: Vec<String>,
        }
        let (security, url) = {
            let watch = self.tab.watch();
            let Some(visit) = watch.visit() else { return Ok(None) };
            let url = visit.steps.last().map(|step| step.url.clone()).unwrap_or_default();
            (visit.security.clone(), url)
        };
        let Ok(url) = Url::parse(&url) else { return Ok(None) };
        if url.scheme() != "https" {
            return Ok(None);
        }
        let origin = json!({ "origin": url.origin().ascii_serialization() });
        let limit = self.limits.take;
        let chain = self.attempt("certificate", |keeping| {
            keeping.tab.call::<Chain>("Network.getCertificate", origin, limit)
        })?;
        let der = chain.map(|chain| chain.table_names).unwrap_or_default();
        let chain = der.iter().take(16).filter_map(|der| BASE64_STANDARD.decode(der).ok());
        let text = |name: &str| security[name].as_str().map(cut);
        Ok(Some(Certificate {
            protocol: text("protocol"),
            subject: text("subjectName"),
            issuer: text("issuer"),
            valid_from: security["validFrom"].as_f64().map(|seconds| seconds as i64),
            valid_to: security["validTo"].as_f64().map(|seconds| seconds as i64),
            chain: chain.map(|der| Digest::of(&der)).collect(),
        }))
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
    fn attempt<T>(
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

    fn give(&mut self, piece: Piece, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), PageError> {
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
