//! What is run and interrupted: each verb on a case that is ready for it.

use std::error::Error;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use countersign_case::capture::{AttachRequest, attach};
use countersign_case::case::{self, Halt, Home, Unlocked};
use countersign_case::form::Fonts;
use countersign_case::handover::{
    ArchiveRequest, CopyPassphrase, FormRequest, HandOverRequest, Receiver, Review, SealRequest, archive,
    hand_over, make_form, seal,
};
use countersign_case::procedure::Deed;
use countersign_case::secret::Passphrase;
use countersign_record::bundle::unwatched;
use countersign_record::journal::{
    Acted, Action, At, Body, Category, Concern, Encryption, Hold, Id, Isolated, Judged, Noted, Reference,
    Referred, Seen, Side,
};
use ssh_key::{Cipher, Kdf, LineEnding, PrivateKey};

use crate::world::{self, World, line, name, text};

/// What is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// A case is opened.
    Open,
    /// Files are brought in, a note and a concern are written, and judged.
    Review,
    /// The form is made, and the case sealed.
    Seal,
    /// Copies are handed over, and the case is filed.
    Leave,
    /// A concern stops the case; it is isolated, referred and judged.
    Stop,
    /// One person stops the case.
    Raise,
    /// A case that was stopped by one person is unlocked.
    Found,
    /// A case is unlocked in which a crash left an entry that both had signed.
    Mend,
}

impl Verb {
    pub const ALL: [Verb; 8] =
        [Verb::Open, Verb::Review, Verb::Seal, Verb::Leave, Verb::Stop, Verb::Raise, Verb::Found, Verb::Mend];

    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Makes what the verb finds.
    pub fn prepare(self, world: &World, place: &Path) {
        let drawer = place.join("drawer");
        fs::create_dir_all(&drawer).expect("a folder");
        fs::write(drawer.join("log.csv"), "what the filter saw\n").expect("writes");
        fs::write(drawer.join("proxy.log"), "what the proxy saw\n".repeat(40)).expect("writes");
        let home = Home::at(place.join("home"));
        let pack = world::pack();
        if self == Verb::Open {
            return;
        }
        let case = world::new_case(&pack, None);
        let mut case = case::open(&home, case, &pack, world.pass(), world.around()).expect("opens");
        let reference = case.folder().reference();
        let folder = case.folder().clone();
        let told = &mut |_: u64, _: &str| {};
        if self != Verb::Review {
            bring_in(&mut case, place, &["log.csv"], told).expect("is brought in");
        }
        if matches!(self, Verb::Seal | Verb::Leave) {
            judge(&mut case, told).expect("is judged");
        }
        if self == Verb::Leave {
            seal_it(&mut case, place, told).expect("is sealed");
        }
        drop(case);
        if self == Verb::Found {
            case::raise(&folder, stop_for("grooming"), &world.clock).expect("is raised");
        }
        if self == Verb::Mend {
            // As a crash leaves it between the second signature and the name.
            let entry = folder.data().join("journal/000002.json");
            fs::rename(entry, folder.path().join("draft/000002-1.entry.json")).expect("is a draft again");
            let head = home.path().join("heads").join(reference.to_string());
            let noted = fs::read_to_string(&head).expect("reads");
            let at = noted.find("entry 2").expect("is noted");
            fs::write(head, &noted[..at]).expect("writes");
        }
        lock_lightly(&folder.path().join("keys/a"), world.pass()[0]);
        lock_lightly(&folder.path().join("keys/b"), world.pass()[1]);
    }

    /// Does it, and says aloud what was kept as soon as it was.
    pub fn perform(self, world: &World, place: &Path) -> Result<(), Box<dyn Error>> {
        let home = Home::at(place.join("home"));
        let reference: Reference = "2026-0001".parse()?;
        let told = &mut |number: u64, kind: &str| println!("kept {number} {kind}");
        if self == Verb::Raise {
            case::raise(&home.case(reference), stop_for("child-abuse-images"), &world.clock)?;
            println!("raised");
            return Ok(());
        }
        if self == Verb::Open {
            let pack = world::pack();
            case::open(&home, world::new_case(&pack, None), &pack, world.pass(), world.around())?;
            told(1, "opened");
            return Ok(());
        }
        let mut case = Unlocked::unlock(&home, reference, world.pass(), world.around())?;
        told(1, "opened");
        match self {
            Verb::Open | Verb::Raise => {}
            Verb::Review => {
                bring_in(&mut case, place, &["log.csv"], told)?;
                bring_in(&mut case, place, &["."], told)?;
                note(&mut case, told)?;
                concern(&mut case, "bullying", told)?;
                judge(&mut case, told)?;
            }
            Verb::Seal => seal_it(&mut case, place, told)?,
            Verb::Leave => {
                hand_over_to(&mut case, place, "stick", Encryption::None, told)?;
                hand_over_to(&mut case, place, "disc", Encryption::Aes256Zip, told)?;
                let retention: Id = "no-substance".parse()?;
                let review = Review::FromFiling;
                let request = ArchiveRequest { retention, review, hold: Hold::None, because: None };
                told(archive(&mut case, request)?.entry, "archived");
            }
            Verb::Stop => {
                concern(&mut case, "child-abuse-images", told)?;
                let (what, by, when) = (text("The network cable was pulled."), None, None);
                let isolated = Isolated { device: None, what, changes: None, by, when, alone: None };
                append(&mut case, Deed::Isolate, Body::Isolated(isolated), told)?;
                refer(&mut case, told)?;
                judge(&mut case, told)?;
                let route: Id = "police".parse()?;
                let (what, by, when) = (text("The police have taken it."), None, None);
                let acted = Acted { route: route.clone(), what, action: Action::Taken, by, when };
                append(&mut case, Deed::Act(route), Body::Acted(acted), told)?;
            }
            // Both were journaled by unlocking.
            Verb::Found => told(3, "halted"),
            Verb::Mend => {
                told(2, "attached");
                told(3, "recovered");
            }
        }
        Ok(())
    }

    /// How often it says that something was kept, if nothing fails.
    pub fn keeps(self) -> usize {
        match self {
            Verb::Open => 1,
            Verb::Review => 6,
            Verb::Seal => 3,
            Verb::Leave => 4,
            Verb::Stop => 6,
            Verb::Raise => 0,
            Verb::Found => 2,
            Verb::Mend => 3,
        }
    }
}

type Told<'a> = &'a mut dyn FnMut(u64, &str);
type Done = Result<(), Box<dyn Error>>;

fn append(case: &mut Unlocked<'_>, deed: Deed, body: Body, told: Told<'_>) -> Done {
    let kind = body.kind();
    let permit = case.permit(deed)?;
    told(case.append(permit, body)?, kind);
    Ok(())
}

fn bring_in(case: &mut Unlocked<'_>, place: &Path, names: &[&str], told: Told<'_>) -> Done {
    let paths: Vec<PathBuf> = names.iter().map(|name| place.join("drawer").join(name)).collect();
    let description = text("A log");
    let brought =
        attach(case, AttachRequest { paths: &paths, producer: Side::A, description: &description })?;
    brought.entries.iter().for_each(|number| told(*number, "attached"));
    Ok(())
}

fn note(case: &mut Unlocked<'_>, told: Told<'_>) -> Done {
    append(case, Deed::Note, Body::Noted(Noted { text: text("a note") }), told)
}

fn judge(case: &mut Unlocked<'_>, told: Told<'_>) -> Done {
    let judged = Judged { substance: true, because: text("Seen.") };
    append(case, Deed::Judge, Body::Judged(judged), told)
}

fn concern(case: &mut Unlocked<'_>, id: &str, told: Told<'_>) -> Done {
    let category = category(id);
    let permit = case.permit(Deed::Concern(category.id.clone()))?;
    let at = At::Url(Seen::of("http://example.com/"));
    let number = case.concern(permit, Concern { at, category, description: text("Names.") })?;
    told(number, "concern");
    Ok(())
}

fn refer(case: &mut Unlocked<'_>, told: Told<'_>) -> Done {
    let route: Id = "police-101".parse()?;
    let referred = Referred {
        route: route.clone(),
        to: line("Police"),
        by: None,
        contact: None,
        when: None,
        reference: None,
        advice: None,
        computer: None,
        answer: None,
        alone: None,
    };
    append(case, Deed::Refer(route), Body::Referred(referred), told)
}

fn seal_it(case: &mut Unlocked<'_>, place: &Path, told: Told<'_>) -> Done {
    let fonts = Fonts::built_in();
    let form = make_form(case, &FormRequest { fonts: &fonts, out: None })?;
    told(form.entry, "form-made");
    let out = place.join("out");
    let threads = NonZeroUsize::MIN;
    let sealed = seal(case, &SealRequest { out: &out, fonts: &fonts, threads, watch: &unwatched })?;
    told(sealed.entry, "sealed");
    println!("made {}", sealed.bundle.display());
    println!("made {}", sealed.form.display());
    Ok(())
}

fn hand_over_to(
    case: &mut Unlocked<'_>,
    place: &Path,
    to: &str,
    encryption: Encryption,
    told: Told<'_>,
) -> Done {
    let to = place.join(to);
    fs::create_dir_all(&to)?;
    let words = CopyPassphrase::drawn("river stone candy lamp oyster velvet").ok_or("six words")?;
    let request = HandOverRequest {
        seal: None,
        sources: &[place.join("out")],
        to: &to,
        lock: (encryption == Encryption::Aes256Zip).then_some(&words),
        sheets: None,
        receiver: Receiver {
            to: name("DC 1234 Nowak"),
            organisation: line("Example Police"),
            role: name("Digital forensics officer"),
            when: None,
            how: line("By hand"),
            medium: line("USB stick"),
        },
        fonts: &Fonts::built_in(),
        threads: NonZeroUsize::MIN,
        watch: &unwatched,
    };
    let copy = hand_over(case, &request)?;
    told(copy.entry, "handed-over");
    println!("made {}", copy.path.display());
    Ok(())
}

fn stop_for(category: &str) -> Halt {
    Halt { category: Some(category.to_owned()), by: Some(Side::B), ..Halt::default() }
}

fn category(id: &str) -> Category {
    world::pack().category(id).expect("is in the pack").recorded()
}

/// The same key behind the same passphrase and one round in place of sixteen,
/// so that a run is its system calls and not the guessing that a thief is
/// made to do. Opening a case locks its keys as it always does.
pub fn lock_lightly(path: &Path, passphrase: &Passphrase) {
    let words = passphrase.reveal();
    let locked = fs::read_to_string(path).expect("reads");
    let key = PrivateKey::from_openssh(&locked).expect("a key").decrypt(words).expect("opens");
    let kdf = Kdf::Bcrypt { salt: vec![7; 16], rounds: 1 };
    let locked = key.encrypt_with(Cipher::Aes256Ctr, kdf, 7, words).expect("locks");
    let locked = locked.to_openssh(LineEnding::LF).expect("is written").to_string();
    countersign_case::secret::SecretKey::unlock(&locked, passphrase).expect("opens as it did");
    fs::write(path, locked).expect("writes");
}
