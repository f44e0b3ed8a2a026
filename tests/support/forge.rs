//! A sealed bundle taken apart, changed and put together again: what somebody
//! can do who has the bundle, and one, both or none of the keys.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use countersign_case::case::{Home, Unlocked};
use countersign_case::durable::Positioned;
use countersign_case::form::Fonts;
use countersign_case::handover::{SealRequest, SealedCase, seal};
use countersign_case::secret::{Passphrase, SecretKey};
use countersign_record::bundle::zip::{Member, Reader, Writer};
use countersign_record::bundle::{Seal, Source, unwatched};
use countersign_record::digest::Digest;
use countersign_record::journal::{Entry, Reference, entry_name};
use countersign_record::signature::{self, Namespace};
use countersign_record::verify::{Paper, Report, verify};

/// The files of a bundle by their names from its top folder on.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    pub top: String,
    pub files: BTreeMap<String, Vec<u8>>,
}

/// The keys that somebody has. A signature for which there is no key stays as
/// it was.
pub type Keys<'a> = [Option<&'a SecretKey>; 2];

impl Bundle {
    pub fn of_zip(bytes: Vec<u8>) -> Bundle {
        let zip = Reader::of_bytes(bytes, Path::new("bundle.zip")).expect("a zip file of the profile");
        let mut files = BTreeMap::new();
        let mut top = String::new();
        for member in zip.members() {
            let (first, rest) = member.name.as_str().split_once('/').expect("a top folder");
            top = first.to_owned();
            files.insert(rest.to_owned(), zip.read_small(&member.name, u64::MAX).expect("reads"));
        }
        Bundle { top, files }
    }

    /// Packed as it is.
    pub fn zip(&self) -> Vec<u8> {
        let member = |(name, bytes): (&String, &Vec<u8>)| {
            Member::of_bytes(format!("{}/{name}", self.top).parse().expect("a name"), bytes.clone())
        };
        let writer = Writer::new(self.files.iter().map(member).collect()).expect("fits");
        let mut file = tempfile::tempfile().expect("a file");
        writer
            .write(&Positioned::new(&file), Path::new("bundle.zip"), NonZeroUsize::MIN, &unwatched)
            .expect("writes");
        let mut bytes = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("reads");
        bytes
    }

    /// Unpacked as it is.
    pub fn unpack(&self, to: &Path) -> PathBuf {
        let top = to.join(&self.top);
        for (name, bytes) in &self.files {
            let path = top.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, bytes).expect("writes");
        }
        top
    }

    pub fn root(&self) -> Digest {
        Digest::of(&self.files["tagmanifest-sha256.txt"])
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.files[name].clone()).expect("text")
    }

    pub fn entry(&self, number: u64) -> Entry {
        Entry::parse(&self.files[&entry_path(number)]).expect("an entry")
    }

    /// The number of the last entry.
    pub fn head(&self) -> u64 {
        (1..).take_while(|n| self.files.contains_key(&entry_path(*n))).last().expect("an entry")
    }

    /// Names of what was captured and made.
    pub fn exhibits(&self) -> Vec<String> {
        self.files.keys().filter(|name| name.starts_with("data/files/")).cloned().collect()
    }

    /// Puts an entry into its place, signed with the keys that there are.
    pub fn put_entry(&mut self, number: u64, bytes: Vec<u8>, keys: Keys<'_>) {
        self.sign(&entry_path(number), Namespace::Journal, &bytes, keys);
        self.files.insert(entry_path(number), bytes);
    }

    /// Changes an entry's bytes by their text, keeping it an entry.
    pub fn change_entry(&mut self, number: u64, from: &str, to: &str, keys: Keys<'_>) {
        let text = self.text(&entry_path(number));
        assert!(text.contains(from), "{from:?} is not in {text}");
        self.put_entry(number, text.replacen(from, to, 1).into_bytes(), keys);
    }

    /// Makes the links of the entries from `first` on right again.
    pub fn rechain(&mut self, first: u64, keys: Keys<'_>) {
        for number in first.max(2)..=self.head() {
            let mut entry = self.entry(number);
            let before = entry_path(number - 1);
            let digest = |ending: &str| Some(Digest::of(&self.files[&format!("{before}{ending}")]));
            (entry.prev, entry.prev_sig_a, entry.prev_sig_b) =
                (digest(""), digest(".a.sig"), digest(".b.sig"));
            self.put_entry(number, entry.to_bytes().expect("small"), keys);
        }
    }

    /// Adds an entry after the last one.
    pub fn append(&mut self, body: countersign_record::journal::Body, keys: Keys<'_>) -> u64 {
        let mut entry = self.entry(self.head());
        let number = self.head() + 1;
        (entry.entry, entry.body) = (number, body);
        self.put_entry(number, entry.to_bytes().expect("small"), keys);
        self.rechain(number, keys);
        number
    }

    pub fn remove_entry(&mut self, number: u64) -> [Vec<u8>; 3] {
        signed_names(number).map(|name| self.files.remove(&name).expect("is there"))
    }

    pub fn insert_entry(&mut self, number: u64, files: [Vec<u8>; 3]) {
        self.files.extend(signed_names(number).into_iter().zip(files));
    }

    fn sign(&mut self, name: &str, namespace: Namespace, bytes: &[u8], keys: Keys<'_>) {
        for (key, letter) in keys.into_iter().zip(["a", "b"]) {
            if let Some(key) = key {
                let signature = signature::sign(key, namespace, bytes).into_bytes();
                self.files.insert(format!("{name}.{letter}.sig"), signature);
            }
        }
    }

    /// Makes both manifests and the Payload-Oxum right for what there is.
    pub fn relist(&mut self) {
        self.relist_payload();
        self.relist_tags();
    }

    fn relist_payload(&mut self) {
        let payload = || self.files.iter().filter(|(name, _)| name.starts_with("data/"));
        let manifest: String = payload().map(line).collect();
        let oxum = format!(
            "Payload-Oxum: {}.{}\n",
            payload().map(|(_, bytes)| bytes.len()).sum::<usize>(),
            payload().count()
        );
        let info = self.text("bag-info.txt");
        let (fields, _) = info.split_once("Payload-Oxum").expect("an oxum");
        self.files.insert("bag-info.txt".to_owned(), format!("{fields}{oxum}").into_bytes());
        self.files.insert("manifest-sha256.txt".to_owned(), manifest.into_bytes());
    }

    fn relist_tags(&mut self) {
        let tag = |name: &str| !name.starts_with("data/") && name != "tagmanifest-sha256.txt";
        let tags: String = self.files.iter().filter(|(name, _)| tag(name)).map(line).collect();
        self.files.insert("tagmanifest-sha256.txt".to_owned(), tags.into_bytes());
    }

    pub fn seal(&self) -> Seal {
        Seal::parse(&self.files["SEAL.json"]).expect("a seal")
    }

    pub fn put_seal(&mut self, seal: Vec<u8>, keys: Keys<'_>) {
        self.sign("SEAL.json", Namespace::Seal, &seal, keys);
        self.files.insert("SEAL.json".to_owned(), seal);
        self.relist_tags();
    }

    /// Makes manifests and seal right for what there is, signed with the keys
    /// that there are: the most that somebody can do.
    pub fn reseal(&mut self, keys: Keys<'_>) {
        self.relist_payload();
        let mut seal = self.seal();
        seal.entries = self.head();
        let digest = |name: &str| Digest::of(&self.files[name]);
        let [entry, sig_a, sig_b] = signed_names(self.head());
        (seal.head, seal.head_sig_a, seal.head_sig_b) = (digest(&entry), digest(&sig_a), digest(&sig_b));
        for tag in &mut seal.tag_files {
            tag.sha256 = digest(&tag.name);
        }
        self.put_seal(seal.to_bytes(), keys);
    }

    /// What the verifier says of it, packed and unpacked.
    pub fn reports(&self, paper: Option<&Paper>) -> [Report; 2] {
        let folder = tempfile::tempdir().expect("a folder");
        let unpacked = Source::open(&self.unpack(folder.path()));
        let unpacked = verify_source(&unpacked.expect("a closed set"), paper);
        [verify_bytes(self.zip(), paper), unpacked]
    }
}

/// What the verifier says of a zip file that it may not even read.
pub fn verify_bytes(bytes: Vec<u8>, paper: Option<&Paper>) -> Report {
    let source = Source::Zip(Reader::of_bytes(bytes, Path::new("bundle.zip")).expect("a zip file"));
    verify_source(&source, paper)
}

pub fn verify_source(source: &Source, paper: Option<&Paper>) -> Report {
    verify(source, paper, NonZeroUsize::MIN, &unwatched).expect("no disk fails")
}

pub fn entry_path(number: u64) -> String {
    format!("data/journal/{}", entry_name(number))
}

fn signed_names(number: u64) -> [String; 3] {
    ["", ".a.sig", ".b.sig"].map(|ending| format!("{}{ending}", entry_path(number)))
}

fn line((name, bytes): (&String, &Vec<u8>)) -> String {
    format!("{}  {name}\n", Digest::of(bytes))
}

/// Seals a case into the folder `out`.
pub fn seal_into(case: &mut Unlocked<'_>, out: &Path) -> SealedCase {
    let two = NonZeroUsize::new(2).expect("two");
    let request = SealRequest { out, fonts: &Fonts::built_in(), threads: two, watch: &unwatched };
    seal(case, &request).expect("seals")
}

/// Both keys of a case, as its two people can have them.
pub fn keys_of(home: &Home, reference: Reference, passphrases: [&Passphrase; 2]) -> [SecretKey; 2] {
    let folder = home.path().join("cases").join(reference.to_string()).join("keys");
    let key = |letter: &str, passphrase| {
        let text = std::fs::read_to_string(folder.join(letter)).expect("reads");
        SecretKey::unlock(&text, passphrase).expect("opens")
    };
    [key("a", passphrases[0]), key("b", passphrases[1])]
}
