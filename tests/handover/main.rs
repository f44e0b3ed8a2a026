//! The end of the journey: copies that are handed over, and cases that are
//! filed. Needs `7z`.

#[path = "../support/world.rs"]
mod world;

mod copies;
mod filing;
mod refused;
mod seals;
mod stops;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use countersign_case::capture::{AttachRequest, attach};
use countersign_case::case::Unlocked;
use countersign_case::form::Fonts;
use countersign_case::handover::{
    CopyError, CopyPassphrase, HandOverRequest, HandedCopy, Receiver, SealRequest, SealedCase, hand_over,
    seal,
};
use countersign_case::procedure::Deed;
use countersign_record::bundle::{Source, unwatched};
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Encryption, Judged, Side};
use countersign_record::verify::{Paper, Verdict, verify};

use crate::world::{World, line, name, text};

const TWO: NonZeroUsize = NonZeroUsize::new(2).expect("two");

/// A world with a sealed case in it. What is brought in is `bytes` long.
struct Sealed<'a> {
    world: &'a World,
    case: Unlocked<'a>,
    sealed: SealedCase,
    fonts: Fonts,
}

fn sealed(world: &World, bytes: usize) -> Sealed<'_> {
    let mut case = world.open();
    let file = world.folder.path().join("log.bin");
    let content: Vec<u8> = (0..bytes).map(|i| (i * 7 + i / 251) as u8).collect();
    fs::write(&file, content).expect("writes");
    let description = text("The filter's log of that morning");
    attach(&mut case, AttachRequest { paths: &[file], producer: Side::A, description: &description })
        .expect("is brought in");
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: false, because: text("Nothing was found.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
    let fonts = Fonts::built_in();
    let out = world.folder.path().join("sealed");
    let sealed = seal(&mut case, &SealRequest { out: &out, fonts: &fonts, threads: TWO, watch: &unwatched })
        .expect("seals");
    Sealed { world, case, sealed, fonts }
}

impl Sealed<'_> {
    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.world.folder.path().join(name);
        fs::create_dir_all(&folder).expect("is made");
        folder
    }

    fn copy(&mut self, to: &Path, encryption: Encryption) -> Result<HandedCopy, CopyError> {
        let sources = [self.world.folder.path().join("nowhere"), self.world.folder.path().join("sealed")];
        self.copy_from(&sources, to, encryption)
    }

    fn copy_from(
        &mut self,
        sources: &[PathBuf],
        to: &Path,
        encryption: Encryption,
    ) -> Result<HandedCopy, CopyError> {
        let sheets = self.world.folder.path().join("sheets");
        let request = request(sources, to, &self.fonts);
        let words = words();
        let lock = (encryption == Encryption::Aes256Zip).then_some(&words);
        hand_over(&mut self.case, &HandOverRequest { lock, sheets: Some(&sheets), ..request })
    }

    fn assert_untouched(&self, head: u64, folder: &Path) {
        let after = &self.case.ledger().entries()[head as usize..];
        let speaks = after.iter().any(|entry| matches!(entry.body, Body::HandedOver(_)));
        assert!(!speaks, "no entry speaks of a copy");
        assert_eq!(names(folder), Vec::<String>::new(), "nothing is left of the copy");
        assert_eq!(names(&self.world.folder.path().join("sheets")), Vec::<String>::new());
    }
}

/// What locks the copies of these tests.
fn words() -> CopyPassphrase {
    CopyPassphrase::drawn("river stone candy lamp oyster velvet").expect("six words of the list")
}

/// A copy of the last seal as it is, without sheets.
fn request<'a>(sources: &'a [PathBuf], to: &'a Path, fonts: &'a Fonts) -> HandOverRequest<'a> {
    let receiver = Receiver {
        to: name("DC 1234 Nowak"),
        organisation: line("Example Police"),
        role: name("Digital forensics officer"),
        when: None,
        how: line("By hand, in the head's office"),
        medium: line("USB stick, school's no. 7"),
    };
    let (lock, sheets) = (None, None);
    HandOverRequest {
        seal: None,
        sources,
        to,
        lock,
        sheets,
        receiver,
        fonts,
        threads: TWO,
        watch: &unwatched,
    }
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(listing) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        listing.map(|entry| entry.expect("is there").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn assert_verifies(bundle: &Path, root: Digest) {
    let source = Source::open(bundle).expect("opens");
    let report = verify(&source, Some(&Paper::Root(root)), TWO, &unwatched).expect("reads");
    assert_eq!(report.verdict, Verdict::Unchanged, "{:?}", report.findings);
}
