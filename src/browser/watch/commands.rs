//! What the browser is told while it is watched: what each session is told
//! first, and what no page may ask for.
//!
//! It sends nothing: who follows a page does.

use serde_json::{Value, json};

use super::listener;
use super::requests::CONTENT_LIMIT;
use crate::devtools::context::Attendance;
use crate::devtools::event::SessionId;
use crate::network::address::Address;
use crate::network::reach::Reach;
use crate::text::cut;
use crate::traffic::Traffic;

/// A call to be sent without waiting for its answer.
pub(crate) struct Command {
    pub(crate) session: Option<SessionId>,
    pub(crate) method: &'static str,
    pub(crate) params: Value,
}

impl Command {
    pub(crate) fn to(session: Option<&SessionId>, method: &'static str, params: Value) -> Command {
        Command { session: session.cloned(), method, params }
    }
}

/// What a window that waits for us is told so that it closes before its first
/// request. It must go on even so: the pages that share its process would
/// wait with it for ever. What it asks for until it is gone is held.
pub(crate) fn unopened(session: &SessionId, target: &str) -> [Command; 3] {
    [
        Command::to(Some(session), "Fetch.enable", json!({ "patterns": [{ "urlPattern": "*" }] })),
        Command::to(None, "Target.closeTarget", json!({ "targetId": target })),
        Command::to(Some(session), RUN, json!({})),
    ]
}

/// Why no page may ask for `url`, if so.
pub(crate) fn refusal(url: &str, document: bool, reach: &Reach) -> Option<String> {
    match url.split_once(':').map_or("", |(scheme, _)| scheme) {
        "http" | "https" if document => Address::parse(url, reach).err().map(|why| why.to_string()),
        "http" | "https" | "blob" | "data" | "about" => None,
        scheme => Some(format!("it begins with {}:, not with http: or https:", cut(scheme))),
    }
}

/// What a session is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// A page, in a tab of its own.
    Page,
    /// A frame of a page that is a process of its own.
    Frame,
    /// What has no document: a worker.
    Worker,
}

/// What a session is told before it runs, a page's own and its parts'; its
/// traffic is to be gathered where it `gathers`.
///
/// All of it MUST be sent before [`RUN`]: nothing may be asked of the network
/// and nothing shown before it is watched.
pub(crate) fn guards(part: Part, attendance: Attendance, gathers: bool) -> Vec<(&'static str, Value)> {
    let is_looked_at = attendance != Attendance::Unattended;
    let mut guards = Vec::new();
    if part != Part::Worker {
        guards.push(("Page.enable", json!({})));
        if is_looked_at || part == Part::Frame {
            // No page opens a window of the system to choose files: nothing is
            // sent from a recording, and no key that stops would be heard while
            // it is open.
            let none = json!({ "enabled": true, "cancel": true });
            guards.push(("Page.setInterceptFileChooserDialog", none));
        }
        if is_looked_at {
            // Keys go to the frame that people clicked into.
            guards.extend(listener::setup());
        }
    }
    // Each request of a page that is kept is looked at. Where people browse,
    // its parts are left to the wall, so that nothing is slowed down.
    let patterns = match attendance {
        Attendance::Unattended => json!([{ "urlPattern": "*" }]),
        _ => json!([{ "urlPattern": "*", "resourceType": "Document" }, { "urlPattern": "file:*" }]),
    };
    let buffers = json!({ "maxTotalBufferSize": CONTENT_LIMIT, "maxResourceBufferSize": CONTENT_LIMIT });
    let auto = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
    guards.extend([
        ("Network.enable", buffers),
        ("Fetch.enable", json!({ "patterns": patterns, "handleAuthRequests": true })),
        ("Target.setAutoAttach", auto),
    ]);
    if gathers {
        guards.extend(Traffic::setup(attendance));
    }
    if part == Part::Page {
        guards.push(("Inspector.enable", json!({})));
    }
    if part == Part::Page && is_looked_at {
        guards.push(("Security.enable", json!({})));
        guards.push(("Security.setOverrideCertificateErrors", json!({ "override": true })));
        guards.push(("Page.setPrerenderingAllowed", json!({ "isAllowed": false })));
    }
    guards
}

/// Lets a session go that waits for it.
pub(crate) const RUN: &str = "Runtime.runIfWaitingForDebugger";
