//! Opening a case, one question a page: the gate before anything else, then
//! why, about whom, who looks, where, what both confirm, the passphrases, and
//! the check before both sign.
//!
//! Answers wait in memory until they are signed.

mod passphrases;
mod questions;
mod sign;

use std::sync::Arc;

use countersign_case::procedure::Pack;
use countersign_record::digest::Digest;
use countersign_record::journal::names::is_one_name;
use countersign_record::journal::{Reference, Standing, called};
use maud::html;

use self::passphrases::Chosen;
pub use self::sign::{check, open as sign};
use crate::procedure_source::{Source, read};
use crate::web::Guide;
use crate::web::fields::Fields;
use crate::web::form::Form;
use crate::web::layout::Page;
use crate::web::problem::Problem;
use crate::web::visit::{Answer, Reply, Visit};

/// Answers of a case that is not open yet.
pub struct Opening {
    session: Digest,
    pack: Pack,
    standing: Standing,
    follows: Option<Reference>,
    answers: Fields,
    answered: Vec<String>,
    passphrases: [Chosen; 2],
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Answering,
    BeingOpened,
    Opened(Reference),
}

/// One page of the journey.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Answered when the draft began; it can be changed.
    Gate,
    DoNotLook,
    Kind,
    Reason,
    Reporter,
    Concerned,
    Subject,
    First,
    Second,
    Computer,
    Filter,
    Statement(usize),
    FirstPassphrase,
    SecondPassphrase,
    Check,
}

impl Step {
    /// The journey of these answers, in order.
    fn all(opening: &Opening) -> Vec<Step> {
        let gate: &[Step] = match opening.is_suspected() {
            true => &[Step::Gate, Step::DoNotLook, Step::Kind],
            false => &[Step::Gate],
        };
        let first = [Step::Reason, Step::Reporter, Step::Concerned, Step::Subject, Step::First, Step::Second];
        let statements = (0..opening.pack.confirmations().count()).map(Step::Statement);
        let mut steps = [gate, &first, &[Step::Computer, Step::Filter]].concat();
        steps.extend(statements);
        steps.extend([Step::FirstPassphrase, Step::SecondPassphrase, Step::Check]);
        steps
    }

    fn id(self) -> String {
        let id = match self {
            Step::Statement(number) => return format!("statement-{}", number + 1),
            Step::Gate => "gate",
            Step::DoNotLook => "do-not-look",
            Step::Kind => "kind",
            Step::Reason => "reason",
            Step::Reporter => "reporter",
            Step::Concerned => "concerned",
            Step::Subject => "subject",
            Step::First => "first",
            Step::Second => "second",
            Step::Computer => "computer",
            Step::Filter => "filter",
            Step::FirstPassphrase => "first-passphrase",
            Step::SecondPassphrase => "second-passphrase",
            Step::Check => "check",
        };
        id.to_owned()
    }
}

impl Opening {
    fn is_suspected(&self) -> bool {
        self.answers.of("suspected") == "yes"
    }

    fn step(&self, id: &str) -> Result<Step, Problem> {
        Step::all(self).into_iter().find(|step| step.id() == id).ok_or(Problem::NotFound)
    }

    /// The first page that is not answered yet.
    fn next(&self) -> Step {
        let is_left = |step: &Step| !self.answered.contains(&step.id());
        Step::all(self).into_iter().find(is_left).unwrap_or(Step::Check)
    }

    fn before(&self, step: Step) -> Option<Step> {
        let all = Step::all(self);
        let at = all.iter().position(|other| *other == step)?;
        all.get(at.checked_sub(1)?).copied()
    }

    /// Takes the answers of a page, and tells the next.
    fn answer(&mut self, step: Step, fields: &Fields) -> Step {
        self.answers.take_over(fields);
        if matches!(step, Step::First | Step::Second) && !fields.has("namesakes") {
            // It was said of other names.
            self.answers.set("namesakes", "");
        }
        self.answered.push(step.id());
        if matches!(step, Step::Concerned | Step::Subject | Step::First) && questions::people(self).is_err() {
            // Whoever they are now is asked about again where that is asked.
            self.answered.retain(|id| *id != Step::Second.id());
        }
        self.next()
    }

    fn name(&self, side: usize) -> &str {
        self.answers.of(["first-name", "second-name"][side]).trim()
    }

    /// Two of one name are told apart.
    fn called(&self, side: usize) -> String {
        let of = |name: &str| self.answers.of(name).trim();
        let person = |name, position| (of(name), of(position));
        let both = called(person("first-name", "first-position"), person("second-name", "second-position"));
        both[side].clone()
    }

    fn are_namesakes(&self) -> bool {
        self.answers.of("namesakes") == "yes" && is_one_name(self.name(0), self.name(1))
    }
}

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
    let draft = guide.openings.begin(opening)?;
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

/// The draft, where it is of this browser and not open yet.
fn mine<R>(guide: &Guide, visit: &Visit, work: impl FnOnce(&mut Opening) -> R) -> Result<R, Problem> {
    let session = visit.session().id();
    guide.openings.with(visit.part("draft"), |opening| {
        if opening.session != session {
            return Err(Problem::NoDraft);
        }
        match opening.stage {
            Stage::Opened(case) => Err(opened_already(guide, case)),
            Stage::BeingOpened => Err(Problem::no("This case is being opened in another window.")),
            Stage::Answering => Ok(work(opening)),
        }
    })?
}

fn opened_already(guide: &Guide, case: Reference) -> Problem {
    let body = html! {
        p { "These answers were signed once, and are the beginning of case " (case) ". Nothing was signed a second time." }
        p { a.button href=(format!("/case/{case}")) { "Go on with case " (case) } }
    };
    Problem::from(Page::new(format!("Case {case} is open already"), body).about(guide, case))
}

/// The page of a step: its link back, its banner.
fn page(opening: &Opening, visit: &Visit, step: Step, page: Page) -> Page {
    let draft = visit.part("draft");
    let back = match opening.before(step) {
        Some(before) => format!("/open/{draft}/{}", before.id()),
        None => "/".to_owned(),
    };
    page.practice(opening.standing).back(back, "Back")
}
