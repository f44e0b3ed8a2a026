//! The answers of a case that is not open yet, and the order of the questions.

use countersign_case::procedure::Pack;
use countersign_record::digest::Digest;
use countersign_record::journal::names::is_one_name;
use countersign_record::journal::{Reference, Standing, called};
use maud::html;

use super::passphrases::Chosen;
use super::questions;
use crate::web::cases::Guide;
use crate::web::html::fields::Fields;
use crate::web::html::{Page, Problem};
use crate::web::server::visit::Visit;

/// Answers of a case that is not open yet.
pub struct Opening {
    pub session: Digest,
    pub pack: Pack,
    pub standing: Standing,
    pub follows: Option<Reference>,
    pub answers: Fields,
    pub answered: Vec<String>,
    pub passphrases: [Chosen; 2],
    pub stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Answering,
    BeingOpened,
    Opened(Reference),
}

/// One page of the journey.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
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
    pub fn all(opening: &Opening) -> Vec<Step> {
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

    pub fn id(self) -> String {
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
    pub fn is_suspected(&self) -> bool {
        self.answers.of("suspected") == "yes"
    }

    pub fn step(&self, id: &str) -> Result<Step, Problem> {
        Step::all(self).into_iter().find(|step| step.id() == id).ok_or(Problem::NotFound)
    }

    /// The first page that is not answered yet.
    pub fn next(&self) -> Step {
        let is_left = |step: &Step| !self.answered.contains(&step.id());
        Step::all(self).into_iter().find(is_left).unwrap_or(Step::Check)
    }

    pub fn before(&self, step: Step) -> Option<Step> {
        let all = Step::all(self);
        let at = all.iter().position(|other| *other == step)?;
        all.get(at.checked_sub(1)?).copied()
    }

    /// Takes the answers of a page, and tells the next.
    pub fn answer(&mut self, step: Step, fields: &Fields) -> Step {
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

    pub fn name(&self, side: usize) -> &str {
        self.answers.of(["first-name", "second-name"][side]).trim()
    }

    /// Two of one name are told apart.
    pub fn called(&self, side: usize) -> String {
        let of = |name: &str| self.answers.of(name).trim();
        let person = |name, position| (of(name), of(position));
        let both = called(person("first-name", "first-position"), person("second-name", "second-position"));
        both[side].clone()
    }

    pub fn are_namesakes(&self) -> bool {
        self.answers.of("namesakes") == "yes" && is_one_name(self.name(0), self.name(1))
    }
}

/// The draft, where it is of this browser and not open yet.
pub fn mine<R>(guide: &Guide, visit: &Visit, work: impl FnOnce(&mut Opening) -> R) -> Result<R, Problem> {
    let session = visit.session().id();
    guide.drafts::<Opening>().with(visit.part("draft"), |opening| {
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
    Problem::from(Page::new(format!("Case {case} is open already"), body).about(case, guide.reading(case)))
}

/// The page of a step: its link back, its banner.
pub fn page(opening: &Opening, visit: &Visit, step: Step, page: Page) -> Page {
    let draft = visit.part("draft");
    let back = match opening.before(step) {
        Some(before) => format!("/open/{draft}/{}", before.id()),
        None => "/".to_owned(),
    };
    page.practice(opening.standing).back(back, "Back")
}
