//! What each page is listened to by: the keys that stop the case, the title,
//! which window people look at, and whether they do anything in it.
//!
//! It runs in a world of its own, in which the page's scripts see and reach
//! nothing, and speaks through a binding that only that world has.

use serde_json::{Value, json};

use super::super::orders::text;

/// What the ear of one page says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The keys that stop the case.
    Stop,
    /// The page has the people's attention.
    Focus,
    /// The page is on a screen.
    Visible,
    /// People did something: a key, a wheel, a finger, a mouse that moved.
    Active,
    /// Its address and title.
    Title { url: String, title: String },
}

impl Heard {
    pub(super) fn of(p: &Value) -> Option<Heard> {
        if text(p, "name") != BINDING {
            return None;
        }
        let said: Vec<String> = serde_json::from_str(text(p, "payload")).ok()?;
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        match said.as_slice() {
            ["stop"] => Some(Heard::Stop),
            ["focus"] => Some(Heard::Focus),
            ["visible"] => Some(Heard::Visible),
            ["active"] => Some(Heard::Active),
            [_, url, title] => Some(Heard::Title { url: (*url).to_owned(), title: (*title).to_owned() }),
            _ => None,
        }
    }
}

/// What a session is told so that it can be heard.
pub(in crate::browser) fn setup() -> [(&'static str, Value); 3] {
    [
        ("Runtime.enable", json!({})),
        ("Runtime.addBinding", json!({ "name": BINDING, "executionContextName": WORLD })),
        (
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": EAR, "worldName": WORLD, "runImmediately": true }),
        ),
    ]
}

const BINDING: &str = "recorder";
const WORLD: &str = "recorder";

/// Ctrl+Shift+S (on a Mac with Command) stops. The keys of the browser's own
/// tools do nothing. Keys that a script makes up are not trusted and do
/// nothing either.
///
/// That people are there is told by what only they can do, and not what it
/// was: a page that goes on by itself, scrolls, or moves under a mouse that
/// lies still, MUST NOT look like people.
const EAR: &str = r"(() => {
  const say = (...said) => recorder(JSON.stringify(said));
  addEventListener('keydown', event => {
    if (!event.isTrusted) return;
    const control = event.ctrlKey || event.metaKey, key = event.code;
    const stop = control && event.shiftKey && !event.altKey && (key === 'KeyS' || /^s$/i.test(event.key));
    const tools = key === 'F12' || control && key === 'KeyU' ||
      control && (event.shiftKey || event.altKey) && ['KeyI', 'KeyJ', 'KeyC'].includes(key);
    if (!stop && !tools) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (stop) say('stop');
  }, true);
  let told = -Infinity, at = '';
  const active = event => {
    if (!event.isTrusted) return;
    if (event.type === 'pointermove') {
      const now = event.screenX + ' ' + event.screenY, lay = now === at;
      at = now;
      if (lay) return;
    }
    if (performance.now() - told < 5000) return;
    told = performance.now();
    say('active');
  };
  for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchmove', 'click', 'input']) {
    addEventListener(kind, active, { capture: true, passive: true });
  }
  addEventListener('focus', event => { if (event.isTrusted && event.target === window) say('focus'); }, true);
  const visible = () => { if (document.visibilityState === 'visible') say('visible'); };
  if (document.hasFocus()) say('focus');
  if (self !== top) return;
  visible();
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') say('focus'); });
  const title = () => say('title', location.href.slice(0, 8192), document.title.slice(0, 1000));
  if (document.readyState !== 'loading') return title();
  // As soon as it is there in whole, which is long before the page is.
  const look = () => {
    const over = document.body || document.readyState !== 'loading';
    if (!over && !document.querySelector('head > title')?.nextSibling) return;
    head.disconnect();
    if (document.readyState === 'loading' && !document.title) return;
    document.removeEventListener('DOMContentLoaded', look);
    title();
  };
  const head = new MutationObserver(look);
  head.observe(document, { childList: true, subtree: true });
  document.addEventListener('DOMContentLoaded', look);
})()";
