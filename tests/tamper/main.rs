//! Everything that can be done to a sealed bundle is found: by chance (bits,
//! lengths), and on purpose, by somebody who has one, both or none of the keys.

#[path = "../support/forge.rs"]
mod forge;
#[path = "../support/world.rs"]
mod world;

mod chance;
mod entries;
mod found;
mod seal;
mod sealed;
mod signatures;

use countersign_record::verify::{Completeness, Paper, Verdict};

use crate::sealed::{REVIEWED, SMALL, SMALLEST, WITHHELD};

#[test]
fn as_it_was_sealed_it_is_unchanged() {
    for (sealed, completeness) in [
        (&*REVIEWED, Completeness::Complete),
        (&*SMALL, Completeness::Complete),
        (&*SMALLEST, Completeness::Complete),
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

/// The sample in the crate that others verify with. It is made anew where the
/// format changes, and then its words in the crate's documentation, too.
#[test]
#[ignore = "writes src/record/sample: cargo test --test tamper -- --ignored the_sample"]
fn the_sample_of_the_record_s_crate_is_written_anew() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/record/sample");
    std::fs::create_dir_all(&folder).expect("makes");
    std::fs::write(folder.join("2026-0001-seal-1.zip"), &SMALL.zip).expect("writes");
    let words = countersign_record::words::SealWords::of(&SMALL.root);
    std::fs::write(folder.join("seal-words.txt"), format!("{words}\n")).expect("writes");
}
