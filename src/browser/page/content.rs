//! The main answer itself: its content as near to the network as DevTools
//! goes, and the certificates of who sent it.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::capture::PageCapture;
use super::error::PageError;
use super::facts::{Certificate, Content, Fidelity, Piece};
use super::limits::Sink;
use crate::devtools::client::Pending;
use crate::text::cut;
use crate::traffic::MainContent;
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
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Streamed {
            buffered_data: String,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            body: String,
            base64_encoded: bool,
        }
        let (request, kind, charset, received, ended) = match self.pane.state().visit() {
            Some(v) if v.answered.is_some() => {
                (v.request.clone(), v.kind.clone(), v.charset.clone(), v.bytes, v.ended)
            }
            _ => return Ok(None),
        };
        let decode = |data: &str| BASE64_STANDARD.decode(data).ok();
        let limit = self.limits.take;
        let streamed = match stream {
            Some((streamed, pending)) if streamed == request => {
                pending.wait::<Streamed>(Duration::from_secs(5)).ok()
            }
            _ => None,
        };
        let (bytes, fidelity) = if let Some(first) = streamed.and_then(|s| decode(&s.buffered_data)) {
            let state = self.pane.state();
            let mut bytes = first;
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
                capture.pane.call::<Body>("Network.getResponseBody", json!({ "requestId": request }), limit)
            })?;
            let Some(body) = body else { return Ok(None) };
            let (bytes, fidelity) = if body.base64_encoded {
                (decode(&body.body).unwrap_or_default(), Fidelity::AsReceived)
            } else {
                // Text comes decoded. It is what the server sent exactly if
                // that was UTF-8 and nothing was added or lost on the way.
                let same = charset.eq_ignore_ascii_case("utf-8") || body.body.is_ascii();
                let same = same && body.body.len() as u64 == received;
                (body.body.into_bytes(), if same { Fidelity::AsReceived } else { Fidelity::AsText })
            };
            if !ended {
                self.absences.push(Absence::ContentStops { at: bytes.len() as u64 });
            }
            (bytes, fidelity)
        };
        if fidelity == Fidelity::AsText {
            self.absences.push(Absence::ContentReencoded { charset });
        }
        self.give(Piece::Content, &bytes, sink)?;
        let length = bytes.len() as u64;
        self.main =
            self.limits.traffic.map(|_| MainContent { request, bytes, spelling: fidelity.spelling() });
        Ok(Some(Content { kind, fidelity, bytes: length }))
    }

    pub(crate) fn certificate(&mut self) -> Result<Option<Certificate>, PageError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Chain {
            table_names: Vec<String>,
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
            capture.pane.call::<Chain>("Network.getCertificate", origin, limit)
        })?;
        let der = chain.map(|chain| chain.table_names).unwrap_or_default();
        let chain = der.iter().take(16).filter_map(|der| BASE64_STANDARD.decode(der).ok());
        let text = |name: &str| security[name].as_str().map(cut);
        Ok(Some(Certificate {
            protocol: text("protocol"),
            subject: text("subjectName"),
            issuer: text("issuer"),
            valid_from: security["validFrom"].as_f64().map(|seconds| seconds as i64),
            valid_to: security["validTo"].as_f64().map(|seconds| seconds as i64),
            chain: chain.map(|der| Digest::of(&der)).collect(),
        }))
    }
}
