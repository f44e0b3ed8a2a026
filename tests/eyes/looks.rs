//! What is looked at on each page, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use countersign_record::digest::Digest;
use serde_json::{Value, json};

use super::chromium::{Key, Tab};
use super::pictures::for_eyes;

/// What was found on all pages that were looked at.
#[derive(Default)]
pub struct Findings {
    pub pages: BTreeSet<String>,
    pub wrong: Vec<String>,
}

impl Findings {
    /// There MUST be none.
    pub fn none(&self) {
        let wrong = &self.wrong;
        assert!(!self.pages.is_empty());
        assert!(
            wrong.is_empty(),
            "{} findings on {} pages:\n{}",
            wrong.len(),
            self.pages.len(),
            wrong.join("\n")
        );
    }

    /// Looks at every page that links lead to from here, in the state that
    /// everything is in now.
    pub fn survey(&mut self, tab: &Tab, from: &str, look: impl Fn(&mut Findings, &Tab)) {
        for page in linked(tab, from) {
            tab.go(&page);
            let status = tab.eval("performance.getEntriesByType('navigation')[0].responseStatus");
            if status != 200 {
                self.add(tab, format!("a link leads to a page of status {status}"));
            }
            look(self, tab);
        }
        tab.go(from);
    }

    fn add(&mut self, tab: &Tab, what: impl std::fmt::Display) {
        let finding = format!("{} ({}): {what}", tab.path(), tab.text("document.title"));
        if !self.wrong.contains(&finding) {
            self.wrong.push(finding);
        }
    }

    pub fn fits_and_axe(&mut self, tab: &Tab) {
        if !self.is_new(tab, "fits and axe") {
            return;
        }
        self.fits(tab);
        self.axe(tab);
    }

    /// Whether no test has looked at this page in this way yet. Pages that are
    /// alike to the letter, but for digits and tokens, are looked at once.
    fn is_new(&mut self, tab: &Tab, how: &str) -> bool {
        static LOOKED_AT: Mutex<BTreeSet<Digest>> = Mutex::new(BTreeSet::new());
        self.pages.insert(format!("{} {}", tab.path(), tab.text("document.title")));
        let page = tab.text(
            "document.documentElement.outerHTML.replace(/[0-9a-f]{16,}|[0-9]+/g, '#') \
             + matchMedia('(scripting: enabled)').matches + innerWidth",
        );
        LOOKED_AT
            .lock()
            .expect("no test fails in here")
            .insert(Digest::of(format!("{how} {page}").as_bytes()))
    }

    /// Everything.
    pub fn look(&mut self, tab: &Tab) {
        if !self.is_new(tab, "everything") {
            return;
        }
        let title: String = tab.text("document.title").chars().filter(char::is_ascii).collect();
        let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        for_eyes(tab, &format!("page-{}", words.take(9).collect::<Vec<_>>().join("-")));
        self.fits(tab);
        self.axe(tab);
        self.by_keyboard(tab);
    }

    /// Tab reaches everything that can be used; what has the focus is seen to
    /// have it.
    pub fn by_keyboard(&mut self, tab: &Tab) {
        self.pages.insert(format!("{} {}", tab.path(), tab.text("document.title")));
        let had = tab.eval("(() => { window.reached = new Set(); window.had = document.activeElement; document.activeElement.blur(); window.scrollTo(0, 0); return document.querySelectorAll('a[href],button,input,textarea,select,summary,[tabindex]').length; })()");
        let most = had.as_u64().unwrap_or_default() + 6;
        for _ in 0..most {
            tab.press(Key::Tab);
            let seen = tab.eval(FOCUS_IS_SEEN);
            if let Some(problem) = seen["problem"].as_str() {
                self.add(tab, problem);
            }
            if seen["again"] == Value::Bool(true) {
                break;
            }
        }
        for missed in tab.eval(NOT_REACHED).as_array().into_iter().flatten() {
            self.add(tab, format!("Tab does not reach {missed}"));
        }
        tab.eval("(() => { if (window.had && window.had !== document.body) window.had.focus(); else document.activeElement.blur(); return 0; })()");
    }

    /// No scrolling sideways on 320 pixels, or on 1280 enlarged four times.
    pub fn fits(&mut self, tab: &Tab) {
        for (width, height, scale) in [(320, 640, 1.0), (320, 200, 4.0), (1280, 800, 1.0)] {
            tab.size(width, height, scale);
            for problem in tab.eval(SIDEWAYS).as_array().into_iter().flatten() {
                self.add(tab, format!("at {width} × {height} × {scale}: {problem}"));
            }
        }
    }

    /// axe-core, all its rules.
    pub fn axe(&mut self, tab: &Tab) {
        self.pages.insert(format!("{} {}", tab.path(), tab.text("document.title")));
        // In a world of its own: the page's script does not see it.
        let frame = tab.call("Page.getFrameTree", json!({}))["frameTree"]["frame"]["id"].clone();
        let world = tab.call("Page.createIsolatedWorld", json!({ "frameId": frame, "worldName": "axe" }));
        let run = |expression: &str| {
            let at = json!({ "expression": expression, "contextId": world["executionContextId"], "returnByValue": true, "awaitPromise": true });
            let answer = tab.call("Runtime.evaluate", at);
            assert!(answer.get("exceptionDetails").is_none(), "{answer}");
            answer["result"]["value"].clone()
        };
        run(axe());
        let violations = run(AXE);
        assert!(violations["passes"].as_u64() > Some(5), "axe-core checked nothing: {violations}");
        for violation in violations["violations"].as_array().expect("a list") {
            self.add(tab, format!("axe-core: {violation}"));
        }
    }
}

/// A page of the guide, whole.
pub fn is_there(tab: &Tab) {
    let whole = "document.querySelectorAll('main h1').length === 1 && !!document.querySelector('footer')";
    assert_eq!(tab.eval(whole), true, "{}: {}", tab.url(), tab.words());
}

/// The addresses that links lead to, from page to page, without what stands
/// behind `#`. Of pages that differ only in what stands behind `?` or in their
/// last part, a few.
pub fn linked(tab: &Tab, from: &str) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::<String>::new(), vec![from.to_owned()]);
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(page) = waiting.pop() {
        let path = page.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').skip(3).collect();
        let kind = match parts.as_slice() {
            ["case", case, page, _, ..] => format!("{case}/{page}/"),
            ["open", ..] => "open".to_owned(),
            other => other.join("/"),
        };
        let seen = alike.entry(kind).or_default();
        if *seen == ALIKE || found.contains(&page) {
            continue;
        }
        *seen += 1;
        tab.go(&page);
        let links = tab.eval("[...document.querySelectorAll('a[href]:not([download])')].map(a => a.href.split('#')[0]).filter(h => h.startsWith(location.origin))");
        waiting.extend(
            links.as_array().into_iter().flatten().filter_map(|link| link.as_str().map(str::to_owned)),
        );
        found.push(page);
    }
    found
}

const ALIKE: usize = 2;

/// axe-core as `.ci/test` puts it there.
fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-tools/node_modules/axe-core/axe.min.js");
        std::fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!(
                "{}: {error}\n.ci/test installs it: npm install --prefix target/test-tools axe-core",
                path.display()
            )
        })
    })
}

const AXE: &str = "axe.run(document, { resultTypes: ['violations'] }).then(r => ({ passes: r.passes.length, violations: r.violations.map(v => v.id + ': ' + v.help + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | ')) }))";

const FOCUS_IS_SEEN: &str = "(() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return {};
  if (window.reached.has(e)) return { again: true };
  window.reached.add(e);
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  const name = e.tagName + ' ' + (e.name || (e.textContent || '').trim().slice(0, 40));
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  if (!outlined && e.tagName !== 'MAIN') return { problem: 'no focus is seen on ' + name };
  if (box.width < 1 || box.height < 1) return { problem: name + ' has the focus and no size' };
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) return { problem: name + ' has the focus and is not on screen' };
  const r = [...e.getClientRects()].find(r => r.bottom > 0 && r.top < innerHeight) || box;
  const x = Math.min(Math.max(r.left + r.width / 2, 0), innerWidth - 1), y = Math.min(Math.max(r.top + r.height / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  if (top && top !== e && !e.contains(top) && !top.contains(e)) return { problem: name + ' has the focus and is covered by ' + top.tagName };
  return {};
})()";

const NOT_REACHED: &str = "(() => {
  const groups = new Set([...window.reached].filter(e => e.type === 'radio').map(e => e.name));
  return [...document.querySelectorAll('a[href],button,input:not([type=hidden]),textarea,select,summary')]
    .filter(e => !e.disabled && e.checkVisibility({ visibilityProperty: true }) && !window.reached.has(e))
    .filter(e => !(e.type === 'radio' && groups.has(e.name)))
    .map(e => e.outerHTML.slice(0, 160));
})()";

/// The page itself, or a piece of it that is cut off. What scrolls by itself
/// on purpose says so by its class.
const SIDEWAYS: &str = "(() => {
  const wide = [], root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    wide.push('the page scrolls sideways: ' + root.scrollWidth + ' px');
    for (const e of document.body.querySelectorAll('*')) {
      if (e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest('.scroll') && e.children.length === 0) { wide.push(e.outerHTML.slice(0, 120)); break; }
    }
  }
  return wide;
})()";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chromium::Chromium;

    /// A page that is wrong in each way that is looked for.
    #[test]
    fn what_is_wrong_is_found() {
        let person = Chromium::shared().person();
        let tab = person.tab();
        let frame = tab.call("Page.getFrameTree", json!({}))["frameTree"]["frame"]["id"].clone();
        let html = "<!doctype html><html lang=en><title>Wrong</title><style>.bare:focus{outline:0}</style><main><h1>Wrong</h1><img src=data:,><p style='color:#bbb'>Pale words<p style='width:900px'>Wide<p><a href=#a class=bare>Bare</a> <a href=#b tabindex=-1>Lost</a> <button>Fine</button><p id=a>A<p id=b>B</main>";
        tab.call("Page.setDocumentContent", json!({ "frameId": frame, "html": html }));
        let mut findings = Findings::default();
        findings.look(&tab);
        let found = findings.wrong.join("\n");
        for sign in [
            "image-alt",
            "color-contrast",
            "at 320",
            "scrolls sideways",
            "seen on A Bare",
            "Tab does not reach \"<a href=",
            ">Lost<",
        ] {
            assert!(found.contains(sign), "{sign} was not found in:\n{found}");
        }
    }
}
