//! A case with a very long record: what stands on paper, and what the paper
//! says of the rest.

use std::time::{Duration, Instant};

use countersign_case::form::{Fonts, Form, Picture, Pictures, Source, draw};
use countersign_record::journal::Standing;

use crate::readers::*;
use crate::sample::*;

/// 10,000 pages visited, three of them kept, one of concern; 2,000 notes; 300
/// exhibits of which a concern names one; 400 pictures.
fn long_case() -> Form {
    let mut form = Sample::opened(Standing::Case, Gate::Nothing).form();
    let like = sample().form();
    for n in 0..10_000_u64 {
        let mut visit = like.visits[0].clone();
        visit.entry = n + 2;
        visit.address = address(n);
        if KEPT.contains(&n) {
            visit.kept_as.push(format!("JS/{n}"));
        }
        form.visits.push(visit);
        let mut line = form.record[0].clone();
        (line.entry, line.what, line.is_step) = (n + 2, "Page visited".to_owned(), false);
        form.record.push(line);
    }
    for n in 0..2_000_u64 {
        let mut note = like.notes[0].clone();
        note.text = format!("Note number {n}.");
        note.corrects = (n == 1_000).then_some(3);
        note.when.entry = 20_000 + n;
        form.notes.push(note);
    }
    for n in 0..300_u64 {
        let mut exhibit = like.exhibits[0].clone();
        exhibit.label = format!("JS/{n}");
        if n == 0 {
            exhibit.absences = (0..40).map(|n| format!("link number {n}")).collect();
            exhibit.absences_in_all = 51;
        }
        exhibit.when.entry = 30_000 + n;
        form.exhibits.push(exhibit);
    }
    for n in 0..80 {
        let mut concern = like.concerns[0].clone();
        concern.at.value = if n == 0 { address(5_000) } else { format!("Device {n}") };
        concern.reason = format!("Reason number {n}.");
        concern.exhibits = if n == 0 { vec!["JS/150".to_owned()] } else { Vec::new() };
        form.concerns.push(concern);
    }
    let picture = |n: u64| Picture {
        exhibit: format!("JS/{n}"),
        what: "Picture of the whole page".to_owned(),
        source: if n < 3 { Source::Bytes(picture(80, 60)) } else { Source::NoRoom },
    };
    form.pictures = Pictures::Lawful((0..400).map(picture).collect());
    form
}

const KEPT: [u64; 3] = [3_000, 3_002, 7_777];

fn address(n: u64) -> String {
    format!("https://forum.example.org/thread/{n}/")
}

#[test]
fn a_long_record_is_not_printed_whole_and_says_so() {
    let form = long_case();
    let started = Instant::now();
    let pdf = draw(&form, &Fonts::built_in()).expect("a form");
    let took = started.elapsed();
    eprintln!("10,000 visits: {} pages, {} bytes, {took:?}", pdf.pages, pdf.bytes.len());
    save("long", &pdf);
    check(&pdf);
    assert!(pdf.pages < 60, "{} pages", pdf.pages);
    assert!(took < Duration::from_secs(120), "{took:?}");
    assert!(draw(&form, &Fonts::built_in()).expect("a form") == pdf, "the same form, other bytes");

    let pages = text_of(&pdf);
    let (first, _) = pages.split_once('\u{c}').expect("a page");
    let (text, first) = (flat(&pages), flat(first));
    // What is left out is said on the first page and at each list, and the
    // numbers are right.
    let lists = [("pages visited", 10_000), ("notes", 2_000), ("exhibits", 300), ("pictures", 400)];
    for (things, all) in &lists[..3] {
        let (before, _) =
            text.split_once(&format!(" of {} {things} stand here", with_comma(*all))).expect(things);
        let shown: u64 = number(before.rsplit(' ').next().expect("a number"));
        let left_out = all - shown;
        assert!(
            first.contains(&format!("{} {things}", with_comma(left_out))),
            "{things}: {left_out} in {first}"
        );
        let gaps = format!(" {things}, not on this paper");
        let in_gaps: u64 = text
            .match_indices(&gaps)
            .map(|(at, _)| number(text[..at].rsplit(' ').next().expect("a number")))
            .sum();
        assert_eq!(in_gaps, left_out, "{things}");
    }
    assert!(first.contains("397 pictures"), "{first}");
    assert!(text.contains("These are in the sealed file."));

    // What was decided stands there whole, and what matters before the rest.
    for n in 0..80 {
        assert!(text.contains(&format!("Reason number {n}.")), "concern {n}");
    }
    for n in [0, 2_999, 3_000, 3_001, 3_002, 3_003, 4_999, 5_000, 5_001, 7_776, 7_777, 7_778, 9_999] {
        assert!(text.contains(&address(n)), "visit {n}");
    }
    for n in [2_500, 6_000, 9_000] {
        assert!(!text.contains(&address(n)), "visit {n}");
    }
    for words in [
        "Note number 0.",
        "Note number 1000.",
        "Note number 1999.",
        "Corrects entry 3",
        "JS/150",
        "Not in it: 51 in all, each of which the record names. The first 12:",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert!(pages.contains(&format!("Page {0} of {0}", pdf.pages)));
}

#[test]
fn a_record_that_fits_is_printed_whole() {
    let mut form = sample().form();
    let visit = form.visits[0].clone();
    form.visits =
        (0..150).map(|n| countersign_case::form::Visit { address: address(n), ..visit.clone() }).collect();
    let text = text_of(&draw(&form, &fonts()).expect("a form"));
    assert!((0..150).all(|n| text.contains(&address(n))));
    assert!(!text.contains("stand here") && !text.contains("not on this paper"), "{text}");
}

fn with_comma(n: u64) -> String {
    if n < 1_000 { n.to_string() } else { format!("{},{:03}", n / 1_000, n % 1_000) }
}

fn number(words: &str) -> u64 {
    words.replace(',', "").parse().unwrap_or_else(|_| panic!("{words} is no number"))
}
