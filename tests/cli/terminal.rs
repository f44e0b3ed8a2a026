//! Questions and passphrases at a terminal.

use std::process::Command;
use std::time::Duration;

use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};

use crate::school::{School, first_reference};

fn at_terminal(school: &School, arguments: &[&str]) -> OsSession {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("countersign"));
    command.current_dir(school.folder.path()).arg("--home").arg(school.home()).args(arguments);
    let mut session = Session::spawn(command).expect("starts");
    session.set_expect_timeout(Some(Duration::from_secs(30)));
    session
}

#[track_caller]
fn asked(session: &mut OsSession, question: &str, answer: &str) {
    session.expect(question).unwrap_or_else(|e| panic!("{question}: {e}"));
    session.send_line(answer).expect("types");
}

fn exit_code(session: &mut OsSession) -> i32 {
    let _ = session.expect(Eof);
    match session.get_process().wait() {
        Ok(expectrl::process::unix::WaitStatus::Exited(_, code)) => code,
        other => panic!("{other:?}"),
    }
}

fn passphrases(school: &School) -> [String; 2] {
    let text = std::fs::read_to_string(school.path("case.txt")).expect("reads");
    let mut lines = text.lines().map(str::to_owned);
    [lines.next().expect("one"), lines.next().expect("two")]
}

#[test]
fn each_is_asked_by_name_and_can_try_again() {
    let school = School::with_a_case();
    let [first, second] = passphrases(&school);
    let mut session = at_terminal(&school, &["note", "--text", "Typed at the terminal"]);
    session.expect("Check before you both sign").expect("is shown");
    session.expect("Note: Typed at the terminal").expect("is shown");
    asked(&mut session, "Jane Smith, type your passphrase:", &first);
    asked(&mut session, "Ali Khan, type your passphrase:", "a wrong one");
    asked(&mut session, "One of the passphrases is not right. Try again.\r\nJane Smith", &first);
    asked(&mut session, "Ali Khan, type your passphrase:", &second);
    session.expect("Entry 2 is kept").expect("is kept");
    assert_eq!(exit_code(&mut session), 0);
}

#[test]
fn the_first_question_comes_first() {
    let school = School::new();
    let mut session = at_terminal(&school, &["open", "--confirm-all"]);
    asked(&mut session, "could it be illegal", "perhaps");
    asked(&mut session, "Please type yes or no.", "no");
    asked(&mut session, "Why are you looking?", "Complaint");
    asked(&mut session, "Who reported it?", "Form tutor");
    asked(&mut session, "Who is concerned?", "pupil");
    asked(&mut session, "reference for that person?", "P-1234");
    asked(&mut session, "first reviewing person's name?", "Jane Smith");
    asked(&mut session, "position?", "Headteacher");
    asked(&mut session, "second reviewing person's name?", "Ali Khan");
    asked(&mut session, "position?", "Safeguarding lead");
    asked(&mut session, "name of this computer?", "ADMIN-07");
    asked(&mut session, "Where does it stand?", "Office");
    let mut drawn = Vec::new();
    for name in ["Jane Smith", "Ali Khan"] {
        asked(&mut session, "Use six words that Countersign has drawn for you?", "yes");
        session.expect("shown once:").expect("is shown");
        let found = session.expect(expectrl::Regex("    ([a-z]+( [a-z]+){5})")).expect("six words");
        let words = String::from_utf8(found.get(1).expect("words").to_vec()).expect("ASCII");
        // A slip of the pen is found before the card goes to the safe.
        asked(&mut session, &format!("{name}, write it down, then type it here:"), "six other words");
        asked(&mut session, "That is not the same.", &words);
        drawn.push(words);
    }
    session.expect(format!("Case {} is open.", first_reference()).as_str()).expect("is open");
    assert_eq!(exit_code(&mut session), 0);

    let mut session = at_terminal(&school, &["note", "--text", "x"]);
    asked(&mut session, "Jane Smith, type your passphrase:", &drawn[0]);
    asked(&mut session, "Ali Khan, type your passphrase:", &drawn[1]);
    assert_eq!(exit_code(&mut session), 0);
}

#[test]
fn a_category_that_stops_is_confirmed_once_and_stops_at_once() {
    let school = School::with_a_case();
    let concern = [
        "concern",
        "--at",
        "https://example.org/",
        "--category",
        "child-abuse-images",
        "--describe",
        "Perhaps",
    ];
    let mut session = at_terminal(&school, &concern);
    asked(&mut session, "Stop the case now?", "no");
    assert_eq!(exit_code(&mut session), 1);
    assert!(!school.case().join("halt-raised").exists());

    let mut session = at_terminal(&school, &concern);
    asked(&mut session, "Stop the case now?", "yes");
    session.expect("STOP. DO NOT LOOK AGAIN.").expect("the stop page");
    session.expect("Jane Smith, type your passphrase:").expect("asks");
    // Nobody has typed a passphrase yet, and the case is stopped.
    assert!(school.case().join("halt-raised").exists());
    let [first, second] = passphrases(&school);
    session.send_line(&first).expect("types");
    asked(&mut session, "Ali Khan, type your passphrase:", &second);
    assert_eq!(exit_code(&mut session), 0);
    assert_eq!(school.run(&["show", "--json"]).json()["entries"], 3);
}

#[test]
fn a_statement_that_is_not_true_opens_nothing() {
    let school = School::new();
    let mut session = at_terminal(
        &school,
        &[
            "open",
            "--suspected-illegal",
            "no",
            "--reason",
            "x",
            "--reported-by",
            "x",
            "--concerns",
            "pupil",
            "--subject",
            "P-1",
            "--first",
            "Jane Smith, Head",
            "--second",
            "Ali Khan, Lead",
            "--computer",
            "A, B",
        ],
    );
    asked(&mut session, "Both of us are senior members of staff", "yes");
    asked(&mut session, "Neither of us is the person concerned", "no");
    assert_eq!(exit_code(&mut session), 1);
    assert!(!school.home().exists());
}

#[test]
fn a_yes_at_the_gate_asks_what_is_suspected() {
    let school = School::new();
    let given = ["--reason", "Complaint", "--reported-by", "Form tutor", "--concerns", "pupil"];
    let who = ["--subject", "P-1234", "--first", "Jane Smith, Headteacher", "--second", "Ali Khan, Lead"];
    let rest = ["--computer", "ADMIN-07, Office", "--confirm-all", "--passphrases", "case.txt"];
    let mut session = at_terminal(&school, &[&["open"], &given[..], &who, &rest].concat());
    asked(&mut session, "could it be illegal", "yes");
    session.expect("grooming").expect("is in the list");
    asked(&mut session, "What is suspected?", "bullying");
    asked(&mut session, "Please type the first word", "grooming");
    assert_eq!(exit_code(&mut session), 0);
    let halt = std::fs::read_to_string(school.entry(2)).expect("reads");
    assert!(halt.contains("\"grooming\"") && halt.contains("at-the-gate"), "{halt}");
}

#[test]
fn a_yes_at_the_gate_from_people_who_are_not_sure() {
    let school = School::new();
    let given = ["--reason", "Complaint", "--reported-by", "Form tutor", "--concerns", "pupil"];
    let who = ["--subject", "P-1234", "--first", "Jane Smith, Headteacher", "--second", "Ali Khan, Lead"];
    let rest = ["--computer", "ADMIN-07, Office", "--confirm-all", "--passphrases", "case.txt"];
    let yes = ["open", "--suspected-illegal", "yes"];
    let mut session = at_terminal(&school, &[&yes[..], &given, &who, &rest].concat());
    asked(&mut session, "What is suspected?", "");
    assert_eq!(exit_code(&mut session), 0);
    let halt = std::fs::read_to_string(school.entry(2)).expect("reads");
    assert!(halt.contains("\"category\": null"), "the strictest rule: {halt}");
}
