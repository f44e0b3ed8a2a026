//! Who may open a case: two people, neither of them the person concerned,
//! who confirmed all that the procedure asks.

use super::deed::Verb;
use super::next::step;
use super::pack::{Pack, Stage};
use super::refusal::Refusal;
use countersign_record::journal::{Body, Confirmation, Id, Line, NotThree, Opened, People, Side};

/// That a case may be opened with these words. Only [`OpeningPermit::ask`]
/// makes one, and it holds the words that it was asked about.
#[derive(Debug)]
pub struct OpeningPermit {
    opened: Opened,
}

impl OpeningPermit {
    /// Asks whether a case may be opened with `opened` under `pack`.
    pub fn ask(pack: &Pack, opened: Opened) -> Result<OpeningPermit, Refusal> {
        let confirmed: Vec<Id> = opened.confirmations.iter().map(|made| made.id.clone()).collect();
        let asked = may_open(pack, People::of(&opened), &confirmed)?;
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

/// Whether these people may open a case with the confirmations of these ids,
/// and if so, the confirmations as entry 1 names them, in the pack's order.
pub fn may_open(pack: &Pack, people: People<'_>, confirmed: &[Id]) -> Result<Vec<Confirmation>, Refusal> {
    people.check().map_err(|people| refused(people.into()))?;
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
        OpeningRefusal::OneName => {
            "Ask a second senior member of staff to take part. If you are two people of one name, say so."
        }
        OpeningRefusal::NoNamesakes => "Open the case without saying so.",
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
    /// Both names read as one.
    #[error("both reviewing people have one name")]
    OneName,
    /// They are said to be namesakes, and their names do not read as one.
    #[error("the two reviewing people do not have one name")]
    NoNamesakes,
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

impl From<NotThree> for OpeningRefusal {
    fn from(people: NotThree) -> OpeningRefusal {
        match people {
            NotThree::NoName(side) => OpeningRefusal::NoName { person: side.into() },
            NotThree::OneName => OpeningRefusal::OneName,
            NotThree::NoNamesakes => OpeningRefusal::NoNamesakes,
            NotThree::Concerned(side) => OpeningRefusal::ReviewerConcerned { person: side.into() },
        }
    }
}

impl From<Side> for Person {
    fn from(side: Side) -> Person {
        match side {
            Side::A => Person::First,
            Side::B => Person::Second,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_record::journal::Concerns;

    fn check(names: [&str; 2], concerns: Concerns, subject: &str) -> Result<(), OpeningRefusal> {
        Ok(People { names, namesakes: false, concerns, subject }.check()?)
    }

    #[test]
    fn one_person_is_not_two_in_any_spelling() {
        for other in ["  jane   SMITH ", "Smith, Jane", "Mrs J\u{430}ne Smith", "Jane\u{2062} Smith"] {
            let refused = check(["Jane Smith", other], Concerns::Pupil, "P-17");
            assert_eq!(refused, Err(OpeningRefusal::OneName), "{other:?}");
            for (names, person) in
                [([other, "Ali Khan"], Person::First), (["Ali Khan", other], Person::Second)]
            {
                let refused = check(names, Concerns::Other, "Jane Smith");
                assert_eq!(refused, Err(OpeningRefusal::ReviewerConcerned { person }), "{other:?}");
            }
        }
    }

    #[test]
    fn namesakes_say_so_once() {
        let people =
            |names, namesakes| People { names, namesakes, concerns: Concerns::Pupil, subject: "P-17" };
        assert_eq!(people(["Jane Smith", "Jane Smith"], true).check(), Ok(()));
        assert_eq!(people(["Jane Smith", "Ali Khan"], true).check(), Err(NotThree::NoNamesakes));
        // It says nothing of the person concerned.
        let concerned = People { subject: "Jane Smith", ..people(["Jane Smith", "JANE SMITH"], true) };
        assert_eq!(concerned.check(), Err(NotThree::Concerned(Side::A)));
    }

    #[test]
    fn a_member_of_staff_may_be_known_by_initials() {
        let names = ["Mrs Jane Smith", "Ali Khan"];
        let refused = Err(OpeningRefusal::ReviewerConcerned { person: Person::First });
        for subject in ["JS", "j.s.", "J S"] {
            assert_eq!(check(names, Concerns::Staff, subject), refused, "{subject}");
            assert_eq!(check(names, Concerns::Pupil, subject), Ok(()), "{subject}");
        }
    }

    #[test]
    fn a_name_is_more_than_marks() {
        for empty in ["", " - ", "\u{200b}", "..."] {
            let refused = Err(OpeningRefusal::NoName { person: Person::Second });
            assert_eq!(check(["Jane Smith", empty], Concerns::Pupil, "P-17"), refused, "{empty:?}");
        }
    }
}
