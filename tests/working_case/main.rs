//! A working case that somebody or something changed: it is refused, and what
//! is bad first is named; a halt stands whatever becomes of its mark; nothing
//! half-written is taken for an entry.

#[path = "../support/copied.rs"]
mod copied;
#[path = "../support/forge.rs"]
mod forge;
#[path = "../support/world.rs"]
mod world;

mod backups;
mod changes;
mod drafts;
mod halts;
mod holders;
mod kept;
mod signatures;

use std::fs;
use std::path::PathBuf;

use countersign_case::capture::{AttachRequest, attach};
use countersign_case::case::{self, CaseError, Halt, Reading, Unlocked};
use countersign_case::procedure::Deed;
use countersign_record::journal::{Body, Noted, Reference, Side};

use crate::world::{World, text};

/// Entries: 1 opened, 2 attached, 3 and 4 noted.
struct Case {
    world: World,
    reference: Reference,
}

impl Case {
    fn new() -> Case {
        let world = World::new();
        let mut case = world.open();
        let path = world.folder.path().join("log.csv");
        fs::write(&path, "what the filter saw\n").expect("writes");
        let description = text("A log");
        attach(&mut case, AttachRequest { paths: &[path], producer: Side::A, description: &description })
            .expect("is brought in");
        note(&mut case, "one");
        note(&mut case, "two");
        let reference = case.folder().reference();
        drop(case);
        Case { world, reference }
    }

    fn folder(&self) -> PathBuf {
        self.world.home().case(self.reference).path().to_owned()
    }

    fn head(&self) -> PathBuf {
        self.world.home().path().join("heads").join(self.reference.to_string())
    }

    fn read(&self) -> Result<Reading, CaseError> {
        Reading::of(&self.world.home(), self.reference)
    }

    fn unlock(&self) -> Result<Unlocked<'_>, CaseError> {
        self.world.unlock(self.reference)
    }

    fn journal(&self, name: &str) -> PathBuf {
        self.folder().join("data/journal").join(name)
    }

    /// The note outside does not know the last entry yet.
    fn forget_last(&self) {
        let mut head = fs::read_to_string(self.head()).expect("reads");
        head.truncate(head.trim_end().rfind('\n').expect("lines") + 1);
        fs::write(self.head(), &head).expect("writes");
    }

    fn raise(&self) {
        let folder = self.world.home().case(self.reference);
        let category = world::pack().category("grooming").expect("is there").recorded();
        case::raise(
            &folder,
            Halt { category: Some(category.id.to_string()), by: Some(Side::B), ..Halt::default() },
            &self.world.clock,
        )
        .expect("stops it");
    }
}

fn note(case: &mut Unlocked<'_>, words: &str) -> u64 {
    let permit = case.permit(Deed::Note).expect("may");
    case.append(permit, Body::Noted(Noted { text: text(words) })).expect("is kept")
}
