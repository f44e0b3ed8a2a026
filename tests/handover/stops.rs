//! A stop before a copy is made, and in between.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign_case::case::{self, CaseError, Halt};
use countersign_case::form::Fonts;
use countersign_case::handover::{CopyError, HandOverRequest, SealRequest, hand_over, seal};
use countersign_case::procedure::Phase;
use countersign_record::bundle::unwatched;
use countersign_record::journal::Encryption;

use crate::world::World;
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
