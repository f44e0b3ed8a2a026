//! A look at a page, its picture and its archive, asked for while it is not
//! known yet whether the page stands still.
//!
//! They count only if nothing of the page or of its network has moved since:
//! whoever asked takes them again when it has. It knows no other patience than
//! its own.

use std::time::{Duration, Instant};

use super::picture::{self, Compression, IsolatedWorld, Layout};
use crate::devtools::client::Pending;
use crate::devtools::error::CallError;
use crate::watch::page::PageState;
use crate::watch::pane::Pane;

/// When a page is taken on speculation: once its network is calm, and again where that
/// came too early, a few times at most.
#[derive(Default)]
pub(crate) struct Speculation {
    tries: u32,
    since: Option<Instant>,
    begun: Option<SpeculativeCapture>,
}

impl Speculation {
    pub(crate) fn is_due(&self, state: &PageState) -> bool {
        let changed = state.requests.last_change;
        self.tries < MOST_TRIES
            && state.committed.is_some()
            && !state.is_loading()
            && changed.elapsed() >= CALM
            && self.since.is_none_or(|since| changed > since)
    }

    /// A page that does not answer within `limit` is not taken on speculation.
    pub(crate) fn begin(&mut self, pane: &Pane, limit: Duration) {
        let since = Instant::now();
        self.tries += 1;
        self.since = Some(since);
        self.begun = SpeculativeCapture::begin(pane, since, limit).ok().flatten();
    }

    /// What was taken, if it still is what would be taken now.
    pub(crate) fn take(&mut self, pane: &Pane) -> Option<SpeculativeCapture> {
        let speculative = self.begun.take()?;
        if pane.state().requests.last_change > speculative.since {
            return None;
        }
        let layout = speculative.world.layout_if(IS_STILL, STILL_LIMIT).ok().flatten()?;
        (layout == speculative.layout).then_some(speculative)
    }
}

pub(crate) struct SpeculativeCapture {
    world: IsolatedWorld,
    since: Instant,
    pub(crate) layout: Layout,
    /// On its way: what is on screen.
    pub(crate) picture: Pending,
    /// On its way, if the screen shows the whole page.
    pub(crate) archive: Option<Pending>,
}

impl SpeculativeCapture {
    fn begin(pane: &Pane, since: Instant, limit: Duration) -> Result<Option<SpeculativeCapture>, CallError> {
        let world = IsolatedWorld::create(pane, limit)?;
        let Some(layout) = world.layout_if(FOLLOW, limit)? else { return Ok(None) };
        let compression = if layout.fits() { Compression::Small } else { Compression::Fast };
        let picture = picture::begin(pane, compression)?;
        let archive = if layout.fits() { Some(picture::begin_archive(pane)?) } else { None };
        Ok(Some(SpeculativeCapture { world, since, layout, picture, archive }))
    }
}

/// Notes from now on whether anything of the page moves. No where that cannot
/// be told: what runs by itself, as fading in, and what changes without a trace
/// in the document's own tree, as a frame, a canvas or a tree in the shadow.
const FOLLOW: &str = r"(async () => {
  const apart = 'iframe, frame, object, embed, canvas, video, marquee, animate, animateMotion, animateTransform, set';
  if (document.querySelector(apart)) return false;
  for (const element of document.querySelectorAll('*'))
    if (element.shadowRoot || element.localName.includes('-')) return false;
  let moved = false;
  const moves = new MutationObserver(() => { moved = true; });
  moves.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const place = () => [scrollX, scrollY].join();
  const runs = () => document.getAnimations().some(animation => animation.playState === 'running');
  const there = place();
  globalThis.isStill = () => !moved && moves.takeRecords().length === 0 && place() === there && !runs();
  const shown = [...document.images].filter(image => image.complete);
  await Promise.all(shown.map(image => image.decode().catch(() => 0)));
  return !runs();
})()";

const IS_STILL: &str = "globalThis.isStill?.()";

/// Parts of a page follow each other more closely than this.
const CALM: Duration = Duration::from_millis(5);

/// A page that stands still says so at once.
const STILL_LIMIT: Duration = Duration::from_secs(1);

const MOST_TRIES: u32 = 3;
