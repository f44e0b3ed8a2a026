//! A stop before a copy is made, and in between.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use countersign_case::capture::{AttachRequest, attach};
use countersign_case::case::{self, CaseError, Halt, Unlocked};
use countersign_case::form::Fonts;
use countersign_case::handover::{
    CopyError, FormRequest, HandOverRequest, HandoverError, SealRequest, hand_over, make_form, seal,
};
use countersign_case::procedure::{Deed, Phase};
use countersign_record::bundle::unwatched;
use countersign_record::journal::{Body, Encryption, Judged, Side};

use crate::world::{World, text};
use crate::{TWO, assert_verifies, names, request, sealed};

#[test]
fn a_seal_from_before_a_stop_and_withhold_does_not_leave() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let usb = sealed.folder("usb");
    // Raised by one person, not on record yet.
    case::raise(sealed.case.folder(), Halt::default(), &world.clock).expect("is raised");
    let head = sealed.case.ledger().head();
    let raised = sealed.copy(&usb, Encryption::None);
    assert!(matches!(raised.map(|_| ()), Err(CopyError::Case(CaseError::Refused(_)))));
    sealed.assert_untouched(head, &usb);
    // On record.
    drop(sealed);
    let mut case = world.unlock("2026-0001".parse().expect("a reference")).expect("unlocks");
    assert_eq!(case.state().expect("reads").phase(), Phase::Halted);
    let fonts = Fonts::built_in();
    let sources = [world.folder.path().join("sealed")];
    let request = HandOverRequest { seal: Some(1), ..request(&sources, &usb, &fonts) };
    let journaled = hand_over(&mut case, &request);
    assert!(matches!(journaled.map(|_| ()), Err(CopyError::Case(CaseError::Refused(_)))));
    assert_eq!(names(&usb), Vec::<String>::new());
    // A seal that was made after it does: what is withheld is not in it.
    let out = world.folder.path().join("sealed");
    let second = seal(&mut case, &SealRequest { out: &out, fonts: &fonts, threads: TWO, watch: &unwatched })
        .expect("seals");
    assert!(second.withheld > 0);
    let copy = hand_over(&mut case, &HandOverRequest { seal: None, ..request }).expect("is handed over");
    assert_eq!(copy.handed.seal, 2);
    assert_verifies(&copy.path, second.root);
}

/// A case with pictures that take a while to be drawn.
fn with_pictures(world: &World) -> Unlocked<'_> {
    let mut case = world.open();
    let pictures = world.folder.path().join("pictures");
    fs::create_dir(&pictures).expect("is made");
    for number in 0..PICTURES {
        let (wide, high) = (1400, 1400);
        let mut seed = number + 1;
        let mut noise = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as u8
        };
        let pixels: Vec<u8> = (0..wide * high).map(|_| noise()).collect();
        let file = File::create(pictures.join(format!("{number}.png"))).expect("is made");
        let mut encoder = png::Encoder::new(file, wide, high);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().expect("writes");
        writer.write_image_data(&pixels).expect("writes");
    }
    let description = text("Pictures");
    attach(&mut case, AttachRequest { paths: &[pictures], producer: Side::A, description: &description })
        .expect("is brought in");
    case
}

const PICTURES: u64 = 12;

/// Raises a stop after `wait` while `work` goes on: what it gave, and how long
/// it went on after the stop.
fn stopped_after<T>(
    world: &World,
    folder: &case::Folder,
    wait: Duration,
    work: impl FnOnce() -> T,
) -> (T, Duration) {
    thread::scope(|scope| {
        let raised = scope.spawn(|| {
            thread::sleep(wait);
            case::raise(folder, Halt::default(), &world.clock).expect("is raised");
            Instant::now()
        });
        let given = work();
        let ended = Instant::now();
        (given, ended.saturating_duration_since(raised.join().expect("raises")))
    })
}

/// Everything that lies in the case's folder and beside it, but the mark and
/// the line of the stop.
fn lying(world: &World) -> Vec<PathBuf> {
    let mut folders = vec![world.folder.path().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("lists") {
            let path = entry.expect("is there").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.retain(|path| !path.ends_with("halt-raised"));
    files.sort();
    files
}

#[test]
fn a_stop_while_a_form_is_drawn_ends_it_and_leaves_nothing() {
    let fonts = Fonts::built_in();
    let mut soonest = [Duration::MAX; 2];
    let mut whole = Duration::MAX;
    for round in 0..4 {
        let world = World::new();
        let mut case = with_pictures(&world);
        let folder = case.folder().clone();
        let out = world.folder.path().join("form.pdf");
        if round == 0 {
            let begun = Instant::now();
            make_form(&mut case, &FormRequest { fonts: &fonts, out: Some(&out) }).expect("is made");
            whole = begun.elapsed();
            continue;
        }
        let before = lying(&world);
        let head = case.ledger().head();
        let wait = whole / 2;
        // The form alone, and the one that a seal makes first.
        let (kind, took) = match round % 2 {
            1 => {
                let work = || make_form(&mut case, &FormRequest { fonts: &fonts, out: Some(&out) });
                let (made, took) = stopped_after(&world, &folder, wait, work);
                assert!(matches!(made, Err(HandoverError::FormDropped)), "{made:?}");
                (0, took)
            }
            _ => {
                let permit = case.permit(Deed::Judge).expect("may");
                let judged = Judged { substance: false, because: text("Nothing was found.") };
                case.append(permit, Body::Judged(judged)).expect("is judged");
                let out = world.folder.path().join("sealed");
                let request = SealRequest { out: &out, fonts: &fonts, threads: TWO, watch: &unwatched };
                let work = || seal(&mut case, &request).map(|sealed| sealed.seal);
                let (made, took) = stopped_after(&world, &folder, wait, work);
                assert!(matches!(made, Err(HandoverError::Halted)), "{made:?}");
                (1, took)
            }
        };
        soonest[kind] = soonest[kind].min(took);
        if kind == 0 {
            assert_eq!(lying(&world), before, "nothing is left of the form");
        }
        let after = &case.ledger().entries()[head as usize..];
        assert!(!after.iter().any(|entry| matches!(entry.body, Body::FormMade(_) | Body::Sealed(_))));
    }
    assert!(whole > Duration::from_millis(800), "it takes too short to say anything: {whole:?}");
    assert!(soonest.iter().all(|took| *took < Duration::from_millis(250)), "{soonest:?}");
}

#[test]
fn a_halt_in_between_drops_the_copy() {
    let world = World::new();
    let mut sealed = sealed(&world, 4 << 20);
    let usb = sealed.folder("usb");
    let folder = sealed.case.folder().clone();
    let head = sealed.case.ledger().head();
    let raised = AtomicBool::new(false);
    let watch = |_: u64| {
        // Once the copy is on its way.
        let begun = usb.join("2026-0001-seal-1.zip.part").exists();
        if begun && !raised.swap(true, Ordering::SeqCst) {
            case::raise(&folder, Halt::default(), &world.clock).expect("is raised");
        }
        ControlFlow::Continue(())
    };
    let sources = [world.folder.path().join("sealed")];
    let request = HandOverRequest { watch: &watch, ..request(&sources, &usb, &sealed.fonts) };
    let result = hand_over(&mut sealed.case, &request);
    assert!(matches!(result.map(|_| ()), Err(CopyError::Halted)));
    sealed.assert_untouched(head, &usb);
}
