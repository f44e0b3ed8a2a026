//! What is to be brought in, looked at where it lies.
//!
//! Each step of a path is opened from the one before ([`Folder`]), when it is
//! looked at and again when it is read: no link is followed, and nothing that
//! took another's place meanwhile is taken for it. It reads no file.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::CaptureError;
use super::attach::{StagedFile, leave_out};
use crate::case::{Contents, Kept, Watch};
use crate::durable::At;
use crate::held_folder::{Folder, Kind, Look};
use countersign_record::journal::{LeftOut, Seen};
use countersign_record::regular_file::{Identity, NotRegular};

/// A file to be read.
pub(super) struct Source {
    /// As people know it.
    pub(super) path: PathBuf,
    /// Whether it was named itself, and is not of a folder that was.
    pub(super) is_named: bool,
    /// Its name, from the folder on that was named.
    pub(super) name: Seen,
    /// What it was when it was looked at.
    pub(super) look: Look,
    folder: Rc<Step>,
    own_name: OsString,
}

/// A folder on the way to a file.
struct Step {
    above: Above,
    identity: Identity,
}

enum Above {
    /// This is where the way begins; the folder is held as long.
    Held(Folder),
    /// A folder in that one, by its name.
    In(Rc<Step>, OsString),
}

/// Opens files one after the other; those of one folder without going there
/// again.
#[derive(Default)]
pub(super) struct Opener {
    last: Option<(Rc<Step>, Folder)>,
}

impl Source {
    /// A file that somebody, or the program itself, named.
    fn named(path: &Path, name: Seen) -> io::Result<Source> {
        let (folder, own_name) = Folder::above(path)?;
        let look = folder.look(&own_name)?;
        let identity = folder.identity()?;
        let folder = Rc::new(Step { above: Above::Held(folder), identity });
        Ok(Source { path: path.to_owned(), is_named: true, name, look, folder, own_name })
    }

    /// What its name stands for now.
    pub(super) fn look_again(&self, opener: &mut Opener) -> io::Result<Look> {
        opener.in_folder(&self.folder, |folder| folder.look(&self.own_name))
    }

    pub(super) fn open(&self, opener: &mut Opener) -> io::Result<File> {
        opener.in_folder(&self.folder, |folder| folder.file(&self.own_name))
    }
}

impl Opener {
    fn in_folder<T>(
        &mut self,
        step: &Rc<Step>,
        work: impl FnOnce(&Folder) -> io::Result<T>,
    ) -> io::Result<T> {
        if let Above::Held(folder) = &step.above {
            return work(folder);
        }
        if let Some((last, folder)) = &self.last
            && Rc::ptr_eq(last, step)
        {
            return work(folder);
        }
        let folder = opened(step)?;
        let done = work(&folder);
        self.last = Some((Rc::clone(step), folder));
        done
    }
}

/// The folder of a step, opened again from where its way begins. It MUST be
/// the one that was looked at.
fn opened(step: &Rc<Step>) -> io::Result<Folder> {
    let mut way = Vec::new();
    let mut at = step;
    while let Above::In(above, name) = &at.above {
        way.push((name, at.identity));
        at = above;
    }
    let mut folder: Option<Folder> = None;
    for (name, identity) in way.into_iter().rev() {
        let next = match (&folder, &at.above) {
            (Some(folder), _) | (None, Above::Held(folder)) => folder.folder(name)?,
            (None, Above::In(..)) => return Err(ErrorKind::NotFound.into()),
        };
        if next.identity()? != identity {
            return Err(io::Error::other(Exchanged));
        }
        folder = Some(next);
    }
    folder.ok_or_else(|| ErrorKind::NotFound.into())
}

/// Another folder has the name of one that was looked at.
#[derive(Debug, thiserror::Error)]
#[error("lies in a folder that was exchanged meanwhile")]
struct Exchanged;

/// Everything that was named, files and what is in folders.
///
/// Nothing of a home is among it: `contents` tells what is this one's. A stop
/// ends it: a folder on a share can be long.
pub(super) fn find(
    paths: &[PathBuf],
    contents: &Contents,
    watch: &Watch,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<Source>, CaptureError> {
    let mut found = Vec::new();
    for path in paths {
        is_nobody_s_case(path, contents)?;
        let refused = |because: &str| CaptureError::File { path: path.clone(), because: because.to_owned() };
        let name = Seen::of_name(path.file_name().unwrap_or(path.as_os_str()));
        // A path such as `..` has no name of its own, and is a folder.
        let named = match path.file_name() {
            Some(_) => Some(Source::named(path, name).at(path)?),
            None => None,
        };
        match named {
            // A second name of a file of the home, wherever it lies.
            Some(source) if contents.holds(source.look.identity) => {
                return Err(CaptureError::OfHome(path.clone()));
            }
            Some(source) if source.look.kind == Kind::File => found.push(source),
            Some(source) if source.look.kind == Kind::Link => {
                return Err(refused("is a link; name the file that it leads to"));
            }
            Some(source) if source.look.kind == Kind::Special => {
                return Err(refused("is neither a file nor a folder"));
            }
            Some(source) => {
                let folder = opened_in(&source.folder, &source.own_name).at(path)?;
                walk(path, folder, (contents, watch), &mut found, left_out)?;
            }
            None => walk(path, Folder::open(path).at(path)?, (contents, watch), &mut found, left_out)?,
        }
        if found.len() > MOST_FILES {
            return Err(refused("brings in more than 10,000 files; bring in what matters, or pack it first"));
        }
    }
    Ok(found)
}

/// Refuses what lies in this home, or in a case's folder, a bundle or a home of
/// anybody's: their keys and locks are no evidence, and what one case withholds
/// lies there.
fn is_nobody_s_case(path: &Path, contents: &Contents) -> Result<(), CaptureError> {
    for folder in path.canonicalize().at(path)?.ancestors() {
        if Identity::of_path(folder).is_ok_and(|identity| contents.holds(identity)) {
            return Err(CaptureError::OfHome(path.to_owned()));
        }
        if let Some(kept) = Kept::recognised(folder) {
            return Err(CaptureError::OfCases { path: path.to_owned(), folder: folder.to_owned(), kept });
        }
    }
    Ok(())
}

/// The same for files that came another way, by the places that they had.
pub(super) fn no_case_among(staged: &[StagedFile<'_>]) -> Result<(), CaptureError> {
    let names: BTreeSet<&str> = staged.iter().map(|file| file.name).collect();
    for name in &names {
        // The first entry, as it lies in a case's folder and in a bundle.
        if let Some(folder) =
            name.strip_suffix(FIRST_ENTRY).filter(|top| top.is_empty() || top.ends_with('/'))
        {
            let is_bundle = names.contains(format!("{folder}bagit.txt").as_str());
            let kept = if is_bundle { Kept::Bundle } else { Kept::Case };
            return Err(CaptureError::OfCases { path: (*name).into(), folder: folder.into(), kept });
        }
    }
    Ok(())
}

const FIRST_ENTRY: &str = "data/journal/000001.json";

/// A file that the program itself holds.
pub(super) fn staged(path: &Path, name: &str) -> Result<Source, CaptureError> {
    let held = Source::named(path, Seen::of_path(Path::new(name))).at(path)?;
    // Where it lies meanwhile is nobody's business.
    Ok(Source { path: name.into(), ..held })
}

fn opened_in(step: &Step, name: &OsStr) -> io::Result<Folder> {
    match &step.above {
        Above::Held(folder) => folder.folder(name),
        Above::In(..) => Err(ErrorKind::NotFound.into()),
    }
}

/// A folder that is being walked.
struct Open {
    step: Rc<Step>,
    folder: Option<Folder>,
    path: PathBuf,
    /// From the folder on that was named.
    within: PathBuf,
    names: std::vec::IntoIter<OsString>,
}

impl Open {
    fn begin(step: Rc<Step>, folder: Option<Folder>, path: PathBuf, within: PathBuf) -> io::Result<Open> {
        let mut open = Open { step, folder, path, within, names: Vec::new().into_iter() };
        open.names = open.folder()?.names()?.into_iter();
        Ok(open)
    }

    fn folder(&self) -> io::Result<&Folder> {
        match (&self.folder, &self.step.above) {
            (Some(folder), _) | (None, Above::Held(folder)) => Ok(folder),
            (None, Above::In(..)) => Err(ErrorKind::NotFound.into()),
        }
    }
}

fn walk(
    path: &Path,
    folder: Folder,
    (contents, watch): (&Contents, &Watch),
    found: &mut Vec<Source>,
    left_out: &mut Vec<LeftOut>,
) -> Result<(), CaptureError> {
    let top = PathBuf::from(path.file_name().unwrap_or_default());
    let identity = folder.identity().at(path)?;
    let step = Rc::new(Step { above: Above::Held(folder), identity });
    let mut way = vec![Open::begin(step, None, path.to_owned(), top).at(path)?];
    let mut looked = Instant::now();
    while let (depth, Some(open)) = (way.len(), way.last_mut()) {
        if looked.elapsed() > LOOK_FOR_A_STOP {
            if watch.is_halted() {
                return Err(CaptureError::Halted);
            }
            looked = Instant::now();
        }
        let Some(own_name) = open.names.next() else {
            way.pop();
            continue;
        };
        let path = open.path.join(&own_name);
        let within = open.within.join(&own_name);
        let name = Seen::of_path(&within);
        let look = match open.folder().and_then(|folder| folder.look(&own_name)) {
            Ok(look) => look,
            Err(_) => {
                left_out.push(leave_out(&name, "could not be read"));
                continue;
            }
        };
        if contents.holds(look.identity) {
            left_out.push(leave_out(&name, "lies where Countersign keeps the cases"));
            continue;
        }
        match look.kind {
            Kind::Folder if Kept::recognised(&path).is_some() => {
                left_out.push(leave_out(&name, "is a folder of cases, or an unpacked bundle"));
            }
            Kind::File => {
                let folder = Rc::clone(&open.step);
                found.push(Source { path, is_named: false, name, look, folder, own_name });
                if found.len() > MOST_FILES {
                    return Ok(());
                }
            }
            Kind::Link => left_out.push(leave_out(&name, "is a link")),
            Kind::Special => left_out.push(leave_out(&name, "is not a file")),
            Kind::Folder if depth == DEEPEST => left_out.push(leave_out(&name, "lies too deep")),
            Kind::Folder => match below(open, &own_name, look, path, within) {
                Ok(below) => way.push(below),
                Err(error) if NotRegular::of(&error).is_some() => {
                    left_out.push(leave_out(&name, "is a link"));
                }
                Err(_) => left_out.push(leave_out(&name, "could not be read")),
            },
        }
    }
    Ok(())
}

fn below(open: &Open, own_name: &OsStr, look: Look, path: PathBuf, within: PathBuf) -> io::Result<Open> {
    let folder = open.folder()?.folder(own_name)?;
    let identity = folder.identity()?;
    if identity != look.identity {
        return Err(io::Error::other(Exchanged));
    }
    let above = Above::In(Rc::clone(&open.step), own_name.to_owned());
    Open::begin(Rc::new(Step { above, identity }), Some(folder), path, within)
}

const MOST_FILES: usize = 10_000;

/// Between two looks whether the case was stopped.
const LOOK_FOR_A_STOP: Duration = Duration::from_millis(100);

/// Folders in folders: each of them is held open while it is walked.
const DEEPEST: usize = 200;
