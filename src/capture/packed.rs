//! The digests of what a kept piece of a page holds: of itself, and of each
//! answer that is packed in it.
//!
//! It judges nothing. What it cannot unpack counts as itself alone.

use std::io::{Cursor, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::read::MultiGzDecoder;

use crate::digest::Digest;
use crate::journal::Role;

/// Of the piece itself, and of what is in it.
pub(super) fn digests(role: Role, bytes: &[u8]) -> Vec<Digest> {
    let mut digests = vec![Digest::of(bytes)];
    match role {
        Role::Page => of_mhtml(bytes, &mut digests),
        Role::Traffic => of_wacz(bytes, &mut digests),
        _ => {}
    }
    digests
}

/// RFC 2557: parts between lines that begin with the boundary. Pictures are in
/// it as they came, in base64 (RFC 2045, 6.8).
fn of_mhtml(bytes: &[u8], digests: &mut Vec<Digest>) {
    let Some(head) = find(bytes, b"\r\n\r\n") else { return };
    let header = String::from_utf8_lossy(&bytes[..head]);
    let Some(boundary) = header.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()) else {
        return;
    };
    let edge = format!("\r\n--{boundary}");
    let mut rest = &bytes[head..];
    while let Some(at) = find(rest, edge.as_bytes()) {
        rest = &rest[at + edge.len()..];
        let part = &rest[..find(rest, edge.as_bytes()).unwrap_or(rest.len())];
        let Some(end) = find(part, b"\r\n\r\n") else { continue };
        let (head, body) = (String::from_utf8_lossy(&part[..end]).to_ascii_lowercase(), &part[end + 4..]);
        digests.push(Digest::of(body));
        if head.contains("content-transfer-encoding: base64") {
            let coded: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            digests.extend(BASE64.decode(coded).ok().map(|plain| Digest::of(&plain)));
        }
    }
}

/// WACZ: a zip file with WARC files in it (ISO 28500), each record a gzip
/// member. Of an answer the body counts, which stands behind its headers.
fn of_wacz(bytes: &[u8], digests: &mut Vec<Digest>) {
    let Ok(mut package) = zip::ZipArchive::new(Cursor::new(bytes)) else { return };
    for number in 0..package.len() {
        let Ok(mut member) = package.by_index(number) else { continue };
        let mut packed = Vec::new();
        if member.read_to_end(&mut packed).is_err() {
            continue;
        }
        digests.push(Digest::of(&packed));
        let mut records = Vec::new();
        // What was unpacked before an error counts, too.
        if packed.starts_with(&GZIP) && MultiGzDecoder::new(&*packed).read_to_end(&mut records).is_ok() {
            of_records(&records, digests);
        }
    }
}

fn of_records(mut records: &[u8], digests: &mut Vec<Digest>) {
    while let Some(head) = find(records, b"\r\n\r\n") {
        let header = String::from_utf8_lossy(&records[..head]).to_ascii_lowercase();
        let length =
            header.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let rest = &records[head + 4..];
        let block = &rest[..length.unwrap_or(0usize).min(rest.len())];
        digests.push(Digest::of(block));
        if let Some(body) = find(block, b"\r\n\r\n") {
            digests.push(Digest::of(&block[body + 4..]));
        }
        records = rest.get(block.len() + 4..).unwrap_or_default();
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

const GZIP: [u8; 2] = [0x1f, 0x8b];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_found_in_the_page_that_shows_it() {
        let picture: Vec<u8> = (0..=255).collect();
        let coded = BASE64.encode(&picture);
        let (one, two) = coded.split_at(76);
        let page = format!(
            "From: <Saved by Blink>\r\nContent-Type: multipart/related;\r\n\tboundary=\"----edge--\"\r\n\r\n\r\n------edge--\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>\r\n------edge--\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n{one}\r\n{two}\r\n------edge----\r\n"
        );
        assert!(digests(Role::Page, page.as_bytes()).contains(&Digest::of(&picture)));
        assert!(!digests(Role::Response, page.as_bytes()).contains(&Digest::of(&picture)));
    }

    #[test]
    fn what_is_no_package_counts_as_itself() {
        for bytes in [&b""[..], b"PK\x03\x04", b"\r\n\r\n", b"boundary=\"\r\n\r\n"] {
            for role in [Role::Page, Role::Traffic] {
                assert_eq!(digests(role, bytes)[0], Digest::of(bytes));
            }
        }
    }
}
