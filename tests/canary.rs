//! A picture is kept with a real browser and then withheld: afterwards it is
//! in its own files and nowhere else. Needs a browser, `qpdf` and `7z`.

#[path = "support/leaks.rs"]
mod leaks;
#[path = "support/recorder.rs"]
mod recorder;
#[path = "support/site.rs"]
mod site;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use leaks::{Picture, Search, files_under, pictures_in, unpacked};
use site::Site;

struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Office {
        let office = Office { folder: tempfile::tempdir().expect("a folder") };
        for folder in ["home", "temp", "user", "out", "before"] {
            fs::create_dir(office.path(folder)).expect("is made");
        }
        // For the browser's account: else its private folder is elsewhere.
        recorder::let_pass(office.folder.path());
        recorder::let_pass(&office.path("temp"));
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the program says. Its temporary files, and a browser's profile,
    /// can only be in this folder.
    fn run(&self, arguments: &[&str]) -> Vec<(String, Vec<u8>)> {
        let output = Command::new(assert_cmd::cargo::cargo_bin("countersign"))
            .current_dir(self.folder.path())
            .env("TMPDIR", self.path("temp"))
            .env("HOME", self.path("user"))
            .args(["--home", "home"])
            .args(arguments)
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        vec![(format!("{arguments:?}"), [output.stdout, output.stderr].concat())]
    }

    fn both(&self, arguments: &[&str]) -> Vec<(String, Vec<u8>)> {
        self.run(&[arguments, &["--passphrases", "case.txt"]].concat())
    }

    fn open(&self) {
        let who = ["--first", "Jane Smith, Headteacher", "--second", "Ali Khan, Safeguarding lead"];
        let what = ["--reason", "Complaint", "--reported-by", "Form tutor", "--subject", "P-1234"];
        let rest = ["--concerns", "pupil", "--computer", "ADMIN-07, Office", "--confirm-all", "--rehearsal"];
        self.both(&[&["open", "--suspected-illegal", "no"][..], &who, &what, &rest].concat());
    }

    fn kept(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let files = files_under(&self.path("home")).into_iter();
        let files = files.filter(|path| path.parent().is_some_and(|folder| folder.ends_with("data/files")));
        files.map(|path| (path.clone(), fs::read(path).expect("reads"))).collect()
    }
}

/// Bigger than its pixels would be found by chance, and shown one to one.
fn site(picture: &Picture) -> Site {
    let png = picture.png.clone();
    Site::serving(Arc::new(move |request, to| match request.path.as_str() {
        "/page" => site::html(
            to,
            "<title>Canary</title><style>body{margin:0}img{display:block;image-rendering:pixelated}</style>\
             <img src=/canary.png width=64 height=64><p>words",
        ),
        "/canary.png" => site::answer(to, "200 OK\r\nContent-Type: image/png", &png),
        _ => site::answer(to, "404 Not Found", b""),
    }))
}

#[test]
fn a_kept_picture_is_in_its_own_files_only() {
    let office = Office::new();
    let picture = Picture::seeded(2);
    let search = Search::new().for_picture("the canary", &picture);
    let site = site(&picture);
    office.open();
    office.both(&["keep", &site.url("/page"), "--traffic"]);

    // Before the stop the search finds it: in the picture of the page, in the
    // page as a file, in its traffic, and on the form.
    let kept = office.kept();
    for (ending, what) in [("png", "pixels"), ("mhtml", "base64"), ("wacz", "data.warc.gz (unpacked)")] {
        let of = |path: &&PathBuf| path.extension().is_some_and(|e| e == ending);
        let found: Vec<String> =
            kept.keys().filter(of).flat_map(|path| search.found_in(&unpacked(path, None))).collect();
        assert!(found.iter().any(|found| found.contains(what)), "{ending}: {found:?}");
    }
    office.both(&["form", "--out", "before/form.pdf"]);
    let form = unpacked(&office.path("before/form.pdf"), None);
    assert_eq!(pictures_in(&form), 1);
    assert!(!search.found_in(&form).is_empty(), "the form before the stop");
    let own = office.kept();

    // One person, no passphrase.
    let mut said = office.run(&["halt", "--category", "child-abuse-images", "--by", "second"]);
    said.extend(office.run(&["show"]));
    said.extend(office.run(&["refer", "--sheet", "out/at-once.pdf"]));
    said.extend(office.both(&["halt", "--record"]));
    said.extend(office.both(&["isolate", "--what", "Network cable out"]));
    let to = ["refer", "--route", "police-101", "--contact", "PC 1234 Brown"];
    said.extend(office.both(&to));
    said.extend(office.run(&["refer", "--sheet", "out/referral.pdf"]));
    said.extend(office.both(&["judge", "--substance", "yes", "--because", "The police have it."]));
    said.extend(office.both(&["form", "--out", "out/form.pdf"]));
    said.extend(office.both(&["seal", "--out", "out"]));
    let receiver =
        ["--to", "PC 1234 Brown", "--organisation", "Police", "--role", "Officer", "--how", "In person"];
    let hand_over =
        [&["hand-over", "--medium", "USB stick", "--out", "out/copy.zip"][..], &receiver].concat();
    said.extend(office.both(&hand_over));
    for arguments in [&["show"][..], &["show", "--json"]] {
        said.extend(office.run(arguments));
    }

    let mut looked = 0;
    let mut found = search.found_in(&said);
    for folder in ["home", "temp", "user", "out"] {
        for path in files_under(&office.path(folder)) {
            if own.contains_key(&path) {
                continue;
            }
            looked += 1;
            let parts = unpacked(&path, None);
            found.extend(search.found_in(&parts));
            assert_eq!(pictures_in(&parts), 0, "{}", path.display());
        }
    }
    assert!(looked > 20, "only {looked} files");
    assert_eq!(found, Vec::<String>::new());
    // And there it lies, byte for byte.
    for (path, bytes) in own {
        assert!(fs::read(&path).expect("is still there") == bytes, "{}", path.display());
    }
}
