//! The three people of a case: two who review it, and the one it concerns.
//!
//! It compares names ([`is_one_name`]), and knows no pack and no face.

use super::body::{Concerns, Opened};
use super::facts::Side;
use super::names::{is_a_name, is_initials, is_one_name};

/// What a case says of its people.
#[derive(Debug, Clone, Copy)]
pub struct People<'a> {
    /// The names of the two reviewing people.
    pub names: [&'a str; 2],
    /// Whether both said that they are two people of one name.
    pub namesakes: bool,
    /// Who is concerned.
    pub concerns: Concerns,
    /// The school's reference for that person.
    pub subject: &'a str,
}

/// What to call the two reviewers: by name, and two of one name by what tells
/// them apart.
pub fn called(first: (&str, &str), second: (&str, &str)) -> [String; 2] {
    let people = [first, second];
    match (is_one_name(first.0, second.0), is_one_name(first.1, second.1)) {
        (false, _) => people.map(|(name, _)| name.to_owned()),
        (true, false) => people.map(|(name, position)| format!("{name} ({position})")),
        (true, true) => [(first.0, "first"), (second.0, "second")]
            .map(|(name, which)| format!("{name} (the {which} person)")),
    }
}

/// Why they are not three people, as far as their names say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotThree {
    /// A reviewer whose name has no letter and no digit.
    #[error("gives reviewer {} no name", .0.letter())]
    NoName(Side),
    /// Both names read as one, and nobody said that they are two people.
    #[error("gives both reviewers names that read as one, and does not say that they are two people")]
    OneName,
    /// The names do not read as one, and yet they are said to be namesakes.
    #[error("says that the reviewers are namesakes, and their names do not read as one")]
    NoNamesakes,
    /// A reviewer reads as the person concerned.
    #[error("gives reviewer {} the name or the initials of the person concerned", .0.letter())]
    Concerned(Side),
}

impl<'a> People<'a> {
    /// Those of entry 1.
    pub fn of(opened: &'a Opened) -> People<'a> {
        People {
            names: [opened.first.name.as_str(), opened.second.name.as_str()],
            namesakes: opened.namesakes,
            concerns: opened.concerns,
            subject: opened.subject.as_str(),
        }
    }

    /// The same once a name was corrected. That both were said to be of one
    /// name counts for as long as their names read as one.
    pub fn corrected(opened: &'a Opened) -> People<'a> {
        let people = People::of(opened);
        People { namesakes: people.namesakes && people.are_alike(), ..people }
    }

    /// Whether they are three. Where a member of staff is concerned, the
    /// school's reference may be their initials, so a reviewer with the same
    /// initials is refused too.
    pub fn check(&self) -> Result<(), NotThree> {
        let sides = || Side::BOTH.into_iter().zip(self.names);
        if let Some((side, _)) = sides().find(|(_, name)| !is_a_name(name)) {
            return Err(NotThree::NoName(side));
        }
        match (self.are_alike(), self.namesakes) {
            (true, false) => return Err(NotThree::OneName),
            (false, true) => return Err(NotThree::NoNamesakes),
            _ => {}
        }
        let is_concerned = |name| {
            let by_initials = self.concerns == Concerns::Staff && is_initials(self.subject, name);
            by_initials || is_one_name(self.subject, name)
        };
        match sides().find(|(_, name)| is_concerned(name)) {
            Some((side, _)) => Err(NotThree::Concerned(side)),
            None => Ok(()),
        }
    }

    /// Whether the two names read as one, so that they have to say that they
    /// are two people.
    pub fn are_alike(&self) -> bool {
        is_one_name(self.names[0], self.names[1])
    }
}
