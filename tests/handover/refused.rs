//! What is not copied, and nowhere over something else.

use std::fs;
use std::process::Command;

use countersign_case::case::CaseError;
use countersign_case::form::Fonts;
use countersign_case::handover::{CopyError, hand_over};
use countersign_record::journal::Encryption;

use crate::world::World;
use crate::{names, request, sealed};

#[test]
fn what_lies_there_is_never_overwritten() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let head = sealed.case.ledger().head();
    let usb = sealed.folder("usb");
    let theirs = usb.join("2026-0001-seal-1.zip");
    fs::write(&theirs, "theirs").expect("writes");
    assert!(
        matches!(sealed.copy(&usb, Encryption::None).map(|_| ()), Err(CopyError::Taken(path)) if path == theirs)
    );
    assert!(matches!(sealed.copy(&theirs, Encryption::None).map(|_| ()), Err(CopyError::Taken(_))));
    assert_eq!(fs::read(&theirs).expect("reads"), b"theirs");
    #[cfg(unix)]
    {
        // Neither through a link that leads nowhere, nor into a pipe.
        let link = usb.join("link.zip");
        std::os::unix::fs::symlink(usb.join("elsewhere"), &link).expect("is made");
        assert!(matches!(sealed.copy(&link, Encryption::None).map(|_| ()), Err(CopyError::Taken(_))));
        let pipe = usb.join("pipe.zip");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
        assert!(matches!(sealed.copy(&pipe, Encryption::None).map(|_| ()), Err(CopyError::Taken(_))));
        let nothing = sealed.folder("nothing");
        let from = sealed.copy_from(&[pipe], &nothing, Encryption::None);
        assert!(matches!(from.map(|_| ()), Err(CopyError::NotTheBundle { .. })));
    }
    assert_eq!(sealed.case.ledger().head(), head);
}

#[test]
fn another_bundle_than_the_sealed_one_is_refused() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let head = sealed.case.ledger().head();
    let usb = sealed.folder("usb");
    let none = sealed.copy_from(&[world.folder.path().join("nowhere")], &usb, Encryption::None);
    assert!(matches!(none.map(|_| ()), Err(CopyError::NoBundle { seal: 1, .. })));
    let mut bytes = fs::read(&sealed.sealed.bundle).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = world.folder.path().join("changed.zip");
    fs::write(&changed, &bytes).expect("writes");
    let one = sealed.copy_from(std::slice::from_ref(&changed), &usb, Encryption::None);
    assert!(matches!(one.map(|_| ()), Err(CopyError::NotTheBundle { .. })));
    bytes.pop();
    fs::write(&changed, &bytes).expect("writes");
    let short = sealed.copy_from(&[changed], &usb, Encryption::Aes256Zip);
    assert!(matches!(short.map(|_| ()), Err(CopyError::NotTheBundle { .. })));
    sealed.assert_untouched(head, &usb);
}

#[test]
fn a_case_that_was_not_sealed_has_nothing_to_hand_over() {
    let world = World::new();
    let mut case = world.open();
    let fonts = Fonts::built_in();
    let result = hand_over(&mut case, &request(&[], world.folder.path(), &fonts));
    assert!(matches!(result.map(|_| ()), Err(CopyError::Case(CaseError::Refused(_)))));
}

#[cfg(target_os = "linux")]
#[test]
fn a_medium_that_is_full_keeps_nothing() {
    let world = World::new();
    let mut sealed = sealed(&world, 2 << 20);
    let head = sealed.case.ledger().head();
    let usb = sealed.folder("usb");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&usb).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        // Only root may mount a small disk. Where nobody may, a full one is
        // not tried; the rest of the tests hold without it.
        return;
    }
    let results = [Encryption::None, Encryption::Aes256Zip].map(|how| sealed.copy(&usb, how).map(|_| ()));
    let left = names(&usb);
    assert!(Command::new("umount").arg(&usb).status().expect("runs").success());
    for result in results {
        assert!(
            matches!(&result, Err(CopyError::Disk(error)) if error.to_string().contains("usb")),
            "{result:?}"
        );
    }
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(sealed.case.ledger().head(), head);
}
