//! Whether the page on the screen answers, and what is done where it does not.
//!
//! The keys that stop are heard by the page's own process. One that does
//! nothing but its script hears none, nor does one that gives its place to the
//! next before it is drawn, so that it is covered by words of the program's
//! own, with a way to stop in them, until it answers again. There is one cover,
//! in front of the page that people looked at last; what becomes of the page is not decided here.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::tab::Tab;
use super::tabs::Tabs;
use crate::devtools::client::{Client, Pending};
use crate::devtools::event::SessionId;
use crate::watch::notice::Notice;

/// The page on the screen, asked again and again.
pub(super) struct Answering {
    asked: Option<Asked>,
    /// When it is asked next.
    next: Instant,
    pace: Option<Pace>,
    cover: Option<Cover>,
}

/// A question that a page answers as soon as it does anything at all.
struct Asked {
    session: SessionId,
    pending: Pending,
    since: Instant,
}

/// How many documents a tab had, and when.
struct Pace {
    session: SessionId,
    documents: u64,
    since: Instant,
}

/// What stands in front of a page that does not answer.
struct Cover {
    hung: SessionId,
    /// The question that it has not answered, where it was that.
    asked: Option<Asked>,
    pace: Pace,
    making: Pending,
    /// Its tab, once it is known.
    target: Option<String>,
    /// It was there, so that where it is not, people closed it.
    was_there: bool,
}

impl Answering {
    pub(super) fn begin(now: Instant) -> Answering {
        Answering { asked: None, next: now, pace: None, cover: None }
    }

    /// Looks once. It waits for nothing.
    pub(super) fn look(&mut self, tabs: &mut Tabs, client: &Client, now: Instant) {
        self.cover = self.cover.take().and_then(|cover| cover.look(tabs, client, now));
        tabs.covered_by(self.cover.as_ref().map(|cover| cover.target.clone()));
        let tab = tabs.on_screen();
        let Some(tab) = tab.filter(|tab| self.cover.as_ref().is_none_or(|cover| cover.hung != tab.session))
        else {
            (self.asked, self.pace, self.next) = (None, None, now + EVERY);
            return;
        };
        let limit = if tab.is_being_kept() { ANSWER_LIMIT_WHILE_KEPT } else { ANSWER_LIMIT };
        self.asked = self.asked.take().filter(|asked| asked.session == tab.session);
        if self.asked.as_ref().is_some_and(|asked| asked.is_answered_by(tab)) {
            (self.asked, self.next) = (None, now + EVERY);
        }
        let is_silent = self.asked.as_ref().is_some_and(|asked| now.duration_since(asked.since) > limit);
        if is_silent || self.runs_on(tab, now) {
            self.cover_up(tab, tabs.context(), client, now);
            tabs.covered_by(self.cover.as_ref().map(|cover| cover.target.clone()));
        } else if self.asked.is_none() && now >= self.next {
            let session = tab.session.clone();
            let pending = client.begin(Some(&session), "Runtime.evaluate", json!({ "expression": "0" }));
            self.asked = pending.ok().map(|pending| Asked { session, pending, since: now });
        }
    }

    /// What covers another page already, covers this one from now on.
    fn cover_up(&mut self, tab: &Tab, context: &str, client: &Client, now: Instant) {
        let (hung, asked, pace) = (tab.session.clone(), self.asked.take(), Pace::of(tab, now));
        if let Some(cover) = &mut self.cover {
            (cover.hung, cover.asked, cover.pace) = (hung, asked, pace);
            if let Some(target) = &cover.target {
                client.tell(None, "Target.activateTarget", json!({ "targetId": target }));
            }
            return;
        }
        let page = json!({ "url": Notice::NotAnswering.url(), "browserContextId": context });
        let making = client.begin(None, "Target.createTarget", page).ok();
        self.cover = making.map(|making| Cover { hung, asked, pace, making, target: None, was_there: false });
    }

    /// Whether what is in `tab` gives its place to the next again and again,
    /// while nobody does anything.
    fn runs_on(&mut self, tab: &Tab, now: Instant) -> bool {
        let is_its = |pace: &Pace| pace.session == tab.session && pace.documents <= tab.documents;
        let pace = self.pace.take().filter(|pace| is_its(pace) && now.duration_since(pace.since) < WINDOW);
        let pace = pace.unwrap_or_else(|| Pace::of(tab, now));
        let runs_on = tab.documents - pace.documents >= MOST_DOCUMENTS;
        self.pace = Some(pace);
        runs_on
    }
}

impl Asked {
    /// A page that went on to another, or closed, is none that hangs.
    fn is_answered_by(&self, tab: &Tab) -> bool {
        !tab.is_crashed() && !matches!(self.pending.poll::<Value>(Duration::ZERO), Ok(None))
    }
}

impl Pace {
    fn of(tab: &Tab, now: Instant) -> Pace {
        Pace { session: tab.session.clone(), documents: tab.documents, since: now }
    }
}

impl Cover {
    /// What is left of it.
    fn look(mut self, tabs: &Tabs, client: &Client, now: Instant) -> Option<Cover> {
        if self.target.is_none() {
            match self.making.poll::<Value>(Duration::ZERO) {
                Ok(Some(made)) => self.target = made["targetId"].as_str().map(str::to_owned),
                Ok(None) => return Some(self),
                Err(_) => return None,
            }
        }
        let target = self.target.clone()?;
        match (tabs.tab_of(&target), tabs.tab_in(&self.hung)) {
            // Told of in a moment, or closed by people.
            (None, _) => (!self.was_there).then_some(self),
            // People went on in it: it is theirs.
            (Some(cover), _) if cover.shows_a_page() => None,
            (Some(_), Some(hung)) => {
                self.was_there = true;
                if !self.poll_over(hung, now) {
                    return Some(self);
                }
                if tabs.on_screen().is_some_and(|tab| tab.target == hung.target) {
                    client.tell(None, "Target.activateTarget", json!({ "targetId": hung.target }));
                }
                client.tell(None, "Target.closeTarget", json!({ "targetId": target }));
                None
            }
            // People closed the page behind it: an empty one is left to them.
            (Some(cover), None) => {
                client.tell(Some(&cover.session), "Page.navigate", json!({ "url": "about:blank" }));
                None
            }
        }
    }

    /// It answers, and stays what it is for a while.
    fn poll_over(&mut self, hung: &Tab, now: Instant) -> bool {
        if self.pace.documents != hung.documents {
            self.pace = Pace::of(hung, now);
        }
        self.asked = self.asked.take().filter(|asked| !asked.is_answered_by(hung));
        self.asked.is_none() && now.duration_since(self.pace.since) > STAYS
    }
}

/// Between an answer and the next question.
const EVERY: Duration = Duration::from_millis(500);

/// After which a page is covered that has not answered.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// The same while it is kept: it may well be busy with that, and what is
/// hidden is drawn worse.
const ANSWER_LIMIT_WHILE_KEPT: Duration = Duration::from_secs(10);

/// How many documents within [`WINDOW`] are too many: a sign-in has a few, and
/// of a page that comes four times a second none was seen to hear a key.
const MOST_DOCUMENTS: u64 = 6;
const WINDOW: Duration = Duration::from_secs(5);

/// How long one document stays there before its page is shown again.
const STAYS: Duration = Duration::from_secs(1);
