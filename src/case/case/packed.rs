//! The digests of what a kept piece of a page holds: of itself, of each answer
//! that is packed in it, and of what is written out in its text (RFC 2397).
//!
//! It judges nothing. What it cannot unpack counts as itself alone.

use std::io::{Cursor, Read};

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;
use memchr::memmem;

use countersign_record::digest::Digest;
use countersign_record::journal::Role;

/// Of the piece itself, and of what is in it, each with its length.
pub fn packed_digests(role: Role, bytes: &[u8]) -> Vec<(Digest, u64)> {
    let mut found = Found(Vec::new());
    match role {
        Role::Page => of_mhtml(bytes, &mut found),
        Role::Traffic => of_wacz(bytes, &mut found),
        Role::Response => found.text(bytes),
        _ => found.add(bytes),
    }
    if matches!(role, Role::Page | Role::Traffic) {
        found.add(bytes);
    }
    found.0
}

struct Found(Vec<(Digest, u64)>);

impl Found {
    fn add(&mut self, bytes: &[u8]) {
        self.0.push((Digest::of(bytes), bytes.len() as u64));
    }

    /// Bytes that may be text, with pictures written out in it.
    fn text(&mut self, bytes: &[u8]) {
        self.add(bytes);
        let mut rest = bytes;
        while let Some(at) = memmem::find(rest, IN_TEXT) {
            rest = &rest[at + IN_TEXT.len()..];
            let is_coded = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
            let end = rest.iter().position(|byte| !is_coded(byte)).unwrap_or(rest.len());
            if let Ok(plain) = UNPADDED.decode(&rest[..end]) {
                self.add(&plain);
            }
        }
    }
}

/// RFC 2397: what follows is base64.
const IN_TEXT: &[u8] = b";base64,";

/// A page may leave the padding out, and percent signs may stand for it.
const UNPADDED: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// RFC 2557: parts between lines that begin with the boundary. Pictures are in
/// it as they came, in base64 (RFC 2045, 6.8), text in quoted-printable (6.7).
fn of_mhtml(bytes: &[u8], found: &mut Found) {
    let Some(head) = memmem::find(bytes, b"\r\n\r\n") else { return };
    let header = String::from_utf8_lossy(&bytes[..head]);
    let Some(boundary) = header.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()) else {
        return;
    };
    let edge = format!("\r\n--{boundary}");
    let mut rest = &bytes[head..];
    while let Some(at) = memmem::find(rest, edge.as_bytes()) {
        rest = &rest[at + edge.len()..];
        let part = &rest[..memmem::find(rest, edge.as_bytes()).unwrap_or(rest.len())];
        let Some(end) = memmem::find(part, b"\r\n\r\n") else { continue };
        let (head, body) = (String::from_utf8_lossy(&part[..end]).to_ascii_lowercase(), &part[end + 4..]);
        if head.contains("content-transfer-encoding: base64") {
            let coded: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            if let Ok(plain) = UNPADDED.decode(&coded) {
                found.text(&plain);
            }
        } else if head.contains("content-transfer-encoding: quoted-printable") {
            found.text(&unquoted(body));
        } else {
            found.text(body);
        }
    }
}

/// RFC 2045, 6.7.
fn unquoted(mut body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(body.len());
    while let Some(at) = memchr::memchr(b'=', body) {
        plain.extend_from_slice(&body[..at]);
        let code = body.get(at + 1..at + 3).unwrap_or_default();
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match code {
            b"\r\n" => {}
            &[high, low] => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => plain.push(high << 4 | low),
                _ => plain.extend_from_slice(&[b'=', high, low]),
            },
            _ => plain.extend_from_slice(&body[at..]),
        }
        body = body.get(at + 3..).unwrap_or_default();
    }
    plain.extend_from_slice(body);
    plain
}

/// WACZ: a zip file with WARC files in it (ISO 28500), each record a gzip
/// member. Of an answer the body counts, which stands behind its headers.
fn of_wacz(bytes: &[u8], found: &mut Found) {
    let Ok(mut package) = zip::ZipArchive::new(Cursor::new(bytes)) else { return };
    for number in 0..package.len() {
        let Ok(mut member) = package.by_index(number) else { continue };
        let mut packed = Vec::new();
        if member.read_to_end(&mut packed).is_err() {
            continue;
        }
        found.add(&packed);
        let mut records = Vec::new();
        // What was unpacked before an error counts, too.
        if packed.starts_with(&GZIP) {
            let _cut = MultiGzDecoder::new(&*packed).read_to_end(&mut records);
            of_records(&records, found);
        }
    }
}

fn of_records(mut records: &[u8], found: &mut Found) {
    while let Some(head) = memmem::find(records, b"\r\n\r\n") {
        let header = String::from_utf8_lossy(&records[..head]).to_ascii_lowercase();
        let length =
            header.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let rest = &records[head + 4..];
        let block = &rest[..length.unwrap_or(0usize).min(rest.len())];
        found.add(block);
        if let Some(body) = memmem::find(block, b"\r\n\r\n") {
            found.text(&block[body + 4..]);
        }
        records = rest.get(block.len() + 4..).unwrap_or_default();
    }
}

const GZIP: [u8; 2] = [0x1f, 0x8b];

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(role: Role, bytes: &[u8], what: &[u8]) -> bool {
        packed_digests(role, bytes).contains(&(Digest::of(what), what.len() as u64))
    }

    fn page(kind: &str, coding: &str, body: &str) -> String {
        format!(
            "From: <Saved by Blink>\r\nContent-Type: multipart/related;\r\n\tboundary=\"----edge--\"\r\n\r\n\r\n------edge--\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>\r\n------edge--\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n{body}\r\n------edge----\r\n"
        )
    }

    #[test]
    fn a_picture_is_found_in_the_page_that_shows_it() {
        let picture: Vec<u8> = (0..=255).collect();
        let coded = UNPADDED.encode(&picture);
        let (one, two) = coded.split_at(76);
        let page = page("image/png", "base64", &format!("{one}\r\n{two}"));
        assert!(holds(Role::Page, page.as_bytes(), &picture));
        assert!(!holds(Role::Response, page.as_bytes(), &picture));
    }

    #[test]
    fn a_picture_is_found_where_the_page_writes_it_out() {
        let picture: Vec<u8> = (0..=255).collect();
        let coded = UNPADDED.encode(&picture);
        for src in [coded.clone(), coded.trim_end_matches('=').to_owned(), coded.replace('=', "%3D")] {
            let html = format!("<img src=\"data:image/png;base64,{src}\"><p>");
            assert!(holds(Role::Response, html.as_bytes(), &picture), "{html}");
            let quoted = html.replace('=', "=3D");
            let (one, two) = quoted.split_at(60);
            let page = page("text/css", "quoted-printable", &format!("{one}=\r\n{two}"));
            assert!(holds(Role::Page, page.as_bytes(), &picture), "{page}");
            assert!(holds(Role::Page, page.as_bytes(), html.as_bytes()), "{page}");
        }
    }

    #[test]
    fn what_is_no_package_counts_as_itself() {
        for bytes in [&b""[..], b"PK\x03\x04", b"\r\n\r\n", b"boundary=\"\r\n\r\n", b"=", b";base64,"] {
            for role in [Role::Page, Role::Traffic, Role::Response, Role::Screen] {
                assert!(holds(role, bytes, bytes));
            }
            assert!(unquoted(bytes).len() <= bytes.len());
        }
    }
}
