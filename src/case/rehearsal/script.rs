//! What the two say in the sample case. Nobody in it exists.

use crate::case::{NewCase, NewReviewer};
use crate::procedure::Pack;
use countersign_record::journal::{
    Acted, Action, Category, Computer, Concerns, Id, Judged, Line, Name, Noted, Standing, Text, TextError,
};

/// The sample case, in the order in which it is told.
#[derive(Debug, Clone)]
pub struct Script {
    /// What they say when they open it.
    pub opening: NewCase,
    /// The paths on the sample site that they keep, the worrying one last.
    pub pages: [&'static str; 2],
    /// The file that they bring in: its name, its content, what it is.
    pub file: (&'static str, &'static str, Text),
    /// The kind of their concern.
    pub category: Category,
    /// The concern in words.
    pub concern: Text,
    /// A note.
    pub note: Noted,
    /// Their judgement.
    pub judged: Judged,
    /// What follows from it.
    pub acted: Acted,
}

/// The sample case under `pack`, if the pack knows bullying as a concern that
/// does not stop the case.
pub fn script(pack: &Pack) -> Option<Script> {
    let category = pack.category("bullying").filter(|category| !category.halts())?.recorded();
    told(pack, category).ok()
}

fn told(pack: &Pack, category: Category) -> Result<Script, TextError> {
    let opening = NewCase {
        standing: Standing::Rehearsal,
        follows: None,
        suspected_illegal: None,
        group: Some(Line::typed("Example School (rehearsal)")?),
        reason: Text::typed("Rehearsal: a pupil told a teacher about unkind messages on the class's board.")?,
        reported_by: Text::typed("Robin Sample, class teacher")?,
        concerns: Concerns::Pupil,
        subject: Name::typed("REHEARSAL-PUPIL-1")?,
        subject_key: Some(Line::typed("Nowhere: this pupil does not exist")?),
        reviewers: [
            NewReviewer {
                name: Name::typed("Jo Example")?,
                position: Name::typed("Headteacher (rehearsal)")?,
            },
            NewReviewer {
                name: Name::typed("Sam Practice")?,
                position: Name::typed("Designated safeguarding lead (rehearsal)")?,
            },
        ],
        namesakes: false,
        computer: Computer {
            name: Name::typed("This computer")?,
            location: Line::typed("Here (rehearsal)")?,
        },
        confirmed: pack.confirmations().map(|asked| asked.id.clone()).collect(),
        filter_exemptions: None,
    };
    Ok(Script {
        opening,
        pages: ["/", "/class-7"],
        file: (
            "filter-log.csv",
            "time,computer,address\n09:14:02,ROOM7-03,http://example.com/class-7\n\
             09:15:40,ROOM7-03,http://example.com/board\n",
            Text::typed("Rehearsal: the filter's log of that morning")?,
        ),
        category,
        concern: Text::typed("A pupil is left out on purpose; two messages tell others to join in.")?,
        note: Noted { text: Text::typed("Rehearsal: one pupil on the board spoke up for the other.")? },
        judged: Judged {
            substance: true,
            because: Text::typed("Both of us read the messages on the board; they are as reported.")?,
        },
        acted: Acted {
            route: "internal".parse::<Id>().map_err(|_| TextError::Empty)?,
            what: Text::typed("Rehearsal: talk with both pupils and their parents; the board is moderated.")?,
            action: Action::Taken,
            by: Some(Name::typed("Jo Example")?),
            when: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn can_be_told_under_the_default_pack() {
        let pack = Pack::built_in("uk-schools").expect("is built in");
        let script = script(&pack).expect("can be told");
        assert_eq!(script.opening.standing, Standing::Rehearsal);
    }
}
