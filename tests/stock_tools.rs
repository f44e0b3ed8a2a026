//! A sealed bundle by the very commands that its READ-ME-FIRST prints, and by
//! other tools that know nothing of Countersign; and what stock `ssh-keygen`
//! signed, by the verifier.
#![cfg(unix)]

#[path = "support/forge.rs"]
mod forge;
#[path = "support/world.rs"]
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use countersign_case::procedure::Deed;
use countersign_record::key::PublicKey;
use countersign_record::signature::{self, Namespace, SignatureError};
use forge::{Bundle, keys_of, seal_into};
use sha2::{Digest as _, Sha512};
use world::{World, text};

struct Sealed {
    world: World,
    zip: PathBuf,
    root: String,
    bundle: Bundle,
    keys: [countersign_case::secret::SecretKey; 2],
}

static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let world = World::new();
    let mut case = world.open();
    let path = world.folder.path().join("log.csv");
    fs::write(&path, "what the filter saw\n").expect("writes");
    let description = text("A log");
    let producer = countersign_record::journal::Side::A;
    countersign_case::capture::attach(
        &mut case,
        countersign_case::capture::AttachRequest { paths: &[path], producer, description: &description },
    )
    .expect("is brought in");
    let address = countersign_record::journal::Seen::of(VISITED);
    let visit = countersign_record::journal::Visit {
        time: countersign_record::clock::Clock::now(&world.clock),
        url: address.clone(),
        redirects: Vec::new(),
        redirects_left_out: 0,
        final_url: address,
        title: None,
        status: Some(200),
        failure: None,
    };
    let visited = countersign_record::journal::Visited { visits: vec![visit] };
    let permit = case.permit_recording(Deed::Visit).expect("may").into_permit();
    case.append(permit, countersign_record::journal::Body::Visited(visited)).expect("is kept");
    let noted = countersign_record::journal::Noted { text: text(NOTED) };
    let permit = case.permit(Deed::Note).expect("may");
    case.append(permit, countersign_record::journal::Body::Noted(noted)).expect("is kept");
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = countersign_record::journal::Judged { substance: true, because: text("Seen.") };
    case.append(permit, countersign_record::journal::Body::Judged(judged)).expect("is judged");
    let change = corrected_note(case.ledger());
    let permit = case.permit(Deed::Correct(4, Some(Box::new(change.clone())))).expect("may");
    let corrected =
        countersign_record::journal::Corrected { entry: 4, change: Some(change), because: None, alone: None };
    case.append(permit, countersign_record::journal::Body::Corrected(corrected)).expect("is corrected");
    let sealed = seal_into(&mut case, &world.folder.path().join("out"));
    let keys = keys_of(&world.home(), case.folder().reference(), world.pass());
    drop(case);
    let bundle = Bundle::of_zip(fs::read(&sealed.bundle).expect("reads"));
    Sealed { zip: sealed.bundle, root: sealed.root.to_string(), bundle, keys, world }
});

const VISITED: &str = "https://forum.example.org/thread/42";
const NOTED: &str = "The form tutor joined us.";

const CORRECTED: &str = "Her class teacher joined us.";

fn corrected_note(ledger: &countersign_record::journal::Ledger) -> countersign_record::journal::Change {
    let noted = ledger.current(4).expect("the note");
    let field = countersign_record::journal::field(noted.body(), "text").expect("a note has words");
    let now = countersign_record::journal::Value::Words(text(CORRECTED));
    countersign_record::journal::Change { field: field.name, was: noted.body().value(field), now: Some(now) }
}

/// The commands for Linux, as they are printed.
fn printed(bundle: &Bundle) -> Vec<String> {
    of_section(bundle, "CHECK IT (Linux")
}

fn of_section(bundle: &Bundle, title: &str) -> Vec<String> {
    let text = bundle.text("READ-ME-FIRST.txt");
    let (_, after) = text.split_once(title).expect("the section");
    let (section, _) = after.split_once("\n\n").expect("its end");
    let lines = section.lines().skip(1).filter_map(|line| line.strip_prefix("  "));
    lines.filter(|line| !line.starts_with(' ')).map(str::to_owned).collect()
}

/// Runs one shell over all of `commands`, and stops at the first that fails.
fn run(commands: &[String], folder: &Path) -> Output {
    let script = format!("set -e\n{}\n", commands.join("\n"));
    Command::new("sh").arg("-c").arg(script).current_dir(folder).output().expect("sh runs")
}

fn in_folder(zip: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let name = SEALED.zip.file_name().expect("a name");
    fs::write(folder.path().join(name), zip).expect("writes");
    folder
}

#[test]
fn the_commands_that_it_prints() {
    let commands = printed(&SEALED.bundle);
    for tool in ["unzip ", "sha256sum ", "ssh-keygen -Y verify", "ssh-keygen -l"] {
        assert!(commands.iter().any(|command| command.starts_with(tool)), "no {tool} in {commands:?}");
    }
    assert_eq!(commands.len(), 11, "{commands:#?}");
    let folder = in_folder(&fs::read(&SEALED.zip).expect("reads"));
    let done = run(&commands, folder.path());
    let out = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{out}{}", String::from_utf8_lossy(&done.stderr));
    assert!(out.contains(&SEALED.root), "the seal code: {out}");
    assert_eq!(out.matches("Good \"seal-v1@countersign\" signature").count(), 2, "{out}");
    assert_eq!(out.matches("Good \"journal-v1@countersign\" signature").count(), 2, "{out}");
    for key in &SEALED.keys {
        assert!(out.contains(&key.public().fingerprint()), "{out}");
    }
}

/// What the paper of a long case leaves out.
#[test]
fn the_commands_that_list_the_record() {
    let commands = of_section(&SEALED.bundle, "LIST WHAT WAS DONE");
    assert_eq!(commands.len(), 4, "{commands:#?}");
    let folder = in_folder(&fs::read(&SEALED.zip).expect("reads"));
    let top = SEALED.bundle.unpack(folder.path());
    let done = run(&commands, &top);
    let out = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{out}{}", String::from_utf8_lossy(&done.stderr));
    let entries =
        SEALED.bundle.files.keys().filter(|name| name.ends_with(".json") && name.contains("journal"));
    assert_eq!(out.matches("\"kind\": ").count(), entries.count(), "{out}");
    assert!(out.contains(VISITED) && out.contains(NOTED), "{out}");
    let change = out.split("\"change\"").nth(1).expect("what was corrected");
    let values = ["\"field\": \"text\"", &format!("\"was\": \"{NOTED}"), &format!("\"now\": \"{CORRECTED}")];
    assert!(values.iter().all(|value| change.contains(value)), "{change}");
}

#[test]
fn the_commands_that_it_prints_find_what_was_changed() {
    let commands = printed(&SEALED.bundle);
    let exhibit = SEALED.bundle.files.keys().find(|name| name.ends_with(".csv")).expect("the exhibit");
    for name in [exhibit.as_str(), "SEAL.json", "data/journal/000004.json", "READ-ME-FIRST.txt"] {
        let mut bundle = SEALED.bundle.clone();
        bundle.files.get_mut(name).expect("is there").push(b' ');
        let folder = in_folder(&bundle.zip());
        assert!(!run(&commands, folder.path()).status.success(), "{name} is changed");
        // With its lists made right by somebody without keys, the seal code is
        // another, whatever else is found.
        bundle.relist();
        let folder = in_folder(&bundle.zip());
        let out = String::from_utf8_lossy(&run(&commands, folder.path()).stdout).into_owned();
        assert!(!out.contains(&SEALED.root), "{name}: {out}");
    }
}

#[test]
fn the_names_that_it_prints_are_the_names_that_there_are() {
    let text = SEALED.bundle.text("READ-ME-FIRST.txt");
    let top = &SEALED.bundle.top;
    assert!(text.contains(&format!("unzip -q {top}.zip && cd {top}")));
    assert!(text.contains(&format!("tar -xf {top}.zip")));
    assert_eq!(SEALED.zip.file_name().and_then(|name| name.to_str()), Some(format!("{top}.zip").as_str()));
}

#[test]
fn unzip_and_bagit_find_nothing_wrong() {
    let folder = in_folder(&fs::read(&SEALED.zip).expect("reads"));
    let zip = folder.path().join(SEALED.zip.file_name().expect("a name"));
    let tested = Command::new("unzip").arg("-t").arg(&zip).output().expect("unzip runs");
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
    let top = SEALED.bundle.unpack(folder.path());
    let validate = || {
        let bagit = Command::new("bagit.py").arg("--validate").arg(&top).output();
        bagit.expect("bagit.py runs (pip install bagit)")
    };
    let done = validate();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    fs::write(top.join("data/keys/a.pub"), "x\n").expect("writes");
    assert!(!validate().status.success(), "and it can fail");
}

#[test]
fn every_signature_by_ssh_keygen_and_openssl() {
    let folder = tempfile::tempdir().expect("a folder");
    let top = SEALED.bundle.unpack(folder.path());
    let signed: Vec<&String> = SEALED
        .bundle
        .files
        .keys()
        .filter(|name| name.ends_with(".a.sig") || name.ends_with(".b.sig"))
        .collect();
    assert_eq!(signed.len() as u64, 2 * (SEALED.bundle.head() + 1));
    for name in signed {
        let (message, side) = match name.strip_suffix(".a.sig") {
            Some(message) => (message, 0),
            None => (name.strip_suffix(".b.sig").expect("either"), 1),
        };
        let namespace = if message == "SEAL.json" { Namespace::Seal } else { Namespace::Journal };
        let bytes = &SEALED.bundle.files[message];
        let checked = Command::new("ssh-keygen")
            .args(["-Y", "check-novalidate", "-n", namespace.name(), "-s"])
            .arg(top.join(name))
            .stdin(fs::File::open(top.join(message)).expect("opens"))
            .output()
            .expect("ssh-keygen runs");
        assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stderr));
        assert!(openssl(
            &SEALED.keys[side].public(),
            namespace,
            bytes,
            &SEALED.bundle.files[name],
            folder.path()
        ));
        let mut other = bytes.clone();
        other[0] ^= 1;
        assert!(!openssl(
            &SEALED.keys[side].public(),
            namespace,
            &other,
            &SEALED.bundle.files[name],
            folder.path()
        ));
    }
}

/// What `openssl pkeyutl` says of the 64 bytes of a signature.
fn openssl(key: &PublicKey, namespace: Namespace, message: &[u8], file: &[u8], folder: &Path) -> bool {
    let string = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), bytes].concat();
    let parts = [namespace.name().as_bytes(), b"", b"sha512", &Sha512::digest(message)[..]];
    let signed: Vec<u8> = [b"SSHSIG".to_vec()].into_iter().chain(parts.map(string)).flatten().collect();
    let body: String =
        String::from_utf8_lossy(file).lines().filter(|line| !line.starts_with("---")).collect();
    let blob = BASE64_STANDARD.decode(body).expect("base64");
    let der = [&PREFIX[..], &key.blob()[19..]].concat();
    let pem =
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64_STANDARD.encode(der));
    fs::write(folder.join("key.pem"), pem).expect("writes");
    fs::write(folder.join("signed"), signed).expect("writes");
    fs::write(folder.join("signature"), &blob[blob.len() - 64..]).expect("writes");
    let arguments = "pkeyutl -verify -pubin -inkey key.pem -rawin -in signed -sigfile signature";
    let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    done.expect("openssl runs").status.success()
}

/// SubjectPublicKeyInfo of Ed25519 (RFC 8410), without the key itself.
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

#[test]
fn a_locked_key_opens_with_its_passphrase_alone() {
    let keys = SEALED.world.home().path().join("cases/2026-0001/keys");
    for (side, letter) in ["a", "b"].into_iter().enumerate() {
        let opened = |passphrase: &str| {
            let mut command = Command::new("ssh-keygen");
            command.args(["-y", "-P", passphrase, "-f"]).arg(keys.join(letter));
            command.output().expect("ssh-keygen runs")
        };
        let done = opened(SEALED.world.passphrases[side].reveal());
        let said = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        assert_eq!(said, SEALED.keys[side].public().to_string(), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(!opened(SEALED.world.passphrases[1 - side].reveal()).status.success());
        assert!(!opened("").status.success());
    }
}

#[test]
fn vectors_of_stock_ssh_keygen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sshsig");
    let key = fs::read_to_string(folder.join("key.pub")).expect("reads");
    let key: PublicKey = key.trim_end().parse().expect("a key");
    let message = fs::read(folder.join("message")).expect("reads");
    let mut seen = std::collections::BTreeMap::new();
    for entry in fs::read_dir(&folder).expect("lists") {
        let path = entry.expect("lists").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let Some((expected, what)) = name.strip_suffix(".sig").and_then(|name| name.split_once("--")) else {
            continue;
        };
        let file = fs::read(&path).expect("reads");
        let purpose = match what {
            "seal" => Namespace::Seal,
            "receipt" => Namespace::Receipt,
            _ => Namespace::Journal,
        };
        let said = match signature::verify(&key, purpose, &message, &file) {
            Ok(()) => "accepted",
            Err(SignatureError::Form) => "form",
            Err(SignatureError::Wrong) => "wrong",
        };
        assert_eq!(said, expected, "{name}");
        *seen.entry(said).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(seen["form"] >= 25 && seen["wrong"] >= 5 && seen["accepted"] == 3, "{seen:?}");
}
