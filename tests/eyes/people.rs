//! Two people and what they answer, page by page, from the gate to the
//! archive.

use std::path::Path;

use super::chromium::{Chromium, Person, Tab};
use super::opening;
use super::support::{Browser, Guide};

pub use crate::opening::OURS;

/// Both of them typed.
pub const BOTH: [(&str, &str); 2] = [("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])];

/// A guide of a home of its own, and a person's browser that came in by its
/// link.
pub struct Office {
    pub folder: tempfile::TempDir,
    pub guide: Guide,
    pub person: Person,
    pub tab: Tab,
}

impl Office {
    pub fn open() -> Office {
        Office::with(|_| {})
    }

    /// With something done to the tab before it comes in.
    pub fn with(prepare: impl Fn(&Tab)) -> Office {
        let folder = tempfile::tempdir().expect("a folder");
        let person = Chromium::shared().person();
        let tab = person.tab();
        prepare(&tab);
        // Last: its link does not live long.
        let guide = start(folder.path());
        tab.go(&guide.link);
        assert_eq!(tab.path(), "/");
        Office { folder, guide, person, tab }
    }

    /// With a case that was opened before, by requests without a browser: for
    /// tests that are not about how it is opened.
    pub fn with_case() -> (Office, String) {
        Office::with_case_and(|_| {})
    }

    pub fn with_case_and(prepare: impl Fn(&Tab)) -> (Office, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let guide = start(folder.path());
        let case = opening::open(&mut Browser::enter(&guide));
        (Office::beside(folder, guide, prepare), case)
    }

    /// A browser for a guide that somebody has come into already.
    pub fn beside(folder: tempfile::TempDir, guide: Guide, prepare: impl Fn(&Tab)) -> Office {
        let person = Chromium::shared().person();
        let tab = person.tab();
        prepare(&tab);
        // A second start gets a link into the guide that runs.
        let second = start(folder.path());
        assert_eq!(second.host(), guide.host());
        tab.go(&second.link);
        Office { folder, guide, person, tab }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.guide.host())
    }

    pub fn go(&self, path: &str) {
        self.tab.go(&self.url(path));
    }

    /// The guide ends as by a power cut, and another one is started.
    pub fn restart(&mut self) {
        self.guide.kill();
        self.guide = start(self.folder.path());
        self.tab.go(&self.guide.link);
    }
}

/// The guide for that home, with the browser that tests use.
pub fn start(folder: &Path) -> Guide {
    start_in(folder, &[])
}

/// The same with more in its environment.
pub fn start_in(folder: &Path, environment: &[(&str, &str)]) -> Guide {
    crate::recorder::let_pass(folder);
    Guide::start_in(&folder.join("home"), &[], environment)
}

/// Answers the questions before a case is opened, each looked at first.
pub fn open_case(tab: &Tab, suspected: &str, look: impl FnMut(&Tab)) -> String {
    tab.follow("Start a new case");
    answer_the_questions(tab, suspected, look)
}

/// The same, where the first question is there already.
pub fn answer_the_questions(tab: &Tab, suspected: &str, mut look: impl FnMut(&Tab)) -> String {
    look(tab);
    tab.answer(&[("suspected", suspected)]);
    for _ in 0..40 {
        look(tab);
        let path = tab.path();
        let step = path.rsplit('/').next().unwrap_or_default();
        match step {
            "do-not-look" => tab.answer(&[]),
            "kind" => {
                tab.answer(&[("category", "child-abuse-images"), ("description", "A parent told us of it.")])
            }
            "reason" => tab.answer(&[("reason", "Messages in year 9, reported by two pupils.")]),
            "reporter" => tab.answer(&[("reporter", "Form tutor 9B")]),
            "concerned" => tab.answer(&[("concerns", "pupil")]),
            "subject" => tab.answer(&[("subject", "P-1234"), ("group", "St Example’s School")]),
            "first" => tab.answer(&[("first-name", "Jane Smith"), ("first-position", "Headteacher")]),
            "second" => tab.answer(&[("second-name", "Ali Khan"), ("second-position", "Safeguarding lead")]),
            "computer" => tab.answer(&[("computer", "ADMIN-07"), ("location", "The deputy head’s office")]),
            "filter" => tab.answer(&[]),
            "first-passphrase" => tab.answer(&[("own", OURS[0]), ("own-again", OURS[0])]),
            "second-passphrase" => tab.answer(&[("own", OURS[1]), ("own-again", OURS[1])]),
            "check" => {
                tab.answer(&BOTH);
                look(tab);
                let path = tab.path();
                assert!(path.starts_with("/case/"), "{path}: {}", tab.words());
                return path.split('/').take(3).collect::<Vec<_>>().join("/");
            }
            statement if statement.starts_with("statement-") => tab.answer(&[(statement, "yes")]),
            _ => panic!("{}: {}", tab.url(), tab.words()),
        }
    }
    panic!("no end of questions")
}

/// Signs what waits at the check page, with passphrases where it asks.
pub fn sign(tab: &Tab, mut look: impl FnMut(&Tab)) {
    assert!(tab.path().contains("/check/"), "{}: {}", tab.path(), tab.words());
    look(tab);
    let asks = tab.eval("document.getElementsByName('first-passphrase').length > 0");
    if asks == true {
        tab.answer(&BOTH);
    } else {
        tab.answer(&[]);
    }
    look(tab);
}

/// A page before its first answer, with an empty answer refused, both looked
/// at.
pub fn refused(tab: &Tab, mut look: impl FnMut(&Tab)) {
    look(tab);
    tab.answer(&[]);
    tab.sees("There is a problem");
    look(tab);
}
