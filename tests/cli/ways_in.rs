//! What is withheld stays, at the command line: the inputs that went wrong.

use std::fs;

use crate::school::{School, first_reference};

#[test]
fn a_withheld_file_comes_into_no_other_case_by_its_folder_or_anew() {
    let school = School::with_a_case();
    let first = first_reference();
    fs::write(school.path("x.png"), "the picture").expect("writes");
    assert_eq!(school.both(&["attach", &first, "x.png", "--describe", "A picture"]).code, 0);
    assert_eq!(school.run(&["halt", &first, "--category", "child-abuse-images"]).code, 0);
    let second = school.open(&["--follows", &first]);
    assert_eq!(second.code, 0, "{}", second.err);
    let second = second.out.trim().to_owned();
    let attach = |path: &str| school.both(&["attach", &second, path, "--describe", "Files"]);
    let files = school.case().join("data/files");
    attach(files.to_str().expect("text"))
        .refuses(1, &["lies where Countersign keeps the cases", "Say in words"]);
    attach("x.png").refuses(1, &["x.png is withheld in case", &first, "countersign halt", "Say in words"]);
    fs::copy(school.path("x.png"), school.path("holiday.jpg")).expect("copies");
    attach("holiday.jpg").refuses(1, &["holiday.jpg is withheld in case"]);
    fs::write(school.path("empty"), "").expect("writes");
    assert_eq!(attach("empty").code, 0);
    // The case says what it follows, in the record and on its form.
    let shown = school.run(&["show", &second]);
    assert!(shown.out.contains(&format!("following case {first}, which was stopped")), "{}", shown.out);
    assert_eq!(school.run(&["show", &second, "--json"]).json()["follows_stopped"], true);
    let judge = ["judge", &second, "--substance", "no", "--because", "Nothing was found."];
    assert_eq!(school.both(&judge).code, 0);
    assert_eq!(school.both(&["form", &second, "--out", "form.pdf"]).code, 0);
    let form = school.path("form.pdf");
    let words = std::process::Command::new("pdftotext").arg(&form).arg("-").output().expect("pdftotext");
    let form = String::from_utf8_lossy(&words.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(form.contains("which was stopped"), "{form}");
}

#[test]
fn a_case_s_folder_its_keys_and_its_lock_are_no_evidence() {
    let school = School::with_a_case();
    let case = school.case();
    for path in [case.clone(), case.join("keys"), case.join("keys/a"), case.join("lock"), school.home()] {
        let said = school.both(&["attach", path.to_str().expect("text"), "--describe", "x"]);
        said.refuses(1, &["lies where Countersign keeps the cases"]);
    }
    // Nor is it a procedure.
    let pack = fs::read_dir(case.join("data/files")).expect("lists").flatten().next().expect("one").path();
    let said = school.open(&["--procedure", pack.to_str().expect("text")]);
    said.refuses(1, &["lies where Countersign keeps the cases"]);
    assert_eq!(school.entries(), 1);
}

/// Another case had it from before: then it leaves there as little.
#[test]
fn what_two_cases_hold_leaves_neither_once_one_is_stopped() {
    let school = School::with_a_case();
    let first = first_reference();
    let second = school.open(&[]).out.trim().to_owned();
    fs::write(school.path("x.png"), "the picture").expect("writes");
    for case in [&first, &second] {
        assert_eq!(school.both(&["attach", case, "x.png", "--describe", "A picture"]).code, 0);
    }
    assert_eq!(school.both(&["form", &second, "--out", "before.pdf"]).code, 0);
    assert_eq!(school.run(&["halt", &first]).code, 0);
    let words = ["holds a file that is withheld in case", &first, "Stop this case, too"];
    school.both(&["form", &second, "--out", "after.pdf"]).refuses(1, &words);
    assert!(!school.path("after.pdf").exists());
    assert_eq!(school.run(&["halt", &second]).code, 0);
    assert_eq!(school.both(&["form", &second, "--out", "after.pdf"]).code, 0);
}
