//! Signatures and the keys they are made with.

use countersign_record::verify::{Identity, Paper, Verdict};

use crate::forge::entry_path;
use crate::found::{by_each, found_at, found_at_entry};
use crate::sealed::{NONE, REVIEWED, SMALL};

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
    let seal = countersign_record::signature::Namespace::Seal;
    let signed = countersign_record::signature::sign(&REVIEWED.keys[0], seal, &bundle.files[&entry_path(4)]);
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
