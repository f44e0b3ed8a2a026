//! What the procedure does not allow, and what is right to do instead.

use countersign_case::procedure::{NextStep, OpeningRefusal, PackError, Refusal, Unknown, Verb, Why};

use super::correction;
use crate::message::{Exit, Message, shown};

/// A deed that is not allowed now.
pub(super) fn refusal(refusal: &Refusal) -> Message {
    match &refusal.why {
        Why::Opening(why) if refusal.verb == Verb::Correct => {
            return correction::people(why).unwrap_or_else(|| opening(why));
        }
        Why::Opening(why) => return opening(why),
        Why::Correction(why) => return correction::refused(why),
        _ => {}
    }
    let exit = match refusal.why {
        Why::Unknown { .. } => Exit::Wrong,
        _ => Exit::No,
    };
    let mut message = Message::new(exit, why(refusal.verb, &refusal.why));
    if let Why::Unknown { .. } = refusal.why {
        return message.hint("To see what there is to choose from: countersign procedure show");
    }
    if let Some(instead) = instead(&refusal.why) {
        message = message.hint(instead);
    }
    let next = match refusal.why {
        Why::HaltRaised => put_on_record(),
        _ => next_steps(&refusal.next),
    };
    match next {
        next if next.is_empty() => message,
        next => message.hint(next),
    }
}

fn why(verb: Verb, why: &Why) -> String {
    let not = match verb {
        Verb::Open => "The case was not opened",
        Verb::Record => "Nothing was recorded",
        Verb::Keep => "The page was not kept",
        Verb::Attach => "The files were not brought in",
        Verb::Concern => "The concern was not recorded",
        Verb::Note => "The note was not recorded",
        Verb::Correct => "The correction was not recorded",
        Verb::Halt | Verb::SayOfStop => "The stop was not recorded",
        Verb::Isolate => "The isolation was not recorded",
        Verb::Refer => "The referral was not recorded",
        Verb::Judge => "The decision was not recorded",
        Verb::Act => "The action was not recorded",
        Verb::Form => "The form was not made",
        Verb::Seal => "The case was not sealed",
        Verb::HandOver => "The hand-over was not recorded",
        Verb::Archive => "The case was not filed",
        Verb::Tell => "Nothing was recorded",
    };
    let because = match why {
        Why::HaltRaised => "one of you has stopped the case, and the stop is not on record yet".to_owned(),
        Why::MilderThanRaised => "the stop that was made is stricter than this category".to_owned(),
        Why::Halted { entry } => {
            format!(
                "the case was stopped in entry {entry}, and nothing more is looked at, kept or brought in"
            )
        }
        Why::HaltedSince { entry } => {
            format!("the case was stopped meanwhile, in entry {entry}, and what was being made is dropped")
        }
        Why::ReviewClosed { entry } => format!("the review ended with your decision in entry {entry}"),
        Why::Full { members } => {
            format!("it has {members} files with their entries, and a bundle has no room for more")
        }
        Why::NothingReviewed => {
            "nothing has been recorded yet, so there is nothing to decide about".to_owned()
        }
        Why::NotJudged => "you have not decided yet whether the concern has substance".to_owned(),
        Why::NoSubstance { entry } => {
            format!("in entry {entry} you decided that the concern has no substance")
        }
        Why::NotHalted => {
            "the case was not stopped, and you have not decided that the concern has substance".to_owned()
        }
        Why::NotSealed { seal: 1 } => "the case is not sealed yet".to_owned(),
        Why::NotSealed { seal } => format!("the case has no seal {seal}"),
        Why::SealBeforeHalt { seal, halt } => {
            format!(
                "seal {seal} is older than the stop in entry {halt} and holds what must not leave any more"
            )
        }
        Why::NoBundle { seal } => format!("seal {seal} has no bundle"),
        Why::SealOutdated { entry } => {
            format!("the last seal is older than entry {entry}, which is not in it")
        }
        Why::Archived { entry } => format!("the case was filed in entry {entry}"),
        Why::DoesNotHalt { category } => format!("the category {category} does not stop a case"),
        Why::NotRecording => "this does not record anything".to_owned(),
        Why::Opening(refusal) => refusal.to_string(),
        Why::Correction(refusal) => refusal.to_string(),
        Why::OtherPack => {
            "the procedure that lies with the case is not the one it was opened under".to_owned()
        }
        Why::OtherCase | Why::FromLater { .. } => "the case changed in the meantime".to_owned(),
        Why::OtherDeed { .. } => "it is not written as the procedure of this case has it".to_owned(),
        Why::Unknown { what, id } => format!("this procedure has no {} \"{id}\"", named(*what)),
    };
    format!("{not}: {because}.")
}

fn named(unknown: Unknown) -> &'static str {
    match unknown {
        Unknown::Category => "category",
        Unknown::Route => "route",
        Unknown::Outcome => "outcome",
        Unknown::Retention => "retention class",
        Unknown::Device => "kind of computer or device",
    }
}

/// What serves the purpose, beside the next step of the procedure.
fn instead(why: &Why) -> Option<&'static str> {
    Some(match why {
        Why::ReviewClosed { .. } => {
            "What else is to be said can go into a note. For a new review open a case that follows this one: countersign open --follows"
        }
        Why::NoSubstance { .. } => "If you have changed your minds, decide again first: countersign judge",
        Why::Full { .. } => {
            "Decide, and seal it. To go on looking, open a case that follows it: countersign open --follows"
        }
        Why::Archived { .. } => {
            "What follows can still be written down: a note, whom you told, a decision, what was done. To look at more, open a case that follows this one. (countersign open --follows)"
        }
        Why::DoesNotHalt { .. } => "To record it as a concern: countersign concern",
        Why::OtherCase | Why::FromLater { .. } => "Look at it (countersign show), then try again.",
        Why::OtherPack => "Leave the case's folder as it is and show this to your IT person.",
        Why::SealBeforeHalt { .. } | Why::SealOutdated { .. } | Why::NoBundle { .. } => {
            "Seal the case again: countersign seal"
        }
        _ => return None,
    })
}

/// What is next where one of the two has stopped the case.
pub fn put_on_record() -> String {
    "Next: Unlock the case together, so that the stop is put on record. (countersign halt --record)"
        .to_owned()
}

/// The next right steps as a list, the first three.
pub fn next_steps(next: &[NextStep]) -> String {
    let (first, rest) = next.split_at(next.len().min(3));
    match rest
        .iter()
        .any(|step| matches!(step.verb, Verb::Refer | Verb::Isolate | Verb::Halt | Verb::SayOfStop))
    {
        true => format!("{}\nMore of this is due. To see all of it: countersign show", steps(first)),
        false => steps(first),
    }
}

/// All of them.
pub fn every_next_step(next: &[NextStep]) -> String {
    steps(next)
}

fn steps(next: &[NextStep]) -> String {
    let line = |step: &NextStep| {
        let route = step.route.as_ref().map(|route| format!(" --route {route}"));
        let more = match step.verb {
            Verb::Open => " --follows".to_owned(),
            _ => route.unwrap_or_default(),
        };
        format!("- {} (countersign {}{more})", step.words, step.verb.id())
    };
    match next {
        [] => String::new(),
        [only] => format!("Next: {}", &line(only)[2..]),
        many => format!("Next:\n{}", many.iter().map(line).collect::<Vec<_>>().join("\n")),
    }
}

/// A case that may not be opened.
fn opening(refusal: &OpeningRefusal) -> Message {
    match refusal {
        OpeningRefusal::NoName { person } => {
            Message::wrong(format!("The {person} reviewing person has no name."))
                .hint(format!("Give name and position: --{person} \"NAME, POSITION\""))
        }
        OpeningRefusal::OneName => {
            Message::no("The case was not opened: both reviewing people have the same name.")
                .hint("Two different senior members of staff take part. Ask a second one to join you.")
                .hint("If you are two people of one name, say so, and it goes on record: --namesakes")
        }
        OpeningRefusal::NoNamesakes => {
            Message::wrong("The two reviewing people do not have the same name.").hint("Leave out --namesakes.")
        }
        OpeningRefusal::ReviewerConcerned { person } => Message::no(format!(
            "The case was not opened: the {person} reviewing person seems to be the person concerned."
        ))
        .hint("Nobody reviews a case about themselves. If the headteacher is concerned, the chair of governors decides who takes part.")
        .hint("If it is somebody else with the same name or initials, use another reference for the person concerned."),
        OpeningRefusal::OtherPack { id } => {
            Message::no(format!("The case was not opened: the procedure {id} changed while it was read."))
                .hint("Try again.")
        }
        OpeningRefusal::NotConfirmed { id, statement } => Message::no(format!(
            "The case was not opened: you have not confirmed \"{}\".",
            statement.as_str().trim_end_matches('.')
        ))
        .hint(format!("If it is true, confirm it: --confirm {id}. If everything is true: --confirm-all"))
        .hint("If it is not true, put that right first."),
        OpeningRefusal::OtherWords { id } => {
            Message::no(format!("The confirmation {id} is not in the procedure's words."))
        }
        OpeningRefusal::NotAsked { id } => {
            Message::wrong(format!("This procedure does not ask for the confirmation \"{id}\", or not twice."))
                .hint("To see what it asks for: countersign procedure show")
        }
    }
}

/// A procedure that cannot be used, with the file where it came from one.
pub fn pack(file: Option<&std::path::Path>, error: &PackError) -> Message {
    let place = file.map(|file| format!("{}, ", shown(file))).unwrap_or_default();
    let line = error.line.map(|line| format!("line {line}, ")).unwrap_or_default();
    Message::no(format!("{place}{line}{}: {}.", error.field, error.problem))
        .hint("Mend that line, then check again: countersign procedure check FILE")
        .hint("A procedure to start from: countersign procedure show uk-schools --toml")
}
