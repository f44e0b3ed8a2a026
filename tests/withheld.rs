//! Nothing that is withheld leaves a case, by whatever way out: every built-in
//! pack, every category, every state in which the stop can find the case, and
//! every way out, with what is packed unpacked.
//!
//! Where the category withholds nothing, the same search MUST find the same
//! canaries in the same ways out: otherwise it could not fail.
//! Needs `qpdf` and `7z`.

// The tally, for whoever runs it by hand.
#![allow(clippy::print_stdout)]

#[path = "support/leaks.rs"]
mod leaks;
#[path = "support/site.rs"]
mod site;
#[path = "support/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::bundle::{Source, unwatched};
use countersign::capture::{
    AttachRequest, CaptureError, KeepRequest, Network, Traffic, Without, attach, keep,
};
use countersign::case::{self, CaseError, Reading, Unlocked, raise};
use countersign::digest::Digest;
use countersign::form::Fonts;
use countersign::handover::{
    CopyError, FormRequest, HandOverRequest, Receiver, SealRequest, SealedCase, hand_over, make_form,
    make_referral_sheet, seal,
};
use countersign::journal::{
    At, Body, Category, Concern, Encryption, Halted, Judged, Raised, Response, Restraint, Seen, Side,
    Standing,
};
use countersign::procedure::{Deed, Pack, Why};
use countersign::verify::{Completeness, Paper, Verdict, verify};
use leaks::{Picture, Search, WORDS, pictures_in, unpacked};
use site::Site;
use world::{World, line, new_case, text};

/// What the stop finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// The gate's yes: nobody looks.
    Gate,
    /// Things were kept and brought in; the concern is the stop.
    InReview,
    /// One person raised it; the record does not say so yet.
    Raised,
    /// And somebody removed its mark.
    MarkRemoved,
    Judged,
    FormMade,
    Sealed,
    /// Stopped for the police before, with what was kept on its way to them.
    PoliceFirst,
}

const STATES: [State; 8] = [
    State::Gate,
    State::InReview,
    State::Raised,
    State::MarkRemoved,
    State::Judged,
    State::FormMade,
    State::Sealed,
    State::PoliceFirst,
];

struct Trial {
    pack: &'static str,
    category: Category,
    state: State,
}

/// Every one there is. A category that only records stops nothing at the gate
/// or by hand.
fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for pack in Pack::built_in_ids() {
        for category in Pack::built_in(pack).expect("is built in").categories() {
            for state in STATES {
                let stops = category.response != Response::Record;
                let by_itself = !matches!(state, State::Gate | State::Raised | State::MarkRemoved);
                if stops || by_itself {
                    trials.push(Trial { pack, category: category.recorded(), state });
                }
            }
        }
    }
    trials
}

/// Every state with every response, in different packs.
fn share() -> Vec<Trial> {
    let mut seen = BTreeSet::new();
    let mut trials = trials();
    // So that not all of them are the first category of the first pack.
    trials.sort_by_key(|trial| {
        *Digest::of(format!("{}{}", trial.pack, trial.category.id).as_bytes()).as_bytes()
    });
    trials.retain(|trial| seen.insert((trial.state, trial.category.response)));
    trials
}

#[test]
fn nothing_withheld_leaves_a_case() {
    let tried = run(share());
    println!("{tried} of {} trials", trials().len());
    assert_eq!(tried, 2 * STATES.len() + STATES.len() - 3, "each state with each response");
}

#[test]
#[ignore = "every pack, category and state: about half an hour"]
fn nothing_withheld_leaves_any_case() {
    let tried = run(trials());
    println!("{tried} trials");
    assert!(tried > 500, "{tried}");
}

fn run(trials: Vec<Trial>) -> usize {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let fonts = Fonts::built_in();
                while let Some(trial) = trials.get(next.fetch_add(1, Ordering::SeqCst)) {
                    Run::of(trial, &fonts).whole();
                }
            });
        }
    });
    trials.len()
}

struct Run<'a> {
    trial: &'a Trial,
    fonts: &'a Fonts,
    world: World,
    pack: Pack,
    picture: Picture,
    search: Search,
    name: String,
}

impl<'a> Run<'a> {
    fn of(trial: &'a Trial, fonts: &'a Fonts) -> Run<'a> {
        let picture = Picture::seeded(1);
        let photo = fs::read("fixtures/form/photo.jpg").expect("reads");
        let search =
            Search::new().for_words(WORDS).for_picture("the picture", &picture).for_file("the photo", &photo);
        let name = format!("{} {} {:?}", trial.pack, trial.category.id, trial.state);
        let pack = Pack::built_in(trial.pack).expect("is built in");
        Run { trial, fonts, world: World::new(), pack, picture, search, name }
    }

    fn whole(&self) {
        let mut case = self.open();
        if self.trial.state == State::Gate {
            // Nothing is brought in, so that nothing can leave.
            let refused = self.bring_in(&mut case);
            assert!(matches!(refused, Err(CaptureError::Case(CaseError::Refused(_)))), "{}", self.name);
        } else {
            self.bring_in(&mut case).expect("is brought in");
            self.keep_a_page(&mut case);
        }
        let captured = captured(&case);
        let old = self.before(&mut case);
        let mut case = self.stop(case);
        self.leaves(&mut case, old.as_ref());
        // Whatever left, what was captured lies where it lay, byte for byte.
        assert_eq!(captured.len(), if self.trial.state == State::Gate { 0 } else { 5 }, "{}", self.name);
        for (path, digest) in &captured {
            let bytes = fs::read(path).expect("is still there");
            assert_eq!(Digest::of(&bytes), *digest, "{}: {}", self.name, path.display());
        }
    }

    fn open(&self) -> Unlocked<'_> {
        let suspected = (self.trial.state == State::Gate).then(|| Halted {
            category: Some(self.trial.category.clone()),
            by: Some(Side::A),
            raised: Raised::AtTheGate,
            raised_at: None,
            raised_file: None,
            description: Some(text("A pupil told a teacher what it shows.")),
        });
        let mut new = new_case(&self.pack, suspected);
        if self.trial.pack == "policy-002" {
            // A real one cannot keep pages of this computer.
            new.standing = Standing::Case;
        }
        case::open(&self.world.home(), new, &self.pack, self.world.pass(), self.world.around())
            .expect("opens")
    }

    fn bring_in(&self, case: &mut Unlocked<'_>) -> Result<(), CaptureError> {
        let folder = self.world.folder.path().join("phone");
        fs::create_dir_all(&folder).expect("is made");
        fs::write(folder.join("picture.png"), &self.picture.png).expect("writes");
        fs::write(folder.join("words.txt"), format!("1. {WORDS}.\n")).expect("writes");
        fs::copy("fixtures/form/photo.jpg", folder.join("photo.jpg")).expect("copies");
        let description = text("What was on the phone");
        let brought = attach(
            case,
            AttachRequest {
                paths: std::slice::from_ref(&folder),
                producer: Side::B,
                description: &description,
            },
        );
        fs::remove_dir_all(&folder).expect("is removed");
        brought.map(|brought| assert_eq!(brought.files, 3))
    }

    fn keep_a_page(&self, case: &mut Unlocked<'_>) {
        if case.ledger().opened().standing == Standing::Case {
            // Two files all the same.
            let file = self.world.folder.path().join("export.txt");
            for n in 1..3 {
                fs::write(&file, format!("{n}. {WORDS}; from an export.\n")).expect("writes");
                let description = text("An export");
                let paths = std::slice::from_ref(&file);
                attach(case, AttachRequest { paths, producer: Side::A, description: &description })
                    .expect("is brought in");
            }
            fs::remove_file(&file).expect("is removed");
            return;
        }
        let site =
            Site::serving(Arc::new(|_, to| site::html(to, &format!("<title>A page</title><p>{WORDS}"))));
        let url = site.url("/page");
        let with = Err(Without::NoBrowser("this test has none".to_owned()));
        keep(
            case,
            KeepRequest {
                url: &url,
                producer: Side::A,
                with,
                network: &Network::default(),
                traffic: Traffic::NotKept,
            },
        )
        .expect("is kept");
    }

    /// What happens before the stop. In the states in which things leave
    /// before it, the search finds them there.
    fn before(&self, case: &mut Unlocked<'_>) -> Option<SealedCase> {
        match self.trial.state {
            State::Judged => judge(case),
            State::FormMade => {
                let out = self.world.folder.path().join("before.pdf");
                make_form(case, &FormRequest { fonts: self.fonts, out: Some(&out) }).expect("is made");
                assert_eq!(pictures_in(&unpacked(&out, None)), 2, "{}", self.name);
            }
            State::Sealed => {
                judge(case);
                let sealed = self.seal(case, "before");
                self.found_in(&sealed.bundle, None);
                return Some(sealed);
            }
            State::PoliceFirst => {
                let police = self.pack.categories().iter().find(|c| c.response == Response::Police);
                concern(case, police.expect("each pack has one").recorded()).expect("is described");
            }
            _ => {}
        }
        None
    }

    fn stop<'c>(&self, mut case: Unlocked<'c>) -> Unlocked<'c>
    where
        'a: 'c,
        Self: 'c,
    {
        let category = self.trial.category.clone();
        let folder = case.folder().clone();
        match self.trial.state {
            State::Gate => {}
            State::Raised | State::MarkRemoved => {
                raise(&folder, Some(category), Some(Side::B), None, &self.world.clock).expect("is raised");
                if self.trial.state == State::MarkRemoved {
                    fs::remove_file(folder.path().join("halt-raised")).expect("is removed");
                }
                // Nobody has unlocked it, and the one who raised it prints.
                let reading = Reading::of(&self.world.home(), folder.reference()).expect("reads");
                assert_ne!(reading.raised(), Restraint::None, "{}", self.name);
                self.without_a_passphrase(&reading, "raised");
            }
            // The review is over; what is found later goes into a note.
            State::Judged | State::Sealed if category.response == Response::Record => {}
            State::PoliceFirst if category.response == Response::Record => {
                let refused = concern(&mut case, category);
                assert!(matches!(refused, Err(CaseError::Refused(_))), "{}", self.name);
            }
            _ => drop(concern(&mut case, category).expect("is described")),
        }
        case
    }

    fn withholds(&self) -> bool {
        self.trial.category.response == Response::StopAndWithhold || self.trial.state == State::MarkRemoved
    }

    fn leaves(&self, case: &mut Unlocked<'_>, old: Option<&SealedCase>) {
        let out = |name: &str| self.world.folder.path().join(name);
        let form = out("form.pdf");
        make_form(case, &FormRequest { fonts: self.fonts, out: Some(&form) }).expect("is made");
        self.judge_pictures(&form);
        judge(case);
        self.without_a_passphrase(case.reading(), "judged");

        let sealed = self.seal(case, "after");
        self.judge_pictures(&sealed.form);
        self.judge_files(&sealed.bundle, None);
        self.verifies(case, &sealed);
        for encryption in [Encryption::None, Encryption::Aes256Zip] {
            let copy = self.copy(case, sealed.seal, encryption).expect("is handed over");
            let password = copy.passphrase.as_ref().map(|words| words.as_str().to_owned());
            self.judge_files(&copy.path, password.as_deref());
            for sheet in copy.receipt.iter().chain(&copy.passphrase_sheet) {
                self.nothing_in(sheet, None);
            }
        }
        self.without_a_passphrase(case.reading(), "sealed");

        if let Some(old) = old {
            // The bundle from before the stop is still on the disk.
            self.found_in(&old.bundle, None);
            match self.copy(case, old.seal, Encryption::None) {
                Err(CopyError::Case(CaseError::Refused(refusal))) if self.withholds() => {
                    assert!(matches!(refusal.why, Why::SealBeforeHalt { .. }), "{}: {refusal}", self.name);
                }
                Ok(copy) if !self.withholds() => self.found_in(&copy.path, None),
                Ok(copy) => panic!("{}: left at {}", self.name, copy.path.display()),
                Err(error) => panic!("{}: {error}", self.name),
            }
        }
    }

    /// What shows a case to whoever has no passphrase: in words, whatever the
    /// category.
    fn without_a_passphrase(&self, reading: &Reading, when: &str) {
        let sheet = self.world.folder.path().join(format!("referral-{when}.pdf"));
        make_referral_sheet(reading, self.fonts, &self.world.clock, &sheet).expect("is drawn");
        self.nothing_in(&sheet, None);
        for arguments in [&["show"][..], &["show", "--json"], &["isolate"]] {
            let output = Command::new(assert_cmd::cargo::cargo_bin("countersign"))
                .arg("--home")
                .arg(self.world.home().path())
                .args(arguments)
                .output()
                .expect("runs");
            let parts = [("out".to_owned(), output.stdout), ("err".to_owned(), output.stderr)];
            let name = format!("{}, {when}, {arguments:?}", self.name);
            assert_eq!(self.search.found_in(&parts), Vec::<String>::new(), "{name}");
            assert!(parts.iter().any(|(_, bytes)| bytes.len() > 100), "{name} says nothing");
        }
    }

    fn seal(&self, case: &mut Unlocked<'_>, folder: &str) -> SealedCase {
        let out = self.world.folder.path().join(folder);
        let request =
            SealRequest { out: &out, fonts: self.fonts, threads: NonZeroUsize::MIN, watch: &unwatched };
        seal(case, &request).expect("seals")
    }

    fn copy(
        &self,
        case: &mut Unlocked<'_>,
        seal: u32,
        encryption: Encryption,
    ) -> Result<countersign::handover::HandedCopy, CopyError> {
        let folder = |name: &str| self.world.folder.path().join(name);
        let to = folder(&format!("copy-{seal}-{encryption:?}"));
        fs::create_dir_all(&to).expect("is made");
        let copied = hand_over(
            case,
            &HandOverRequest {
                seal: Some(seal),
                sources: &[folder("before"), folder("after")],
                to: &to,
                encryption,
                sheets: Some(&folder("sheets")),
                receiver: Receiver {
                    to: line("PC 1234 Brown"),
                    organisation: line("Example Police"),
                    role: line("Digital forensics"),
                    when: None,
                    how: line("In person"),
                    medium: line("USB stick"),
                },
                fonts: self.fonts,
                threads: NonZeroUsize::MIN,
                watch: &unwatched,
            },
        );
        if copied.is_err() {
            assert_eq!(leaks::files_under(&to), Vec::<PathBuf>::new(), "{}: left behind", self.name);
        }
        copied
    }

    /// The bundle names what it does not hold.
    fn verifies(&self, case: &Unlocked<'_>, sealed: &SealedCase) {
        let source = Source::open(&sealed.bundle).expect("opens");
        let paper = Paper::Root(sealed.root);
        let report = verify(&source, Some(&paper), NonZeroUsize::MIN, &unwatched).expect("reads");
        assert_eq!(report.verdict, Verdict::Unchanged, "{}: {:?}", self.name, report.findings);
        let withheld = case.reading().released().withheld().len() as u64;
        assert_eq!(sealed.withheld, withheld, "{}", self.name);
        if !self.withholds() || self.trial.state == State::Gate {
            assert_eq!((withheld, report.completeness), (0, Completeness::Complete), "{}", self.name);
            return;
        }
        assert_eq!(report.completeness, Completeness::CompleteButWithheld, "{}", self.name);
        let tag = |part: &&(String, Vec<u8>)| part.0.ends_with("/SEAL.json");
        let parts = unpacked(&sealed.bundle, None);
        let (_, bytes) = parts.iter().find(tag).expect("is in the bundle");
        let named = String::from_utf8(bytes.clone()).expect("UTF-8");
        for held in case.reading().released().withheld() {
            assert!(named.contains(&held.file.sha256.to_string()), "{}: {named}", self.name);
        }
    }

    fn judge_files(&self, path: &Path, password: Option<&str>) {
        match self.withholds() || self.trial.state == State::Gate {
            true => self.nothing_in(path, password),
            false => self.found_in(path, password),
        }
    }

    fn judge_pictures(&self, form: &Path) {
        if self.withholds() || self.trial.state == State::Gate {
            return self.nothing_in(form, None);
        }
        let parts = unpacked(form, None);
        let found = self.search.found_in(&parts).join("\n");
        assert_eq!(pictures_in(&parts), 2, "{}: {}", self.name, form.display());
        assert!(found.contains("pixels of the picture"), "{}: the search misses pixels", self.name);
        assert!(found.contains("the photo"), "{}: the search misses the photo", self.name);
    }

    fn nothing_in(&self, path: &Path, password: Option<&str>) {
        let parts = unpacked(path, password);
        let found = self.search.found_in(&parts);
        assert_eq!(found, Vec::<String>::new(), "{}: {}", self.name, path.display());
        assert_eq!(pictures_in(&parts), 0, "{}: {}", self.name, path.display());
    }

    fn found_in(&self, path: &Path, password: Option<&str>) {
        let found = self.search.found_in(&unpacked(path, password)).join("\n");
        for what in ["the words", "pixels of the picture", "the picture from byte", "the photo"] {
            assert!(found.contains(what), "{}: the search misses {what} in {}", self.name, path.display());
        }
    }
}

fn captured(case: &Unlocked<'_>) -> Vec<(PathBuf, Digest)> {
    let files = case.ledger().files().filter(|(file, _)| file.is_captured());
    files.map(|(file, _)| (case.folder().file(file), file.sha256)).collect()
}

fn judge(case: &mut Unlocked<'_>) {
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: true, because: text("Both of us saw it.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
}

fn concern(case: &mut Unlocked<'_>, category: Category) -> Result<u64, CaseError> {
    let permit = case.permit(Deed::Concern(category.id.clone()))?;
    let at = At::Url(Seen::of("http://example.com/"));
    case.concern(permit, Concern { at, category, description: text("In words.") })
}

/// A new verb of the program is a new way out, until somebody has said that it
/// is none.
#[test]
fn every_verb_was_thought_of() {
    let output =
        Command::new(assert_cmd::cargo::cargo_bin("countersign")).arg("--help").output().expect("runs");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    let listed = help.split("Commands:").nth(1).expect("has a list").split("Options:").next().expect("ends");
    let verbs: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(verbs.len() > 15, "{verbs:?}");
    // Tried above, or by the same function of the library. The guide's pages say
    // what `show` says, and its sheet is the one of `refer`.
    let ways_out = ["guide", "show", "register", "form", "seal", "refer", "isolate", "hand-over", "rehearse"];
    // They say what was typed, or what `show` says of the entry that they made.
    let none = [
        "open",
        "record",
        "keep",
        "attach",
        "note",
        "concern",
        "halt",
        "judge",
        "act",
        "verify",
        "stamp",
        "archive",
        "procedure",
        "doctor",
        "completions",
    ];
    for verb in verbs {
        assert!(ways_out.contains(&verb) || none.contains(&verb), "{verb}: can anything leave by it?");
    }
}
