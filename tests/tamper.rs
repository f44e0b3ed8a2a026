//! Everything that can be done to a sealed bundle is found: by chance (bits,
//! lengths), and on purpose, by somebody who has one, both or none of the keys.

#[path = "support/forge.rs"]
mod forge;
#[path = "support/world.rs"]
mod world;

use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::bundle::Source;
use countersign::bundle::zip::Reader;
use countersign::capture::{AttachRequest, attach};
use countersign::case::Unlocked;
use countersign::clock::Time;
use countersign::digest::Digest;
use countersign::journal::{At, Body, Concern, Halted, Judged, Raised, Seen, Side};
use countersign::key::SecretKey;
use countersign::procedure::Deed;
use countersign::verify::{Completeness, Finding, Identity, Integrity, Paper, Report, Verdict};
use forge::{Bundle, Keys, entry_path, keys_of, seal_into, verify_source};
use world::{World, text};

/// A sealed case, with both its keys.
struct Sealed {
    zip: Vec<u8>,
    bundle: Bundle,
    root: Digest,
    keys: [SecretKey; 2],
    /// Bytes of what was withheld, by the names that they would have.
    withheld: Vec<(String, Vec<u8>)>,
}

impl Sealed {
    fn of(world: &World, mut case: Unlocked<'_>) -> Sealed {
        let sealed = seal_into(&mut case, &world.folder.path().join("out"));
        let keys = keys_of(&world.home(), case.folder().reference(), world.pass());
        let zip = std::fs::read(&sealed.bundle).expect("reads");
        let released = case.reading().released();
        let withheld = released.withheld().iter().map(|withheld| {
            let bytes = std::fs::read(case.folder().file(&withheld.file)).expect("reads");
            (format!("data/{}", withheld.file.path()), bytes)
        });
        let withheld = withheld.collect();
        Sealed { bundle: Bundle::of_zip(zip.clone()), zip, root: sealed.root, keys, withheld }
    }

    fn both(&self) -> Keys<'_> {
        [Some(&self.keys[0]), Some(&self.keys[1])]
    }

    fn first_alone(&self) -> Keys<'_> {
        [Some(&self.keys[0]), None]
    }
}

const NONE: Keys<'static> = [None, None];

fn bring_in(world: &World, case: &mut Unlocked<'_>, names: &[&str]) {
    for name in names {
        let path = world.folder.path().join(name);
        std::fs::write(&path, format!("what is in {name}\n")).expect("writes");
        let description = text("A log of that morning");
        attach(case, AttachRequest { paths: &[path], producer: Side::A, description: &description })
            .expect("is brought in");
    }
}

fn judge(case: &mut Unlocked<'_>) {
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: true, because: text("Both of us saw it.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
}

/// Entries: 1 opened, 2 and 3 attached, 4 concern, 5 judged, 6 form.
static REVIEWED: LazyLock<Sealed> = LazyLock::new(|| {
    let world = World::seeded(1);
    let mut case = world.open();
    bring_in(&world, &mut case, &["one.csv", "two.csv"]);
    let category = case.reading().pack().category("bullying").expect("is in the pack").recorded();
    let at = At::Url(Seen::of("http://example.com/"));
    let permit = case.permit(Deed::Concern(category.id.clone())).expect("may");
    case.concern(permit, Concern { at, category, description: text("Names.") }).expect("is described");
    judge(&mut case);
    Sealed::of(&world, case)
});

/// Entries: 1 opened, 2 attached, 3 judged, 4 form.
static SMALL: LazyLock<Sealed> = LazyLock::new(|| {
    let world = World::seeded(2);
    let mut case = world.open();
    bring_in(&world, &mut case, &["one.csv"]);
    judge(&mut case);
    Sealed::of(&world, case)
});

/// Entries: 1 opened, 2 and 3 attached, 4 halted, 5 concern, 6 form.
static WITHHELD: LazyLock<Sealed> = LazyLock::new(|| {
    let world = World::seeded(3);
    let mut case = world.open();
    bring_in(&world, &mut case, &["one.csv", "two.csv"]);
    let category = case.reading().pack().category("child-abuse-images").expect("is there").recorded();
    let at = At::Url(Seen::of("http://example.com/"));
    let permit = case.permit(Deed::Concern(category.id.clone())).expect("may");
    case.concern(permit, Concern { at, category, description: text("Stopped.") }).expect("is described");
    Sealed::of(&world, case)
});

#[test]
fn as_it_was_sealed_it_is_unchanged() {
    for (sealed, completeness) in [
        (&*REVIEWED, Completeness::Complete),
        (&*SMALL, Completeness::Complete),
        (&*WITHHELD, Completeness::CompleteButWithheld),
    ] {
        assert_eq!(sealed.bundle.zip(), sealed.zip, "taking apart and putting together changes nothing");
        for report in sealed.bundle.reports(Some(&Paper::Root(sealed.root))) {
            assert_eq!((report.verdict, report.findings), (Verdict::Unchanged, vec![]));
            assert_eq!(report.completeness, completeness);
        }
        let mut again = sealed.bundle.clone();
        again.rechain(2, sealed.both());
        again.reseal(sealed.both());
        assert_eq!(again, sealed.bundle, "what both keys make again is the same to the byte");
    }
    assert_eq!(WITHHELD.withheld.len(), 2);
}

// By chance.

/// Where the large members lie, whose content is sampled.
fn large_contents(zip: &[u8], bundle: &Bundle) -> Vec<Range<usize>> {
    let large = |name: &str, bytes: &[u8]| bytes.len() > 16 * 1024 || name == "READ-ME-FIRST.txt";
    let large = bundle.files.iter().filter(|(name, bytes)| large(name, bytes)).map(|(_, bytes)| bytes);
    large
        .map(|bytes| {
            let at = zip.windows(64).position(|window| *window == bytes[..64]).expect("is in the zip file");
            at..at + bytes.len()
        })
        .collect()
}

/// Runs `check` over the numbers on all cores.
fn everywhere(numbers: &[usize], check: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(*number);
                }
            });
        }
    });
}

fn is_found(bytes: Vec<u8>, what: impl Fn() -> String) {
    // Refused by the zip profile: there is no bundle at all.
    let Ok(zip) = Reader::of_bytes(bytes, Path::new("bundle.zip")) else { return };
    let report = verify_source(&Source::Zip(zip), None);
    let found = matches!(report.verdict, Verdict::Changed | Verdict::Unreadable);
    assert!(found && !report.findings.is_empty(), "{}: {report:?}", what());
}

fn flip_bits(sealed: &Sealed, stride_in_large: usize) {
    let large = large_contents(&sealed.zip, &sealed.bundle);
    assert_eq!(large.len(), 3, "the procedure, the form and what to read first");
    let mut bits = Vec::new();
    for byte in 0..sealed.zip.len() {
        match large.iter().find(|range| range.contains(&byte)) {
            None => bits.extend(byte * 8..byte * 8 + 8),
            Some(range) if (byte - range.start).is_multiple_of(stride_in_large) => {
                bits.push(byte * 8 + byte % 8);
            }
            Some(_) => {}
        }
    }
    everywhere(&bits, |bit| {
        let mut bytes = sealed.zip.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        is_found(bytes, || format!("bit {} of byte {}", bit % 8, bit / 8));
    });
}

#[test]
fn every_bit_counts() {
    flip_bits(&SMALL, 997);
}

/// Unpacked there is no checksum of the zip file that would tell first.
#[test]
fn every_file_of_an_unpacked_bundle_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let top = SMALL.bundle.unpack(folder.path());
    for (name, bytes) in &SMALL.bundle.files {
        let path = top.join(name);
        let step = (bytes.len() / 12).max(1);
        for byte in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[byte] ^= 1 << (byte % 8);
            std::fs::write(&path, changed).expect("writes");
            let report = verify_source(&Source::open(&top).expect("a closed set"), None);
            let found = matches!(report.verdict, Verdict::Changed | Verdict::Unreadable);
            assert!(found, "byte {byte} of {name}: {report:?}");
        }
        for length in [0, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).expect("writes");
            let report = verify_source(&Source::open(&top).expect("a closed set"), None);
            assert_ne!(report.verdict, Verdict::UnchangedNotCompared, "{name} cut to {length}");
        }
        std::fs::write(&path, bytes).expect("writes");
    }
    let report = verify_source(&Source::open(&top).expect("a closed set"), None);
    assert_eq!(report.verdict, Verdict::UnchangedNotCompared);
}

#[test]
#[ignore = "an hour: every bit of the procedure and the form as well"]
fn every_bit_of_every_file_counts() {
    let sealed = &*SMALL;
    let bits: Vec<usize> = (0..sealed.zip.len() * 8).collect();
    everywhere(&bits, |bit| {
        let mut bytes = sealed.zip.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        is_found(bytes, || format!("bit {} of byte {}", bit % 8, bit / 8));
    });
}

#[test]
fn no_length_but_its_own_will_do() {
    let sealed = &*SMALL;
    let large = large_contents(&sealed.zip, &sealed.bundle);
    let sampled = |length: &usize| {
        large
            .iter()
            .find(|range| range.contains(length))
            .is_none_or(|range| (length - range.start).is_multiple_of(61))
    };
    let lengths: Vec<usize> = (0..sealed.zip.len()).filter(sampled).collect();
    everywhere(&lengths, |length| {
        is_found(sealed.zip[..length].to_vec(), || format!("cut to {length} bytes"));
        // Cut off in front, too.
        is_found(sealed.zip[sealed.zip.len() - length..].to_vec(), || format!("the last {length} bytes"));
    });
    for byte in 0..=255 {
        is_found([&sealed.zip[..], &[byte]].concat(), || format!("{byte} added"));
        is_found([&[byte], &sealed.zip[..]].concat(), || format!("{byte} in front"));
    }
    is_found([&sealed.zip[..], &sealed.zip].concat(), || "twice".to_owned());
}

// On purpose.

/// Found, packed and unpacked, with and without the paper: and this is the
/// first that is said of it.
#[track_caller]
fn found_at(bundle: &Bundle, entry: Option<u64>, file: &str) -> [Report; 2] {
    let reports = bundle.reports(None);
    for report in &reports {
        assert_eq!(report.verdict, Verdict::Changed, "{report:?}");
        let first = &report.findings[0];
        assert_eq!((first.entry, first.file.as_deref()), (entry, Some(file)), "{:#?}", report.findings);
    }
    let paper = Paper::Root(bundle.root());
    for report in bundle.reports(Some(&paper)) {
        assert_eq!(report.verdict, Verdict::Changed, "even if the paper is of the changed bundle");
    }
    reports
}

#[track_caller]
fn found_at_entry(bundle: &Bundle, entry: u64) -> [Report; 2] {
    found_at(bundle, Some(entry), &entry_path(entry))
}

/// The bundle as it is, then with its manifests made right by somebody
/// without keys, then with everything made right by the first person alone.
fn by_each(sealed: &Sealed, bundle: &Bundle, check: impl Fn(&Bundle)) {
    check(bundle);
    let mut relisted = bundle.clone();
    relisted.relist();
    check(&relisted);
    let mut resealed = bundle.clone();
    resealed.reseal(sealed.first_alone());
    check(&resealed);
}

#[test]
fn an_entry_taken_out() {
    for number in [2, 4] {
        let mut bundle = REVIEWED.bundle.clone();
        bundle.remove_entry(number);
        by_each(&REVIEWED, &bundle, |bundle| {
            found_at_entry(bundle, number);
        });
    }
    let mut bundle = REVIEWED.bundle.clone();
    bundle.remove_entry(1);
    for report in bundle.reports(None) {
        assert_eq!((report.verdict, report.findings[0].entry), (Verdict::Changed, Some(1)));
    }
    bundle.relist();
    for report in bundle.reports(None) {
        assert_eq!((report.verdict, report.findings[0].entry), (Verdict::Unreadable, Some(1)));
    }
}

#[test]
fn the_last_entries_taken_out() {
    let mut bundle = REVIEWED.bundle.clone();
    for number in [6, 5] {
        bundle.remove_entry(number);
    }
    // The form that entry 6 names stays, or goes as well.
    found_at_entry(&bundle, 5);
    bundle.relist();
    found_at_entry(&bundle, 5);
}

#[test]
fn an_entry_taken_out_and_the_rest_moved_up() {
    let mut bundle = REVIEWED.bundle.clone();
    bundle.remove_entry(3);
    for number in 4..=6 {
        let entry = bundle.remove_entry(number);
        bundle.insert_entry(number - 1, entry);
    }
    bundle.relist();
    found_at_entry(&bundle, 3);
}

#[test]
fn an_entry_twice() {
    let mut bundle = REVIEWED.bundle.clone();
    let entry = bundle.remove_entry(4);
    bundle.insert_entry(4, entry.clone());
    bundle.insert_entry(7, entry);
    by_each(&REVIEWED, &bundle, |bundle| {
        found_at_entry(bundle, 7);
    });
}

#[test]
fn two_entries_swapped() {
    let mut bundle = REVIEWED.bundle.clone();
    let (two, three) = (bundle.remove_entry(2), bundle.remove_entry(3));
    bundle.insert_entry(2, three);
    bundle.insert_entry(3, two);
    by_each(&REVIEWED, &bundle, |bundle| {
        found_at_entry(bundle, 2);
    });
}

#[test]
fn an_entry_of_another_case() {
    let mut other = SMALL.bundle.clone();
    let mut bundle = REVIEWED.bundle.clone();
    bundle.remove_entry(2);
    bundle.insert_entry(2, other.remove_entry(2));
    by_each(&REVIEWED, &bundle, |bundle| {
        found_at_entry(bundle, 2);
    });
    // Signed by the keys of this case, and linked: the case's id tells.
    let bytes = SMALL.bundle.files[&entry_path(2)].clone();
    let mut bundle = REVIEWED.bundle.clone();
    bundle.put_entry(2, bytes, REVIEWED.both());
    bundle.rechain(2, REVIEWED.both());
    bundle.reseal(REVIEWED.both());
    let [report, _] = found_at_entry(&bundle, 2);
    assert!(report.findings[0].what.contains("another case"), "{:?}", report.findings);
}

#[test]
fn exhibits_swapped() {
    let attached = |number| match REVIEWED.bundle.entry(number).body {
        Body::Attached(attached) => format!("data/{}", attached.files[0].path()),
        other => panic!("entry {number} is {other:?}"),
    };
    let (one, two) = (attached(2), attached(3));
    let mut bundle = REVIEWED.bundle.clone();
    let (first, second) = (bundle.files[&one].clone(), bundle.files[&two].clone());
    bundle.files.insert(one.clone(), second);
    bundle.files.insert(two, first);
    // Both are named; the earlier entry's comes first.
    by_each(&REVIEWED, &bundle, |bundle| {
        let [report, _] = found_at(bundle, Some(2), &one);
        assert!(report.findings.iter().any(|finding| finding.entry == Some(3)), "{:?}", report.findings);
    });
}

#[test]
fn an_exhibit_changed_or_taken_out() {
    let Body::Attached(attached) = REVIEWED.bundle.entry(3).body else { panic!("entry 3 is an exhibit") };
    let name = format!("data/{}", attached.files[0].path());
    let mut bundle = REVIEWED.bundle.clone();
    bundle.files.insert(name.clone(), b"something else".to_vec());
    by_each(&REVIEWED, &bundle, |bundle| {
        found_at(bundle, Some(3), &name);
    });
    bundle.files.remove(&name);
    found_at(&bundle, None, &name);
    bundle.relist();
    found_at(&bundle, Some(3), &name);
    bundle.reseal(REVIEWED.both());
    found_at(&bundle, Some(3), &name);
}

#[test]
fn an_entry_s_signature_taken_away_or_given_twice() {
    for number in [1, 3, 6] {
        for (letter, other) in [("a", "b"), ("b", "a")] {
            let name = format!("{}.{letter}.sig", entry_path(number));
            let mut bundle = REVIEWED.bundle.clone();
            bundle.files.remove(&name);
            found_at(&bundle, Some(number), &name);
            bundle.relist();
            found_at(&bundle, Some(number), &name);

            let mut bundle = REVIEWED.bundle.clone();
            let twice = bundle.files[&format!("{}.{other}.sig", entry_path(number))].clone();
            bundle.files.insert(name, twice);
            bundle.relist();
            let reports = found_at_entry(&bundle, number);
            assert!(reports.iter().all(|report| report.identity == Identity::NotSignedByBoth));
        }
    }
}

#[test]
fn the_seal_s_signature_taken_away_or_given_twice() {
    for (letter, other) in [("a", "b"), ("b", "a")] {
        let name = format!("SEAL.json.{letter}.sig");
        let mut bundle = REVIEWED.bundle.clone();
        bundle.files.remove(&name);
        found_at(&bundle, None, &name);
        bundle.relist();
        found_at(&bundle, None, &name);
        let twice = bundle.files[&format!("SEAL.json.{other}.sig")].clone();
        bundle.files.insert(name.clone(), twice);
        bundle.relist();
        found_at(&bundle, None, &name);
    }
    let mut bundle = REVIEWED.bundle.clone();
    bundle.files.remove("SEAL.json");
    found_at(&bundle, None, "SEAL.json");
    bundle.relist();
    found_at(&bundle, None, "SEAL.json");
}

#[test]
fn a_signature_for_another_purpose() {
    let mut bundle = REVIEWED.bundle.clone();
    let name = format!("{}.a.sig", entry_path(4));
    let seal = countersign::signature::Namespace::Seal;
    let signed = countersign::signature::sign(&REVIEWED.keys[0], seal, &bundle.files[&entry_path(4)]);
    bundle.files.insert(name, signed.into_bytes());
    bundle.rechain(5, REVIEWED.both());
    bundle.reseal(REVIEWED.both());
    found_at_entry(&bundle, 4);
}

#[test]
fn an_entry_changed_and_signed_again_by_one() {
    for keys in [NONE, REVIEWED.first_alone(), [None, Some(&REVIEWED.keys[1])]] {
        for (number, from, to) in [
            (1, "St Example's", "St Elsewhere's"),
            (2, "A log of that morning", "A log of that evening"),
            (5, "\"substance\": true", "\"substance\": false"),
            (6, "\"pages\": ", "\"pages\": 1"),
        ] {
            let mut bundle = REVIEWED.bundle.clone();
            bundle.change_entry(number, from, to, keys);
            found_at_entry(
                &{
                    let mut relisted = bundle.clone();
                    relisted.relist();
                    relisted
                },
                number,
            );
            // The chain after it made right as well, as far as one can.
            bundle.rechain(number + 1, keys);
            bundle.reseal(keys);
            let reports = found_at_entry(&bundle, number);
            assert!(reports.iter().all(|report| report.identity == Identity::NotSignedByBoth));
        }
    }
}

#[test]
fn an_entry_changed_and_signed_again_by_both() {
    // The chain is not made right: the next entry holds on to another.
    let mut bundle = REVIEWED.bundle.clone();
    bundle.change_entry(2, "A log of that morning", "A log of that evening", REVIEWED.both());
    bundle.reseal(REVIEWED.both());
    found_at_entry(&bundle, 3);
    // The last one, and the seal was not made again.
    let mut bundle = REVIEWED.bundle.clone();
    bundle.change_entry(6, "\"pages\": ", "\"pages\": 1", REVIEWED.both());
    bundle.relist();
    found_at(&bundle, None, "SEAL.json");
    // Everything made right by both: only the paper tells.
    bundle.reseal(REVIEWED.both());
    for report in bundle.reports(None) {
        assert_eq!(report.verdict, Verdict::UnchangedNotCompared);
    }
    for report in bundle.reports(Some(&Paper::Root(REVIEWED.root))) {
        assert_eq!(report.verdict, Verdict::Changed);
    }
}

#[test]
fn other_signers() {
    let theirs = &SMALL.bundle.files["allowed_signers"];
    let ours = REVIEWED.bundle.text("allowed_signers");
    let first = ours.lines().next().expect("a line");
    for signers in [
        theirs.clone(),
        Vec::new(),
        format!("{ours}{}", ours.replace("a names", "c names")).into_bytes(),
        ours.replacen("a ", "* ", 1).into_bytes(),
        format!("{first}\n{}\n", first.replacen('a', "b", 1)).into_bytes(),
        ours.trim_end().as_bytes().to_vec(),
    ] {
        let mut bundle = REVIEWED.bundle.clone();
        bundle.files.insert("allowed_signers".to_owned(), signers);
        found_at(&bundle, None, "allowed_signers");
        bundle.relist();
        found_at(&bundle, None, "allowed_signers");
        bundle.reseal(REVIEWED.both());
        found_at(&bundle, None, "allowed_signers");
    }
}

#[test]
fn other_public_keys_in_the_payload() {
    let mut bundle = REVIEWED.bundle.clone();
    bundle.files.insert("data/keys/b.pub".to_owned(), SMALL.bundle.files["data/keys/b.pub"].clone());
    by_each(&REVIEWED, &bundle, |bundle| {
        found_at(bundle, Some(1), "data/keys/b.pub");
    });
}

#[test]
fn a_whole_new_bundle_by_other_keys() {
    // Somebody makes it all up: the same words under keys of their own.
    let theirs = &SMALL.keys;
    let mut bundle = REVIEWED.bundle.clone();
    let names: Vec<String> = bundle.files.keys().cloned().collect();
    for (ours, theirs) in REVIEWED.keys.iter().zip(theirs) {
        let (from, to) = (ours.public().to_string(), theirs.public().to_string());
        for name in names.iter().filter(|name| !name.starts_with("data/files/")) {
            let replaced = bundle.text(name).replace(&from, &to);
            bundle.files.insert(name.clone(), replaced.into_bytes());
        }
    }
    let keys = [Some(&theirs[0]), Some(&theirs[1])];
    bundle.put_entry(1, bundle.files[&entry_path(1)].clone(), keys);
    bundle.rechain(2, keys);
    bundle.reseal(keys);
    for report in bundle.reports(None) {
        assert_eq!(report.verdict, Verdict::UnchangedNotCompared, "{:?}", report.findings);
        let says = report.says.expect("says who signed");
        assert_eq!(says.signers[0].fingerprint, theirs[0].public().fingerprint());
    }
    for report in bundle.reports(Some(&Paper::Root(REVIEWED.root))) {
        assert_eq!(report.verdict, Verdict::Changed);
    }
    // One of the two puts their own key in the other's place: only the paper
    // and the fingerprint on it tell.
    assert_ne!(bundle.root(), REVIEWED.root);
}

#[test]
fn one_key_for_both() {
    let mut bundle = REVIEWED.bundle.clone();
    let (ours, other) = (REVIEWED.keys[0].public().to_string(), REVIEWED.keys[1].public().to_string());
    for name in [entry_path(1), "allowed_signers".to_owned(), "data/keys/b.pub".to_owned()] {
        let replaced = bundle.text(&name).replace(&other, &ours);
        bundle.files.insert(name, replaced.into_bytes());
    }
    let keys = [Some(&REVIEWED.keys[0]), Some(&REVIEWED.keys[0])];
    bundle.put_entry(1, bundle.files[&entry_path(1)].clone(), keys);
    bundle.rechain(2, keys);
    bundle.reseal(keys);
    for report in bundle.reports(None) {
        assert!(matches!(report.verdict, Verdict::Changed | Verdict::Unreadable), "{report:?}");
        assert_eq!(report.findings[0].entry, Some(1));
        assert!(report.findings[0].what.contains("same key"), "{:?}", report.findings);
    }
}

#[test]
fn other_tag_files() {
    for (name, from, to) in [
        ("READ-ME-FIRST.txt", "CHECK IT", "DO NOT CHECK IT"),
        ("bag-info.txt", "REHEARSAL: practice", "A real case: practice"),
    ] {
        let mut bundle = REVIEWED.bundle.clone();
        let changed = bundle.text(name).replacen(from, to, 1);
        assert_ne!(changed.as_bytes(), bundle.files[name]);
        bundle.files.insert(name.to_owned(), changed.into_bytes());
        found_at(&bundle, None, name);
        bundle.relist();
        found_at(&bundle, None, "SEAL.json");
        // One alone makes the seal right again: the other's signature is of
        // another seal.
        bundle.reseal(REVIEWED.first_alone());
        found_at(&bundle, None, "SEAL.json.b.sig");
    }
}

#[test]
fn each_field_of_the_seal() {
    let text = REVIEWED.bundle.text("SEAL.json");
    let fields: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(": ") && !line.ends_with(['[', '{']) && !line.contains("[]"))
        .collect();
    assert!(fields.len() >= 20, "{fields:?}");
    for (place, field) in fields.iter().enumerate() {
        let changed = change(field);
        let at = text.match_indices(field).nth(fields[..place].iter().filter(|f| f == &field).count());
        let (at, _) = at.expect("is there");
        let seal = format!("{}{changed}{}", &text[..at], &text[at + field.len()..]).into_bytes();
        for keys in [NONE, REVIEWED.first_alone(), [None, Some(&REVIEWED.keys[1])]] {
            let mut bundle = REVIEWED.bundle.clone();
            bundle.put_seal(seal.clone(), keys);
            let first = if keys[0].is_some() { "SEAL.json.b.sig" } else { "SEAL.json.a.sig" };
            found_at_in(&bundle, &["SEAL.json", first]);
        }
        // Both lie together: what can be compared is, the time cannot be.
        let mut bundle = REVIEWED.bundle.clone();
        bundle.put_seal(seal, REVIEWED.both());
        if field.contains("\"time\"") {
            for report in bundle.reports(Some(&Paper::Root(REVIEWED.root))) {
                assert_eq!(report.verdict, Verdict::Changed);
            }
        } else if field.contains("\"entries\"") {
            found_at_entry(&bundle, 7);
        } else {
            found_at(&bundle, None, "SEAL.json");
        }
    }
}

/// Another value of the same kind.
fn change(field: &str) -> String {
    let (name, value) = field.split_once(": ").expect("a field");
    let (value, comma) = value.strip_suffix(',').map_or((value, ""), |value| (value, ","));
    let other = match value {
        "null" => format!("\"{}\"", Digest::of(b"another")),
        "\"rehearsal\"" => "\"case\"".to_owned(),
        "\"2026-0001\"" => "\"2026-0002\"".to_owned(),
        _ if value.ends_with("Z\"") => "\"2020-01-01T00:00:00.000Z\"".to_owned(),
        _ if value.starts_with('"') && value.len() == 66 => format!("\"{}\"", Digest::of(value.as_bytes())),
        _ if value.starts_with('"') && value.len() == 34 => "\"00112233445566778899aabbccddeeff\"".to_owned(),
        _ if value.starts_with('"') => format!("\"other-{}", &value[1..]),
        number => format!("{}", number.parse::<u64>().expect("a number") + 1),
    };
    format!("{name}: {other}{comma}")
}

#[track_caller]
fn found_at_in(bundle: &Bundle, files: &[&str]) {
    for report in bundle.reports(None) {
        assert_eq!(report.verdict, Verdict::Changed, "{report:?}");
        let first = report.findings[0].file.as_deref();
        assert!(first.is_some_and(|first| files.contains(&first)), "{:?}", report.findings);
    }
}

#[test]
fn a_shorter_list_of_what_was_withheld() {
    for keep in 0..2 {
        let mut bundle = WITHHELD.bundle.clone();
        let mut seal = bundle.seal();
        assert_eq!(seal.withheld.len(), 2);
        seal.withheld.truncate(keep);
        bundle.put_seal(seal.to_bytes(), WITHHELD.both());
        found_at(&bundle, None, "SEAL.json");
    }
}

#[test]
fn something_withheld_slipped_in() {
    for (name, bytes) in &WITHHELD.withheld {
        let mut bundle = WITHHELD.bundle.clone();
        bundle.files.insert(name.clone(), bytes.clone());
        found_at(&bundle, None, name);
        let entry = bundle.seal().withheld.iter().find(|left| left.path == *name).map(|left| left.entry);
        bundle.relist();
        found_at(&bundle, entry, name);
        bundle.reseal(WITHHELD.both());
        let [report, _] = found_at(&bundle, entry, name);
        assert_eq!(report.completeness, Completeness::Incomplete);
        assert!(report.findings[0].what.contains("was to stay"), "{:?}", report.findings);
        // Under another name it is no part of the record.
        let bytes = bundle.files.remove(name).expect("is there");
        bundle.files.insert(format!("{name}x"), bytes);
        bundle.reseal(WITHHELD.both());
        found_at(&bundle, None, &format!("{name}x"));
    }
}

#[test]
fn a_file_that_nobody_listed() {
    for name in ["data/files/extra.bin", "data/extra.txt", "data/void/000002-00000000.json", "extra.txt"] {
        let mut bundle = REVIEWED.bundle.clone();
        bundle.files.insert(name.to_owned(), b"x\n".to_vec());
        found_at(&bundle, None, name);
        bundle.relist();
        bundle.reseal(REVIEWED.both());
        let file = if name.starts_with("data/") { name } else { "SEAL.json" };
        found_at(&bundle, None, file);
    }
    // Beside the entries, where it looks like one.
    for name in ["data/journal/000009.json", "data/journal/7.json", "data/journal/000003.json.c.sig"] {
        let mut bundle = REVIEWED.bundle.clone();
        bundle.files.insert(name.to_owned(), b"x\n".to_vec());
        bundle.reseal(REVIEWED.both());
        for report in bundle.reports(None) {
            assert_eq!(report.verdict, Verdict::Changed, "{name}");
            let named = |f: &Finding| f.file.as_deref() == Some(name) || f.what.contains(name);
            assert!(report.findings.iter().any(named), "{:?}", report.findings);
        }
    }
    for name in ["stamps/tsa1.tsr", "fetch.txt", "manifest-md5.txt"] {
        let mut bundle = REVIEWED.bundle.clone();
        bundle.files.insert(name.to_owned(), b"x\n".to_vec());
        bundle.reseal(REVIEWED.both());
        for report in bundle.reports(None) {
            assert_eq!(report.verdict, Verdict::Unreadable, "{name}");
        }
    }
}

#[test]
fn something_recorded_after_a_halt() {
    let mut bundle = REVIEWED.bundle.clone();
    let Body::Attached(mut attached) = bundle.entry(3).body else { panic!("entry 3 is an exhibit") };
    let pack = world::pack();
    let halted = Halted {
        category: Some(pack.category("grooming").expect("is in the pack").recorded()),
        by: Some(Side::A),
        raised: Raised::ByHand,
        raised_at: Some(Time::parse("2026-11-22T14:30:00.000Z").expect("a time")),
        raised_file: None,
        description: None,
    };
    bundle.append(Body::Halted(halted), REVIEWED.both());
    attached.exhibit.number = 3;
    attached.exhibit.label = world::line("JS/3");
    let number = bundle.append(Body::Attached(attached), REVIEWED.both());
    bundle.reseal(REVIEWED.both());
    let [report, _] = found_at_entry(&bundle, number);
    assert!(report.findings[0].what.contains("after the case was stopped"), "{:?}", report.findings);
    assert_eq!((report.identity, report.integrity), (Identity::SignedByBoth, Integrity::Changed));
}

#[test]
fn another_top_folder() {
    let mut bundle = REVIEWED.bundle.clone();
    bundle.top = "2026-0001-seal-2".to_owned();
    let [packed, unpacked] = bundle.reports(None);
    assert_eq!((packed.verdict, packed.findings[0].file.as_deref()), (Verdict::Changed, Some("SEAL.json")));
    // Whoever unpacks it may call the folder what they like.
    assert_eq!(unpacked.verdict, Verdict::UnchangedNotCompared);
}
