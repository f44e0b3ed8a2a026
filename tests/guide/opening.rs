//! A case that is opened page by page; other tests begin with it.

use crate::support::{Browser, Guide};

/// The passphrases of [`open`].
pub const OURS: [&str; 2] =
    ["river stone candy lamp oyster velvet", "copper violin garlic meadow tunnel orbit"];

/// Answers every question but the gate, up to the check.
pub fn answer_all(browser: &mut Browser<'_>) {
    for _ in 0..40 {
        if browser.path.ends_with("/check") {
            return;
        }
        answer_one(browser);
    }
    panic!("no end of questions");
}

/// Answers the question of the page.
pub fn answer_one(browser: &mut Browser<'_>) {
    let step = browser.path.rsplit('/').next().unwrap_or_default().to_owned();
    let answers: &[(&str, &str)] = match step.as_str() {
        "do-not-look" => &[],
        "kind" => &[("category", "child-abuse-images"), ("description", "A parent told us of it.")],
        "reason" => &[("reason", "Messages in year 9 <b>& more</b>")],
        "reporter" => &[("reporter", "Form tutor 9B")],
        "concerned" => &[("concerns", "pupil")],
        "subject" => &[("subject", "P-1234"), ("subject-key", ""), ("group", "St Example's")],
        "first" => &[("first-name", "Jane Smith"), ("first-position", "Headteacher")],
        "second" => &[("second-name", "Ali Khan"), ("second-position", "Safeguarding lead")],
        "computer" => &[("computer", "ADMIN-07"), ("location", "Office")],
        "filter" => &[("filter", "")],
        statement if statement.starts_with("statement-") => &[(statement, "yes")],
        "first-passphrase" => &[("typed", ""), ("own", OURS[0]), ("own-again", OURS[0])],
        "second-passphrase" => &[("typed", ""), ("own", OURS[1]), ("own-again", OURS[1])],
        _ => panic!("{}: {}", browser.path, browser.page.text()),
    };
    browser.answer(answers);
    assert_eq!(browser.page.status, 200, "{}: {}", browser.path, browser.page.text());
}

/// Opens a case, and gives its address.
pub fn open(browser: &mut Browser<'_>) -> String {
    open_at(browser, "/open")
}

/// The same, from the gate's page at that address.
pub fn open_at(browser: &mut Browser<'_>, gate: &str) -> String {
    browser.get(gate);
    browser.path = "/open".to_owned();
    browser.answer(&[("suspected", "no")]);
    answer_all(browser);
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("is open");
    browser.path.split('?').next().expect("a path").to_owned()
}

/// Locks the case, from its task list.
pub fn lock(browser: &mut Browser<'_>, case: &str) {
    browser.get(case);
    browser.send(&format!("{case}/lock"), &[]);
    browser.sees("The case is locked");
}

/// A guide of an empty home.
pub fn guide() -> (tempfile::TempDir, Guide) {
    let folder = tempfile::tempdir().expect("a folder");
    let guide = Guide::start(&folder.path().join("home"));
    (folder, guide)
}
