//! A case that was stopped.

use std::collections::BTreeMap;

use countersign_case::form::{Form, Pictures, draw, draw_sealed};
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Halted, Raised, Response, Restraint, Side, Standing};

use crate::readers::*;
use crate::sample::*;

#[test]
fn a_withheld_case_has_no_picture_at_all() {
    let mut sample = sample();
    let before = sample.form();
    assert!(matches!(&before.pictures, Pictures::Lawful(pictures) if !pictures.is_empty()));
    let label = "Sexual or indecent image of a child";
    sample.say(Body::Halted(Halted {
        category: Some(category("child-abuse-images", label, Response::StopAndWithhold)),
        typed: None,
        place: None,
        by: Some(Side::B),
        raised: Raised::ByHand,
        raised_at: Some(time(20)),
        raised_file: Some(Digest::of(b"raised")),
        description: None,
        screen: None,
        keeping: None,
    }));
    // Reading any file is now a fault of the form.
    sample.bytes.clear();
    let form = sample.form();
    assert!(matches!(form.pictures, Pictures::Withheld));
    let pdf = draw_sealed(&form, &seal(), &fonts()).expect("a form");
    save("withheld", &pdf);
    check(&pdf);
    assert_eq!(images(&pdf), 0);
    assert!(!has_image_object(&pdf), "an image object");
    let text = text_of(&pdf);
    for words in ["The case was stopped", "Left where it is", label, "not shown, printed or copied"] {
        assert!(flat(&text).contains(words), "{words:?} is not in\n{text}");
    }
    // The addresses are there, and not what the pages say of themselves.
    let lawful = flat(&text_of(&draw_sealed(&before, &seal(), &fonts()).expect("a form")));
    assert!(before.visits.iter().filter(|visit| visit.title.is_some()).count() > 1);
    for (visit, withheld) in before.visits.iter().zip(&form.visits) {
        assert_eq!((&visit.address, &withheld.title), (&withheld.address, &None));
        if let Some(title) = &visit.title {
            assert!(lawful.contains(title.as_str()) && !flat(&text).contains(title.as_str()), "{title}");
        }
    }
    assert!(flat(&text).contains("Titles of pages are left out"), "{text}");
}

#[test]
fn a_halt_that_is_only_raised_already_withholds() {
    let sample = sample();
    let released = sample.ledger.released(Restraint::Withhold);
    let nothing = Shelf(BTreeMap::new());
    let form = Form::of(&sample.ledger, &released, &pack(), &nothing, time(60)).expect("a form");
    assert!(matches!(form.pictures, Pictures::Withheld));
    assert!(!has_image_object(&draw(&form, &fonts()).expect("a form")));
    assert!(has_image_object(&draw(&sample.form(), &fonts()).expect("a form")));
}

#[test]
fn a_case_stopped_at_the_gate_is_text() {
    let form = Sample::opened(Standing::Case, Gate::Illegal).form();
    let pdf = draw(&form, &fonts()).expect("a form");
    save("gate", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    assert!(text.contains("nothing was reviewed") && text.contains("Write here who was told."), "{text}");
}
