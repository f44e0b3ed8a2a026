//! Check before you both sign: the entry in plain words, and the passphrases
//! where they are needed.
//!
//! Every page that adds an entry leads here, and so does every page that has
//! more done than one entry. What it is about to do waits as a draft; signed
//! once, it cannot be signed again.

use std::sync::Arc;

use countersign_case::case::{self, Reading, Report};
use countersign_case::procedure::Deed;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Reference, Restraint, Side};
use maud::{Markup, html};

use super::unlock;
use crate::ambient::SystemClock;
use crate::describe;
use crate::message::Message;
use crate::web::cases::Guide;
use crate::web::cases::jobs::Job;
use crate::web::html::fields::Fields;
use crate::web::html::form::{Ask, Choice, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::jobs;
use crate::web::server::visit::{Answer, Reply, Visit};

/// An entry that was put into words and is not signed yet.
pub struct Pending {
    case: Reference,
    session: Digest,
    task: Task,
    /// The page that asked, and what was typed there.
    form: String,
    fields: Fields,
    passphrases: Passphrases,
    stage: Stage,
}

/// What is done once both have typed their passphrases.
#[derive(Clone)]
enum Task {
    Entry(Deed, Box<Body>),
    Work(Arc<Work>),
}

/// What is more than one entry: a seal, a copy, a form.
pub struct Work {
    /// What the procedure is asked before anybody types a passphrase.
    pub deed: Deed,
    /// What it is called while it goes on.
    pub title: &'static str,
    /// What is checked by both.
    pub answers: Vec<Answered>,
    /// What the button says.
    pub button: &'static str,
    /// Does it, and gives the page that tells of it.
    pub run: Run,
}

/// A question with its answer, and the page on which that can be changed.
pub struct Answered {
    question: &'static str,
    answer: String,
    change: Option<String>,
}

impl Answered {
    pub fn new(question: &'static str, answer: impl Into<String>) -> Answered {
        Answered { question, answer: answer.into(), change: None }
    }

    pub fn changed_on(mut self, page: String) -> Answered {
        self.change = Some(page);
        self
    }
}

/// The work itself: a function, so that it can be tried again.
pub type Run = Box<dyn Fn(&Arc<Guide>, &Arc<Job>) -> Result<String, Problem> + Send + Sync>;

/// When both passphrases are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Passphrases {
    /// Where the case is locked.
    WhenLocked,
    /// In any case: it is a decision.
    Always,
}

#[derive(Clone, PartialEq, Eq)]
enum Stage {
    Waiting,
    BeingSigned,
    Signed(u64),
    /// It is done, and told of on this page.
    Done(String),
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
    begin(guide, visit, reading, &deed.clone(), Task::Entry(deed, Box::new(body)), passphrases)
}

/// The same for what is more than one entry.
pub fn before_work(
    guide: &Guide,
    visit: &Visit,
    reading: &Reading,
    work: Work,
    passphrases: Passphrases,
) -> Answer {
    begin(guide, visit, reading, &work.deed.clone(), Task::Work(Arc::new(work)), passphrases)
}

fn begin(
    guide: &Guide,
    visit: &Visit,
    reading: &Reading,
    deed: &Deed,
    task: Task,
    passphrases: Passphrases,
) -> Answer {
    reading.may(deed)?;
    let case = reading.folder().reference();
    let draft = guide.drafts::<Pending>().begin(Pending {
        case,
        session: visit.session().id(),
        task,
        form: visit.path().to_owned(),
        fields: visit.fields().clone().without(&[]),
        passphrases,
        stage: Stage::Waiting,
    })?;
    Reply::see(format!("/case/{case}/check/{draft}"))
}

/// The form of a page, filled with what was typed before where somebody came
/// back to change it.
pub fn form_again(guide: &Guide, visit: &Visit) -> Form {
    let draft = visit.query("draft");
    let typed = guide.drafts::<Pending>().with(draft, |pending| {
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
    let (passphrases, stage) = mine(guide, visit, |pending| (pending.passphrases, pending.stage.clone()))?;
    if let Some(ended) = ended(guide, case, &stage) {
        return ended;
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
            Ok(pending.task.clone())
        }
        _ => Err(pending.stage.clone()),
    })?;
    match taken {
        Ok(Task::Entry(deed, body)) => {
            let entered = guide.enter(case, deed, *body);
            let stage = entered.as_ref().map_or(Stage::Waiting, |entry| Stage::Signed(*entry));
            guide.drafts::<Pending>().with(draft, |pending| pending.stage = stage)?;
            Reply::see(format!("/case/{case}?kept={}", entered?))
        }
        Ok(Task::Work(work)) => {
            let (draft, title) = (draft.to_owned(), work.title);
            jobs::begin(guide, visit, title, move |guide, job| {
                // Where it breaks off, it can be tried again.
                let waits = Waits { guide, draft: &draft };
                let done = (work.run)(guide, job);
                if let Ok(told) = &done {
                    let stage = Stage::Done(told.clone());
                    guide.drafts::<Pending>().with(&draft, |pending| pending.stage = stage)?;
                }
                drop(waits);
                done
            })
        }
        Err(stage) => ended(guide, case, &stage)
            .unwrap_or_else(|| Err(Problem::no("This is being signed in another window."))),
    }
}

/// Puts the draft back where its work did not come to its end.
struct Waits<'w> {
    guide: &'w Guide,
    draft: &'w str,
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let _ = self.guide.drafts::<Pending>().with(self.draft, |pending| {
            if pending.stage == Stage::BeingSigned {
                pending.stage = Stage::Waiting;
            }
        });
    }
}

/// What is answered where it was done before.
fn ended(guide: &Guide, case: Reference, stage: &Stage) -> Option<Answer> {
    match stage {
        Stage::Waiting | Stage::BeingSigned => None,
        Stage::Signed(entry) => Some(Err(signed_already(guide, case, *entry))),
        Stage::Done(told) => Some(Reply::see(told.clone())),
    }
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let draft = visit.part("draft");
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let (task, origin, passphrases, stage) = mine(guide, visit, |pending| {
        (pending.task.clone(), pending.form.clone(), pending.passphrases, pending.stage.clone())
    })?;
    if let Some(ended) = ended(guide, case, &stage) {
        return ended;
    }
    let asked = passphrases == Passphrases::Always || !guide.is_unlocked(case);
    let again = format!("{origin}?draft={draft}");
    let each_changes =
        matches!(&task, Task::Work(work) if work.answers.iter().any(|answered| answered.change.is_some()));
    let button = match &task {
        Task::Entry(..) => "Sign and keep it",
        Task::Work(work) => work.button,
    };
    let body = html! {
        p { "This becomes part of the record, signed by both of you. It cannot be changed afterwards; a mistake is put right by another entry." }
        @match &task {
            Task::Entry(_, body) => div.inset { (describe::body(body, reading.ledger(), &reading.released())) },
            Task::Work(work) => dl.answers {
                @for Answered { question, answer, change } in &work.answers {
                    div {
                        dt { (question) }
                        dd { (answer) }
                        @if let Some(page) = change {
                            dd.change { a href=(page) { "Change" span.visually-hidden { ": " (question) } } }
                        }
                    }
                }
            },
        }
        @if let Task::Work(_) = &task {
            p { "It is made of the record as it stands. If something in that is wrong, " a href=(format!("/case/{case}/record")) { "put it right first" } "." }
        }
        (visit.form_to(visit.path(), html! {
            @if asked { (unlock::fields(&reading, form)) }
            button { (button) }
            @if !each_changes { a.button.second href=(&again) { "Change it" } }
        }))
    };
    let body = html! { (body) @if asked { (one_alone(&reading, visit, &task, form)) } };
    let page =
        Page::new("Check before you both sign", body).of(&reading).back(again, "Back to what you wrote");
    Ok(form.on(page).into())
}

/// After a stop, what one person can keep alone.
fn one_alone(reading: &Reading, visit: &Visit, task: &Task, form: &Form) -> Markup {
    let stopped = reading.state().restraint() != Restraint::None;
    let report = match task {
        Task::Entry(_, body) if stopped => Report::of(body),
        _ => None,
    };
    let opened = reading.ledger().opened();
    let people = Side::BOTH.map(|side| Choice::new(side.letter(), opened.called(side)));
    html! {
        @if report.is_some() {
            h2 { "Is only one of you here?" }
            p { "Keep it now, without a passphrase. Nobody has signed it then: the next time that you unlock the case together, it is shown to both of you first." }
            (visit.form_to(&format!("{}/alone", visit.path().trim_end_matches("/alone")), html! {
                (form.radios(Ask::new("written-by", "Who writes this?"), &people))
                button.second { "Keep it now, unsigned" }
            }))
        }
    }
}

/// Keeps it for one person, unsigned.
pub fn alone(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let (draft, case) = (visit.part("draft"), visit.case()?);
    let reading = guide.reading(case)?;
    let mut form = visit.form();
    let people = Side::BOTH.map(|side| (side.letter(), side));
    let Some(by) = form.one_of("written-by", "Say which of you writes this.", &people) else {
        return page(guide, visit, &form);
    };
    let taken = mine(guide, visit, |pending| match (&pending.stage, &pending.task) {
        (Stage::Waiting, Task::Entry(_, body)) => {
            let report = Report::of(body);
            pending.stage = Stage::BeingSigned;
            Ok(report)
        }
        (stage, _) => Err(stage.clone()),
    })?;
    let report = match taken {
        Ok(Some(report)) => report,
        Ok(None) => return Err(Problem::NoDraft),
        Err(stage) => {
            return ended(guide, case, &stage)
                .unwrap_or_else(|| Err(Problem::no("This is being kept in another window.")));
        }
    };
    let waits = Waits { guide, draft };
    let kept = case::write_alone(&reading, by, report, &SystemClock::start());
    kept.map_err(|error| Problem::from(Message::from(error)))?;
    let told = format!("/case/{case}");
    guide.drafts::<Pending>().with(draft, |pending| pending.stage = Stage::Done(told.clone()))?;
    drop(waits);
    Reply::see(told)
}

/// The draft, where it is of this case and this browser.
fn mine<R>(guide: &Guide, visit: &Visit, work: impl FnOnce(&mut Pending) -> R) -> Result<R, Problem> {
    let (case, session) = (visit.case()?, visit.session().id());
    let worked = guide.drafts::<Pending>().with(visit.part("draft"), |pending| {
        (pending.case == case && pending.session == session).then(|| work(pending))
    })?;
    worked.ok_or(Problem::NoDraft)
}

fn signed_already(guide: &Guide, case: Reference, entry: u64) -> Problem {
    let body = html! {
        p { "It is entry " (entry) " of the record. It was signed once and is kept; nothing was signed a second time." }
        p { a.button href=(format!("/case/{case}")) { "Go on" } }
    };
    Problem::from(Page::new("This is signed already", body).about(case, guide.reading(case)))
}
