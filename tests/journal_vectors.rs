//! One entry per defect in `fixtures/journal`, and what other programs print
//! of those that are accepted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use countersign_record::journal::Entry;
use countersign_record::key::{PublicKey, PublicKeyError};

fn vectors() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/journal");
    let named = |path: PathBuf| (path.file_name().expect("a name").to_string_lossy().into_owned(), path);
    let mut found: Vec<_> =
        fs::read_dir(folder).expect("lists").map(|entry| named(entry.expect("lists").path())).collect();
    found.sort();
    assert!(found.len() > 50, "only {} vectors", found.len());
    found
}

#[test]
fn each_is_what_its_name_says() {
    for (name, path) in vectors() {
        let bytes = fs::read(&path).expect("reads");
        match Entry::parse(&bytes) {
            Ok(entry) => {
                assert!(name.starts_with("accepted--"), "{name} is accepted");
                assert_eq!(entry.to_bytes().expect("small"), bytes, "{name}");
            }
            Err(error) => assert!(name.starts_with("refused--"), "{name}: {error}"),
        }
    }
}

/// One public key per defect; the first word of a name is why it is refused.
#[test]
fn each_key_is_what_its_name_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keys");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("lists") {
        let path = entry.expect("lists").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let line = fs::read_to_string(&path).expect("reads");
        let key = line.strip_suffix('\n').expect("one line").parse::<PublicKey>();
        let expected = match name.split_once("--").expect("why, and how").0 {
            "accepted" => None,
            "form" => Some(PublicKeyError::Form),
            "not-canonical" => Some(PublicKeyError::NotCanonical),
            "weak" => Some(PublicKeyError::Weak),
            "mixed" => Some(PublicKeyError::MixedOrder),
            other => panic!("{name}: {other}"),
        };
        assert_eq!(key.err(), expected, "{name}");
        seen += 1;
    }
    assert!(seen > 40, "only {seen} keys");
}

#[test]
fn other_programs_print_the_same_bytes() {
    const NODE: &str = "const t = require('fs').readFileSync(process.argv[1], 'utf8'); \
        process.stdout.write(JSON.stringify(JSON.parse(t), null, 2) + '\\n')";
    const PYTHON: &str = "import json, sys; t = open(sys.argv[1], encoding='utf-8').read(); \
        sys.stdout.buffer.write((json.dumps(json.loads(t), indent=2, ensure_ascii=False) + '\\n').encode())";
    let print = |program: &str, option: &str, script: &str, path: &Path| -> Option<Output> {
        Command::new(program).args([option, script]).arg(path).output().ok()
    };
    let mut asked = 0;
    for (name, path) in vectors().into_iter().filter(|(name, _)| name.starts_with("accepted--")) {
        let bytes = fs::read(&path).expect("reads");
        for (program, option, script) in [("node", "-e", NODE), ("python3", "-c", PYTHON)] {
            let Some(done) = print(program, option, script, &path) else { continue };
            assert_eq!(
                String::from_utf8_lossy(&done.stdout),
                String::from_utf8_lossy(&bytes),
                "{program}: {name}"
            );
            asked += 1;
        }
    }
    assert!(asked >= 7, "neither node nor python3 is there");
}
