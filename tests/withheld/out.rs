//! Every way out of a case, and what comes out, unpacked.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign_case::case::{CaseError, Reading, Unlocked};
use countersign_case::handover::{
    CopyError, CopyPassphrase, FormRequest, HandOverRequest, Receiver, SealRequest, SealedCase, hand_over,
    make_form, make_referral_sheet, passphrase_sheet, seal,
};
use countersign_case::procedure::Why;
use countersign_record::bundle::{Source, unwatched};
use countersign_record::journal::Encryption;
use countersign_record::verify::{Completeness, Paper, Verdict, verify};

use crate::leaks::{pictures_in, unpacked};
use crate::trial::State;
use crate::way::{Run, judge};
use crate::world::{line, name};

impl Run<'_> {
    pub fn leaves(&self, case: &mut Unlocked<'_>, old: Option<&SealedCase>) {
        let out = |name: &str| self.world.folder.path().join(name);
        let form = out("form.pdf");
        make_form(case, &FormRequest { fonts: self.fonts, out: Some(&form) }).expect("is made");
        self.judge_pictures(&form);
        judge(case);
        self.without_a_passphrase(case.reading(), "judged");

        let sealed = self.seal(case, "after");
        self.judge_pictures(&sealed.form);
        self.judge_files(&sealed.bundle, None);
        self.verifies(case, &sealed);
        for encryption in [Encryption::None, Encryption::Aes256Zip] {
            let copy = self.copy(case, sealed.seal, encryption).expect("is handed over");
            let password = (encryption == Encryption::Aes256Zip).then_some(WORDS);
            self.judge_files(&copy.path, password);
            self.nothing_in(copy.receipt.as_deref().expect("has a receipt"), None);
            let receiver = receiver();
            let (words, made) = (passphrase(), case.surroundings().clock.now());
            let to = (sealed.seal, self.world.folder.path(), &receiver);
            let sheet = passphrase_sheet(case.reading(), &words, to, self.fonts, made).expect("is drawn");
            fs::write(out("passphrase.pdf"), sheet.bytes).expect("writes");
            self.nothing_in(&out("passphrase.pdf"), None);
        }
        self.without_a_passphrase(case.reading(), "sealed");

        if let Some(old) = old {
            // The bundle from before the stop is still on the disk.
            self.found_in(&old.bundle, None);
            match self.copy(case, old.seal, Encryption::None) {
                Err(CopyError::Case(CaseError::Refused(refusal))) if self.withholds() => {
                    assert!(matches!(refusal.why, Why::SealBeforeHalt { .. }), "{}: {refusal}", self.name);
                }
                Ok(copy) if !self.withholds() => self.found_in(&copy.path, None),
                Ok(copy) => panic!("{}: left at {}", self.name, copy.path.display()),
                Err(error) => panic!("{}: {error}", self.name),
            }
        }
    }

    /// What shows a case to whoever has no passphrase: in words, whatever the
    /// category.
    pub fn without_a_passphrase(&self, reading: &Reading, when: &str) {
        let sheet = self.world.folder.path().join(format!("referral-{when}.pdf"));
        make_referral_sheet(reading, self.fonts, &self.world.clock, &sheet).expect("is drawn");
        self.nothing_in(&sheet, None);
        for arguments in [&["show"][..], &["show", "--json"], &["isolate"]] {
            let output = Command::new(assert_cmd::cargo::cargo_bin("countersign"))
                .arg("--home")
                .arg(self.world.home().path())
                .args(arguments)
                .output()
                .expect("runs");
            let parts = [("out".to_owned(), output.stdout), ("err".to_owned(), output.stderr)];
            let name = format!("{}, {when}, {arguments:?}", self.name);
            assert_eq!(self.search.found_in(&parts), Vec::<String>::new(), "{name}");
            assert!(parts.iter().any(|(_, bytes)| bytes.len() > 100), "{name} says nothing");
        }
    }

    pub fn seal(&self, case: &mut Unlocked<'_>, folder: &str) -> SealedCase {
        let out = self.world.folder.path().join(folder);
        let request =
            SealRequest { out: &out, fonts: self.fonts, threads: NonZeroUsize::MIN, watch: &unwatched };
        seal(case, &request).expect("seals")
    }

    pub fn copy(
        &self,
        case: &mut Unlocked<'_>,
        seal: u32,
        encryption: Encryption,
    ) -> Result<countersign_case::handover::HandedCopy, CopyError> {
        let folder = |name: &str| self.world.folder.path().join(name);
        let to = folder(&format!("copy-{seal}-{encryption:?}"));
        fs::create_dir_all(&to).expect("is made");
        let copied = hand_over(
            case,
            &HandOverRequest {
                seal: Some(seal),
                sources: &[folder("before"), folder("after")],
                to: &to,
                lock: (encryption == Encryption::Aes256Zip).then_some(&passphrase()),
                sheets: Some(&folder("sheets")),
                receiver: receiver(),
                fonts: self.fonts,
                threads: NonZeroUsize::MIN,
                watch: &unwatched,
            },
        );
        if copied.is_err() {
            assert_eq!(crate::leaks::files_under(&to), Vec::<PathBuf>::new(), "{}: left behind", self.name);
        }
        copied
    }

    /// The bundle names what it does not hold.
    pub fn verifies(&self, case: &Unlocked<'_>, sealed: &SealedCase) {
        let source = Source::open(&sealed.bundle).expect("opens");
        let paper = Paper::Root(sealed.root);
        let report = verify(&source, Some(&paper), NonZeroUsize::MIN, &unwatched).expect("reads");
        assert_eq!(report.verdict, Verdict::Unchanged, "{}: {:?}", self.name, report.findings);
        let withheld = case.reading().released().withheld().len() as u64;
        assert_eq!(sealed.withheld, withheld, "{}", self.name);
        if !self.withholds() || self.trial.state == State::Gate {
            assert_eq!((withheld, report.completeness), (0, Completeness::Complete), "{}", self.name);
            return;
        }
        assert_eq!(report.completeness, Completeness::CompleteButWithheld, "{}", self.name);
        let tag = |part: &&(String, Vec<u8>)| part.0.ends_with("/SEAL.json");
        let parts = unpacked(&sealed.bundle, None);
        let (_, bytes) = parts.iter().find(tag).expect("is in the bundle");
        let named = String::from_utf8(bytes.clone()).expect("UTF-8");
        for held in case.reading().released().withheld() {
            assert!(named.contains(&held.file.sha256.to_string()), "{}: {named}", self.name);
        }
    }

    pub fn judge_files(&self, path: &Path, password: Option<&str>) {
        match self.withholds() || self.trial.state == State::Gate {
            true => self.nothing_in(path, password),
            false => self.found_in(path, password),
        }
    }

    pub fn judge_pictures(&self, form: &Path) {
        if self.withholds() || self.trial.state == State::Gate {
            return self.nothing_in(form, None);
        }
        let parts = unpacked(form, None);
        let found = self.search.found_in(&parts).join("\n");
        assert_eq!(pictures_in(&parts), 2, "{}: {}", self.name, form.display());
        assert!(found.contains("pixels of the picture"), "{}: the search misses pixels", self.name);
        assert!(found.contains("the photo"), "{}: the search misses the photo", self.name);
    }

    pub fn nothing_in(&self, path: &Path, password: Option<&str>) {
        let parts = unpacked(path, password);
        let found = self.search.found_in(&parts);
        assert_eq!(found, Vec::<String>::new(), "{}: {}", self.name, path.display());
        assert_eq!(pictures_in(&parts), 0, "{}: {}", self.name, path.display());
    }

    pub fn found_in(&self, path: &Path, password: Option<&str>) {
        let found = self.search.found_in(&unpacked(path, password)).join("\n");
        for what in ["the words", "pixels of the picture", "the picture from byte", "the photo"] {
            assert!(found.contains(what), "{}: the search misses {what} in {}", self.name, path.display());
        }
    }
}

const WORDS: &str = "river stone candy lamp oyster velvet";

fn passphrase() -> CopyPassphrase {
    CopyPassphrase::drawn(WORDS).expect("six words of the list")
}

fn receiver() -> Receiver {
    Receiver {
        to: name("PC 1234 Brown"),
        organisation: line("Example Police"),
        role: name("Digital forensics"),
        when: None,
        how: line("In person"),
        medium: line("USB stick"),
    }
}
