//! The page that is on the screen: kept as it is, or a part of it.
//!
//! It is not loaded again: what is taken is what people see.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::addresses::shown;
use super::tab::{Keeper, Tab};
use crate::devtools::error::CallError;
use crate::network::wall::Wall;
use crate::page::capture::{CaptureContext, Captured, PageCapture};
use crate::page::error::PageError;
use crate::page::facts::KeptPage;
use crate::page::limits::{Limits, Sink};
use crate::page::picture;
use crate::program::cancel::Cancel;
use crate::program::launch::Browser;
use crate::program::tool::Tool;
use crate::watch::absence::Absence;
use crate::watch::pane::Pane;
use countersign_record::clock::Clock;

/// The page in one tab.
#[derive(Clone)]
pub struct Shown {
    pane: Pane,
    wall: Arc<Wall>,
    tool: Tool,
    cancel: Cancel,
    keepers: Arc<AtomicUsize>,
}

/// A part of what is on the screen, in the page's own pixels from the window's
/// top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// How wide.
    pub width: u32,
    /// How high.
    pub height: u32,
}

/// Why a part of the screen was not kept.
#[derive(Debug, thiserror::Error)]
pub enum AreaError {
    /// It is empty, or not inside the window.
    #[error("the area is not inside the window, which is {width} by {height}")]
    Outside {
        /// The window's width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// The browser or the page failed.
    #[error(transparent)]
    Page(#[from] PageError),
}

impl From<CallError> for AreaError {
    fn from(error: CallError) -> AreaError {
        AreaError::Page(error.into())
    }
}

impl Shown {
    pub(super) fn of(browser: &Browser, tab: &Tab) -> Shown {
        let pane = Pane::new(
            browser.client().clone(),
            tab.session.clone(),
            tab.target.clone(),
            Arc::clone(&tab.seen),
        );
        let (wall, tool, cancel) = (browser.wall_shared(), browser.tool(), browser.cancel().clone());
        Shown { pane, wall, tool, cancel, keepers: tab.keepers() }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        shown(&self.pane.state().url)
    }

    /// Whether there is a page in it at all.
    pub fn is_page(&self) -> bool {
        self.pane.state().committed.is_some()
    }

    /// Keeps what is shown. Where the page goes on to another meanwhile, the
    /// pieces are of neither, and it is not kept.
    pub fn keep(
        &self,
        limits: &Limits,
        clock: &dyn Clock,
        sink: &mut Sink<'_>,
    ) -> Result<KeptPage, KeepError> {
        let _keeper = Keeper::of(&self.keepers);
        let before = self.pane.state().committed.clone();
        let context = self.context(clock);
        let mut capture = PageCapture::of(&self.pane, limits);
        let captured = capture.take(None, None, &context, sink);
        if self.cancel.is_raised() {
            return Err(PageError::Cancelled.into());
        }
        if self.pane.state().committed != before {
            return Err(KeepError::Changed);
        }
        Ok(self.told(capture, captured?, &context))
    }

    /// Hands over what the page is made of, the archive and the main answer,
    /// to be compared with what must not be kept. Nothing of it is for keeping.
    ///
    /// # Errors
    /// What the browser says, and what `sink` does. What the page spoils is
    /// not handed over.
    pub fn compare(&self, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), PageError> {
        let _keeper = Keeper::of(&self.keepers);
        let mut capture = PageCapture::of(&self.pane, limits);
        capture.take_archive(picture::begin_archive(&self.pane), sink)?;
        capture.take_content(None, sink)?;
        Ok(())
    }

    /// Keeps a part of what is on the screen: its picture, and what is known of
    /// the page.
    pub fn keep_area(&self, area: Area, clock: &dyn Clock) -> Result<(Vec<u8>, KeptPage), AreaError> {
        let _keeper = Keeper::of(&self.keepers);
        let context = self.context(clock);
        let metrics: LayoutMetrics = self.pane.call("Page.getLayoutMetrics", json!({}), AREA_LIMIT)?;
        let view = metrics.css_visual_viewport;
        let (width, height) = (picture::whole(view.client_width), picture::whole(view.client_height));
        let inside = |from: u32, length: u32, of: u32| {
            length > 0 && from.checked_add(length).is_some_and(|to| to <= of)
        };
        if !inside(area.x, area.width, width) || !inside(area.y, area.height, height) {
            return Err(AreaError::Outside { width, height });
        }
        let at = picture::Clip {
            x: view.page_x + f64::from(area.x),
            y: view.page_y + f64::from(area.y),
            width: area.width,
            height: area.height,
        };
        let png = picture::clip(&self.pane, at, AREA_LIMIT)?;
        if self.cancel.is_raised() {
            return Err(PageError::Cancelled.into());
        }
        let limits = Limits::default();
        let capture = PageCapture::of(&self.pane, &limits);
        let mut page = self.told(capture, Captured::default(), &context);
        page.absences.insert(
            0,
            Absence::NoPiece {
                piece: "whole page".to_owned(),
                why: format!(
                    "a part of the screen was kept: {} by {} px at {}, {} of {width} by {height}",
                    area.width, area.height, area.x, area.y
                ),
            },
        );
        Ok((png, page))
    }

    fn context<'a>(&'a self, clock: &'a dyn Clock) -> CaptureContext<'a> {
        CaptureContext {
            wall: &self.wall,
            tool: &self.tool,
            clock,
            started: clock.now(),
            since: Instant::now(),
        }
    }

    fn told(&self, capture: PageCapture<'_>, captured: Captured, context: &CaptureContext<'_>) -> KeptPage {
        let mut page = capture.told(captured, context);
        (page.asked, page.url) = (shown(&page.asked), shown(&page.url));
        if self.pane.state().is_loading() {
            page.absences.push(Absence::StillLoading);
        }
        page
    }
}

/// Why what is on the screen was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// It went on to another page meanwhile.
    #[error("the page changed while it was being kept")]
    Changed,
    /// The browser, a stop, or the disk.
    #[error(transparent)]
    Page(#[from] PageError),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LayoutMetrics {
    css_visual_viewport: Viewport,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Viewport {
    page_x: f64,
    page_y: f64,
    client_width: f64,
    client_height: f64,
}

const AREA_LIMIT: Duration = Duration::from_secs(10);
