//! What the browser waits for an answer to: a window or part that is new, a
//! request, a sign-in, a message box.

use serde_json::{Value, json};

use super::PageState;
use crate::devtools::context::Attendance;
use crate::devtools::event::{SessionId, text};
use crate::text::cut;
use crate::traffic::Traffic;
use crate::watch::absence::Absence;
use crate::watch::commands::{Command, no_file_chooser, refusal, unopened, watching};
use crate::watch::listener;

impl PageState {
    pub(super) fn attached(&mut self, p: &Value, commands: &mut Vec<Command>) {
        let Some(child) = p["sessionId"].as_str().map(|id| SessionId(id.to_owned())) else { return };
        let target = &p["targetInfo"];
        let ours = text(target, "browserContextId") == self.context;
        match text(target, "type") {
            "page" if ours && self.target.is_none() => {
                self.target = Some(text(target, "targetId").to_owned());
                self.session = Some(child);
            }
            "page" => {
                commands.extend(unopened(&child, text(target, "targetId")));
                let url = if self.opened.is_empty() { String::new() } else { self.opened.remove(0) };
                self.note(Absence::Popup { url });
            }
            kind => {
                let mut command = |method, params| commands.push(Command::to(Some(&child), method, params));
                if kind == "iframe" {
                    command("Page.enable", json!({}));
                    let (method, params) = no_file_chooser();
                    command(method, params);
                    // Keys go to the frame that people clicked into.
                    let listening = (self.attendance != Attendance::Unattended).then(listener::setup);
                    for (method, params) in listening.into_iter().flatten() {
                        command(method, params);
                    }
                }
                let more = self.traffic.as_ref().map(|_| Traffic::setup(self.attendance)).unwrap_or_default();
                for (method, params) in watching(self.attendance).into_iter().chain(more) {
                    command(method, params);
                }
                command("Runtime.runIfWaitingForDebugger", json!({}));
            }
        }
    }

    pub(super) fn paused(&mut self, session: Option<&SessionId>, p: &Value, commands: &mut Vec<Command>) {
        let url = text(&p["request"], "url");
        let document = text(p, "resourceType") == "Document";
        let refusal = refusal(url, document, &self.reach);
        let id = &p["requestId"];
        let (method, params) = match refusal {
            None => ("Fetch.continueRequest", json!({ "requestId": id })),
            Some(why) => {
                self.note(Absence::Refused { url: cut(url), why });
                ("Fetch.failRequest", json!({ "requestId": id, "errorReason": "AddressUnreachable" }))
            }
        };
        commands.push(Command { session: session.cloned(), method, params });
    }

    pub(super) fn sign_in(&mut self, session: Option<&SessionId>, p: &Value, commands: &mut Vec<Command>) {
        let status = if text(&p["authChallenge"], "source") == "Proxy" { 407 } else { 401 };
        self.notes.asks_sign_in(text(&p["request"], "url"), status);
        commands.push(Command {
            session: session.cloned(),
            method: "Fetch.continueWithAuth",
            params: json!({
                "requestId": p["requestId"],
                "authChallengeResponse": { "response": "CancelAuth" },
            }),
        });
    }

    pub(super) fn dialog(&mut self, session: Option<&SessionId>, p: &Value, commands: &mut Vec<Command>) {
        let kind = cut(text(p, "type"));
        // Leaving must not be held up; everything else is declined.
        let accept = kind == "beforeunload";
        self.note(Absence::Dialog { kind, message: cut(text(p, "message")) });
        // Where people look, too: while one is open, no page hears the keys
        // that stop.
        commands.push(Command::to(session, "Page.handleJavaScriptDialog", json!({ "accept": accept })));
    }
}
