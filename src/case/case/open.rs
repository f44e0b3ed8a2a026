//! Opening a case: its folder, its keys and its first entry, or nothing at
//! all.

use std::path::PathBuf;
use std::sync::Arc;

use super::folder::{Folder, Home};
use super::head::Head;
use super::mark::Halt;
use super::read::Reading;
use super::unfinished::Unfinished;
use super::unlock::lock;
use super::unlocked::Unlocked;
use super::withheld::is_stopped;
use super::{CaseError, Surroundings, halt};
use crate::durable::{Disk, DiskError};
use crate::procedure::{OpeningPermit, Pack, may_open};
use crate::secret::{Passphrase, SecretKey};
use countersign_record::journal::names::is_one_name;
use countersign_record::journal::{
    Body, CaseId, Computer, Concerns, Confirmation, Entry, File, Halted, Line, Moment, Name, Opened,
    PackName, People, Reference, Reviewer, Role, SessionId, Side, SignedEntry, Standing, Text,
};
use countersign_record::signature::{self, Namespace};

/// What two people say when they open a case.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// Real or practice.
    pub standing: Standing,
    /// The earlier case that this one follows.
    pub follows: Option<Reference>,
    /// The gate's yes, as the halt that it is.
    pub suspected_illegal: Option<Halted>,
    /// The group or school.
    pub group: Option<Line>,
    /// The reason for the investigation.
    pub reason: Text,
    /// Who reported it.
    pub reported_by: Text,
    /// Who is concerned.
    pub concerns: Concerns,
    /// The school's own reference for that person.
    pub subject: Name,
    /// Where the key to that reference is kept.
    pub subject_key: Option<Line>,
    /// The two reviewing persons.
    pub reviewers: [NewReviewer; 2],
    /// Whether they are two people of one name, and said so.
    pub namesakes: bool,
    /// The designated computer.
    pub computer: Computer,
    /// The ids of what both confirmed.
    pub confirmed: Vec<countersign_record::journal::Id>,
    /// Filtering lifted for the review, and until when.
    pub filter_exemptions: Option<Text>,
}

impl NewCase {
    /// Its three people.
    pub fn people(&self) -> People<'_> {
        People {
            names: [self.reviewers[0].name.as_str(), self.reviewers[1].name.as_str()],
            namesakes: self.namesakes,
            concerns: self.concerns,
            subject: self.subject.as_str(),
        }
    }
}

/// A reviewing person who has no key yet.
#[derive(Debug, Clone)]
pub struct NewReviewer {
    /// Name.
    pub name: Name,
    /// Position.
    pub position: Name,
}

/// Opens a case and gives it unlocked.
///
/// The folder gets its name when entry 1 is durable in it, and from then on
/// there is a case, whatever fails after it. What opens it MUST be kept unless
/// it is certain that there is none.
///
/// # Errors
/// There is no case, and the reference that was reserved stays unused; but
/// with [`CaseError::OpenedOnly`] there is one, and with
/// [`CaseError::MayBeOpen`] there may be.
pub fn open<'a>(
    home: &Home,
    new: NewCase,
    pack: &Pack,
    passphrases: [&Passphrase; 2],
    around: Surroundings<'a>,
) -> Result<Unlocked<'a>, CaseError> {
    if passphrases[0] == passphrases[1] {
        return Err(CaseError::SamePassphrase);
    }
    home.check_private()?;
    let keys = [
        SecretKey::generate(around.random).map_err(CaseError::Random)?,
        SecretKey::generate(around.random).map_err(CaseError::Random)?,
    ];
    let disk = Disk::new();
    disk.folder(&home.cases())?;
    disk.folder(&home.heads())?;
    let case = CaseId::generate(around.random).map_err(CaseError::Random)?;
    let halted = new.suspected_illegal.clone();
    // Asked before anything is laid out: a refused case takes no reference.
    let confirmations = may_open(pack, new.people(), &new.confirmed)?;
    let folder = reserve(home, &disk, case, around)?;
    let reference = folder.reference();
    let follows_stopped = new.follows.is_some_and(|earlier| is_stopped(home, earlier));
    let opened = opened(new, follows_stopped, pack, &keys, confirmations, reference, around);
    let permit = OpeningPermit::ask(pack, opened)?;
    let build = folder.moved_to(home.cases().join(format!(".new-{reference}-{case}")));
    let laid_out = lay_out(&disk, &build, &keys, passphrases, pack, around)
        .and_then(|()| first_entry(&disk, &build, case, permit, &keys, around));
    if let Err(error) = laid_out {
        // Nobody was told of a case. What cannot be removed is never listed.
        let _ = std::fs::remove_dir_all(build.path());
        return Err(error);
    }
    give_its_name(&disk, &build, &folder)?;
    // The note outside comes with the first unlocking, as after a crash: noted
    // before the folder had its name, it would speak of a case that is gone.
    let begun = lock(&folder).and_then(|lock| {
        let reading = Reading::of_folder(folder.clone())?;
        Unlocked::begin(reading, keys, lock, around)
    });
    match (begun, halted) {
        (Ok(mut unlocked), Some(halted)) => {
            unlocked.stop_at_the_gate(halted);
            Ok(unlocked)
        }
        (Ok(unlocked), None) => Ok(unlocked),
        (Err(error), halted) => {
            if let Some(halted) = halted {
                // Entry 1 stops the case. What was said of it waits in a mark.
                let _ = halt::raise(&folder, Halt::at_the_gate(&halted), around.clock);
            }
            Err(CaseError::OpenedOnly { reference, error: Box::new(error) })
        }
    }
}

/// The moment at which there is a case.
fn give_its_name(disk: &Disk, build: &Folder, folder: &Folder) -> Result<(), CaseError> {
    let reference = folder.reference();
    match disk.rename_new(build.path(), folder.path()) {
        Ok(()) => Ok(()),
        // Certainly not: it lies there as it did before.
        Err(error) if matches!(build.path().try_exists(), Ok(true)) => {
            let _ = std::fs::remove_dir_all(build.path());
            Err(error.into())
        }
        Err(error) => Err(CaseError::MayBeOpen { reference, error }),
    }
}

impl Unlocked<'_> {
    /// The halt of a case whose gate was answered with yes. Entry 1 stops the
    /// case already: where there is no room for this entry, what was said waits
    /// in a mark for the next unlocking.
    fn stop_at_the_gate(&mut self, halted: Halted) {
        let error = match self.write(Body::Halted(halted.clone())) {
            Ok(_) => return,
            Err(error) => error,
        };
        let waits = match &error {
            // It may be on record: a mark would be a second halt.
            CaseError::Uncertain { .. } => false,
            _ => {
                let clock = self.around.clock;
                halt::raise(self.folder(), Halt::at_the_gate(&halted), clock).is_ok()
            }
        };
        if !waits {
            self.leave_unfinished(Unfinished::Gate { error: Arc::new(error) });
        }
    }
}

/// Takes the next free reference of the year, exclusively, by its head file.
fn reserve(home: &Home, disk: &Disk, case: CaseId, around: Surroundings<'_>) -> Result<Folder, CaseError> {
    let year = around.clock.now().year();
    let taken = home.taken()?;
    let last = taken.iter().filter(|r| r.year() == year).map(|r| r.number()).max().unwrap_or(0);
    for number in last + 1.. {
        let reference = Reference::new(year, number).ok_or(CaseError::Clock(year))?;
        let folder = home.case(reference);
        match disk.create_new(folder.head(), format!("{}\n", Head::first_line(case)).as_bytes()) {
            Ok(()) => return Ok(folder),
            Err(DiskError::Taken(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(CaseError::Clock(year))
}

fn lay_out(
    disk: &Disk,
    folder: &Folder,
    keys: &[SecretKey; 2],
    passphrases: [&Passphrase; 2],
    pack: &Pack,
    around: Surroundings<'_>,
) -> Result<(), CaseError> {
    // By a name that nobody has: what goes again on an error is of its own
    // making.
    disk.new_folder(folder.path())?;
    let folders: [PathBuf; 6] = [
        folder.draft(),
        folder.locked_keys(),
        folder.journal(),
        folder.files(),
        folder.void(),
        folder.public_keys(),
    ];
    for path in &folders {
        disk.folder(path)?;
    }
    for ((side, key), passphrase) in Side::BOTH.into_iter().zip(keys).zip(passphrases) {
        let locked = key.lock(passphrase, around.random)?;
        disk.create_new(&folder.locked_key(side), locked.as_bytes())?;
        let public = folder.public_keys().join(format!("{}.pub", side.letter()));
        disk.create_new(&public, format!("{}\n", key.public()).as_bytes())?;
    }
    disk.create_new(&folder.file(&pack_file(pack)), pack.bytes())?;
    Ok(())
}

fn pack_file(pack: &Pack) -> File {
    File {
        role: Role::Pack,
        sha256: pack.digest(),
        bytes: pack.bytes().len() as u64,
        extension: countersign_record::journal::Extension::of_name("pack.toml"),
        name: None,
    }
}

fn opened(
    new: NewCase,
    follows_stopped: bool,
    pack: &Pack,
    keys: &[SecretKey; 2],
    confirmations: Vec<Confirmation>,
    reference: Reference,
    around: Surroundings<'_>,
) -> Opened {
    let [first, second] = new.reviewers;
    let initials = both_initials(&first.name, &second.name);
    let [first, second] = [(first, 0), (second, 1)].map(|(person, i): (NewReviewer, usize)| Reviewer {
        name: person.name,
        position: person.position,
        initials: initials[i].clone(),
        public_key: keys[i].public(),
    });
    Opened {
        reference,
        standing: new.standing,
        follows: new.follows,
        follows_stopped,
        suspected_illegal: new.suspected_illegal.is_some(),
        group: new.group,
        reason: new.reason,
        reported_by: new.reported_by,
        concerns: new.concerns,
        subject: new.subject,
        subject_key: new.subject_key,
        first,
        second,
        namesakes: new.namesakes,
        computer: new.computer,
        confirmations,
        filter_exemptions: new.filter_exemptions,
        pack: PackName { id: pack.id().clone(), title: pack.title().clone(), file: pack_file(pack) },
        program: around.program.clone(),
        machine: around.machine.clone(),
    }
}

/// The initials of both, told apart where they are the same: `JS`, `JSB`.
fn both_initials(first: &Name, second: &Name) -> [Name; 2] {
    let of = |name: &Name| initials(name.as_str()).unwrap_or_else(|| name.clone());
    let (a, mut b) = (of(first), of(second));
    if is_one_name(a.as_str(), b.as_str()) {
        b = Name::typed(&format!("{b}B")).unwrap_or_else(|_| second.clone());
    }
    [a, b]
}

fn first_entry(
    disk: &Disk,
    folder: &Folder,
    case: CaseId,
    permit: OpeningPermit,
    keys: &[SecretKey; 2],
    around: Surroundings<'_>,
) -> Result<(), CaseError> {
    let session = SessionId::generate(around.random).map_err(CaseError::Random)?;
    let moment = Moment { time: around.clock.now(), session, since_start_ms: 0 };
    let entry = Entry::new(case, 1, None, moment, permit.into_body());
    let bytes = entry.to_bytes().map_err(|error| CaseError::Entry { entry: 1, error })?;
    let [sig_a, sig_b] = [0, 1].map(|i| signature::sign(&keys[i], Namespace::Journal, &bytes).into_bytes());
    let signed = SignedEntry { entry: bytes, sig_a, sig_b };
    countersign_record::journal::Chain::begin(&signed)
        .map_err(|fault| CaseError::Fault { reference: folder.reference(), fault })?;
    let [to, to_a, to_b] = folder.entry_files(1);
    disk.create_new(&to_a, &signed.sig_a)?;
    disk.create_new(&to_b, &signed.sig_b)?;
    disk.create_new(&to, &signed.entry)?;
    Ok(())
}

/// The initials of a name, for the numbers of exhibits: `JS`.
fn initials(name: &str) -> Option<Name> {
    let letters: String = name
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter_map(|word| word.chars().find(|c| c.is_alphabetic()))
        .flat_map(char::to_uppercase)
        .take(6)
        .collect();
    Name::typed(&letters).ok()
}
