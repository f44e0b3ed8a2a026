//! After a stop one person alone writes down whom they told: without a
//! passphrase, unsigned, and shown to both before both sign it.

use std::fs;

use crate::school::School;

const TOLD: [&str; 9] = [
    "refer",
    "--route",
    "police-101",
    "--contact",
    "PC 1234 Brown",
    "--reference",
    "CAD 5678",
    "--advice",
    "Leave it on.",
];

fn written(school: &School) -> Vec<std::path::PathBuf> {
    let listed = fs::read_dir(school.case()).expect("lists").map(|entry| entry.expect("is there").path());
    listed.filter(|path| path.to_string_lossy().contains("written-alone-")).collect()
}

#[test]
fn what_one_person_wrote_alone_is_shown_to_both_and_then_signed_as_theirs() {
    let school = School::with_a_case();
    // Only after a stop: otherwise both sign.
    school.run(&[&TOLD[..], &["--alone", "first"]].concat()).refuses(1, &["the case is not stopped"]);
    assert!(written(&school).is_empty());
    assert_eq!(school.run(&["halt"]).code, 0);
    let said = school.run(&[&TOLD[..], &["--alone", "first", "--json"]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!((said.json()["signed"].as_bool(), said.json()["by"].as_str()), (Some(false), Some("a")));
    let isolate = ["isolate", "--what", "Network cable pulled out.", "--alone", "second"];
    assert_eq!(school.run(&isolate).code, 0);
    assert_eq!((written(&school).len(), school.entries()), (2, 1), "no entry was made");

    // The sheet for the police has both, marked.
    let sheet = school.path("sheet.pdf");
    let said = school.run(&["refer", "--sheet", sheet.to_str().expect("UTF-8")]);
    assert_eq!(said.code, 0, "{}", said.err);
    let text = std::process::Command::new("pdftotext").args(["-layout"]).arg(&sheet).arg("-").output();
    let text = String::from_utf8(text.expect("poppler-utils").stdout).expect("UTF-8");
    assert!(text.contains("CAD 5678") && text.contains("Network cable pulled out."), "{text}");
    assert!(text.contains("NOT SIGNED YET") && text.contains("Written by Jane Smith"), "{text}");
    // What this program wrote since the stop is told in full.
    assert!(text.contains("halt-raised") && text.contains("2 files, from written-alone-1 on"), "{text}");
    let shown = school.run(&["show"]);
    assert!(shown.out.contains("Not signed yet; the next unlocking shows it"), "{}", shown.out);
    let waiting = &school.run(&["show", "--json"]).json()["not_signed_yet"];
    assert_eq!((&waiting[0]["by"], &waiting[1]["kind"]), (&"a".into(), &"isolated".into()), "{waiting}");

    // The next unlocking says what it is before it signs anything of it.
    let said = school.both(&["note", "--text", "Both are here now."]);
    assert_eq!(said.code, 0, "{}", said.err);
    let at =
        |words: &str| said.err.find(words).unwrap_or_else(|| panic!("{words:?} is not in: {}", said.err));
    assert!(at("Not signed yet. Your two passphrases sign it:") < at("Put on record as entry"));
    assert!(at("CAD 5678") < at("Put on record as entry"));
    let entries: Vec<serde_json::Value> = (1..=5)
        .map(|number| serde_json::from_slice(&fs::read(school.entry(number)).expect("reads")).expect("JSON"))
        .collect();
    let kinds: Vec<&str> = entries.iter().filter_map(|entry| entry["kind"].as_str()).collect();
    assert_eq!(kinds, ["opened", "halted", "referred", "isolated", "noted"]);
    for (entry, by) in [(&entries[2], "a"), (&entries[3], "b")] {
        assert_eq!(entry["body"]["alone"]["by"], by);
        assert!(entry["body"]["alone"]["at"].as_str() < entry["time"].as_str());
    }
    assert_eq!(entries[2]["body"]["reference"], "CAD 5678");
    let shown = school.run(&["show"]);
    assert!(shown.out.contains("Written by Jane Smith, as they said, alone, on"), "{}", shown.out);
    assert!(shown.out.contains("; signed later."), "{}", shown.out);
    assert!(!shown.out.contains("Not signed yet"), "{}", shown.out);
    // Signed once.
    assert_eq!(school.both(&["note", "--text", "Once."]).code, 0);
    assert_eq!(school.entries(), 6);
}

#[test]
fn what_nobody_of_ours_wrote_is_named_and_never_signed() {
    let school = School::with_a_case();
    assert_eq!(school.run(&["halt"]).code, 0);
    assert_eq!(school.run(&[&TOLD[..], &["--alone", "first"]].concat()).code, 0);
    let one = written(&school).remove(0);
    let mut bytes = fs::read(&one).expect("reads");
    bytes.push(b' ');
    for (name, bytes) in [("written-alone-7", bytes), ("written-alone-8", b"{}".to_vec())] {
        fs::write(school.case().join(name), bytes).expect("writes");
    }
    fs::create_dir(school.case().join("written-alone-9")).expect("is made");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/zero", school.case().join("written-alone-10")).expect("links");
    let said = school.both(&["note", "--text", "Both are here now."]);
    assert_eq!(said.code, 0, "{}", said.err);
    for name in ["written-alone-7", "written-alone-8", "written-alone-9"] {
        assert!(said.err.contains(&format!("{name} lies in the case's folder")), "{}", said.err);
        assert!(school.case().join(name).exists(), "it is left where it is");
    }
    assert_eq!(school.entries(), 5, "opened, recovered, halted, referred, noted");
    let recovered = fs::read_to_string(school.entry(2)).expect("reads");
    for name in ["written-alone-7", "written-alone-8", "written-alone-9"] {
        assert!(recovered.contains(&format!("\"{name}\"")), "{recovered}");
    }
    assert!(!recovered.contains("\"written-alone-1\""), "it is the program's own: {recovered}");
    // One that is too long for an entry is refused where it is typed.
    let long = "\"".repeat(40_000);
    let said = school.run(&["refer", "--route", "police-101", "--advice", &long, "--alone", "first"]);
    said.refuses(2, &["long"]);
    assert_eq!(written(&school).len(), if cfg!(unix) { 5 } else { 4 });
}

fn sheet(school: &School) -> String {
    let sheet = school.path("sheet.pdf");
    let _ = fs::remove_file(&sheet);
    assert_eq!(school.run(&["refer", "--sheet", sheet.to_str().expect("UTF-8")]).code, 0);
    let text = std::process::Command::new("pdftotext").arg(&sheet).arg("-").output().expect("poppler-utils");
    let text = String::from_utf8(text.stdout).expect("UTF-8");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn entry(school: &School, number: u64) -> serde_json::Value {
    serde_json::from_slice(&fs::read(school.entry(number)).expect("reads")).expect("JSON")
}

/// Nobody stopped the case twice: what is said of a stop later puts its one
/// entry right.
#[test]
fn what_is_said_of_a_stop_afterwards_is_no_second_stop() {
    let school = School::with_a_case();
    let about = ["halt", "--about", "--alone", "first"];
    let place = ["--at", "The pupil's phone"];
    let said = [&about[..], &place, &["--by", "second"], &["--category", "grooming"]].concat();
    school.run(&said).refuses(1, &["the case is not stopped", "countersign halt"]);
    assert_eq!(school.run(&["halt"]).code, 0);
    school.run(&about).refuses(2, &["not known already"]);
    school.run(&[&about[..], &["--category", "bullying"]].concat()).refuses(1, &["does not stop a case"]);
    assert_eq!(school.run(&said).code, 0);
    // Nothing of it makes a mark, and each is a file that nobody signed.
    assert_eq!((written(&school).len(), school.entries()), (3, 1));
    assert!(!school.case().join("halt-raised-2").exists());
    let words = sheet(&school);
    for said in [
        "Said afterwards What the stop is about: Grooming",
        "Said afterwards Where it was seen: The pupil's phone",
        "Said afterwards Who stopped the case: Ali Khan",
        "Written by Jane Smith, as they said, alone",
        "NOT SIGNED YET",
        "Raised by One of the two; the program does not know which",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    let said = school.both(&["note", "--text", "Both are here now."]);
    assert_eq!(said.code, 0, "{}", said.err);
    let at = |words: &str| said.err.find(words).unwrap_or_else(|| panic!("no {words:?}: {}", said.err));
    assert!(at("Where it was seen: The pupil's phone") < at("Put on record as entry"), "{}", said.err);
    let kinds: Vec<_> = (1..=school.entries() as u64).map(|n| entry(&school, n)["kind"].clone()).collect();
    assert_eq!(kinds, ["opened", "halted", "corrected", "corrected", "corrected", "noted"]);
    let stop = &entry(&school, 2)["body"];
    assert!(stop["by"].is_null() && stop["place"].is_null(), "signed as it was: {stop}");
    for number in 3..=5 {
        let body = &entry(&school, number)["body"];
        assert_eq!((&body["entry"], &body["alone"]["by"]), (&2.into(), &"a".into()), "{body}");
    }
    // A milder kind changes nothing of the rule that holds: it stands in words.
    let fields: Vec<_> = (3..=5).map(|n| entry(&school, n)["body"]["change"]["field"].clone()).collect();
    assert_eq!(fields, [serde_json::Value::Null, "place".into(), "by".into()]);
    let shown = school.run(&["show"]);
    for said in ["STOPPED by Ali Khan", "the strictest rule holds", "Where: The pupil's phone"] {
        assert!(shown.out.contains(said), "{said}: {}", shown.out);
    }
    assert_eq!(shown.out.matches("STOPPED by").count(), 1, "{}", shown.out);
    assert!(!shown.out.contains("Say what kind of material"), "it was said: {}", shown.out);
    let words = sheet(&school);
    for said in
        ["Raised by Ali Khan", "Where The pupil's phone", "Said afterwards What the stop is about: Grooming"]
    {
        assert!(words.contains(said), "{said}: {words}");
    }
    // Signed once.
    assert_eq!(school.both(&["note", "--text", "Once."]).code, 0);
    assert_eq!(school.entries(), 7);
}

/// What makes a stop stricter is a stop, by whom it is said; and at the gate
/// nobody has said yet what it is about.
#[test]
fn what_is_said_afterwards_and_stops_more_is_a_stop() {
    let school = School::with_a_case();
    assert_eq!(school.run(&["halt", "--category", "grooming"]).code, 0);
    let about = ["halt", "--about", "--alone", "second", "--category", "child-abuse-images"];
    let said = school.run(&about);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("STOP. DO NOT LOOK AGAIN."), "{}", said.err);
    assert!(school.case().join("halt-raised-2").exists() && written(&school).is_empty());
    assert_eq!(school.both(&["halt", "--record"]).code, 0);
    assert_eq!(entry(&school, 3)["body"]["by"], "b");
}

/// What the police ask first, by the command line: where, what, and who.
#[test]
fn a_concern_that_stops_has_place_words_and_person_in_the_stop_and_on_the_sheet() {
    let school = School::with_a_case();
    let concern = [
        "concern",
        "--category",
        "child-abuse-images",
        "--at",
        "The pupil's phone, in Snapchat",
        "--describe",
        "A picture that was sent on.",
        "--by",
        "second",
    ];
    // Where it is can be said no better in a concern; the stop keeps it.
    school.run(&concern).refuses(2, &["The case is stopped all the same"]);
    let sheet = school.path("sheet.pdf");
    assert_eq!(school.run(&["refer", "--sheet", sheet.to_str().expect("UTF-8")]).code, 0);
    let text = std::process::Command::new("pdftotext").arg(&sheet).arg("-").output().expect("poppler-utils");
    let text = String::from_utf8(text.stdout).expect("UTF-8");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let asked = ["The pupil's phone, in Snapchat", "A picture that was sent on.", "Ali Khan", "By a concern"];
    for said in asked {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(school.both(&["halt", "--record"]).code, 0);
    let entry: serde_json::Value =
        serde_json::from_slice(&fs::read(school.entry(2)).expect("reads")).expect("JSON");
    let halted = &entry["body"];
    assert_eq!(
        [&halted["place"], &halted["description"], &halted["by"], &halted["raised"]],
        ["The pupil's phone, in Snapchat", "A picture that was sent on.", "b", "by-concern"]
    );
    assert!(halted["screen"].is_null() && halted["keeping"].is_null(), "nothing was on a screen");
    let shown = school.run(&["show"]);
    assert!(shown.out.contains("STOPPED by Ali Khan"), "{}", shown.out);
}
