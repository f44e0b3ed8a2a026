//! Files a case: how long it is kept, when somebody looks at it again, and
//! whether the law holds it.
//!
//! Nothing is ever destroyed. A later entry changes what an earlier one said.

use chrono::NaiveDate;

use crate::case::{CaseError, Unlocked};
use crate::procedure::pack::{Retention, RetentionFrom};
use crate::procedure::{Deed, Filed};
use countersign_record::journal::{Archived, Body, Hold, Id, Line, Text, TextError};

/// How a case is to be filed.
#[derive(Debug, Clone)]
pub struct ArchiveRequest {
    /// The retention class of the pack.
    pub retention: Id,
    /// From when the rule counts, or the day itself.
    pub review: Review,
    /// Whether it is held for the law.
    pub hold: Hold,
    /// Why. A hold MUST have a reason.
    pub because: Option<Text>,
}

/// How the day of review is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// By the rule, from the day of filing: from today, or from the day on
    /// which the case was filed first.
    FromFiling,
    /// By the rule, from this date of birth. Only the day of review becomes
    /// part of the record.
    From(NaiveDate),
    /// On this day.
    On(NaiveDate),
    /// On the day that stands, which is confirmed.
    AsFiled,
}

impl Review {
    /// From what people say: the day itself before the date of birth, which
    /// counts only where the rule of `class` counts from it. Where nothing is
    /// said of a case that is filed under the same class, the day that stands
    /// is confirmed.
    pub fn said(
        class: &Retention,
        filed: Option<&Filed>,
        birth: Option<NaiveDate>,
        day: Option<NaiveDate>,
    ) -> Review {
        match (day, birth) {
            (Some(day), _) => Review::On(day),
            (None, Some(birth)) if class.from == RetentionFrom::DateOfBirth => Review::From(birth),
            (None, _) if filed.is_some_and(|filed| filed.retention == class.id) => Review::AsFiled,
            (None, _) => Review::FromFiling,
        }
    }
}

/// A case that was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledCase {
    /// The entry that says so.
    pub entry: u64,
    /// The day of review.
    pub review: NaiveDate,
    /// What the entry says.
    pub archived: Archived,
}

/// Files the case, or changes how it is filed.
pub fn archive(case: &mut Unlocked<'_>, request: ArchiveRequest) -> Result<FiledCase, ArchiveError> {
    let permit = case.permit(Deed::Archive(request.retention.clone()))?;
    let today = case.surroundings().clock.now().day();
    let unknown = || ArchiveError::UnknownClass(request.retention.clone());
    let class = case.reading().pack().retention_class(request.retention.as_str()).ok_or_else(unknown)?;
    let review = review_day(class, request.review, case.reading().state().filed(), today)?;
    if request.hold == Hold::Legal && request.because.is_none() {
        return Err(ArchiveError::HoldWithoutReason);
    }
    let archived = Archived {
        retention: class.recorded(),
        review: Line::typed(&review.to_string()).map_err(ArchiveError::Text)?,
        hold: request.hold,
        because: request.because,
    };
    let entry = case.append(permit, Body::Archived(archived.clone()))?;
    Ok(FiledCase { entry, review, archived })
}

/// The day on which a case of `class`, filed before or not, is looked at
/// again: not before today.
pub fn review_day(
    class: &Retention,
    review: Review,
    filed: Option<&Filed>,
    today: NaiveDate,
) -> Result<NaiveDate, ArchiveError> {
    match counted(class, review, filed, today)? {
        day if day < today => Err(ArchiveError::Passed(day)),
        day => Ok(day),
    }
}

fn counted(
    class: &Retention,
    review: Review,
    filed: Option<&Filed>,
    today: NaiveDate,
) -> Result<NaiveDate, ArchiveError> {
    let start = filed.map_or(today, |filed| filed.first.day());
    let by_rule = |start| class.review_day(start).filter(is_writable).ok_or(ArchiveError::Date(start));
    let stands = filed.and_then(|filed| filed.review.as_str().parse::<NaiveDate>().ok());
    match (review, class.from) {
        (Review::FromFiling, RetentionFrom::DateOfBirth) => {
            Err(ArchiveError::NoDateOfBirth(class.id.clone()))
        }
        (Review::From(birth), RetentionFrom::DateOfBirth) if birth > today => Err(ArchiveError::Date(birth)),
        (Review::From(birth), RetentionFrom::DateOfBirth) => by_rule(birth),
        (Review::FromFiling | Review::From(_), RetentionFrom::Archiving) => by_rule(start),
        (Review::On(day), _) if !is_writable(&day) => Err(ArchiveError::Date(day)),
        (Review::On(day), RetentionFrom::Archiving) => match by_rule(start)? {
            least if day < least => Err(ArchiveError::TooEarly { class: class.id.clone(), day, least }),
            _ => Ok(day),
        },
        // The date of birth stays out of the record, so this one is taken.
        (Review::On(day), RetentionFrom::DateOfBirth) => Ok(day),
        (Review::AsFiled, _) => match stands {
            Some(day) => counted(class, Review::On(day), filed, today),
            None => counted(class, Review::FromFiling, filed, today),
        },
    }
}

/// Four digits of year, as everybody reads them.
fn is_writable(day: &NaiveDate) -> bool {
    use chrono::Datelike;
    (1900..=9999).contains(&day.year())
}

/// Why a case was not filed.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The case does not take it.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The pack has no such retention class.
    #[error("the procedure has no retention class {0}")]
    UnknownClass(Id),
    /// The rule counts from a date of birth, and none was given.
    #[error("the rule of {0} counts from the child's date of birth, which was not given")]
    NoDateOfBirth(Id),
    /// The day is before the one that the rule gives.
    #[error("{day} is earlier than the rule of {class} allows: {least}")]
    TooEarly {
        /// The retention class.
        class: Id,
        /// The day that was given.
        day: NaiveDate,
        /// The first that can be.
        least: NaiveDate,
    },
    /// The day of review has passed already.
    #[error("the day of review, {0}, has passed already")]
    Passed(NaiveDate),
    /// A day that cannot be counted with.
    #[error("{0} is not a day that this can be counted from")]
    Date(NaiveDate),
    /// A hold for the law, and no reason.
    #[error("a legal hold needs a reason")]
    HoldWithoutReason,
    /// A day that an entry cannot hold.
    #[error("a day for the record: {0}")]
    Text(TextError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procedure::Pack;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn days_by_the_rules_of_the_default_pack() {
        let pack = Pack::built_in("uk-schools").expect("is built in");
        let class = |id| pack.retention_class(id).expect("is in the pack");
        let today = day("2026-11-22");
        let of = |id, review| review_day(class(id), review, None, today);
        assert_eq!(of("pupil-discipline", Review::FromFiling).expect("a day"), day("2032-11-22"));
        // Someone born on a leap day.
        let born = Review::From(day("2016-02-29"));
        assert_eq!(of("child-protection", born).expect("a day"), day("2041-02-28"));
        assert!(matches!(
            of("child-protection", Review::FromFiling),
            Err(ArchiveError::NoDateOfBirth(id)) if id.as_str() == "child-protection"
        ));
        let unborn = Review::From(day("2026-11-23"));
        assert!(matches!(of("child-protection", unborn), Err(ArchiveError::Date(_))));
        let pension = Review::On(day("2050-01-01"));
        assert_eq!(of("staff-allegation", pension).expect("a day"), day("2050-01-01"));
        // A rule that counts from filing takes no date of birth.
        let said = |id| Review::said(class(id), None, Some(day("2014-03-09")), None);
        assert_eq!(of("pupil-discipline", said("pupil-discipline")).expect("a day"), day("2032-11-22"));
        assert_eq!(of("child-protection", said("child-protection")).expect("a day"), day("2039-03-09"));
        let early = Review::On(day("2030-01-01"));
        assert!(matches!(of("staff-allegation", early), Err(ArchiveError::TooEarly { .. })));
    }
    #[test]
    fn a_case_that_is_filed_again_keeps_its_day() {
        let pack = Pack::built_in("uk-schools").expect("is built in");
        let class = |id| pack.retention_class(id).expect("is in the pack");
        let filed = |class: &str, review: &str| Filed {
            entry: 9,
            first: countersign_record::clock::Time::parse("2026-11-22T14:30:00.000Z").expect("a time"),
            retention: class.parse().expect("an id"),
            review: Line::typed(review).expect("a line"),
            hold: Hold::None,
        };
        // Two years later, with nothing said: what stands is confirmed.
        let today = day("2028-11-22");
        let pupil = filed("pupil-discipline", "2032-11-22");
        let said = |id, filed| Review::said(class(id), Some(filed), None, None);
        let of = |id, review, filed| review_day(class(id), review, Some(filed), today);
        assert_eq!(said("pupil-discipline", &pupil), Review::AsFiled);
        assert_eq!(of("pupil-discipline", Review::AsFiled, &pupil).expect("a day"), day("2032-11-22"));
        // A day counted from a date of birth, which is not on record.
        let child = filed("child-protection", "2041-02-28");
        assert_eq!(
            of("child-protection", said("child-protection", &child), &child).expect("a day"),
            day("2041-02-28")
        );
        // Another class counts from the first filing, not from today.
        assert_eq!(said("pupil-discipline", &child), Review::FromFiling);
        assert_eq!(of("pupil-discipline", Review::FromFiling, &child).expect("a day"), day("2032-11-22"));
        assert_eq!(
            of("pupil-discipline", Review::On(day("2032-11-22")), &child).expect("a day"),
            day("2032-11-22")
        );
        // A day that has passed is asked for anew.
        let late = filed("pupil-discipline", "2028-11-21");
        assert!(matches!(
            of("pupil-discipline", Review::AsFiled, &late),
            Err(ArchiveError::TooEarly { .. } | ArchiveError::Passed(_))
        ));
    }
}
