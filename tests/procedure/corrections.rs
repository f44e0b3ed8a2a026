//! A correction goes through the rules again.

use countersign_case::procedure::{
    CorrectionError, CorrectionRefusal, Deed, OpeningRefusal, Person, Reminder, Unknown, Why, correct,
};
use countersign_record::journal::{
    Body, Concerns, Corrected, Halted, Hold, Irregular, Response, Restraint, What,
};

use crate::case::{Case, Gate, Judgement, NOW, packs};
use crate::deeds::concern;

/// The correction of a value, as people type it.
fn typed(case: &Case<'_>, entry: u64, name: &str, to: &str) -> Result<Corrected, CorrectionError> {
    correct(&case.ledger, case.pack, entry, name, to, None)
}

fn deed(corrected: &Corrected) -> Deed {
    Deed::Correct(corrected.entry, corrected.change.clone().map(Box::new))
}

#[track_caller]
fn corrects(case: &mut Case<'_>, entry: u64, name: &str, to: &str) {
    let corrected = typed(case, entry, name, to).unwrap_or_else(|error| panic!("{name}: {error}"));
    case.must(deed(&corrected));
}

#[track_caller]
fn refuses(case: &Case<'_>, entry: u64, name: &str, to: &str) -> Why {
    let corrected = typed(case, entry, name, to).unwrap_or_else(|error| panic!("{name}: {error}"));
    case.refusal(deed(&corrected))
}

fn opened(concerns: Concerns) -> Case<'static> {
    Case::open(&packs()[0], concerns, Gate::No)
}

#[test]
fn two_people_stay_two_and_neither_the_subject() {
    let mut case = opened(Concerns::Staff);
    let same = Why::Opening(OpeningRefusal::OneName);
    assert_eq!(refuses(&case, 1, "second.name", "Mrs. Smith Jane"), same);
    assert_eq!(refuses(&case, 1, "first.name", "ali khan"), same);
    let concerned = |person| Why::Opening(OpeningRefusal::ReviewerConcerned { person });
    assert_eq!(refuses(&case, 1, "subject", "AK"), concerned(Person::Second));
    assert_eq!(refuses(&case, 1, "subject", "Jane Smith"), concerned(Person::First));
    assert_eq!(refuses(&case, 1, "first.name", "P 17"), concerned(Person::First));
    // A pupil may have the initials of a reviewer; a colleague may not.
    corrects(&mut case, 1, "concerns", "pupil");
    corrects(&mut case, 1, "subject", "JS");
    assert_eq!(refuses(&case, 1, "concerns", "staff"), concerned(Person::First));
    corrects(&mut case, 1, "first.name", "Joan Smythe");
    assert_eq!(refuses(&case, 1, "second.name", "Joan Smythe"), same, "the corrected name counts");
    corrects(&mut case, 1, "second.name", "Jane Smith");
}

#[test]
fn a_milder_category_is_refused_and_a_stricter_one_is_the_halt() {
    let pack = &packs()[0];
    let id = |response: Response| {
        let known = pack.categories().iter().find(|known| known.response == response);
        known.expect("each pack has one").id.to_string()
    };
    let [mild, police, worst] = [Response::Record, Response::Police, Response::StopAndWithhold].map(id);
    let mut case = opened(Concerns::Pupil);
    case.must(concern(pack, Response::Record));
    let stops = typed(&case, 2, "category", &police).expect("a category");
    assert_eq!(stops.stops().map(|category| category.response), Some(Response::Police));
    case.must(deed(&stops));
    assert_eq!(case.state().restraint(), Restraint::Police);
    assert_eq!((case.ledger.restraint(), case.ledger.halted_at()), (Restraint::Police, Some(3)));
    assert_eq!(case.refusal(Deed::Keep), Why::Halted { entry: 3 });
    let lifts = Why::Correction(CorrectionRefusal::LiftsHalt { entry: 2 });
    assert_eq!(refuses(&case, 2, "category", &mild), lifts);
    // Whoever signed it: no journal takes it either.
    let corrected = typed(&case, 2, "category", &mild).expect("a category");
    let entry = case.entry(&deed(&corrected), Judgement::Substance);
    let irregular = Irregular { entry: 4, what: What::CorrectionLiftsHalt };
    assert_eq!(case.ledger.check(&entry), Err(irregular));
    corrects(&mut case, 2, "category", &worst);
    assert_eq!(
        (case.state().restraint(), case.ledger.restraint()),
        (Restraint::Withhold, Restraint::Withhold)
    );
    assert_eq!(refuses(&case, 2, "category", &police), lifts);
    assert_eq!(case.state().irregularities(), []);
    assert_eq!(
        typed(&case, 2, "category", "nothing").err(),
        Some(CorrectionError::Unknown { what: Unknown::Category, typed: "nothing".to_owned() })
    );
}

#[test]
fn a_stop_gets_its_category_and_keeps_it() {
    let mut case = opened(Concerns::Pupil);
    case.must(Deed::Halt(None));
    assert!(case.due(NOW).contains(&Reminder::NameTheCategory));
    let lifts = Why::Correction(CorrectionRefusal::LiftsHalt { entry: 2 });
    assert_eq!(refuses(&case, 2, "category", "grooming"), lifts, "without one the strictest held");
    corrects(&mut case, 2, "category", "child-abuse-images");
    assert!(!case.due(NOW).contains(&Reminder::NameTheCategory));
    assert_eq!(refuses(&case, 2, "category", ""), lifts);
    corrects(&mut case, 2, "by", "b");
    let now = case.ledger.current(2).expect("an entry");
    assert!(matches!(now.body(), Body::Halted(Halted { by: Some(side), .. }) if side.letter() == "b"));
}

#[test]
fn a_stop_that_waits_holds_up_every_correction_but_one_that_stops() {
    let mut case = opened(Concerns::Pupil);
    case.must(concern(case.pack, Response::Record));
    case.raised = Restraint::Withhold;
    assert_eq!(refuses(&case, 1, "subject", "7B-41"), Why::HaltRaised);
    let stops = typed(&case, 2, "category", "child-abuse-images").expect("a category");
    case.must(deed(&stops));
}

#[test]
fn routes_and_actions_count_as_they_were_corrected() {
    let mut case = opened(Concerns::Pupil);
    case.must(concern(case.pack, Response::Police));
    case.must(Deed::Refer("police-101".parse().expect("an id")));
    assert!(case.state().police_told());
    corrects(&mut case, 3, "route", "lado");
    assert!(!case.state().police_told(), "the police were not told after all");
    assert!(typed(&case, 3, "route", "nobody").is_err());
    corrects(&mut case, 3, "route", "police-999");
    corrects(&mut case, 3, "answer", "not-confirmed");
    assert!(case.next().contains(&countersign_case::procedure::Verb::Open), "the police did not confirm it");
    case.must_judge(Judgement::Substance);
    case.must(Deed::Act("internal".parse().expect("an id")));
    let act = case.ledger.head();
    corrects(&mut case, act, "action", "proposed");
    assert!(case.due(NOW).iter().any(|due| matches!(due, Reminder::Carry(_))));
    assert!(typed(&case, act, "action", "done").is_err());
    assert!(typed(&case, act, "route", "elsewhere").is_err());
}

#[test]
fn who_is_concerned_decides_anew_who_is_to_be_told() {
    let lado = |case: &Case<'_>| case.state().routes().any(|route| route.id.as_str() == "lado");
    let mut case = opened(Concerns::Pupil);
    case.must(concern(case.pack, Response::Police));
    assert!(!lado(&case));
    corrects(&mut case, 1, "concerns", "staff");
    assert!(lado(&case));
}

#[test]
fn filing_is_corrected_within_its_rules() {
    let mut case = opened(Concerns::Pupil);
    case.must(Deed::Note);
    case.must_judge(Judgement::NoSubstance);
    case.must(Deed::Seal);
    let class = case.pack.retention_class("pupil-discipline").expect("in the default pack").recorded();
    let archived = countersign_record::journal::Archived {
        retention: class,
        review: crate::case::line("2051-11-22"),
        hold: Hold::None,
        because: None,
    };
    let entry = countersign_record::journal::Entry::new(
        case.ledger.case(),
        5,
        None,
        crate::case::moment(),
        Body::Archived(archived),
    );
    case.ledger.push(entry).expect("is filed");
    // Six years from filing, by the rule.
    let why = refuses(&case, 5, "review", "2030-01-01");
    assert!(matches!(why, Why::Correction(CorrectionRefusal::TooEarly { .. })), "{why:?}");
    assert!(matches!(typed(&case, 5, "review", "1 9 2040"), Err(CorrectionError::NoDay(_))));
    assert!(matches!(typed(&case, 5, "review", "2040-02-30"), Err(CorrectionError::NoDay(_))));
    assert_eq!(refuses(&case, 5, "hold", "legal"), CorrectionRefusal::HoldWithoutReason.into());
    corrects(&mut case, 5, "because", "The police asked for it.");
    corrects(&mut case, 5, "hold", "legal");
    assert_eq!(refuses(&case, 5, "because", ""), CorrectionRefusal::HoldWithoutReason.into());
    corrects(&mut case, 5, "hold", "none");
    corrects(&mut case, 5, "review", "2040-09-01");
    // As a note: what was said before filing can still be put right.
    corrects(&mut case, 1, "subject", "7B-41");
    assert_eq!(case.state().irregularities(), []);
}

#[test]
fn a_correction_is_put_right_where_the_value_stands() {
    let mut case = opened(Concerns::Pupil);
    corrects(&mut case, 1, "subject", "7B-14");
    let again = typed(&case, 2, "subject", "7B-41").expect("of the entry that it corrected");
    assert_eq!(again.entry, 1);
    case.must(deed(&again));
    let first = case.ledger.current(1).expect("entry 1");
    assert_eq!(first.was("subject"), " (entry 3; was: 7B-14, entry 2; before that: P-17, entry 1)");
    case.must(Deed::Correct(3, None));
    let first = case.ledger.current(1).expect("entry 1");
    let doubted = " (entry 3, corrected by entry 4; was: 7B-14, entry 2; before that: P-17, entry 1)";
    assert_eq!(first.was("subject"), doubted);
}

#[test]
fn what_nobody_typed_cannot_be_corrected() {
    let mut case = opened(Concerns::Pupil);
    for deed in [Deed::Visit, Deed::Keep, Deed::Form] {
        case.must(deed);
    }
    for name in
        ["time", "session", "first.public_key", "pack", "machine.name", "standing", "reference", "substance"]
    {
        assert!(matches!(typed(&case, 1, name, "x"), Err(CorrectionError::NoField { .. })), "{name}");
    }
    for (entry, name) in [(2, "visits"), (3, "url"), (3, "exhibit"), (4, "file"), (4, "pages")] {
        let refused = typed(&case, entry, name, "x");
        assert!(matches!(refused, Err(CorrectionError::NoField { .. })), "{entry}: {name}");
    }
    assert!(matches!(typed(&case, 0, "subject", "x"), Err(CorrectionError::NoEntry { .. })));
    assert!(matches!(typed(&case, 5, "subject", "x"), Err(CorrectionError::NoEntry { .. })));
    assert!(matches!(typed(&case, 1, "subject", "P-17"), Err(CorrectionError::Unchanged { .. })));
    assert!(matches!(typed(&case, 1, "subject", "a\nb"), Err(CorrectionError::Text { .. })));
    assert!(matches!(typed(&case, 1, "subject", " "), Err(CorrectionError::Text { .. })));
    assert!(matches!(typed(&case, 1, "concerns", "child"), Err(CorrectionError::NoChoice { .. })));
}

#[test]
fn initials_are_corrected_before_the_first_exhibit_and_not_after() {
    let mut case = opened(Concerns::Pupil);
    corrects(&mut case, 1, "second.initials", "AMK");
    case.must(Deed::Attach);
    assert_eq!(case.ledger.next_exhibit(countersign_record::journal::Side::B).label.as_str(), "AMK/2");
    let corrected = typed(&case, 1, "second.initials", "AK").expect("a line");
    let entry = case.entry(&deed(&corrected), Judgement::Substance);
    assert_eq!(
        case.ledger.check(&entry).map_err(|irregular| irregular.what),
        Err(What::CorrectionRelabels),
        "exhibit AMK/1 is there"
    );
    let same = typed(&case, 1, "first.initials", "AMK").expect("a line");
    let entry = case.entry(&deed(&same), Judgement::Substance);
    let irregular = case.ledger.check(&entry).map_err(|irregular| irregular.what);
    assert_eq!(irregular, Err(What::OneSetOfInitials));
    // A name is, and the numbers stay.
    corrects(&mut case, 1, "second.name", "Ali M Khan");
    assert!(case.ledger.exhibit_entry("AMK/1").is_some());
}
