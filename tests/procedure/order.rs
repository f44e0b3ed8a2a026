//! The order of steps, one case at a time.

use countersign_case::procedure::{Deed, Phase, State, Verb, Why};
use countersign_record::journal::{Body, Concerns, Response, Restraint};

use crate::case::{Case, Gate, Judgement, id, packs};
use crate::deeds::{concern, one_deed, one_of_each};

#[test]
fn the_journey_in_its_order() {
    for pack in packs() {
        let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
        assert_eq!(case.state().phase(), Phase::Review);
        for deed in [Deed::Visit, Deed::Keep, Deed::Attach, concern(pack, Response::Record), Deed::Note] {
            case.must(deed);
        }
        assert_eq!(case.next()[0], Verb::Judge);
        case.must_judge(Judgement::Substance);
        assert_eq!((case.state().phase(), case.next()[0]), (Phase::Judged, Verb::Act));
        case.must(Deed::Act(id("internal")));
        assert_eq!(case.next(), [Verb::Seal]);
        case.must(Deed::Form);
        case.must(Deed::Seal);
        assert_eq!((case.state().phase(), case.next()), (Phase::Sealed, vec![Verb::HandOver, Verb::Archive]));
        case.must(Deed::HandOver(1));
        assert_eq!(case.next(), [Verb::Archive]);
        case.must(Deed::Archive(pack.retention()[0].id.clone()));
        assert_eq!((case.state().phase(), case.next()), (Phase::Archived, vec![]));
        assert!(case.state().irregularities().is_empty());
    }
}

/// Every deed in every phase: what is not in its list is refused.
#[test]
fn every_step_in_every_wrong_order_is_refused() {
    for pack in packs() {
        let archive = Deed::Archive(pack.retention()[0].id.clone());
        let police = concern(pack, Response::Police);
        let always = [Verb::Note, Verb::Correct, Verb::Halt, Verb::SayOfStop, Verb::Refer, Verb::Tell];
        let recording = [Verb::Record, Verb::Keep, Verb::Attach, Verb::Concern];
        let after_stop = [Verb::Isolate, Verb::Judge, Verb::Act, Verb::Form, Verb::Seal];
        let journeys: Vec<(&str, Vec<Deed>, Vec<Verb>)> = vec![
            ("opened", vec![], [&recording[..], &[Verb::Form]].concat()),
            ("reviewed", vec![Deed::Keep], [&recording[..], &[Verb::Form, Verb::Judge]].concat()),
            ("judged", vec![Deed::Keep, Deed::Judge], after_stop.to_vec()),
            ("halted", vec![police.clone()], after_stop.to_vec()),
            ("halted by hand", vec![Deed::Keep, Deed::Halt(None)], after_stop.to_vec()),
            (
                "sealed",
                vec![Deed::Keep, Deed::Judge, Deed::Seal],
                [&after_stop[..], &[Verb::HandOver, Verb::Archive]].concat(),
            ),
            (
                "sealed, then noted",
                vec![Deed::Keep, Deed::Judge, Deed::Seal, Deed::Note],
                [&after_stop[..], &[Verb::HandOver]].concat(),
            ),
            (
                "archived",
                vec![Deed::Keep, Deed::Judge, Deed::Seal, archive.clone()],
                vec![Verb::Judge, Verb::Act, Verb::Form, Verb::Seal, Verb::HandOver, Verb::Archive],
            ),
            (
                "archived, then noted",
                vec![Deed::Keep, Deed::Judge, Deed::Seal, archive.clone(), Deed::Note],
                vec![Verb::Judge, Verb::Act, Verb::Form, Verb::Seal, Verb::HandOver, Verb::Archive],
            ),
            (
                "halted, then archived",
                vec![police.clone(), Deed::Seal, archive.clone()],
                [&after_stop[..], &[Verb::HandOver, Verb::Archive]].concat(),
            ),
            (
                "archived, then halted",
                vec![Deed::Keep, Deed::Judge, Deed::Seal, archive, police],
                [&after_stop[..], &[Verb::HandOver]].concat(),
            ),
        ];
        for (name, journey, allowed) in journeys {
            let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
            journey.into_iter().for_each(|deed| case.must(deed));
            let state = case.state();
            for deed in one_of_each(pack) {
                let verb = deed.verb();
                let expected = allowed.contains(&verb) || always.contains(&verb);
                match state.permit(deed) {
                    Ok(_) => assert!(expected, "{}: {name}: {verb:?} allowed", pack.id()),
                    Err(refusal) => {
                        assert!(!expected, "{}: {name}: {verb:?}: {refusal}", pack.id());
                        assert!(!refusal.to_string().is_empty());
                        let filed = state.phase() == Phase::Archived;
                        assert!(filed || !refusal.next.is_empty(), "{name}: {verb:?} has no next step");
                        assert!(
                            refusal
                                .next
                                .iter()
                                .all(|next| next.verb == Verb::Judge || one_deed(&state, next.verb)),
                            "{name}: {verb:?}: a next step that is refused itself"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn no_substance_ends_in_the_school() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    case.must(Deed::Keep);
    case.must_judge(Judgement::NoSubstance);
    assert_eq!(case.next(), [Verb::Seal], "nothing need follow");
    assert!(case.state().permit(Deed::Act(id("internal"))).is_ok());
    for route in ["police", "local-authority"] {
        assert_eq!(case.refusal(Deed::Act(id(route))), Why::NoSubstance { entry: 3 });
    }
    assert_eq!(case.refusal(Deed::Isolate), Why::NotHalted);
    // Put right by a further entry.
    case.must_judge(Judgement::Substance);
    assert!(case.state().permit(Deed::Act(id("police"))).is_ok());
}

#[test]
fn the_gate_opens_the_case_halted() {
    for pack in packs() {
        let mut case = Case::open(pack, Concerns::Pupil, Gate::Yes);
        assert_eq!((case.state().phase(), case.state().restraint()), (Phase::Halted, Restraint::Withhold));
        assert_eq!(case.refusal(Deed::Keep), Why::Halted { entry: 1 });
        assert_eq!(case.next()[0], Verb::Halt, "what it is about has not been said");
        case.must(Deed::Halt(Some(id("grooming"))));
        assert_eq!(case.state().restraint(), Restraint::Police);
        assert_eq!(case.refusal(Deed::Keep), Why::Halted { entry: 1 });
        assert!(!case.next().contains(&Verb::Halt));
    }
}

#[test]
fn someone_may_recognise_worse_later() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    case.must(Deed::Keep);
    case.must(Deed::Halt(Some(id("grooming"))));
    case.must(Deed::Seal);
    assert!(case.state().permit(Deed::HandOver(1)).is_ok());
    case.must(Deed::Halt(Some(id("child-abuse-images"))));
    assert_eq!(case.state().restraint(), Restraint::Withhold);
    // The first seal holds what must not leave any more.
    assert_eq!(case.refusal(Deed::HandOver(1)), Why::SealBeforeHalt { seal: 1, halt: 5 });
    assert_eq!(case.refusal(Deed::Archive(pack.retention()[0].id.clone())), Why::SealOutdated { entry: 5 });
    case.must(Deed::Seal);
    assert!(case.state().permit(Deed::HandOver(2)).is_ok());
    assert_eq!(case.refusal(Deed::HandOver(1)), Why::SealBeforeHalt { seal: 1, halt: 5 });
    assert_eq!(case.refusal(Deed::HandOver(3)), Why::NotSealed { seal: 3 });
    // A milder one afterwards lifts nothing.
    case.must(Deed::Halt(Some(id("grooming"))));
    assert_eq!(case.state().restraint(), Restraint::Withhold);
}

#[test]
fn a_raised_halt_is_journaled_first() {
    for pack in packs() {
        let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
        case.must(Deed::Keep);
        case.raised = Restraint::Withhold;
        assert_eq!((case.state().phase(), case.next()), (Phase::HaltRaised, vec![Verb::Halt]));
        for deed in one_of_each(pack) {
            match deed {
                Deed::Halt(_) | Deed::Tell => assert!(case.state().permit(deed).is_ok()),
                _ => assert_eq!(case.refusal(deed), Why::HaltRaised),
            }
        }
        assert_eq!(case.refusal(Deed::Halt(Some(id("grooming")))), Why::MilderThanRaised);
        assert!(case.state().permit(Deed::Concern(id("child-abuse-images"))).is_ok(), "it is a halt itself");
        case.must(Deed::Halt(Some(id("child-abuse-images"))));
        case.raised = Restraint::None;
        assert_eq!(case.state().phase(), Phase::Halted);
    }
}

#[test]
fn a_halt_between_the_permit_and_the_entry_wins() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    let permit = case.state().permit_recording(Deed::Keep).expect("the review is open");
    let body = case.body(&Deed::Keep, Judgement::Substance);
    assert_eq!(case.state().honour(permit.permit(), &body), Ok(()));
    case.raised = Restraint::Police;
    assert_eq!(case.state().honour(permit.permit(), &body).map_err(|r| r.why), Err(Why::HaltRaised));
    case.raised = Restraint::None;
    case.must(Deed::Halt(None));
    assert_eq!(case.state().honour(permit.permit(), &body).map_err(|r| r.why), Err(Why::Halted { entry: 2 }));
}

#[test]
fn an_entry_cannot_lend_a_category_a_milder_response() {
    let pack = &packs()[0];
    let case = Case::open(pack, Concerns::Pupil, Gate::No);
    let permit = case.state().permit(Deed::Concern(id("grooming"))).expect("a halt");
    let Body::Concern(mut softened) = case.body(permit.deed(), Judgement::Substance) else {
        panic!("a concern")
    };
    assert_eq!(case.state().honour(&permit, &Body::Concern(softened.clone())), Ok(()));
    softened.category.response = Response::Record;
    let refused = case.state().honour(&permit, &Body::Concern(softened)).expect_err("softened");
    assert_eq!(refused.why, Why::OtherDeed { permitted: Verb::Concern, kind: "concern" });
}

#[test]
fn under_another_pack_one_can_only_stop() {
    let case = Case::open(&packs()[0], Concerns::Pupil, Gate::No);
    let state = State::replay(&packs()[2], &case.ledger, Restraint::None);
    for deed in one_of_each(&packs()[2]) {
        match deed {
            Deed::Tell | Deed::Halt(None) => assert!(state.permit(deed).is_ok()),
            _ => assert_eq!(state.permit(deed).expect_err("another pack").why, Why::OtherPack),
        }
    }
}

#[test]
fn what_was_written_against_the_procedure_is_named() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    case.write(&Deed::Seal, Judgement::Substance);
    let state = case.state();
    let found: Vec<_> = state.irregularities().iter().map(|found| (found.entry, &found.why)).collect();
    assert_eq!(found, [(2, &Why::NotJudged)]);
}
