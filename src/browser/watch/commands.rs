//! What the browser is told while it is watched: what each session is told
//! first, and what no page may ask for.
//!
//! It sends nothing: who follows a page does.

use serde_json::{Value, json};

use super::requests::CONTENT_LIMIT;
use crate::devtools::context::Attendance;
use crate::devtools::event::SessionId;
use crate::network::address::Address;
use crate::network::reach::Reach;
use crate::text::cut;

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
        Command::to(Some(session), "Runtime.runIfWaitingForDebugger", json!({})),
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

/// What each session of a page is told first, the page's own and its parts'.
pub(crate) fn watching(attendance: Attendance) -> [(&'static str, Value); 3] {
    let auto = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
    // Each request of a page that is kept is looked at. Where people browse,
    // its parts are left to the wall, so that nothing is slowed down.
    let patterns = match attendance {
        Attendance::Unattended => json!([{ "urlPattern": "*" }]),
        _ => json!([{ "urlPattern": "*", "resourceType": "Document" }, { "urlPattern": "file:*" }]),
    };
    [
        (
            "Network.enable",
            json!({ "maxTotalBufferSize": CONTENT_LIMIT, "maxResourceBufferSize": CONTENT_LIMIT }),
        ),
        ("Fetch.enable", json!({ "patterns": patterns, "handleAuthRequests": true })),
        ("Target.setAutoAttach", auto),
    ]
}

/// No page opens a window of the system to choose files: nothing is sent from
/// a recording, and no key that stops would be heard while it is open.
pub(crate) fn no_file_chooser() -> (&'static str, Value) {
    ("Page.setInterceptFileChooserDialog", json!({ "enabled": true, "cancel": true }))
}
