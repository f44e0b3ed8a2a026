//! Files on their way into a case: written and hashed without a name, then
//! stored under their digest.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::CaptureError;
use crate::case::{Folder, Held, HeldBytes, Unlocked, Watch, packed_digests};
use crate::durable::{Disk, Pace, Part};
use countersign_record::digest::{Digest, Hasher};
use countersign_record::journal::{Extension, File, Role, Seen};

/// Files that have no name yet. Dropped, they are gone.
pub(super) struct Drafts<'a> {
    folder: &'a Folder,
    disk: &'a Disk,
    watch: Arc<Watch>,
    parts: Vec<(Part<'a>, File)>,
    held_bytes: HeldBytes,
    /// What is packed in the pieces of a page.
    packed: Vec<(Digest, u64)>,
    held: Option<Held>,
}

/// One file that is being written.
pub(super) struct Growing<'a> {
    part: Part<'a>,
    hasher: Hasher,
    watch: Arc<Watch>,
    /// When it was last looked for a stop.
    looked: Instant,
    pace: Pace,
}

impl<'a> Drafts<'a> {
    pub(super) fn of(case: &'a Unlocked<'a>) -> Result<Drafts<'a>, CaptureError> {
        Drafts::on(case.folder(), case.disk())
    }

    /// Of a case to which entries may be added meanwhile.
    pub(super) fn on(folder: &'a Folder, disk: &'a Disk) -> Result<Drafts<'a>, CaptureError> {
        let held_bytes = held_bytes(folder)?;
        let watch = Arc::new(Watch::over(folder));
        Ok(Drafts { folder, disk, watch, parts: Vec::new(), held_bytes, packed: Vec::new(), held: None })
    }

    pub(super) fn begin(&self) -> Result<Growing<'a>, CaptureError> {
        let path = self.folder.draft().join(format!("file-{}", self.parts.len() + 1));
        Ok(Growing {
            part: self.disk.part_for_elsewhere(&path)?,
            hasher: Hasher::new(),
            watch: Arc::clone(&self.watch),
            looked: Instant::now(),
            pace: Pace::default(),
        })
    }

    /// Takes a file, unless a case of the home holds its bytes: then it is gone,
    /// and it is told why.
    pub(super) fn end(
        &mut self,
        mut growing: Growing<'a>,
        role: Role,
        extension: Extension,
        name: Option<Seen>,
    ) -> Result<Option<Held>, CaptureError> {
        // Closed now: of ten thousand files not all can be open at once.
        growing.part.settle()?;
        let (sha256, bytes) = growing.hasher.finish();
        if let Some(held) = self.of_another(self.held_bytes.holds(&sha256, bytes)) {
            return Ok(Some(held));
        }
        self.parts.push((growing.part, File { role, sha256, bytes, extension, name }));
        Ok(None)
    }

    /// A file whose bytes are at hand.
    ///
    /// It, or an answer that is packed in it, can be what a case of the home
    /// holds: see [`Drafts::held`].
    pub(super) fn add(&mut self, role: Role, extension: &str, bytes: &[u8]) -> Result<(), CaptureError> {
        self.compare(role, bytes);
        let mut growing = self.begin()?;
        growing.write(bytes)?;
        let held = self.end(growing, role, Extension::of_name(&format!(".{extension}")), None)?;
        self.held = self.held.or(held);
        Ok(())
    }

    /// Whether any case of the home withholds anything.
    pub(super) fn withholds_any(&self) -> bool {
        self.held_bytes.withholds_any()
    }

    /// Looks at a piece of a page, and whether a case of the home holds it or
    /// an answer that is packed in it. Nothing of it is stored.
    pub(super) fn compare(&mut self, role: Role, bytes: &[u8]) {
        let packed = packed_digests(role, bytes);
        self.held = self.held.or_else(|| self.of_another(held_among(&self.held_bytes, &packed)));
        self.packed.extend(packed);
    }

    /// A stop of this case withholds these very files; that it came between is
    /// told as the stop that it is.
    fn of_another(&self, held: Option<Held>) -> Option<Held> {
        held.filter(|held| *held != Held::Withheld(self.folder.reference()))
    }

    /// Why nothing of the page whose pieces these are MUST be stored, if so.
    pub(super) fn held(&self) -> Option<Held> {
        self.held
    }

    pub(super) fn bytes(&self) -> u64 {
        self.parts.iter().map(|(_, file)| file.bytes).sum()
    }

    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Makes all of them durable under their digests. A stop ends it between
    /// two: what has its name stays where it is, and the next unlocking names
    /// it; the rest is gone.
    pub(super) fn store(self) -> Result<Vec<File>, CaptureError> {
        // Asked again: another case can have been stopped meanwhile.
        let held_bytes = held_bytes(self.folder)?;
        let packed = self.of_another(held_among(&held_bytes, &self.packed));
        for (_, file) in &self.parts {
            if let Some(held) = packed.or_else(|| self.of_another(held_bytes.holds(&file.sha256, file.bytes)))
            {
                let name = file.name.as_ref().map_or_else(|| file.path(), ToString::to_string);
                return Err(CaptureError::Held { path: name.into(), held });
            }
        }
        let mut files = Vec::with_capacity(self.parts.len());
        let names = self.disk.names(&self.folder.files())?;
        for (mut part, file) in self.parts {
            if self.watch.is_halted() {
                return Err(CaptureError::Halted);
            }
            self.folder.place(&mut part, &file, &names)?;
            files.push(file);
        }
        names.sync()?;
        Ok(files)
    }
}

fn held_among(held_bytes: &HeldBytes, packed: &[(Digest, u64)]) -> Option<Held> {
    packed.iter().find_map(|(sha256, bytes)| held_bytes.holds(sha256, *bytes))
}

fn held_bytes(folder: &Folder) -> Result<HeldBytes, CaptureError> {
    Ok(folder.home().map(|home| home.held_bytes()).transpose()?.unwrap_or_default())
}

impl Growing<'_> {
    /// Adds `bytes`, unless the case was stopped.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), CaptureError> {
        for piece in bytes.chunks(PIECE) {
            if self.looked.elapsed() > LOOK_EVERY {
                if self.watch.is_halted() {
                    return Err(CaptureError::Halted);
                }
                self.looked = Instant::now();
            }
            self.hasher.update(piece);
            self.part.write(piece)?;
            // The last one then has little left to wait for, which nobody
            // can end.
            if self.pace.is_due(piece.len() as u64) {
                let began = Instant::now();
                self.part.settle_so_far()?;
                self.pace.took(began.elapsed());
            }
        }
        Ok(())
    }
}

/// Whether files of `more` bytes beside those of the case still fit into one
/// bundle.
pub(super) fn fits(case: &Unlocked<'_>, more: u64, path: &Path) -> Result<(), CaptureError> {
    let there: u64 = case.ledger().files().map(|(file, _)| file.bytes).sum();
    let bytes = there.saturating_add(more);
    if bytes > MOST_BYTES {
        return Err(CaptureError::TooMuch { path: path.to_owned(), bytes, limit: MOST_BYTES });
    }
    Ok(())
}

/// A stop ends what is being written within a quarter of a second.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Bytes that are written between two looks at the clock.
const PIECE: usize = 256 * 1024;

/// A bundle ends below 4 GiB; entries, signatures and the form need the rest.
const MOST_BYTES: u64 = countersign_record::bundle::zip::LARGEST - 256 * 1024 * 1024;
