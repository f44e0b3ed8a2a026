//! What is brought into a case is what was there, and nothing of a home.
//! Needs `7z`.

mod files;
mod home;
mod sequences;

#[path = "../support/copied.rs"]
mod copied;
#[path = "../support/leaks.rs"]
mod leaks;
#[path = "../support/site.rs"]
mod site;
#[path = "../support/world.rs"]
mod world;

use countersign_case::handover::Receiver;

/// Who is handed a copy here.
fn police() -> Receiver {
    Receiver {
        to: world::name("PC Brown"),
        organisation: world::line("Police"),
        role: world::name("Officer"),
        when: None,
        how: world::line("In person"),
        medium: world::line("Stick"),
    }
}
