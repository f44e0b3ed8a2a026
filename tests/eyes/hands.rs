//! Two hands on a keyboard: what a person does who has no mouse.
//!
//! Everything is reached by Tab, chosen by Space or the arrows, and sent by
//! Enter. A field that cannot be reached like that fails the test.

use serde_json::Value;

use super::chromium::{Key, Tab};

/// What has the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    pub tag: String,
    pub kind: String,
    pub name: String,
    pub value: String,
    pub words: String,
    pub leads: String,
    pub checked: bool,
}

impl Tab {
    pub fn focus(&self) -> Focus {
        let seen = self.eval(FOCUS);
        let text = |name: &str| seen[name].as_str().unwrap_or_default().to_owned();
        Focus {
            tag: text("tag"),
            kind: text("kind"),
            name: text("name"),
            value: text("value"),
            words: text("words"),
            leads: text("leads"),
            checked: seen["checked"] == Value::Bool(true),
        }
    }

    /// Presses Tab until the focus is on what is `wanted`.
    pub fn reach(&self, what: &str, wanted: impl Fn(&Focus) -> bool) -> Focus {
        let mut seen = Vec::new();
        let now = self.focus();
        if wanted(&now) {
            return now;
        }
        for _ in 0..MOST_TABS {
            self.press(Key::Tab);
            let focus = self.focus();
            if wanted(&focus) {
                return focus;
            }
            seen.push(format!("{} {} {} {:?}", focus.tag, focus.kind, focus.name, focus.words));
        }
        seen.dedup();
        seen.truncate(40);
        panic!("{what} cannot be reached on {}:\n{}\n{}", self.url(), seen.join("\n"), self.words());
    }

    /// Fills a field in: types, or chooses the one with this value.
    pub fn fill(&self, name: &str, value: &str) {
        let hidden_away = format!("{FOLDED}('{name}')");
        if self.eval(&hidden_away) == Value::Bool(true) {
            self.unfold(name);
        }
        let choice = |kind: &str| kind == "radio" || kind == "checkbox";
        let at = self.reach(&format!("{name}={value}"), |focus| {
            focus.name == name && (focus.kind != "checkbox" || focus.value == value)
        });
        if at.kind == "checkbox" {
            if !at.checked {
                self.press(Key::Space);
            }
        } else if choice(&at.kind) {
            self.choose(name, value);
        } else if at.tag == "SELECT" {
            for _ in 0..200 {
                if self.focus().value == value {
                    return;
                }
                self.press(Key::Down);
            }
            panic!("{name} cannot be set to {value} on {}", self.url());
        } else {
            self.eval("document.activeElement.select()");
            if value.is_empty() {
                self.eval("document.activeElement.value = ''");
            } else {
                self.insert(value);
            }
        }
    }

    fn choose(&self, name: &str, value: &str) {
        self.press(Key::Space);
        for _ in 0..60 {
            let now = self.focus();
            if now.value == value && now.checked {
                return;
            }
            self.press(Key::Down);
        }
        panic!("{name} cannot be set to {value} on {}", self.url());
    }

    /// Opens what the field is folded away in.
    fn unfold(&self, name: &str) {
        self.reach(&format!("what {name} is folded in"), |focus| focus.tag == "SUMMARY");
        self.press(Key::Enter);
    }

    /// Fills the fields in and presses the button that sends them.
    pub fn answer(&self, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            self.fill(name, value);
        }
        let main = "document.querySelector('main form button:not([type=button]):not(.stop)').textContent";
        let button = match fields.last() {
            Some((name, _)) => self.text(&format!(
                "[...document.getElementsByName({name:?})].find(e => e.form).form.querySelector('button:not([type=button])').textContent"
            )),
            None => self.text(main),
        };
        self.push(button.trim());
    }

    /// Presses the button with these words, which leads to another page.
    pub fn push(&self, words: &str) {
        self.reach(&format!("the button {words:?}"), |focus| focus.tag == "BUTTON" && focus.words == words);
        self.leave(|tab| tab.press(Key::Enter));
    }

    /// Follows the link with these words, or that leads there.
    pub fn follow(&self, link: &str) {
        self.reach(&format!("the link {link:?}"), |focus| {
            focus.tag == "A" && (focus.words == link || focus.leads == link)
        });
        self.leave(|tab| tab.press(Key::Enter));
    }
}

const MOST_TABS: usize = 150;
const FOCUS: &str = "(() => { const e = document.activeElement; return { tag: e.tagName, kind: e.type || '', name: e.name || '', value: e.value || '', words: (e.textContent || '').trim(), leads: e.getAttribute('href') || '', checked: !!e.checked }; })()";
const FOLDED: &str = "((name) => { const all = [...document.getElementsByName(name)]; return all.length > 0 && all.every(e => !e.checkVisibility()) && all.some(e => e.closest('details:not([open])')); })";
