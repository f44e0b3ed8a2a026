//! The page again, in ReplayWeb.page, with the site out of reach.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::chromium::{Chromium, Tab};
use crate::site::{self, Site};
use crate::world::World;
use crate::{keep_traffic, package, pages};

#[test]
fn the_page_is_there_again_when_the_site_is_not() {
    let (original, world) = (pages::start(), World::new());
    let mut case = world.open();
    let exhibit = keep_traffic(&mut case, &original.url("/"));
    let bytes = package(&case, &exhibit.kept.files);
    let reader = serve(bytes);
    let before = original.asked().len();

    let chromium = Chromium::shared();
    let person = chromium.confined_to(&reader.address.to_string());
    let tab = person.tab();
    // What a page that was not kept looks like here, and that nothing reaches
    // the site.
    let reached = tab.call("Page.navigate", serde_json::json!({ "url": original.url("/") }));
    assert!(reached["errorText"].as_str().is_some(), "{reached}");
    let url = format!(
        "{}?source={}#view=pages&url={}",
        reader.url("/"),
        reader.url("/page.wacz"),
        escaped(&original.url("/page?n=1"))
    );
    tab.call("Page.navigate", serde_json::json!({ "url": url }));
    wait(&tab, "its words", "Replayed words");
    // What its scripts fetched, what its frame showed, and how it was told to look.
    wait(&tab, "the answer to a form", "echo of a=b&c=d+e");
    wait(&tab, "the answer to JSON", "echo of {\"q\":\"words\"}");
    wait(&tab, "the frame", "café in a frame");
    wait(&tab, "the picture", "picture 16x16");
    wait(&tab, "the style", "colour rgb(1, 2, 3)");
    assert_eq!(original.asked().len(), before, "the site was not asked: {:?}", original.asked());
}

/// The built files of ReplayWeb.page, and the package.
fn serve(package: Vec<u8>) -> Site {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-tools/replaywebpage-2.5.3/package");
    assert!(folder.join("sw.js").is_file(), "{}: .ci/test installs it", folder.display());
    Site::serving(Arc::new(move |request, to| {
        let path = request.path.split('?').next().unwrap_or_default();
        let (kind, bytes) = match path {
            "/" => ("text/html", std::fs::read(folder.join("index.html"))?),
            "/ui.js" | "/sw.js" => ("text/javascript", std::fs::read(folder.join(&path[1..]))?),
            "/page.wacz" => ("application/wacz", package.clone()),
            _ => return site::answer(to, "404 Not Found", b""),
        };
        site::answer(to, &format!("200 OK\r\nContent-Type: {kind}"), &bytes)
    }))
}

fn escaped(url: &str) -> String {
    url.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Waits until the replayed page, or a frame of it, shows this.
fn wait(tab: &Tab, what: &str, words: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let seen = tab.text(SEEN);
        if seen.contains(words) {
            return;
        }
        assert!(Instant::now() < until, "{what} never came: {seen}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// What is shown in the frames of this page, wherever they are in it.
const SEEN: &str = "(() => {
  const seen = [];
  const look = root => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) look(element.shadowRoot);
      let inner = null;
      try { inner = element.tagName === 'IFRAME' && element.contentDocument; } catch {}
      if (!inner || !inner.body) continue;
      seen.push(inner.body.innerText);
      const picture = inner.getElementById('red'), title = inner.querySelector('h1');
      if (picture) seen.push(`picture ${picture.naturalWidth}x${picture.naturalHeight}`);
      if (title) seen.push(`colour ${inner.defaultView.getComputedStyle(title).color}`);
      look(inner);
    }
  };
  look(document);
  return seen.join('\\n') || (document.body ? document.body.innerText : '');
})()";
