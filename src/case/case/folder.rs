//! Where everything of a case lies.

use std::path::{Path, PathBuf};

use super::boundary::WayOutError;
use super::head::Head;
use super::listing::{Listed, list, list_if_there};
use super::{CaseError, HeadFault};
use crate::durable::{At, DiskError, Names, Part, exposed};
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, File, Reference, Side, entry_name};
use countersign_record::regular_file;

/// The home folder: all cases of one computer.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// The home at `root`, which need not be there yet.
    pub fn at(root: impl Into<PathBuf>) -> Home {
        Home { root: root.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Refuses a home whose cases others than this user could change or
    /// exchange. No case is opened in one, and no guide serves it.
    ///
    /// # Errors
    /// [`CaseError::Exposed`], and [`CaseError::Disk`] where it cannot be
    /// looked at.
    pub fn check_private(&self) -> Result<(), CaseError> {
        match exposed(&self.root).map_err(|error| DiskError::io(&self.root, error))? {
            Some(exposed) => Err(exposed.into()),
            None => Ok(()),
        }
    }

    /// The folder of a case, whether it is there or not.
    pub fn case(&self, reference: Reference) -> Folder {
        Folder {
            reference,
            root: self.root.join("cases").join(reference.to_string()),
            head: self.root.join("heads").join(reference.to_string()),
        }
    }

    /// Where sealed bundles are kept.
    pub fn sealed(&self) -> PathBuf {
        self.root.join("sealed")
    }

    /// The references of all cases, in order.
    pub fn references(&self) -> Result<Vec<Reference>, DiskError> {
        references(&self.root.join("cases"))
    }

    /// The references of all cases that this computer knows of, in order: those
    /// that are there, and those of which only the note outside is left. A
    /// reference that was reserved and never became a case is none.
    pub fn known(&self) -> Result<Vec<Reference>, DiskError> {
        // Where one of the two cannot be listed, the other one tells; a note
        // that is none is a case that cannot be read.
        let (cases, heads) = match (self.references(), references(&self.heads())) {
            (Err(error), Ok(heads)) if heads.is_empty() => return Err(error),
            (Err(error), Err(_)) => return Err(error),
            (cases, heads) => (cases.unwrap_or_default(), heads.unwrap_or_default()),
        };
        let mut known = cases.clone();
        for reference in heads {
            let speaks = || Head::speaks(self.case(reference).head()).unwrap_or(true);
            if cases.binary_search(&reference).is_err() && speaks() {
                known.push(reference);
            }
        }
        known.sort();
        Ok(known)
    }

    /// Whether this computer knows of the case: its folder is there, or the
    /// note outside tells of it. What cannot be told counts as one that it
    /// knows.
    pub fn is_known(&self, reference: Reference) -> bool {
        let folder = self.case(reference);
        match std::fs::symlink_metadata(folder.path()) {
            Ok(_) => true,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Head::speaks(folder.head()).unwrap_or(true),
            Err(_) => true,
        }
    }

    /// The references that are taken: of cases, and of heads without one.
    pub(super) fn taken(&self) -> Result<Vec<Reference>, DiskError> {
        let mut taken = self.references()?;
        taken.extend(references(&self.root.join("heads"))?);
        Ok(taken)
    }

    pub(super) fn cases(&self) -> PathBuf {
        self.root.join("cases")
    }

    pub(super) fn heads(&self) -> PathBuf {
        self.root.join("heads")
    }
}

/// The folder of one case.
#[derive(Debug, Clone)]
pub struct Folder {
    reference: Reference,
    root: PathBuf,
    head: PathBuf,
}

impl Folder {
    /// The same case laid out at another place, until it has its name.
    pub(super) fn moved_to(&self, root: PathBuf) -> Folder {
        Folder { root, ..self.clone() }
    }

    /// The case's reference.
    pub fn reference(&self) -> Reference {
        self.reference
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// That the case's folder and those within are there, and are no links:
    /// what lies elsewhere is not the case.
    pub(super) fn is_there(&self, home: &Home) -> Result<(), CaseError> {
        if !regular_file::is_folder(&self.root).at(&self.root)? {
            let missing = CaseError::Missing { reference: self.reference, home: home.path().to_owned() };
            return Err(match Head::read(&self.head)? {
                // What is known of the case says nothing: it is called what
                // it is.
                Err(fault @ (HeadFault::Empty(_) | HeadFault::Unreadable(_))) => {
                    CaseError::Head { reference: self.reference, fault }
                }
                _ => missing,
            });
        }
        for within in [self.data(), self.journal(), self.files(), self.public_keys(), self.locked_keys()] {
            regular_file::is_folder(&within).at(&within)?;
        }
        Ok(())
    }

    /// The payload: what a bundle takes along.
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Where a file of the case lies.
    pub fn file(&self, file: &File) -> PathBuf {
        self.data().join(file.path())
    }

    /// Gives what was put together the name of `file` in `names`, which MUST be
    /// the folder of the case's files. What has that name already is not
    /// replaced: it has to be the same file, to the byte.
    pub fn place(&self, part: &mut Part<'_>, file: &File, names: &Names<'_>) -> Result<(), CaseError> {
        let path = self.file(file);
        match part.name_in(names, &path) {
            Err(DiskError::Taken(_)) => {
                let mut found = regular_file::open(&path).at(&path)?;
                let is_as_long = found.metadata().at(&path)?.len() == file.bytes;
                if !is_as_long || Digest::of_reader(&mut found).at(&path)? != (file.sha256, file.bytes) {
                    let what = "is not the file that its name says".to_owned();
                    return Err(CaseError::Part { path, what });
                }
                // Whoever stored it may not have come to that.
                Ok(names.settle(&path)?)
            }
            named => Ok(named?),
        }
    }

    /// Where files are put together before they have their name.
    pub fn draft(&self) -> PathBuf {
        self.root.join("draft")
    }

    /// The home that it lies in.
    pub fn home(&self) -> Option<Home> {
        Some(Home::at(self.root.parent()?.parent()?))
    }

    /// Where the bundles and sheets of its home are kept, where no other home's
    /// are.
    pub fn sealed(&self) -> Option<PathBuf> {
        Some(self.home()?.sealed())
    }

    /// Refuses `path` as a place for what is written for people: see
    /// [`Home::check_way_out`]. Where its home keeps what was sealed is its own.
    pub fn check_way_out(&self, path: &Path) -> Result<(), WayOutError> {
        match self.home() {
            Some(home) if path != home.sealed() => home.check_way_out(path),
            _ => Ok(()),
        }
    }

    pub(super) fn head(&self) -> &Path {
        &self.head
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.data().join("journal")
    }

    /// Where the files of the case lie.
    pub fn files(&self) -> PathBuf {
        self.data().join("files")
    }

    pub(super) fn void(&self) -> PathBuf {
        self.data().join("void")
    }

    pub(super) fn public_keys(&self) -> PathBuf {
        self.data().join("keys")
    }

    pub(super) fn locked_keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    pub(super) fn locked_key(&self, side: Side) -> PathBuf {
        self.locked_keys().join(side.letter())
    }

    /// The entry's file and its two signatures.
    pub(super) fn entry_files(&self, number: u64) -> [PathBuf; 3] {
        let journal = self.journal();
        let name = entry_name(number);
        [journal.join(&name), journal.join(format!("{name}.a.sig")), journal.join(format!("{name}.b.sig"))]
    }

    /// The marks of a halt that lie in the folder, in the order of their
    /// making. All that there are: one that was removed by hand hides none of
    /// the others.
    pub(super) fn halt_marks(&self) -> Result<Vec<PathBuf>, DiskError> {
        let mut marks = Vec::new();
        for Listed { name, .. } in list(&self.root)? {
            // Also where it is no text: a stop is never overlooked for that.
            if is_halt_mark(&name.to_string_lossy()) {
                marks.push((name.len(), name));
            }
        }
        marks.sort();
        Ok(marks.into_iter().map(|(_, name)| self.root.join(name)).collect())
    }

    pub(super) fn halt_mark(&self, number: usize) -> PathBuf {
        self.root.join(halt_name(number))
    }
}

/// What the entries say was put aside in `void/`.
pub(super) fn void_names(
    entries: &[countersign_record::journal::Entry],
) -> impl Iterator<Item = &countersign_record::journal::Void> {
    entries.iter().flat_map(|entry| match &entry.body {
        Body::Recovered(recovered) => recovered.void.as_slice(),
        _ => &[],
    })
}

/// Whether a name in the case's folder is that of a mark. More than the program
/// itself makes: a stop is never overlooked for its spelling.
pub(super) fn is_halt_mark(name: &str) -> bool {
    name.starts_with(HALT)
}

fn halt_name(number: usize) -> String {
    match number {
        1 => HALT.to_owned(),
        n => format!("{HALT}-{n}"),
    }
}

/// How the name of every mark of a halt begins.
const HALT: &str = "halt-raised";

fn references(folder: &Path) -> Result<Vec<Reference>, DiskError> {
    let there = list_if_there(folder)?;
    let mut references: Vec<Reference> =
        there.iter().filter_map(|there| there.name.to_str()?.parse().ok()).collect();
    references.sort();
    Ok(references)
}
