//! What the browser's events say about one page, folded as they come, and the
//! answers that they need at once.
//!
//! It is pure: it sends nothing and waits for nothing. [`super::page`] feeds
//! it and sends its orders.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::address::{Address, Reach};
use super::client::{Event, SessionId};
use super::facts::{Absence, Header, How, cut};

/// A call to be sent without waiting for its answer.
pub(super) struct Order {
    pub(super) session: Option<SessionId>,
    pub(super) method: &'static str,
    pub(super) params: Value,
}

/// One main request with its redirects, as seen so far.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) url: String,
    pub(super) how: Option<How>,
    pub(super) status: Option<u16>,
    pub(super) protocol: Option<String>,
    /// The headers that the page may see, until the raw ones come.
    pub(super) headers: Vec<Header>,
}

/// One main request: its identifier, and each hop of it.
#[derive(Debug, Default)]
pub(super) struct Visit {
    pub(super) request: String,
    pub(super) steps: Vec<Step>,
    /// Raw headers, one for each answer, in order.
    pub(super) raw: Vec<Vec<Header>>,
    pub(super) answered: Option<Instant>,
    pub(super) kind: String,
    pub(super) charset: String,
    pub(super) security: Value,
    pub(super) bytes: u64,
    pub(super) ended: bool,
    pub(super) failure: Option<String>,
}

/// All that was seen.
pub(super) struct Watch {
    reach: Reach,
    size_limit: u64,
    context: String,
    /// The page's own target, whose main frame has the same identifier.
    pub(super) target: Option<String>,
    pub(super) session: Option<SessionId>,
    pub(super) visits: Vec<Visit>,
    pub(super) committed: Option<String>,
    pub(super) url: String,
    pub(super) error_page: bool,
    pub(super) loaded: Option<Instant>,
    pub(super) crashed: bool,
    pub(super) received: u64,
    pub(super) streamed: Vec<u8>,
    pub(super) streamed_cut: bool,
    pub(super) last_change: Instant,
    pub(super) downloads: u32,
    pub(super) headers_left_out: u64,
    pub(super) hops_left_out: u64,
    loading: HashMap<String, String>,
    parts: HashMap<String, String>,
    noted: Vec<Absence>,
    noted_more: u64,
    failed: Vec<Absence>,
    failed_more: u64,
    opened: Vec<String>,
    sign_ins: HashSet<String>,
}

impl Watch {
    pub(super) fn new(context: String, reach: Reach, size_limit: u64, now: Instant) -> Watch {
        Watch {
            reach,
            size_limit,
            context,
            target: None,
            session: None,
            visits: Vec::new(),
            committed: None,
            url: String::new(),
            error_page: false,
            loaded: None,
            crashed: false,
            received: 0,
            streamed: Vec::new(),
            streamed_cut: false,
            last_change: now,
            downloads: 0,
            headers_left_out: 0,
            hops_left_out: 0,
            loading: HashMap::new(),
            parts: HashMap::new(),
            noted: Vec::new(),
            noted_more: 0,
            failed: Vec::new(),
            failed_more: 0,
            opened: Vec::new(),
            sign_ins: HashSet::new(),
        }
    }

    /// Whether something is still on its way.
    pub(super) fn is_loading(&self) -> bool {
        !self.loading.is_empty()
    }

    /// Whether the whole page has become too much.
    pub(super) fn is_too_large(&self) -> bool {
        self.received > self.size_limit
    }

    /// The visit that is shown, or else the latest.
    pub(super) fn visit(&self) -> Option<&Visit> {
        let shown = self.committed.as_ref().and_then(|id| self.visits.iter().find(|v| v.request == *id));
        shown.or(self.visits.last())
    }

    /// What was refused, denied, closed or failed, for the record.
    pub(super) fn absences(&self) -> Vec<Absence> {
        let mut absences = self.noted.clone();
        if self.noted_more > 0 {
            absences.push(Absence::MoreNoted(self.noted_more));
        }
        absences.extend(self.failed.iter().cloned());
        if self.failed_more > 0 {
            absences.push(Absence::MoreNotLoaded(self.failed_more));
        }
        absences
    }

    /// Takes in one event; what must be answered at once goes to `orders`.
    pub(super) fn take(&mut self, event: &Event, now: Instant, orders: &mut Vec<Order>) {
        let session = event.session.as_ref();
        let p = &event.params;
        match event.method.as_str() {
            "Target.attachedToTarget" => self.attached(p, orders),
            "Target.targetCrashed" if self.is_target(p) => self.crashed = true,
            "Inspector.targetCrashed" if self.is_page(session) => self.crashed = true,
            "Target.detachedFromTarget" if self.is_own_session(p) => self.crashed = true,
            "Fetch.requestPaused" => self.paused(session, p, orders),
            "Fetch.authRequired" => self.sign_in(session, p, orders),
            "Network.requestWillBeSent" => self.asked(session, p, now),
            "Network.responseReceived" => self.answered(session, p, now),
            "Network.responseReceivedExtraInfo" => self.raw_headers(p),
            "Network.dataReceived" => self.data(p),
            "Network.loadingFinished" => self.finished(p, now),
            "Network.loadingFailed" => self.failed(p, now),
            "Page.frameNavigated" => self.navigated(session, p, now),
            "Page.navigatedWithinDocument" if self.is_page(session) && self.is_main_frame(p) => {
                self.url = cut(text(p, "url"));
            }
            "Page.loadEventFired" if self.is_page(session) && self.committed.is_some() => {
                self.loaded = Some(now);
                self.last_change = now;
            }
            "Page.javascriptDialogOpening" => self.dialog(session, p, orders),
            "Page.windowOpen" if self.opened.len() < MOST_NOTED => self.opened.push(cut(text(p, "url"))),
            "Browser.downloadWillBegin" => {
                self.downloads += 1;
                let name = cut(text(p, "suggestedFilename"));
                self.note(Absence::Download { url: cut(text(p, "url")), name });
            }
            _ => {}
        }
    }

    fn attached(&mut self, p: &Value, orders: &mut Vec<Order>) {
        let Some(child) = p["sessionId"].as_str().map(|id| SessionId(id.to_owned())) else { return };
        let target = &p["targetInfo"];
        let ours = text(target, "browserContextId") == self.context;
        let mut order = |session: Option<&SessionId>, method, params| {
            orders.push(Order { session: session.cloned(), method, params });
        };
        match text(target, "type") {
            "page" if ours && self.target.is_none() => {
                self.target = Some(text(target, "targetId").to_owned());
                self.session = Some(child);
            }
            "page" => {
                // Closed before its first request: it waits for the debugger.
                order(None, "Target.closeTarget", json!({ "targetId": target["targetId"] }));
                let url = if self.opened.is_empty() { String::new() } else { self.opened.remove(0) };
                self.note(Absence::Popup { url });
            }
            kind => {
                if kind == "iframe" {
                    order(Some(&child), "Page.enable", json!({}));
                }
                for (method, params) in watching() {
                    order(Some(&child), method, params);
                }
                order(Some(&child), "Runtime.runIfWaitingForDebugger", json!({}));
            }
        }
    }

    fn paused(&mut self, session: Option<&SessionId>, p: &Value, orders: &mut Vec<Order>) {
        let url = text(&p["request"], "url");
        let document = text(p, "resourceType") == "Document";
        let refusal = match url.split_once(':').map_or("", |(scheme, _)| scheme) {
            "http" | "https" if document => Address::parse(url, &self.reach).err().map(|why| why.to_string()),
            "http" | "https" | "blob" | "data" | "about" => None,
            scheme => Some(format!("it begins with {}:, not with http: or https:", cut(scheme))),
        };
        let id = &p["requestId"];
        let (method, params) = match refusal {
            None => ("Fetch.continueRequest", json!({ "requestId": id })),
            Some(why) => {
                self.note(Absence::Refused { url: cut(url), why });
                ("Fetch.failRequest", json!({ "requestId": id, "errorReason": "AddressUnreachable" }))
            }
        };
        orders.push(Order { session: session.cloned(), method, params });
    }

    fn sign_in(&mut self, session: Option<&SessionId>, p: &Value, orders: &mut Vec<Order>) {
        let status = if text(&p["authChallenge"], "source") == "Proxy" { 407 } else { 401 };
        self.asks_sign_in(text(&p["request"], "url"), status);
        orders.push(Order {
            session: session.cloned(),
            method: "Fetch.continueWithAuth",
            params: json!({
                "requestId": p["requestId"],
                "authChallengeResponse": { "response": "CancelAuth" },
            }),
        });
    }

    fn asks_sign_in(&mut self, url: &str, status: u16) {
        let url = cut(url);
        if self.sign_ins.len() < MOST_NOTED && self.sign_ins.insert(url.clone()) {
            self.note(Absence::SignIn { url, status });
        }
    }

    fn asked(&mut self, session: Option<&SessionId>, p: &Value, now: Instant) {
        let id = text(p, "requestId");
        let kind = text(p, "type");
        let main = self.is_page(session) && kind == "Document" && self.is_main_frame(p);
        self.last_change = now;
        let url = cut(text(&p["request"], "url"));
        if self.loading.len() < MOST_LOADING {
            self.loading.insert(id.to_owned(), url.clone());
            self.parts.insert(id.to_owned(), kind.to_owned());
        }
        if !main {
            return;
        }
        let how = if self.visits.is_empty() { How::Asked } else { How::ByPage };
        let at = match self.visits.iter().position(|visit| visit.request == id) {
            Some(at) => at,
            None => {
                // The first are kept, and the latest, which may be the page.
                if self.visits.len() >= MOST_HOPS {
                    self.visits.pop();
                    self.hops_left_out += 1;
                }
                self.visits.push(Visit { request: id.to_owned(), ..Visit::default() });
                self.visits.len() - 1
            }
        };
        if p["redirectResponse"].is_object() {
            self.note_answer(at, &p["redirectResponse"]);
        }
        let visit = &mut self.visits[at];
        if visit.steps.len() >= MOST_HOPS {
            self.hops_left_out += 1;
            return;
        }
        let how = if visit.steps.is_empty() { how } else { How::Redirected };
        visit.steps.push(Step { url, how: Some(how), ..Step::default() });
    }

    fn answered(&mut self, session: Option<&SessionId>, p: &Value, now: Instant) {
        self.last_change = now;
        let response = &p["response"];
        let id = text(p, "requestId");
        let main = if self.is_page(session) { self.main(id) } else { None };
        if let Some(at) = main {
            self.note_answer(at, response);
            let visit = &mut self.visits[at];
            visit.answered = Some(now);
            visit.kind = cut(text(response, "mimeType"));
            visit.charset = cut(text(response, "charset"));
            visit.security = response["securityDetails"].clone();
            if let Some(status @ (401 | 403 | 407)) = visit.steps.last().and_then(|s| s.status) {
                self.asks_sign_in(text(response, "url"), status);
            }
        } else if let Some(status @ 400..) = response["status"].as_u64() {
            let kind = cut(text(p, "type"));
            self.fail(Absence::NotLoaded {
                url: cut(text(response, "url")),
                kind,
                why: format!("status {status}"),
            });
        }
    }

    fn note_answer(&mut self, at: usize, response: &Value) {
        let headers = self.headers(&response["headers"]);
        if let Some(step) = self.visits[at].steps.last_mut() {
            step.status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
            step.protocol = response["protocol"].as_str().map(cut);
            step.headers = headers;
        }
    }

    fn raw_headers(&mut self, p: &Value) {
        if let Some(at) = self.main(text(p, "requestId"))
            && self.visits[at].raw.len() <= MOST_HOPS
        {
            let headers = self.headers(&p["headers"]);
            let visit = &mut self.visits[at];
            // A download has no other answer than this.
            if let Some(step) = visit.steps.get_mut(visit.raw.len()) {
                let status = p["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
                step.status = step.status.or(status);
            }
            visit.raw.push(headers);
        }
    }

    fn headers(&mut self, headers: &Value) -> Vec<Header> {
        let none = Map::new();
        let all: Vec<Header> = headers
            .as_object()
            .unwrap_or(&none)
            .iter()
            .flat_map(|(name, value)| {
                // Several headers of one name come joined by a line feed.
                value.as_str().unwrap_or_default().split('\n').map(|line| Header::new(name, line))
            })
            .take(MOST_HEADERS + 1000)
            .collect();
        self.headers_left_out += all.len().saturating_sub(MOST_HEADERS) as u64;
        all.into_iter().take(MOST_HEADERS).collect()
    }

    fn data(&mut self, p: &Value) {
        let id = text(p, "requestId");
        let length = p["dataLength"].as_u64().unwrap_or(0);
        let encoded = p["encodedDataLength"].as_u64().unwrap_or(0);
        self.received = self.received.saturating_add(length.max(encoded));
        if let Some(at) = self.main(id) {
            self.visits[at].bytes += length;
            if let Some(data) = p["data"].as_str().and_then(|data| BASE64_STANDARD.decode(data).ok()) {
                let room = CONTENT_LIMIT.saturating_sub(self.streamed.len());
                self.streamed_cut |= data.len() > room;
                self.streamed.extend_from_slice(&data[..data.len().min(room)]);
            }
        }
    }

    fn finished(&mut self, p: &Value, now: Instant) {
        self.last_change = now;
        let id = text(p, "requestId");
        self.loading.remove(id);
        self.parts.remove(id);
        if let Some(at) = self.main(id) {
            self.visits[at].ended = true;
        }
    }

    fn failed(&mut self, p: &Value, now: Instant) {
        self.last_change = now;
        let id = text(p, "requestId");
        let url = self.loading.remove(id);
        let kind = self.parts.remove(id).unwrap_or_default();
        let why = match p["blockedReason"].as_str() {
            Some(reason) => format!("{} ({})", text(p, "errorText"), cut(reason)),
            None => cut(text(p, "errorText")),
        };
        if let Some(at) = self.main(id) {
            self.visits[at].failure = Some(why);
        } else if let Some(url) = url {
            self.fail(Absence::NotLoaded { url, kind, why });
        }
    }

    fn navigated(&mut self, session: Option<&SessionId>, p: &Value, now: Instant) {
        let frame = &p["frame"];
        let main = self.is_page(session) && Some(text(frame, "id")) == self.target.as_deref();
        if !main || text(frame, "url") == "about:blank" && self.visits.is_empty() {
            return;
        }
        self.last_change = now;
        self.loaded = None;
        self.streamed.clear();
        self.streamed_cut = false;
        let loader = text(frame, "loaderId");
        // What the page before was still loading is no concern any more.
        self.loading.retain(|request, _| request == loader);
        self.parts.retain(|request, _| request == loader);
        self.committed = Some(loader.to_owned());
        let unreachable = text(frame, "unreachableUrl");
        self.error_page = !unreachable.is_empty() || text(frame, "url").starts_with("chrome-error:");
        self.url = if unreachable.is_empty() {
            cut(&format!("{}{}", text(frame, "url"), text(frame, "urlFragment")))
        } else {
            cut(unreachable)
        };
    }

    fn dialog(&mut self, session: Option<&SessionId>, p: &Value, orders: &mut Vec<Order>) {
        let kind = cut(text(p, "type"));
        // Leaving must not be held up; everything else is declined.
        let accept = kind == "beforeunload";
        self.note(Absence::Dialog { kind, message: cut(text(p, "message")) });
        orders.push(Order {
            session: session.cloned(),
            method: "Page.handleJavaScriptDialog",
            params: json!({ "accept": accept }),
        });
    }

    fn note(&mut self, absence: Absence) {
        if self.noted.len() < MOST_NOTED { self.noted.push(absence) } else { self.noted_more += 1 }
    }

    fn fail(&mut self, absence: Absence) {
        // The browser asks for the site's icon, for its own tab; the page did
        // not, and nothing of the page is missing without it.
        let icon = matches!(&absence, Absence::NotLoaded { url, kind, .. }
            if kind == "Other" && url.ends_with("/favicon.ico"));
        if icon || self.failed.contains(&absence) {
            return;
        }
        if self.failed.len() < MOST_NOTED { self.failed.push(absence) } else { self.failed_more += 1 }
    }

    fn main(&self, request: &str) -> Option<usize> {
        self.visits.iter().position(|visit| visit.request == request)
    }

    fn is_page(&self, session: Option<&SessionId>) -> bool {
        session.is_some() && session == self.session.as_ref()
    }

    fn is_own_session(&self, p: &Value) -> bool {
        self.session.as_ref().is_some_and(|session| session.0 == text(p, "sessionId"))
    }

    fn is_main_frame(&self, p: &Value) -> bool {
        Some(text(p, "frameId")) == self.target.as_deref()
    }

    fn is_target(&self, p: &Value) -> bool {
        Some(text(p, "targetId")) == self.target.as_deref()
    }
}

/// What each session of a page is told first, the page's own and its parts'.
pub(super) fn watching() -> [(&'static str, Value); 3] {
    let auto = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
    [
        (
            "Network.enable",
            json!({ "maxTotalBufferSize": CONTENT_LIMIT, "maxResourceBufferSize": CONTENT_LIMIT }),
        ),
        ("Fetch.enable", json!({ "patterns": [{ "urlPattern": "*" }], "handleAuthRequests": true })),
        ("Target.setAutoAttach", auto),
    ]
}

/// The most that is kept of the main answer.
pub(super) const CONTENT_LIMIT: usize = 64 << 20;

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

const MOST_NOTED: usize = 64;
const MOST_HOPS: usize = 64;
const MOST_HEADERS: usize = 256;
const MOST_LOADING: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn event(session: Option<&str>, method: &str, params: Value) -> Event {
        let session = session.map(|id| SessionId(id.to_owned()));
        Event { method: method.to_owned(), session, params }
    }

    fn told(watch: &mut Watch, session: Option<&str>, method: &str, params: Value) -> Vec<(String, String)> {
        let mut orders = Vec::new();
        watch.take(&event(session, method, params), Instant::now(), &mut orders);
        orders.iter().map(|order| (order.method.to_owned(), order.params.to_string())).collect()
    }

    fn attach(session: &str, kind: &str, target: &str) -> Value {
        json!({
            "sessionId": session,
            "targetInfo": { "targetId": target, "type": kind, "browserContextId": "C" },
        })
    }

    fn watching_a_page() -> Watch {
        let mut watch = Watch::new("C".to_owned(), Reach::Public, 1 << 20, Instant::now());
        assert!(told(&mut watch, None, "Target.attachedToTarget", attach("S", "page", "T")).is_empty());
        watch
    }

    #[test]
    fn other_windows_are_closed_unseen() {
        let mut watch = watching_a_page();
        told(&mut watch, Some("S"), "Page.windowOpen", json!({ "url": "https://example.org/" }));
        let orders = told(&mut watch, None, "Target.attachedToTarget", attach("S2", "page", "T2"));
        assert_eq!(orders, [("Target.closeTarget".to_owned(), r#"{"targetId":"T2"}"#.to_owned())]);
        assert_eq!(watch.absences(), [Absence::Popup { url: "https://example.org/".to_owned() }]);
        assert_eq!(watch.session, Some(SessionId("S".to_owned())), "the page stays the page");
    }

    #[test]
    fn parts_of_the_page_go_on_once_they_are_watched() {
        let mut watch = watching_a_page();
        let orders = told(&mut watch, Some("S"), "Target.attachedToTarget", attach("F", "iframe", "T3"));
        let methods: Vec<&str> = orders.iter().map(|(method, _)| method.as_str()).collect();
        assert_eq!(
            methods,
            [
                "Page.enable",
                "Network.enable",
                "Fetch.enable",
                "Target.setAutoAttach",
                "Runtime.runIfWaitingForDebugger"
            ]
        );
    }

    #[test]
    fn what_no_page_may_ask_for_is_refused_and_noted() {
        let mut watch = watching_a_page();
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
            let orders = told(&mut watch, Some("S"), "Fetch.requestPaused", paused);
            assert_eq!(orders[0].0 == "Fetch.failRequest", refused, "{url}");
        }
        assert_eq!(watch.absences().len(), 5);
    }

    #[test]
    fn hops_keep_the_raw_headers_of_each_answer() {
        let mut watch = watching_a_page();
        let asked = |url: &str, redirect: Value| {
            json!({
                "requestId": "R", "frameId": "T", "type": "Document", "request": { "url": url },
                "redirectResponse": redirect,
            })
        };
        told(&mut watch, Some("S"), "Network.requestWillBeSent", asked("http://a.example/", Value::Null));
        let raw = json!({ "requestId": "R", "headers": { "Set-Cookie": "a=1\nb=2" }, "statusCode": 302 });
        told(&mut watch, Some("S"), "Network.responseReceivedExtraInfo", raw);
        let redirect = json!({ "status": 302, "headers": {} });
        told(&mut watch, Some("S"), "Network.requestWillBeSent", asked("http://b.example/", redirect));
        let visit = watch.visit().expect("a visit");
        assert_eq!(visit.steps.len(), 2);
        assert_eq!((visit.steps[0].status, visit.steps[0].how), (Some(302), Some(How::Asked)));
        assert_eq!((visit.steps[1].status, visit.steps[1].how), (None, Some(How::Redirected)));
        assert_eq!(visit.raw[0].len(), 2, "each cookie's presence");
        assert!(visit.raw[0].iter().all(|header| header.value == super::super::facts::REDACTED));
    }

    #[test]
    fn lists_have_an_end_and_say_so() {
        let mut watch = watching_a_page();
        for n in 0..1000 {
            let dialog = json!({ "type": "alert", "message": n.to_string() });
            told(&mut watch, Some("S"), "Page.javascriptDialogOpening", dialog);
        }
        let absences = watch.absences();
        assert_eq!(absences.len(), MOST_NOTED + 1);
        assert_eq!(absences.last(), Some(&Absence::MoreNoted(1000 - MOST_NOTED as u64)));
    }

    #[test]
    fn events_of_any_shape_are_taken() {
        let mut watch = watching_a_page();
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
            "Page.windowOpen",
            "Browser.downloadWillBegin",
        ] {
            for params in
                [Value::Null, json!([]), json!({}), json!("x"), json!({ "requestId": 7, "headers": [] })]
            {
                told(&mut watch, Some("S"), method, params);
            }
        }
    }
}
