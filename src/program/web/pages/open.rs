//! Opening a case, one question a page: the gate before anything else, then
//! why, about whom, who looks, where, what both confirm, the passphrases, and
//! the check before both sign.
//!
//! Answers wait in memory until they are signed.

mod opening;
mod passphrases;
mod questions;
mod sign;

use std::sync::Arc;

use countersign_record::journal::{Reference, Standing};
use maud::html;

use self::opening::{Opening, Stage, Step, mine};
use self::passphrases::Chosen;
use self::sign::{check, open as sign};
use crate::procedure_source::{Source, read};
use crate::web::cases::Guide;
use crate::web::html::form::Form;
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Reply, Visit};

/// The gate. Nothing is asked before it.
pub fn gate(_: &Arc<Guide>, visit: &Visit) -> Answer {
    let mut form = Form::empty();
    if visit.query("suspected") == "yes" {
        form.set("suspected", "yes");
    }
    for name in ["follows", "practise"] {
        form.set(name, visit.query(name));
    }
    Ok(gate_page(visit, &form).into())
}

fn gate_page(visit: &Visit, form: &Form) -> Page {
    let body = visit.form_to(
        "/open",
        html! {
            @for name in ["follows", "practise"] { input type="hidden" name=(name) value=(form.typed(name)); }
            (questions::gate(form))
            button { "Continue" }
        },
    );
    let standing = if form.typed("practise") == "yes" { Standing::Rehearsal } else { Standing::Case };
    form.on(Page::new(questions::GATE, body).practice(standing).back("/", "All cases"))
}

/// The gate's answer begins the draft.
pub fn begin(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let mut form = visit.form();
    if !questions::is_gate_answered(&mut form) {
        return Ok(gate_page(visit, &form).into());
    }
    let follows: Option<Reference> = form.typed("follows").parse().ok();
    if let Some(follows) = follows.filter(|follows| !guide.home().case(*follows).path().is_dir()) {
        return Err(Problem::no(format!("There is no case {follows} for this one to follow.")));
    }
    let Source { pack, .. } = read(guide.procedure(), Some(guide.home()))?;
    let standing = if form.typed("practise") == "yes" { Standing::Rehearsal } else { Standing::Case };
    let answers = form.into_fields().without(&["follows", "practise"]);
    let opening = Opening {
        session: visit.session().id(),
        pack,
        standing,
        follows,
        answers,
        answered: vec![Step::Gate.id()],
        passphrases: [Chosen::None, Chosen::None],
        stage: Stage::Answering,
    };
    let first = opening.next().id();
    let draft = guide.drafts::<Opening>().begin(opening)?;
    Reply::see(format!("/open/{draft}/{first}"))
}

/// One question.
pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let step = mine(guide, visit, |opening| opening.step(visit.part("step")))??;
    match step {
        Step::Check => check(guide, visit, &Form::empty()),
        Step::FirstPassphrase => passphrases::show(guide, visit, 0),
        Step::SecondPassphrase => passphrases::show(guide, visit, 1),
        step => {
            let mut form = mine(guide, visit, |opening| Form::of(opening.answers.clone()))?;
            if step == Step::Computer && !form.fields().has("computer") {
                form.set("computer", guide.ambient()?.surroundings().machine.name.as_str());
            }
            questions::page(guide, visit, step, &form)
        }
    }
}

/// Its answer.
pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let step = mine(guide, visit, |opening| opening.step(visit.part("step")))??;
    match step {
        Step::Check => sign(guide, visit),
        Step::FirstPassphrase => passphrases::send(guide, visit, 0),
        Step::SecondPassphrase => passphrases::send(guide, visit, 1),
        step => questions::send(guide, visit, step),
    }
}
