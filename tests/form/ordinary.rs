//! A case as most are.

use std::time::{Duration, Instant};

use countersign_case::form::{Fonts, Pictures, draw, draw_sealed};
use countersign_record::journal::Standing;
use countersign_record::words::SealWords;

use crate::readers::*;
use crate::sample::*;

#[test]
fn an_ordinary_case() {
    let pdf = draw_sealed(&sample().form(), &seal(), &fonts()).expect("a form");
    save("ordinary", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    for words in [
        "Record of reviewing devices and internet sites",
        "Rowan Park School",
        "Zażółć Gęślą",
        "Jane Smith",
        "Headteacher",
        "王小明",
        "JS/1",
        "Bullying or harassment online",
        "https://forum.example.org/thread/42",
        "The concern has substance",
        "Local authority: children's services",
        "These eight words prove that the bundle handed over is the one you sealed.",
        "Keep this sheet apart from the bundle.",
        "Receiving officer",
        "SHA256:",
    ] {
        assert!(flat(&text).contains(words), "{words:?} is not in\n{text}");
    }
    for word in SealWords::of(&seal().root).words() {
        assert!(text.contains(word), "{word}");
    }
    assert!(has_right_to_left(&text, "محمد علي"), "{text}");
    assert!(!text.contains("REHEARSAL") && !text.contains("[U+738B]"), "{text}");
    for page in 1..=pdf.pages {
        assert!(text.contains(&format!("Page {page} of {}", pdf.pages)), "page {page}");
    }
    assert_eq!(text.matches('\u{c}').count(), pdf.pages, "pages");
    let seal_sheet = text.split('\u{c}').nth(pdf.pages - 1).expect("a last page");
    let first =
        seal_sheet.lines().filter(|line| !line.trim().is_empty()).nth(1).expect("a line below the head");
    assert!(first.trim_start().starts_with("These eight words prove"), "{first}");
    assert_eq!(images(&pdf), 3);
}

#[test]
fn the_same_form_is_the_same_bytes() {
    let draw = || draw_sealed(&sample().form(), &seal(), &fonts()).expect("a form");
    assert!(draw() == draw());
}

#[test]
fn an_ordinary_form_is_quick() {
    let mut form = sample().form();
    form.pictures = Pictures::Lawful(Vec::new());
    let fonts = fonts();
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        draw_sealed(&form, &seal(), &fonts).expect("a form");
        best = best.min(started.elapsed());
    }
    eprintln!("an ordinary form: {best:?}");
    assert!(best < Duration::from_secs(3), "{best:?}");
}

#[test]
fn a_rehearsal_says_so_on_every_page() {
    let pdf = draw_sealed(&sample_of(Standing::Rehearsal).form(), &seal(), &fonts()).expect("a form");
    save("rehearsal", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    let pages: Vec<&str> = text.split('\u{c}').take(pdf.pages).collect();
    assert!(pages.iter().all(|page| page.matches("REHEARSAL").count() == 2), "{text}");
}

#[test]
fn a_case_that_was_only_opened_has_room_to_write() {
    let form = Sample::opened(Standing::Case, Gate::Nothing).form();
    let pdf = draw(&form, &fonts()).expect("a form");
    save("bare", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    assert!(
        text.contains("No concern was recorded.") && text.contains("No judgement is recorded."),
        "{text}"
    );
}

#[test]
fn without_fonts_of_the_script_the_letters_are_spelt_out() {
    let pdf = draw(&sample().form(), &Fonts::built_in()).expect("a form");
    check(&pdf);
    assert!(text_of(&pdf).contains("[U+738B][U+5C0F][U+660E]"));
}
