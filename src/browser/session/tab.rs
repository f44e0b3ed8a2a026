//! One tab of a recording, and what is sent before it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use super::visits::Visits;
use crate::devtools::context::Attendance;
use crate::devtools::event::SessionId;
use crate::network::reach::Reach;
use crate::traffic::Gathering;
use crate::watch::commands::{Command, Part, RUN, guards};
use crate::watch::notice::Notice;
use crate::watch::page::PageState;
use crate::watch::pane::Seen;

pub(super) struct Tab {
    pub(super) session: SessionId,
    pub(super) target: String,
    pub(super) seen: Arc<Seen>,
    pub(super) visits: Visits,
    /// When people looked at it last; the highest is what is on the screen.
    pub(super) looked_at: u64,
    pub(super) closing: bool,
    /// Whether something has been opened in it.
    pub(super) has_page: bool,
    /// How many documents have been in it since people did something there.
    pub(super) documents: u64,
    /// How many are keeping what is in it now.
    keepers: Arc<AtomicUsize>,
}

/// Somebody keeps what is in a tab, for as long as this is there.
pub(super) struct Keeper(Arc<AtomicUsize>);

impl Keeper {
    pub(super) fn of(keepers: &Arc<AtomicUsize>) -> Keeper {
        keepers.fetch_add(1, Ordering::SeqCst);
        Keeper(Arc::clone(keepers))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Tab {
    pub(super) fn new(
        target: &str,
        session: SessionId,
        attendance: Attendance,
        reach: &Reach,
        now: Instant,
    ) -> Tab {
        let state = PageState::of(target.to_owned(), session.clone(), attendance, reach.clone(), now);
        Tab {
            session,
            target: target.to_owned(),
            seen: Arc::new(Seen::new(state)),
            visits: Visits::of(target.to_owned(), reach.clone()),
            looked_at: 0,
            closing: false,
            has_page: false,
            documents: 0,
            keepers: Arc::default(),
        }
    }

    pub(super) fn is_being_kept(&self) -> bool {
        self.keepers.load(Ordering::SeqCst) > 0
    }

    /// There is a page in it, and not nothing or words of the program's own.
    pub(super) fn shows_a_page(&self) -> bool {
        self.seen.lock().committed.is_some()
    }

    /// Nothing in it does anything any more, until it is loaded anew.
    pub(super) fn is_crashed(&self) -> bool {
        self.seen.lock().crashed
    }

    /// For those who keep what is in it.
    pub(super) fn keepers(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.keepers)
    }

    /// Shows words of the program's own in place of a page.
    pub(super) fn show(&self, notice: Notice, commands: &mut Vec<Command>) {
        let page = json!({ "url": notice.url() });
        commands.push(Command::to(Some(&self.session), "Page.navigate", page));
    }

    /// What its window waits for. What its pages exchange is gathered from
    /// before the first of them. Sent without waiting: a window that waits for
    /// us answers only once it runs.
    pub(super) fn guard(
        &self,
        attendance: Attendance,
        gathering: Option<&Gathering>,
        commands: &mut Vec<Command>,
    ) {
        self.seen.lock().traffic = gathering.map(|gathering| gathering.begin(attendance));
        for (method, params) in guards(Part::Page, attendance, gathering.is_some()) {
            commands.push(Command::to(Some(&self.session), method, params));
        }
        commands.push(Command::to(Some(&self.session), RUN, json!({})));
    }
}

/// A new window of the recording.
pub(super) fn blank(context: &str) -> Value {
    json!({
        "url": "about:blank", "browserContextId": context, "newWindow": true, "width": 1280, "height": 800,
    })
}
