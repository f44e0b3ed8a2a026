//! Seal the case; and the page of a seal: its eight words, what to print, and
//! where the files lie.

use std::path::PathBuf;
use std::sync::Arc;

use countersign_case::case::{Home, Reading, SealFiles};
use countersign_case::handover::{SealRequest, print_seal_again, seal};
use countersign_case::procedure::Deed;
use countersign_record::journal::{Reference, Sealed};
use countersign_record::words::SealWords;
use maud::{Markup, html};

use super::check::{Answered, Passphrases, Work, before_work};
use crate::ambient::{self, fonts};
use crate::amounts::{bytes, count};
use crate::describe;
use crate::message::{Message, shown};
use crate::progress::threads;
use crate::web::cases::Guide;
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, MAX_PAPER, Reply, Stored, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    reading.may(&Deed::Seal)?;
    let seals: Vec<&Sealed> = seals(&reading).collect();
    let body = html! {
        p { "Sealing makes one file of the whole record: the bundle. Nobody can change it afterwards without it being found out." }
        p { "Eight words belong to it. They are printed on the seal sheet, behind the form." }
        (what(&reading, guide.home()))
        @if !seals.is_empty() {
            h2 { "Seals made before" }
            (list(&reading))
            p { "A new seal holds everything since. The earlier ones stay valid for what they hold." }
        }
        (visit.form_to(visit.path(), html! { button { "Continue" } }))
    };
    Ok(Page::new("Seal the case", body).of(&reading).back(format!("/case/{case}"), "Task list").into())
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let out = guide.home().sealed();
    let withheld = reading.released().withheld().len() as u64;
    let mut answers = vec![
        Answered::new("What is sealed", format!("Case {case}, {}", count(reading.ledger().head(), "entry"))),
        Answered::new("Where the bundle goes", shown(&out)),
    ];
    if withheld > 0 {
        let left = format!("{}, not in the bundle", count(withheld, "file"));
        answers.push(Answered::new("Left where it is", left));
    }
    let work = Work {
        deed: Deed::Seal,
        title: "Sealing the case",
        answers,
        button: "Sign and seal the case",
        run: Box::new(move |guide, job| {
            let (out, total) = (out.clone(), to_seal(&*guide.reading(case)?));
            let watch = job.counts(total);
            let sealed = guide.with(case, move |unlocked| {
                seal(unlocked, &SealRequest { out: &out, fonts: &fonts(), threads: threads(), watch: &watch })
            })?;
            let sealed = sealed.map_err(Message::from)?;
            Ok(format!("/case/{case}/sealed/{}", sealed.seal))
        }),
    };
    before_work(guide, visit, &reading, work, Passphrases::Always)
}

/// A seal: from the record, so that it looks the same whenever it is shown.
pub fn ready(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let sealed = of(&reading, visit)?;
    let may_leave = reading.may(&Deed::HandOver(sealed.seal)).is_ok() && reading.pending_halts().is_empty();
    let files = files(guide.home(), case, sealed);
    let unbundled = reading.ledger().unbundled(sealed.seal);
    let unnamed = reading.folder().seal_parts(sealed).ok().and_then(|parts| parts.bundle);
    let unnamed = unnamed.filter(|_| unbundled.is_none() && !files.bundle.is_file());
    let at = format!("/case/{case}/sealed/{}", sealed.seal);
    let words = SealWords::of(&sealed.root);
    let body = html! {
        @if let Some(gone) = unbundled {
            div.warn {
                p { strong { "Seal " (sealed.seal) " has no bundle: " (gone.because) "." } }
                p { "Seal the case again. The next seal has a bundle of its own." }
            }
            p { a.button href=(format!("/case/{case}/seal")) { "Seal the case again" } }
        } @else if may_leave {
            @if unnamed.is_some() {
                div.warn {
                    p { strong { "The bundle is whole, and could not get its name." } }
                    p { "Lock the case and unlock it again, both of you: then it gets its name." }
                }
            }
            div.card {
                h2 { "The eight words of this seal" }
                ol.seal-words { @for word in words.words() { li { (word) } } }
                p { "They prove that a bundle is the one that you sealed. Keep this sheet apart from the bundle." }
            }
            ol.steps {
                li {
                    strong { "Print the form with its seal sheet." }
                    p { "The seal sheet is behind the form and has the same eight words." }
                    a.button href=(format!("{at}/form.pdf")) download { "Save the form and seal sheet" }
                    @if !files.form.is_file() { p { "It is drawn again from what was sealed." } }
                }
                li { strong { "Sign in ink, both of you." } "On the form, and on the seal sheet." }
                li { strong { "Put the seal sheet away." } "Keep this sheet apart from the bundle: in the school's safe, say." }
                li {
                    strong { "Tell somebody outside the eight words." }
                    "Read them to the police officer or the local authority on the telephone, and "
                    a href=(format!("/case/{case}/note")) { "write a note" } " of whom you told and when."
                }
                li {
                    strong { "Hand over a copy of the bundle." }
                    a href=(format!("/case/{case}/hand-over")) { "Hand over the bundle and write down who got it" }
                }
            }
        } @else {
            p { "This seal was made before the case was stopped. Its bundle is left where it is; it is not shown, printed or copied. Seal the case again: the new seal holds words only." }
        }
        h2 { "Where the files lie" }
        dl.answers {
            @match (unbundled, &unnamed) {
                (Some(_), _) => div { dt { "The bundle" } dd { "There is none" } },
                (None, Some(part)) => div { dt { "The bundle, until it has its name" } dd { (shown(part)) } },
                (None, None) => div { dt { "The bundle" } dd { (shown(&files.bundle)) } },
            }
            @if files.form.is_file() { div { dt { "The form and seal sheet" } dd { (shown(&files.form)) } } }
            div { dt { "Sealed" } dd { (sealed.sealed_at.in_words()) } }
            div { dt { "It holds" } dd { (count(sealed.entries, "entry")) ", " (bytes(sealed.bytes)) } }
            @if sealed.withheld > 0 {
                div { dt { "Left where it is" } dd { (count(sealed.withheld, "file")) ", not shown, printed or copied" } }
            }
        }
        @if let Some(words) = describe::too_large_for_portals(sealed.bytes) { p { (words) } }
        @if may_leave && files.bundle.is_file() {
            p { a.button.second href=(format!("{at}/bundle.zip")) download { "Save a copy of the bundle" } }
            p.hint { "A copy that is given to somebody goes by the page for handing over: there it is compared and written down." }
        }
    };
    let title = match unbundled {
        Some(_) => format!("Case {case}: seal {} has no bundle", sealed.seal),
        None => format!("Case {case} is sealed: seal {}", sealed.seal),
    };
    Ok(Page::new(title, body).of(&reading).back(format!("/case/{case}"), "Task list").into())
}

pub fn paper(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let sealed = of(&reading, visit)?;
    let form = files(guide.home(), case, sealed).form;
    if !form.is_file() && may_leave(guide, case, sealed.seal) {
        let again = print_seal_again(&reading, sealed.seal, &fonts()).map_err(Message::from)?;
        let name = form.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(Reply::File { name, kind: "application/pdf", bytes: again.pdf.bytes });
    }
    stored(guide, visit, "application/pdf", |files, _| (files.form, MAX_PAPER))
}

pub fn bundle(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    stored(guide, visit, "application/zip", |files, sealed| (files.bundle, sealed.bytes))
}

fn stored(
    guide: &Arc<Guide>,
    visit: &Visit,
    kind: &'static str,
    which: fn(SealFiles, &Sealed) -> (PathBuf, u64),
) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let sealed = of(&reading, visit)?;
    let number = sealed.seal;
    if !may_leave(guide, case, number) {
        reading.may(&Deed::HandOver(number))?;
        return Err(Problem::no("The case is stopped. Nothing leaves it until the stop is on record."));
    }
    let (path, longest) = which(files(guide.home(), case, sealed), sealed);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let guide = Arc::clone(guide);
    let may_leave = Box::new(move || may_leave(&guide, case, number));
    let stored = Stored { name, kind, path, longest, may_leave };
    stored.is_there()?;
    Ok(Reply::Stored(stored))
}

/// Asked anew each time: a case can be stopped at any moment.
fn may_leave(guide: &Guide, case: Reference, seal: u32) -> bool {
    guide.reading(case).is_ok_and(|reading| {
        reading.pending_halts().is_empty() && reading.may_now(&Deed::HandOver(seal)).is_ok()
    })
}

/// Every seal of the case, with a link to its page.
pub fn list(reading: &Reading) -> Markup {
    let case = reading.folder().reference();
    html! {
        ul {
            @for sealed in seals(reading) {
                li {
                    a href=(format!("/case/{case}/sealed/{}", sealed.seal)) { "Seal " (sealed.seal) }
                    ", made on " (sealed.sealed_at.in_words())
                    @if reading.ledger().unbundled(sealed.seal).is_some() { "; it has no bundle" }
                }
            }
        }
    }
}

pub fn seals(reading: &Reading) -> impl Iterator<Item = &Sealed> {
    reading.ledger().seals().map(|(_, sealed)| sealed)
}

fn of<'r>(reading: &'r Reading, visit: &Visit) -> Result<&'r Sealed, Problem> {
    seals(reading).find(|sealed| sealed.seal.to_string() == visit.part("seal")).ok_or(Problem::NotFound)
}

fn files(home: &Home, case: Reference, sealed: &Sealed) -> SealFiles {
    SealFiles::of(&home.sealed(), case, sealed.seal)
}

fn to_seal(reading: &Reading) -> u64 {
    reading.ledger().files().map(|(file, _)| file.bytes).sum()
}

/// What goes into the bundle, and whether there is room for it.
fn what(reading: &Reading, home: &Home) -> Markup {
    let size = to_seal(reading);
    let withheld = reading.released().withheld().len() as u64;
    let left = ambient::disk_left(home.path());
    html! {
        dl.answers {
            div { dt { "The record" } dd { (count(reading.ledger().head(), "entry")) } }
            div { dt { "Files in it" } dd { (count(reading.ledger().files().count() as u64, "file")) ", " (bytes(size)) } }
            @if withheld > 0 { div { dt { "Left where it is" } dd { (count(withheld, "file")) ", not in the bundle" } } }
            @if let Some(left) = left { div { dt { "Free on this disk" } dd { (bytes(left)) } } }
        }
        @if left.is_some_and(|left| left < size) { div.warn { "There is not enough room on this disk for the bundle." } }
    }
}
