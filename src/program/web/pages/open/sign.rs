//! The check before both sign, and the opening itself.

use std::sync::Arc;

use countersign_case::case::{self, CaseError, NewCase, NewReviewer};
use countersign_case::secret::Passphrase;
use countersign_record::journal::{Id, Text};
use maud::html;

use super::opening::{Opening, Stage, Step, mine, page as opening_page};
use super::passphrases::Chosen;
use super::questions::{CONCERNS, computer, suspected};
use crate::passphrase;
use crate::web::cases::Guide;
use crate::web::html::form::{Ask, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::instead::told;
use crate::web::server::visit::{Answer, Reply, Visit};

/// Everything that was answered, and both passphrases once more.
pub fn check(guide: &Arc<Guide>, visit: &Visit, form: &Form) -> Answer {
    let page = mine(guide, visit, |opening| {
        let left = opening.next();
        if left != Step::Check {
            return Err(left);
        }
        let labels = [0, 1].map(|side| format!("{}, type your passphrase", opening.called(side)));
        let body = html! {
            p { "This is the beginning of the record. It cannot be changed once you have signed it." }
            dl.answers {
                @for (words, answer, step) in answers(opening) {
                    div {
                        dt { (words) }
                        dd { (answer) }
                        dd.change {
                            @if let Some(step) = step {
                                @let to = format!("/open/{}/{}", visit.part("draft"), step.id());
                                a href=(to) { "Change" span.visually-hidden { ": " (words) } }
                            }
                        }
                    }
                }
            }
            h2 { "You both confirm" }
            ul { @for asked in opening.pack.confirmations() { li { (asked.statement) } } }
            (visit.form_to(visit.path(), html! {
                (form.secret(Ask::new("first-passphrase", &labels[0])))
                (form.secret(Ask::new("second-passphrase", &labels[1])))
                button { "Sign and open the case" }
            }))
        };
        let page = Page::new("Check before you both sign", body);
        Ok(form.on(opening_page(opening, visit, Step::Check, page)))
    })?;
    match page {
        Ok(page) => Ok(page.into()),
        Err(left) => Reply::see(format!("/open/{}/{}", visit.part("draft"), left.id())),
    }
}

/// Both have typed their passphrases: the case is opened.
pub fn open(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let mut form = visit.form();
    let taken = mine(guide, visit, |opening| {
        if opening.next() != Step::Check || !are_right(opening, &mut form) {
            return None;
        }
        let new = new_case(opening, guide.now())?;
        let both = opening.passphrases.each_ref().map(|chosen| chosen.set().and_then(copy));
        let [Some(first), Some(second)] = both else { return None };
        opening.stage = Stage::BeingOpened;
        Some((new, opening.pack.clone(), [first, second]))
    })?;
    let Some((new, pack, both)) = taken else { return check(guide, visit, &form) };
    let stopped = new.suspected_illegal.is_some();
    let opened = guide.open(move |home, ambient| {
        case::open(home, new, &pack, [&both[0], &both[1]], ambient.surroundings())
    });
    let stage = match &opened {
        Ok(case) => Stage::Opened(*case),
        // There is a case, or there may be: another would be a second one.
        Err(Problem::Case(
            CaseError::OpenedOnly { reference, .. } | CaseError::MayBeOpen { reference, .. },
        )) => Stage::Opened(*reference),
        Err(_) => Stage::Answering,
    };
    guide.drafts::<Opening>().with(visit.part("draft"), |opening| {
        opening.stage = stage;
        if stage != Stage::Answering {
            // The keys are locked with them now; nobody needs them here.
            opening.passphrases = [Chosen::None, Chosen::None];
        }
    })?;
    let case = match (opened, stage) {
        // What to do comes first; the unlocking says the rest.
        (Err(Problem::Case(CaseError::OpenedOnly { reference, .. })), _) if stopped => reference,
        (Err(problem), Stage::Opened(case)) => return Ok(told(guide, &problem.message(), Some(case))),
        (opened, _) => opened?,
    };
    let page = if stopped { "/stopped" } else { "?kept=1" };
    Reply::see(format!("/case/{case}{page}"))
}

fn are_right(opening: &Opening, form: &mut Form) -> bool {
    let typed = ["first-passphrase", "second-passphrase"]
        .map(|field| passphrase::typed(form.fields().of(field)).ok());
    let right = typed
        .iter()
        .zip(&opening.passphrases)
        .all(|(typed, chosen)| typed.is_some() && typed.as_ref() == chosen.set());
    if !right {
        form.mistake("first-passphrase", "One of the passphrases is not right. Try again.");
    }
    right
}

fn copy(passphrase: &Passphrase) -> Option<Passphrase> {
    Passphrase::typed(passphrase.reveal()).ok()
}

/// The answers as the case's first entry says them. All were judged when they
/// were given.
fn new_case(opening: &Opening, now: countersign_record::clock::Time) -> Option<NewCase> {
    let mut form = Form::of(opening.answers.clone());
    let confirmed: Vec<Id> = opening.pack.confirmations().map(|asked| asked.id.clone()).collect();
    let suspected_illegal = match opening.is_suspected() {
        true => suspected(&opening.pack, &mut form)
            .map(|halted| countersign_record::journal::Halted { raised_at: Some(now), ..halted }),
        false => None,
    };
    if opening.is_suspected() && suspected_illegal.is_none() {
        return None;
    }
    let first =
        NewReviewer { name: form.name("first-name", "")?, position: form.name("first-position", "")? };
    let second =
        NewReviewer { name: form.name("second-name", "")?, position: form.name("second-position", "")? };
    Some(NewCase {
        standing: opening.standing,
        follows: opening.follows,
        suspected_illegal,
        group: form.optional_line("group", ""),
        reason: form.shared("reason", "")?,
        reported_by: form.shared("reporter", "")?,
        concerns: form.one_of("concerns", "", &CONCERNS)?,
        subject: form.name("subject", "")?,
        subject_key: form.optional_line("subject-key", ""),
        reviewers: [first, second],
        namesakes: opening.are_namesakes(),
        computer: computer(&mut form)?,
        confirmed,
        filter_exemptions: form.optional_shared("filter", ""),
    })
}

/// Question, answer, and the page on which it can be changed; the gate's is
/// where it began.
fn answers(opening: &Opening) -> Vec<(&'static str, String, Option<Step>)> {
    // As it will stand in the record: what was hidden in it can be seen here.
    let of =
        |name: &str| Text::typed(opening.answers.of(name)).map(|text| text.to_string()).unwrap_or_default();
    let person = |name: &str, position: &str| format!("{}, {}", of(name), of(position));
    let or_none = |words: String| if words.is_empty() { "Nothing".to_owned() } else { words };
    let mut answers = vec![(
        "Could it be illegal?",
        if opening.is_suspected() { "Yes, or not sure: the case opens stopped" } else { "No" }.to_owned(),
        Some(Step::Gate),
    )];
    answers.push(("Procedure", opening.pack.title().to_string(), None));
    if let Some(follows) = opening.follows {
        answers.push(("It follows case", follows.to_string(), None));
    }
    if opening.is_suspected() {
        let category = opening.pack.category(&of("category"));
        let label = category
            .map_or("Not sure: the strictest rule holds".to_owned(), |category| category.label.to_string());
        answers.push(("What is suspected", label, Some(Step::Kind)));
        answers.push(("What was reported", or_none(of("description")), Some(Step::Kind)));
    }
    let concerned = match of("concerns").as_str() {
        "pupil" => "A pupil",
        "staff" => "A member of staff",
        _ => "Somebody else",
    };
    answers.extend([
        ("Why you are looking", of("reason"), Some(Step::Reason)),
        ("Who reported it", of("reporter"), Some(Step::Reporter)),
        ("Who is concerned", concerned.to_owned(), Some(Step::Concerned)),
        ("Reference of that person", of("subject"), Some(Step::Subject)),
        ("First reviewing person", person("first-name", "first-position"), Some(Step::First)),
        ("Second reviewing person", person("second-name", "second-position"), Some(Step::Second)),
    ]);
    if opening.are_namesakes() {
        answers.push((
            "One name, two people",
            "Yes: you are two different people".to_owned(),
            Some(Step::Second),
        ));
    }
    answers.extend([
        ("Computer", format!("{}, {}", of("computer"), of("location")), Some(Step::Computer)),
        ("Filtering lifted", or_none(of("filter")), Some(Step::Filter)),
    ]);
    answers
}
