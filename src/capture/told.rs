//! What entries and files say of a page: from the browser's facts to the
//! journal's words, bounded and visible.

use super::keep::Without;
use super::store::brief;
use super::told_held;
use crate::browser::address::Address;
use crate::browser::facts::{Hop, KeptPage, Piece, Tool};
use crate::browser::page::NotLoaded;
use crate::case::Held;
use crate::clock::Time;
use crate::journal::{self, Exhibit, File, Kept, Method, Role, Seen, Visit};

/// A kept page as its entry tells it.
pub(super) fn kept(exhibit: Exhibit, page: &KeptPage, files: Vec<File>, without: Option<&Without>) -> Kept {
    let answer = page.answer();
    let mut absences: Vec<Seen> = without.iter().map(|w| brief(&w.to_string(), 400)).collect();
    let room = MOST_ABSENCES - absences.len();
    absences.extend(page.absences.iter().take(room).map(|absence| brief(&absence.to_string(), 400)));
    if page.absences.len() > room {
        let more = page.absences.len() - room;
        absences.push(brief(&format!("{more} more absences are in the exhibit's record"), 400));
    }
    let browser = browser(&page.tool);
    let method = if browser.is_some() { Method::Browser } else { Method::Request };
    Kept {
        exhibit,
        method,
        url: Seen::of(&page.asked),
        redirects: redirects(&page.hops),
        final_url: Seen::of(&page.url),
        title: page.title.as_deref().filter(|title| !title.is_empty()).map(|title| brief(title, 1000)),
        status: answer.and_then(|answer| answer.status),
        remote_address: answer.and_then(|answer| answer.remote).map(|remote| brief(&remote.to_string(), 100)),
        server_date: answer.and_then(Hop::date).map(|date| brief(date, 100)),
        started: page.started,
        took_ms: page.timings.taken_ms,
        browser,
        files,
        absences,
    }
}

/// The browser, where there was one.
pub(super) fn browser(tool: &Tool) -> Option<journal::Browser> {
    let Tool::Browser { product, path, arguments, account, .. } = tool else { return None };
    let command_line =
        std::iter::once(path).chain(arguments).map(String::as_str).collect::<Vec<_>>().join(" ");
    Some(journal::Browser {
        product: brief(product, 200),
        path: brief(path, 1000),
        command_line: Seen::of(&command_line),
        account: account.as_deref().map(|account| brief(account, 200)),
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
    Visit {
        time: page.started,
        url: Seen::of(&page.asked),
        redirects: redirects(&page.hops),
        final_url: Seen::of(&page.url),
        title: page.title.as_deref().filter(|title| !title.is_empty()).map(|title| brief(title, 1000)),
        status: page.answer().and_then(|answer| answer.status),
        failure: None,
    }
}

/// The visit of a page that did not come.
pub(super) fn failed_visit(address: &Address, failure: &NotLoaded, now: Time) -> Visit {
    Visit {
        time: now,
        url: Seen::of(address.as_str()),
        redirects: redirects(&failure.hops),
        final_url: Seen::of(&failure.url),
        title: None,
        status: None,
        failure: Some(brief(&failure.why, 1000)),
    }
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

/// The answers before the page's own. A chain that is longer than an entry has
/// room for is whole in the exhibit's record.
fn redirects(hops: &[Hop]) -> Vec<journal::Hop> {
    let before = hops.len().saturating_sub(1);
    let hop = |hop: &Hop| Some(journal::Hop { url: brief(&hop.url, 1000), status: hop.status? });
    hops[..before].iter().filter_map(hop).take(MOST_HOPS).collect()
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

/// So that the longest of everything still fits into an entry.
const MOST_ABSENCES: usize = 24;
pub(super) const MOST_HOPS: usize = 10;
