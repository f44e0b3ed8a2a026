//! One fresh tab, off the record, with someone who answers for it.
//!
//! A thread follows the browser's events, closes message boxes, refuses
//! sign-ins and closes other windows, while the owner waits for what it needs.
//! It judges nothing of the page and keeps nothing of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::limits::Limits;
use crate::devtools::client::{Client, Events, Nothing, Pending};
use crate::devtools::context::{Attendance, Context};
use crate::devtools::error::CallError;
use crate::devtools::event::SessionId;
use crate::devtools::page_event::PageEvent;
use crate::program::launch::Browser;
use crate::traffic::Gathering;
use crate::watch::commands::{Part, RUN, guards};
use crate::watch::page::PageState;
use crate::watch::pane::{Pane, Seen};

pub(crate) struct FreshTab {
    client: Client,
    context: Context,
    pane: Pane,
    /// Sent ahead of any page, and not heard of yet.
    guards: Vec<Pending>,
    done: Arc<AtomicBool>,
    follower: Option<JoinHandle<u64>>,
}

impl FreshTab {
    /// Opens the tab, which is held until [`FreshTab::go`] sends it somewhere.
    pub(crate) fn open(browser: &mut Browser, limits: &Limits) -> Result<FreshTab, CallError> {
        let client = browser.client().clone();
        let events = client.events();
        let guards = vec![client.begin(None, "Target.setAutoAttach", every_window())?];
        let context = Context::create(&client, browser.wall())?;
        let reach = browser.wall().reach().clone();
        let mut state = PageState::new(context.id.clone(), reach, limits.bytes, Instant::now());
        let gathering = limits.traffic.map(|limits| Gathering::new(client.clone(), limits));
        state.traffic = gathering.map(|gathering| gathering.begin(Attendance::Unattended));
        let seen = Arc::new(Seen::new(state));
        let done = Arc::new(AtomicBool::new(false));
        let (inside, sender, stop) = (Arc::clone(&seen), client.clone(), Arc::clone(&done));
        let follower = thread::Builder::new()
            .name("tab".to_owned())
            .spawn(move || follow(&events, &sender, &inside, &stop))
            .map_err(CallError::no_thread)?;
        let nowhere = Pane::new(client.clone(), SessionId(String::new()), String::new(), seen.clone());
        let mut tab = FreshTab { client, context, pane: nowhere, guards, done, follower: Some(follower) };
        tab.attach(seen, limits)?;
        Ok(tab)
    }

    /// Asks for `url` and lets the tab go.
    ///
    /// The browser takes calls in the order in which they were sent: nothing is
    /// asked of the network before the guards stand in its way. The tab is sent
    /// somewhere while it is still held: once Chromium 156 has let it go to its
    /// blank page, it loses a page that is asked for before that one is there.
    pub(crate) fn go(&mut self, url: &str) -> Result<Pending, CallError> {
        let going = self.pane.begin("Page.navigate", json!({ "url": url }))?;
        self.guards.push(self.pane.begin(RUN, json!({}))?);
        Ok(going)
    }

    /// Waits until every guard was acknowledged. Until then nothing that comes
    /// of a page is to be told.
    pub(crate) fn stand(&mut self) -> Result<(), CallError> {
        for guard in self.guards.drain(..) {
            let _: Value = guard.wait(GUARD_LIMIT)?;
        }
        Ok(())
    }

    pub(crate) fn pane(&self) -> &Pane {
        &self.pane
    }

    fn attach(&mut self, seen: Arc<Seen>, limits: &Limits) -> Result<(), CallError> {
        let (width, height) = (limits.width, limits.height);
        let blank = json!({
            "url": "about:blank", "browserContextId": self.context.id, "width": width, "height": height,
        });
        let created = self.client.begin(None, "Target.createTarget", blank)?;
        self.guards.extend([created, self.context.deny(&self.client)?]);
        seen.until(Instant::now() + GUARD_LIMIT, |state| state.session.is_some())?;
        let known = seen.lock();
        let (session, target) = (known.session.clone(), known.target.clone());
        drop(known);
        let (Some(session), Some(target)) = (session, target) else {
            self.stand()?;
            let method = "Target.attachedToTarget".to_owned();
            return Err(CallError::TimedOut { method, limit: GUARD_LIMIT });
        };
        self.pane = Pane::new(self.client.clone(), session, target, seen);
        let view = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        for (method, params) in guards(Part::Page, Attendance::Unattended, limits.traffic.is_some()) {
            self.guards.push(self.pane.begin(method, params)?);
        }
        self.guards.push(self.pane.begin("Emulation.setDeviceMetricsOverride", view)?);
        Ok(())
    }

    /// Closes the tab and forgets what it stored; how many events were lost.
    pub(crate) fn close(mut self) -> u64 {
        self.end()
    }

    fn end(&mut self) -> u64 {
        self.done.store(true, Ordering::Relaxed);
        let context = json!({ "browserContextId": self.context.id });
        let disposed = self.client.begin(None, "Target.disposeBrowserContext", context);
        let lost = self.follower.take().map_or(0, |follower| follower.join().unwrap_or(0));
        if let Ok(disposed) = disposed {
            let _ = disposed.wait::<Nothing>(Duration::from_secs(2));
        }
        lost
    }
}

impl Drop for FreshTab {
    fn drop(&mut self) {
        if self.follower.is_some() {
            self.end();
        }
    }
}

/// Every new window waits for us before its first request.
fn every_window() -> Value {
    json!({
        "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
        "filter": [
            { "type": "page" }, { "type": "service_worker" }, { "type": "shared_worker" },
            { "exclude": true },
        ],
    })
}

fn follow(events: &Events, client: &Client, seen: &Seen, done: &AtomicBool) -> u64 {
    let (mut commands, mut unread) = (Vec::new(), 0);
    while !done.load(Ordering::Relaxed) {
        match events.next(Duration::from_millis(5)) {
            Ok(None) => {}
            Ok(Some(event)) => {
                match PageEvent::of(event) {
                    Ok(Some(event)) => seen.lock().take(&event, Instant::now(), &mut commands),
                    Ok(None) => {}
                    Err(_) => unread += 1,
                }
                for command in commands.drain(..) {
                    client.tell(command.session.as_ref(), command.method, command.params);
                }
                seen.ring();
            }
            Err(_) => {
                seen.close();
                break;
            }
        }
    }
    events.lost() + unread
}

const GUARD_LIMIT: Duration = Duration::from_secs(10);
