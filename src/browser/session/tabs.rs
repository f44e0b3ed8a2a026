//! All tabs of one recording, folded from the browser's events to what
//! happened and what the browser must be told.
//!
//! It is pure: [`super::Session`] feeds it and sends its commands.

mod on_screen;
mod signals;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::addresses::{internal, is_blank};
use super::events::SessionEvent;
use super::tab::{Tab, blank};
use super::visited::Visited;
use super::visits::Verdict;
use crate::devtools::context::Attendance;
use crate::devtools::event::SessionId;
use crate::devtools::page_event::{Attached, DownloadBegins, Kind, PageEvent, TargetInfo};
use crate::network::reach::Reach;
use crate::text::cut;
use crate::traffic::Gathering;
use crate::watch::commands::{Command, unopened};
use crate::watch::listener;
use crate::watch::notice::Notice;

pub(super) struct Tabs {
    context: String,
    attendance: Attendance,
    reach: Reach,
    /// Where what pages exchange is to be kept too.
    pub(super) gathering: Option<Gathering>,
    tabs: Vec<Tab>,
    /// The sessions of a page's parts, and whose they are.
    parts: HashMap<SessionId, SessionId>,
    unopened: u64,
    told: Instant,
    /// What stands in front of a page that does not answer: its tab, once
    /// that is known.
    cover: Option<Option<String>>,
    pub(super) out: Vec<SessionEvent>,
}

impl Tabs {
    pub(super) fn of(context: String, attendance: Attendance, reach: Reach, now: Instant) -> Tabs {
        Tabs {
            context,
            attendance,
            reach,
            gathering: None,
            tabs: Vec::new(),
            parts: HashMap::new(),
            unopened: 0,
            told: now,
            cover: None,
            out: Vec::new(),
        }
    }

    /// Takes in one event; what must be answered at once goes to `commands`.
    pub(super) fn take(&mut self, event: &PageEvent, now: Instant, commands: &mut Vec<Command>) {
        match (&event.kind, &event.session) {
            (Kind::Attached(attached), None) => self.attached(attached, now, commands),
            (Kind::Detached(from), _) => self.detached(&from.session_id),
            (Kind::TargetCreated(target) | Kind::TargetChanged(target), None) => {
                self.looks_like(&target.target_info, now, commands);
            }
            (Kind::DownloadBegins(download), _) => self.download(download, now),
            (_, Some(session)) => self.take_of(session, event, now, commands),
            _ => {}
        }
        self.collect();
    }

    /// Lets out what has waited long enough.
    pub(super) fn tick(&mut self, now: Instant) {
        for tab in &mut self.tabs {
            tab.visits.tick(now);
        }
        if self.unopened > 0 && now.duration_since(self.told) >= BETWEEN_COUNTS {
            self.told = now;
            self.out.push(SessionEvent::TooManyWindows(std::mem::take(&mut self.unopened)));
        }
        self.collect();
    }

    /// The browser is gone: everything that is known comes out.
    pub(super) fn end(&mut self) {
        for tab in &mut self.tabs {
            tab.visits.end("the browser ended");
            tab.seen.close();
        }
        if self.unopened > 0 {
            self.out.push(SessionEvent::TooManyWindows(std::mem::take(&mut self.unopened)));
        }
        self.collect();
    }

    fn take_of(&mut self, session: &SessionId, event: &PageEvent, now: Instant, commands: &mut Vec<Command>) {
        let owner = self.parts.get(session).unwrap_or(session).clone();
        let Some(place) = self.tabs.iter().position(|tab| tab.session == owner) else { return };
        if let Kind::Attached(attached) = &event.kind
            && let Some(child) = &attached.session_id
            && self.parts.len() < MOST_PARTS
        {
            self.parts.insert(child.clone(), owner);
        }
        if let Kind::BindingCalled(called) = &event.kind {
            self.signalled(place, called, now);
            return;
        }
        if let Kind::CertificateError(error) = &event.kind {
            let answer = json!({ "eventId": error.event_id, "action": "cancel" });
            commands.push(Command::to(Some(session), "Security.handleCertificateError", answer));
            let tab = &mut self.tabs[place];
            // Left alone, the page before it would stay, without a word.
            if tab.visits.not_trusted(&error.request_url, &error.error_type) == Verdict::Close {
                tab.show(Notice::NotTrusted, commands);
            }
            return;
        }
        let tab = &mut self.tabs[place];
        tab.seen.lock().take(event, now, commands);
        tab.seen.ring();
        if *session != tab.session {
            return;
        }
        if let Kind::PageCrashed(_) = event.kind {
            tab.visits.end("the page crashed");
            let url = tab.seen.lock().url.clone();
            self.out.push(SessionEvent::Crashed { url });
            return;
        }
        if matches!(&event.kind, Kind::FrameNavigated(to) if to.frame.id == tab.target) {
            tab.documents += 1;
            if !std::mem::replace(&mut tab.has_page, true) {
                let (method, params) = listener::again();
                commands.push(Command::to(Some(session), method, params));
            }
        }
        if tab.visits.take(&event.kind, now) == Verdict::Close {
            self.close(place, commands);
        }
    }

    fn attached(&mut self, attached: &Attached, now: Instant, commands: &mut Vec<Command>) {
        let target = &attached.target_info;
        let (id, url) = (target.target_id.as_str(), target.url.as_str());
        let Some(session) = attached.session_id.clone() else { return };
        if target.kind != "page" {
            return;
        }
        if target.browser_context_id != self.context {
            // A window that would leave traces, and of which nothing would be
            // on record. Where people wanted a new one, they get a new one.
            commands.extend(unopened(&session, id));
            if !is_blank(url) {
                let why = "it would have opened outside of the recording".to_owned();
                self.out.push(SessionEvent::Visited(Visited::denied(url, why, now)));
            } else if self.tabs.len() < MOST_TABS {
                commands.push(Command::to(None, "Target.createTarget", blank(&self.context)));
            }
            return;
        }
        if self.tabs.len() >= self.most() {
            commands.extend(unopened(&session, id));
            self.unopened += 1;
            return;
        }
        let tab = Tab::new(id, session, self.attendance, &self.reach, now);
        tab.guard(self.attendance, self.gathering.as_ref(), commands);
        self.tabs.push(tab);
        self.looks_like(target, now, commands);
    }

    fn detached(&mut self, session: &str) {
        self.parts.retain(|part, owner| part.0 != session && owner.0 != session);
        let Some(place) = self.tabs.iter().position(|tab| tab.session.0 == session) else { return };
        let mut tab = self.tabs.remove(place);
        tab.visits.end("its window was closed");
        tab.seen.close();
        self.out.extend(tab.visits.take_out());
        if self.tabs.is_empty() {
            self.out.push(SessionEvent::Closed);
        }
    }

    /// Some of what people must not open shows by its address alone.
    fn looks_like(&mut self, target: &TargetInfo, now: Instant, commands: &mut Vec<Command>) {
        let (id, url) = (target.target_id.as_str(), target.url.as_str());
        if url.starts_with("devtools:") {
            commands.push(Command::to(None, "Target.closeTarget", json!({ "targetId": id })));
            return;
        }
        let Some(place) = self.tabs.iter().position(|tab| tab.target == id && !tab.closing) else { return };
        if url.starts_with("view-source:")
            && let Some(why) = internal(url)
        {
            self.out.push(SessionEvent::Visited(Visited::denied(url, why, now)));
            self.close(place, commands);
        }
    }

    fn download(&mut self, download: &DownloadBegins, now: Instant) {
        let url = download.url.as_str();
        let why = format!("the download of {} was denied", cut(&download.suggested_filename));
        if !self.tabs.iter_mut().any(|tab| tab.visits.downloaded(url, &why)) {
            self.out.push(SessionEvent::Visited(Visited::denied(url, why, now)));
        }
    }

    /// Closes what a tab shows: the tab, or the page in the last one.
    fn close(&mut self, place: usize, commands: &mut Vec<Command>) {
        let others = self.tabs.iter().enumerate().any(|(i, tab)| i != place && !tab.closing);
        let tab = &mut self.tabs[place];
        if others {
            tab.closing = true;
            commands.push(Command::to(None, "Target.closeTarget", json!({ "targetId": tab.target })));
        } else {
            tab.show(Notice::Closed, commands);
        }
    }

    fn collect(&mut self) {
        for tab in &mut self.tabs {
            self.out.extend(tab.visits.take_out());
        }
    }
}

/// Enough for people; a page that opens more is a flood.
pub(super) const MOST_TABS: usize = 24;
const MOST_PARTS: usize = 4096;
const BETWEEN_COUNTS: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::devtools::event::Event;

    fn told(tabs: &mut Tabs, session: Option<&str>, method: &str, params: Value) -> Vec<(String, String)> {
        let session = session.map(|id| SessionId(id.to_owned()));
        let event = Event { method: method.to_owned(), session, params };
        let mut commands = Vec::new();
        if let Some(event) = PageEvent::of(event).expect("a known shape") {
            tabs.take(&event, Instant::now(), &mut commands);
        }
        commands.iter().map(|command| (command.method.to_owned(), command.params.to_string())).collect()
    }

    fn attached(n: u32, context: &str, url: &str) -> Value {
        json!({
            "sessionId": format!("S{n}"),
            "targetInfo": { "targetId": format!("T{n}"), "type": "page", "url": url, "browserContextId": context },
        })
    }

    fn tabs() -> Tabs {
        Tabs::of("C".to_owned(), Attendance::Shown, Reach::Public, Instant::now())
    }

    fn heard(tabs: &mut Tabs, n: u32, payload: &str) {
        let params = json!({ "name": "recorder", "payload": payload });
        told(tabs, Some(&format!("S{n}")), "Runtime.bindingCalled", params);
    }

    #[test]
    fn a_new_window_runs_once_it_is_watched() {
        let mut tabs = tabs();
        let commands = told(&mut tabs, None, "Target.attachedToTarget", attached(1, "C", ""));
        let methods: Vec<&str> = commands.iter().map(|(method, _)| method.as_str()).collect();
        assert_eq!(methods.last(), Some(&"Runtime.runIfWaitingForDebugger"));
        for guard in
            ["Page.enable", "Network.enable", "Fetch.enable", "Runtime.addBinding", "Target.setAutoAttach"]
        {
            assert!(methods.contains(&guard), "{guard}");
        }
    }

    #[test]
    fn a_window_outside_of_the_recording_is_closed_and_opened_inside() {
        let mut tabs = tabs();
        let commands =
            told(&mut tabs, None, "Target.attachedToTarget", attached(1, "other", "chrome://newtab/"));
        assert_eq!(commands[1], ("Target.closeTarget".to_owned(), r#"{"targetId":"T1"}"#.to_owned()));
        assert!(
            commands[3].0 == "Target.createTarget" && commands[3].1.contains(r#""browserContextId":"C""#)
        );
        told(&mut tabs, None, "Target.attachedToTarget", attached(2, "other", "chrome://history/"));
        assert!(matches!(tabs.out.as_slice(), [SessionEvent::Visited(_)]), "{:?}", tabs.out);
    }

    #[test]
    fn what_would_open_in_another_program_is_a_visit_that_was_denied() {
        let mut tabs = tabs();
        told(&mut tabs, None, "Target.attachedToTarget", attached(1, "C", ""));
        heard(&mut tabs, 1, r#"["program", "example-call:1234"]"#);
        heard(&mut tabs, 1, r#"["program", "https://example.org/"]"#);
        let [SessionEvent::Visited(visit)] = tabs.out.as_slice() else { panic!("{:?}", tabs.out) };
        assert_eq!(visit.url, "example-call:1234");
    }

    #[test]
    fn a_thousand_windows_are_a_few_and_a_count() {
        let mut tabs = tabs();
        for n in 0..1000 {
            told(&mut tabs, None, "Target.attachedToTarget", attached(n, "C", ""));
        }
        assert_eq!(tabs.tabs.len(), MOST_TABS);
        tabs.tick(Instant::now() + BETWEEN_COUNTS);
        assert_eq!(tabs.out, [SessionEvent::TooManyWindows(1000 - MOST_TABS as u64)]);
    }

    #[test]
    fn what_people_look_at_is_what_is_on_the_screen() {
        let mut tabs = tabs();
        let shown = |tabs: &Tabs| tabs.on_screen().map(|tab| tab.target.clone());
        assert_eq!(shown(&tabs), None);
        for n in 1..=3 {
            told(&mut tabs, None, "Target.attachedToTarget", attached(n, "C", ""));
            heard(&mut tabs, n, r#"["visible"]"#);
        }
        assert_eq!(shown(&tabs).as_deref(), Some("T3"));
        heard(&mut tabs, 1, r#"["focus"]"#);
        // A page that goes on in a window beside it changes nothing.
        heard(&mut tabs, 2, r#"["visible"]"#);
        assert_eq!(shown(&tabs).as_deref(), Some("T1"));
        told(&mut tabs, None, "Target.detachedFromTarget", json!({ "sessionId": "S1" }));
        assert_eq!(shown(&tabs).as_deref(), Some("T3"));
    }

    #[test]
    fn the_keys_stop_and_the_last_window_ends() {
        let mut tabs = tabs();
        told(&mut tabs, None, "Target.attachedToTarget", attached(1, "C", ""));
        for no in ["", "[]", r#"{"stop":1}"#, r#"["stop","x"]"#] {
            heard(&mut tabs, 1, no);
        }
        let params = json!({ "name": "another", "payload": r#"["stop"]"# });
        told(&mut tabs, Some("S1"), "Runtime.bindingCalled", params);
        assert_eq!(tabs.out, []);
        heard(&mut tabs, 1, r#"["stop"]"#);
        told(&mut tabs, None, "Target.detachedFromTarget", json!({ "sessionId": "S1" }));
        assert_eq!(tabs.out, [SessionEvent::Stop, SessionEvent::Closed]);
    }

    #[test]
    fn a_page_that_is_not_trusted_takes_the_one_before_it_away() {
        let mut tabs = tabs();
        told(&mut tabs, None, "Target.attachedToTarget", attached(1, "C", ""));
        let asked = json!({
            "requestId": "1", "frameId": "T1", "type": "Document", "request": { "url": "https://a.example/" },
        });
        told(&mut tabs, Some("S1"), "Network.requestWillBeSent", asked);
        let error = |url: &str| json!({ "eventId": 7, "errorType": "net::ERR_CERT_X", "requestURL": url });
        let methods = |tabs: &mut Tabs, url: &str| -> Vec<String> {
            let commands = told(tabs, Some("S1"), "Security.certificateError", error(url));
            commands.into_iter().map(|(method, _)| method).collect()
        };
        let refused = "Security.handleCertificateError";
        assert_eq!(methods(&mut tabs, "https://b.example/x.js"), [refused], "of a part of a page");
        assert_eq!(methods(&mut tabs, "https://a.example/"), [refused, "Page.navigate"]);
        // The words in its place are no visit.
        let url = Notice::NotTrusted.url();
        let asked =
            json!({ "requestId": "2", "frameId": "T1", "type": "Document", "request": { "url": url } });
        told(&mut tabs, Some("S1"), "Network.requestWillBeSent", asked);
        let shown = json!({ "frame": { "id": "T1", "loaderId": "2", "url": url } });
        told(&mut tabs, Some("S1"), "Page.frameNavigated", shown);
        assert_eq!(tabs.out, []);
        assert!(tabs.on_screen().is_some_and(|tab| tab.seen.lock().committed.is_none()));
    }

    #[test]
    fn tools_and_sources_are_closed() {
        let mut tabs = tabs();
        let info =
            |id: &str, url: &str| json!({ "targetInfo": { "targetId": id, "type": "other", "url": url } });
        let commands = told(&mut tabs, None, "Target.targetCreated", info("D", "devtools://devtools/x"));
        assert_eq!(commands[0].0, "Target.closeTarget");
        for n in 1..=2 {
            told(&mut tabs, None, "Target.attachedToTarget", attached(n, "C", ""));
        }
        let source = info("T1", "view-source:https://example.org/");
        assert_eq!(
            told(&mut tabs, None, "Target.targetInfoChanged", source.clone())[0].0,
            "Target.closeTarget"
        );
        assert_eq!(told(&mut tabs, None, "Target.targetInfoChanged", source), []);
        assert_eq!(tabs.out.len(), 1, "said once");
    }
}
