//! The seal, the tag files, and what is no part of the bundle.

use countersign_record::digest::Digest;
use countersign_record::verify::{Completeness, Finding, Paper, Verdict};

use crate::found::{found_at, found_at_entry, found_at_in};
use crate::sealed::{NONE, REVIEWED, WITHHELD};

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

#[test]
fn a_number_of_the_seal_that_not_every_reader_holds() {
    let text = REVIEWED.bundle.text("SEAL.json");
    let seal = text.replace("\"entries\": 6", "\"entries\": 9007199254740992");
    assert_ne!(seal, text);
    let mut bundle = REVIEWED.bundle.clone();
    bundle.put_seal(seal.into_bytes(), REVIEWED.both());
    let [report, _] = found_at(&bundle, None, "SEAL.json");
    assert!(report.findings[0].what.contains("below 2^53"), "{:?}", report.findings);
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
fn another_top_folder() {
    let mut bundle = REVIEWED.bundle.clone();
    bundle.top = "2026-0001-seal-2".to_owned();
    let [packed, unpacked] = bundle.reports(None);
    assert_eq!((packed.verdict, packed.findings[0].file.as_deref()), (Verdict::Changed, Some("SEAL.json")));
    // Whoever unpacks it may call the folder what they like.
    assert_eq!(unpacked.verdict, Verdict::UnchangedNotCompared);
}
