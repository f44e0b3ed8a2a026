//! What entries and files say of a page: from the browser's facts to the
//! journal's words, bounded and visible.

use super::keep::Without;
use super::room;
use super::told_held;
use crate::case::Held;
use countersign_browser::network::address::Address;
use countersign_browser::page::NotLoaded;
use countersign_browser::page::facts::{Hop, KeptPage, Piece, Tool};
use countersign_record::clock::Time;
use countersign_record::journal::{self, Exhibit, File, Halted, Kept, Method, Role, Seen, Visit};

/// A kept page as its entry tells it.
pub(super) fn kept(exhibit: Exhibit, page: &KeptPage, files: Vec<File>, without: Option<&Without>) -> Kept {
    let answer = page.answer();
    let without = without.map(ToString::to_string);
    let absences = without.into_iter().chain(page.absences.iter().map(ToString::to_string));
    let absences = absences.map(|absence| Seen::brief(&absence, MOST_ABSENCE)).collect();
    let browser = browser(&page.tool);
    let method = if browser.is_some() { Method::Browser } else { Method::Request };
    let kept = Kept {
        exhibit,
        method,
        url: Seen::of(&page.asked),
        redirects: Vec::new(),
        redirects_left_out: 0,
        final_url: Seen::of(&page.url),
        title: title(page),
        status: answer.and_then(|answer| answer.status),
        remote_address: answer
            .and_then(|answer| answer.remote)
            .map(|there| Seen::brief(&there.to_string(), 200)),
        server_date: answer.and_then(Hop::date).map(|date| Seen::brief(date, 200)),
        started: page.started,
        took_ms: page.timings.taken_ms,
        browser,
        files,
        absences: Vec::new(),
        absences_left_out: 0,
    };
    room::kept(kept, redirects(&page.hops), absences)
}

fn title(page: &KeptPage) -> Option<Seen> {
    page.title.as_deref().filter(|title| !title.is_empty()).map(|title| Seen::brief(title, MOST_TITLE))
}

/// The browser, where there was one.
pub(super) fn browser(tool: &Tool) -> Option<journal::Browser> {
    let Tool::Browser { product, path, arguments, account, .. } = tool else { return None };
    let command_line =
        std::iter::once(path).chain(arguments).map(String::as_str).collect::<Vec<_>>().join(" ");
    Some(journal::Browser {
        product: Seen::brief(product, 400),
        path: Seen::brief(path, 2000),
        command_line: Seen::brief(&command_line, 6000),
        account: account.as_deref().map(|account| Seen::brief(account, 400)),
    })
}

/// The role and the ending of a piece as a file.
pub(super) fn file_of(piece: Piece) -> (Role, &'static str) {
    match piece {
        Piece::Picture { .. } => (Role::Picture, "png"),
        Piece::Screen => (Role::Screen, "png"),
        Piece::Archive => (Role::Page, "mhtml"),
        // A neutral ending: opened by a double click it must not run.
        Piece::Content => (Role::Response, "response"),
        Piece::Traffic => (Role::Traffic, "wacz"),
    }
}

/// The visit that a kept page is.
pub(super) fn visit_of(page: &KeptPage) -> Visit {
    let visit = Visit {
        time: page.started,
        url: Seen::of(&page.asked),
        redirects: Vec::new(),
        redirects_left_out: 0,
        final_url: Seen::of(&page.url),
        title: title(page),
        status: page.answer().and_then(|answer| answer.status),
        failure: None,
    };
    room::visit(visit, redirects(&page.hops))
}

/// The visit of a page that did not come.
pub(super) fn failed_visit(address: &Address, failure: &NotLoaded, now: Time) -> Visit {
    let visit = Visit {
        time: now,
        url: Seen::of(address.as_str()),
        redirects: Vec::new(),
        redirects_left_out: 0,
        final_url: Seen::of(&failure.url),
        title: None,
        status: None,
        failure: Some(Seen::brief(&failure.why, MOST_WHY)),
    };
    room::visit(visit, redirects(&failure.hops))
}

/// What the program saw when the case was stopped, as its entry has room.
pub(super) fn seen_at_stop(what: &str) -> Seen {
    Seen::brief(what, Halted::MAX_SEEN)
}

/// Nothing of the page but its address: what it shows is withheld.
pub(super) fn held_visit(address: &Address, held: &Held, now: Time) -> Visit {
    let why = format!("nothing of it was kept: what it shows {}", told_held(held));
    let failure = NotLoaded {
        url: address.as_str().to_owned(),
        why,
        outcome: None,
        hops: Vec::new(),
        by_browser: false,
    };
    failed_visit(address, &failure, now)
}

/// The answers before the page's own.
fn redirects(hops: &[Hop]) -> Vec<journal::Hop> {
    let before = hops.len().saturating_sub(1);
    hops[..before].iter().filter_map(|hop| Some(redirect(&hop.url, hop.status?))).collect()
}

/// One answer on the way.
pub(super) fn redirect(url: &str, status: u16) -> journal::Hop {
    journal::Hop { url: Seen::brief(url, MOST_HOP), status }
}

/// Everything that was noted, as JSON in which nothing that a page said can
/// deceive a reader.
pub(super) fn record(page: &KeptPage) -> Vec<u8> {
    let mut value = serde_json::to_value(page).unwrap_or_default();
    let said: Vec<serde_json::Value> =
        page.absences.iter().map(|absence| absence.to_string().into()).collect();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("absences_in_words".to_owned(), said.into());
    }
    make_visible(&mut value);
    let mut bytes = serde_json::to_vec_pretty(&value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn make_visible(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = Seen::of(text).to_string(),
        serde_json::Value::Array(values) => values.iter_mut().for_each(make_visible),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(make_visible),
        _ => {}
    }
}

/// Bytes as they stand in an entry, so that the longest of everything fits.
pub(super) const MOST_TITLE: usize = 2000;
pub(super) const MOST_WHY: usize = 2000;
const MOST_HOP: usize = 2000;
const MOST_ABSENCE: usize = 800;
