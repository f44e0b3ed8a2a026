//! What was handed over: the page that tells of it, its sheets, and the
//! passphrase of a locked copy, once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::case::Reading;
use countersign::digest::Digest;
use countersign::handover::{CopyPassphrase, HandedCopy};
use countersign::journal::{Body, Encryption, HandedOver, Reference};
use countersign::procedure::Deed;
use maud::{Markup, html};

use super::check::allowed;
use crate::explain::{bytes, shown};
use crate::web::Guide;
use crate::web::layout::Page;
use crate::web::problem::Problem;
use crate::web::visit::{Answer, Reply, Stored, Visit};

/// The passphrase of a copy, until it was shown.
pub struct Told {
    session: Digest,
    entry: u64,
    words: Option<CopyPassphrase>,
}

/// The page of a copy that was just made: it has the passphrase, once.
pub fn first_told(
    guide: &Guide,
    case: Reference,
    session: Digest,
    handed: HandedCopy,
) -> Result<String, Problem> {
    let lies = url::form_urlencoded::byte_serialize(shown(&handed.path).as_bytes()).collect::<String>();
    let told = Told { session, entry: handed.entry, words: handed.passphrase };
    let told = guide.told.begin(told)?;
    Ok(format!("/case/{case}/handed/{}?lies={lies}&told={told}", handed.entry))
}

/// What was handed over.
pub fn ready(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let (entry, nth, handed) = of(&reading, visit)?;
    let passphrase = told(guide, visit, entry);
    let at = format!("/case/{case}/handed/{entry}");
    let locked = handed.copy.encryption == Encryption::Aes256Zip;
    let sheets = Sheets::of(guide, case, handed, nth);
    let body = html! {
        p { "The copy was read back from the medium and compared: it is the bundle that you sealed." }
        dl.answers {
            div { dt { "Who got it" } dd { (handed.to) ", " (handed.organisation) } }
            @if !visit.query("lies").is_empty() { div { dt { "Where it lies" } dd { (visit.query("lies")) } } }
            @else { div { dt { "The copy's name" } dd { (handed.copy.file.name) } } }
            div { dt { "It has" } dd { (bytes(handed.copy.file.bytes)) } }
        }
        @if let Some(words) = &passphrase {
            div.card {
                h2 { "The passphrase of this copy, shown once" }
                ol.words { @for word in words.as_str().split(' ') { li { (word) } } }
                p { "It is on a sheet of its own, too. Send that sheet separately, never with the copy." }
            }
        } @else if locked {
            p { "The copy is locked. Its passphrase was shown once, and is on the sheet below." }
        }
        @if allowed(&reading, &Deed::HandOver(handed.seal)).is_ok() {
            ol.steps {
                li {
                    strong { "Print the receipt; the receiver signs it." }
                    (sheet(&sheets.receipt, &format!("{at}/receipt.pdf"), "Save the receipt"))
                }
                @if locked {
                    li {
                        strong { "Print the passphrase, and send it separately." }
                        (sheet(&sheets.passphrase, &format!("{at}/passphrase.pdf"), "Save the sheet with the passphrase"))
                    }
                }
                li { strong { "Do not give the seal sheet away with the copy." } "Read its eight words to the receiver, who can then check the copy." }
            }
        }
    };
    let page = Page::new("The copy is handed over", body).of(&reading);
    Ok(page.back(format!("/case/{case}"), "Task list").into())
}

pub fn receipt(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    stored(guide, visit, |sheets| sheets.receipt)
}

pub fn passphrase(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    stored(guide, visit, |sheets| sheets.passphrase)
}

fn stored(guide: &Arc<Guide>, visit: &Visit, which: fn(Sheets) -> PathBuf) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let (_, nth, handed) = of(&reading, visit)?;
    allowed(&reading, &Deed::HandOver(handed.seal))?;
    let path = which(Sheets::of(guide, case, handed, nth));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stored = Stored { name, kind: "application/pdf", path, may_leave: Box::new(|| true) };
    stored.is_there()?;
    Ok(Reply::Stored(stored))
}

/// Where the sheets of a copy lie, by the names that the hand-over gives them.
struct Sheets {
    receipt: PathBuf,
    passphrase: PathBuf,
}

impl Sheets {
    fn of(guide: &Guide, case: Reference, handed: &HandedOver, nth: usize) -> Sheets {
        let stem = format!("{case}-seal-{}-copy-{nth}", handed.seal);
        let folder = guide.home().sealed();
        Sheets {
            receipt: folder.join(format!("{stem}-receipt.pdf")),
            passphrase: folder.join(format!("{stem}-passphrase.pdf")),
        }
    }
}

fn sheet(path: &Path, at: &str, words: &str) -> Markup {
    html! {
        @if path.is_file() { a.button.second href=(at) download { (words) } }
        @else { "It is not in the folder any more: " (shown(path)) }
    }
}

/// The passphrase of the copy of that entry, the first time that it is asked
/// for.
fn told(guide: &Guide, visit: &Visit, entry: u64) -> Option<CopyPassphrase> {
    let session = visit.session().id();
    let told = guide.told.with(visit.query("told"), |told| {
        if told.session == session && told.entry == entry { told.words.take() } else { None }
    });
    told.ok().flatten()
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
                        " to " (handed.to) ", " (handed.organisation) ", " (handed.when)
                    }
                }
            }
            h2 { "One more copy" }
        }
    }
}
