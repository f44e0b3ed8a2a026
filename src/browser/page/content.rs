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
