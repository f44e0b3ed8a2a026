//! The traffic of a kept page as an exhibit has it: with a real browser, judged
//! by a reader of our own, by other people's checkers, and replayed.
#![cfg(target_os = "linux")]

#[allow(dead_code)]
#[path = "../eyes/chromium.rs"]
mod chromium;
mod kept;
mod pages;
mod peers;
mod reader;
#[path = "../support/recorder.rs"]
mod recorder;
mod replay;
#[path = "../support/site.rs"]
mod site;
#[path = "../support/world.rs"]
mod world;

use std::ffi::OsString;

use countersign_case::capture::{KeepRequest, KeptExhibit, Network, Starter, Traffic, Without, keep};
use countersign_case::case::Unlocked;
use countersign_record::journal::{File, Role, Side};

/// Keeps a page of this computer with its traffic.
fn keep_traffic(case: &mut Unlocked<'_>, url: &str) -> KeptExhibit {
    let (program, account) = (recorder::chromium(), recorder::account());
    let folder = recorder::temporary();
    let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let with = Ok(Starter {
        program: &program,
        folder: folder.path(),
        environment: &environment,
        account: account.as_ref(),
    });
    keep_with(case, url, with)
}

fn keep_with(case: &mut Unlocked<'_>, url: &str, with: Result<Starter<'_>, Without>) -> KeptExhibit {
    let network = Network::default();
    let request = KeepRequest { url, producer: Side::A, with, network: &network, traffic: Traffic::Kept };
    keep(case, request).expect("chromium must be installed for this test")
}

/// The package of an exhibit, which it has once.
fn package(case: &Unlocked<'_>, files: &[File]) -> Vec<u8> {
    let packages: Vec<&File> = files.iter().filter(|file| file.role == Role::Traffic).collect();
    assert_eq!(packages.len(), 1, "{files:?}");
    assert_eq!(packages[0].extension.to_string(), "wacz");
    std::fs::read(case.folder().file(packages[0])).expect("is there")
}
