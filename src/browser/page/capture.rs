//! Takes what shows how a page in a tab is: pictures, archive, the answer's
//! content.
//!
//! What the page spoils becomes an absence; only the browser's end, a stop and
//! a full disk end it. How the page came there is not its business.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::PageError;
use super::facts::{Certificate, Content, Hop, KeptPage, Piece, Timings};
use super::limits::{Limits, Sink};
use super::picture::{self, IsolatedWorld, Layout, Tile, tiles};
use super::speculative::SpeculativeCapture;
use crate::devtools::client::Pending;
use crate::devtools::error::CallError;
use crate::network::wall::Wall;
use crate::program::tool::Tool;
use crate::text::cut;
use crate::traffic::MainContent;
use crate::watch::absence::{Absence, beyond_proxy};
use crate::watch::page::PageState;
use crate::watch::pane::Pane;
use crate::watch::requests::{How, MainRequest, RequestStep};
use countersign_record::clock::{Clock, Time};

/// With what a page is captured, and since when.
#[derive(Clone, Copy)]
pub(crate) struct CaptureContext<'a> {
    pub(crate) wall: &'a Wall,
    pub(crate) tool: &'a Tool,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) started: Time,
    pub(crate) since: Instant,
}

/// What a page says of itself, beside its pieces.
#[derive(Default)]
pub(crate) struct Captured {
    pub(crate) layout: Option<Layout>,
    pub(crate) content: Option<Content>,
    pub(crate) certificate: Option<Certificate>,
}

pub(crate) struct PageCapture<'a> {
    pub(crate) pane: &'a Pane,
    pub(crate) limits: &'a Limits,
    pub(crate) absences: Vec<Absence>,
    /// The content of the page's own answer, for its traffic.
    pub(crate) main: Option<MainContent>,
    /// Set once the page has not answered: the rest is not waited for again.
    silent: Option<String>,
}

impl<'a> PageCapture<'a> {
    pub(crate) fn of(pane: &'a Pane, limits: &'a Limits) -> PageCapture<'a> {
        PageCapture { pane, limits, absences: Vec::new(), main: None, silent: None }
    }

    /// Takes all of the page. Some of it may have been begun before, on
    /// speculation; of the main answer a stream may be there.
    pub(crate) fn take(
        &mut self,
        begun: Option<SpeculativeCapture>,
        stream: Option<(String, Pending)>,
        context: &CaptureContext<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<Captured, PageError> {
        let (is_there, downloads) = {
            let state = self.pane.state();
            (state.committed.is_some(), state.downloads)
        };
        let mut captured = Captured::default();
        if is_there {
            captured.layout = self.take_pictures(begun, sink)?;
        } else if downloads > 0 {
            self.no_piece("picture", "the address is a download");
        } else {
            self.no_piece("picture", "the server's answer had nothing to show");
        }
        captured.content = self.take_content(stream, sink)?;
        captured.certificate = self.certificate()?;
        let title = captured.layout.as_ref().map_or("", |layout| &layout.title);
        self.take_traffic(title, context, sink)?;
        Ok(captured)
    }

    /// The page as it is known now, with what was captured of it.
    pub(crate) fn told(self, captured: Captured, context: &CaptureContext<'_>) -> KeptPage {
        let state = self.pane.state();
        let hops = hops(&state, context.wall);
        let mut absences = self.absences;
        absences.extend(state.absences());
        let (attempts, left_out) = context.wall.take_attempts();
        if left_out > 0 {
            absences.push(Absence::AttemptsLeftOut(left_out));
        }
        absences.extend(beyond_proxy(&attempts));
        let Captured { layout, content, certificate } = captured;
        let taken_ms = u64::try_from(context.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        KeptPage {
            asked: hops.first().map_or_else(|| state.url.clone(), |hop| hop.url.clone()),
            url: state.url.clone(),
            title: layout.as_ref().map(|layout| cut(&layout.title)),
            hops,
            certificate,
            tool: context.tool.clone(),
            view: layout.as_ref().map(Layout::view),
            started: context.started,
            finished: context.clock.now(),
            timings: Timings { taken_ms, ..Timings::default() },
            content,
            attempts,
            absences,
        }
    }

    /// What was on the screen first, then the whole page, then its archive.
    /// Some of it may have been taken before, on speculation.
    pub(crate) fn take_pictures(
        &mut self,
        speculative: Option<SpeculativeCapture>,
        sink: &mut Sink<'_>,
    ) -> Result<Option<Layout>, PageError> {
        let limit = self.limits.take;
        let first = limit.min(FIRST_PICTURE);
        let (layout, on_screen, begun) = match speculative {
            Some(SpeculativeCapture { layout, picture, archive, .. }) => {
                (Some(layout), self.attempt("screen", |_| picture::end(picture, first))?, archive)
            }
            None => {
                let layout = self.attempt("measures", |capture| {
                    IsolatedWorld::create(capture.pane, first).and_then(|world| world.layout(first))
                })?;
                (layout, self.attempt("screen", |capture| picture::picture(capture.pane, None, first))?, None)
            }
        };
        let (Some(on_screen), Some(mut layout)) = (on_screen, layout.clone()) else {
            self.no_piece("picture", "the page could not be drawn");
            let archive = picture::begin_archive(self.pane);
            self.take_archive(archive, sink)?;
            return Ok(layout);
        };
        self.give(Piece::Screen, &on_screen, sink)?;
        if !layout.fits() {
            layout = self.scroll()?.unwrap_or(layout);
        }
        // Written by the page while the browser packs its pictures.
        let archive = begun.map_or_else(|| picture::begin_archive(self.pane), Ok);
        let view = layout.view();
        let tiles = tiles(&view);
        let of = u32::try_from(tiles.len()).unwrap_or(u32::MAX);
        if layout.fits() {
            // What was on screen is all there is.
            self.give(Piece::Picture { tile: 1, of: 1 }, &on_screen, sink)?;
        } else {
            let mut reached = 0;
            for (number, tile) in (1..).zip(&tiles) {
                let taken =
                    self.attempt("picture", |capture| picture::picture(capture.pane, Some(*tile), limit))?;
                let Some(taken) = taken else { break };
                self.give(Piece::Picture { tile: number, of }, &taken, sink)?;
                reached = tile.y + tile.height;
            }
            self.measure_picture(reached, tiles.first(), view.page_width, view.page_height);
        }
        if layout.video + layout.audio > 0 {
            self.absences.push(Absence::Media { video: layout.video, audio: layout.audio });
        }
        self.take_archive(archive, sink)?;
        Ok(Some(layout))
    }

    fn measure_picture(&mut self, reached: u32, first: Option<&Tile>, width: u32, height: u32) {
        if 0 < reached && reached < height {
            self.absences.push(Absence::PictureStops { at: reached, of: height });
        }
        if let Some(first) = first
            && first.width < width
        {
            self.absences.push(Absence::PictureNarrow { at: first.width, of: width });
        }
    }

    /// Scrolls through the page, and on where it has grown by what it fetched at
    /// its end, and waits until nothing moves; its measures then.
    fn scroll(&mut self) -> Result<Option<Layout>, PageError> {
        let deadline = Instant::now() + self.limits.scroll;
        let (mut from, mut highest) = (0, 0.0_f64);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let scrolled = self.attempt("scrolling", |capture| {
                IsolatedWorld::create(capture.pane, left).and_then(|world| world.scroll(from, left))
            })?;
            let layout = match &scrolled {
                Some(scrolled) if self.is_still() => Some(scrolled.layout.clone()),
                _ => self.settle()?,
            };
            let Some(scrolled) = scrolled else { return Ok(layout) };
            let (at, height) = (picture::whole(scrolled.at), layout.as_ref().map_or(0.0, |l| l.page_height));
            // Where it is only higher at its top than at its end, it is so
            // the next time, too.
            let has_grown = height > scrolled.height.max(highest);
            let has_time = deadline.saturating_duration_since(Instant::now()) > SHORTEST_SCROLL;
            if scrolled.ended && has_grown && has_time {
                (from, highest) = (at, height);
                continue;
            }
            if !scrolled.ended || has_grown {
                self.absences.push(Absence::Endless { at });
            }
            return Ok(layout);
        }
    }

    fn is_still(&self) -> bool {
        is_still(&self.pane.state(), self.limits.quiet)
    }

    /// Waits until nothing moves; the measures then.
    fn settle(&mut self) -> Result<Option<Layout>, PageError> {
        let (limit, quiet) = (self.limits.take, self.limits.quiet);
        let until = Instant::now() + self.limits.settle;
        if !self.pane.until(until, |state| is_still(state, quiet))?
            && !self.absences.contains(&Absence::StillLoading)
        {
            self.absences.push(Absence::StillLoading);
        }
        self.attempt("measures", |capture| {
            IsolatedWorld::create(capture.pane, limit).and_then(|world| world.layout(limit))
        })
    }

    pub(crate) fn take_archive(
        &mut self,
        begun: Result<Pending, CallError>,
        sink: &mut Sink<'_>,
    ) -> Result<(), PageError> {
        #[derive(Deserialize)]
        struct Snapshot {
            data: String,
        }
        let limit = self.limits.take;
        let snapshot = self.attempt("archive", |_| begun?.wait::<Snapshot>(limit))?;
        match snapshot {
            Some(snapshot) => self.give(Piece::Archive, snapshot.data.as_bytes(), sink),
            None => Ok(()),
        }
    }

    /// One step that the page may spoil: its failure is an absence, the
    /// browser's end is an error.
    pub(crate) fn attempt<T>(
        &mut self,
        piece: &str,
        step: impl FnOnce(&PageCapture<'a>) -> Result<T, CallError>,
    ) -> Result<Option<T>, PageError> {
        if self.pane.state().crashed {
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
                    if self.pane.call::<Value>("Runtime.evaluate", alive, Duration::from_secs(2)).is_err() {
                        self.silent = Some("the page did not answer".to_owned());
                    }
                }
                self.no_piece(piece, &error.to_string());
                Ok(None)
            }
        }
    }

    pub(crate) fn no_piece(&mut self, piece: &str, why: &str) {
        self.absences.push(Absence::NoPiece { piece: piece.to_owned(), why: why.to_owned() });
    }

    pub(crate) fn give(&mut self, piece: Piece, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), PageError> {
        sink(piece, bytes).map_err(PageError::Sink)
    }
}

/// Whether nothing moves, or nothing will any more.
fn is_still(state: &PageState, quiet: Duration) -> bool {
    state.crashed
        || state.is_too_large()
        || !state.is_loading() && state.requests.last_change.elapsed() >= quiet
}

/// Less is not enough to scroll on.
const SHORTEST_SCROLL: Duration = Duration::from_secs(1);

/// To be measured and drawn once takes a page a tenth of a second, or for ever.
const FIRST_PICTURE: Duration = Duration::from_secs(8);

/// The answers on the way to the page that is shown.
pub(crate) fn hops(state: &PageState, wall: &Wall) -> Vec<Hop> {
    let last = state.visit().map(|visit| visit.request.clone());
    let mut hops = Vec::new();
    for visit in &state.requests.visits {
        hops.extend(hops_of(visit, wall));
        if Some(&visit.request) == last.as_ref() {
            break;
        }
    }
    hops
}

fn hops_of(visit: &MainRequest, wall: &Wall) -> Vec<Hop> {
    let raw_for_all = visit.raw.len() == visit.steps.iter().filter(|step| step.status.is_some()).count();
    let hop = |(i, step): (usize, &RequestStep)| Hop {
        url: step.url.clone(),
        how: step.how.unwrap_or(How::Asked),
        status: step.status,
        protocol: step.protocol.clone(),
        remote: step.status.and_then(|_| wall.server_at(&step.url)),
        headers: visit.raw.get(i).filter(|_| raw_for_all).unwrap_or(&step.headers).clone(),
    };
    visit.steps.iter().enumerate().map(hop).collect()
}
