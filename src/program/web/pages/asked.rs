//! Several questions, one a page, that lead to one check.
//!
//! Answers wait in memory. From the check each can be changed, and leads back
//! to it. What is asked, and what is done with the answers, is the page's.

use std::sync::Arc;

use countersign_case::case::Reading;
use countersign_record::digest::Digest;
use countersign_record::journal::Reference;
use maud::{Markup, html};

use crate::web::cases::Guide;
use crate::web::html::fields::Fields;
use crate::web::html::form::Form;
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Reply, Visit};

/// Answers to questions of a case that were not checked yet.
pub struct Asked {
    case: Reference,
    session: Digest,
    verb: &'static str,
    answers: Fields,
    answered: Vec<&'static str>,
}

/// The questions of one verb.
pub trait Questions {
    /// One of them.
    type Step: Copy + 'static;

    /// The verb, as the address of its first page ends.
    const VERB: &'static str;

    /// The questions that these answers lead to, in order.
    fn steps(reading: &Reading, answers: &Fields) -> Vec<Self::Step>;

    /// How the address of a question's page ends.
    fn id(step: Self::Step) -> &'static str;

    /// The question, as the page's title, and its fields.
    fn ask(guide: &Guide, reading: &Reading, step: Self::Step, form: &Form) -> (&'static str, Markup);

    /// Takes the answer: the form has those to the other questions, too, and
    /// is told of mistakes.
    fn take(guide: &Guide, reading: &Reading, step: Self::Step, form: &mut Form);

    /// Leads to the check, once every answer is right.
    fn check(guide: &Guide, visit: &Visit, reading: &Reading, form: Form, at: &At) -> Answer;
}

/// Where the questions of one draft stand.
pub struct At(String);

impl At {
    /// The page of that question.
    pub fn page<Q: Questions>(&self, step: Q::Step) -> String {
        format!("{}/{}", self.0, Q::id(step))
    }
}

/// Begins to ask, with what is known already.
pub fn begin<Q: Questions>(guide: &Guide, visit: &Visit, reading: &Reading, known: Fields) -> Answer {
    let case = reading.folder().reference();
    let first = Q::steps(reading, &known).into_iter().next().ok_or(Problem::NotFound)?;
    let (session, answered) = (visit.session().id(), Vec::new());
    let draft =
        guide.drafts::<Asked>().begin(Asked { case, session, verb: Q::VERB, answers: known, answered })?;
    Reply::see(At(format!("/case/{case}/{}/{draft}", Q::VERB)).page::<Q>(first))
}

/// One question.
pub fn show<Q: Questions>(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let answers = mine::<Q, _>(guide, visit, |asked| asked.answers.clone())?;
    let step = step::<Q>(&reading, &answers, visit)?;
    page::<Q>(guide, visit, &reading, step, &Form::of(answers))
}

/// Its answer.
pub fn send<Q: Questions>(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let mut answers = mine::<Q, _>(guide, visit, |asked| asked.answers.clone())?;
    let step = step::<Q>(&reading, &answers, visit)?;
    answers.take_over(visit.fields());
    let mut form = Form::of(answers.clone());
    Q::take(guide, &reading, step, &mut form);
    if !form.is_right() {
        return page::<Q>(guide, visit, &reading, step, &form);
    }
    let steps = Q::steps(&reading, &answers);
    let next = mine::<Q, _>(guide, visit, |asked| {
        asked.answers = answers.clone();
        asked.answered.push(Q::id(step));
        steps.iter().copied().find(|step| !asked.answered.contains(&Q::id(*step)))
    })?;
    let at = at::<Q>(visit)?;
    if let Some(next) = next {
        return Reply::see(at.page::<Q>(next));
    }
    // What was right when it was answered may not be beside a later answer, or
    // any more.
    for step in steps {
        let mut form = Form::of(answers.clone());
        Q::take(guide, &reading, step, &mut form);
        if !form.is_right() {
            return page::<Q>(guide, visit, &reading, step, &form);
        }
    }
    Q::check(guide, visit, &reading, Form::of(answers), &at)
}

/// What was answered so far.
pub fn answers<Q: Questions>(guide: &Guide, visit: &Visit) -> Result<Fields, Problem> {
    mine::<Q, _>(guide, visit, |asked| asked.answers.clone())
}

fn page<Q: Questions>(guide: &Guide, visit: &Visit, reading: &Reading, step: Q::Step, form: &Form) -> Answer {
    let at = at::<Q>(visit)?;
    let (title, fields) = Q::ask(guide, reading, step, form);
    let steps = Q::steps(reading, form.fields());
    let place = steps.iter().position(|other| Q::id(*other) == Q::id(step)).unwrap_or_default();
    let back = match place.checked_sub(1) {
        Some(before) => at.page::<Q>(steps[before]),
        None => format!("/case/{}/{}", visit.case()?, Q::VERB),
    };
    let body = visit.form_to(&at.page::<Q>(step), html! { (fields) button { "Continue" } });
    Ok(form.on(Page::new(title, body).of(reading).back(back, "Back")).into())
}

fn at<Q: Questions>(visit: &Visit) -> Result<At, Problem> {
    Ok(At(format!("/case/{}/{}/{}", visit.case()?, Q::VERB, visit.part("draft"))))
}

fn step<Q: Questions>(reading: &Reading, answers: &Fields, visit: &Visit) -> Result<Q::Step, Problem> {
    let steps = Q::steps(reading, answers).into_iter();
    steps.into_iter().find(|step| Q::id(*step) == visit.part("step")).ok_or(Problem::NotFound)
}

/// The draft, where it is of this case, this verb and this browser.
fn mine<Q: Questions, R>(
    guide: &Guide,
    visit: &Visit,
    work: impl FnOnce(&mut Asked) -> R,
) -> Result<R, Problem> {
    let (case, session) = (visit.case()?, visit.session().id());
    let worked = guide.drafts::<Asked>().with(visit.part("draft"), |asked| {
        let ours = asked.case == case && asked.session == session && asked.verb == Q::VERB;
        ours.then(|| work(asked))
    })?;
    worked.ok_or(Problem::NoDraft)
}
