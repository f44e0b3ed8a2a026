//! The traffic of a page, where it was gathered, as a piece of it.

use std::thread;
use std::time::{Duration, Instant};

use super::capture::{CaptureContext, PageCapture};
use super::error::PageError;
use super::facts::Piece;
use super::limits::Sink;
use crate::program::tool::Tool;
use crate::text::cut;
use crate::traffic::{Gap, Traffic};
use crate::warc::{self, Page};
use crate::watch::absence::Absence;
use crate::watch::pane::Pane;

impl PageCapture<'_> {
    /// The traffic of the page, where it was gathered.
    pub(crate) fn take_traffic(
        &mut self,
        title: &str,
        context: &CaptureContext<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), PageError> {
        if self.pane.state().traffic.is_none() {
            return Ok(());
        }
        settle(self.pane);
        let main = self.main.take();
        let state = self.pane.state();
        let Some(traffic) = &state.traffic else { return Ok(()) };
        let (exchanges, mut gaps) = traffic.told(context.wall, context.clock, main);
        // A script can give a page another address than it was loaded from.
        let loaded = state.committed.as_deref().and_then(|request| traffic.answered_at(request));
        if loaded.is_none() {
            gaps.insert(0, Gap::Page);
        }
        let url = loaded.unwrap_or_else(|| state.url.clone());
        drop(state);
        self.absences.extend(gaps.into_iter().map(Absence::Traffic));
        let page =
            Page { url, title: cut(title), started: context.started, software: software(context.tool) };
        match warc::package(&page, &exchanges) {
            Ok(package) => self.give(Piece::Traffic, &package, sink),
            Err(error) => {
                self.no_piece("traffic", &error.to_string());
                Ok(())
            }
        }
    }
}

/// Waits a little for what was asked of the browser, without holding up who
/// follows it.
fn settle(pane: &Pane) {
    let until = Instant::now() + SETTLE_LIMIT;
    while !pane.state().traffic.as_mut().is_none_or(Traffic::settle) && Instant::now() < until {
        thread::sleep(Duration::from_millis(5));
    }
}

fn software(tool: &Tool) -> String {
    let own = concat!("Countersign/", env!("CARGO_PKG_VERSION"));
    match tool {
        Tool::Browser { product, .. } => format!("{own} {product}"),
        Tool::Answer { .. } => own.to_owned(),
    }
}

/// What a browser still has it gives at once, or never.
const SETTLE_LIMIT: Duration = Duration::from_secs(5);
