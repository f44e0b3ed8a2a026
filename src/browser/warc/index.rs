//! The index of the answers, CDXJ: one line each, sorted by address and time.

use serde::Serialize;
use url::Url;

use super::exchange::{Exchange, Outcome};
use super::query;
use super::record::{Placed, spelled};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime: Option<&'a str>,
    status: String,
    digest: String,
    length: String,
    offset: String,
    filename: &'a str,
    record_digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<String>,
}

/// The index of `answers`, which lie in the file `name`.
pub(super) fn index(name: &str, exchanges: &[Exchange], answers: &[Placed]) -> serde_json::Result<String> {
    let mut lines = Vec::with_capacity(answers.len());
    for placed in answers {
        let exchange = &exchanges[placed.exchange];
        let Outcome::Answered(answer) = &exchange.outcome else { continue };
        let kind = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let request_body = query::of(&exchange.request);
        let key = key(&query::address(exchange, request_body.as_ref()));
        let line = serde_json::to_string(&Line {
            url: &exchange.url,
            mime: kind
                .and_then(|(_, kind)| kind.split([';', ' ', '\t']).next())
                .filter(|kind| !kind.is_empty()),
            status: answer.status.to_string(),
            digest: spelled(placed.payload),
            length: placed.length.to_string(),
            offset: placed.offset.to_string(),
            filename: name,
            record_digest: spelled(placed.digest),
            method: request_body.is_some().then_some(exchange.request.method.as_str()),
            request_body,
        })?;
        lines.push(format!("{key} {} {line}\n", stamp(&exchange.asked.to_string())));
    }
    lines.sort_unstable();
    Ok(lines.concat())
}

/// An address as indexes sort it: the host from its end, small letters, the
/// query's parts in order.
fn key(address: &str) -> String {
    let address = address.to_lowercase();
    let parsed = Url::parse(&address).ok();
    let Some((url, host)) = parsed.as_ref().and_then(|url| Some((url, url.host_str()?))) else {
        return address.replace(' ', "%20");
    };
    let without = host.strip_prefix("www").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let host = without.and_then(|rest| rest.strip_prefix('.')).unwrap_or(host);
    let mut labels: Vec<&str> = host.split('.').collect();
    labels.reverse();
    let mut key = labels.join(",");
    if let Some(port) = url.port() {
        key.push_str(&format!(":{port}"));
    }
    key.push(')');
    let path = url.path();
    key.push_str(path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path));
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        let mut parts: Vec<&str> = query.split('&').collect();
        parts.sort_unstable();
        key.push('?');
        key.push_str(&parts.join("&"));
    }
    key
}

/// `20261122143000` of an RFC 3339 time.
fn stamp(time: &str) -> String {
    time.chars().filter(char::is_ascii_digit).take(14).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_keys_that_sort() {
        for (address, expected) in [
            ("http://www2.Example.ORG:80/A/?b=2&a=1", "org,example)/a?a=1&b=2"),
            ("https://a.example:8443/", "example,a:8443)/"),
            ("http://127.0.0.1:4000/x", "1,0,0,127:4000)/x"),
            ("https://wwwhat.example/?", "example,wwwhat)/"),
        ] {
            assert_eq!(key(address), expected);
        }
        assert_eq!(stamp("2026-11-22T14:30:00.123Z"), "20261122143000");
    }
}
