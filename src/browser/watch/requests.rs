//! The requests of one page: the main ones hop by hop, and which parts are
//! still on their way.
//!
//! It is pure, and does not know which of the main requests is shown.

use std::collections::HashMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::devtools::base64::Base64;
use crate::devtools::page_event::{
    DataReceived, Headers, LoadingFailed, RequestSent, Response, SecurityDetails, WireHeaders,
};
use crate::network::headers::Header;
use crate::text::cut;

/// Why an address was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// The reviewers asked for it.
    Asked,
    /// The server before it sent the browser there.
    Redirected,
    /// The page before it went there by itself.
    ByPage,
}

/// One main request with its redirects, as seen so far.
#[derive(Debug, Default)]
pub(crate) struct RequestStep {
    pub(crate) url: String,
    pub(crate) how: Option<How>,
    pub(crate) status: Option<u16>,
    pub(crate) protocol: Option<String>,
    /// The headers that the page may see, until the raw ones come.
    pub(crate) headers: Vec<Header>,
}

/// One main request: its identifier, and each hop of it.
#[derive(Debug, Default)]
pub(crate) struct MainRequest {
    pub(crate) request: String,
    pub(crate) steps: Vec<RequestStep>,
    /// Raw headers, one for each answer, in order.
    pub(crate) raw: Vec<Vec<Header>>,
    pub(crate) answered: Option<Instant>,
    pub(crate) kind: String,
    pub(crate) charset: String,
    pub(crate) security: Option<SecurityDetails>,
    pub(crate) bytes: u64,
    pub(crate) ended: bool,
    pub(crate) failure: Option<String>,
}

/// All requests so far.
pub(crate) struct Requests {
    pub(crate) visits: Vec<MainRequest>,
    pub(crate) received: u64,
    decoded: u64,
    encoded: u64,
    pub(crate) streamed: Vec<u8>,
    pub(crate) streamed_cut: bool,
    /// Some of it came, and could not be read.
    pub(crate) streamed_unread: bool,
    pub(crate) last_change: Instant,
    pub(crate) headers_left_out: u64,
    pub(crate) hops_left_out: u64,
    /// What is on its way: its address and its kind.
    loading: HashMap<String, (String, String)>,
}

impl Requests {
    pub(crate) fn new(now: Instant) -> Requests {
        Requests {
            visits: Vec::new(),
            received: 0,
            decoded: 0,
            encoded: 0,
            streamed: Vec::new(),
            streamed_cut: false,
            streamed_unread: false,
            last_change: now,
            headers_left_out: 0,
            hops_left_out: 0,
            loading: HashMap::new(),
        }
    }

    pub(crate) fn is_loading(&self) -> bool {
        !self.loading.is_empty()
    }

    pub(crate) fn position(&self, request: &str) -> Option<usize> {
        self.visits.iter().position(|visit| visit.request == request)
    }

    /// What the page before was still loading is no concern any more.
    pub(crate) fn turn(&mut self, loader: &str, now: Instant) {
        self.last_change = now;
        self.streamed.clear();
        self.streamed_cut = false;
        self.streamed_unread = false;
        self.loading.retain(|request, _| request == loader);
    }

    /// Nor is how it had come.
    pub(crate) fn forget_others(&mut self, loader: &str) {
        self.visits.retain(|visit| visit.request == loader);
        (self.received, self.decoded, self.encoded) = (0, 0, 0);
        self.headers_left_out = 0;
        self.hops_left_out = 0;
    }

    /// A request, of the page's main frame for a page or of a part.
    pub(crate) fn asked(&mut self, sent: &RequestSent, is_main: bool, now: Instant) {
        let id = sent.request_id.as_str();
        self.last_change = now;
        let url = cut(&sent.request.url);
        if self.loading.len() < MOST_LOADING {
            self.loading.insert(id.to_owned(), (url.clone(), sent.kind.clone()));
        }
        if !is_main {
            return;
        }
        let how = if self.visits.is_empty() { How::Asked } else { How::ByPage };
        let at = match self.position(id) {
            Some(at) => at,
            None => {
                // The first are kept, and the latest, which may be the page.
                if self.visits.len() >= MOST_HOPS {
                    self.visits.pop();
                    self.hops_left_out += 1;
                }
                self.visits.push(MainRequest { request: id.to_owned(), ..MainRequest::default() });
                self.visits.len() - 1
            }
        };
        if let Some(redirect) = &sent.redirect_response {
            self.note_answer(at, redirect);
        }
        let visit = &mut self.visits[at];
        if visit.steps.len() >= MOST_HOPS {
            self.hops_left_out += 1;
            return;
        }
        let how = if visit.steps.is_empty() { how } else { How::Redirected };
        visit.steps.push(RequestStep { url, how: Some(how), ..RequestStep::default() });
    }

    /// The answer of a main request: its status.
    pub(crate) fn answered(&mut self, at: usize, response: &Response, now: Instant) -> Option<u16> {
        self.last_change = now;
        self.note_answer(at, response);
        let visit = &mut self.visits[at];
        visit.answered = Some(now);
        visit.kind = cut(&response.mime_type);
        visit.charset = cut(&response.charset);
        visit.security = response.security_details.clone();
        visit.steps.last().and_then(|step| step.status)
    }

    fn note_answer(&mut self, at: usize, response: &Response) {
        let headers = self.headers(&response.headers);
        if let Some(step) = self.visits[at].steps.last_mut() {
            step.status = response.status();
            step.protocol = response.protocol.as_deref().map(cut);
            step.headers = headers;
        }
    }

    pub(crate) fn raw_headers(&mut self, came: &WireHeaders) {
        if let Some(at) = self.position(&came.request_id)
            && self.visits[at].raw.len() <= MOST_HOPS
        {
            let headers = self.headers(&came.headers);
            let visit = &mut self.visits[at];
            // A download has no other answer than this.
            if let Some(step) = visit.steps.get_mut(visit.raw.len()) {
                step.status = step.status.or(came.status());
            }
            visit.raw.push(headers);
        }
    }

    fn headers(&mut self, headers: &Headers) -> Vec<Header> {
        let all = headers.each().map(|(name, value)| Header::new(name, value));
        let all: Vec<Header> = all.take(MOST_HEADERS + 1000).collect();
        self.headers_left_out += all.len().saturating_sub(MOST_HEADERS) as u64;
        all.into_iter().take(MOST_HEADERS).collect()
    }

    pub(crate) fn data(&mut self, data: &DataReceived) {
        self.decoded = self.decoded.saturating_add(data.length());
        self.encoded = self.encoded.saturating_add(data.encoded_length());
        // What is followed is told twice: as content, and as bytes of the way.
        self.received = self.decoded.max(self.encoded);
        if let Some(at) = self.position(&data.request_id) {
            self.visits[at].bytes += data.length();
            match data.data.as_ref().map(Base64::bytes) {
                Some(Some(bytes)) => {
                    let room = CONTENT_LIMIT.saturating_sub(self.streamed.len());
                    self.streamed_cut |= bytes.len() > room;
                    self.streamed.extend_from_slice(&bytes[..bytes.len().min(room)]);
                }
                Some(None) => self.streamed_unread = true,
                None => {}
            }
        }
    }

    pub(crate) fn finished(&mut self, id: &str, now: Instant) {
        self.last_change = now;
        self.loading.remove(id);
        if let Some(at) = self.position(id) {
            self.visits[at].ended = true;
        }
    }

    /// A request that failed: of a part, its address, its kind and why.
    pub(crate) fn failed(
        &mut self,
        failed: &LoadingFailed,
        now: Instant,
    ) -> Option<(String, String, String)> {
        self.last_change = now;
        let id = failed.request_id.as_str();
        let (url, kind) = self.loading.remove(id).unzip();
        let why = cut(&failed.why());
        if let Some(at) = self.position(id) {
            self.visits[at].failure = Some(why);
            return None;
        }
        Some((url?, kind.unwrap_or_default(), why))
    }
}

/// The most that is kept of the main answer.
pub(crate) const CONTENT_LIMIT: usize = 64 << 20;

const MOST_HOPS: usize = 64;
const MOST_HEADERS: usize = 256;
const MOST_LOADING: usize = 10_000;
