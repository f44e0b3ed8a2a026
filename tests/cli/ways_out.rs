//! Where people say that something is to be written: nowhere in the home, and
//! over nothing that somebody has.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use countersign_record::digest::Digest;

use crate::paths::{Does, PATHS};
use crate::school::{Said, School, first_reference};

/// Everything below a folder, with what is in it.
fn picture(folder: &Path) -> BTreeMap<PathBuf, Option<Digest>> {
    let all = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("lists"));
    all.map(|entry| {
        let file = entry.file_type().is_file();
        (entry.path().to_owned(), file.then(|| Digest::of(&fs::read(entry.path()).expect("reads"))))
    })
    .collect()
}

/// The verb with everything that it needs but the option that is tried.
fn with(school: &School, verb: &str, option: &str, at: &str) -> Said {
    let stick = school.path("stick");
    let stick = stick.to_str().expect("text");
    let case = first_reference();
    match (verb, option) {
        ("open", "passphrases") => school.open_with(&[], at),
        ("form", "out") => school.both(&["form", &case, "--out", at]),
        ("refer", "sheet") => school.run(&["refer", &case, "--sheet", at]),
        ("seal", "out") => school.both(&["seal", &case, "--out", at]),
        ("hand-over", out) => {
            let other: &[&str] = if out == "out" { &[] } else { &["--out", stick] };
            let to =
                ["hand-over", &case, "--to", "PC Brown", "--organisation", "Police", "--role", "Officer"];
            let option = format!("--{}", out.replace('_', "-"));
            let locked: &[&str] = if out == "passphrase_to" { &["--encrypt"] } else { &[] };
            let how = ["--how", "In person", "--medium", "Stick", &option, at];
            school.both(&[&to[..], &how[..], other, locked].concat())
        }
        ("rehearse", "out") => school.run(&["rehearse", "--unattended", "--out", at]),
        other => panic!("{other:?} is on the list, and nobody tries it"),
    }
}

#[test]
fn no_way_out_leads_into_the_home() {
    let school = School::with_a_case();
    assert_eq!(school.both(&["note", "--text", "x"]).code, 0);
    fs::create_dir(school.path("stick")).expect("makes");
    let home = school.home();
    fs::create_dir_all(home.join("sealed")).expect("makes");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&home, school.path("link")).expect("links");
        std::os::unix::fs::symlink(school.case(), school.path("case-link")).expect("links");
    }
    let case = school.case();
    let name = |path: &Path| path.to_str().expect("text").to_owned();
    let mut targets = vec![
        name(&case.join("data/journal/000004.json")),
        name(&case.join("halt-raised-x")),
        name(&home.join("heads/2026-0007")),
        name(&case),
        name(&home),
        name(&home.join("sealed")),
        name(&home.join("new/and/newer.pdf")),
        "home/x.pdf".to_owned(),
        "stick/../home/x.pdf".to_owned(),
        "not-there/../home/x.pdf".to_owned(),
    ];
    #[cfg(unix)]
    targets.extend(["link/x.pdf".to_owned(), "case-link/halt-raised-x".to_owned()]);
    let before = picture(&home);
    let ways = PATHS.iter().filter(|(.., does)| *does == Does::Writes);
    let mut tried = 0;
    for (verb, option, _) in ways {
        for target in &targets {
            if (*option, fs::symlink_metadata(school.path(target)).is_ok_and(|there| there.is_dir()))
                == ("passphrases", true)
            {
                continue;
            }
            let said = with(&school, verb, option, target);
            assert_eq!(said.code, 2, "{verb} --{option} {target}: {}{}", said.out, said.err);
            let words = ["lies where Countersign keeps the cases", "goes back (..)"];
            assert!(words.iter().any(|words| said.err.contains(words)), "{verb} {target}: {}", said.err);
            assert_eq!(picture(&home), before, "{verb} --{option} {target}");
            assert!(!school.path("not-there").exists());
            tried += 1;
        }
    }
    assert!(tried >= 70, "{tried}");
    // And where it does not lead there, it is done.
    assert_eq!(with(&school, "refer", "sheet", "stick/sheet.pdf").code, 0);
    assert_eq!(with(&school, "form", "out", "stick/form.pdf").code, 0);
}

/// Cases that are not of this home are safe, too.
#[test]
fn no_way_out_leads_among_the_cases_of_another_home() {
    let (school, other) = (School::with_a_case(), School::with_a_case());
    let before = picture(&other.home());
    for target in ["home/x.pdf", "home/cases/x.pdf", "home/sealed/x.pdf"] {
        let target = other.path(target);
        let said = school.run(&["refer", "--sheet", target.to_str().expect("text")]);
        said.refuses(2, &["lies among the files of a case"]);
    }
    let inside = other.case().join("halt-raised-x");
    let said = school.both(&["form", "--out", inside.to_str().expect("text")]);
    said.refuses(2, &["lies among the files of a case"]);
    assert_eq!(picture(&other.home()), before);
}

#[test]
fn nothing_that_somebody_has_is_removed_or_written_over() {
    let school = School::with_a_case();
    fs::write(school.path("report.pdf.part"), "a person's").expect("writes");
    fs::create_dir(school.path("report.pdf.2.part")).expect("makes");
    assert_eq!(school.both(&["form", "--out", "report.pdf"]).code, 0);
    assert!(fs::read(school.path("report.pdf")).expect("reads").starts_with(b"%PDF-"));
    let form = fs::read(school.path("report.pdf")).expect("reads");
    school.both(&["form", "--out", "report.pdf"]).refuses(2, &["report.pdf is there already"]);
    school.run(&["refer", "--sheet", "report.pdf"]).refuses(2, &["report.pdf is there already"]);
    assert_eq!(fs::read(school.path("report.pdf")).expect("reads"), form);
    assert_eq!(fs::read_to_string(school.path("report.pdf.part")).expect("reads"), "a person's");
    assert!(school.path("report.pdf.2.part").is_dir());
    // The name that `doctor` tries the home with can be somebody's, too.
    assert_eq!(school.run(&["doctor", "--json"]).json()["findings"][1]["state"], "well");
    let left: Vec<_> = fs::read_dir(school.home()).expect("lists").flatten().map(|e| e.file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".countersign")), "{left:?}");
}
