//! Who may open a case: two people, neither of them the person concerned,
//! who confirmed all that the procedure asks.

use super::deed::Verb;
use super::next::step;
use super::pack::{Pack, Stage};
use super::refusal::Refusal;
use crate::journal::{Body, Concerns, Confirmation, Id, Line, Opened};

/// That a case may be opened with these words. Only [`OpeningPermit::ask`]
/// makes one, and it holds the words that it was asked about.
#[derive(Debug)]
pub struct OpeningPermit {
    opened: Opened,
}

impl OpeningPermit {
    /// Asks whether a case may be opened with `opened` under `pack`.
    pub fn ask(pack: &Pack, opened: Opened) -> Result<OpeningPermit, Refusal> {
        let names = [&opened.first.name, &opened.second.name];
        let confirmed: Vec<Id> = opened.confirmations.iter().map(|made| made.id.clone()).collect();
        let asked = may_open(pack, names, opened.concerns, &opened.subject, &confirmed)?;
        if opened.pack.id != *pack.id() || opened.pack.file.sha256 != pack.digest() {
            return Err(refused(OpeningRefusal::OtherPack { id: opened.pack.id.clone() }));
        }
        let other = opened.confirmations.iter().find(|made| !asked.contains(made));
        match other {
            Some(made) => Err(refused(OpeningRefusal::OtherWords { id: made.id.clone() })),
            None => Ok(OpeningPermit { opened }),
        }
    }

    /// The words that may become entry 1.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Entry 1's body.
    pub fn into_body(self) -> Body {
        Body::Opened(Box::new(self.opened))
    }
}

/// Whether these two people may open a case about `subject` with the
/// confirmations of these ids, and if so, the confirmations as entry 1 names
/// them, in the pack's order.
pub fn may_open(
    pack: &Pack,
    names: [&Line; 2],
    concerns: Concerns,
    subject: &Line,
    confirmed: &[Id],
) -> Result<Vec<Confirmation>, Refusal> {
    check_people(names.map(Line::as_str), concerns, subject.as_str()).map_err(refused)?;
    for (place, id) in confirmed.iter().enumerate() {
        let asked = pack.confirmations().any(|asked| asked.id == *id);
        if !asked || confirmed[..place].contains(id) {
            return Err(refused(OpeningRefusal::NotAsked { id: id.clone() }));
        }
    }
    if let Some(missing) = pack.confirmations().find(|asked| !confirmed.contains(&asked.id)) {
        let (id, statement) = (missing.id.clone(), missing.statement.clone());
        return Err(refused(OpeningRefusal::NotConfirmed { id, statement }));
    }
    Ok(pack.confirmations().map(|asked| asked.recorded()).collect())
}

fn refused(why: OpeningRefusal) -> Refusal {
    let words = match &why {
        OpeningRefusal::NoName { .. } => "Give the name and position of both reviewing people.",
        OpeningRefusal::SamePerson => "Ask a second senior member of staff to take part.",
        OpeningRefusal::ReviewerConcerned { .. } => {
            "Ask another senior member of staff. If it is somebody else with the same initials, use another reference for the person concerned."
        }
        OpeningRefusal::OtherPack { .. } => "Open the case with the procedure that was read.",
        OpeningRefusal::NotConfirmed { .. } => {
            "Make every confirmation, or change what is not so before you open the case."
        }
        OpeningRefusal::OtherWords { .. } | OpeningRefusal::NotAsked { .. } => {
            "Make the confirmations that the procedure asks for, each once and in its words."
        }
    };
    let next = vec![step(Verb::Open, Stage::Open, words)];
    Refusal { verb: Verb::Open, why: why.into(), next }
}

/// Whether `names` are two people, neither of them the person concerned.
///
/// Names are compared as people read them: without regard to case, white
/// space, punctuation, order or a title. Where a member of staff is
/// concerned, the school's reference may be their initials, so a reviewer
/// with the same initials is refused too.
fn check_people(names: [&str; 2], concerns: Concerns, subject: &str) -> Result<(), OpeningRefusal> {
    let [first, second] = names.map(words_of);
    for (person, words) in [(Person::First, &first), (Person::Second, &second)] {
        if words.is_empty() {
            return Err(OpeningRefusal::NoName { person });
        }
    }
    if first == second {
        return Err(OpeningRefusal::SamePerson);
    }
    let concerned = words_of(subject);
    for (person, words, name) in [(Person::First, &first, names[0]), (Person::Second, &second, names[1])] {
        let by_initials = concerns == Concerns::Staff && concerned.concat() == initials(name);
        if *words == concerned || by_initials {
            return Err(OpeningRefusal::ReviewerConcerned { person });
        }
    }
    Ok(())
}

/// One of the two reviewing people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// The first.
    First,
    /// The second.
    Second,
}

impl std::fmt::Display for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Person::First => "first",
            Person::Second => "second",
        })
    }
}

/// Why a case may not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpeningRefusal {
    /// A reviewer without a name.
    #[error("the {person} reviewing person has no name")]
    NoName {
        /// Which.
        person: Person,
    },
    /// One person twice.
    #[error("both reviewing people are the same person")]
    SamePerson,
    /// A reviewer who is the subject.
    #[error("the {person} reviewing person seems to be the person concerned")]
    ReviewerConcerned {
        /// Which.
        person: Person,
    },
    /// Entry 1 names another procedure.
    #[error("the case names the procedure {id}, which is not the one that was read")]
    OtherPack {
        /// The id that it names.
        id: Id,
    },
    /// A confirmation of the procedure was not made.
    #[error("not confirmed: {statement} ({id})")]
    NotConfirmed {
        /// Its id.
        id: Id,
        /// Its words.
        statement: Line,
    },
    /// A confirmation in other words than the procedure's.
    #[error("the confirmation {id} is not in the procedure's words")]
    OtherWords {
        /// Its id.
        id: Id,
    },
    /// A confirmation that the procedure does not ask for, or one made twice.
    #[error("the procedure does not ask for the confirmation {id}, or not twice")]
    NotAsked {
        /// Its id.
        id: Id,
    },
}

/// The words of a name in alphabetical order, as one compares people.
fn words_of(name: &str) -> Vec<String> {
    let mut words = spoken_words(name);
    words.sort();
    words
}

fn initials(name: &str) -> String {
    spoken_words(name).iter().filter_map(|word| word.chars().next()).collect()
}

fn spoken_words(name: &str) -> Vec<String> {
    let kept = name.chars().filter(|c| !is_unseen(*c) && !matches!(c, '\'' | '\u{2019}'));
    let lower: String = kept.flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = lower.split(is_separator).filter(|word| !word.is_empty()).collect();
    let titled = words.len() > 1 && TITLES.contains(&words[0]);
    words[usize::from(titled)..].iter().map(|word| (*word).to_owned()).collect()
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || c.is_ascii_punctuation() || matches!(c, '\u{2010}'..='\u{2015}')
}

fn is_unseen(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

const TITLES: [&str; 10] = ["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_person_in_any_spelling() {
        for other in [
            "Jane Smith",
            "  jane   SMITH ",
            "Smith, Jane",
            "Mrs Jane Smith",
            "Jane\u{200b} Smith",
            "Dr. Smith Jane",
            "Jane-Smith",
            "jane\tsmith",
        ] {
            let refused = check_people(["Jane Smith", other], Concerns::Pupil, "P-17");
            assert_eq!(refused, Err(OpeningRefusal::SamePerson), "{other:?}");
            for (names, person) in
                [([other, "Ali Khan"], Person::First), (["Ali Khan", other], Person::Second)]
            {
                let refused = check_people(names, Concerns::Other, "Jane Smith");
                assert_eq!(refused, Err(OpeningRefusal::ReviewerConcerned { person }), "{other:?}");
            }
        }
    }

    #[test]
    fn different_people_stay_different() {
        for (first, second) in [
            ("Jane Smith", "Jane Smithson"),
            ("Jane Smith", "Ali Khan"),
            ("Zoë O’Brien", "Zoe OBrien"),
            ("Łukasz Żak", "محمد علي"),
            ("李 小龙", "王 小龙"),
            ("Dr Jones", "Mr James"),
        ] {
            assert_eq!(check_people([first, second], Concerns::Pupil, "P-17"), Ok(()), "{first}, {second}");
        }
    }

    #[test]
    fn a_member_of_staff_may_be_known_by_initials() {
        let names = ["Mrs Jane Smith", "Ali Khan"];
        let refused = Err(OpeningRefusal::ReviewerConcerned { person: Person::First });
        for subject in ["JS", "j.s.", "J S"] {
            assert_eq!(check_people(names, Concerns::Staff, subject), refused, "{subject}");
            assert_eq!(check_people(names, Concerns::Pupil, subject), Ok(()), "{subject}");
        }
    }

    #[test]
    fn a_name_is_more_than_marks() {
        for empty in ["", " - ", "\u{200b}", "..."] {
            let refused = Err(OpeningRefusal::NoName { person: Person::Second });
            assert_eq!(check_people(["Jane Smith", empty], Concerns::Pupil, "P-17"), refused, "{empty:?}");
        }
    }
}
