//! Whether the page on the screen answers, and what is done where it does not.
//!
//! The keys that stop are heard by the page's own process. One that does
//! nothing but its script hears none, so that it is covered by words of the
//! program's own, with a way to stop in them, until it answers again. One page
//! is covered at a time; what becomes of the page is not decided here.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::notice::Notice;
use super::tabs::Tabs;
use crate::browser::client::{Client, Pending, SessionId};

/// The page on the screen, asked again and again.
pub(super) struct Answering {
    asked: Option<Asked>,
    /// When it is asked next.
    next: Instant,
    cover: Option<Cover>,
}

/// A question that a page answers as soon as it does anything at all.
struct Asked {
    session: SessionId,
    pending: Pending,
    since: Instant,
}

/// What stands in front of a page that does not answer.
struct Cover {
    hung: Asked,
    making: Pending,
    /// Its tab, once it is known.
    target: Option<String>,
    /// It was there, so that where it is not, people closed it.
    was_there: bool,
}

impl Answering {
    pub(super) fn begin(now: Instant) -> Answering {
        Answering { asked: None, next: now, cover: None }
    }

    /// Looks once. It waits for nothing.
    pub(super) fn look(&mut self, tabs: &mut Tabs, client: &Client, now: Instant) {
        if let Some(cover) = self.cover.take() {
            self.cover = cover.look(tabs, client);
            tabs.covered_by(self.cover.as_ref().map(|cover| cover.target.clone()));
            self.next = now + EVERY;
            return;
        }
        // While a page is kept it may well be busy, and is not hidden.
        let Some(tab) = tabs.on_screen().filter(|tab| !tab.is_being_kept()) else {
            self.asked = None;
            return;
        };
        match self.asked.take().filter(|asked| asked.session == tab.session) {
            Some(asked) if asked.is_answered() => self.next = now + EVERY,
            Some(asked) if now.duration_since(asked.since) > LIMIT => {
                let page = json!({ "url": Notice::NotAnswering.url(), "browserContextId": tabs.context() });
                match client.begin(None, "Target.createTarget", page) {
                    Ok(making) => {
                        self.cover = Some(Cover { hung: asked, making, target: None, was_there: false });
                        tabs.covered_by(Some(None));
                    }
                    Err(_) => self.next = now + EVERY,
                }
            }
            Some(asked) => self.asked = Some(asked),
            None if now >= self.next => {
                let session = tab.session.clone();
                let question = json!({ "expression": "0" });
                let pending = client.begin(Some(&session), "Runtime.evaluate", question);
                self.asked = pending.ok().map(|pending| Asked { session, pending, since: now });
            }
            None => {}
        }
    }
}

impl Asked {
    /// A page that went on to another, or closed, is none that hangs.
    fn is_answered(&self) -> bool {
        !matches!(self.pending.poll::<Value>(Duration::ZERO), Ok(None))
    }
}

impl Cover {
    /// What is left of it.
    fn look(mut self, tabs: &mut Tabs, client: &Client) -> Option<Cover> {
        if self.target.is_none() {
            match self.making.poll::<Value>(Duration::ZERO) {
                Ok(Some(made)) => self.target = made["targetId"].as_str().map(str::to_owned),
                Ok(None) => return Some(self),
                Err(_) => return None,
            }
        }
        let target = self.target.clone()?;
        let there = tabs.tab_of(&target).map(|tab| tab.session.clone());
        let hung = tabs.target_of(&self.hung.session);
        match (there, hung) {
            // Told of in a moment, or closed by people.
            (None, _) => (!self.was_there).then_some(self),
            (Some(_), Some(hung)) if self.hung.is_answered() => {
                if tabs.on_screen().is_some_and(|tab| tab.target == hung) {
                    client.tell(None, "Target.activateTarget", json!({ "targetId": hung }));
                }
                client.tell(None, "Target.closeTarget", json!({ "targetId": target }));
                None
            }
            (Some(_), Some(_)) => Some(Cover { was_there: true, ..self }),
            // People closed the page behind it: an empty one is left to them.
            (Some(session), None) => {
                client.tell(Some(&session), "Page.navigate", json!({ "url": "about:blank" }));
                None
            }
        }
    }
}

/// Between an answer and the next question.
const EVERY: Duration = Duration::from_millis(500);

/// After which a page is covered that has not answered.
const LIMIT: Duration = Duration::from_secs(2);
