//! What the browser's events say about one page, folded as they come, and the
//! answers that they need at once.
//!
//! It is pure: it sends nothing and waits for nothing. Who follows a page
//! feeds it and sends its commands.

mod questions;

use std::time::Instant;

use super::absence::Absence;
use super::commands::Command;
use super::notes::{MOST_NOTED, Notes};
use super::notice::is_notice;
use super::requests::{MainRequest, Requests};
use crate::devtools::context::Attendance;
use crate::devtools::event::SessionId;
use crate::devtools::page_event::{Frame, Kind, LoadingFailed, PageEvent, ResponseReceived};
use crate::network::reach::Reach;
use crate::text::cut;
use crate::traffic::Traffic;

/// All that was seen.
pub(crate) struct PageState {
    attendance: Attendance,
    reach: Reach,
    size_limit: u64,
    context: String,
    /// The page's own target, whose main frame has the same identifier.
    pub(crate) target: Option<String>,
    pub(crate) session: Option<SessionId>,
    pub(crate) requests: Requests,
    notes: Notes,
    pub(crate) committed: Option<String>,
    pub(crate) url: String,
    pub(crate) error_page: bool,
    pub(crate) loaded: Option<Instant>,
    pub(crate) crashed: bool,
    pub(crate) downloads: u32,
    /// What goes over the network, where that is to be kept too.
    pub(crate) traffic: Option<Traffic>,
    opened: Vec<String>,
}

impl PageState {
    /// Of the first page that is opened in `context`, which is alone.
    pub(crate) fn new(context: String, reach: Reach, size_limit: u64, now: Instant) -> PageState {
        PageState {
            attendance: Attendance::Unattended,
            reach,
            size_limit,
            context,
            target: None,
            session: None,
            requests: Requests::new(now),
            notes: Notes::default(),
            committed: None,
            url: String::new(),
            error_page: false,
            loaded: None,
            crashed: false,
            downloads: 0,
            traffic: None,
            opened: Vec::new(),
        }
    }

    /// Of a page that is open already, one of several.
    pub(crate) fn of(
        target: String,
        session: SessionId,
        attendance: Attendance,
        reach: Reach,
        now: Instant,
    ) -> PageState {
        let state = PageState::new(String::new(), reach, u64::MAX, now);
        PageState { attendance, target: Some(target), session: Some(session), ..state }
    }

    /// Whether something is still on its way.
    pub(crate) fn is_loading(&self) -> bool {
        self.requests.is_loading()
    }

    /// Whether the whole page has become too much.
    pub(crate) fn is_too_large(&self) -> bool {
        self.requests.received > self.size_limit
    }

    /// The visit that is shown, or else the latest.
    pub(crate) fn visit(&self) -> Option<&MainRequest> {
        let visits = &self.requests.visits;
        let shown = self.committed.as_ref().and_then(|id| visits.iter().find(|v| v.request == *id));
        shown.or(visits.last())
    }

    /// What was refused, denied, closed or failed, for the record.
    pub(crate) fn absences(&self) -> Vec<Absence> {
        let mut absences = self.notes.absences();
        if self.error_page {
            absences.push(Absence::BrowserMessage);
        }
        if self.crashed {
            absences.push(Absence::Crashed);
        }
        if self.requests.headers_left_out > 0 {
            absences.push(Absence::HeadersLeftOut(self.requests.headers_left_out));
        }
        if self.requests.hops_left_out > 0 {
            absences.push(Absence::HopsLeftOut(self.requests.hops_left_out));
        }
        absences
    }

    /// Notes something that the page did not get.
    pub(crate) fn note(&mut self, absence: Absence) {
        self.notes.note(absence);
    }

    /// Takes in one event; what must be answered at once goes to `commands`.
    pub(crate) fn take(&mut self, event: &PageEvent, now: Instant, commands: &mut Vec<Command>) {
        let session = event.session.as_ref();
        // First, so that a request is followed before it is let go.
        if let Some(traffic) = &mut self.traffic {
            traffic.take(event, self.target.as_deref(), now);
        }
        match &event.kind {
            Kind::Attached(attached) => self.attached(attached, commands),
            Kind::TargetCrashed(target) if self.is_main(&target.target_id) => self.crashed = true,
            Kind::PageCrashed(_) if self.is_page(session) => self.crashed = true,
            Kind::Detached(from) if self.is_own_session(&from.session_id) => self.crashed = true,
            Kind::RequestPaused(paused) => self.paused(session, paused, commands),
            Kind::SignInRequired(asked) => self.sign_in(session, asked, commands),
            Kind::RequestSent(sent) => {
                let is_main =
                    self.is_page(session) && sent.kind == "Document" && self.is_main(&sent.frame_id);
                self.requests.asked(sent, is_main, now);
            }
            Kind::ResponseReceived(received) => self.answered(session, received, now),
            Kind::ResponseHeaders(headers) => self.requests.raw_headers(headers),
            Kind::DataReceived(data) => self.requests.data(data),
            Kind::LoadingFinished(of) => self.requests.finished(&of.request_id, now),
            Kind::LoadingFailed(failed) => self.failed(failed, now),
            Kind::FrameNavigated(to) => self.navigated(session, &to.frame, now),
            Kind::NavigatedWithinDocument(to) if self.is_page(session) && self.is_main(&to.frame_id) => {
                self.url = cut(&to.url);
            }
            Kind::Loaded(_) if self.is_page(session) && self.committed.is_some() => {
                self.loaded = Some(now);
                self.requests.last_change = now;
            }
            Kind::PageReloaded(_) if self.is_page(session) => self.crashed = false,
            Kind::DialogOpening(dialog) => self.dialog(session, dialog, commands),
            Kind::FileChooserOpened(_) => self.note(Absence::FileChooser),
            Kind::WindowOpen(window) if self.opened.len() < MOST_NOTED => self.opened.push(cut(&window.url)),
            Kind::DownloadBegins(download) => {
                self.downloads += 1;
                let name = cut(&download.suggested_filename);
                self.note(Absence::Download { url: cut(&download.url), name });
            }
            _ => {}
        }
    }

    fn answered(&mut self, session: Option<&SessionId>, received: &ResponseReceived, now: Instant) {
        let response = &received.response;
        let main = if self.is_page(session) { self.requests.position(&received.request_id) } else { None };
        if let Some(at) = main {
            if let Some(status @ (401 | 403 | 407)) = self.requests.answered(at, response, now) {
                self.notes.asks_sign_in(&response.url, status);
            }
            return;
        }
        self.requests.last_change = now;
        if let Some(status @ 400..) = response.status {
            let kind = cut(&received.kind);
            let url = cut(&response.url);
            self.notes.fail(Absence::NotLoaded { url, kind, why: format!("status {status}") });
        }
    }

    fn failed(&mut self, failed: &LoadingFailed, now: Instant) {
        if let Some((url, kind, why)) = self.requests.failed(failed, now) {
            self.notes.fail(Absence::NotLoaded { url, kind, why });
        }
    }

    fn navigated(&mut self, session: Option<&SessionId>, frame: &Frame, now: Instant) {
        let main = self.is_page(session) && self.is_main(&frame.id);
        if !main || frame.url == "about:blank" && self.requests.visits.is_empty() {
            return;
        }
        self.loaded = None;
        self.requests.turn(&frame.loader_id, now);
        if self.attendance != Attendance::Unattended {
            // How one page led to the next is told by the visits.
            self.requests.forget_others(&frame.loader_id);
            self.notes = Notes::default();
            self.downloads = 0;
        }
        if is_notice(&frame.url) {
            // Words of our own, of which no exhibit is made.
            (self.committed, self.error_page, self.url) = (None, false, String::new());
            return;
        }
        self.committed = Some(frame.loader_id.clone());
        let unreachable = &frame.unreachable_url;
        self.error_page = !unreachable.is_empty() || frame.url.starts_with("chrome-error:");
        self.url = if unreachable.is_empty() {
            cut(&format!("{}{}", frame.url, frame.url_fragment))
        } else {
            cut(unreachable)
        };
    }

    fn is_page(&self, session: Option<&SessionId>) -> bool {
        session.is_some() && session == self.session.as_ref()
    }

    fn is_own_session(&self, id: &str) -> bool {
        self.session.as_ref().is_some_and(|session| session.0 == id)
    }

    /// Whether this is the page's target, or its main frame: both have one name.
    fn is_main(&self, id: &str) -> bool {
        Some(id) == self.target.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::devtools::event::Event;
    use crate::watch::requests::How;

    fn event(session: Option<&str>, method: &str, params: Value) -> Event {
        let session = session.map(|id| SessionId(id.to_owned()));
        Event { method: method.to_owned(), session, params }
    }

    fn told(
        state: &mut PageState,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Vec<(String, String)> {
        let mut commands = Vec::new();
        if let Ok(Some(event)) = PageEvent::of(event(session, method, params)) {
            state.take(&event, Instant::now(), &mut commands);
        }
        commands.iter().map(|command| (command.method.to_owned(), command.params.to_string())).collect()
    }

    fn attach(session: &str, kind: &str, target: &str) -> Value {
        json!({
            "sessionId": session,
            "targetInfo": { "targetId": target, "type": kind, "browserContextId": "C" },
        })
    }

    fn watching_a_page() -> PageState {
        let mut state = PageState::new("C".to_owned(), Reach::Public, 1 << 20, Instant::now());
        assert!(told(&mut state, None, "Target.attachedToTarget", attach("S", "page", "T")).is_empty());
        state
    }

    #[test]
    fn other_windows_are_closed_unseen() {
        let mut state = watching_a_page();
        told(&mut state, Some("S"), "Page.windowOpen", json!({ "url": "https://example.org/" }));
        let commands = told(&mut state, None, "Target.attachedToTarget", attach("S2", "page", "T2"));
        let methods: Vec<&str> = commands.iter().map(|(method, _)| method.as_str()).collect();
        assert_eq!(methods, ["Fetch.enable", "Target.closeTarget", "Runtime.runIfWaitingForDebugger"]);
        assert_eq!(commands[1].1, r#"{"targetId":"T2"}"#);
        assert_eq!(state.absences(), [Absence::Popup { url: "https://example.org/".to_owned() }]);
        assert_eq!(state.session, Some(SessionId("S".to_owned())), "the page stays the page");
    }

    #[test]
    fn parts_of_the_page_go_on_once_they_are_watched() {
        let mut state = watching_a_page();
        let commands = told(&mut state, Some("S"), "Target.attachedToTarget", attach("F", "iframe", "T3"));
        let methods: Vec<&str> = commands.iter().map(|(method, _)| method.as_str()).collect();
        assert_eq!(
            methods,
            [
                "Page.enable",
                "Page.setInterceptFileChooserDialog",
                "Network.enable",
                "Fetch.enable",
                "Target.setAutoAttach",
                "Runtime.runIfWaitingForDebugger"
            ]
        );
    }

    #[test]
    fn what_no_page_may_ask_for_is_refused_and_noted() {
        let mut state = watching_a_page();
        for (url, kind, refused) in [
            ("https://example.org/", "Document", false),
            ("http://localhost/", "Document", true),
            ("http://u:p@example.org/", "Document", true),
            ("file:///etc/passwd", "Image", true),
            ("chrome://version", "Document", true),
            ("view-source:https://example.org/", "Document", true),
            ("blob:https://example.org/x", "Image", false),
        ] {
            let paused = json!({ "requestId": "1", "request": { "url": url }, "resourceType": kind });
            let commands = told(&mut state, Some("S"), "Fetch.requestPaused", paused);
            assert_eq!(commands[0].0 == "Fetch.failRequest", refused, "{url}");
        }
        assert_eq!(state.absences().len(), 5);
    }

    #[test]
    fn hops_keep_the_raw_headers_of_each_answer() {
        let mut state = watching_a_page();
        let asked = |url: &str, redirect: Value| {
            json!({
                "requestId": "R", "frameId": "T", "type": "Document", "request": { "url": url },
                "redirectResponse": redirect,
            })
        };
        told(&mut state, Some("S"), "Network.requestWillBeSent", asked("http://a.example/", Value::Null));
        let raw = json!({ "requestId": "R", "headers": { "Set-Cookie": "a=1\nb=2" }, "statusCode": 302 });
        told(&mut state, Some("S"), "Network.responseReceivedExtraInfo", raw);
        let redirect = json!({ "status": 302, "headers": {} });
        told(&mut state, Some("S"), "Network.requestWillBeSent", asked("http://b.example/", redirect));
        let visit = state.visit().expect("a visit");
        assert_eq!(visit.steps.len(), 2);
        assert_eq!((visit.steps[0].status, visit.steps[0].how), (Some(302), Some(How::Asked)));
        assert_eq!((visit.steps[1].status, visit.steps[1].how), (None, Some(How::Redirected)));
        assert_eq!(visit.raw[0].len(), 2, "each cookie's presence");
        assert!(visit.raw[0].iter().all(|header| header.value == crate::network::headers::REDACTED));
    }

    #[test]
    fn lists_have_an_end_and_say_so() {
        let mut state = watching_a_page();
        for n in 0..1000 {
            let dialog = json!({ "type": "alert", "message": n.to_string() });
            told(&mut state, Some("S"), "Page.javascriptDialogOpening", dialog);
        }
        let absences = state.absences();
        assert_eq!(absences.len(), MOST_NOTED + 1);
        assert_eq!(absences.last(), Some(&Absence::MoreNoted(1000 - MOST_NOTED as u64)));
    }

    #[test]
    fn events_of_any_shape_are_taken() {
        let mut state = watching_a_page();
        for method in [
            "Target.attachedToTarget",
            "Fetch.requestPaused",
            "Fetch.authRequired",
            "Network.requestWillBeSent",
            "Network.responseReceived",
            "Network.responseReceivedExtraInfo",
            "Network.dataReceived",
            "Network.loadingFinished",
            "Network.loadingFailed",
            "Page.frameNavigated",
            "Page.navigatedWithinDocument",
            "Page.javascriptDialogOpening",
            "Page.fileChooserOpened",
            "Page.windowOpen",
            "Browser.downloadWillBegin",
        ] {
            for params in
                [Value::Null, json!([]), json!({}), json!("x"), json!({ "requestId": 7, "headers": [] })]
            {
                told(&mut state, Some("S"), method, params);
            }
        }
    }
}
