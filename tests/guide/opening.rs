//! A case that is opened page by page; other tests begin with it.

use crate::support::{Browser, Guide};

/// The passphrases of [`open`].
pub const OURS: [&str; 2] =
    ["river stone candy lamp oyster velvet", "copper violin garlic meadow tunnel orbit"];

/// Answers every question but the gate, up to the check.
pub fn answer_all(browser: &mut Browser<'_>) {
    for _ in 0..40 {
        let step = browser.path.rsplit('/').next().unwrap_or_default().to_owned();
        match step.as_str() {
            "do-not-look" => browser.answer(&[]),
            "kind" => browser
                .answer(&[("category", "child-abuse-images"), ("description", "A parent told us of it.")]),
            "reason" => browser.answer(&[("reason", "Messages in year 9 <b>& more</b>")]),
            "reporter" => browser.answer(&[("reporter", "Form tutor 9B")]),
            "concerned" => browser.answer(&[("concerns", "pupil")]),
            "subject" => {
                browser.answer(&[("subject", "P-1234"), ("subject-key", ""), ("group", "St Example's")])
            }
            "first" => browser.answer(&[("first-name", "Jane Smith"), ("first-position", "Headteacher")]),
            "second" => {
                browser.answer(&[("second-name", "Ali Khan"), ("second-position", "Safeguarding lead")])
            }
            "computer" => browser.answer(&[("computer", "ADMIN-07"), ("location", "Office")]),
            "filter" => browser.answer(&[("filter", "")]),
            statement if statement.starts_with("statement-") => browser.answer(&[(statement, "yes")]),
            "first-passphrase" => browser.answer(&[("typed", ""), ("own", OURS[0]), ("own-again", OURS[0])]),
            "second-passphrase" => browser.answer(&[("typed", ""), ("own", OURS[1]), ("own-again", OURS[1])]),
            "check" => return,
            _ => panic!("{}: {}", browser.path, browser.page.text()),
        };
        assert_eq!(browser.page.status, 200, "{}: {}", browser.path, browser.page.text());
    }
    panic!("no end of questions");
}

/// Opens a case, and gives its address.
pub fn open(browser: &mut Browser<'_>) -> String {
    browser.get("/open");
    browser.answer(&[("suspected", "no")]);
    answer_all(browser);
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("is open");
    browser.path.split('?').next().expect("a path").to_owned()
}

/// A guide of an empty home.
pub fn guide() -> (tempfile::TempDir, Guide) {
    let folder = tempfile::tempdir().expect("a folder");
    let guide = Guide::start(&folder.path().join("home"));
    (folder, guide)
}
