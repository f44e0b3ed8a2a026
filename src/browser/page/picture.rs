//! How a page looks: its measures, scrolled through once, and pictures of it.
//!
//! What runs in the page runs in a world of its own, out of reach of the
//! page's scripts.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::facts::View;
use crate::devtools::base64::Base64;
use crate::devtools::client::Pending;
use crate::devtools::error::CallError;
use crate::watch::pane::Pane;

/// What the page says of itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Layout {
    pub(crate) title: String,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) scale: f64,
    pub(crate) page_width: f64,
    pub(crate) page_height: f64,
    pub(crate) video: u32,
    pub(crate) audio: u32,
}

impl Layout {
    pub(crate) fn view(&self) -> View {
        View {
            width: whole(self.width),
            height: whole(self.height),
            scale_percent: whole(self.scale * 100.0),
            page_width: whole(self.page_width.max(self.width)),
            page_height: whole(self.page_height.max(self.height)),
        }
    }

    /// Whether the screen shows all of the page.
    pub(crate) fn fits(&self) -> bool {
        let view = self.view();
        view.page_height <= view.height && view.page_width <= view.width
    }
}

/// A world of our own in the page's main frame.
pub(crate) struct IsolatedWorld {
    pane: Pane,
    context: u64,
}

impl IsolatedWorld {
    pub(crate) fn create(pane: &Pane, limit: Duration) -> Result<IsolatedWorld, CallError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Created {
            execution_context_id: u64,
        }
        let params = json!({ "frameId": pane.target(), "worldName": "record" });
        let created: Created = pane.call("Page.createIsolatedWorld", params, limit)?;
        Ok(IsolatedWorld { pane: pane.clone(), context: created.execution_context_id })
    }

    pub(crate) fn layout(&self, limit: Duration) -> Result<Layout, CallError> {
        self.evaluate(LAYOUT, limit)
    }

    /// The same, if `question` is answered by yes.
    pub(crate) fn layout_if(&self, question: &str, limit: Duration) -> Result<Option<Layout>, CallError> {
        self.evaluate(&format!("Promise.resolve({question}).then(yes => yes ? {LAYOUT} : null)"), limit)
    }

    /// Scrolls through the page once, below `from`, and back to where it was.
    pub(crate) fn scroll(&self, from: u32, limit: Duration) -> Result<Scrolled, CallError> {
        let patience = limit.as_millis() * 8 / 10;
        self.evaluate(&format!("({SCROLL})({from}, {DEEPEST}, {patience}, () => {LAYOUT})"), limit)
    }

    fn evaluate<T: serde::de::DeserializeOwned>(
        &self,
        script: &str,
        limit: Duration,
    ) -> Result<T, CallError> {
        #[derive(Deserialize)]
        struct Evaluated<T> {
            result: Value<T>,
        }
        #[derive(Deserialize)]
        struct Value<T> {
            value: T,
        }
        let params = json!({
            "expression": script, "contextId": self.context, "returnByValue": true, "awaitPromise": true,
        });
        let evaluated: Evaluated<T> = self.pane.call("Runtime.evaluate", params, limit)?;
        Ok(evaluated.result.value)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Scrolled {
    /// How far it got.
    pub(crate) at: f64,
    /// Whether that was the end of the page.
    pub(crate) ended: bool,
    /// The page's height there.
    pub(crate) height: f64,
    /// How the page looks once it is back.
    pub(crate) layout: Layout,
}

/// A rectangle of the page to take a picture of, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The tiles that together show a page, from the top, as far as pictures go.
pub(crate) fn tiles(view: &View) -> Vec<Tile> {
    let width = view.page_width.clamp(1, TALLEST);
    let height = view.page_height.clamp(1, DEEPEST);
    let tallest = (MOST_PIXELS / width).clamp(1, TALLEST);
    let mut tiles = Vec::new();
    let mut y = 0;
    while y < height && tiles.len() < MOST_TILES {
        let tile = tallest.min(height - y);
        tiles.push(Tile { y, width, height: tile });
        y += tile;
    }
    tiles
}

/// A PNG of `tile`, or of what is on screen.
pub(crate) fn picture(pane: &Pane, tile: Option<Tile>, limit: Duration) -> Result<Vec<u8>, CallError> {
    let params = match tile {
        None => json!({ "format": "png" }),
        Some(Tile { y, width, height }) => json!({
            "format": "png", "captureBeyondViewport": true,
            "clip": { "x": 0, "y": y, "width": width, "height": height, "scale": 1 },
        }),
    };
    shoot(pane, params, limit)
}

/// How a picture is packed; every pixel is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// As small as the browser packs it.
    Small,
    /// There a third sooner, and a fifth larger with photographs on it, or 13 KB
    /// where there is little on it.
    Fast,
}

/// Asks for a PNG of what is on screen.
pub(crate) fn begin(pane: &Pane, compression: Compression) -> Result<Pending, CallError> {
    let is_fast = compression == Compression::Fast;
    pane.begin(SHOOT, json!({ "format": "png", "optimizeForSpeed": is_fast }))
}

/// Asks for the page as MHTML.
pub(crate) fn begin_archive(pane: &Pane) -> Result<Pending, CallError> {
    pane.begin("Page.captureSnapshot", json!({ "format": "mhtml" }))
}

/// The PNG that was begun.
pub(crate) fn end(begun: Pending, limit: Duration) -> Result<Vec<u8>, CallError> {
    #[derive(Deserialize)]
    struct Picture {
        data: Base64,
    }
    let picture: Picture = begun.wait(limit)?;
    picture.data.into_bytes().ok_or_else(|| CallError::not_base64(SHOOT))
}

fn shoot(pane: &Pane, params: serde_json::Value, limit: Duration) -> Result<Vec<u8>, CallError> {
    end(pane.begin(SHOOT, params)?, limit)
}

const SHOOT: &str = "Page.captureScreenshot";

/// A part of a page, from the page's own top left corner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clip {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A PNG of a part of what is on screen.
pub(crate) fn clip(
    pane: &Pane,
    Clip { x, y, width, height }: Clip,
    limit: Duration,
) -> Result<Vec<u8>, CallError> {
    let clip = json!({ "x": x, "y": y, "width": width, "height": height, "scale": 1 });
    shoot(pane, json!({ "format": "png", "clip": clip }), limit)
}

pub(crate) fn whole(number: f64) -> u32 {
    // A page's own numbers may be anything; `as` saturates.
    number.ceil() as u32
}

/// Where Chromium's pictures begin to repeat or to whiten.
pub(crate) const TALLEST: u32 = 16_384;
/// How far down pages are followed.
pub(crate) const DEEPEST: u32 = 8 * TALLEST;
const MOST_TILES: usize = 32;
const MOST_PIXELS: u32 = 32 << 20;

const LAYOUT: &str = r"({
  title: String(document.title),
  width: innerWidth, height: innerHeight, scale: devicePixelRatio,
  pageWidth: Math.max(document.documentElement?.scrollWidth ?? 0, document.body?.scrollWidth ?? 0),
  pageHeight: Math.max(document.documentElement?.scrollHeight ?? 0, document.body?.scrollHeight ?? 0),
  video: document.querySelectorAll('video').length, audio: document.querySelectorAll('audio').length,
})";

const SCROLL: &str = r"async (from, most, patience, layout) => {
  const started = performance.now();
  const page = document.scrollingElement ?? document.documentElement;
  const pause = ms => new Promise(done => setTimeout(done, ms));
  // Scripts hear of what comes into sight with the next frame, however long a
  // busy computer takes for it; a page in the background has none.
  const seen = () => document.hidden ? pause(25) : Promise.race([
    new Promise(done => requestAnimationFrame(() => setTimeout(done, 0))), pause(250),
  ]);
  let at = Math.max(0, from - innerHeight), ended = false;
  const [left, top] = [scrollX, scrollY];
  while (at < most && performance.now() - started < patience) {
    at += Math.max(innerHeight, 200);
    scrollTo({ top: at, left: 0, behavior: 'instant' });
    await seen();
    if (at + innerHeight >= page.scrollHeight) {
      scrollTo({ top: page.scrollHeight, left: 0, behavior: 'instant' });
      await pause(120);
      if (at + innerHeight >= page.scrollHeight) { ended = true; break; }
    }
  }
  const { pageHeight: height } = layout();
  scrollTo({ top, left, behavior: 'instant' });
  await seen();
  return { at: Math.min(at + innerHeight, page.scrollHeight), ended, height, layout: layout() };
}";

#[cfg(test)]
mod tests {
    use super::*;

    fn view(page_width: u32, page_height: u32) -> View {
        View { width: 1280, height: 800, scale_percent: 100, page_width, page_height }
    }

    #[test]
    fn tiles_cover_the_page_without_gaps_or_stop() {
        assert_eq!(tiles(&view(1280, 800)), [Tile { y: 0, width: 1280, height: 800 }]);
        assert_eq!(tiles(&view(1280, TALLEST)).len(), 1);
        for (width, height) in [(1280, 20_000), (4000, 30_000), (1280, 9_000_000), (90_000, 90_000), (0, 0)] {
            let tiles = tiles(&view(width, height));
            let mut y = 0;
            for tile in &tiles {
                assert_eq!(tile.y, y);
                assert!(tile.height <= TALLEST && tile.width <= TALLEST);
                assert!(u64::from(tile.width) * u64::from(tile.height) <= u64::from(MOST_PIXELS));
                y += tile.height;
            }
            assert!(tiles.len() <= MOST_TILES && y <= height.max(1));
            if width <= 1280 {
                assert_eq!(y, height.clamp(1, DEEPEST));
            }
        }
    }
}
