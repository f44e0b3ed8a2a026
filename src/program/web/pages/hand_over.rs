//! Hand over a copy of a sealed bundle: to whom, how, and onto what, one
//! question a page.

use std::path::PathBuf;
use std::sync::Arc;

use countersign_case::case::Reading;
use countersign_case::handover::{CopyPassphrase, HandOverRequest, Receiver, hand_over, passphrase_sheet};
use countersign_case::procedure::Deed;
use countersign_record::journal::Encryption;
use maud::{Markup, html};

use super::asked::{self, At, Questions};
use super::check::{Answered, Passphrases, Work, before_work};
use super::handed;
use super::seal::seals;
use crate::ambient::{SystemRandom, fonts};
use crate::message::{Message, shown};
use crate::progress::threads;
use crate::web::cases::Guide;
use crate::web::html::fields::Fields;
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Reply, Visit};

/// What is asked before a copy is made.
pub struct HandOver;

#[derive(Clone, Copy)]
pub enum Step {
    Seal,
    Receiver,
    How,
    Medium,
    Lock,
    Passphrase,
}

/// What it is, and who got copies before.
pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    last(&reading)?;
    let body = html! {
        p { "The copy is made, read back from the medium and compared. Then the record says who got it." }
        p { "Have the medium at hand, such as a new USB stick, and put it in." }
        (handed::before(&reading))
        (visit.form_to(visit.path(), html! { button { "Continue" } }))
    };
    let page = Page::new("Hand over a copy", body).of(&reading);
    Ok(page.back(format!("/case/{case}"), "Task list").into())
}

pub fn begin(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut known = Fields::default();
    known.set("seal", last(&reading)?.to_string());
    let drawn = CopyPassphrase::draw(&SystemRandom).map_err(Problem::random)?;
    known.set(DRAWN, drawn.as_str());
    asked::begin::<HandOver>(guide, visit, &reading, known)
}

impl Questions for HandOver {
    type Step = Step;
    const VERB: &'static str = "hand-over";

    fn steps(reading: &Reading, answers: &Fields) -> Vec<Step> {
        let seal = if copied(reading).len() > 1 { &[Step::Seal][..] } else { &[] };
        let passphrase = if answers.of("lock") == "locked" { &[Step::Passphrase][..] } else { &[] };
        [seal, &[Step::Receiver, Step::How, Step::Medium, Step::Lock], passphrase].concat()
    }

    fn id(step: Step) -> &'static str {
        match step {
            Step::Seal => "seal",
            Step::Receiver => "receiver",
            Step::How => "how",
            Step::Medium => "medium",
            Step::Lock => "lock",
            Step::Passphrase => "passphrase",
        }
    }

    fn ask(_: &Guide, reading: &Reading, step: Step, form: &Form) -> (&'static str, Markup) {
        match step {
            Step::Seal => {
                let choices = copied(reading).into_iter().rev();
                let choices: Vec<Choice> =
                    choices.map(|seal| Choice::new(seal.to_string(), format!("Seal {seal}"))).collect();
                (
                    "Which seal is handed over?",
                    form.radios(Ask::new("seal", "The seal, the last one first"), &choices),
                )
            }
            Step::Receiver => (
                "Who gets the copy?",
                html! {
                    (form.input(Ask::new("to", "Name of the person").hint("Such as: PC 1234 Brown.")))
                    (form.input(Ask::new("organisation", "Organisation").hint("Such as: Anytown Police.")))
                    (form.input(Ask::new("role", "Role").hint("Such as: officer in the case.")))
                },
            ),
            Step::How => (
                "How and when is it handed over?",
                html! {
                    (form.input(Ask::new("how", "How").hint("In person, or by post.")))
                    (form.input(Ask::new("when", "When (leave it empty if it is now)").short()))
                },
            ),
            Step::Medium => (
                "What is the copy put on?",
                html! {
                    (form.input(Ask::new("medium", "The medium").hint("Such as: USB stick, evidence bag 7.")))
                    (form.input(Ask::new("folder", "Which folder of this computer is that?").hint("Such as E:\\ for a USB stick on Windows, or /media/usb.")))
                },
            ),
            Step::Lock => {
                let locks = [
                    Choice::new("locked", "Lock it with a passphrase")
                        .hint("The passphrase is drawn for you, and you save it on the next page. 7-Zip opens the copy."),
                    Choice::new("plain", "Copy it as it is").hint("Where you put it into somebody's hands, say."),
                ];
                ("Is the copy locked?", form.radios(Ask::new("lock", "Locked, or as it is"), &locks))
            }
            Step::Passphrase => ("Save the passphrase of the copy", passphrase_page(form)),
        }
    }

    fn take(guide: &Guide, reading: &Reading, step: Step, form: &mut Form) {
        match step {
            Step::Seal => drop(seal(reading, form)),
            Step::Receiver => {
                form.name("to", "name of who gets it");
                form.line("organisation", "name of the organisation");
                form.name("role", "role");
            }
            Step::How => {
                form.line("how", "way in which it is handed over");
                form.optional_line("when", "time");
            }
            Step::Medium => {
                form.line("medium", "medium");
                folder(guide, form);
            }
            Step::Lock => drop(lock(form)),
            Step::Passphrase => drop(passphrase(form)),
        }
    }

    fn check(guide: &Guide, visit: &Visit, reading: &Reading, mut form: Form, at: &At) -> Answer {
        let answers = (|| {
            Some((
                seal(reading, &mut form)?,
                receiver(&mut form)?,
                folder(guide, &mut form)?,
                lock(&mut form)?,
            ))
        })();
        let (seal, receiver, folder, encryption) = answers.ok_or(Problem::NoDraft)?;
        let drawn = match encryption {
            Encryption::Aes256Zip => Some(passphrase(&mut form).ok_or(Problem::NoDraft)?),
            Encryption::None => None,
        };
        let drawn = Arc::new(drawn);
        let several = copied(reading).len() > 1;
        let case = visit.case()?;
        let told = |question, answer: &str, step| {
            let answered = Answered::new(question, answer);
            match step {
                Step::Seal if !several => answered,
                step => answered.changed_on(at.page::<HandOver>(step)),
            }
        };
        let when = receiver.when.as_ref().map_or("Now", |when| when.as_str());
        let locked = match encryption {
            Encryption::Aes256Zip => "Locked with the passphrase that you saved",
            Encryption::None => "As it is",
        };
        let work = Work {
            deed: Deed::HandOver(seal),
            title: "Copying the bundle, reading it back and comparing it",
            answers: vec![
                told("Seal", &seal.to_string(), Step::Seal),
                told("Who gets it", receiver.to.as_str(), Step::Receiver),
                told("Organisation", receiver.organisation.as_str(), Step::Receiver),
                told("Role", receiver.role.as_str(), Step::Receiver),
                told("How", receiver.how.as_str(), Step::How),
                told("When", when, Step::How),
                told("Medium", receiver.medium.as_str(), Step::Medium),
                told("Folder", &shown(&folder), Step::Medium),
                told("The copy", locked, Step::Lock),
            ],
            button: "Sign and make the copy",
            run: Box::new(move |guide, job| {
                let sealed = guide.home().sealed();
                let total = size(&*guide.reading(case)?, seal);
                let (watch, receiver, folder) = (job.counts(total), receiver.clone(), folder.clone());
                let drawn = Arc::clone(&drawn);
                let copied = guide.with(case, move |unlocked| {
                    hand_over(
                        unlocked,
                        &HandOverRequest {
                            seal: Some(seal),
                            sources: std::slice::from_ref(&sealed),
                            to: &folder,
                            lock: Option::as_ref(&drawn),
                            sheets: Some(&sealed),
                            receiver,
                            fonts: &fonts(),
                            threads: threads(),
                            watch: &watch,
                        },
                    )
                })?;
                Ok(handed::made(case, &copied.map_err(Message::from)?))
            }),
        };
        before_work(guide, visit, reading, work, Passphrases::WhenLocked)
    }
}

fn receiver(form: &mut Form) -> Option<Receiver> {
    Some(Receiver {
        to: form.name("to", "")?,
        organisation: form.line("organisation", "")?,
        role: form.name("role", "")?,
        when: form.optional_line("when", ""),
        how: form.line("how", "")?,
        medium: form.line("medium", "")?,
    })
}

fn seal(reading: &Reading, form: &mut Form) -> Option<u32> {
    let may: Vec<(String, u32)> = copied(reading).into_iter().map(|seal| (seal.to_string(), seal)).collect();
    let choices: Vec<(&str, u32)> = may.iter().map(|(value, seal)| (value.as_str(), *seal)).collect();
    form.one_of("seal", "Choose which seal is handed over.", &choices)
}

fn lock(form: &mut Form) -> Option<Encryption> {
    let none = "Say whether the copy is locked with a passphrase.";
    form.one_of("lock", none, &[("locked", Encryption::Aes256Zip), ("plain", Encryption::None)])
}

/// The passphrase once it is shown and before anything is signed: it can be
/// saved as a sheet, and is typed back.
fn passphrase_page(form: &Form) -> Markup {
    html! {
        div.card {
            h2 { "The passphrase of this copy" }
            ol.words { @for word in form.typed(DRAWN).split(' ') { li { (word) } } }
            p { "Whoever has it and the copy can read the case. Send it separately, never with the copy. Countersign does not keep it." }
        }
        p { a.button.second href=(SHEET) download { "Save a sheet with the passphrase, to print" } }
        (form.secret(Ask::new("typed", "Write the six words down or save the sheet, then type them here").hint("With a space between each. Nothing is signed before.")))
    }
}

/// The drawn passphrase, once it was typed back.
fn passphrase(form: &mut Form) -> Option<CopyPassphrase> {
    let drawn = CopyPassphrase::drawn(form.typed(DRAWN))?;
    if drawn.is_typed_as(form.typed("typed")) {
        return Some(drawn);
    }
    let words = match form.typed("typed") {
        "" => "Type the six words of the passphrase.",
        _ => "That is not the same as the passphrase above. Look again and type all six words.",
    };
    form.mistake("typed", words);
    None
}

/// The sheet with the passphrase, to be saved where people choose.
pub fn sheet(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut form = Form::of(asked::answers::<HandOver>(guide, visit)?);
    let answers = (|| Some((seal(&reading, &mut form)?, receiver(&mut form)?, folder(guide, &mut form)?)))();
    let (seal, receiver, folder) = answers.ok_or(Problem::NotFound)?;
    let drawn = CopyPassphrase::drawn(form.typed(DRAWN)).ok_or(Problem::NotFound)?;
    let copy = (seal, folder.as_path(), &receiver);
    let sheet = passphrase_sheet(&reading, &drawn, copy, &fonts(), guide.now()).map_err(Message::from)?;
    let name = format!("{}-seal-{seal}-passphrase.pdf", reading.folder().reference());
    Ok(Reply::File { name, kind: "application/pdf", bytes: sheet.bytes })
}

/// The field of a draft that has the drawn words.
const DRAWN: &str = "drawn";

/// Where the sheet is, beside the page that shows the words.
const SHEET: &str = "passphrase.pdf";

/// The folder on this computer that the copy goes to.
fn folder(guide: &Guide, form: &mut Form) -> Option<PathBuf> {
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
    } else if let Err(error) = guide.home().check_way_out(&typed) {
        let Message { what, hints, .. } = error.into();
        format!("{what} {}", hints.join(" "))
    } else {
        return Some(typed);
    };
    form.mistake("folder", mistake);
    None
}

/// The last seal, where a copy of it may be made.
fn last(reading: &Reading) -> Result<u32, Problem> {
    let last = seals(reading).last().map_or(1, |sealed| sealed.seal);
    reading.may(&Deed::HandOver(last))?;
    Ok(last)
}

/// The seals of which a copy may be made now.
fn copied(reading: &Reading) -> Vec<u32> {
    seals(reading)
        .map(|sealed| sealed.seal)
        .filter(|seal| reading.may(&Deed::HandOver(*seal)).is_ok())
        .collect()
}

fn size(reading: &Reading, seal: u32) -> u64 {
    seals(reading).find(|sealed| sealed.seal == seal).map_or(0, |sealed| sealed.bytes)
}
