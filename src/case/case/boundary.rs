//! The boundary of a home: what belongs to it, by file identity. No way out
//! leads into a home, and no way in takes a file of one.
//!
//! Identities are compared and not names: a link, a junction, a bind mount, a
//! short name or another spelling of a share leads to the same file. It reads
//! no file's content.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::folder::Home;
use crate::durable::DiskError;
use countersign_record::regular_file::Identity;

/// A place that nothing for people is written to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WayOutError {
    /// It lies in the home, or in what is mounted or linked from there.
    #[error("{} leads into the folder of the cases, {}", path.display(), home.display())]
    IntoHome {
        /// What was named.
        path: PathBuf,
        /// The home.
        home: PathBuf,
    },
    /// It lies in the folder of a case, or among the cases of another home.
    #[error("{} leads into a folder of cases, {}", path.display(), folder.display())]
    IntoCases {
        /// What was named.
        path: PathBuf,
        /// The folder that was recognised.
        folder: PathBuf,
    },
    /// It goes back up from a folder that is not there yet, so that nobody can
    /// say where it will lead.
    #[error("{} goes back from a folder that is not there", .0.display())]
    Back(PathBuf),
    /// It cannot be looked at.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl Home {
    /// **The one rule of every way out**: refuses `path`, a file or folder that
    /// something for people is to be written to, where it leads into this home
    /// or into the cases of another. It need not be there yet.
    ///
    /// Whatever is written where a person says MUST have been asked for here.
    ///
    /// # Errors
    /// [`WayOutError`].
    pub fn check_way_out(&self, path: &Path) -> Result<(), WayOutError> {
        let whole = resolved(path)?;
        let into_home = || WayOutError::IntoHome { path: path.to_owned(), home: self.path().to_owned() };
        // A home that is not there yet has no identity.
        if resolved(self.path()).is_ok_and(|home| whole.path.starts_with(home.path)) {
            return Err(into_home());
        }
        let contents = Contents::folders_of(self);
        for folder in whole.there.ancestors() {
            if Identity::of_path(folder).is_ok_and(|identity| contents.holds(identity)) {
                return Err(into_home());
            }
            if let Some(Kept::Case | Kept::Home) = Kept::recognised(folder) {
                return Err(WayOutError::IntoCases { path: path.to_owned(), folder: folder.to_owned() });
            }
        }
        Ok(())
    }
}

impl Home {
    /// Every file and folder of the home, as it is now: no way in takes one.
    pub fn contents(&self) -> Contents {
        Contents::of(self, Which::Everything)
    }
}

/// A path of which links are followed as far as it is there.
struct Resolved {
    /// What of it is there.
    there: PathBuf,
    /// All of it.
    path: PathBuf,
}

fn resolved(path: &Path) -> Result<Resolved, WayOutError> {
    let absolute = std::path::absolute(path).map_err(|error| DiskError::io(path, error))?;
    let mut there = absolute.as_path();
    loop {
        match there.canonicalize() {
            Ok(canonical) => {
                let rest = absolute.strip_prefix(there).unwrap_or(Path::new(""));
                if rest.components().any(|part| part == Component::ParentDir) {
                    return Err(WayOutError::Back(path.to_owned()));
                }
                let path = if rest.as_os_str().is_empty() { canonical.clone() } else { canonical.join(rest) };
                return Ok(Resolved { there: canonical, path });
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(DiskError::io(there, error).into()),
        }
        there = match there.parent() {
            Some(parent) => parent,
            None => return Err(DiskError::io(path, ErrorKind::NotFound.into()).into()),
        };
    }
}

/// What lies in a home, by identity.
#[derive(Debug, Default)]
pub struct Contents {
    found: HashMap<Identity, PathBuf>,
}

impl Contents {
    /// Its folders.
    fn folders_of(home: &Home) -> Contents {
        Contents::of(home, Which::Folders)
    }

    /// What cannot be listed is not in it; that it is there is.
    fn of(home: &Home, which: Which) -> Contents {
        let mut contents = Contents::default();
        contents.take(home.path(), which);
        // The home's own folders, where somebody put them on another disk.
        for own in [home.cases(), home.heads(), home.sealed()] {
            contents.take(&own, which);
        }
        contents
    }

    fn take(&mut self, folder: &Path, which: Which) {
        let mut waiting = vec![folder.to_owned()];
        while let Some(folder) = waiting.pop() {
            let Ok(identity) = Identity::of_path(&folder) else { continue };
            if self.found.insert(identity, folder.clone()).is_some() {
                continue;
            }
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let Ok(kind) = entry.file_type() else { continue };
                if kind.is_dir() {
                    waiting.push(entry.path());
                } else if kind.is_file()
                    && which == Which::Everything
                    && let Ok(identity) = Identity::of_path(&entry.path())
                {
                    self.found.insert(identity, entry.path());
                }
            }
        }
    }

    /// Whether this is one of them.
    pub fn holds(&self, identity: Identity) -> bool {
        self.found.contains_key(&identity)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Folders,
    Everything,
}

/// What a folder is by what lies in it, whosever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// A home.
    Home,
    /// The folder of one case.
    Case,
    /// A bundle, unpacked.
    Bundle,
}

impl Kept {
    /// What `folder` is, if it is one of these.
    pub fn recognised(folder: &Path) -> Option<Kept> {
        let has = |name: &str| folder.join(name).symlink_metadata().is_ok();
        if has("data/journal") && (has("draft") || has("keys") || has("lock")) {
            Some(Kept::Case)
        } else if has("data/journal") && has("bagit.txt") {
            Some(Kept::Bundle)
        } else if has("cases") && has("heads") {
            Some(Kept::Home)
        } else {
            None
        }
    }
}
