//! What must not work, and what must work whatever is broken.

use std::fs;

use serde_json::Value;

use crate::school::{School, first_reference, write_private};

#[test]
fn drawn_passphrases_are_private_and_never_written_over() {
    let school = School::with_a_case();
    let file = school.path("case.txt");
    let text = fs::read_to_string(&file).expect("reads");
    assert_eq!(text.lines().map(|line| line.split(' ').count()).collect::<Vec<_>>(), [6, 6]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).expect("is there").permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("sets");
        let said = school.both(&["note", "--text", "x"]);
        said.refuses(2, &["Others on this computer can read case.txt", "chmod 600"]);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("sets");
    }
    // A second case with the same file uses what is in it.
    assert_eq!(school.open(&[]).code, 0);
    assert_eq!(fs::read_to_string(&file).expect("reads"), text);
}

#[test]
fn a_case_that_is_not_opened_leaves_no_passphrases() {
    let school = School::new();
    fs::write(school.home(), "a file where the home should be").expect("writes");
    school.open(&[]).refuses(4, &["home"]);
    assert!(!school.path("case.txt").exists());
    let school = School::new();
    school.open(&["--second", "x"]).refuses(2, &[]);
    assert!(!school.path("case.txt").exists());
    assert!(!school.home().exists(), "nothing half-written");
}

#[test]
fn own_passphrases_are_judged() {
    for (first, second, said) in [
        ("password1", "river stone candy lamp oyster velvet", "is weak"),
        ("river stone candy lamp oyster velvet", "Ali Khan 2026", "is weak"),
        ("river stone candy lamp oyster velvet", "river stone candy lamp  oyster velvet", "are the same"),
        ("river stone candy lamp oyster velvet", "", "does not hold two passphrases"),
    ] {
        let school = School::new();
        write_private(&school.path("own.txt"), &format!("{first}\n{second}\n"));
        school.open_with(&[], "own.txt").refuses(2, &[said]);
        assert!(school.path("own.txt").exists(), "their own file stays");
    }
}

#[test]
fn nobody_is_told_whose_passphrase_is_wrong() {
    let school = School::with_a_case();
    let text = fs::read_to_string(school.path("case.txt")).expect("reads");
    let lines: Vec<&str> = text.lines().collect();
    let mut said = Vec::new();
    for wrong in [
        format!("{}\nriver stone candy lamp oyster velvet\n", lines[0]),
        format!("river stone candy lamp oyster velvet\n{}\n", lines[1]),
        format!("{}\n{}\n", lines[1], lines[0]),
    ] {
        write_private(&school.path("wrong.txt"), &wrong);
        let answer = school.run(&["note", "--text", "x", "--passphrases", "wrong.txt"]);
        answer.refuses(1, &["One of the passphrases is not right."]);
        said.push(answer.err);
    }
    assert!(said.iter().all(|words| *words == said[0]));
    assert_eq!(school.entries(), 1);
}

#[test]
fn words_that_cannot_be_kept_are_refused_by_field() {
    let school = School::with_a_case();
    let long = "x".repeat(64 * 1024);
    let quotes = "\"".repeat(40 * 1024);
    for (text, said) in [
        ("", "The note is empty."),
        (long.as_str(), "The note is too long"),
        (quotes.as_str(), "The note is too long by 32768 bytes"),
    ] {
        let answer = school.both(&["note", "--text", text]);
        answer.refuses(2, &[said]);
    }
    assert_eq!(school.entries(), 1);
}

#[test]
fn pasted_words_are_never_refused_for_a_character() {
    let school = School::with_a_case();
    for (pasted, kept) in [
        ("a\u{1b}[31mb", "a[U+001B][31mb"),
        ("a\u{202e}b\u{202a}", "a[U+202E]b[U+202A]"),
        ("a\tb\u{2028}c\rd", "a b\nc\nd"),
        ("a\u{2062}b\u{ad}c", "a\u{2062}b\u{ad}c"),
    ] {
        let answer = school.both(&["note", "--text", pasted, "--json"]);
        assert_eq!(answer.code, 0, "{}", answer.err);
        assert!(!answer.err.contains('\u{1b}') && !answer.err.contains('\u{202e}'));
        let entry = fs::read_to_string(school.entry(school.entries() as u64)).expect("reads");
        let entry: serde_json::Value = serde_json::from_str(&entry).expect("JSON");
        assert_eq!(entry["body"]["text"], kept);
    }
}

#[test]
fn names_positions_and_references_hold_nothing_that_cannot_be_seen() {
    let school = School::new();
    for unseen in
        ['\u{2062}', '\u{34f}', '\u{3164}', '\u{61c}', '\u{fe0f}', '\u{e0041}', '\u{e000}', '\u{202e}']
    {
        let said = format!("a character that cannot be seen: character 3, U+{:04X}", u32::from(unseen));
        let (person, subject) = (format!("Ja{unseen}ne Smith, Head"), format!("P-{unseen}12"));
        let position = format!("Jane Smith, He{unseen}ad");
        let computer = format!("AD{unseen}MIN, Office");
        for (flag, value, what) in [
            ("--first", &person, "name of the first reviewing person"),
            ("--first", &position, "position of the first reviewing person"),
            ("--subject", &subject, "reference of the person concerned"),
            ("--computer", &computer, "name of the designated computer"),
        ] {
            school.open_as(flag, value).refuses(2, &[&said, what]);
        }
    }
    assert!(!school.home().exists(), "nothing was begun");
}

#[test]
fn two_people_are_two_unless_they_say_that_they_are_namesakes() {
    let school = School::new();
    for other in ["J\u{430}ne Smith", "\u{ff2a}ane Smith", "\u{1d409}ane Smith", "Jane  SMITH", "Smith Jane"]
    {
        let second = format!("{other}, Deputy head");
        school
            .open_as("--second", &second)
            .refuses(1, &["both reviewing people have the same name", "--namesakes"]);
    }
    school.open(&["--namesakes"]).refuses(2, &["do not have the same name"]);
    let opened = school.open_as_and("--second", "JANE Smith, Deputy head", &["--namesakes"]);
    assert_eq!(opened.code, 0, "{}", opened.err);
    let entry = fs::read_to_string(school.entry(1)).expect("reads");
    assert!(entry.contains("\"namesakes\": true"), "{entry}");
    let shown = school.run(&["show"]);
    assert!(
        shown.out.contains("two people of one name") || shown.err.contains("two people of one name"),
        "{}",
        shown.out
    );
}

#[test]
fn nothing_foreign_reaches_the_terminal() {
    let school = School::with_a_case();
    let name = "a\u{202e}gpj\u{9b}2J.txt";
    fs::write(school.path(name), "x").expect("writes");
    assert_eq!(school.both(&["attach", name, "--describe", "A file"]).code, 0);
    let missing = "no\u{1b}]0;x\u{7}";
    for said in [
        school.run(&["show"]),
        school.run(&["show", "--json"]),
        school.both(&["attach", missing, "--describe", "x"]),
        school.run(&["verify", missing]),
        school.run(&[missing]),
        school.run(&["halt", missing]),
        school.run(&["show", "--json", "--home", missing]),
    ] {
        let deceives = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}'));
        assert!(!said.out.chars().chain(said.err.chars()).any(deceives), "{:?}{:?}", said.out, said.err);
    }
}

#[test]
fn a_case_that_was_tampered_with_names_the_first_bad_entry() {
    let school = School::with_a_case();
    for text in ["one", "two", "three"] {
        assert_eq!(school.both(&["note", "--text", text]).code, 0);
    }
    let entry = school.entry(3);
    let whole = fs::read_to_string(&entry).expect("reads");
    fs::write(&entry, whole.replace("two", "TWO")).expect("writes");
    for arguments in [&["show"][..], &["note", "--text", "x", "--passphrases", "case.txt"]] {
        school.run(arguments).refuses(1, &["is not as it was left", "Entry 3"]);
    }
    let said = school.run(&["show", "--json"]);
    assert!(said.json()["error"].as_str().is_some_and(|error| error.contains("Entry 3")));
    // The duty to stop does not wait for a whole record.
    let halted = school.run(&["halt", "--category", "child-abuse-images"]);
    assert_eq!(halted.code, 0, "{}", halted.err);
    assert!(halted.err.contains("STOP. DO NOT LOOK AGAIN."));
    assert!(school.case().join("halt-raised").exists());
    fs::write(&entry, whole).expect("writes");
    assert_eq!(school.run(&["show", "--json"]).json()["phase"], "halt-raised");

    fs::remove_file(school.entry(4)).expect("removes");
    school.run(&["show"]).refuses(1, &["Entry 4 is missing"]);
}

#[test]
fn another_window_has_the_case() {
    let school = School::with_a_case();
    let lock = fs::File::options().read(true).write(true).open(school.case().join("lock")).expect("opens");
    lock.lock().expect("locks");
    let said = school.both(&["note", "--text", "x"]);
    said.refuses(4, &["is open in another window or program", "Nothing was changed"]);
    // Reading and stopping need no lock.
    assert_eq!(school.run(&["show"]).code, 0);
    let halted = school.run(&["halt", "--json"]);
    assert_eq!(halted.code, 0);
    assert_eq!(
        (&halted.json()["halted"], &halted.json()["on_record"]),
        (&Value::Bool(true), &Value::Bool(false))
    );
    drop(lock);
    let said = school.both(&["note", "--text", "We rang the police."]);
    assert_eq!(said.code, 0);
    assert!(said.err.contains("Put on record as entry 2: STOPPED"), "{}", said.err);
}

#[test]
fn a_stop_with_both_passphrases_is_on_record_at_once() {
    let school = School::with_a_case();
    let said = school.both(&["halt", "--category", "grooming", "--by", "first", "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.json()["on_record"], Value::Bool(true));
    let shown = school.run(&["show", "--json"]).json();
    assert_eq!(
        (&shown["phase"], &shown["halted"], &shown["entries"]),
        (&"halted".into(), &true.into(), &2.into())
    );
    for recording in [
        &["keep", "https://example.org/"][..],
        &["attach", "case.txt", "--describe", "x"],
        &["concern", "--at", "https://example.org/", "--category", "bullying", "--describe", "x"],
    ] {
        school.both(recording).refuses(1, &["the case was stopped in entry 2"]);
    }
    assert_eq!(school.entries(), 2);
}

#[test]
fn a_stop_is_made_whatever_else_is_wrong() {
    let school = School::with_a_case();
    write_private(&school.path("wrong.txt"), "one wrong thing here\nanother wrong thing there\n");
    let said = school.run(&["halt", "--describe", "a\u{202e}b", "--json", "--passphrases", "wrong.txt"]);
    said.refuses(1, &["is stopped", "One of the passphrases is not right"]);
    assert_eq!(said.json()["halted"], Value::Bool(true));
    assert!(school.case().join("halt-raised").exists());

    // A concern that stops, and a passphrase that is wrong: stopped all the same.
    let school = School::with_a_case();
    write_private(&school.path("wrong.txt"), "one wrong thing here\nanother wrong thing there\n");
    let concern = [
        "concern",
        "--at",
        "https://example.org/",
        "--category",
        "terrorism-extremism",
        "--describe",
        "Posters",
    ];
    let said = school.run(&[&concern[..], &["--passphrases", "wrong.txt"]].concat());
    said.refuses(1, &["The case is stopped all the same", "STOP. THIS GOES TO THE POLICE."]);
    school.both(&["attach", "case.txt", "--describe", "x"]).refuses(1, &["the case was stopped"]);
}

#[test]
fn withheld_material_is_shown_nowhere() {
    let school = School::with_a_case();
    let canary = "CANARY-7d1f";
    fs::write(school.path(&format!("{canary}.jpg")), canary).expect("writes");
    assert_eq!(school.both(&["attach", &format!("{canary}.jpg"), "--describe", "A photo"]).code, 0);
    assert_eq!(school.both(&["halt", "--category", "child-abuse-images"]).code, 0);
    assert_eq!(school.both(&["seal", "--out", "out"]).code, 0);
    for said in [school.run(&["show"]), school.run(&["show", "--json"])] {
        assert!(!said.out.contains(canary), "{}", said.out);
    }
    assert_eq!(school.run(&["show", "--json"]).json()["exhibits"][0]["withheld"], 1);
    let bundle = countersign_record::bundle::Source::open(
        &school.path(&format!("out/{}-seal-1.zip", first_reference())),
    );
    let digest = countersign_record::digest::Digest::of(canary.as_bytes()).to_string();
    let bundle = bundle.expect("opens");
    assert!(bundle.members().iter().all(|member| !member.name.as_str().contains(&digest)));
    let verified = school.run(&["verify", &format!("out/{}-seal-1.zip", first_reference()), "--json"]);
    assert_eq!(verified.code, 3);
    assert_eq!(verified.json()["completeness"], "complete-but-withheld");
}

#[test]
fn the_shapes_that_programs_rely_on() {
    let school = School::new();
    let opened = school.open(&["--json"]).json();
    assert_eq!((&opened["case"], &opened["rehearsal"]), (&first_reference().into(), &false.into()));
    let shown = school.run(&["show", "--json"]).json();
    assert_eq!(
        (&shown["phase"], &shown["halted"], &shown["entries"]),
        (&"review".into(), &false.into(), &1.into())
    );
    assert!(shown["next"].as_array().is_some_and(|next| next.contains(&"keep".into())), "{shown}");
    assert_eq!(school.both(&["note", "--text", "Seen."]).code, 0);
    assert_eq!(school.both(&["judge", "--substance", "no", "--because", "A mistake."]).code, 0);
    let sealed = school.both(&["seal", "--out", "out", "--json"]).json();
    for name in ["bundle", "form"] {
        assert!(school.path(sealed[name].as_str().expect("a path")).is_file(), "{name}");
    }
    assert_eq!(sealed["entries"], 4);
    let bundle = sealed["bundle"].as_str().expect("a path");
    let (root, words) = (sealed["root"].as_str().expect("hex"), sealed["words"].as_str().expect("words"));
    for (paper, code, verdict) in [
        (None, 3, "unchanged-not-compared"),
        (Some(root), 0, "unchanged"),
        (Some(words), 0, "unchanged"),
        (Some("abandon ability able about above absent absorb abstract"), 1, "changed"),
    ] {
        let paper: Vec<&str> = paper.into_iter().flat_map(|paper| ["--root", paper]).collect();
        let said = school.run(&[&["verify", bundle, "--json"], &paper[..]].concat());
        assert_eq!((said.code, &said.json()["verdict"]), (code, &verdict.into()), "{}", said.out);
        for name in ["integrity", "identity", "time", "completeness", "findings"] {
            assert!(said.json().get(name).is_some(), "{name}");
        }
    }
    fs::write(school.path("not.zip"), "nothing").expect("writes");
    let said = school.run(&["verify", "not.zip", "--json"]);
    assert_eq!((said.code, &said.json()["verdict"]), (1, &"unreadable".into()));
}

#[test]
fn the_register_lists_what_cannot_be_read() {
    let school = School::with_a_case();
    assert_eq!(school.open(&["--subject", "=HYPERLINK(1)"]).code, 2, "given twice");
    assert_eq!(school.open(&[]).code, 0);
    fs::write(school.entry(1), "{}").expect("writes");
    let said = school.run(&["register"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("CANNOT BE READ") && said.out.contains("-0002  in review"), "{}", said.out);
    let cases = school.run(&["register", "--json"]).json()["cases"].clone();
    assert_eq!(cases.as_array().map(Vec::len), Some(2));
    assert_eq!((&cases[0]["reference"], &cases[1]["phase"]), (&first_reference().into(), &"review".into()));
    assert_eq!(school.run(&["register", "--csv"]).out.lines().count(), 3);
    // A case that cannot be read counts as open: nobody adds to the other by
    // mistake.
    school.both(&["note", "--text", "x"]).refuses(2, &["More than one case is open"]);
}

#[test]
fn a_rehearsal_says_so_everywhere() {
    let school = School::new();
    assert!(school.open(&["--rehearsal"]).err.contains("REHEARSAL"));
    for arguments in [&["show"][..], &["note", "--text", "x", "--passphrases", "case.txt"], &["halt"]] {
        let said = school.run(arguments);
        assert!(said.err.contains("REHEARSAL"), "{arguments:?}: {}", said.err);
    }
    let said = school.run(&["show"]);
    assert!(said.out.starts_with("REHEARSAL"), "{}", said.out);
    assert_eq!(school.run(&["show", "--json"]).json()["rehearsal"], Value::Bool(true));
}

#[test]
fn every_verb_has_an_example() {
    let school = School::new();
    let help = school.run(&["--help"]).out;
    let verbs =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs: Vec<&str> = verbs.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(verbs.len() > 15, "{verbs:?}");
    for verb in verbs {
        let said = school.run(&[verb, "--help"]);
        assert_eq!(said.code, 0);
        assert!(said.out.contains("Example:\n  countersign "), "{verb}: {}", said.out);
    }
}

#[test]
fn completions_for_each_shell() {
    let school = School::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let said = school.run(&["completions", shell]);
        assert_eq!(said.code, 0);
        assert!(said.out.contains("hand") || said.out.contains("seal"), "{shell}");
    }
}

#[test]
fn isolate_without_words_shows_what_to_do_and_writes_nothing_down() {
    let school = School::with_a_case();
    assert_eq!(school.run(&["halt", "--category", "grooming"]).code, 0);
    let said = school.both(&["isolate"]);
    let hint = format!("countersign isolate {} --what", first_reference());
    said.refuses(2, &["Nothing was written down: --what is missing", &hint]);
    assert_eq!(school.entries(), 1);
}
