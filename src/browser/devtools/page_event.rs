//! What the browser says of pages, decoded once for all who follow them.
//!
//! Only what is used of an event stands here, under the protocol's own names.
//! What an event leaves out is empty. One whose parts are of another kind is of
//! no shape that is known: it is passed over, and counted by who follows.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::base64::Base64;
use super::client::Nothing;
use super::event::{Event, SessionId};

/// An event that somebody follows.
pub(crate) struct PageEvent {
    /// The session that it is about; none for the browser itself.
    pub(crate) session: Option<SessionId>,
    pub(crate) kind: Kind,
}

impl PageEvent {
    /// Decodes `event`; `None` where nobody follows events of its name.
    ///
    /// # Errors
    /// It is of no shape that is known.
    pub(crate) fn of(event: Event) -> Result<Option<PageEvent>, serde_json::Error> {
        let params = if event.params.is_null() { Value::Object(Map::new()) } else { event.params };
        let kind = decode(&event.method, params)?;
        Ok(kind.map(|kind| PageEvent { session: event.session, kind }))
    }
}

macro_rules! events {
    ($($method:literal => $kind:ident($params:ty),)*) => {
        /// Which event it is, with what it says.
        pub(crate) enum Kind { $( #[doc = $method] $kind($params), )* }

        fn decode(method: &str, params: Value) -> Result<Option<Kind>, serde_json::Error> {
            Ok(Some(match method {
                $( $method => Kind::$kind(serde_json::from_value(params)?), )*
                _ => return Ok(None),
            }))
        }
    };
}

events! {
    "Target.attachedToTarget" => Attached(Attached),
    "Target.detachedFromTarget" => Detached(Detached),
    "Target.targetCreated" => TargetCreated(TargetChanged),
    "Target.targetInfoChanged" => TargetChanged(TargetChanged),
    "Target.targetCrashed" => TargetCrashed(TargetCrashed),
    "Inspector.targetCrashed" => PageCrashed(Nothing),
    "Inspector.targetReloadedAfterCrash" => PageReloaded(Nothing),
    "Fetch.requestPaused" => RequestPaused(RequestPaused),
    "Fetch.authRequired" => SignInRequired(SignInRequired),
    "Network.requestWillBeSent" => RequestSent(Box<RequestSent>),
    "Network.requestWillBeSentExtraInfo" => RequestHeaders(WireHeaders),
    "Network.requestServedFromCache" => ServedFromCache(OfRequest),
    "Network.responseReceived" => ResponseReceived(Box<ResponseReceived>),
    "Network.responseReceivedExtraInfo" => ResponseHeaders(WireHeaders),
    "Network.dataReceived" => DataReceived(DataReceived),
    "Network.loadingFinished" => LoadingFinished(OfRequest),
    "Network.loadingFailed" => LoadingFailed(LoadingFailed),
    "Network.webSocketCreated" => WebSocketCreated(Nothing),
    "Page.frameNavigated" => FrameNavigated(FrameNavigated),
    "Page.navigatedWithinDocument" => NavigatedWithinDocument(NavigatedWithinDocument),
    "Page.loadEventFired" => Loaded(Nothing),
    "Page.javascriptDialogOpening" => DialogOpening(DialogOpening),
    "Page.fileChooserOpened" => FileChooserOpened(Nothing),
    "Page.windowOpen" => WindowOpen(WindowOpen),
    "Browser.downloadWillBegin" => DownloadBegins(DownloadBegins),
    "Runtime.bindingCalled" => BindingCalled(BindingCalled),
    "Security.certificateError" => CertificateError(CertificateError),
}

/// Declares what events consist of, each part empty where it does not come.
macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, Deserialize)]
            #[serde(default, rename_all = "camelCase")]
            pub(crate) struct $name { $( $(#[$attr])* pub(crate) $field: $type, )* }
        )*
    };
}

parts! {
    Attached { session_id: Option<SessionId>, target_info: TargetInfo }
    Detached { session_id: String }
    TargetChanged { target_info: TargetInfo }
    TargetCrashed { target_id: String }
    TargetInfo {
        target_id: String, #[serde(rename = "type")] kind: String, url: String,
        browser_context_id: String,
    }
    RequestPaused {
        request_id: String, request: Request, resource_type: String, network_id: String,
    }
    SignInRequired { request_id: String, request: Request, auth_challenge: Challenge }
    Challenge { source: String }
    RequestSent {
        request_id: String, frame_id: String, #[serde(rename = "type")] kind: String, request: Request,
        redirect_response: Option<Response>, redirect_has_extra_info: bool,
    }
    Request {
        url: String, method: String, headers: Headers, post_data: Option<String>,
        post_data_entries: Option<Vec<PostDataEntry>>, has_post_data: bool,
    }
    PostDataEntry { bytes: Base64 }
    /// The headers as they went over the wire.
    WireHeaders { request_id: String, headers: Headers, status_code: Option<i64> }
    ResponseReceived {
        request_id: String, #[serde(rename = "type")] kind: String, response: Response,
        has_extra_info: bool,
    }
    Response {
        url: String, status: Option<i64>, status_text: String, protocol: Option<String>,
        headers: Headers, mime_type: String, charset: String, from_disk_cache: bool,
        security_details: Option<SecurityDetails>,
    }
    /// Its times are seconds since 1970.
    SecurityDetails {
        protocol: Option<String>, subject_name: Option<String>, issuer: Option<String>,
        valid_from: Option<f64>, valid_to: Option<f64>,
    }
    DataReceived {
        request_id: String, data_length: i64, encoded_data_length: i64, data: Option<Base64>,
    }
    OfRequest { request_id: String }
    LoadingFailed { request_id: String, error_text: String, blocked_reason: Option<String> }
    FrameNavigated { frame: Frame }
    Frame {
        id: String, parent_id: Option<String>, loader_id: String, url: String, url_fragment: String,
        unreachable_url: String,
    }
    NavigatedWithinDocument { frame_id: String, url: String }
    DialogOpening { #[serde(rename = "type")] kind: String, message: String }
    WindowOpen { url: String }
    DownloadBegins { url: String, suggested_filename: String }
    BindingCalled { name: String, payload: String }
    CertificateError {
        event_id: i64, error_type: String, #[serde(rename = "requestURL")] request_url: String,
    }
}

impl Response {
    pub(crate) fn status(&self) -> Option<u16> {
        u16::try_from(self.status?).ok()
    }
}

impl WireHeaders {
    pub(crate) fn status(&self) -> Option<u16> {
        u16::try_from(self.status_code?).ok()
    }
}

impl DataReceived {
    /// Bytes, any compression for the way undone.
    pub(crate) fn length(&self) -> u64 {
        u64::try_from(self.data_length).unwrap_or(0)
    }

    /// Bytes on the way, where they are told.
    pub(crate) fn encoded_length(&self) -> u64 {
        u64::try_from(self.encoded_data_length).unwrap_or(0)
    }
}

impl LoadingFailed {
    /// The browser's words for it.
    pub(crate) fn why(&self) -> String {
        match &self.blocked_reason {
            Some(reason) => format!("{} ({reason})", self.error_text),
            None => self.error_text.clone(),
        }
    }
}

/// Headers, several of one name joined by a line feed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Headers(Map<String, Value>);

impl Headers {
    /// Each header by itself.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(name, value)| {
            value.as_str().unwrap_or_default().split('\n').map(move |line| (name.as_str(), line))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decoded(method: &str, params: Value) -> Result<Option<PageEvent>, serde_json::Error> {
        PageEvent::of(Event { method: method.to_owned(), session: None, params })
    }

    #[test]
    fn what_is_left_out_is_empty_and_what_is_of_another_kind_is_not_taken() {
        for method in ["Fetch.requestPaused", "Network.dataReceived", "Page.frameNavigated"] {
            for params in [Value::Null, json!({}), json!({ "request": {}, "frame": {}, "more": 1 })] {
                assert!(matches!(decoded(method, params), Ok(Some(_))), "{method}");
            }
            for params in [json!("x"), json!(7), json!({ "requestId": 7, "frame": 7 })] {
                assert!(decoded(method, params).is_err(), "{method}");
            }
        }
        assert!(matches!(decoded("Nobody.follows", json!(7)), Ok(None)));
    }
}
