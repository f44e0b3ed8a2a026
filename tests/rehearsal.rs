//! The unattended rehearsal, with a browser and without one.

#[path = "support/world.rs"]
mod world;

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::path::Path;

use countersign::capture::{Starter, Without};
use countersign::case::Reading;
use countersign::form::Fonts;
use countersign::journal::{Body, Role, Standing};
use countersign::rehearsal::{Outcome, Rehearsal, Step, run};
use countersign::verify::Verdict;
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
    let none = Without::NoBrowser("none is installed".to_owned());
    let (outcome, steps) = rehearse(&world, Err(none.clone()));
    check(&world, &outcome);
    assert_eq!((outcome.browser(), outcome.without()), (None, Some(&none)));
    assert_eq!(steps.first(), Some(&Step::Opening));
    assert_eq!(steps.last(), Some(&Step::Verifying));
}

#[test]
fn with_a_browser() {
    let world = World::new();
    let wrapper = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/chromium-as-root.sh");
    let profiles = world.folder.path().join("profiles");
    std::fs::create_dir(&profiles).expect("is made");
    let environment: Vec<_> = std::env::vars_os().collect();
    let starter = Starter { program: &wrapper, folder: &profiles, environment: &environment };
    let (outcome, _) = rehearse(&world, Ok(starter));
    check(&world, &outcome);
    assert_eq!(outcome.without(), None);
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
    let none = || Err(Without::NoBrowser("none is installed".to_owned()));
    let (first, _) = rehearse(&world, none());
    let (second, _) = rehearse(&world, none());
    assert_eq!(first.passphrases, second.passphrases);
    assert_ne!(first.reference, second.reference);
    assert_eq!(second.report.verdict, Verdict::Unchanged);
}
