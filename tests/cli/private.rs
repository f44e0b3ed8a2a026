//! Secrets and homes are private: rights whatever the umask, homes and notes
//! of others, the passphrase of a locked copy.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::school::{Said, School, first_reference};

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("sets");
}

fn binary() -> std::path::PathBuf {
    assert_cmd::cargo::cargo_bin("countersign")
}

/// The program under that umask.
fn under(umask: &str, school: &School, arguments: &[&str]) -> Said {
    let done = Command::new("sh")
        .args(["-c", "umask \"$1\"; shift; exec \"$@\"", "sh", umask])
        .arg(binary())
        .arg("--home")
        .arg(school.home())
        .args(arguments)
        .current_dir(school.folder.path())
        .output()
        .expect("runs");
    Said {
        code: done.status.code().expect("not killed"),
        out: String::from_utf8(done.stdout).expect("UTF-8"),
        err: String::from_utf8(done.stderr).expect("UTF-8"),
    }
}

#[test]
fn every_file_of_a_home_is_private_whatever_the_umask() {
    for umask in ["0", "0077"] {
        let school = School::new();
        fs::write(school.path("log.txt"), "14 addresses").expect("writes");
        let both = ["--passphrases", "case.txt"];
        let opening = crate::school::usual("case.txt");
        let hand_over =
            [&HAND_OVER[..], &["--out", "stick", "--encrypt", "--passphrase-to", "words.txt"]].concat();
        let verbs: [&[&str]; 9] = [
            &opening,
            &["attach", "log.txt", "--describe", "The filter's log"],
            &["judge", "--substance", "no", "--because", "Nothing was found."],
            &["form", "--out", "form.pdf"],
            &["seal", "--out", "sealed"],
            &hand_over,
            &["halt", "--by", "first"],
            &["note", "--text", "Stopped by mistake."],
            &["archive", "--retention", "no-substance"],
        ];
        for verb in verbs {
            let given = if verb.contains(&"--passphrases") || verb[0] == "halt" { &[][..] } else { &both };
            let said = under(umask, &school, &[verb, given].concat());
            let is_let = said.code == 0 || ["archive", "halt"].contains(&verb[0]);
            assert!(is_let, "umask {umask}, {verb:?}: {}{}", said.out, said.err);
        }
        let mut guide = Command::new("sh")
            .args(["-c", "umask \"$1\"; shift; exec \"$@\"", "sh", umask])
            .arg(binary())
            .arg("--home")
            .arg(school.home())
            .args(["guide", "--no-open"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("starts");
        let note = school.home().join("guide");
        let end = Instant::now() + Duration::from_secs(60);
        while !note.exists() && Instant::now() < end {
            thread::sleep(Duration::from_millis(20));
        }
        let (mut files, mut folders) = (0, 0);
        for entry in walkdir::WalkDir::new(school.home()) {
            let entry = entry.expect("is there");
            let mode = entry.metadata().expect("is there").mode() & 0o7777;
            let wanted = match entry.file_type().is_dir() {
                true => {
                    folders += 1;
                    0o700
                }
                false => {
                    files += 1;
                    0o600
                }
            };
            assert_eq!(mode, wanted, "umask {umask}, {}: {mode:o}", entry.path().display());
        }
        assert!(files > 25 && folders > 8, "{files} files, {folders} folders");
        for name in ["guide", "guide.lock", "sealed"] {
            assert!(school.home().join(name).exists(), "{name}");
        }
        assert_eq!(fs::metadata(school.path("words.txt")).expect("is there").mode() & 0o777, 0o600);
        guide.kill().and_then(|()| guide.wait()).expect("ends");
    }
}

#[test]
fn a_home_that_others_can_write_to_is_refused_and_found() {
    let school = School::with_a_case();
    let place = school.home().display().to_string();
    for (path, mode) in [
        (school.home(), 0o777),
        (school.home().join("heads"), 0o770),
        (school.folder.path().to_owned(), 0o777),
    ] {
        let before = fs::metadata(&path).expect("is there").mode() & 0o7777;
        set(&path, mode);
        let said = format!("chmod go-w {}", path.canonicalize().expect("is there").display());
        school.open(&[]).refuses(4, &["Others can write to", &said]);
        school.run(&["guide", "--no-open"]).refuses(4, &["Others can write to", &said]);
        let doctor = school.run(&["doctor"]);
        assert_eq!(doctor.code, 4, "{}", doctor.out);
        assert!(doctor.out.contains("mend") && doctor.out.contains(&said), "{}", doctor.out);
        set(&path, before);
    }
    assert!(!school.home().join("guide.lock").exists(), "nothing was begun: {place}");
    assert!(school.run(&["doctor"]).out.contains("Cases are kept in"));
    assert_eq!(school.open(&["--rehearsal"]).code, 0);
}

/// Only whoever may give files away can try it: CI runs as root.
#[test]
fn what_belongs_to_another_user_is_no_home_and_no_guide() {
    let school = School::with_a_case();
    if std::os::unix::fs::chown(school.home(), Some(65534), None).is_err() {
        return;
    }
    for verb in [&["guide", "--no-open"][..], &["open"]] {
        let said = if verb[0] == "open" { school.open(&[]) } else { school.run(verb) };
        said.refuses(4, &["belongs to another user"]);
    }
    assert!(school.run(&["doctor"]).out.contains("belongs to another user"));
    std::os::unix::fs::chown(school.home(), Some(0), None).expect("is ours again");

    // Their note, in a home that is ours: its link would be into their guide.
    let theirs = TcpListener::bind("127.0.0.1:0").expect("binds");
    let lock = fs::File::create(school.home().join("guide.lock")).expect("is made");
    lock.lock().expect("is held");
    let note = school.home().join("guide");
    let line = format!(
        "countersign/guide/v1 {} {}\n",
        theirs.local_addr().expect("is bound").port(),
        "a".repeat(64)
    );
    for (owner, mode) in [(65534, 0o600), (0, 0o644), (0, 0o622)] {
        fs::write(&note, &line).expect("writes");
        std::os::unix::fs::chown(&note, Some(owner), None).expect("is theirs");
        set(&note, mode);
        school.run(&["guide", "--no-open"]).refuses(4, &["does not answer"]);
        fs::remove_file(&note).expect("goes");
    }
    theirs.set_nonblocking(true).expect("sets");
    assert!(theirs.accept().is_err(), "nobody came");
}

#[test]
fn a_start_has_one_end_whoever_answers_and_however() {
    let school = School::with_a_case();
    let stranger = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = stranger.local_addr().expect("is bound").port();
    thread::spawn(move || {
        for mut stream in stranger.incoming().flatten() {
            thread::spawn(move || {
                while stream.write_all(b"h").is_ok() {
                    thread::sleep(Duration::from_millis(300));
                }
            });
        }
    });
    let lock = fs::File::create(school.home().join("guide.lock")).expect("is made");
    lock.lock().expect("is held");
    let note = school.home().join("guide");
    fs::write(&note, format!("countersign/guide/v1 {port} {}\n", "a".repeat(64))).expect("writes");
    set(&note, 0o600);
    let began = Instant::now();
    school.run(&["guide", "--no-open"]).refuses(4, &["does not answer"]);
    // It was 31 s: 200 bytes, each in its own two seconds.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

const HAND_OVER: [&str; 11] = [
    "hand-over",
    "--to",
    "PC 1234 Brown",
    "--organisation",
    "Police",
    "--role",
    "Officer",
    "--how",
    "In person",
    "--medium",
    "USB stick",
];

fn sealed() -> School {
    let school = School::with_a_case();
    fs::write(school.path("log.txt"), "14 addresses").expect("writes");
    for verb in [
        &["attach", "log.txt", "--describe", "x"][..],
        &["judge", "--substance", "no", "--because", "x"],
        &["seal", "--out", "out"],
    ] {
        let said = school.both(verb);
        assert_eq!(said.code, 0, "{}", said.err);
    }
    school
}

#[test]
fn the_passphrase_of_a_copy_is_saved_before_anything_is_signed() {
    let school = sealed();
    let entries = school.entries();
    let hand_over = |more: &[&str]| {
        school.both(&[&HAND_OVER[..], &["--bundle", "out", "--out", "stick", "--encrypt"], more].concat())
    };
    fs::write(school.path("taken.txt"), "of somebody's").expect("writes");
    let into_home = school.home().join("sealed/words.txt").display().to_string();
    for (more, code, said) in [
        (&[][..], 2, "--passphrase-to is missing"),
        (&["--json"], 2, "--passphrase-to is missing"),
        (&["--passphrase-to", "taken.txt"], 2, "is there already"),
        (&["--passphrase-to", "stick/words.txt"], 2, "beside the copy"),
        (&["--passphrase-to", "nowhere/words.txt"], 4, "its passphrase could not be saved"),
        (&["--passphrase-to", &into_home], 2, "lies where Countersign keeps the cases"),
    ] {
        fs::create_dir_all(school.path("stick")).expect("a folder");
        let refused = hand_over(more);
        assert!(
            refused.code == code || into_home == *more.last().unwrap_or(&""),
            "{more:?}: {}",
            refused.err
        );
        assert_ne!(refused.code, 0, "{more:?}");
        assert!(refused.err.contains(said), "{more:?}: {}", refused.err);
        assert_eq!(school.entries(), entries, "{more:?}: nothing is signed");
        assert_eq!(fs::read_dir(school.path("stick")).expect("lists").count(), 0, "{more:?}: no copy");
    }
    assert_eq!(fs::read_to_string(school.path("taken.txt")).expect("reads"), "of somebody's");

    // A program is told where it is, and nothing else says it.
    let done = hand_over(&["--passphrase-to", "words.txt", "--json"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let words = fs::read_to_string(school.path("words.txt")).expect("reads");
    assert_eq!(words.split(' ').count(), 6, "{words}");
    assert_eq!(fs::metadata(school.path("words.txt")).expect("is there").mode() & 0o777, 0o600);
    assert_eq!(done.json()["passphrase_file"], "words.txt");
    assert!(!done.out.contains(words.trim()) && !done.err.contains(words.trim()), "{}{}", done.out, done.err);
    for entry in
        walkdir::WalkDir::new(school.home()).into_iter().flatten().filter(|e| e.file_type().is_file())
    {
        assert!(!entry.file_name().to_string_lossy().contains("passphrase"), "{}", entry.path().display());
        let bytes = fs::read(entry.path()).expect("reads");
        assert!(
            memchr::memmem::find(&bytes, words.trim().as_bytes()).is_none(),
            "{}",
            entry.path().display()
        );
    }
    let copy = school.path(&format!("stick/{}-seal-1-locked.zip", first_reference()));
    let opened = Command::new("7z")
        .args(["t", &format!("-p{}", words.trim())])
        .arg(copy)
        .output()
        .expect("7z must be installed for this test");
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));

    // Where the copy then cannot be made, the saved words are said to be of no use.
    let again = hand_over(&["--passphrase-to", "second.txt"]);
    again.refuses(again.code, &["is there already"]);
    assert!(!school.path("second.txt").exists(), "nobody is told words that open nothing");
}

#[test]
fn the_code_of_the_sheet_is_compared_whole() {
    let school = sealed();
    let bundle = format!("out/{}-seal-1.zip", first_reference());
    let report = school.run(&["verify", &bundle, "--json"]).json();
    let (case, root) =
        (report["says"]["case"].as_str().expect("a case"), report["root"].as_str().expect("a root"));
    let verify = |code: &str| school.run(&["verify", &bundle, "--root", code]);
    let code = format!("countersign:1:{case}:1:{root}");
    assert_eq!(verify(&code).code, 0);
    assert_eq!(verify(&code.to_uppercase()).code, 0);
    let other = "0".repeat(32);
    for (wrong, said) in [
        (code.replace(":1:", ":2:"), "its version is \"2\""),
        (format!("x{code}"), "does not begin with"),
        (root.to_owned() + ":", "2 parts"),
        (code.replace(case, &case[1..]), "not the 32 digits of a case"),
        (format!("countersign:1:{case}:01:{root}"), "not the number of a seal"),
        (code[..code.len() - 1].to_owned(), "not the 64 digits"),
    ] {
        verify(&wrong).refuses(2, &["not the whole text of the square code", said]);
    }
    for (wrong, said) in [
        (code.replace(case, &other), format!("is of case {other}, and this bundle of case {case}")),
        (format!("countersign:1:{case}:7:{root}"), "is of seal 7, and this bundle is seal 1".to_owned()),
    ] {
        let answer = verify(&wrong);
        assert_eq!(answer.code, 1, "{}", answer.out);
        assert!(
            answer.out.contains("Not what the paper says") && answer.out.contains(&said),
            "{}",
            answer.out
        );
    }
    let answer = verify(&code.replace(root, &"0".repeat(64)));
    assert!(answer.code == 1 && answer.out.contains("Not the bundle on the paper"), "{}", answer.out);
}
