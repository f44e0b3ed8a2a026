//! One request and its answer, as far as they have come. A redirect is one
//! of its own.

use std::time::{Duration, Instant};

use serde_json::json;

use super::body::{Body, PostData, Streamed};

use crate::devtools::client::{Client, Pending};
use crate::devtools::error::CallError;
use crate::devtools::event::SessionId;
use crate::devtools::page_event::{Headers, RequestSent, Response};
use crate::network::headers::{REDACTED, is_secret};
use crate::warc::{Content, Cut, Field, Spelling};

pub(super) struct Hop {
    pub(super) request: String,
    pub(super) session: Option<SessionId>,
    pub(super) at: Instant,
    pub(super) url: String,
    pub(super) method: String,
    pub(super) headers: Vec<Field>,
    pub(super) post: Post,
    pub(super) answer: Option<Answer>,
    pub(super) failure: Option<String>,
    pub(super) is_redirect: bool,
    pub(super) is_cached: bool,
    pub(super) ended: bool,
    pub(super) received: u64,
    /// What came while it was followed.
    came: Vec<u8>,
    is_cut: bool,
    /// Some of it came, and could not be read.
    is_unread: bool,
    following: Following,
}

/// What a request carried.
pub(super) enum Post {
    Nothing,
    Bytes(Vec<u8>),
    Awaited(Pending),
    Unknown,
}

/// What is known of an answer apart from its content.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) reason: String,
    pub(super) protocol: Option<String>,
    pub(super) headers: Vec<Field>,
    pub(super) has_extra: bool,
    charset: String,
}

/// What went over the wire, as the browser tells it beside the rest: one for
/// each hop that went there.
#[derive(Default)]
pub(super) struct Extras {
    pub(super) sent: Vec<Vec<Field>>,
    pub(super) came: Vec<(u16, Vec<Field>)>,
}

/// How the content is had.
enum Following {
    Not,
    Asked(Pending),
    /// What had come before it was followed.
    From(Vec<u8>),
    /// It could not be followed.
    Missed,
    /// It had ended: the browser is asked for what it has.
    Late(Pending),
    Had(Vec<u8>, Spelling),
    Lost,
}

impl Hop {
    pub(super) fn of(sent: &RequestSent, session: Option<SessionId>, at: Instant) -> Hop {
        let request = &sent.request;
        let entries = request.post_data_entries.as_ref().map(|entries| {
            let parts = entries.iter().map(|entry| entry.bytes.bytes());
            parts.collect::<Option<Vec<_>>>().map(|parts| parts.concat())
        });
        let post = match (entries, &request.post_data) {
            (Some(Some(bytes)), _) if !bytes.is_empty() => Post::Bytes(bytes),
            (_, Some(words)) => Post::Bytes(words.as_bytes().to_vec()),
            // One of its parts cannot be read.
            (Some(None), None) => Post::Unknown,
            (_, None) if request.has_post_data => Post::Unknown,
            (_, None) => Post::Nothing,
        };
        let url = request.url.as_str();
        Hop {
            request: sent.request_id.clone(),
            session,
            at,
            url: url.split('#').next().unwrap_or(url).to_owned(),
            method: request.method.clone(),
            headers: fields(&request.headers),
            post,
            answer: None,
            failure: None,
            is_redirect: false,
            is_cached: false,
            ended: false,
            received: 0,
            came: Vec::new(),
            is_cut: false,
            is_unread: false,
            following: Following::Not,
        }
    }

    pub(super) fn answered(&mut self, response: &Response, has_extra: bool) {
        self.is_cached |= response.from_disk_cache;
        self.answer = Some(Answer {
            status: response.status().unwrap_or(0),
            reason: response.status_text.clone(),
            protocol: response.protocol.clone(),
            headers: fields(&response.headers),
            has_extra,
            charset: response.charset.clone(),
        });
    }

    pub(super) fn is_followed(&self) -> bool {
        !matches!(self.following, Following::Not)
    }

    /// Whether its content is what came, from the first byte on.
    pub(super) fn is_streamed(&self) -> bool {
        matches!(self.following, Following::From(_))
    }

    /// Asks the browser to pass on the content as it comes.
    pub(super) fn follow(&mut self, client: &Client) {
        let begun = self.begin(client, "Network.streamResourceContent");
        self.following = begun.map_or(Following::Missed, Following::Asked);
    }

    /// A content that was too long to be told with the request.
    pub(super) fn ask_for_post(&mut self, client: &Client) {
        if matches!(self.post, Post::Unknown)
            && let Ok(pending) = self.begin(client, "Network.getRequestPostData")
        {
            self.post = Post::Awaited(pending);
        }
    }

    fn begin(&self, client: &Client, method: &str) -> Result<Pending, CallError> {
        client.begin(self.session.as_ref(), method, json!({ "requestId": self.request }))
    }

    /// Adds what came, as much as there is room for; how much that was.
    pub(super) fn add(&mut self, data: &[u8], each: usize, room: usize) -> usize {
        let added = data.len().min(each.saturating_sub(self.held())).min(room);
        self.is_cut |= added < data.len();
        self.came.extend_from_slice(&data[..added]);
        added
    }

    /// Bytes in memory.
    pub(super) fn held(&self) -> usize {
        let before = match &self.following {
            Following::From(bytes) | Following::Had(bytes, _) => bytes.len(),
            _ => 0,
        };
        before + self.came.len()
    }

    /// Takes what was answered meanwhile; whether nothing is open.
    pub(super) fn settle(&mut self, client: &Client, each: usize) -> bool {
        if let Post::Awaited(pending) = &self.post {
            match pending.poll::<PostData>(Duration::ZERO) {
                Ok(None) => {}
                Ok(Some(data)) => self.post = data.bytes().map_or(Post::Unknown, Post::Bytes),
                Err(_) => self.post = Post::Unknown,
            }
        }
        if let Following::Asked(pending) = &self.following {
            match pending.poll::<Streamed>(Duration::ZERO) {
                Ok(None) => {}
                Ok(Some(Streamed { buffered_data })) => {
                    self.following = match buffered_data.into_bytes() {
                        Some(mut before) => {
                            self.is_cut |= before.len() > each;
                            before.truncate(each);
                            Following::From(before)
                        }
                        None => {
                            self.is_unread = true;
                            Following::Missed
                        }
                    };
                }
                Err(_) => self.following = Following::Missed,
            }
        }
        self.compare();
        let is_missed = matches!(self.following, Following::Not | Following::Missed);
        if is_missed && self.ended && self.answer.is_some() && !self.is_redirect {
            let begun = self.begin(client, "Network.getResponseBody");
            self.following = begun.map_or(Following::Lost, Following::Late);
        }
        if let Following::Late(pending) = &self.following {
            match pending.poll::<Body>(Duration::ZERO) {
                Ok(None) => {}
                Ok(Some(body)) => self.following = self.had(body, each),
                Err(_) => self.following = Following::Lost,
            }
        }
        !matches!(self.following, Following::Asked(_) | Following::Late(_))
            && !matches!(self.post, Post::Awaited(_))
    }

    /// What was passed on can lack what came before: the browser buffers some
    /// kinds elsewhere and says nothing of it, but it counts all of them.
    fn compare(&mut self) {
        let Following::From(before) = &mut self.following else { return };
        let held = before.len() + self.came.len();
        if self.ended && !self.is_cut && held as u64 != self.received {
            before.append(&mut self.came);
            self.came = std::mem::take(before);
            self.following = Following::Missed;
        }
    }

    fn had(&mut self, body: Body, each: usize) -> Following {
        let charset = self.answer.as_ref().map_or("", |answer| answer.charset.as_str());
        let Some((mut bytes, spelling)) = body.read(charset, self.received) else {
            self.is_unread = true;
            return Following::Lost;
        };
        self.is_cut |= bytes.len() > each;
        bytes.truncate(each);
        Following::Had(bytes, spelling)
    }

    /// The content of the answer, as far as it is there.
    pub(super) fn content(&self) -> Content {
        if self.is_redirect || self.method == "HEAD" {
            return Content::default();
        }
        let (bytes, spelling) = match &self.following {
            Following::From(before) => ([&before[..], &self.came].concat(), Spelling::AsSent),
            Following::Had(bytes, spelling) => (bytes.clone(), *spelling),
            _ => (self.came.clone(), Spelling::AsSent),
        };
        let is_known = matches!(self.following, Following::From(_) | Following::Had(..));
        let cut = if self.is_cut {
            Some(Cut::Length)
        } else if self.failure.is_some() {
            Some(Cut::Disconnect)
        } else if !self.ended {
            Some(Cut::Time)
        } else {
            (!is_known && (self.received > 0 || self.is_unread)).then_some(Cut::Unspecified)
        };
        Content { bytes, spelling, cut }
    }
}

/// Headers as DevTools gives them, values that may let someone in replaced.
pub(super) fn fields(headers: &Headers) -> Vec<Field> {
    let field = |(name, value): (&str, &str)| {
        let value = if is_secret(name) { REDACTED } else { value };
        (name.to_owned(), value.to_owned())
    };
    headers.each().map(field).collect()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::devtools::page_event::{PostDataEntry, Request};
    use crate::devtools::scripted::answering;

    /// The content of an answer of which the browser passed on this before it
    /// was followed, and has this of it in the end.
    fn content(buffered: &'static str, body: &'static str, received: u64) -> Content {
        let client = answering(move |method| match method {
            "Network.streamResourceContent" => json!({ "bufferedData": buffered }),
            _ => json!({ "body": body, "base64Encoded": true }),
        });
        let request = Request { url: "http://a.example/".to_owned(), ..Request::default() };
        let sent = RequestSent { request, ..RequestSent::default() };
        let mut hop = Hop::of(&sent, None, Instant::now());
        hop.follow(&client);
        hop.answered(&Response { status: Some(200), ..Response::default() }, false);
        (hop.received, hop.ended) = (received, true);
        let until = Instant::now() + Duration::from_secs(5);
        while !hop.settle(&client, 100) && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
        hop.content()
    }

    #[test]
    fn what_a_request_carried_and_cannot_be_read_is_unknown() {
        let carried = |entries: &str| {
            let entries: Vec<PostDataEntry> = serde_json::from_str(entries).expect("entries");
            let request = Request { post_data_entries: Some(entries), ..Request::default() };
            Hop::of(&RequestSent { request, ..RequestSent::default() }, None, Instant::now()).post
        };
        assert!(matches!(carried(r#"[{"bytes":"YQ=="},{"bytes":"%"}]"#), Post::Unknown));
        let whole = carried(r#"[{"bytes":"YQ=="},{"bytes":"Yg=="}]"#);
        assert!(matches!(whole, Post::Bytes(bytes) if bytes == b"ab"));
        assert!(matches!(carried("[]"), Post::Nothing));
    }

    #[test]
    fn what_cannot_be_read_is_missing_and_never_an_empty_content() {
        for received in [0, 3] {
            let content = content("%", "%", received);
            assert_eq!((content.bytes.len(), content.cut), (0, Some(Cut::Unspecified)), "{received}");
        }
        let content = content("%", "YWJj", 3);
        assert_eq!((content.bytes.as_slice(), content.cut), (b"abc".as_slice(), None), "asked for again");
    }
}
