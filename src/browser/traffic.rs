//! What a page exchanges with servers, gathered as it happens, for those who
//! asked for it: every request, what came of it, and its content.
//!
//! The content is followed while it comes, so that it is what was sent, any
//! compression undone; where the browser was faster, it is asked for what it
//! still has. Values that may let someone in are replaced before anything is
//! held. What is gathered is in memory only, with limits on each content and on
//! all; it is the keeper's to have it written.

pub(crate) mod body;
mod gap;
mod hop;
mod told;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

pub use gap::Gap;
pub(crate) use told::MainContent;

use self::hop::{Extras, Hop};
use crate::devtools::base64::Base64;
use crate::devtools::client::Client;
use crate::devtools::context::Attendance;
use crate::devtools::event::SessionId;
use crate::devtools::page_event::{DataReceived, Frame, Kind, PageEvent, RequestSent};

/// How much of a page's traffic is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of each content.
    pub each: usize,
    /// Bytes of all contents together.
    pub all: usize,
    /// Requests.
    pub exchanges: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { each: 16 << 20, all: 64 << 20, exchanges: 10_000 }
    }
}

/// Gathers the traffic of all pages of one browser, which share the room.
pub(crate) struct Gathering {
    client: Client,
    limits: Limits,
    shared: Arc<AtomicUsize>,
}

impl Gathering {
    pub(crate) fn new(client: Client, limits: Limits) -> Gathering {
        Gathering { client, limits, shared: Arc::default() }
    }

    /// Begins with a page.
    pub(crate) fn begin(&self, attendance: Attendance) -> Traffic {
        Traffic {
            client: self.client.clone(),
            attendance,
            limits: self.limits,
            hops: Vec::new(),
            extras: HashMap::new(),
            shared: Arc::clone(&self.shared),
            held: 0,
            left_out: 0,
            sockets: 0,
        }
    }
}

/// The traffic of one page, so far.
pub(crate) struct Traffic {
    client: Client,
    attendance: Attendance,
    limits: Limits,
    hops: Vec<Hop>,
    extras: HashMap<String, Extras>,
    /// Bytes that all pages hold.
    shared: Arc<AtomicUsize>,
    /// Bytes of those that this one does.
    held: usize,
    left_out: u64,
    sockets: u64,
}

impl Traffic {
    /// What each session is told, so that everything comes from servers: where
    /// nobody looks there is no store of an earlier page.
    pub(crate) fn setup(attendance: Attendance) -> Vec<(&'static str, Value)> {
        let mut setup = vec![("Network.setBypassServiceWorker", json!({ "bypass": true }))];
        if attendance != Attendance::Unattended {
            setup.push(("Network.setCacheDisabled", json!({ "cacheDisabled": true })));
        }
        setup
    }

    /// Takes in one event; `main` is the page's own frame.
    pub(crate) fn take(&mut self, event: &PageEvent, main: Option<&str>, now: Instant) {
        match &event.kind {
            Kind::RequestSent(sent) => self.asked(sent, event.session.as_ref(), now),
            Kind::RequestHeaders(sent) => {
                if let Some(extras) = self.extras_of(&sent.request_id) {
                    extras.sent.push(hop::fields(&sent.headers));
                }
            }
            Kind::ResponseHeaders(came) => {
                if let Some(extras) = self.extras_of(&came.request_id) {
                    extras.came.push((came.status().unwrap_or(0), hop::fields(&came.headers)));
                }
            }
            Kind::ResponseReceived(received) => {
                if let Some(hop) = self.latest(&received.request_id) {
                    hop.answered(&received.response, received.has_extra_info);
                }
            }
            Kind::ServedFromCache(of) => {
                if let Some(hop) = self.latest(&of.request_id) {
                    hop.is_cached = true;
                }
            }
            Kind::DataReceived(data) => self.data(data),
            Kind::LoadingFinished(of) => {
                let (client, each) = (self.client.clone(), self.limits.each);
                if let Some(hop) = self.latest(&of.request_id) {
                    hop.ended = true;
                    hop.session = event.session.clone();
                    hop.settle(&client, each);
                }
                self.count();
            }
            Kind::LoadingFailed(failed) => {
                if let Some(hop) = self.latest(&failed.request_id) {
                    hop.failure = Some(failed.why());
                }
            }
            Kind::WebSocketCreated(_) => self.sockets += 1,
            Kind::FrameNavigated(to) => self.navigated(event.session.as_ref(), &to.frame, main),
            _ => {}
        }
    }

    fn asked(&mut self, sent: &RequestSent, session: Option<&SessionId>, now: Instant) {
        if let Some(redirect) = &sent.redirect_response
            && let Some(hop) = self.latest(&sent.request_id)
        {
            hop.answered(redirect, sent.redirect_has_extra_info);
            hop.is_redirect = true;
        }
        let url = &sent.request.url;
        if !url.starts_with("http:") && !url.starts_with("https:") {
            return;
        }
        if self.hops.len() >= self.limits.exchanges {
            self.left_out += 1;
            return;
        }
        let mut hop = Hop::of(sent, session.cloned(), now);
        hop.ask_for_post(&self.client);
        // The content of a document can be followed once its frame has it.
        if sent.kind != "Document" {
            hop.follow(&self.client);
        }
        self.hops.push(hop);
    }

    fn navigated(&mut self, session: Option<&SessionId>, frame: &Frame, main: Option<&str>) {
        let loader = frame.loader_id.as_str();
        let is_main = Some(frame.id.as_str()) == main && frame.parent_id.is_none();
        if is_main && self.attendance != Attendance::Unattended {
            // The traffic of the page before is none of this one.
            self.hops.retain(|hop| hop.request == loader);
            self.extras.retain(|request, _| request == loader);
            (self.left_out, self.sockets) = (0, 0);
            self.count();
        }
        // Where nobody looks, who keeps the page follows its own content.
        if is_main && self.attendance == Attendance::Unattended {
            return;
        }
        let client = self.client.clone();
        if let Some(hop) = self.latest(loader).filter(|hop| !hop.is_followed()) {
            hop.session = session.cloned();
            hop.follow(&client);
        }
    }

    fn data(&mut self, data: &DataReceived) {
        let (each, held) = (self.limits.each, self.shared.load(Ordering::Relaxed));
        let room = self.limits.all.saturating_sub(held);
        let Some(hop) = self.latest(&data.request_id) else { return };
        hop.received += data.length();
        // What cannot be read is missing from what was counted, and so is asked
        // for again.
        if let Some(bytes) = data.data.as_ref().and_then(Base64::bytes) {
            let added = hop.add(bytes, each, room);
            self.held += added;
            self.shared.fetch_add(added, Ordering::Relaxed);
        }
    }

    fn latest(&mut self, request: &str) -> Option<&mut Hop> {
        self.hops.iter_mut().rev().find(|hop| hop.request == request)
    }

    fn extras_of(&mut self, request: &str) -> Option<&mut Extras> {
        let is_known = self.extras.contains_key(request);
        if !is_known && self.extras.len() >= self.limits.exchanges {
            return None;
        }
        Some(self.extras.entry(request.to_owned()).or_default())
    }

    fn count(&mut self) {
        let held = self.hops.iter().map(Hop::held).sum();
        self.shared.fetch_add(held, Ordering::Relaxed);
        self.shared.fetch_sub(self.held, Ordering::Relaxed);
        self.held = held;
    }

    /// Takes what the browser has answered meanwhile; whether nothing that was
    /// asked of it is open any more.
    pub(crate) fn settle(&mut self) -> bool {
        let mut settled = true;
        for hop in &mut self.hops {
            settled &= hop.settle(&self.client, self.limits.each);
        }
        self.count();
        settled
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.shared.fetch_sub(self.held, Ordering::Relaxed);
    }
}
