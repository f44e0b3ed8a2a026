//! What one case of a home withholds, every case of it refuses; and nothing of
//! any home is brought in.

use std::fs;
use std::path::{Path, PathBuf};

use countersign_case::capture::{AttachRequest, Brought, CaptureError, StagedFile, attach, attach_staged};
use countersign_case::capture::{KeepRequest, Network, Traffic, Without, keep};
use countersign_case::case::{self, Halt, Held, Reading, Staging, Unlocked, raise};
use countersign_case::form::Fonts;
use countersign_case::handover::{
    CopyPassphrase, FormRequest, HandOverRequest, SealRequest, hand_over, make_form, seal,
};
use countersign_case::procedure::Deed;
use countersign_record::bundle::unwatched;
use countersign_record::journal::{Body, Judged, Reference, Side};

use crate::leaks::Picture;
use crate::police;
use crate::site::{self, Site};
use crate::world::{World, new_case, pack, text};

const ONE: std::num::NonZeroUsize = std::num::NonZeroUsize::MIN;

pub fn bring(case: &mut Unlocked<'_>, path: &Path) -> Result<Brought, CaptureError> {
    let paths = [path.to_owned()];
    attach(case, AttachRequest { paths: &paths, producer: Side::A, description: &text("Files") })
}

/// A case with the picture in it, stopped by somebody who did not say why.
fn stopped(world: &World, picture: &Path) -> Reference {
    let mut case = world.open();
    bring(&mut case, picture).expect("nothing is withheld yet");
    let reference = case.folder().reference();
    stop(world, case);
    reference
}

fn stop(world: &World, case: Unlocked<'_>) {
    raise(case.folder(), Halt::default(), &world.clock).expect("stops");
}

/// A case of the same home that follows that one.
fn following(world: &World, earlier: Reference) -> Unlocked<'_> {
    let pack = pack();
    let new = case::NewCase { follows: Some(earlier), ..new_case(&pack, None) };
    case::open(&world.home(), new, &pack, world.pass(), world.around()).expect("opens")
}

#[track_caller]
pub fn is_held(brought: Result<Brought, CaptureError>, by: Reference) {
    match brought {
        Err(CaptureError::Held { held: Held::Withheld(case), .. }) => assert_eq!(case, by),
        other => panic!("{other:?}"),
    }
}

fn file(world: &World, name: &str, bytes: &[u8]) -> PathBuf {
    let path = world.folder.path().join(name);
    fs::write(&path, bytes).expect("writes");
    path
}

#[test]
fn what_a_case_withholds_is_refused_in_each_by_whatever_path() {
    let world = World::new();
    let picture = file(&world, "x.png", &Picture::seeded(3).png);
    let first = stopped(&world, &picture);
    let mut case = following(&world, first);
    assert!(case.ledger().opened().follows_stopped);
    // The input as it was: the folder of the stopped case's files.
    let files = world.home().case(first).files();
    assert!(matches!(bring(&mut case, &files), Err(CaptureError::OfHome(path)) if path == files));
    // The original, under its name and another's.
    is_held(bring(&mut case, &picture), first);
    is_held(bring(&mut case, &file(&world, "holiday.jpg", &Picture::seeded(3).png)), first);
    let mut stored = fs::read_dir(&files).expect("lists").flatten().map(|entry| entry.path());
    let stored = stored.find(|path| path.extension().is_some_and(|e| e == "png")).expect("the picture");
    #[cfg(unix)]
    {
        let link = world.folder.path().join("link");
        std::os::unix::fs::symlink(&files, &link).expect("links");
        for path in [link.join(stored.file_name().expect("a name")), link.join("../files")] {
            assert!(matches!(bring(&mut case, &path), Err(CaptureError::OfHome(_))), "{}", path.display());
        }
    }
    // A second name of the very file.
    let second = world.folder.path().join("second.png");
    fs::hard_link(&stored, &second).expect("links");
    assert!(matches!(bring(&mut case, &second), Err(CaptureError::OfHome(_))));
    // In a folder it is left out, and the rest comes in.
    let phone = world.folder.path().join("phone");
    fs::create_dir(&phone).expect("makes");
    fs::copy(&picture, phone.join("a.png")).expect("copies");
    fs::hard_link(&stored, phone.join("b.png")).expect("links");
    fs::write(phone.join("c.txt"), "words").expect("writes");
    let brought = bring(&mut case, &phone).expect("the rest is nobody's");
    let because: Vec<String> = brought.left_out.named.iter().map(|left| left.because.to_string()).collect();
    assert_eq!((brought.files, because.len()), (1, 2));
    assert!(because.contains(&format!("is withheld in case {first}")), "{because:?}");
    assert!(because.contains(&"lies where Countersign keeps the cases".to_owned()), "{because:?}");
    // One byte more is another file: that is what THREATS says.
    let changed = [&Picture::seeded(3).png[..], b"\n"].concat();
    bring(&mut case, &file(&world, "changed.png", &changed)).expect("is another file");
    // And the case that it was ends as it should.
    judge(&mut case);
    let fonts = Fonts::built_in();
    seal_to(&mut case, &world.folder.path().join("out"), &fonts);
}

fn judge(case: &mut Unlocked<'_>) {
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: false, because: text("Nothing was found.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
}

fn seal_to(case: &mut Unlocked<'_>, out: &Path, fonts: &Fonts) -> countersign_case::handover::SealedCase {
    seal(case, &SealRequest { out, fonts, threads: ONE, watch: &unwatched }).expect("seals")
}

#[test]
fn nothing_of_a_home_is_brought_in_neither_keys_nor_locks_nor_folders() {
    let world = World::new();
    let mut first = world.open();
    let folder = first.folder().clone();
    bring(&mut first, &file(&world, "x.txt", b"words")).expect("is nobody's");
    drop(first);
    let mut case = world.open();
    let home = world.home().path().to_owned();
    let root = folder.path();
    for path in [
        home.clone(),
        home.join("heads"),
        root.to_owned(),
        root.join("keys"),
        root.join("keys/a"),
        root.join("lock"),
        root.join("draft"),
        root.join("data/journal/000001.json"),
        case.folder().files(),
    ] {
        let refused = bring(&mut case, &path);
        assert!(matches!(refused, Err(CaptureError::OfHome(_))), "{}: {refused:?}", path.display());
    }
    // The folder above the home: the home itself is left out.
    let brought = bring(&mut case, world.folder.path()).expect("the rest is nobody's");
    assert!(
        brought
            .left_out
            .named
            .iter()
            .any(|left| left.because.as_str() == "lies where Countersign keeps the cases")
    );
    assert_eq!(brought.files, 1);
    // Copied elsewhere it is a case's folder all the same, and its keys are.
    let copy = world.folder.path().join("copy of the case");
    crate::copied::copy(root, &copy);
    for path in [copy.clone(), copy.join("keys"), copy.join("data/files")] {
        let refused = bring(&mut case, &path);
        assert!(matches!(refused, Err(CaptureError::OfCases { .. })), "{}: {refused:?}", path.display());
    }
    let key = file(&world, "innocent.txt", &fs::read(root.join("keys/b")).expect("reads"));
    let refused = bring(&mut case, &key);
    assert!(
        matches!(refused, Err(CaptureError::Held { held: Held::Key(of), .. }) if of == folder.reference()),
        "{refused:?}"
    );
    // As a browser sends a folder, by the places that its files have.
    let staged = StagedFile { path: &key, name: "copy/data/journal/000001.json" };
    let refused = attach_staged(&mut case, &[staged], Side::A, &text("A folder"), &|_| {});
    assert!(matches!(refused, Err(CaptureError::OfCases { .. })), "{refused:?}");
}

#[test]
fn an_unpacked_bundle_is_no_evidence_and_a_packed_one_is_a_file() {
    let (world, other) = (World::new(), World::seeded(1));
    let mut case = other.open();
    bring(&mut case, &file(&other, "x.txt", b"words")).expect("is nobody's");
    judge(&mut case);
    let fonts = Fonts::built_in();
    let sealed = seal_to(&mut case, &other.folder.path().join("out"), &fonts);
    let unpacked = world.folder.path().join("unpacked");
    let to = format!("-o{}", unpacked.display());
    let unpack = std::process::Command::new("7z").arg("x").arg(to).arg(&sealed.bundle).output();
    assert!(unpack.expect("7z").status.success());
    let top = fs::read_dir(&unpacked).expect("lists").flatten().next().expect("a folder").path();
    let mut mine = world.open();
    for path in [top.clone(), top.join("data/journal/000001.json")] {
        assert!(matches!(bring(&mut mine, &path), Err(CaptureError::OfCases { .. })), "{}", path.display());
    }
    assert!(matches!(bring(&mut mine, &unpacked), Err(CaptureError::Empty(_))), "it is left out");
    bring(&mut mine, &sealed.bundle).expect("nobody withholds it");
}

/// What left before the stop, in every shape.
#[test]
fn what_was_sealed_printed_or_handed_over_before_the_stop_is_refused() {
    let world = World::new();
    let fonts = Fonts::built_in();
    let mut case = world.open();
    bring(&mut case, &file(&world, "x.png", &Picture::seeded(4).png)).expect("is nobody's");
    judge(&mut case);
    let out = world.folder.path().join("out");
    fs::create_dir(&out).expect("makes");
    let form = out.join("form.pdf");
    make_form(&mut case, &FormRequest { fonts: &fonts, out: Some(&form) }).expect("is made");
    let sealed = seal_to(&mut case, &out, &fonts);
    let receiver = police();
    let passphrase = CopyPassphrase::draw(&world.random).expect("random");
    let request = HandOverRequest {
        seal: None,
        sources: std::slice::from_ref(&out),
        to: &out,
        lock: Some(&passphrase),
        sheets: None,
        receiver,
        fonts: &fonts,
        threads: ONE,
        watch: &unwatched,
    };
    let copy = hand_over(&mut case, &request).expect("is handed over");
    let first = case.folder().reference();
    stop(&world, case);
    let mut case = following(&world, first);
    for (number, path) in [form, sealed.bundle, sealed.form, copy.path].into_iter().enumerate() {
        is_held(bring(&mut case, &path), first);
        is_held(
            bring(&mut case, &file(&world, &number.to_string(), &fs::read(&path).expect("reads"))),
            first,
        );
    }
}

#[test]
fn what_a_crash_or_a_killed_guide_left_is_withheld_too() {
    let world = World::new();
    let mut case = world.open();
    bring(&mut case, &file(&world, "x.txt", b"the record's")).expect("is nobody's");
    bring(&mut case, &file(&world, "empty", b"")).expect("is nobody's");
    let folder = case.folder().clone();
    let first = folder.reference();
    fs::write(folder.files().join("stray.png"), "a stray's").expect("writes");
    fs::write(folder.draft().join("file-1.part"), "a draft's").expect("writes");
    let mut staging = Staging::begin(&world.home(), Some(first), &world.random).expect("begins");
    let (_, staged) = staging.file().expect("a file");
    fs::write(staged, "the guide's").expect("writes");
    let all = ["the record's", "a stray's", "a draft's", "the guide's"];
    let each = |case: &mut Unlocked<'_>, withheld: &[&str]| {
        for words in all {
            let brought = bring(case, &file(&world, "copy.txt", words.as_bytes()));
            match withheld.contains(&words) {
                true => is_held(brought, first),
                false => drop(brought.expect("nobody withholds it")),
            }
        }
    };
    let mut other = world.open();
    each(&mut other, &[]);
    stop(&world, case);
    each(&mut other, &all);
    bring(&mut other, &file(&world, "nothing", b"")).expect("there is nothing in it");
    // Its record cannot be read any more: what lies there stays withheld.
    fs::write(folder.path().join("data/journal/000001.json"), "{}").expect("writes");
    assert!(Reading::of(&world.home(), first).is_err());
    each(&mut other, &all);
    fs::remove_file(world.home().path().join(format!("heads/{first}"))).expect("removes");
    each(&mut other, &all);
}

#[test]
fn a_case_that_goes_to_the_police_withholds_nothing() {
    let world = World::new();
    let picture = file(&world, "x.txt", b"words");
    let mut case = world.open();
    bring(&mut case, &picture).expect("is nobody's");
    let pack = pack();
    let police =
        pack.categories().iter().find(|c| c.response == countersign_record::journal::Response::Police);
    let category = Some(police.expect("one of the police").id.to_string());
    let halt = Halt { category, ..Halt::default() };
    raise(case.folder(), halt, &world.clock).expect("stops");
    let first = case.folder().reference();
    drop(case);
    let mut case = following(&world, first);
    assert!(case.ledger().opened().follows_stopped);
    bring(&mut case, &picture).expect("the police get it, and it may be shown");
    let unrelated = following(&world, case.folder().reference());
    assert!(!unrelated.ledger().opened().follows_stopped);
}

#[test]
fn nothing_stays_of_a_page_that_is_what_is_withheld() {
    let world = World::new();
    let png = Picture::seeded(5).png;
    let first = stopped(&world, &file(&world, "x.png", &png));
    let mut case = following(&world, first);
    let served = png.clone();
    let site = Site::serving(std::sync::Arc::new(move |_, to| {
        site::answer(to, "200 OK\r\nContent-Type: image/png", &served)
    }));
    let url = site.url("/canary.png");
    let request = KeepRequest {
        url: &url,
        producer: Side::A,
        with: Err(Without::NoBrowser(std::sync::Arc::new(
            countersign_browser::program::find::FindError::None,
        ))),
        network: &Network::default(),
        traffic: Traffic::NotKept,
    };
    let refused = keep(&mut case, request).map(|kept| kept.entry);
    let Err(CaptureError::PageHeld { entry, held, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!((entry, held), (2, Held::Withheld(first)));
    let Body::Visited(visited) = &case.ledger().last().body else { panic!("that it was asked for") };
    assert_eq!(visited.visits[0].url.as_str(), url);
    assert!(visited.visits[0].failure.as_ref().is_some_and(|why| why.as_str().contains("is withheld")));
    assert_eq!(case.ledger().files().count(), 1, "the procedure alone");
    assert_eq!(fs::read_dir(case.folder().files()).expect("lists").count(), 1);
    assert_eq!(fs::read_dir(case.folder().draft()).expect("lists").count(), 0);
}
