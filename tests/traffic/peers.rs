//! What other people's checkers say. Needs `wacz`, `warcio` and `cdxj-indexer`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::reader::Package;
use crate::world::World;
use crate::{keep_traffic, package, pages};

#[test]
fn wacz_finds_it_valid_and_warcio_every_digest_right() {
    let (site, world, folder) = (pages::start(), World::new(), tempfile::tempdir().expect("a folder"));
    let mut case = world.open();
    let exhibit = keep_traffic(&mut case, &site.url("/"));
    let bytes = package(&case, &exhibit.kept.files);
    let at = folder.path().join("page.wacz");
    std::fs::write(&at, &bytes).expect("written");
    let said = run(Command::new("wacz").args(["validate", "--file"]).arg(&at)).expect("it is valid");
    assert!(said.contains("Validation succeeded"), "{said}");
    // It can say no.
    let mut changed = bytes.clone();
    let place = changed.windows(5).position(|five| five == b"title").expect("a title");
    changed[place + 10] ^= 1;
    std::fs::write(&at, &changed).expect("written");
    assert!(run(Command::new("wacz").args(["validate", "--file"]).arg(&at)).is_err());

    let package = Package::read(&bytes);
    let warc = folder.path().join("data.warc.gz");
    std::fs::write(&warc, &package.files["archive/data.warc.gz"]).expect("written");
    let said = run(Command::new("warcio").args(["check", "-v"]).arg(&warc)).expect("its digests are right");
    let passed = said.matches("digest pass").count();
    // The word is there, whatever it says of each: none fails, all are tried.
    assert!(passed >= package.records.len() && !said.contains("digest failed"), "{said}");
    compare(&package, &warc);
}

/// Another indexer finds the same answers in the same places.
fn compare(package: &Package, warc: &Path) {
    let theirs =
        run(Command::new("cdxj-indexer").args(["--sort", "--post-append", "--digest-records"]).arg(warc))
            .expect("it is indexed");
    let fields =
        ["url", "status", "digest", "length", "offset", "filename", "mime", "method", "recordDigest"];
    let by_place = |lines: Vec<Value>| -> BTreeMap<String, Vec<Value>> {
        let place = |line: &Value| line["offset"].as_str().expect("an offset").to_owned();
        lines.iter().map(|line| (place(line), fields.map(|field| line[field].clone()).to_vec())).collect()
    };
    let json = |line: &str| line.splitn(3, ' ').nth(2).map(|json| serde_json::from_str(json).expect("JSON"));
    let theirs: Vec<Value> = theirs.lines().filter_map(json).collect();
    let answers = by_place(package.index());
    assert!(answers.len() >= 8, "{answers:?}");
    assert_eq!(answers, by_place(theirs));
}

fn run(command: &mut Command) -> Result<String, String> {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; .ci/test installs it"));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(said) } else { Err(said) }
}
