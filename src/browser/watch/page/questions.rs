//! What the browser waits for an answer to: a window or part that is new, a
//! request, a sign-in, a message box.

use serde_json::{Value, json};

use super::Watch;
use crate::devtools::context::Manner;
use crate::devtools::event::{SessionId, text};
use crate::text::cut;
use crate::traffic::Traffic;
use crate::watch::absence::Absence;
use crate::watch::commands::{Order, no_file_chooser, refusal, unopened, watching};
use crate::watch::listener;

impl Watch {
    pub(super) fn attached(&mut self, p: &Value, orders: &mut Vec<Order>) {
        let Some(child) = p["sessionId"].as_str().map(|id| SessionId(id.to_owned())) else { return };
        let target = &p["targetInfo"];
        let ours = text(target, "browserContextId") == self.context;
        match text(target, "type") {
            "page" if ours && self.target.is_none() => {
                self.target = Some(text(target, "targetId").to_owned());
                self.session = Some(child);
            }
            "page" => {
                orders.extend(unopened(&child, text(target, "targetId")));
                let url = if self.opened.is_empty() { String::new() } else { self.opened.remove(0) };
                self.note(Absence::Popup { url });
            }
            kind => {
                let mut order = |method, params| orders.push(Order::to(Some(&child), method, params));
                if kind == "iframe" {
                    order("Page.enable", json!({}));
                    let (method, params) = no_file_chooser();
                    order(method, params);
                    // Keys go to the frame that people clicked into.
                    let listening = (self.manner != Manner::Unattended).then(listener::setup);
                    for (method, params) in listening.into_iter().flatten() {
                        order(method, params);
                    }
                }
                let more = self.traffic.as_ref().map(|_| Traffic::setup(self.manner)).unwrap_or_default();
                for (method, params) in watching(self.manner).into_iter().chain(more) {
                    order(method, params);
                }
                order("Runtime.runIfWaitingForDebugger", json!({}));
            }
        }
    }

    pub(super) fn paused(&mut self, session: Option<&SessionId>, p: &Value, orders: &mut Vec<Order>) {
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
        orders.push(Order { session: session.cloned(), method, params });
    }

    pub(super) fn sign_in(&mut self, session: Option<&SessionId>, p: &Value, orders: &mut Vec<Order>) {
        let status = if text(&p["authChallenge"], "source") == "Proxy" { 407 } else { 401 };
        self.notes.asks_sign_in(text(&p["request"], "url"), status);
        orders.push(Order {
            session: session.cloned(),
            method: "Fetch.continueWithAuth",
            params: json!({
                "requestId": p["requestId"],
                "authChallengeResponse": { "response": "CancelAuth" },
            }),
        });
    }

    pub(super) fn dialog(&mut self, session: Option<&SessionId>, p: &Value, orders: &mut Vec<Order>) {
        let kind = cut(text(p, "type"));
        // Leaving must not be held up; everything else is declined.
        let accept = kind == "beforeunload";
        self.note(Absence::Dialog { kind, message: cut(text(p, "message")) });
        // Where people look, too: while one is open, no page hears the keys
        // that stop.
        orders.push(Order::to(session, "Page.handleJavaScriptDialog", json!({ "accept": accept })));
    }
}
