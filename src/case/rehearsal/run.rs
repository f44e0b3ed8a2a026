//! The sample case from opening to a verified bundle, with nobody at the
//! keyboard.

use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::script::{Script, script};
use super::site::Site;
use crate::capture::{
    AttachRequest, CaptureError, KeepRequest, Network, Starter, Traffic, Without, attach, keep,
};
use crate::case::{self, CaseError, Home, Surroundings, Unlocked, WayOutError};
use crate::durable::{At, Disk, DiskError};
use crate::form::Fonts;
use crate::handover::{HandoverError, SealRequest, SealedCase, seal};
use crate::procedure::{Deed, Pack};
use crate::secret::Passphrase;
use countersign_record::bundle::{ReadError, Source, unwatched};
use countersign_record::clock::Random;
use countersign_record::journal::{At as Place, Body, Concern, Exhibit, Line, Reference, Role, Seen, Side};
use countersign_record::regular_file;
use countersign_record::verify::{Paper, Report, verify};
use countersign_record::words;

/// A rehearsal that is wanted.
pub struct Rehearsal<'a> {
    /// Where the sample case is kept.
    pub home: &'a Home,
    /// The folder that the bundle, its form and the passphrases go to.
    pub out: &'a Path,
    /// The browser, or why there is none.
    pub with: Result<Starter<'a>, Without>,
    /// What the form may be set in.
    pub fonts: &'a Fonts,
    /// How many threads may hash and copy.
    pub threads: NonZeroUsize,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The case is being opened.
    Opening,
    /// The page at this path of the sample site is being kept.
    Keeping(&'static str),
    /// A file is being brought in.
    Attaching,
    /// A concern is being described, judged and acted upon.
    Deciding,
    /// The case is being sealed.
    Sealing,
    /// The bundle is being verified.
    Verifying,
}

/// What came of a rehearsal.
#[derive(Debug)]
pub struct Outcome {
    /// The sample case.
    pub reference: Reference,
    /// The pages that were kept, in order.
    pub pages: Vec<KeptPage>,
    /// Its bundle and its form.
    pub sealed: SealedCase,
    /// The file with both passphrases, one a line.
    pub passphrases: PathBuf,
    /// What the verification found, with the root from the paper.
    pub report: Report,
}

impl Outcome {
    /// The browser that kept every page, if one did.
    pub fn browser(&self) -> Option<&Seen> {
        let all = self.pages.iter().all(|page| page.browser.is_some());
        self.pages.first().and_then(|page| page.browser.as_ref()).filter(|_| all)
    }

    /// As whom the browser ran, where not as whoever runs the program.
    pub fn account(&self) -> Option<&Seen> {
        self.pages.first().and_then(|page| page.account.as_ref())
    }

    /// Whether there is a picture of every page.
    pub fn has_pictures(&self) -> bool {
        self.pages.iter().all(|page| page.has_picture)
    }

    /// Why a page was kept without a browser, if one was.
    pub fn without(&self) -> Option<&Without> {
        self.pages.iter().find_map(|page| page.without.as_ref())
    }
}

/// A page that was kept.
#[derive(Debug)]
pub struct KeptPage {
    /// Its exhibit number.
    pub exhibit: Exhibit,
    /// The address that it ended at.
    pub url: Seen,
    /// The browser's product and version, if one was used.
    pub browser: Option<Seen>,
    /// As whom it ran, where not as whoever runs the program.
    pub account: Option<Seen>,
    /// Whether there is a picture of it.
    pub has_picture: bool,
    /// Why none was.
    pub without: Option<Without>,
}

/// Takes the sample case from opening to a verified bundle.
///
/// It works with and without a browser. On an error the case stays where it
/// stands, as a real one would.
pub fn run(
    rehearsal: &Rehearsal<'_>,
    around: Surroundings<'_>,
    progress: &dyn Fn(Step),
) -> Result<Outcome, RehearsalError> {
    let pack = Pack::built_in(PACK).ok_or(RehearsalError::Script)?;
    let script = script(&pack).ok_or(RehearsalError::Script)?;
    rehearsal.home.check_way_out(rehearsal.out)?;
    fs::create_dir_all(rehearsal.out).at(rehearsal.out)?;
    let site = Site::start(around.random).map_err(RehearsalError::Site)?;

    progress(Step::Opening);
    let file = rehearsal.out.join(PASSPHRASES);
    let [first, second] = passphrases(&file, around.random)?;
    let mut case = case::open(rehearsal.home, script.opening.clone(), &pack, [&first, &second], around)?;
    let pages = keep_pages(&mut case, &site, &script, rehearsal, progress)?;
    progress(Step::Attaching);
    attach_file(&mut case, &site, &script, rehearsal.out)?;
    progress(Step::Deciding);
    let worrying = pages.last().map(|page| page.exhibit.label.clone()).ok_or(RehearsalError::Script)?;
    decide(&mut case, script, worrying)?;

    progress(Step::Sealing);
    let request = SealRequest {
        out: rehearsal.out,
        fonts: rehearsal.fonts,
        threads: rehearsal.threads,
        watch: &unwatched,
    };
    let sealed = seal(&mut case, &request)?;
    let reference = case.folder().reference();
    drop(case);

    progress(Step::Verifying);
    let source = Source::open(&sealed.bundle)?;
    let paper = Paper::Root(sealed.root);
    let report = verify(&source, Some(&paper), rehearsal.threads, &unwatched)?;
    Ok(Outcome { reference, pages, sealed, passphrases: file, report })
}

fn keep_pages(
    case: &mut Unlocked<'_>,
    site: &Site,
    script: &Script,
    rehearsal: &Rehearsal<'_>,
    progress: &dyn Fn(Step),
) -> Result<Vec<KeptPage>, RehearsalError> {
    let mut pages = Vec::new();
    for path in script.pages {
        progress(Step::Keeping(path));
        let url = site.url(path);
        let request = KeepRequest {
            url: &url,
            producer: Side::A,
            with: rehearsal.with.clone(),
            traffic: Traffic::NotKept,
            network: &Network::default(),
        };
        let kept = keep(case, request)?;
        let (browser, account) =
            kept.kept.browser.map_or((None, None), |browser| (Some(browser.product), browser.account));
        pages.push(KeptPage {
            exhibit: kept.kept.exhibit,
            url: kept.kept.final_url,
            browser,
            account,
            has_picture: kept.kept.files.iter().any(|file| file.role == Role::Picture),
            without: kept.without,
        });
    }
    Ok(pages)
}

/// Writes the sample file, brings it in, and takes it away again.
fn attach_file(
    case: &mut Unlocked<'_>,
    site: &Site,
    script: &Script,
    out: &Path,
) -> Result<(), RehearsalError> {
    let (name, content, description) = &script.file;
    let folder = new_folder(out, &format!(".rehearsal-{}", case.folder().reference()))?;
    let path = folder.join(name);
    let content = format!("{content}Copy {}\n", site.next_copy());
    let brought =
        Disk::new().create_new(&path, content.as_bytes()).map_err(RehearsalError::from).and_then(|()| {
            let request =
                AttachRequest { paths: std::slice::from_ref(&path), producer: Side::B, description };
            Ok(attach(case, request)?)
        });
    // Of our own making, and nobody's any more. What somebody else put beside
    // it stays, and keeps the folder.
    let _ = fs::remove_file(&path).and_then(|()| fs::remove_dir(&folder));
    brought.map(drop)
}

/// A folder that was not there before.
fn new_folder(parent: &Path, name: &str) -> Result<PathBuf, RehearsalError> {
    for number in 1.. {
        let folder = match number {
            1 => parent.join(name),
            _ => parent.join(format!("{name}.{number}")),
        };
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < MOST_FOLDERS => {}
            Err(error) => return Err(DiskError::io(&folder, error).into()),
        }
    }
    Err(RehearsalError::Script)
}

/// Folders that earlier rehearsals may have left.
const MOST_FOLDERS: u32 = 1000;

fn decide(case: &mut Unlocked<'_>, script: Script, worrying: Line) -> Result<(), CaseError> {
    let category = script.category;
    let permit = case.permit(Deed::Concern(category.id.clone()))?;
    case.concern(permit, Concern { at: Place::Exhibit(worrying), category, description: script.concern })?;
    for body in [Body::Noted(script.note), Body::Judged(script.judged), Body::Acted(script.acted)] {
        if let Some(deed) = Deed::of(&body) {
            let permit = case.permit(deed)?;
            case.append(permit, body)?;
        }
    }
    Ok(())
}

/// Two new passphrases in a private file, or those of an earlier rehearsal.
fn passphrases(path: &Path, random: &dyn Random) -> Result<[Passphrase; 2], RehearsalError> {
    let new = || -> io::Result<String> {
        Ok(format!("{}\n{}\n", words::passphrase(random)?, words::passphrase(random)?))
    };
    let text = new().map_err(RehearsalError::Random)?;
    let text = match Disk::new().create_whole(path, text.as_bytes()) {
        Ok(()) => text,
        Err(DiskError::Taken(_)) => regular_file::read_text(path, MAX_PASSPHRASES).at(path)?,
        Err(error) => return Err(error.into()),
    };
    let wrong = || RehearsalError::Passphrases(path.to_owned());
    let lines: Vec<&str> = text.lines().collect();
    let [first, second] = lines.try_into().map_err(|_| wrong())?;
    Ok([Passphrase::typed(first).map_err(|_| wrong())?, Passphrase::typed(second).map_err(|_| wrong())?])
}

/// Bytes of the file of two passphrases.
const MAX_PASSPHRASES: u64 = 1024;

/// The pack of the sample case.
const PACK: &str = "uk-schools";

/// The name of the file with the passphrases.
const PASSPHRASES: &str = "rehearsal-passphrases.txt";

/// Why a rehearsal did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The sample case cannot be told under the built-in pack.
    #[error("the sample case does not fit the built-in procedure")]
    Script,
    /// The sample site did not start.
    #[error("the sample site did not start: {0}")]
    Site(io::Error),
    /// The computer gave no random numbers.
    #[error("the computer gave no random numbers: {0}")]
    Random(io::Error),
    /// A file that should hold two passphrases holds something else.
    #[error("{}: not two passphrases, one a line", .0.display())]
    Passphrases(PathBuf),
    /// The case could not be written.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Something could not be recorded.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The case could not be sealed.
    #[error(transparent)]
    Handover(#[from] HandoverError),
    /// The bundle could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Where it was to go, nothing is written to.
    #[error(transparent)]
    WayOut(#[from] WayOutError),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}
