//! Hand over a copy of a sealed bundle: to whom, how, and onto what; and the
//! page that tells of it, with the passphrase of a locked copy, once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::case::Reading;
use countersign::digest::Digest;
use countersign::handover::{CopyPassphrase, HandOverRequest, Receiver, hand_over};
use countersign::journal::{Body, Encryption, HandedOver, Reference};
use countersign::procedure::Deed;
use maud::{Markup, html};

use super::check::{Passphrases, Work, allowed, before_work, form_again};
use super::seal::seals;
use crate::commands::form::fonts;
use crate::explain::{Message, bytes, shown};
use crate::progress::threads;
use crate::web::Guide;
use crate::web::form::{Ask, Choice, Form};
use crate::web::layout::Page;
use crate::web::problem::Problem;
use crate::web::visit::{Answer, Reply, Stored, Visit};

/// The passphrase of a copy, until it was shown.
pub struct Told {
    session: Digest,
    entry: u64,
    words: Option<CopyPassphrase>,
}

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    page(guide, visit, form_again(guide, visit))
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let mut form = visit.form();
    let may: Vec<(String, u32)> = copied(&reading).into_iter().map(|seal| (seal.to_string(), seal)).collect();
    let choices: Vec<(&str, u32)> = may.iter().map(|(value, seal)| (value.as_str(), *seal)).collect();
    let seal = match choices.as_slice() {
        [(_, only)] => Some(*only),
        several => form.one_of("seal", "Choose which seal is handed over.", several),
    };
    let to = form.line("to", "name of who gets it");
    let organisation = form.line("organisation", "name of the organisation");
    let role = form.line("role", "role");
    let how = form.line("how", "way in which it is handed over");
    let when = form.optional_line("when", "time");
    let medium = form.line("medium", "medium");
    let folder = folder(&mut form);
    let none = "Say whether the copy is locked with a passphrase.";
    let locks = [("locked", Encryption::Aes256Zip), ("plain", Encryption::None)];
    let encryption = form.one_of("lock", none, &locks);
    let receiver = (|| {
        Some(Receiver { to: to?, organisation: organisation?, role: role?, when, how: how?, medium: medium? })
    })();
    let (Some(seal), Some(receiver), Some(folder), Some(encryption), true) =
        (seal, receiver, folder, encryption, form.is_right())
    else {
        return page(guide, visit, form);
    };
    let answers = answers(seal, &receiver, &folder, encryption);
    let session = visit.session().id();
    let work = Work {
        deed: Deed::HandOver(seal),
        title: "Copying the bundle, reading it back and comparing it",
        answers,
        button: "Sign and make the copy",
        run: Box::new(move |guide, job| {
            let sealed = guide.home().sealed();
            let total = size(&*guide.reading(case)?, seal);
            let (watch, receiver, folder) = (job.counts(total), receiver.clone(), folder.clone());
            let handed = guide.with(case, move |unlocked| {
                hand_over(
                    unlocked,
                    &HandOverRequest {
                        seal: Some(seal),
                        sources: std::slice::from_ref(&sealed),
                        to: &folder,
                        encryption,
                        sheets: Some(&sealed),
                        receiver,
                        fonts: &fonts(),
                        threads: threads(),
                        watch: &watch,
                    },
                )
            })?;
            let handed = handed.map_err(Message::from)?;
            let at = format!("/case/{case}/handed/{}", handed.entry);
            let told = Told { session, entry: handed.entry, words: handed.passphrase };
            let told = guide.told.begin(told)?;
            Ok(format!("{at}?lies={}&told={told}", encoded(&handed.path)))
        }),
    };
    before_work(guide, visit, &reading, work, Passphrases::WhenLocked)
}

/// The folder on this computer that the copy goes to.
fn folder(form: &mut Form) -> Option<PathBuf> {
    let typed = PathBuf::from(form.typed("folder"));
    let mistake = if typed.as_os_str().is_empty() {
        "Type the folder that the copy goes to.".to_owned()
    } else if !typed.is_absolute() {
        "Type the whole path, from the drive or the first slash on.".to_owned()
    } else if !typed.is_dir() {
        format!(
            "There is no folder {} on this computer. Put the medium in, or make the folder first.",
            shown(&typed)
        )
    } else {
        return Some(typed);
    };
    form.mistake("folder", mistake);
    None
}

fn answers(seal: u32, receiver: &Receiver, folder: &Path, encryption: Encryption) -> Vec<(String, String)> {
    let when = receiver.when.as_ref().map_or("Now".to_owned(), ToString::to_string);
    let locked = match encryption {
        Encryption::Aes256Zip => "Locked with a passphrase",
        Encryption::None => "As it is",
    };
    [
        ("Seal", seal.to_string()),
        ("Who gets it", receiver.to.to_string()),
        ("Organisation", receiver.organisation.to_string()),
        ("Role", receiver.role.to_string()),
        ("How", receiver.how.to_string()),
        ("When", when),
        ("Medium", receiver.medium.to_string()),
        ("Folder", shown(folder)),
        ("The copy", locked.to_owned()),
    ]
    .map(|(question, answer)| (question.to_owned(), answer))
    .into()
}

fn page(guide: &Guide, visit: &Visit, mut form: Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let last = seals(&reading).last().map_or(1, |sealed| sealed.seal);
    allowed(&reading, &Deed::HandOver(last))?;
    let seals = copied(&reading);
    if !form.fields().has("seal") {
        form.set("seal", &last.to_string());
    }
    let choices: Vec<Choice> =
        seals.iter().rev().map(|seal| Choice::new(seal.to_string(), format!("Seal {seal}"))).collect();
    let locks = [
        Choice::new("locked", "Lock it with a passphrase")
            .hint("The passphrase is drawn for you and printed on a sheet of its own. 7-Zip opens the copy."),
        Choice::new("plain", "Copy it as it is").hint("Where you put it into somebody's hands, say."),
    ];
    let body = html! {
        p { "The copy is made, read back from the medium and compared. Then the record says who got it." }
        (before(&reading))
        (visit.form_to(visit.path(), html! {
            @if seals.len() > 1 { (form.radios(Ask::new("seal", "Which seal?"), &choices)) }
            (form.input(Ask::new("to", "Who gets it?").hint("The person's name, such as: PC 1234 Brown.")))
            (form.input(Ask::new("organisation", "Of which organisation?").hint("Such as: Anytown Police.")))
            (form.input(Ask::new("role", "In which role?").hint("Such as: officer in the case.")))
            (form.input(Ask::new("how", "How is it handed over?").hint("In person, or by post.")))
            (form.input(Ask::new("when", "When? (leave it empty if it is now)").short()))
            (form.input(Ask::new("medium", "On what medium?").hint("Such as: USB stick, evidence bag 7.")))
            (form.input(Ask::new("folder", "Which folder of this computer is that?").hint("Such as E:\\ for a USB stick on Windows, or /media/usb.")))
            (form.radios(Ask::new("lock", "Is the copy locked?"), &locks))
            button { "Continue" }
        }))
    };
    let page = Page::new("Hand over a copy", body).of(&reading).back(format!("/case/{case}"), "Task list");
    Ok(form.on(page).into())
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

/// The seals of which a copy may be made now.
fn copied(reading: &Reading) -> Vec<u32> {
    seals(reading)
        .map(|sealed| sealed.seal)
        .filter(|seal| allowed(reading, &Deed::HandOver(*seal)).is_ok())
        .collect()
}

fn size(reading: &Reading, seal: u32) -> u64 {
    seals(reading).find(|sealed| sealed.seal == seal).map_or(0, |sealed| sealed.bytes)
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
fn before(reading: &Reading) -> Markup {
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

fn encoded(path: &Path) -> String {
    url::form_urlencoded::byte_serialize(shown(path).as_bytes()).collect()
}
