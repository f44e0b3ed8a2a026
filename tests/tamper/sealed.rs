//! The bundles that are tampered with.

use std::sync::LazyLock;

use countersign_case::capture::{AttachRequest, attach};
use countersign_case::case::{self, Unlocked};
use countersign_case::procedure::{Deed, Pack};
use countersign_case::secret::SecretKey;
use countersign_record::digest::Digest;
use countersign_record::journal::{At, Body, Concern, Judged, Seen, Side};

use crate::forge::{Bundle, Keys, keys_of, seal_into};
use crate::world::{World, new_case, text};

pub struct Sealed {
    pub zip: Vec<u8>,
    pub bundle: Bundle,
    pub root: Digest,
    pub keys: [SecretKey; 2],
    /// Bytes of what was withheld, by the names that they would have.
    pub withheld: Vec<(String, Vec<u8>)>,
}

impl Sealed {
    pub fn of(world: &World, mut case: Unlocked<'_>) -> Sealed {
        let sealed = seal_into(&mut case, &world.folder.path().join("out"));
        let keys = keys_of(&world.home(), case.folder().reference(), world.pass());
        let zip = std::fs::read(&sealed.bundle).expect("reads");
        let released = case.reading().released();
        let withheld = released.withheld().iter().map(|withheld| {
            let bytes = std::fs::read(case.folder().file(&withheld.file)).expect("reads");
            (format!("data/{}", withheld.file.path()), bytes)
        });
        let withheld = withheld.collect();
        Sealed { bundle: Bundle::of_zip(zip.clone()), zip, root: sealed.root, keys, withheld }
    }

    /// Puts others in the place of the form that the last entry names and of
    /// what to read first. Both sign.
    fn shorten(&mut self, form: &[u8], read_me: &[u8]) {
        let head = self.bundle.head();
        let mut entry = self.bundle.entry(head);
        let Body::FormMade(made) = &mut entry.body else { panic!("the last entry is a form") };
        let files = &mut self.bundle.files;
        files.remove(&format!("data/{}", made.file.path()));
        (made.file.sha256, made.file.bytes, made.pages) = (Digest::of(form), form.len() as u64, 1);
        files.insert(format!("data/{}", made.file.path()), form.to_vec());
        files.insert("READ-ME-FIRST.txt".to_owned(), read_me.to_vec());
        let keys = [Some(&self.keys[0]), Some(&self.keys[1])];
        self.bundle.put_entry(head, entry.to_bytes().expect("small"), keys);
        self.bundle.reseal(keys);
        (self.zip, self.root) = (self.bundle.zip(), self.bundle.root());
    }

    pub fn both(&self) -> Keys<'_> {
        [Some(&self.keys[0]), Some(&self.keys[1])]
    }

    pub fn first_alone(&self) -> Keys<'_> {
        [Some(&self.keys[0]), None]
    }
}

pub const NONE: Keys<'static> = [None, None];

pub static REVIEWED: LazyLock<Sealed> = LazyLock::new(|| {
    let world = World::seeded(1);
    let mut case = world.open();
    bring_in(&world, &mut case, &["one.csv", "two.csv"]);
    let category = case.reading().pack().category("bullying").expect("is in the pack").recorded();
    let at = At::Url(Seen::of("http://example.com/"));
    let permit = case.permit(Deed::Concern(category.id.clone())).expect("may");
    case.concern(permit, Concern { at, category, description: text("Names.") }).expect("is described");
    judge(&mut case);
    Sealed::of(&world, case)
});

/// Entries: 1 opened, 2 attached, 3 judged, 4 form.
pub static SMALL: LazyLock<Sealed> = LazyLock::new(|| {
    let world = World::seeded(2);
    let mut case = world.open();
    bring_in(&world, &mut case, &["one.csv"]);
    judge(&mut case);
    Sealed::of(&world, case)
});

/// As small as one can be that has a file of every kind, so that every bit and
/// every length of it can be tried: sealed by the program under the smallest
/// procedure, and then a form and a READ-ME-FIRST of a few lines put in the
/// place of the long ones, signed and sealed by both.
///
/// Entries: 1 opened, 2 attached, 3 judged, 4 form.
pub static SMALLEST: LazyLock<Sealed> = LazyLock::new(|| {
    let world = World::seeded(4);
    let pack = include_str!("../../fixtures/packs/accepted-smallest.toml");
    let pack = Pack::parse(pack).expect("keeps every rule");
    let case = new_case(&pack, None);
    let case = case::open(&world.home(), case, &pack, world.pass(), world.around());
    let mut case = case.expect("opens");
    bring_in(&world, &mut case, &["one.csv"]);
    judge(&mut case);
    let mut sealed = Sealed::of(&world, case);
    sealed.shorten(b"%PDF-1.7\nA form.\n%%EOF\n", b"Compare the words with the paper.\n");
    sealed
});

/// Entries: 1 opened, 2 and 3 attached, 4 halted, 5 concern, 6 form.
pub static WITHHELD: LazyLock<Sealed> = LazyLock::new(|| {
    let world = World::seeded(3);
    let mut case = world.open();
    bring_in(&world, &mut case, &["one.csv", "two.csv"]);
    let category = case.reading().pack().category("child-abuse-images").expect("is there").recorded();
    let at = At::Url(Seen::of("http://example.com/"));
    let permit = case.permit(Deed::Concern(category.id.clone())).expect("may");
    case.concern(permit, Concern { at, category, description: text("Stopped.") }).expect("is described");
    Sealed::of(&world, case)
});

fn bring_in(world: &World, case: &mut Unlocked<'_>, names: &[&str]) {
    for name in names {
        let path = world.folder.path().join(name);
        std::fs::write(&path, format!("what is in {name}\n")).expect("writes");
        let description = text("A log of that morning");
        attach(case, AttachRequest { paths: &[path], producer: Side::A, description: &description })
            .expect("is brought in");
    }
}

fn judge(case: &mut Unlocked<'_>) {
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: true, because: text("Both of us saw it.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
}
