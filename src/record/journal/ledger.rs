//! What follows from a journal's entries: the case as it stands.

mod current;
mod irregular;

use std::collections::{BTreeMap, BTreeSet};

use super::body::{Attached, Body, Exhibit, Halted, Opened, Recording, Response, Sealed, Unbundled};
use super::entry::Entry;
use super::facts::{CaseId, Extension, File, Side};
use super::names::is_one_name;
use super::people::People;
use crate::digest::Digest;

pub use current::{Annotated, CorrectedValue, Current};
pub use irregular::{Irregular, What};

/// The case as its entries make it.
///
/// It holds every entry, and answers questions about them. It refuses what no
/// case can say ([`Irregular`]), whoever signed it; what the procedure allows
/// beyond that is not its business.
#[derive(Debug, Clone)]
pub struct Ledger {
    entries: Vec<Entry>,
    opened: Opened,
    halted_at: Option<u64>,
    withheld_at: Option<u64>,
    /// The places of the halts and of the last seal among the entries: asked
    /// for at each append, however long the record is.
    halts: Vec<usize>,
    sealed: Option<usize>,
    exhibits: BTreeMap<String, u64>,
    numbers: [u32; 2],
    seals: u32,
    files: BTreeMap<(Digest, Extension), (File, u64)>,
    /// What was corrected, by the entry that it was corrected in.
    amended: BTreeMap<u64, current::Amended>,
}

impl Ledger {
    /// Begins with entry 1.
    pub fn begin(first: Entry) -> Result<Ledger, Irregular> {
        let Body::Opened(opened) = &first.body else {
            return Err(Irregular { entry: 1, what: What::NotOpened });
        };
        if opened.first.public_key == opened.second.public_key {
            return Err(Irregular { entry: 1, what: What::OneKey });
        }
        if is_one_name(opened.first.initials.as_str(), opened.second.initials.as_str()) {
            return Err(Irregular { entry: 1, what: What::OneSetOfInitials });
        }
        People::of(opened).check().map_err(|people| Irregular { entry: 1, what: What::People(people) })?;
        let opened = (**opened).clone();
        let files = BTreeMap::from([(place(&opened.pack.file), (opened.pack.file.clone(), 1))]);
        Ok(Ledger {
            entries: vec![first],
            opened,
            halted_at: None,
            withheld_at: None,
            halts: Vec::new(),
            sealed: None,
            exhibits: BTreeMap::new(),
            numbers: [0; 2],
            seals: 0,
            files,
            amended: BTreeMap::new(),
        })
    }

    /// Whether a case can say this next.
    pub fn check(&self, next: &Entry) -> Result<(), Irregular> {
        let number = self.head() + 1;
        let what = match &next.body {
            body if body.is_recording() && self.restraint() != Restraint::None => What::RecordingAfterHalt,
            Body::Recording(Recording::BeforeStop { .. }) if self.restraint() == Restraint::None => {
                What::BeforeNoStop
            }
            Body::Opened(_) => What::OpenedAgain,
            Body::Kept(kept) if !self.is_next(&kept.exhibit) => What::ExhibitNumber,
            Body::Attached(attached) if !self.is_next_part(attached) => What::ExhibitNumber,
            Body::Corrected(corrected) => match self.wrong_correction(corrected) {
                Some(what) => what,
                None => return Ok(()),
            },
            Body::Sealed(sealed) if sealed.seal != self.seals + 1 || !self.ends_at(sealed.entries) => {
                What::SealNumber
            }
            Body::Unbundled(gone) if gone.seal == 0 || gone.seal > self.seals => What::NoSuchSeal,
            Body::Unbundled(gone) if self.unbundled(gone.seal).is_some() => What::UnbundledAgain,
            _ => return Ok(()),
        };
        Err(Irregular { entry: number, what })
    }

    /// Takes the next entry.
    pub fn push(&mut self, next: Entry) -> Result<(), Irregular> {
        self.check(&next)?;
        let number = self.head() + 1;
        match &next.body {
            Body::Kept(kept) => self.exhibit(&kept.exhibit, number),
            Body::Attached(attached) => self.exhibit(&attached.exhibit, number),
            Body::Halted(halted) => {
                self.halt(halted.response(), number);
                self.halts.push(self.entries.len());
            }
            Body::Concern(concern) => self.halt(concern.category.response, number),
            Body::Corrected(corrected) => self.correct(corrected, number),
            Body::Sealed(sealed) => {
                self.seals = sealed.seal;
                self.sealed = Some(self.entries.len());
            }
            _ => {}
        }
        for file in next.body.files() {
            // The first entry that names a file decides when it came in.
            self.files.entry(place(file)).or_insert_with(|| (file.clone(), number));
        }
        self.entries.push(next);
        Ok(())
    }

    /// Whether `entry` is the last, but for what the program itself had to say
    /// since.
    fn ends_at(&self, entry: u64) -> bool {
        let after = usize::try_from(entry).ok().and_then(|entry| self.entries.get(entry..));
        after.is_some_and(|after| after.iter().all(|entry| matches!(entry.body, Body::ClockJumped(_))))
    }

    fn is_next(&self, exhibit: &Exhibit) -> bool {
        *exhibit == self.next_exhibit(exhibit.producer)
    }

    fn is_next_part(&self, attached: &Attached) -> bool {
        if attached.part.number == 1 {
            return self.is_next(&attached.exhibit);
        }
        // The parts of one exhibit follow each other, but for a clock that
        // jumped in between: whatever else comes, they broke off.
        let own = |body: &Body| matches!(body, Body::ClockJumped(_));
        let before = self.entries.iter().rev().find(|entry| !own(&entry.body));
        matches!(before.map(|entry| &entry.body), Some(Body::Attached(before))
            if before.exhibit == attached.exhibit
                && before.part.of == attached.part.of
                && before.part.files == attached.part.files
                && before.part.number + 1 == attached.part.number)
    }

    fn exhibit(&mut self, exhibit: &Exhibit, number: u64) {
        self.numbers[exhibit.producer as usize] = exhibit.number;
        self.exhibits.entry(exhibit.label.as_str().to_owned()).or_insert(number);
    }

    fn halt(&mut self, response: Response, number: u64) {
        if response >= Response::Police {
            self.halted_at.get_or_insert(number);
        }
        if response == Response::StopAndWithhold {
            self.withheld_at = Some(number);
        }
    }

    /// The case.
    pub fn case(&self) -> CaseId {
        self.entries[0].case
    }

    /// Entry 1's words, with their corrections. How to say those:
    /// [`Ledger::current`].
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The number of the last entry.
    pub fn head(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Every entry, in order, as it was signed.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last entry.
    pub fn last(&self) -> &Entry {
        self.entries.last().unwrap_or(&self.entries[0])
    }

    /// Every halt as it stands now, with its entry.
    pub fn halts(&self) -> impl Iterator<Item = (&Entry, &Halted)> {
        self.halts.iter().filter_map(|&place| {
            let entry = &self.entries[place];
            match self.now(entry).body() {
                Body::Halted(halted) => Some((entry, halted)),
                _ => None,
            }
        })
    }

    /// The last seal, with its entry.
    pub fn last_seal(&self) -> Option<(&Entry, &Sealed)> {
        match &self.entries[self.sealed?] {
            entry @ Entry { body: Body::Sealed(sealed), .. } => Some((entry, sealed)),
            _ => None,
        }
    }

    /// Every seal, with its entry, in order.
    pub fn seals(&self) -> impl Iterator<Item = (&Entry, &Sealed)> {
        self.entries.iter().filter_map(|entry| match &entry.body {
            Body::Sealed(sealed) => Some((entry, sealed)),
            _ => None,
        })
    }

    /// Why a seal has no bundle, where an entry says so.
    pub fn unbundled(&self, seal: u32) -> Option<&Unbundled> {
        self.entries.iter().find_map(|entry| match &entry.body {
            Body::Unbundled(gone) if gone.seal == seal => Some(gone),
            _ => None,
        })
    }

    /// Whether and how the case is stopped, as far as the entries say. The
    /// gate's yes stops it in entry 1.
    pub fn restraint(&self) -> Restraint {
        if self.withheld_at.is_some() {
            Restraint::Withhold
        } else if self.halted_at.is_some() {
            Restraint::Police
        } else if self.opened.suspected_illegal {
            // What is suspected has not been said yet: the strictest holds.
            Restraint::Withhold
        } else {
            Restraint::None
        }
    }

    /// The entry that stopped the case first, if one did.
    pub fn halted_at(&self) -> Option<u64> {
        self.opened.suspected_illegal.then_some(1).or(self.halted_at)
    }

    /// The exhibit that `producer` would produce next.
    pub fn next_exhibit(&self, producer: Side) -> Exhibit {
        let number = self.numbers[producer as usize] + 1;
        let initials = &self.opened.reviewer(producer).initials;
        let label = format!("{initials}/{number}");
        // Initials are a few letters, so this always fits.
        let label = super::Line::typed(&label).unwrap_or_else(|_| initials.clone().into());
        Exhibit { producer, number, label }
    }

    /// The entry that produced the exhibit with this label.
    pub fn exhibit_entry(&self, label: &str) -> Option<&Entry> {
        let number = *self.exhibits.get(label)?;
        self.entries.get(usize::try_from(number).ok()? - 1)
    }

    /// How many files a bundle of the case has when it is sealed as it stands,
    /// without those beside the payload.
    pub fn members(&self) -> u64 {
        3 * self.head() + self.files.len() as u64
    }

    /// Every file that the entries name, with the first entry that does.
    pub fn files(&self) -> impl Iterator<Item = (&File, u64)> {
        self.files.values().map(|(file, entry)| (file, *entry))
    }

    /// Whether `name` is that of a file in `files/` which an entry names.
    pub fn names_file(&self, name: &str) -> bool {
        let Some((digest, extension)) = name.split_once('.') else { return false };
        match (digest.parse(), extension.parse()) {
            (Ok(digest), Ok(extension)) => self.files.contains_key(&(digest, extension)),
            _ => false,
        }
    }

    /// The entry from which on what was captured before is withheld, if it is.
    /// `raised` tells of a halt that no entry knows yet.
    pub fn withheld_since(&self, raised: Restraint) -> Option<u64> {
        match (self.restraint().max(raised), raised) {
            // Nobody has journaled it yet: it stands after the last entry.
            (Restraint::Withhold, Restraint::Withhold) => Some(self.head() + 1),
            (Restraint::Withhold, _) => Some(self.withheld_at.unwrap_or(2)),
            _ => None,
        }
    }

    /// **The one allow-list**: which files may be shown, copied, printed or
    /// exported. Everything that leaves a case MUST have been asked for here.
    ///
    /// After a stop-and-withhold, nothing that was captured and no form that
    /// was made before it. `raised` tells of a halt that no entry knows yet.
    pub fn released(&self, raised: Restraint) -> Released {
        let restraint = self.restraint().max(raised);
        let before = self.withheld_since(raised);
        let held = |file: &File, entry: u64| {
            before.is_some_and(|halt| file.is_captured() || (file.role == super::Role::Form && entry < halt))
        };
        let (mut files, mut withheld) = (BTreeSet::new(), Vec::new());
        for (file, entry) in self.files() {
            if held(file, entry) {
                withheld.push(Withheld { file: file.clone(), entry });
            } else {
                files.insert(place(file));
            }
        }
        // The same bytes under another name stay behind with the first.
        files.retain(|(digest, _)| withheld.iter().all(|w| w.file.sha256 != *digest));
        Released { files, withheld, restraint }
    }
}

fn place(file: &File) -> (Digest, Extension) {
    (file.sha256, file.extension.clone())
}

/// How far a case is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Restraint {
    /// It is not.
    None,
    /// Nothing more is recorded; what there is goes to the police.
    Police,
    /// Nothing more is recorded, and nothing captured may leave.
    Withhold,
}

/// What may leave a case, and what may not. Only [`Ledger::released`] makes
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    files: BTreeSet<(Digest, Extension)>,
    withheld: Vec<Withheld>,
    restraint: Restraint,
}

impl Released {
    /// Whether this file of the case may leave.
    pub fn allows(&self, file: &File) -> bool {
        self.files.contains(&place(file))
    }

    /// What stays where it is.
    pub fn withheld(&self) -> &[Withheld] {
        &self.withheld
    }

    /// Whether pictures may be shown or printed at all.
    pub fn pictures(&self) -> bool {
        self.restraint != Restraint::Withhold
    }

    /// How far the case is stopped, with what was raised.
    pub fn restraint(&self) -> Restraint {
        self.restraint
    }
}

/// A file that stays where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// The file.
    pub file: File,
    /// The entry that brought it in.
    pub entry: u64,
}
