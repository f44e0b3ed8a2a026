//! Long cases, and many, laid out by the formats alone.
#![allow(dead_code)]

use std::fs::{self, File};
use std::io::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;

use countersign_case::case::Reading;
use countersign_case::secret::SecretKey;
use countersign_record::clock::Clock as _;
use countersign_record::journal::{
    Body, CaseId, Entry, Links, Moment, Noted, Reference, Seen, SessionId, SignedEntry, Visit, Visited,
    entry_name,
};
use countersign_record::signature::{self, Namespace};

use crate::world::{World, text};

/// A case with a record as months of reviewing make it. It is laid out by the
/// format alone, without the fsyncs: opening it shows that it is none but a
/// case of ours.
pub fn long_case(world: &World, entries: u64) -> Reference {
    let case = world.open();
    let reference = case.folder().reference();
    let (id, links) = (case.ledger().case(), case.reading().links());
    drop(case);
    let keys = keys(world, reference);
    go_on(world, &keys, reference, (id, links), 2..=entries);
    reference
}

/// So many cases more, each with so many entries, by the same two people with
/// the same keys as the case that is there.
pub fn more_cases(world: &World, first: Reference, cases: u32, entries: u64) {
    let reading = Reading::of(&world.home(), first).expect("reads");
    let keys = keys(world, first);
    for number in 0..cases {
        let reference: Reference = format!("2025-{:04}", number + 1).parse().expect("a reference");
        let id: CaseId = format!("{number:032x}").parse().expect("an id");
        let root = world.home().case(reference).path().to_owned();
        for folder in ["draft", "keys", "data/journal", "data/files", "data/stamps", "data/keys", "data/void"]
        {
            fs::create_dir_all(root.join(folder)).expect("makes");
        }
        for file in ["keys/a", "keys/b", "data/keys/a.pub", "data/keys/b.pub"] {
            fs::copy(reading.folder().path().join(file), root.join(file)).expect("copies");
        }
        let mut opened = reading.ledger().opened().clone();
        opened.reference = reference;
        let pack = opened.pack.file.clone();
        fs::copy(reading.folder().file(&pack), root.join("data").join(pack.path())).expect("copies");
        let entry = Entry::new(id, 1, None, moment(world), Body::Opened(Box::new(opened)));
        let signed = signed(&keys, &entry);
        lay(&root.join("data/journal"), 1, &signed);
        let head = world.home().path().join("heads").join(reference.to_string());
        fs::write(head, format!("countersign/head/v1 {id}\nentry 1 {}\n", signed.links().entry))
            .expect("writes");
        go_on(world, &keys, reference, (id, signed.links()), 2..=entries);
    }
}

fn keys(world: &World, reference: Reference) -> Vec<SecretKey> {
    let folder = world.home().case(reference).path().join("keys");
    let keys = ["a", "b"].into_iter().zip(world.pass()).map(|(letter, passphrase)| {
        let locked = fs::read_to_string(folder.join(letter)).expect("reads");
        SecretKey::unlock(&locked, passphrase).expect("unlocks")
    });
    keys.collect()
}

fn go_on(
    world: &World,
    keys: &[SecretKey],
    reference: Reference,
    (id, mut links): (CaseId, Links),
    numbers: RangeInclusive<u64>,
) {
    let journal = world.home().case(reference).path().join("data/journal");
    let head = world.home().path().join("heads").join(reference.to_string());
    let mut head = File::options().append(true).open(head).expect("is there");
    for number in numbers {
        let body = match number % 10 {
            0 => Body::Noted(Noted { text: text("We both looked at this page.") }),
            _ => visited(world, number),
        };
        let signed = signed(keys, &Entry::new(id, number, Some(links), moment(world), body));
        lay(&journal, number, &signed);
        links = signed.links();
        writeln!(head, "entry {number} {}", links.entry).expect("writes");
    }
}

fn signed(keys: &[SecretKey], entry: &Entry) -> SignedEntry {
    let entry = entry.to_bytes().expect("small");
    let [sig_a, sig_b] = [0, 1].map(|i| signature::sign(&keys[i], Namespace::Journal, &entry).into_bytes());
    SignedEntry { entry, sig_a, sig_b }
}

fn lay(journal: &Path, number: u64, signed: &SignedEntry) {
    let name = entry_name(number);
    fs::write(journal.join(format!("{name}.a.sig")), &signed.sig_a).expect("writes");
    fs::write(journal.join(format!("{name}.b.sig")), &signed.sig_b).expect("writes");
    fs::write(journal.join(name), &signed.entry).expect("writes");
}

pub fn visited(world: &World, number: u64) -> Body {
    let url = Seen::of(&format!("https://forum.example.org/threads/{number}?page=2&sort=newest"));
    let title = Some(Seen::of("Homework help and everything else: the forum for year nine"));
    let (redirects, final_url, status) = (Vec::new(), url.clone(), Some(200));
    let time = world.clock.now();
    let visit =
        Visit { time, url, redirects, redirects_left_out: 0, final_url, title, status, failure: None };
    Body::Visited(Visited { visits: vec![visit.clone(), visit] })
}

pub fn moment(world: &World) -> Moment {
    let session: SessionId = "ffeeddccbbaa99887766554433221100".parse().expect("an id");
    Moment { time: world.clock.now(), session, since_start_ms: 12 }
}
