//! Check before you both sign: the entry in plain words, and the passphrases
//! where they are needed.
//!
//! Every page that adds an entry leads here. What it is about to add waits as
//! a draft; signed once, it cannot be signed again.

use std::sync::Arc;

use countersign::case::{CaseError, Reading};
use countersign::digest::Digest;
use countersign::journal::{Body, Reference};
use countersign::procedure::Deed;
use maud::html;

use super::unlock;
use crate::describe;
use crate::web::Guide;
use crate::web::fields::Fields;
use crate::web::form::Form;
use crate::web::layout::Page;
use crate::web::problem::Problem;
use crate::web::visit::{Answer, Reply, Visit};

/// An entry that was put into words and is not signed yet.
pub struct Pending {
    case: Reference,
    session: Digest,
    deed: Deed,
    body: Body,
    /// The page that asked, and what was typed there.
    form: String,
    fields: Fields,
    passphrases: Passphrases,
    stage: Stage,
}

/// When both passphrases are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Passphrases {
    /// Where the case is locked.
    WhenLocked,
    /// In any case: it is a decision.
    Always,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    BeingSigned,
    Signed(u64),
}

/// Leads on from a page's form to the check, once its words are typed. The
/// procedure is asked first, so that nobody types a passphrase in vain.
pub fn before_signing(
    guide: &Guide,
    visit: &Visit,
    reading: &Reading,
    (deed, body): (Deed, Body),
    passphrases: Passphrases,
) -> Answer {
    allowed(reading, &deed)?;
    let case = reading.folder().reference();
    let draft = guide.pending.begin(Pending {
        case,
        session: visit.session().id(),
        deed,
        body,
        form: visit.path().to_owned(),
        fields: visit.fields().clone().without(&[]),
        passphrases,
        stage: Stage::Waiting,
    })?;
    Reply::see(format!("/case/{case}/check/{draft}"))
}

/// Whether the procedure allows it now: a page asks before it shows its form.
///
/// A stop that is not on record yet is put there by the unlocking; the
/// procedure is asked again after that.
pub fn allowed(reading: &Reading, deed: &Deed) -> Result<(), Problem> {
    if reading.pending_halts().is_empty() {
        reading.state().permit(deed.clone()).map_err(CaseError::Refused)?;
    }
    Ok(())
}

/// The form of a page, filled with what was typed before where somebody came
/// back to change it.
pub fn form_again(guide: &Guide, visit: &Visit) -> Form {
    let draft = visit.query("draft");
    let typed = guide.pending.with(draft, |pending| {
        let ours = pending.session == visit.session().id() && pending.form == visit.path();
        ours.then(|| pending.fields.clone())
    });
    Form::of(typed.ok().flatten().unwrap_or_default())
}

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    page(guide, visit, &Form::empty())
}

pub fn sign(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let draft = visit.part("draft");
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let (passphrases, stage) = mine(guide, visit, |pending| (pending.passphrases, pending.stage))?;
    if let Stage::Signed(entry) = stage {
        return Err(signed_already(guide, case, entry));
    }
    if passphrases == Passphrases::Always || !guide.is_unlocked(case) {
        let mut form = visit.form();
        if !unlock::unlock(guide, &reading, &mut form)? {
            return page(guide, visit, &form);
        }
    }
    // Taken by one of two tabs.
    let taken = mine(guide, visit, |pending| match pending.stage {
        Stage::Waiting => {
            pending.stage = Stage::BeingSigned;
            Ok((pending.deed.clone(), pending.body.clone()))
        }
        Stage::BeingSigned => Err(Problem::no("This is being signed in another window.")),
        Stage::Signed(entry) => Err(signed_already(guide, case, entry)),
    })?;
    let (deed, body) = taken?;
    let entered = guide.enter(case, deed, body);
    let stage = entered.as_ref().map_or(Stage::Waiting, |entry| Stage::Signed(*entry));
    guide.pending.with(draft, |pending| pending.stage = stage)?;
    Reply::see(format!("/case/{case}?kept={}", entered?))
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let draft = visit.part("draft");
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let (words, origin, passphrases, stage) = mine(guide, visit, |pending| {
        let words = describe::body(&pending.body, reading.ledger().opened(), &reading.released());
        (words, pending.form.clone(), pending.passphrases, pending.stage)
    })?;
    if let Stage::Signed(entry) = stage {
        return Err(signed_already(guide, case, entry));
    }
    let asked = passphrases == Passphrases::Always || !guide.is_unlocked(case);
    let body = html! {
        p { "This becomes part of the record, signed by both of you. It cannot be changed afterwards; a mistake is put right by another entry." }
        div.inset { (words) }
        (visit.form_to(visit.path(), html! {
            @if asked { (unlock::fields(&reading, form)) }
            button { "Sign and keep it" }
            a.button.second href=(format!("{origin}?draft={draft}")) { "Change it" }
        }))
    };
    let page = Page::new("Check before you both sign", body)
        .of(&reading)
        .back(format!("{origin}?draft={draft}"), "Back to what you wrote");
    Ok(form.on(page).into())
}

/// The draft, where it is of this case and this browser.
fn mine<R>(guide: &Guide, visit: &Visit, work: impl FnOnce(&mut Pending) -> R) -> Result<R, Problem> {
    let (case, session) = (visit.case()?, visit.session().id());
    let worked = guide.pending.with(visit.part("draft"), |pending| {
        (pending.case == case && pending.session == session).then(|| work(pending))
    })?;
    worked.ok_or(Problem::NoDraft)
}

fn signed_already(guide: &Guide, case: Reference, entry: u64) -> Problem {
    let body = html! {
        p { "It is entry " (entry) " of the record. It was signed once and is kept; nothing was signed a second time." }
        p { a.button href=(format!("/case/{case}")) { "Go on" } }
    };
    Problem::from(Page::new("This is signed already", body).about(guide, case))
}
