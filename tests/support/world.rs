//! A world for a case: a clock that a test moves, random numbers that repeat,
//! a machine and a program that do not exist.
#![allow(dead_code)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use countersign_case::case::{self, Home, NewCase, NewReviewer, Surroundings, Unlocked};
use countersign_case::procedure::Pack;
use countersign_case::secret::Passphrase;
use countersign_record::clock::{Clock, Random, Time};
use countersign_record::digest::Digest;
use countersign_record::journal::{
    Computer, Concerns, Halted, Line, Machine, Name, Program, Reference, Seen, Standing, Text,
};

/// Where and when a test's case lives.
pub struct World {
    pub folder: tempfile::TempDir,
    pub clock: TestClock,
    pub random: TestRandom,
    pub machine: Machine,
    pub program: Program,
    pub passphrases: [Passphrase; 2],
}

/// A clock that goes on by itself and can be set.
pub struct TestClock {
    start: std::time::Instant,
    offset_ms: AtomicI64,
}

impl TestClock {
    /// Sets it forward or back.
    pub fn jump(&self, ms: i64) {
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        let begin = Time::parse("2026-11-22T14:30:00.000Z").expect("a time").unix_ms();
        let passed = self.start.elapsed().as_millis() as i64;
        Time::from_unix_ms(begin + passed + self.offset_ms.load(Ordering::SeqCst)).expect("a year that fits")
    }

    fn since_start(&self) -> Duration {
        self.start.elapsed()
    }
}

/// Not random at all, and different at each call.
pub struct TestRandom {
    next: AtomicU64,
    lock: Mutex<()>,
}

impl Random for TestRandom {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        let _guard = self.lock.lock();
        for chunk in bytes.chunks_mut(32) {
            let seed = self.next.fetch_add(1, Ordering::SeqCst);
            chunk.copy_from_slice(&Digest::of(&seed.to_be_bytes()).as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl World {
    pub fn new() -> World {
        World::seeded(0)
    }

    /// A world on the disk that holds `folder`.
    pub fn within(folder: &std::path::Path) -> World {
        World { folder: tempfile::tempdir_in(folder).expect("a folder"), ..World::new() }
    }

    pub fn seeded(seed: u64) -> World {
        World {
            folder: tempfile::tempdir().expect("a folder"),
            clock: TestClock { start: std::time::Instant::now(), offset_ms: AtomicI64::new(0) },
            random: TestRandom { next: AtomicU64::new(seed * 1_000_000), lock: Mutex::new(()) },
            machine: Machine {
                name: Seen::of("OFFICE-PC"),
                system: Seen::of("test"),
                architecture: Seen::of("test"),
                identity: Some(Digest::of(b"machine")),
                utc_offset_minutes: 0,
            },
            program: Program { version: line("0.0.0-test"), sha256: Digest::of(b"program") },
            passphrases: [
                Passphrase::typed("one two three four five six").expect("words"),
                Passphrase::typed("six five four three two one").expect("words"),
            ],
        }
    }

    pub fn home(&self) -> Home {
        Home::at(self.folder.path().join("home"))
    }

    pub fn around(&self) -> Surroundings<'_> {
        Surroundings {
            clock: &self.clock,
            random: &self.random,
            machine: &self.machine,
            program: &self.program,
        }
    }

    pub fn pass(&self) -> [&Passphrase; 2] {
        [&self.passphrases[0], &self.passphrases[1]]
    }

    pub fn open(&self) -> Unlocked<'_> {
        self.open_with(None)
    }

    pub fn open_with(&self, suspected: Option<Halted>) -> Unlocked<'_> {
        let pack = pack();
        case::open(&self.home(), new_case(&pack, suspected), &pack, self.pass(), self.around())
            .expect("opens")
    }

    pub fn unlock(&self, reference: Reference) -> Result<Unlocked<'_>, case::CaseError> {
        Unlocked::unlock(&self.home(), reference, self.pass(), self.around())
    }
}

pub fn pack() -> Pack {
    Pack::built_in("uk-schools").expect("is built in")
}

pub fn new_case(pack: &Pack, suspected: Option<Halted>) -> NewCase {
    NewCase {
        standing: Standing::Rehearsal,
        follows: None,
        suspected_illegal: suspected,
        group: Some(line("St Example's Primary School")),
        reason: text("A pupil told a teacher about pages that worried her."),
        reported_by: text("Ms Okafor, class teacher"),
        concerns: Concerns::Pupil,
        subject: name("P-2026-17"),
        subject_key: Some(line("The head's safe")),
        reviewers: [
            NewReviewer { name: name("Jane Smith"), position: name("Headteacher") },
            NewReviewer { name: name("Ali Khan"), position: name("Designated safeguarding lead") },
        ],
        namesakes: false,
        computer: Computer { name: name("OFFICE-PC"), location: line("Head's office") },
        confirmed: pack.confirmations().map(|asked| asked.id.clone()).collect(),
        filter_exemptions: None,
    }
}

pub fn line(words: &str) -> Line {
    Line::typed(words).expect("a line")
}

pub fn name(words: &str) -> Name {
    Name::typed(words).expect("a name")
}

pub fn text(words: &str) -> Text {
    Text::typed(words).expect("a text")
}
