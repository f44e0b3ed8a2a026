//! A case that is filed.

use countersign_case::case::CaseError;
use countersign_case::case::Unlocked;
use countersign_case::handover::{ArchiveError, ArchiveRequest, Review, archive};
use countersign_case::procedure::{Deed, Phase, Reminder};
use countersign_record::journal::{Body, Encryption, Hold, Noted};

use crate::sealed;
use crate::world::{World, text};

#[test]
fn a_case_is_filed_held_and_let_go() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let case = &mut sealed.case;
    let request = |hold, because: Option<&str>| ArchiveRequest {
        retention: "no-substance".parse().expect("an id"),
        review: Review::FromFiling,
        hold,
        because: because.map(text),
    };
    let unknown =
        ArchiveRequest { retention: "for-ever".parse().expect("an id"), ..request(Hold::None, None) };
    assert!(matches!(archive(case, unknown), Err(ArchiveError::Case(CaseError::Refused(_)))));
    assert!(matches!(archive(case, request(Hold::Legal, None)), Err(ArchiveError::HoldWithoutReason)));
    let filed = archive(case, request(Hold::None, None)).expect("is filed");
    assert_eq!(filed.review, "2027-11-22".parse().expect("a day"));
    assert_eq!(case.state().expect("reads").phase(), Phase::Archived);

    let reviewed_on = countersign_record::clock::Time::parse("2027-11-22T00:00:00.000Z").expect("a time");
    let due = |case: &mut Unlocked<'_>| -> Vec<Reminder> {
        case.state().expect("reads").due(reviewed_on).into_iter().map(|due| due.reminder).collect()
    };
    assert_eq!(due(case), [Reminder::Review(filed.review)]);
    let passed = ArchiveRequest {
        retention: "child-protection".parse().expect("an id"),
        review: Review::On("2026-11-21".parse().expect("a day")),
        ..request(Hold::None, None)
    };
    assert!(matches!(archive(case, passed), Err(ArchiveError::Passed(_))));
    archive(case, request(Hold::Legal, Some("The police asked for it."))).expect("is held");
    assert_eq!(due(case), []);
    archive(case, request(Hold::None, Some("The police have let it go."))).expect("is let go");
    assert_eq!(due(case), [Reminder::Review(filed.review)]);

    // A filed case can still be copied, and noted upon.
    let permit = case.permit(Deed::Note).expect("may");
    let noted = Noted { text: text("Asked for by the local authority.") };
    case.append(permit, Body::Noted(noted)).expect("is noted");
    let usb = sealed.folder("usb");
    sealed.copy(&usb, Encryption::None).expect("is handed over");
}
