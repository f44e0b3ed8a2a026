//! The main answer itself: its content as near to the network as DevTools
//! goes, and the certificates of who sent it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::capture::PageCapture;
use super::error::PageError;
use super::facts::{Certificate, Content, Fidelity, Piece};
use super::limits::Sink;
use crate::devtools::base64::Base64;
use crate::devtools::client::Pending;
use crate::devtools::error::CallError;
use crate::text::cut;
use crate::traffic::MainContent;
use crate::traffic::body::{Body, Streamed};
use crate::watch::absence::Absence;
use crate::watch::requests::CONTENT_LIMIT;
use countersign_record::digest::Digest;

impl PageCapture<'_> {
    /// The content of the main answer, from the stream that was followed or
    /// from what the browser still has.
    pub(crate) fn take_content(
        &mut self,
        stream: Option<(String, Pending)>,
        sink: &mut Sink<'_>,
    ) -> Result<Option<Content>, PageError> {
        let (request, kind, charset, received, ended) = match self.pane.state().visit() {
            Some(v) if v.answered.is_some() => {
                (v.request.clone(), v.kind.clone(), v.charset.clone(), v.bytes, v.ended)
            }
            _ => return Ok(None),
        };
        let limit = self.limits.take;
        let streamed = match stream {
            Some((streamed, pending)) if streamed == request => {
                pending.wait::<Streamed>(Duration::from_secs(5)).ok()
            }
            _ => None,
        };
        let first = streamed.and_then(|streamed| streamed.buffered_data.into_bytes());
        // What came and could not be read is asked for again.
        let first = first.filter(|_| !self.pane.state().requests.streamed_unread);
        let (bytes, fidelity) = if let Some(mut bytes) = first {
            let state = self.pane.state();
            let room = CONTENT_LIMIT.saturating_sub(bytes.len());
            bytes.extend_from_slice(&state.requests.streamed[..state.requests.streamed.len().min(room)]);
            let cut = state.requests.streamed_cut
                || state.requests.streamed.len() > room
                || !state.visit().is_some_and(|v| v.ended);
            drop(state);
            if cut {
                self.absences.push(Absence::ContentStops { at: bytes.len() as u64 });
            }
            (bytes, Fidelity::AsReceived)
        } else {
            let body = self.attempt("content", |capture| {
                let method = "Network.getResponseBody";
                let body: Body = capture.pane.call(method, json!({ "requestId": request }), limit)?;
                body.read(&charset, received).ok_or_else(|| CallError::not_base64(method))
            })?;
            let Some((bytes, spelling)) = body else { return Ok(None) };
            if !ended {
                self.absences.push(Absence::ContentStops { at: bytes.len() as u64 });
            }
            (bytes, Fidelity::of(spelling))
        };
        if fidelity == Fidelity::AsText {
            self.absences.push(Absence::ContentReencoded { charset });
        }
        self.give(Piece::Content, &bytes, sink)?;
        let length = bytes.len() as u64;
        let spelling = fidelity.spelling();
        self.main = self.limits.traffic.map(|_| MainContent { request, bytes, spelling });
        Ok(Some(Content { kind, fidelity, bytes: length }))
    }

    pub(crate) fn certificate(&mut self) -> Result<Option<Certificate>, PageError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Chain {
            table_names: Vec<Base64>,
        }
        let (security, url) = {
            let state = self.pane.state();
            let Some(visit) = state.visit() else { return Ok(None) };
            let url = visit.steps.last().map(|step| step.url.clone()).unwrap_or_default();
            (visit.security.clone(), url)
        };
        let Ok(url) = Url::parse(&url) else { return Ok(None) };
        if url.scheme() != "https" {
            return Ok(None);
        }
        let origin = json!({ "origin": url.origin().ascii_serialization() });
        let limit = self.limits.take;
        let chain = self.attempt("certificate", |capture| {
            let method = "Network.getCertificate";
            let chain: Chain = capture.pane.call(method, origin, limit)?;
            let digest = |der: &Base64| der.bytes().map(Digest::of);
            let digests = chain.table_names.iter().take(16).map(digest);
            digests.collect::<Option<Vec<_>>>().ok_or_else(|| CallError::not_base64(method))
        })?;
        let chain = chain.unwrap_or_default();
        let security = security.unwrap_or_default();
        let seconds = |seconds: f64| seconds as i64;
        Ok(Some(Certificate {
            protocol: security.protocol.as_deref().map(cut),
            subject: security.subject_name.as_deref().map(cut),
            issuer: security.issuer.as_deref().map(cut),
            valid_from: security.valid_from.map(seconds),
            valid_to: security.valid_to.map(seconds),
            chain,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use serde_json::Value;

    use super::*;
    use crate::devtools::context::Attendance;
    use crate::devtools::event::{Event, SessionId};
    use crate::devtools::page_event::PageEvent;
    use crate::devtools::scripted::answering;
    use crate::network::reach::Reach;
    use crate::page::limits::Limits;
    use crate::watch::page::PageState;
    use crate::watch::pane::{Pane, Seen};

    /// What is taken of a page that came, where the browser passed on `buffered`
    /// before it was followed, then `data`, and has `body` of it in the end.
    fn taken(buffered: &'static str, data: &str, body: &'static str) -> (Option<Vec<u8>>, Vec<Absence>) {
        let client = answering(move |method| match method {
            "Network.streamResourceContent" => json!({ "bufferedData": buffered }),
            _ => json!({ "body": body, "base64Encoded": true }),
        });
        let session = SessionId("S".to_owned());
        let now = Instant::now();
        let attendance = Attendance::Unattended;
        let mut state = PageState::of("T".to_owned(), session.clone(), attendance, Reach::Public, now);
        let events: [(&str, Value); 5] = [
            (
                "Network.requestWillBeSent",
                json!({ "requestId": "R", "frameId": "T", "type": "Document", "request": { "url": "http://a.example/" } }),
            ),
            ("Network.responseReceived", json!({ "requestId": "R", "response": { "status": 200 } })),
            (
                "Page.frameNavigated",
                json!({ "frame": { "id": "T", "loaderId": "R", "url": "http://a.example/" } }),
            ),
            ("Network.dataReceived", json!({ "requestId": "R", "dataLength": 3, "data": data })),
            ("Network.loadingFinished", json!({ "requestId": "R" })),
        ];
        for (method, params) in events {
            let event = Event { method: method.to_owned(), session: Some(session.clone()), params };
            let event = PageEvent::of(event).expect("a known shape").expect("followed");
            state.take(&event, now, &mut Vec::new());
        }
        let pane = Pane::new(client, session, "T".to_owned(), Arc::new(Seen::new(state)));
        let stream = pane.begin("Network.streamResourceContent", json!({})).expect("asked");
        let limits = Limits::default();
        let mut capture = PageCapture::of(&pane, &limits);
        let mut given = None;
        let mut sink = |_: Piece, bytes: &[u8]| {
            given = Some(bytes.to_vec());
            Ok(())
        };
        let content = capture.take_content(Some(("R".to_owned(), stream)), &mut sink).expect("taken");
        let absences = capture.absences;
        assert_eq!(content.is_some(), given.is_some());
        assert!(content.is_none_or(|content| content.fidelity == Fidelity::AsReceived));
        (given, absences)
    }

    #[test]
    fn what_cannot_be_read_is_an_absence_and_never_an_empty_content() {
        assert_eq!(taken("YWJj", "ZGVm", "%"), (Some(b"abcdef".to_vec()), Vec::new()), "as it came");
        for (buffered, data) in [("%", "ZGVm"), ("YWJj", "%")] {
            let again = (Some(b"abcdef".to_vec()), Vec::new());
            assert_eq!(taken(buffered, data, "YWJjZGVm"), again, "asked for again");
            let (given, absences) = taken(buffered, data, "%");
            assert_eq!(given, None);
            assert!(
                matches!(absences.as_slice(), [Absence::NoPiece { piece, why }]
                    if piece == "content" && why.contains("base64")),
                "{absences:?}"
            );
        }
    }
}
