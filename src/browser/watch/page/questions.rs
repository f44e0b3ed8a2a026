//! What the browser waits for an answer to: a window or part that is new, a
//! request, a sign-in, a message box.

use serde_json::json;

use super::PageState;
use crate::devtools::event::SessionId;
use crate::devtools::page_event::{Attached, DialogOpening, RequestPaused, SignInRequired};
use crate::text::cut;
use crate::watch::absence::Absence;
use crate::watch::commands::{Command, Part, RUN, guards, refusal, unopened};

impl PageState {
    pub(super) fn attached(&mut self, attached: &Attached, commands: &mut Vec<Command>) {
        let Some(child) = attached.session_id.clone() else { return };
        let target = &attached.target_info;
        let ours = target.browser_context_id == self.context;
        match target.kind.as_str() {
            "page" if ours && self.target.is_none() => {
                self.target = Some(target.target_id.clone());
                self.session = Some(child);
            }
            "page" => {
                commands.extend(unopened(&child, &target.target_id));
                let url = if self.opened.is_empty() { String::new() } else { self.opened.remove(0) };
                self.note(Absence::Popup { url });
            }
            kind => {
                let part = if kind == "iframe" { Part::Frame } else { Part::Worker };
                for (method, params) in guards(part, self.attendance, self.traffic.is_some()) {
                    commands.push(Command::to(Some(&child), method, params));
                }
                commands.push(Command::to(Some(&child), RUN, json!({})));
            }
        }
    }

    pub(super) fn paused(
        &mut self,
        session: Option<&SessionId>,
        paused: &RequestPaused,
        commands: &mut Vec<Command>,
    ) {
        let url = &paused.request.url;
        let refusal = refusal(url, paused.resource_type == "Document", &self.reach);
        let id = &paused.request_id;
        let (method, params) = match refusal {
            None => ("Fetch.continueRequest", json!({ "requestId": id })),
            Some(why) => {
                self.note(Absence::Refused { url: cut(url), why });
                ("Fetch.failRequest", json!({ "requestId": id, "errorReason": "AddressUnreachable" }))
            }
        };
        commands.push(Command { session: session.cloned(), method, params });
    }

    pub(super) fn sign_in(
        &mut self,
        session: Option<&SessionId>,
        asked: &SignInRequired,
        commands: &mut Vec<Command>,
    ) {
        let status = if asked.auth_challenge.source == "Proxy" { 407 } else { 401 };
        self.notes.asks_sign_in(&asked.request.url, status);
        commands.push(Command {
            session: session.cloned(),
            method: "Fetch.continueWithAuth",
            params: json!({
                "requestId": asked.request_id,
                "authChallengeResponse": { "response": "CancelAuth" },
            }),
        });
    }

    pub(super) fn dialog(
        &mut self,
        session: Option<&SessionId>,
        dialog: &DialogOpening,
        commands: &mut Vec<Command>,
    ) {
        let kind = cut(&dialog.kind);
        // Leaving must not be held up; everything else is declined.
        let accept = kind == "beforeunload";
        self.note(Absence::Dialog { kind, message: cut(&dialog.message) });
        // Where people look, too: while one is open, no page hears the keys
        // that stop.
        commands.push(Command::to(session, "Page.handleJavaScriptDialog", json!({ "accept": accept })));
    }
}
