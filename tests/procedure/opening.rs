//! Who may open a case.

use countersign_case::procedure::{OpeningPermit, OpeningRefusal, Person, Refusal, Verb, Why, may_open};
use countersign_record::digest::Digest;
use countersign_record::journal::{Concerns, Confirmation, Id, People};

use crate::case::{Gate, opened, packs, text};

#[test]
fn two_people_and_every_confirmation() {
    for pack in packs() {
        let all: Vec<Id> = pack.confirmations().map(|confirmation| confirmation.id.clone()).collect();
        let ask = |first: &str, second: &str, subject: &str, confirmed: &[Id]| {
            let people =
                People { names: [first, second], namesakes: false, concerns: Concerns::Pupil, subject };
            may_open(pack, people, confirmed)
        };
        let made = ask("Jane Smith", "Ali Khan", "P-17", &all).expect("two people, all confirmed");
        assert_eq!(made.len(), all.len());
        let why = |asked: Result<Vec<Confirmation>, Refusal>| {
            let refusal = asked.expect_err("refused");
            assert!(refusal.verb == Verb::Open && !refusal.next.is_empty());
            refusal.why
        };
        assert_eq!(why(ask("Jane Smith", "JANE  smith", "P-17", &all)), OpeningRefusal::OneName.into());
        let concerned = OpeningRefusal::ReviewerConcerned { person: Person::Second };
        assert_eq!(why(ask("Jane Smith", "Ali Khan", "ali khan", &all)), concerned.into());
        for left_out in 0..all.len() {
            let mut some = all.clone();
            let id = some.remove(left_out);
            let refused = why(ask("Jane Smith", "Ali Khan", "P-17", &some));
            assert!(matches!(refused, Why::Opening(OpeningRefusal::NotConfirmed { id: i, .. }) if i == id));
        }
        for extra in ["something-else", all[0].as_str()] {
            let id: Id = extra.parse().expect("an id");
            let confirmed = [all.as_slice(), std::slice::from_ref(&id)].concat();
            let refused = why(ask("Jane Smith", "Ali Khan", "P-17", &confirmed));
            assert_eq!(refused, OpeningRefusal::NotAsked { id }.into());
        }
    }
}

#[test]
fn entry_1_is_what_was_asked_about() {
    let (pack, other) = (&packs()[0], &packs()[1]);
    let opened = opened(pack, Concerns::Pupil, Gate::No);
    assert!(OpeningPermit::ask(pack, opened.clone()).is_ok());
    let why = |pack, opened| OpeningPermit::ask(pack, opened).expect_err("refused").why;
    assert!(matches!(why(other, opened.clone()), Why::Opening(_)));
    let mut softened = opened.clone();
    softened.confirmations[0].statement = text("One of us is there.");
    let id = softened.confirmations[0].id.clone();
    assert_eq!(why(pack, softened), OpeningRefusal::OtherWords { id }.into());
    let mut swapped = opened;
    swapped.pack.file.sha256 = Digest::of(b"another pack");
    assert!(matches!(why(pack, swapped), Why::Opening(OpeningRefusal::OtherPack { .. })));
}
