//! What was handed over: the page that tells of it, and the sheet that the
//! receiver signs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_case::case::{Reading, receipt_of_copy};
use countersign_case::handover::HandedCopy;
use countersign_case::procedure::Deed;
use countersign_record::journal::{Body, Encryption, HandedOver, Reference};
use maud::{Markup, html};

use super::correct;
use crate::amounts::bytes;
use crate::message::shown;
use crate::web::cases::Guide;
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, MAX_PAPER, Reply, Stored, Visit};

/// The page of a copy that was just made.
pub fn made(case: Reference, handed: &HandedCopy) -> String {
    let lies = url::form_urlencoded::byte_serialize(shown(&handed.path).as_bytes()).collect::<String>();
    format!("/case/{case}/handed/{}?lies={lies}", handed.entry)
}

/// What was handed over.
pub fn ready(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let (entry, nth, handed) = of(&reading, visit)?;
    let at = format!("/case/{case}/handed/{entry}");
    let locked = handed.copy.encryption == Encryption::Aes256Zip;
    let receipt = receipt_of(guide, case, handed, nth);
    let body = html! {
        p { "The copy was read back from the medium and compared: it is the bundle that you sealed." }
        dl.answers {
            div { dt { "Who got it" } dd { (who(&reading, entry)) } dd.change { (correct::link(&reading, entry)) } }
            @if !visit.query("lies").is_empty() { div { dt { "Where it lies" } dd { (visit.query("lies")) } } }
            @else { div { dt { "The copy's name" } dd { (handed.copy.file.name) } } }
            div { dt { "It has" } dd { (bytes(handed.copy.file.bytes)) } }
        }
        @if locked {
            p { "The copy is locked. You saved its passphrase before it was made; Countersign has not kept it. If it is lost, make a new copy." }
        }
        @if reading.may(&Deed::HandOver(handed.seal)).is_ok() {
            ol.steps {
                li {
                    strong { "Print the receipt; the receiver signs it." }
                    (sheet(&receipt, &format!("{at}/receipt.pdf"), "Save the receipt"))
                }
                @if locked { li { strong { "Send the passphrase separately, never with the copy." } } }
                li { strong { "Do not give the seal sheet away with the copy." } "Read its eight words to the receiver, who can then check the copy." }
            }
        }
    };
    let page = Page::new("The copy is handed over", body).of(&reading);
    Ok(page.back(format!("/case/{case}"), "Task list").into())
}

pub fn receipt(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let (_, nth, handed) = of(&reading, visit)?;
    reading.may(&Deed::HandOver(handed.seal))?;
    let path = receipt_of(guide, case, handed, nth);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let may_leave = Box::new(|| true);
    let stored = Stored { name, kind: "application/pdf", path, longest: MAX_PAPER, may_leave };
    stored.is_there()?;
    Ok(Reply::Stored(stored))
}

/// Where the receipt of a copy lies, by the name that the hand-over gives it.
fn receipt_of(guide: &Guide, case: Reference, handed: &HandedOver, nth: usize) -> PathBuf {
    receipt_of_copy(&guide.home().sealed(), case, handed.seal, nth)
}

fn sheet(path: &Path, at: &str, words: &str) -> Markup {
    html! {
        @if path.is_file() { a.button.second href=(at) download { (words) } }
        @else { "It is not in the folder any more: " (shown(path)) }
    }
}

fn handed(reading: &Reading) -> impl Iterator<Item = (u64, usize, &HandedOver)> {
    let all = reading.ledger().entries().iter().filter_map(|entry| match &entry.body {
        Body::HandedOver(handed) => Some((entry.entry, handed)),
        _ => None,
    });
    all.enumerate().map(|(before, (entry, handed))| (entry, before + 1, handed))
}

fn of<'r>(reading: &'r Reading, visit: &Visit) -> Result<(u64, usize, &'r HandedOver), Problem> {
    let found = handed(reading).find(|(entry, ..)| entry.to_string() == visit.part("entry"));
    found.ok_or(Problem::NotFound)
}

/// Who got that copy, and when, as it stands now.
fn who(reading: &Reading, entry: u64) -> String {
    let Some(now) = reading.ledger().current(entry) else { return String::new() };
    let Body::HandedOver(handed) = now.body() else { return String::new() };
    format!(
        "{}, {}, {}",
        now.annotated("to", &handed.to),
        now.annotated("organisation", &handed.organisation),
        now.annotated("when", &handed.when)
    )
}

/// Who got copies before.
pub fn before(reading: &Reading) -> Markup {
    let case = reading.folder().reference();
    html! {
        @if handed(reading).next().is_some() {
            h2 { "Handed over before" }
            ul {
                @for (entry, _, handed) in handed(reading) {
                    li {
                        a href=(format!("/case/{case}/handed/{entry}")) { "Entry " (entry) ": seal " (handed.seal) }
                        " to " (who(reading, entry))
                    }
                }
            }
            h2 { "One more copy" }
        }
    }
}
