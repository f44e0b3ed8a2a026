//! Several programs on one case: one at a time may add to it.

use std::sync::Barrier;

use countersign_case::case::Home;

use crate::school::{Said, School, first_reference};

/// As many windows as a hasty person opens.
const WINDOWS: usize = 8;

fn note(school: &School, words: &str) -> Said {
    school.both(&["note", &first_reference(), "--text", words])
}

/// Starts one program in each window at the same time.
fn at_once(school: &School, words: impl Fn(usize) -> String + Sync) -> Vec<Said> {
    let begin = Barrier::new(WINDOWS);
    std::thread::scope(|scope| {
        let start = |window| {
            let (begin, words) = (&begin, &words);
            scope.spawn(move || {
                begin.wait();
                note(school, &words(window))
            })
        };
        let started: Vec<_> = (0..WINDOWS).map(start).collect();
        started.into_iter().map(|window| window.join().expect("says something")).collect()
    })
}

/// While one holds the case each of 800 others is told so, and adds nothing.
#[test]
fn eight_windows_a_hundred_times_and_one_holder() {
    let school = School::with_a_case();
    let folder = Home::at(school.home()).case(first_reference().parse().expect("a reference"));
    let lock = std::fs::File::options().write(true).open(folder.path().join("lock")).expect("opens");
    lock.try_lock().expect("nobody has it");
    for round in 0..100 {
        for said in at_once(&school, |window| format!("round {round}, window {window}")) {
            said.refuses(4, &["open in another window"]);
        }
        assert_eq!(school.entries(), 1);
    }
    drop(lock);
    assert_eq!(note(&school, "after them all").code, 0);
    assert_eq!(school.entries(), 2);
}

/// With nobody holding it they come one after another, in whatever order:
/// what was said to be kept is there, once, and nothing else.
#[test]
fn eight_at_once_each_add_one_entry_or_none() {
    let school = School::with_a_case();
    let mut kept = 0;
    for round in 0..12 {
        let words = |window| format!("round {round}, window {window}");
        let said = at_once(&school, words);
        assert!(said.iter().any(|said| said.code == 0), "one of them comes first");
        for (window, said) in said.iter().enumerate() {
            let times = (2..=school.entries() as u64)
                .filter(|number| {
                    let entry = std::fs::read_to_string(school.entry(*number)).expect("reads");
                    entry.contains(&format!("\"{}\"", words(window)))
                })
                .count();
            match said.code {
                0 => assert_eq!(times, 1, "{}", said.out),
                _ => {
                    said.refuses(4, &["open in another window"]);
                    assert_eq!(times, 0, "refused, and there all the same");
                }
            }
        }
        kept += said.iter().filter(|said| said.code == 0).count();
        assert_eq!(school.entries(), 1 + kept);
    }
    let show = school.run(&["show", &first_reference(), "--json"]);
    assert_eq!(show.json()["entries"], 1 + kept, "the record is whole");
}
