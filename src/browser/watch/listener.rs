//! What each page is listened to by: the keys that stop the case, the title,
//! which window people look at, whether they do anything in it, and what it
//! would open in another program.
//!
//! It runs in a world of its own, in which the page's scripts see and reach
//! nothing, and speaks through a binding that only that world has.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::notice::{Notice, STOP};
use crate::devtools::page_event::BindingCalled;

/// What the listener in one page says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PageSignal {
    /// The keys that stop the case.
    Stop,
    /// The page has the people's attention.
    Focus,
    /// The page is on a screen.
    Visible,
    /// People did something: a key, a wheel, a finger, a mouse that moved.
    Active,
    /// It would have opened this in another program, for which the browser asks
    /// in a window of its own, that hears no keys.
    Program { url: String },
    /// Its address and title.
    Title { url: String, title: String },
}

impl PageSignal {
    pub(crate) fn of(called: &BindingCalled) -> Option<PageSignal> {
        if called.name != BINDING {
            return None;
        }
        let said: Vec<String> = serde_json::from_str(&called.payload).ok()?;
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        match said.as_slice() {
            ["stop"] => Some(PageSignal::Stop),
            ["focus"] => Some(PageSignal::Focus),
            ["visible"] => Some(PageSignal::Visible),
            ["active"] => Some(PageSignal::Active),
            ["program", url] => Some(PageSignal::Program { url: (*url).to_owned() }),
            [_, url, title] => Some(PageSignal::Title { url: (*url).to_owned(), title: (*title).to_owned() }),
            _ => None,
        }
    }
}

/// What a session is told so that it can be heard.
pub(crate) fn setup() -> [(&'static str, Value); 3] {
    [
        ("Runtime.enable", json!({})),
        ("Runtime.addBinding", json!({ "name": BINDING, "executionContextName": WORLD })),
        again(),
    ]
}

/// What a tab is told once its first page is there: in a window that a page
/// opened, that page has the place of an empty one, and would not be listened
/// to until it is loaded.
pub(crate) fn again() -> (&'static str, Value) {
    let script = json!({ "source": *SOURCE, "worldName": WORLD, "runImmediately": true });
    ("Page.addScriptToEvaluateOnNewDocument", script)
}

static SOURCE: LazyLock<String> =
    LazyLock::new(|| LISTENER.replace("@COVER@", Notice::NotAnswering.url()).replace("@STOP@", STOP));

const BINDING: &str = "recorder";
const WORLD: &str = "recorder";

/// Ctrl+Shift+S (on a Mac with Command) stops. The keys of the browser's own
/// tools do nothing. Keys that a script makes up are not trusted and do
/// nothing either.
///
/// That people are there is told by what only they can do, and not what it
/// was: a page that goes on by itself, scrolls, or moves under a mouse that
/// lies still, MUST NOT look like people.
///
/// A page can take every listener away (`document.open`), and the first
/// document of a new window gives its place to another: they come back.
const LISTENER: &str = r"(() => {
  // Its own: elements of the page can have that name, too.
  if (Object.hasOwn(self, 'listen')) return self.listen();
  const say = (...said) => recorder(JSON.stringify(said));
  const keys = event => {
    if (!event.isTrusted) return;
    const control = event.ctrlKey || event.metaKey, key = event.code;
    const stop = control && event.shiftKey && !event.altKey && (key === 'KeyS' || /^s$/i.test(event.key));
    const tools = key === 'F12' || control && key === 'KeyU' ||
      control && (event.shiftKey || event.altKey) && ['KeyI', 'KeyJ', 'KeyC'].includes(key);
    if (!stop && !tools) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (stop) say('stop');
  };
  // The button of the program's own words, and of no page that looks like them.
  const pressed = event => {
    if (event.isTrusted && event.target.id === '@STOP@' && location.href === '@COVER@') say('stop');
  };
  const program = event => {
    if (!event.isTrusted || !event.cancelable) return;
    const url = event.destination.url;
    if (/^(https?|data|blob|about|file|filesystem|javascript):/i.test(url)) return;
    event.preventDefault();
    say('program', url.slice(0, 8192));
  };
  let told = -Infinity, at = '';
  const active = event => {
    if (!event.isTrusted) return;
    if (event.type === 'pointermove') {
      // A page that comes up under a mouse hears of it as of a move.
      const now = event.screenX + ' ' + event.screenY, lay = !at || now === at;
      at = now;
      if (lay) return;
    }
    if (performance.now() - told < 5000) return;
    told = performance.now();
    say('active');
  };
  const focus = event => { if (event.isTrusted && event.target === window) say('focus'); };
  const shown = () => { if (document.visibilityState === 'visible') say('focus'); };
  const name = () => {
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
  };
  let heard;
  const listen = self.listen = () => {
    addEventListener('keydown', keys, true);
    for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchmove', 'click', 'input']) {
      addEventListener(kind, active, { capture: true, passive: true });
    }
    addEventListener('focus', focus, true);
    self.navigation?.addEventListener('navigate', program);
    if (self === top) addEventListener('click', pressed, true);
    if (self === top) addEventListener('visibilitychange', shown, true);
    addEventListener('readystatechange', listen, true);
    if (heard === document) return;
    heard = document;
    new MutationObserver(listen).observe(heard, { childList: true });
    if (self === top) name();
  };
  if (document.hasFocus()) say('focus');
  if (self === top && document.visibilityState === 'visible') say('visible');
  listen();
})()";
