//! WARC records, each a gzip member of its own, in the order of the exchanges.
//!
//! A header that is no longer true of the bytes beside it keeps its value under
//! `X-Orig-…`, as other archivers that stand behind a browser do.

use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use url::Url;

use super::exchange::{Answer, Content, Cut, Departure, Exchange, Field, Outcome, Page, Request, Spelling};
use countersign_record::clock::Time;
use countersign_record::digest::Digest;

/// A file of records, and where the answers are in it.
pub(super) struct Records {
    pub(super) bytes: Vec<u8>,
    pub(super) answers: Vec<Placed>,
}

/// The record of one answer.
pub(super) struct Placed {
    /// Of which exchange.
    pub(super) exchange: usize,
    pub(super) offset: usize,
    pub(super) length: usize,
    /// Of the compressed record.
    pub(super) digest: Digest,
    /// Of the content in it.
    pub(super) payload: Digest,
}

pub(super) fn records(page: &Page, name: &str, exchanges: &[Exchange]) -> io::Result<Records> {
    let mut writing = Writing { page, bytes: Vec::new(), count: 0 };
    writing.info(name)?;
    let mut answers = Vec::new();
    for (number, exchange) in exchanges.iter().enumerate() {
        let written = match &exchange.outcome {
            Outcome::Answered(answer) => {
                let (placed, id) = writing.answer(number, exchange, answer)?;
                answers.push(placed);
                id
            }
            Outcome::Failed(why) => writing.failure(exchange, why)?,
        };
        if exchange.request.departure == Departure::Sent {
            writing.request(exchange, &written)?;
        }
    }
    Ok(Records { bytes: writing.bytes, answers })
}

struct Writing<'a> {
    page: &'a Page,
    bytes: Vec<u8>,
    count: u64,
}

impl Writing<'_> {
    fn info(&mut self, name: &str) -> io::Result<()> {
        let mut block = Vec::new();
        for (field, value) in [
            ("software", self.page.software.as_str()),
            ("format", "WARC File Format 1.1"),
            ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ] {
            line(&mut block, field, value);
        }
        let fields = vec![
            field("WARC-Filename", name),
            field("Content-Type", "application/warc-fields"),
            field("WARC-Block-Digest", &spelled(Digest::of(&block))),
        ];
        self.write("warcinfo", self.page.started, fields, &block).map(|_| ())
    }

    fn answer(
        &mut self,
        number: usize,
        exchange: &Exchange,
        answer: &Answer,
    ) -> io::Result<(Placed, String)> {
        let mut block =
            format!("HTTP/1.1 {:03} {}\r\n", answer.status, one_line(&answer.reason)).into_bytes();
        for (name, value) in honest(&exchange.request.method, answer) {
            line(&mut block, &name, &value);
        }
        block.extend_from_slice(b"\r\n");
        block.extend_from_slice(&answer.content.bytes);
        let payload = Digest::of(&answer.content.bytes);
        let mut fields = about(exchange, "application/http; msgtype=response", &answer.content, payload);
        fields.push(field("WARC-Block-Digest", &spelled(Digest::of(&block))));
        let offset = self.bytes.len();
        let id = self.write("response", exchange.asked, fields, &block)?;
        let record = &self.bytes[offset..];
        let placed =
            Placed { exchange: number, offset, length: record.len(), digest: Digest::of(record), payload };
        Ok((placed, id))
    }

    fn request(&mut self, exchange: &Exchange, with: &str) -> io::Result<()> {
        let request = &exchange.request;
        let first = format!("{} {} HTTP/1.1\r\n", one_line(&request.method), target(&exchange.url));
        let mut block = first.into_bytes();
        for (name, value) in sent(&exchange.url, request) {
            line(&mut block, &name, &value);
        }
        block.extend_from_slice(b"\r\n");
        block.extend_from_slice(&request.content.bytes);
        let payload = Digest::of(&request.content.bytes);
        let mut fields = about(exchange, "application/http; msgtype=request", &request.content, payload);
        fields.push(field("WARC-Block-Digest", &spelled(Digest::of(&block))));
        fields.push(field("WARC-Concurrent-To", with));
        self.write("request", exchange.asked, fields, &block).map(|_| ())
    }

    /// What was asked for and did not come, which no replay shows.
    fn failure(&mut self, exchange: &Exchange, why: &str) -> io::Result<String> {
        let mut block = Vec::new();
        line(&mut block, "method", &exchange.request.method);
        line(&mut block, "failure", why);
        let fields = vec![
            field("WARC-Target-URI", &exchange.url),
            field("Content-Type", "application/warc-fields"),
            field("WARC-Block-Digest", &spelled(Digest::of(&block))),
        ];
        self.write("metadata", exchange.asked, fields, &block)
    }

    fn write(&mut self, kind: &str, date: Time, fields: Vec<Field>, block: &[u8]) -> io::Result<String> {
        self.count += 1;
        let id = self.id(kind, date, &fields);
        let mut head = b"WARC/1.1\r\n".to_vec();
        line(&mut head, "WARC-Type", kind);
        line(&mut head, "WARC-Record-ID", &id);
        line(&mut head, "WARC-Date", &date.to_string());
        for (name, value) in &fields {
            line(&mut head, name, value);
        }
        line(&mut head, "Content-Length", &block.len().to_string());
        head.extend_from_slice(b"\r\n");
        // No time and no name in the member's header: the same bytes again.
        let mut member = GzBuilder::new().write(&mut self.bytes, Compression::default());
        member.write_all(&head)?;
        member.write_all(block)?;
        member.write_all(b"\r\n\r\n")?;
        member.finish()?;
        Ok(id)
    }

    /// Made from what the record is, because nothing here draws lots: a UUID
    /// of version 8 (RFC 9562).
    fn id(&self, kind: &str, date: Time, fields: &[Field]) -> String {
        let what = format!("{} {} {} {kind} {date} {fields:?}", self.page.url, self.page.started, self.count);
        let mut uuid = [0; 16];
        uuid.copy_from_slice(&Digest::of(what.as_bytes()).as_bytes()[..16]);
        uuid[6] = uuid[6] & 0x0f | 0x80;
        uuid[8] = uuid[8] & 0x3f | 0x80;
        let hex: String = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
        let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        format!("<urn:uuid:{a}-{b}-{c}-{d}-{e}>")
    }
}

fn about(exchange: &Exchange, kind: &str, content: &Content, payload: Digest) -> Vec<Field> {
    let mut fields = vec![field("WARC-Target-URI", &exchange.url), field("Content-Type", kind)];
    fields.extend(exchange.remote.map(|remote| field("WARC-IP-Address", &remote.to_string())));
    fields.extend(exchange.protocol.as_ref().map(|protocol| field("WARC-Protocol", protocol)));
    fields.push(field("WARC-Payload-Digest", &spelled(payload)));
    fields.extend(content.cut.map(|cut| {
        let why = match cut {
            Cut::Length => "length",
            Cut::Time => "time",
            Cut::Disconnect => "disconnect",
            Cut::Unspecified => "unspecified",
        };
        field("WARC-Truncated", why)
    }));
    fields
}

/// The headers of an answer, so that they are true of the bytes beside them.
fn honest(method: &str, answer: &Answer) -> Vec<Field> {
    let bytes = answer.content.bytes.len().to_string();
    // These say of a content that does not come how long it is.
    let is_bare = method == "HEAD" || answer.status == 304;
    let mut counted = false;
    let mut headers = Vec::with_capacity(answer.headers.len() + 2);
    for (name, value) in &answer.headers {
        let name_is = |known: &str| name.eq_ignore_ascii_case(known);
        let moved = |headers: &mut Vec<Field>| headers.push((format!("X-Orig-{name}"), value.clone()));
        if name_is("content-encoding") || name_is("transfer-encoding") {
            moved(&mut headers);
        } else if name_is("content-length") && !is_bare {
            if *value != bytes {
                moved(&mut headers);
            }
            if !counted {
                headers.push((name.clone(), bytes.clone()));
            }
            counted = true;
        } else if name_is("content-type") && answer.content.spelling == Spelling::Utf8 {
            moved(&mut headers);
            let kind = value.split(';').next().unwrap_or_default().trim();
            headers.push((name.clone(), format!("{kind}; charset=utf-8")));
        } else {
            headers.push((name.clone(), value.clone()));
        }
    }
    headers
}

/// The headers of a request as HTTP/1.1 has them.
fn sent(url: &str, request: &Request) -> Vec<Field> {
    let named = |known: &str| request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(known));
    let mut headers = Vec::with_capacity(request.headers.len() + 2);
    if !named("host") {
        let host = Url::parse(url).ok().and_then(|url| {
            let host = url.host_str()?.to_owned();
            Some(url.port().map_or(host.clone(), |port| format!("{host}:{port}")))
        });
        headers.extend(host.map(|host| field("Host", &host)));
    }
    // HTTP/2 spells the first line as headers.
    headers.extend(request.headers.iter().filter(|(name, _)| !name.starts_with(':')).cloned());
    let bytes = request.content.bytes.len();
    if bytes > 0 {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        headers.push(field("Content-Length", &bytes.to_string()));
    }
    headers
}

/// The address as the first line of a request has it.
fn target(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return "/".to_owned() };
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn field(name: &str, value: &str) -> Field {
    (name.to_owned(), value.to_owned())
}

fn line(to: &mut Vec<u8>, name: &str, value: &str) {
    to.extend_from_slice(format!("{}: {}\r\n", one_line(name), one_line(value)).as_bytes());
}

/// What a page said ends no line here and begins no header.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// In hex, as everywhere in a case.
pub(super) fn spelled(digest: Digest) -> String {
    format!("sha256:{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)], content: Content) -> Answer {
        let headers = headers.iter().map(|(name, value)| field(name, value)).collect();
        Answer { status: 200, reason: String::new(), headers, content }
    }

    fn written(method: &str, answer: &Answer) -> Vec<String> {
        honest(method, answer).iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    #[test]
    fn headers_are_true_of_the_bytes_beside_them() {
        let seven = Content { bytes: b"content".to_vec(), ..Content::default() };
        let headers =
            [("Content-Encoding", "gzip"), ("transfer-encoding", "chunked"), ("Content-Length", "5")];
        assert_eq!(
            written("GET", &answer(&headers, seven.clone())),
            [
                "X-Orig-Content-Encoding: gzip",
                "X-Orig-transfer-encoding: chunked",
                "X-Orig-Content-Length: 5",
                "Content-Length: 7"
            ]
        );
        assert_eq!(written("GET", &answer(&[("Content-Length", "7")], seven.clone())), ["Content-Length: 7"]);
        let none = answer(&[("Content-Length", "7")], Content::default());
        assert_eq!(written("HEAD", &none), ["Content-Length: 7"]);
        let text = Content { spelling: Spelling::Utf8, ..seven };
        assert_eq!(
            written("GET", &answer(&[("content-type", "text/html; charset=latin1")], text)),
            ["X-Orig-content-type: text/html; charset=latin1", "content-type: text/html; charset=utf-8"]
        );
    }

    #[test]
    fn nothing_that_was_said_makes_a_header() {
        let mut bytes = Vec::new();
        line(&mut bytes, "X-A\r\nWARC-Type", "b\r\n\r\nWARC/1.1\r\n");
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
    }

    #[test]
    fn a_request_is_one_of_http_1() {
        let request = Request {
            method: "POST".to_owned(),
            headers: vec![field(":path", "/x"), field("content-length", "9"), field("a", "b")],
            content: Content { bytes: b"q=1".to_vec(), ..Content::default() },
            departure: Departure::Sent,
        };
        let headers = sent("https://a.example:8443/x?y=1", &request);
        assert_eq!(headers, [field("Host", "a.example:8443"), field("a", "b"), field("Content-Length", "3")]);
        assert_eq!(target("https://a.example:8443/x?y=1"), "/x?y=1");
    }
}
