//! Words that nobody types, and very long ones.

use countersign_case::form::draw;
use countersign_record::journal::Annotated;

use crate::readers::*;
use crate::sample::*;

#[test]
fn hostile_words_lay_out() {
    let mut form = sample().form();
    let long = "x".repeat(64 * 1024);
    let lines = "\n".repeat(5_000);
    let mixed = "محمد abc 王小明 \u{202e}\u{0}\u{1b}[31m\u{e000}\u{feff}\u{1f4a9}\u{10ffff} ".repeat(400);
    let words = [long, lines, mixed, "<script>&amp;".repeat(900), String::new()];
    for (place, words) in words.into_iter().enumerate() {
        form.notes[0].text = words.clone();
        form.reason = words.clone();
        form.group = Annotated { value: Some(words.clone()), note: String::new() };
        form.reviewers[0].name.value = words.clone();
        form.concerns[0].reason = words.clone();
        form.exhibits[0].label = words.chars().take(500).collect();
        form.visits[0].address = words;
        let pdf = draw(&form, &fonts()).expect("a form");
        save(&format!("hostile-{place}"), &pdf);
        check(&pdf);
        within_the_margins(&pdf);
    }
}
