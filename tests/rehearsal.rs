//! The unattended rehearsal, with a browser and without one.

#[path = "support/recorder.rs"]
mod recorder;
#[path = "support/world.rs"]
mod world;

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::sync::Arc;

use countersign_browser::program::find::FindError;
use countersign_case::capture::{Starter, Without};
use countersign_case::case::{Halt, Reading, raise};
use countersign_case::form::Fonts;
use countersign_case::rehearsal::{Outcome, Rehearsal, Step, run};
use countersign_record::journal::{Body, Role, Standing};
use countersign_record::verify::Verdict;
use world::World;

fn rehearse(world: &World, with: Result<Starter<'_>, Without>) -> (Outcome, Vec<Step>) {
    let steps = RefCell::new(Vec::new());
    let rehearsal = Rehearsal {
        home: &world.home(),
        out: &world.folder.path().join("out"),
        with,
        fonts: &Fonts::built_in(),
        threads: NonZeroUsize::new(2).expect("two"),
    };
    let outcome =
        run(&rehearsal, world.around(), &|step| steps.borrow_mut().push(step)).expect("is rehearsed");
    (outcome, steps.into_inner())
}

fn check(world: &World, outcome: &Outcome) {
    assert_eq!(outcome.report.verdict, Verdict::Unchanged, "{:?}", outcome.report.findings);
    assert_eq!(outcome.report.says.as_ref().map(|says| says.standing), Some(Standing::Rehearsal));
    assert_eq!(outcome.pages.len(), 2);
    assert!(outcome.pages[1].url.as_str().ends_with("/board"), "the redirect was followed");
    let reading = Reading::of(&world.home(), outcome.reference).expect("reads");
    let kinds: Vec<&str> = reading.ledger().entries().iter().map(|entry| entry.body.kind()).collect();
    let expected = [
        "opened",
        "visited",
        "kept",
        "visited",
        "kept",
        "attached",
        "concern",
        "noted",
        "judged",
        "acted",
        "form-made",
        "sealed",
    ];
    assert_eq!(kinds, expected);
    assert!(outcome.sealed.form.is_file() && outcome.sealed.bundle.is_file());
    let passphrases = std::fs::read_to_string(&outcome.passphrases).expect("reads");
    assert_eq!(passphrases.lines().count(), 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&outcome.passphrases).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let mut left: Vec<String> = std::fs::read_dir(world.folder.path().join("out"))
        .expect("lists")
        .map(|entry| entry.expect("is there").file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    let reference = outcome.reference;
    let three = [format!("{reference}-seal-1-form.pdf"), format!("{reference}-seal-1.zip")];
    assert_eq!(left, [&three[0], &three[1], "rehearsal-passphrases.txt"]);
}

#[test]
fn without_a_browser() {
    let world = World::new();
    let none = Without::NoBrowser(Arc::new(FindError::None));
    let (outcome, steps) = rehearse(&world, Err(none));
    check(&world, &outcome);
    assert!(outcome.browser().is_none() && !outcome.has_pictures());
    assert!(matches!(outcome.without(), Some(Without::NoBrowser(_))));
    assert_eq!(steps.first(), Some(&Step::Opening));
    assert_eq!(steps.last(), Some(&Step::Verifying));
}

fn rehearse_with_a_browser(world: &World) -> Outcome {
    let (program, account) = (recorder::chromium(), recorder::account());
    recorder::let_pass(world.folder.path());
    let profiles = world.folder.path().join("profiles");
    std::fs::create_dir_all(&profiles).expect("is made");
    recorder::let_pass(&profiles);
    let environment: Vec<_> = std::env::vars_os().collect();
    let starter = Starter {
        program: &program,
        folder: &profiles,
        environment: &environment,
        account: account.as_ref(),
    };
    rehearse(world, Ok(starter)).0
}

/// Seen: a rehearsal that was stopped withheld the sample site's bytes, and no
/// later one of that home could keep a page or bring its file in.
#[test]
fn after_a_practised_stop_people_can_practise_again() {
    let world = World::new();
    let none = || Err(Without::NoBrowser(Arc::new(FindError::None)));
    for number in 0..4 {
        let outcome = match number % 2 {
            0 => rehearse_with_a_browser(&world),
            _ => rehearse(&world, none()).0,
        };
        assert_eq!(outcome.report.verdict, Verdict::Unchanged);
        let folder = world.home().case(outcome.reference);
        raise(&folder, Halt::default(), &world.clock).expect("is stopped");
    }
}

#[test]
fn with_a_browser() {
    let world = World::new();
    let account = recorder::account();
    let outcome = rehearse_with_a_browser(&world);
    check(&world, &outcome);
    assert!(outcome.without().is_none() && outcome.has_pictures());
    assert_eq!(outcome.account().map(|name| name.as_str()), account.as_ref().map(|account| account.name()));
    assert!(
        outcome.browser().is_some_and(|product| product.as_str().contains("Chrom")),
        "{:?}",
        outcome.pages
    );
    let reading = Reading::of(&world.home(), outcome.reference).expect("reads");
    for entry in reading.ledger().entries() {
        if let Body::Kept(kept) = &entry.body {
            assert!(kept.title.as_ref().is_some_and(|title| title.as_str().starts_with("REHEARSAL")));
            if kept.final_url.as_str().ends_with("/board") {
                // What the page loads only when it is scrolled through.
                let archive = kept.files.iter().find(|file| file.role == Role::Page).expect("an MHTML");
                let text = std::fs::read(reading.folder().file(archive)).expect("reads");
                let text = String::from_utf8_lossy(&text).replace("=\r\n", "");
                assert!(text.contains("Pat is not invited"), "the older messages");
                assert!(text.contains("/badge.png"), "the picture far down");
            }
        }
    }
}

#[test]
fn a_second_one_takes_the_passphrases_of_the_first() {
    let world = World::new();
    let none = || Err(Without::NoBrowser(Arc::new(FindError::None)));
    let (first, _) = rehearse(&world, none());
    let (second, _) = rehearse(&world, none());
    assert_eq!(first.passphrases, second.passphrases);
    assert_ne!(first.reference, second.reference);
    assert_eq!(second.report.verdict, Verdict::Unchanged);
}

/// `countersign rehearse --unattended` and what it says as JSON and in words.
fn unattended(folder: &std::path::Path, more: &[&str]) -> (serde_json::Value, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("--home")
        .arg(folder.join("home"))
        .args(["--json", "rehearse", "--unattended", "--out"])
        .arg(folder.join("out"))
        .args(more)
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    (serde_json::from_slice(&output.stdout).expect("one object"), said)
}

/// Whether the form shows the sample site's picture: as many pictures as that
/// are in no other place of it.
fn pictures_of(form: &serde_json::Value) -> usize {
    let form = form.as_str().expect("a path");
    let listed = std::process::Command::new("pdfimages").args(["-list", form]).output();
    let listed = listed.expect("poppler-utils must be installed for this test").stdout;
    String::from_utf8_lossy(&listed).lines().skip(2).count()
}

#[test]
fn the_first_command_shows_pictures_as_root_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let (result, said) = unattended(folder.path(), &[]);
    assert_eq!(result["pictures"], true, "{said}");
    assert!(pictures_of(&result["form"]) >= 2, "each page's picture is on the form");
    let account = recorder::account().map(|account| account.name().to_owned());
    assert_eq!(result["account"].as_str(), account.as_deref());
    if let Some(account) = account {
        assert!(said.contains(&format!(", run as {account}.")), "{said}");
    }
    assert!(!said.contains("ERROR") && !said.contains(".."), "{said}");
}

#[test]
fn where_the_browser_has_no_sandbox_one_sentence_says_what_to_do() {
    use std::os::unix::fs::PermissionsExt;
    let folder = recorder::temporary();
    let refusing = folder.path().join("refusing");
    let script = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo Chromium 150.0.1.2; exit; fi\n\
                  echo '[1:2:1122/1.1:FATAL:zygote.cc(1)] No usable sandbox! See https://crbug.com/638180.' >&2\nexit 1\n";
    std::fs::write(&refusing, script).expect("written");
    std::fs::set_permissions(&refusing, PermissionsExt::from_mode(0o755)).expect("set");
    let (result, said) = unattended(folder.path(), &["--browser", refusing.to_str().expect("UTF-8")]);
    assert_eq!(result["pictures"], false);
    let sentence = format!(
        "There are no pictures. The browser at {} refuses to run, because this computer gives it no sandbox: ask your \
         IT person for a Chrome, Edge or Chromium from its own package, outside any container.",
        refusing.display()
    );
    assert!(said.contains(&sentence), "{said}");
    assert_eq!(result["without"], sentence);
    assert!(!said.contains("FATAL") && !said.contains("crbug"), "{said}");
    // The form says why there is none, in words as well.
    let form = result["form"].as_str().expect("a path");
    let text = std::process::Command::new("pdftotext").args([form, "-"]).output();
    let text = text.expect("poppler-utils must be installed for this test").stdout;
    let text = String::from_utf8_lossy(&text);
    assert!(
        text.contains("without its sandbox") && !text.contains("FATAL") && !text.contains(".."),
        "{text}"
    );
}
