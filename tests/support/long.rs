//! A long case, laid out by the formats alone.
#![allow(dead_code)]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use countersign::clock::Clock as _;
use countersign::journal::{
    Body, Entry, Moment, Noted, Reference, Seen, SessionId, SignedEntry, Visit, Visited, entry_name,
};
use countersign::key::SecretKey;
use countersign::signature::{self, Namespace};

use crate::world::{World, text};

/// A case with a record as months of reviewing make it. It is laid out by the
/// format alone, without the fsyncs: opening it shows that it is none but a
/// case of ours.
pub fn long_case(world: &World, entries: u64) -> Reference {
    let case = world.open();
    let reference = case.folder().reference();
    let root = case.folder().path().to_owned();
    let (id, mut number, mut links) = (case.ledger().case(), case.ledger().head(), case.reading().links());
    drop(case);
    let keys = ["a", "b"].into_iter().zip(world.pass()).map(|(letter, passphrase)| {
        let locked = fs::read_to_string(root.join("keys").join(letter)).expect("reads");
        SecretKey::unlock(&locked, passphrase).expect("unlocks")
    });
    let keys: Vec<SecretKey> = keys.collect();
    let head = world.home().path().join("heads").join(reference.to_string());
    let mut head = File::options().append(true).open(head).expect("is there");
    while number < entries {
        number += 1;
        let body = match number % 10 {
            0 => Body::Noted(Noted { text: text("We both looked at this page."), corrects: None }),
            _ => visited(world, number),
        };
        let entry = Entry::new(id, number, Some(links), moment(world), body).to_bytes().expect("small");
        let [sig_a, sig_b] =
            [0, 1].map(|i| signature::sign(&keys[i], Namespace::Journal, &entry).into_bytes());
        let signed = SignedEntry { entry, sig_a, sig_b };
        lay(&root.join("data/journal"), number, &signed);
        links = signed.links();
        writeln!(head, "entry {number} {}", links.entry).expect("writes");
    }
    reference
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
    let visit = Visit { time: world.clock.now(), url, redirects, final_url, title, status, failure: None };
    Body::Visited(Visited { visits: vec![visit.clone(), visit] })
}

pub fn moment(world: &World) -> Moment {
    let session: SessionId = "ffeeddccbbaa99887766554433221100".parse().expect("an id");
    Moment { time: world.clock.now(), session, since_start_ms: 12 }
}
