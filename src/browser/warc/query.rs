//! A request's content as part of an address, so that the answer to each `POST`
//! has a place of its own in the index, where readers that replay look for it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::exchange::{Exchange, Request};

/// The content as a query, for requests other than `GET`.
pub(super) fn of(request: &Request) -> Option<String> {
    if request.method == "GET" {
        return None;
    }
    let kind = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let kind = kind.map_or("", |(_, value)| value.split(';').next().unwrap_or_default().trim());
    let bytes = &request.content.bytes;
    let json = || serde_json::from_slice::<Value>(bytes).ok().map(|value| flat(&value));
    let mut query = match kind {
        "application/x-www-form-urlencoded" => String::from_utf8_lossy(bytes).into_owned(),
        "application/json" => json().unwrap_or_default(),
        "text/plain" => json().unwrap_or_else(|| opaque(bytes)),
        _ => opaque(bytes),
    };
    if let Some((end, _)) = query.char_indices().nth(LONGEST_QUERY) {
        query.truncate(end);
    }
    Some(query)
}

/// The address under which the answer is looked for.
pub(super) fn address(exchange: &Exchange, query: Option<&String>) -> String {
    let Some(query) = query else { return exchange.url.clone() };
    let joint = if exchange.url.contains('?') { '&' } else { '?' };
    format!("{}{joint}__wb_method={}&{query}", exchange.url, exchange.request.method)
}

fn opaque(bytes: &[u8]) -> String {
    format!("__wb_post_data={}", BASE64_STANDARD.encode(bytes))
}

/// Every value under its own name, whatever it lies in; a name that comes
/// again is counted.
fn flat(value: &Value) -> String {
    let mut names: Vec<(String, usize)> = Vec::new();
    let mut pairs = Serializer::new(String::new());
    walk(value, "", &mut |name, value| {
        let name = match names.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => {
                *count += 1;
                format!("{name}.{count}_")
            }
            None => {
                names.push((name.to_owned(), 1));
                name.to_owned()
            }
        };
        pairs.append_pair(&name, value);
    });
    pairs.finish()
}

fn walk(value: &Value, name: &str, found: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Null => found(name, "null"),
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => found(name, text),
        Value::Bool(_) | Value::Number(_) => found(name, &value.to_string()),
        Value::Array(values) => values.iter().for_each(|value| walk(value, name, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| walk(value, name, found)),
    }
}

/// As long as others make it.
const LONGEST_QUERY: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warc::{Content, Departure};

    fn query(kind: &str, bytes: &str) -> Option<String> {
        of(&Request {
            method: "POST".to_owned(),
            headers: vec![("Content-Type".to_owned(), kind.to_owned())],
            content: Content { bytes: bytes.as_bytes().to_vec(), ..Content::default() },
            departure: Departure::Sent,
        })
    }

    #[test]
    fn each_kind_has_its_query() {
        let of = |kind, bytes| query(kind, bytes).expect("a query");
        assert_eq!(of("application/x-www-form-urlencoded; charset=utf-8", "a=b+c"), "a=b+c");
        let json = r#"{"a":[1,{"a":"x y"}],"b":true,"c":null,"d":""}"#;
        assert_eq!(of("application/json", json), "a=1&a.2_=x+y&b=true&c=null");
        assert_eq!(of("application/json", "{"), "");
        assert_eq!(of("text/plain", "no JSON"), "__wb_post_data=bm8gSlNPTg==");
        assert_eq!(of("", &"é".repeat(9000)).len(), LONGEST_QUERY);
    }
}
