//! A case that is held, let go, and recorded in.

use countersign_case::case::{self, NewCase, NewReviewer};
use countersign_case::procedure::Pack;
use countersign_case::secret::Passphrase;
use countersign_record::journal::{Computer, Concerns, Line, Name, Standing, Text};

use super::*;

const WORDS: [&str; 2] = ["river stone candy lamp oyster velvet", "copper violin garlic meadow tunnel orbit"];

fn both() -> Both {
    WORDS.map(|words| Passphrase::typed(words).expect("words"))
}

fn new_case(pack: &Pack) -> NewCase {
    let line = |words| Line::typed(words).expect("a line");
    let name = |words| Name::typed(words).expect("a name");
    let text = |words| Text::typed(words).expect("a text");
    let person = |called| NewReviewer { name: name(called), position: name("Teacher") };
    NewCase {
        standing: Standing::Rehearsal,
        follows: None,
        suspected_illegal: None,
        group: None,
        reason: text("Words."),
        reported_by: text("Somebody."),
        concerns: Concerns::Pupil,
        subject: name("P-1"),
        subject_key: None,
        reviewers: [person("Jane Smith"), person("Ali Khan")],
        namesakes: false,
        computer: Computer { name: name("PC"), location: line("Office") },
        confirmed: pack.confirmations().map(|asked| asked.id.clone()).collect(),
        filter_exemptions: None,
    }
}

#[test]
fn a_case_is_let_go_when_nothing_happens() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::at(folder.path());
    let ambient = Arc::new(Ambient::look().expect("looks"));
    // Longer than a busy computer takes for the next five steps.
    let unlocked_cases = UnlockedCases { idle: Duration::from_secs(10), ..UnlockedCases::default() };
    let at = home.clone();
    let reference = unlocked_cases
        .take(Arc::clone(&ambient), move |ambient| {
            let pack = Pack::built_in("uk-schools").expect("is built in");
            let both = both();
            case::open(&at, new_case(&pack), &pack, [&both[0], &both[1]], ambient.surroundings())
        })
        .unwrap_or_else(|problem| panic!("{:?}", problem.message()));
    assert!(unlocked_cases.is_unlocked(reference));
    assert!(matches!(unlocked_cases.with(reference, |unlocked| unlocked.ledger().head()), Ok(1)));
    // While it is held, nobody else gets it.
    let elsewhere = UnlockedCases::default();
    let busy = elsewhere.unlock(&home, reference, both(), Arc::clone(&ambient));
    assert!(matches!(busy, Err(Problem::Case(CaseError::Busy(_)))));
    // Nor is it held on to by a recording in which nobody does anything,
    // and that is said before.
    let left = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&left);
    let alone: Recording = Box::new(move |_, commands| {
        tell.store(commands.iter().any(|command| matches!(command, Command::Leave)), Ordering::SeqCst);
    });
    assert!(unlocked_cases.record(reference, alone).is_ok());
    let (began, mut said) = (Instant::now(), false);
    while unlocked_cases.is_unlocked(reference) {
        said |= unlocked_cases.ends_soon(reference).is_some();
        assert!(began.elapsed() < Duration::from_secs(60), "still unlocked");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(left.load(Ordering::SeqCst) && said);
    assert!(matches!(unlocked_cases.with(reference, |_| ()), Err(Problem::Locked(_))));
    assert!(unlocked_cases.was_let_go(reference) && !elsewhere.was_let_go(reference));
    assert!(elsewhere.unlock(&home, reference, both(), Arc::clone(&ambient)).is_ok());
    // A recording is ended before the case is let go.
    let ended = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&ended);
    let recording: Recording = Box::new(move |_, commands| {
        while !matches!(commands.recv(), Ok(Command::End) | Err(_)) {}
        tell.store(true, Ordering::SeqCst);
    });
    assert!(elsewhere.record(reference, recording).is_ok());
    assert!(elsewhere.is_recording(reference));
    elsewhere.lock_all();
    assert!(ended.load(Ordering::SeqCst) && !elsewhere.is_unlocked(reference));
}
