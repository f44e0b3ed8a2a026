//! Both passphrases, so that both keys can sign until the case is locked
//! again.

use std::sync::Arc;

use countersign_case::case::{CaseError, Reading};
use countersign_case::procedure::Deed;
use countersign_record::digest::Digest;
use countersign_record::journal::Side;
use maud::{Markup, html};

use crate::describe;
use crate::passphrase::{self, Both};
use crate::say::one_line;
use crate::web::cases::Guide;
use crate::web::html::form::{Ask, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::instead::local;
use crate::web::server::visit::{Answer, Reply, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let then = local(visit.query("then"), case);
    let reading = guide.reading(case)?;
    if guide.is_unlocked(case) && !guide.is_hidden(case) && reading.pending_halts().is_empty() {
        return Reply::see(then);
    }
    let mut form = Form::empty();
    Ok(page(&reading, visit, &mut form, &then).into())
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let then = local(visit.fields().of("then"), case);
    let reading = guide.reading(case)?;
    let mut form = visit.form();
    match unlock(guide, &reading, &mut form)? {
        true => {
            // Stopped while it was unlocked: both keys are at hand, and asking
            // for leave puts the stop on record first.
            if !guide.reading(case)?.pending_halts().is_empty() {
                guide.with(case, |unlocked| unlocked.permit(Deed::Note).map(drop))??;
            }
            Reply::see(then)
        }
        false => Ok(page(&reading, visit, &mut form, &then).into()),
    }
}

pub fn lock(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    guide.lock(visit.case()?);
    Reply::see(format!("/case/{}", visit.case()?))
}

fn page(reading: &Reading, visit: &Visit, form: &mut Form, then: &str) -> Page {
    let case = reading.folder().reference();
    let body = html! {
        p { "Nothing can be added to the record without both of you. The case locks itself again after ten minutes in which nothing happens." }
        (visit.form_to(&format!("/case/{case}/unlock"), html! {
            input type="hidden" name="then" value=(then);
            (fields(reading, form))
            button { "Unlock the case" }
        }))
    };
    form.on(Page::new("Unlock the case together", body)
        .of(reading)
        .back(format!("/case/{case}"), "Task list"))
}

/// The two fields for the passphrases.
pub fn fields(reading: &Reading, form: &Form) -> Markup {
    let opened = reading.ledger().opened();
    let labels = Side::BOTH.map(|side| format!("{}, type your passphrase", opened.called(side)));
    html! {
        (written(reading))
        @for written in reading.written_alone() { input type="hidden" name="written" value=(written.alone.file); }
        (form.secret(Ask::new("first-passphrase", &labels[0])))
        (form.secret(Ask::new("second-passphrase", &labels[1])))
    }
}

/// What one person wrote down alone: both see it before they sign it.
pub fn written(reading: &Reading) -> Markup {
    let released = reading.released();
    html! {
        @if !reading.written_alone().is_empty() {
            h2 { "Written by one of you alone, and not signed yet" }
            @for written in reading.written_alone() {
                div.inset { (describe::written(written, reading.ledger(), &released)) }
            }
            p { "Your two passphrases sign this, too, as it stands here." }
        }
        @for name in reading.strange_notes() {
            p.hint { (one_line(name)) " lies in the case's folder and is nothing that this program wrote. It is left there." }
        }
    }
}

/// Unlocks the case with what was typed in [`fields`]. Where that is not
/// right, the form says so; whose it is, it does not.
pub fn unlock(guide: &Guide, reading: &Reading, form: &mut Form) -> Result<bool, Problem> {
    let Some(both) = both(reading, form) else { return Ok(false) };
    let case = reading.folder().reference();
    match guide.unlock(case, both) {
        Ok(()) => {
            let typed = form.fields().all("written").iter();
            let shown: Vec<Digest> = typed.filter_map(|digest| digest.parse().ok()).collect();
            if !shown.is_empty() {
                guide.with(case, move |unlocked| unlocked.sign_written(&shown))??;
            }
            Ok(true)
        }
        Err(Problem::Case(CaseError::Passphrase)) => {
            form.mistake("first-passphrase", "One of the passphrases is not right. Try again.");
            Ok(false)
        }
        Err(wait @ Problem::Wait(_)) => {
            form.mistake("first-passphrase", wait.message().what);
            Ok(false)
        }
        Err(problem) => Err(problem),
    }
}

fn both(reading: &Reading, form: &mut Form) -> Option<Both> {
    let opened = reading.ledger().opened();
    let [first, second] =
        [("first-passphrase", Side::A), ("second-passphrase", Side::B)].map(|(field, side)| {
            let typed = passphrase::typed(form.fields().of(field));
            let words = || format!("{}, type your passphrase.", opened.called(side));
            typed.map_err(|_| form.mistake(field, words())).ok()
        });
    Some([first?, second?])
}
