//! The log over all cases.

#[path = "support/world.rs"]
mod world;

use std::fs;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use countersign_case::case::{self, Halt, Home, Unlocked};
use countersign_case::form::Fonts;
use countersign_case::handover::{
    ArchiveRequest, HandOverRequest, Receiver, Review, SealRequest, archive, hand_over, seal,
};
use countersign_case::procedure::{Deed, Phase, Reminder, correct};
use countersign_case::register::{Case, Known, Register};
use countersign_case::secret::SecretKey;
use countersign_record::bundle::unwatched;
use countersign_record::clock::{Clock, Time};
use countersign_record::digest::Digest;
use countersign_record::journal::{
    At, Body, CaseId, Concern, Entry, Hold, Judged, Moment, Noted, Reference, Seen, SessionId,
};
use countersign_record::signature::{self, Namespace};
use world::{World, line, name, new_case, pack, text};

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
const TWO: NonZeroUsize = NonZeroUsize::new(2).expect("two");

fn read(world: &World) -> Register {
    Register::read(&world.home(), world.clock.now(), TWO, PATIENCE).expect("reads")
}

fn case(register: &Register, nth: usize) -> &Case {
    match &register.cases[nth].known {
        Known::Read(case) => case,
        Known::Unread { fault } => panic!("{}: {fault}", register.cases[nth].reference),
    }
}

fn fault(register: &Register, nth: usize) -> &str {
    match &register.cases[nth].known {
        Known::Unread { fault } => fault.as_str(),
        Known::Read(_) => panic!("{} has a fault", register.cases[nth].reference),
    }
}

fn concern(case: &mut Unlocked<'_>, id: &str) {
    let category = case.reading().pack().category(id).expect("is in the pack").recorded();
    let permit = case.permit(Deed::Concern(category.id.clone())).expect("may");
    let concern = Concern {
        at: At::Url(Seen::of("http://example.com/SECRET-ADDRESS")),
        category,
        description: text("SECRET-WORDS"),
    };
    case.concern(permit, concern).expect("is described");
}

#[test]
fn an_empty_home_has_no_cases() {
    let world = World::new();
    let register = read(&world);
    assert_eq!(register.cases, []);
    assert_eq!(register.to_csv().lines().count(), 1);
    let json: serde_json::Value = serde_json::from_str(&register.to_json()).expect("is JSON");
    assert_eq!(json["cases"], serde_json::json!([]));
}

#[test]
fn a_corrected_value_stands_with_what_it_was() {
    let world = World::new();
    let mut open = world.open();
    let corrected = {
        let (ledger, pack) = (open.ledger(), open.reading().pack());
        correct(ledger, pack, 1, "subject", "7B-41", None).expect("a reference")
    };
    let deed = Deed::Correct(1, corrected.change.clone().map(Box::new));
    let permit = open.permit(deed).expect("may");
    open.correct(permit, corrected).expect("is corrected");
    let register = read(&world);
    let json: serde_json::Value = serde_json::from_str(&register.to_json()).expect("is JSON");
    let case = &json["cases"][0];
    assert_eq!(case["subject"], "7B-41", "the key has the new value");
    let by = serde_json::json!([
        { "entry": 1, "field": "subject", "was": "P-2026-17", "now": "7B-41", "by": 2 }
    ]);
    assert_eq!(case["corrected"], by);
    let csv = register.to_csv();
    assert!(csv.contains("\"7B-41 (entry 2; was: P-2026-17, entry 1)\""), "{csv}");
}

#[test]
fn a_case_from_opening_to_its_review() {
    let world = World::new();
    let mut open = world.open();
    let register = read(&world);
    assert_eq!(case(&register, 0).phase, Phase::Review);
    assert_eq!(case(&register, 0).due, []);
    assert_eq!(case(&register, 0).subject.value, name("P-2026-17"));

    concern(&mut open, "bullying");
    let permit = open.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: false, because: text("SECRET-WORDS") };
    open.append(permit, Body::Judged(judged)).expect("is judged");
    let register = read(&world);
    assert_eq!(case(&register, 0).phase, Phase::Judged);
    assert_eq!(case(&register, 0).substance, Some(false));
    assert_eq!(case(&register, 0).due[0].what, Reminder::Seal);

    let fonts = Fonts::built_in();
    let out = world.folder.path().join("out");
    seal(&mut open, &SealRequest { out: &out, fonts: &fonts, threads: TWO, watch: &unwatched })
        .expect("seals");
    let usb = world.folder.path().join("usb");
    fs::create_dir(&usb).expect("is made");
    let receiver = Receiver {
        to: name("Ms Okafor"),
        organisation: line("Example Council"),
        role: name("LADO"),
        when: Some(line("this morning")),
        how: line("by hand"),
        medium: line("USB stick"),
    };
    let request = HandOverRequest {
        seal: None,
        sources: &[out],
        to: &usb,
        lock: None,
        sheets: None,
        receiver,
        fonts: &fonts,
        threads: TWO,
        watch: &unwatched,
    };
    hand_over(&mut open, &request).expect("is handed over");
    let filing = ArchiveRequest {
        retention: "no-substance".parse().expect("an id"),
        review: Review::FromFiling,
        hold: Hold::None,
        because: None,
    };
    archive(&mut open, filing.clone()).expect("is filed");
    let register = read(&world);
    let row = case(&register, 0);
    assert_eq!(row.phase, Phase::Archived);
    assert_eq!(row.seal.as_ref().map(|seal| seal.number), Some(1));
    assert_eq!(row.handed_over[0].to.value, name("Ms Okafor"));
    assert_eq!(row.filed.as_ref().map(|filed| filed.review.value.as_str()), Some("2027-11-22"));
    assert_eq!(row.due, []);
    let csv = register.to_csv();
    assert!(csv.contains("seal 1 to Ms Okafor, Example Council, this morning"), "{csv}");
    assert!(csv.contains("REHEARSAL") && csv.contains(",2027-11-22,"), "{csv}");

    let later = Time::parse("2027-12-01T00:00:00.000Z").expect("a time");
    let register = Register::read(&world.home(), later, TWO, PATIENCE).expect("reads");
    assert!(matches!(case(&register, 0).due[0].what, Reminder::Review(_)));
    assert!(case(&register, 0).due[0].overdue);
    let held = ArchiveRequest { hold: Hold::Legal, because: Some(text("The police ask.")), ..filing };
    archive(&mut open, held).expect("is held");
    let register = Register::read(&world.home(), later, TWO, PATIENCE).expect("reads");
    assert_eq!(case(&register, 0).due, []);
    assert!(register.to_csv().contains("legal hold"));
}

#[test]
fn what_a_stop_withholds_and_what_people_wrote_stays_out() {
    let world = World::new();
    let mut open = world.open();
    concern(&mut open, "bullying");
    concern(&mut open, "child-abuse-images");
    let register = read(&world);
    let row = case(&register, 0);
    assert_eq!(row.phase, Phase::Halted);
    assert_eq!(row.categories.len(), 2);
    let refer = row.due.iter().find(|due| matches!(due.what, Reminder::Refer(_))).expect("the police");
    assert!(refer.words.starts_with("Tell "), "{}", refer.words);
    for text in [register.to_csv(), register.to_json()] {
        assert!(!text.contains("SECRET"), "{text}");
    }
}

#[test]
fn a_raised_halt_shows_before_it_is_on_record() {
    let world = World::new();
    let open = world.open();
    case::raise(open.folder(), Halt::default(), &world.clock).expect("is raised");
    let register = read(&world);
    assert_eq!(case(&register, 0).phase, Phase::HaltRaised);
    assert_eq!(case(&register, 0).due[0].what, Reminder::RecordTheHalt);
}

#[test]
fn broken_and_missing_cases_hide_no_others() {
    let world = World::new();
    for _ in 0..4 {
        drop(world.open());
    }
    let home = world.home();
    let at = |number| home.case(Reference::new(2026, number).expect("a reference"));
    // The second was changed, the third is gone.
    let entry = at(2).data().join("journal/000001.json");
    let said = fs::read_to_string(&entry).expect("reads");
    fs::write(&entry, said.replace("St Example", "St Another")).expect("writes");
    fs::remove_dir_all(at(3).path()).expect("is removed");
    // A fifth was reserved and never opened; a sixth is a stray file.
    let reserved = format!("countersign/head/v1 {}\n", "0".repeat(32));
    fs::write(home.path().join("heads/2026-0005"), reserved).expect("writes");
    fs::write(home.path().join("cases/2026-0006"), "stray").expect("writes");
    // The head of a seventh is nonsense, and there is no folder.
    fs::write(home.path().join("heads/2026-0007"), "nonsense").expect("writes");

    let register = read(&world);
    let references: Vec<String> = register.cases.iter().map(|row| row.reference.to_string()).collect();
    assert_eq!(references, ["2026-0001", "2026-0002", "2026-0003", "2026-0004", "2026-0006", "2026-0007"]);
    case(&register, 0);
    assert!(fault(&register, 1).contains("entry 1"), "{}", fault(&register, 1));
    assert!(fault(&register, 2).contains("missing"));
    case(&register, 3);
    fault(&register, 4);
    fault(&register, 5);
    let json: serde_json::Value = serde_json::from_str(&register.to_json()).expect("is JSON");
    assert_eq!(json["cases"][0]["phase"], "review");
    assert_eq!(json["cases"][2]["reference"], "2026-0003");
    assert!(json["cases"][2]["fault"].as_str().is_some_and(|fault| fault.contains("missing")));
    assert_eq!(register.to_csv().lines().count(), 7);
}

#[test]
fn hostile_words_stay_words() {
    let world = World::new();
    let pack = pack();
    let mut new = new_case(&pack, None);
    new.subject = name("=HYPERLINK(\"http://example.com\",\"x\")");
    new.reviewers[0].name = name("@Jane, \"JS\" Smith");
    new.reviewers[1].name = name("+Ali Khan");
    case::open(&world.home(), new, &pack, world.pass(), world.around()).expect("opens");
    let csv = read(&world).to_csv();
    let row = csv.split("\r\n").nth(1).expect("a row");
    assert!(row.contains("\"'=HYPERLINK(\"\"http://example.com\"\",\"\"x\"\")\""), "{row}");
    assert!(row.contains("\"'@Jane, \"\"JS\"\" Smith\",'+Ali Khan,"), "{row}");
    assert!(csv.ends_with("\r\n"));
}

/// A case as the program writes it, but for the locked keys, which take long
/// to make and which nobody needs for reading.
fn write_case(world: &World, home: &Home, like: &Body, pack_bytes: &[u8], number: u32) {
    let Body::Opened(opened) = like else { panic!("entry 1 opens a case") };
    let reference = Reference::new(2026, number).expect("a reference");
    let keys = [(); 2].map(|()| SecretKey::generate(&world.random).expect("random"));
    let mut opened = opened.clone();
    opened.reference = reference;
    opened.first.public_key = keys[0].public();
    opened.second.public_key = keys[1].public();
    let case = CaseId::generate(&world.random).expect("random");
    let session = SessionId::generate(&world.random).expect("random");
    let folder = home.case(reference);
    let journal = folder.data().join("journal");
    fs::create_dir_all(&journal).expect("is made");
    fs::create_dir_all(folder.files()).expect("is made");
    fs::write(folder.file(&opened.pack.file), pack_bytes).expect("writes");
    let public = folder.data().join("keys");
    fs::create_dir_all(&public).expect("is made");
    for (side, key) in ["a", "b"].into_iter().zip(&keys) {
        fs::write(public.join(format!("{side}.pub")), format!("{}\n", key.public())).expect("writes");
    }
    let mut head = format!("countersign/head/v1 {case}\n");
    let mut links = None;
    for entry in 1..=4_u64 {
        let body = match entry {
            1 => Body::Opened(opened.clone()),
            n => Body::Noted(Noted { text: text(&format!("Note {n}")) }),
        };
        let moment = Moment { time: world.clock.now(), session, since_start_ms: entry };
        let bytes = Entry::new(case, entry, links, moment, body).to_bytes().expect("fits");
        let [sig_a, sig_b] =
            [0, 1].map(|i| signature::sign(&keys[i], Namespace::Journal, &bytes).into_bytes());
        let write = |ending: &str, bytes: &[u8]| {
            fs::write(journal.join(format!("{entry:06}.json{ending}")), bytes).expect("writes");
        };
        write("", &bytes);
        write(".a.sig", &sig_a);
        write(".b.sig", &sig_b);
        head += &format!("entry {entry} {}\n", Digest::of(&bytes));
        links = Some(countersign_record::journal::Links {
            entry: Digest::of(&bytes),
            sig_a: Digest::of(&sig_a),
            sig_b: Digest::of(&sig_b),
        });
    }
    fs::create_dir_all(home.path().join("heads")).expect("is made");
    fs::write(home.path().join("heads").join(reference.to_string()), head).expect("writes");
}

#[test]
fn a_thousand_cases_within_seconds() {
    let world = World::new();
    let open = world.open();
    let like = open.ledger().entries()[0].body.clone();
    let pack = pack();
    let home = Home::at(world.folder.path().join("many"));
    for number in 1..=1000 {
        write_case(&world, &home, &like, pack.bytes(), number);
    }
    let begun = Instant::now();
    let register = Register::read(&home, world.clock.now(), TWO, PATIENCE).expect("reads");
    let took = begun.elapsed();
    assert_eq!(register.cases.len(), 1000);
    for nth in 0..1000 {
        assert_eq!(case(&register, nth).entries, 4);
    }
    // Unoptimised, and on a computer that does other things as well.
    assert!(took < Duration::from_secs(30), "{took:?}");
}
