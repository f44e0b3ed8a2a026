//! Both passphrases, so that both keys can sign until the case is locked
//! again.

use std::sync::Arc;

use countersign::case::{CaseError, Reading};
use countersign::journal::Reference;
use countersign::procedure::Deed;
use maud::{Markup, html};

use crate::passphrase::{self, Both};
use crate::web::Guide;
use crate::web::form::{Ask, Form};
use crate::web::layout::Page;
use crate::web::problem::Problem;
use crate::web::visit::{Answer, Reply, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let then = local(visit.query("then"), case);
    let reading = guide.reading(case)?;
    if guide.is_unlocked(case) && reading.pending_halts().is_empty() {
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
    let labels =
        [&opened.first.name, &opened.second.name].map(|name| format!("{name}, type your passphrase"));
    html! {
        (form.secret(Ask::new("first-passphrase", &labels[0])))
        (form.secret(Ask::new("second-passphrase", &labels[1])))
    }
}

/// Unlocks the case with what was typed in [`fields`]. Where that is not
/// right, the form says so; whose it is, it does not.
pub fn unlock(guide: &Guide, reading: &Reading, form: &mut Form) -> Result<bool, Problem> {
    let Some(both) = both(reading, form) else { return Ok(false) };
    match guide.unlock(reading.folder().reference(), both) {
        Ok(()) => Ok(true),
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
    let names = [&opened.first.name, &opened.second.name];
    let [first, second] =
        [("first-passphrase", names[0]), ("second-passphrase", names[1])].map(|(field, name)| {
            let typed = passphrase::typed(form.fields().of(field));
            typed.map_err(|_| form.mistake(field, format!("{name}, type your passphrase."))).ok()
        });
    Some([first?, second?])
}

/// Only addresses of the same case: a link must not lead elsewhere.
fn local(then: &str, case: Reference) -> String {
    let home = format!("/case/{case}");
    let inside = then.strip_prefix(&home).is_some_and(|rest| {
        (rest.is_empty() || rest.starts_with('/'))
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || "/-_".contains(c))
    });
    if inside { then.to_owned() } else { home }
}
