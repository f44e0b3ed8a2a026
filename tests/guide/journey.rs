//! Journeys: a case opened, a note signed, a stop; and what goes wrong on the
//! way.

use std::time::Instant;

use crate::opening::{OURS, answer_all, answer_one, guide, lock, open, open_at};
use crate::support::Browser;

#[test]
fn a_case_is_opened_and_a_note_is_signed() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/note"));
    browser.answer(&[("text", "")]);
    assert_eq!(browser.page.status, 422);
    assert!(browser.page.title().starts_with("Error: "), "{}", browser.page.title());
    browser.sees("There is a problem").sees("href=\"#text\"");
    browser.answer(&[("text", "<script>alert(1)</script>")]);
    browser.sees("Check before you both sign").sees("&lt;script&gt;");
    let check = browser.path.clone();
    browser.answer(&[]);
    browser.sees("Entry 2 is kept");
    // The back button after signing.
    browser.get(&check);
    browser.sees("This is signed already").sees("entry 2");
    browser.get(&case);
    browser.sees("2 entries");
}

#[test]
fn a_locked_case_asks_for_both_and_does_not_say_whose_is_wrong() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    lock(&mut browser, &case);
    browser.get(&format!("{case}/note"));
    browser.answer(&[("text", "Words that wait.")]);
    browser.sees("Jane Smith, type your passphrase");
    for wrong in [[OURS[1], OURS[0]], [OURS[0], "wrong"], ["wrong", OURS[1]]] {
        browser.answer(&[("first-passphrase", wrong[0]), ("second-passphrase", wrong[1])]);
        browser.sees("One of the passphrases is not right. Try again.").sees("Words that wait.");
    }
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("Entry 2 is kept");
}

#[test]
fn a_stop_is_at_once_and_needs_nothing() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    lock(&mut browser, &case);
    let stop = format!("{case}/stop");
    let began = Instant::now();
    browser.post(&stop, &[]);
    let took = began.elapsed();
    assert_eq!(browser.page.status, 303);
    assert!(took.as_millis() < 2000, "{took:?}");
    let to = browser.page.header("location").to_owned();
    browser.get(&to);
    browser
        .sees("Stop. Do not look again.")
        .sees("Do not print, copy, photograph or send anything.")
        .sees("101");
    let text = browser.page.text();
    let order = [
        "Turn the screen away",
        "Do not print",
        "Do not delete",
        "Leave this computer on",
        "Ring the police now",
        "Write down here",
    ];
    let places: Vec<usize> = order.iter().map(|words| text.find(words).expect(words)).collect();
    assert!(places.is_sorted(), "{places:?}");
    browser.send(&format!("{case}/referral-sheet"), &[]);
    assert_eq!(browser.page.header("content-type"), "application/pdf");
    assert!(browser.page.header("content-disposition").starts_with("attachment"));
    // It is put on record when both unlock.
    browser.get(&format!("{case}/unlock"));
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("Stopped: what is left to do").sees("Leave the computer as it is");
}

#[test]
fn what_may_be_illegal_opens_stopped() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    browser.get("/open");
    browser.answer(&[]);
    browser.sees("If you are not sure, choose yes.");
    browser.answer(&[("suspected", "yes")]);
    browser.sees("Nobody looks.");
    answer_all(&mut browser);
    browser.sees("&lt;b&gt;&amp; more&lt;/b&gt;");
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[0])]);
    browser.sees("One of the passphrases is not right");
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("Stop. Do not look again.");
}

#[test]
fn reviewers_must_be_two_people() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    browser.get("/open");
    browser.answer(&[("suspected", "no")]);
    while !browser.path.ends_with("/second") {
        let step = browser.path.rsplit('/').next().unwrap_or_default().to_owned();
        match step.as_str() {
            "first" => browser.answer(&[("first-name", "Jane Smith"), ("first-position", "Headteacher")]),
            "reason" => browser.answer(&[("reason", "Words")]),
            "reporter" => browser.answer(&[("reporter", "Words")]),
            "concerned" => browser.answer(&[("concerns", "pupil")]),
            _ => browser.answer(&[("subject", "P-1"), ("subject-key", ""), ("group", "")]),
        };
    }
    browser.answer(&[("second-name", "smith, JANE"), ("second-position", "Deputy")]);
    browser
        .sees("Your names read as one")
        .sees("value=\"smith, JANE\"")
        .sees("Are you two different people?");
    let second = [("second-name", "smith, JANE"), ("second-position", "Deputy")];
    browser.answer(&[&second[..], &[("namesakes", "no")]].concat());
    browser.sees("Ask a second one to join you");
    browser.answer(&[("second-name", "Ja\u{2062}ne Smith"), ("second-position", "Deputy")]);
    browser.sees("a character that cannot be seen: character 3, U+2062");
    browser.answer(&[("second-name", "Ali Khan"), ("second-position", "Deputy")]);
    assert!(browser.path.ends_with("/computer"), "{}", browser.path);
}

#[test]
fn two_people_of_one_name_say_so_once_and_it_is_on_record() {
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    browser.get("/open");
    browser.answer(&[("suspected", "no")]);
    let second = [("second-name", "Jane Smith"), ("second-position", "Deputy head")];
    while !browser.path.ends_with("/check") {
        let step = browser.path.rsplit('/').next().unwrap_or_default().to_owned();
        match step.as_str() {
            "first" => {
                browser.answer(&[("first-name", "Jane Smith"), ("first-position", "Headteacher")]);
            }
            "reason" => drop(browser.answer(&[("reason", "Turned\u{202e} round")]).clone()),
            "second" => {
                browser.answer(&second);
                browser.sees("Are you two different people?");
                browser.answer(&[&second[..], &[("namesakes", "yes")]].concat());
            }
            "second-passphrase" => {
                browser.sees("<h1>Jane Smith (Deputy head), this is your passphrase</h1>");
                browser.sees("<p>Jane Smith, Deputy head</p>");
                answer_one(&mut browser);
            }
            _ => answer_one(&mut browser),
        }
    }
    browser.sees("Yes: you are two different people").sees("Jane Smith (Headteacher), type your passphrase");
    browser.sees("Turned[U+202E] round");
    // Said of these names, and not of others that come to be alike later.
    let draft = browser.path.trim_end_matches("/check").to_owned();
    browser.get(&format!("{draft}/first"));
    browser.answer(&[("first-name", "JANE SMITH"), ("first-position", "Headteacher")]);
    assert!(browser.path.ends_with("/second"), "asked again: {}", browser.path);
    browser.answer(&[&second[..], &[("namesakes", "yes")]].concat());
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("is open");
    let case = folder.path().join("home/cases").join(browser.path.split(['/', '?']).nth(2).expect("a case"));
    let entry = std::fs::read_to_string(case.join("data/journal/000001.json")).expect("reads");
    assert!(entry.contains("\"namesakes\": true"), "{entry}");
    assert!(entry.contains("\"JS\"") && entry.contains("\"JSB\""), "{entry}");
}

#[test]
fn two_tabs_sign_one_entry_once() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/note"));
    browser.answer(&[("text", "Once.")]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut tab = browser.tab();
            scope.spawn(move || drop(tab.answer(&[]).clone()));
        }
    });
    browser.get(&case);
    browser.sees("2 entries");
}

#[test]
fn a_restart_loses_only_what_was_not_signed() {
    let (folder, mut guide) = guide();
    let (case, check) = {
        let mut browser = Browser::enter(&guide);
        let case = open(&mut browser);
        browser.get(&format!("{case}/note"));
        browser.answer(&[("text", "Not signed.")]);
        (case, browser.path.clone())
    };
    guide.kill();
    let guide = crate::support::Guide::start(&folder.path().join("home"));
    let mut browser = Browser::enter(&guide);
    browser.sees(&case);
    browser.get(&check);
    browser.sees("These answers are not there any more.").sees("is safe");
    browser.get(&case);
    browser.sees("1 entry");
}

#[test]
fn a_stop_does_not_wait_for_pages_that_wait() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    lock(&mut browser, &case);
    let stop = format!("{case}/stop");
    let unlock = format!("{case}/unlock");
    let mut tab = browser.tab();
    tab.get(&unlock);
    std::thread::scope(|scope| {
        // More than there are threads for pages that wait: all of them try to
        // unlock the case at once.
        for _ in 0..56 {
            let mut waiting = tab.tab();
            scope.spawn(move || {
                let wrong = [("first-passphrase", "wrong"), ("second-passphrase", "wrong")];
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    drop(waiting.answer(&wrong).clone())
                }))
            });
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
        let began = Instant::now();
        browser.post(&stop, &[]);
        let took = began.elapsed();
        assert_eq!(browser.page.status, 303);
        assert!(took.as_millis() < 2000, "{took:?}");
    });
    browser.get(&case);
    browser.sees("This case is stopped");
}

#[test]
fn too_many_wrong_passphrases_take_longer() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    lock(&mut browser, &case);
    browser.get(&format!("{case}/unlock"));
    for _ in 0..10 {
        browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", "wrong")]);
        browser.sees("One of the passphrases is not right. Try again.");
    }
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("Too many wrong passphrases.");
}

#[test]
fn what_the_procedure_refuses_says_what_is_right_instead() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/isolate"));
    assert_eq!(browser.page.status, 409);
    browser.sees("The isolation was not recorded").sees("Keep the pages that matter.");
    assert!(!browser.page.text().contains("countersign keep"), "{}", browser.page.text());
}

#[test]
fn the_guide_ends_from_its_page() {
    let (_folder, mut guide) = guide();
    {
        let mut browser = Browser::enter(&guide);
        open(&mut browser);
        browser.get("/end");
        browser.answer(&[]);
        browser.sees("The guide has ended");
    }
    assert!(guide.wait().success());
}

#[test]
fn the_first_answer_can_be_changed_before_both_sign() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    browser.get("/open");
    browser.answer(&[("suspected", "no")]);
    answer_all(&mut browser);
    let draft = browser.path.trim_end_matches("check").to_owned();
    browser.get(&format!("{draft}gate"));
    browser.answer(&[("suspected", "yes")]);
    browser.sees("Nobody looks.");
    answer_all(&mut browser);
    browser.sees("the case opens stopped").sees("What is suspected");
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("Stop. Do not look again.");
}

/// As a computer that is shut down ends it.
#[cfg(unix)]
#[test]
fn a_signal_ends_it_in_peace() {
    let (folder, mut guide) = guide();
    {
        let mut browser = Browser::enter(&guide);
        open(&mut browser);
    }
    let note = folder.path().join("home/guide");
    assert!(note.exists());
    let told = std::process::Command::new("kill").arg(guide.id().to_string()).status().expect("kill");
    assert!(told.success());
    assert!(guide.wait().success());
    assert!(!note.exists());
    // The next start is a guide of its own, and the case is not in use.
    let guide = crate::support::Guide::start(&folder.path().join("home"));
    let mut browser = Browser::enter(&guide);
    browser.sees("In review");
    browser.get("/stop");
    browser.sees("Which case is it?");
}

#[test]
fn every_page_of_a_rehearsal_says_so() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    browser.get("/open?practise=yes");
    browser.sees("<strong>REHEARSAL</strong>");
    browser.answer(&[("suspected", "no")]);
    while !browser.path.ends_with("/check") {
        browser.sees("<strong>REHEARSAL</strong>");
        answer_one(&mut browser);
    }
    browser.sees("<strong>REHEARSAL</strong>");
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    let case = browser.path.split('?').next().expect("a path").to_owned();
    // Refused, missing and mistaken ones among them.
    for page in [
        "",
        "/note",
        "/refer",
        "/refer?route=police-101",
        "/refer?route=none",
        "/isolate",
        "/unlock",
        "/check/none",
        "/none",
    ] {
        browser.get(&format!("{case}{page}"));
        browser.sees("<strong>REHEARSAL</strong>");
    }
    browser.get(&format!("{case}/note"));
    browser.answer(&[("text", "")]);
    browser.sees("<strong>REHEARSAL</strong>");
    browser.answer(&[("text", "Practice.")]);
    browser.sees("<strong>REHEARSAL</strong>");
    browser.answer(&[]);
    browser.sees("<strong>REHEARSAL</strong>");
    browser.send(&format!("{case}/stop"), &[]);
    browser.sees("<strong>REHEARSAL</strong>").sees("Stop. Do not look again.");
    browser.get(&format!("{case}/stopped/about"));
    browser.sees("<strong>REHEARSAL</strong>");
}

/// A disk that hangs: a file of the record that nobody ever gives an answer
/// for.
#[cfg(unix)]
#[test]
fn a_stop_does_not_wait_for_a_record_that_cannot_be_read() {
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open_at(&mut browser, "/open?practise=yes");
    lock(&mut browser, &case);
    let page = (browser.path.clone(), browser.page.clone());
    let journal = folder.path().join("home").join("cases").join(&case["/case/".len()..]).join("data/journal");
    let hangs = journal.join("000001.json.a.sig");
    std::fs::remove_file(&hangs).expect("is there");
    let made = std::process::Command::new("mkfifo").arg(&hangs).status().expect("mkfifo");
    assert!(made.success());
    // A page that waits for it, and has for good.
    let waits = format!(
        "GET {case}/record HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\r\n",
        guide.host(),
        browser.cookie
    );
    let mut waiting = std::net::TcpStream::connect(guide.address()).expect("connects");
    std::io::Write::write_all(&mut waiting, waits.as_bytes()).expect("writes");
    browser.get("/stop");
    browser.sees("Which case is it?").sees(&format!("Stop case {}", &case["/case/".len()..]));
    (browser.path, browser.page) = page;
    browser.send(&format!("{case}/stop"), &[]);
    browser.sees("Stop. Do not look again.").sees("101").sees("<strong>REHEARSAL</strong>");
    browser.sees("could not be read at once").sees("/isolate");
}
