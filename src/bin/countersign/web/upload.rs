//! Files that the browser sends: written to a private folder of the home as
//! they come, and removed when the page is done with them, when their case is
//! stopped, and when a guide begins.
//!
//! Nothing of them is held in memory, opened or shown.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, RawPathParams, Request, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use countersign::case::{Home, Watch};
use countersign::durable::{Disk, DiskError};

use super::Guide;
use super::door::Secret;
use super::fields::Fields;
use super::guard::Visitor;
use super::pages::problem_page;
use super::problem::Problem;
use super::visit::{Answer, Visit};
use crate::ambient;

/// What a form with files brought.
pub struct Brought {
    /// The folder that holds the files. It is removed with this value.
    folder: PathBuf,
    /// The files, in order.
    pub files: Vec<BroughtFile>,
    /// The other fields of the form.
    pub fields: Fields,
}

/// One file.
pub struct BroughtFile {
    /// Where it lies now: under its own name where that is harmless.
    pub path: PathBuf,
}

impl Brought {
    /// How many bytes the files have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().filter_map(|file| file.path.metadata().ok()).map(|file| file.len()).sum()
    }

    /// Single files, and the folders that came whole, in order and each once.
    pub fn paths(&self) -> Vec<PathBuf> {
        let whole = self.folder.join(WHOLE);
        let mut paths: Vec<PathBuf> = Vec::new();
        for file in &self.files {
            let top = file.path.strip_prefix(&whole).ok().and_then(|within| within.components().next());
            let path = top.map_or_else(|| file.path.clone(), |top| whole.join(top));
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }
}

impl Drop for Brought {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes what a guide that did not end in peace left of files that it took
/// in or sent. Only the home's one guide may do that.
pub fn clear(home: &Home) {
    let entries = fs::read_dir(home.path()).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let is_ours = [INCOMING, SENDING].iter().any(|begin| name.to_string_lossy().starts_with(begin));
        if is_ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A private folder of the home for files that go out; whoever asks removes
/// it.
pub fn sending(home: &Home) -> Result<PathBuf, Problem> {
    private(home, SENDING)
}

/// Whether the files are wanted at all, asked before any of them is read.
pub type Wanted = fn(&Arc<Guide>, &Visit) -> Result<(), Problem>;

/// What a page does with them.
pub type Receiver = fn(&Arc<Guide>, &Visit, Brought) -> Answer;

/// The page that takes files by POST.
pub fn brings(wanted: Wanted, receiver: Receiver) -> MethodRouter<Arc<Guide>> {
    post(move |guide, visitor, uri, parts, request| {
        run((wanted, receiver), guide, visitor, uri, parts, request)
    })
    .layer(DefaultBodyLimit::disable())
}

async fn run(
    (wanted, receiver): (Wanted, Receiver),
    State(guide): State<Arc<Guide>>,
    Extension(visitor): Extension<Visitor>,
    uri: Uri,
    parts: RawPathParams,
    request: Request,
) -> Response {
    let visit = Arc::new(Visit::new(visitor, &uri, &parts));
    let session = visit.session().clone();
    let reply = match receive(&guide, &visit, wanted, request).await {
        Ok(brought) => {
            let (guide, asked) = (Arc::clone(&guide), Arc::clone(&visit));
            let work = move || receiver(&guide, &asked, brought);
            tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Ok(super::pages::broken().into()))
        }
        Err(problem) => Err(problem),
    };
    reply.unwrap_or_else(|problem| problem_page(problem, &guide, &visit)).into_response(&session)
}

async fn receive(
    guide: &Arc<Guide>,
    visit: &Arc<Visit>,
    wanted: Wanted,
    request: Request,
) -> Result<Brought, Problem> {
    let (asked, with) = (Arc::clone(guide), Arc::clone(visit));
    let begin = move || {
        // From before it is asked whether they are wanted, so that no stop
        // falls between.
        let watch = with.case().ok().and_then(|case| asked.with(case, |unlocked| unlocked.watch()).ok());
        wanted(&asked, &with)?;
        Ok::<_, Problem>((private(asked.home(), INCOMING)?, watch))
    };
    let (folder, watch) = tokio::task::spawn_blocking(begin).await.map_err(|_| Problem::ended())??;
    let watch = watch.map(Arc::new);
    let mut brought = Brought { folder, files: Vec::new(), fields: Fields::default() };
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| broke_off())?;
    while let Some(part) = unless_stopped(&watch, parts.next_field()).await? {
        let field = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            // A form whose field for files was left empty.
            Some(name) if name.is_empty() => {}
            Some(name) => {
                if brought.files.len() == MOST_FILES {
                    return Err(Problem::no(format!(
                        "At most {MOST_FILES} files can be brought in at once."
                    )));
                }
                let path = brought.folder.join(within(&name, brought.files.len()));
                write(part, path.clone(), &watch).await?;
                brought.files.push(BroughtFile { path });
            }
            None => {
                let words = short(part).await?;
                brought.fields.set(&field, words);
            }
        }
    }
    Ok(brought)
}

/// Waits for more of a form, and not beyond a stop of its case.
async fn unless_stopped<T>(
    watch: &Option<Arc<Watch>>,
    more: impl Future<Output = Result<T, MultipartError>>,
) -> Result<T, Problem> {
    tokio::pin!(more);
    loop {
        tokio::select! {
            more = &mut more => return more.map_err(|_| broke_off()),
            () = tokio::time::sleep(LOOK_FOR_A_STOP) => is_not_stopped(watch)?,
        }
    }
}

fn is_not_stopped(watch: &Option<Arc<Watch>>) -> Result<(), Problem> {
    match watch.as_ref().is_some_and(|watch| watch.is_halted()) {
        true => Err(Problem::no(
            "The case was stopped. The files were not brought in, and nothing of them is left here.",
        )),
        false => Ok(()),
    }
}

async fn write(mut part: Field<'_>, path: PathBuf, watch: &Option<Arc<Watch>>) -> Result<(), Problem> {
    let made = path.clone();
    let created = tokio::task::spawn_blocking(move || {
        if let Some(own) = made.parent() {
            Disk::new().folder(own)?;
        }
        File::options().write(true).create_new(true).open(&made).map_err(|error| DiskError::io(&made, error))
    });
    let mut file = created.await.map_err(|_| Problem::ended())??;
    let (mut since, mut looked) = (0, Instant::now());
    while let Some(bytes) = unless_stopped(watch, part.chunk()).await? {
        if looked.elapsed() > LOOK_FOR_A_STOP {
            is_not_stopped(watch)?;
            looked = Instant::now();
        }
        if since == 0 && ambient::disk_left(&path).is_some_and(|left| left < SPARE) {
            return Err(Problem::surroundings("The disk is nearly full. The files were not brought in."));
        }
        since = (since + bytes.len()) % LOOK_EVERY;
        let at = path.clone();
        let written = tokio::task::spawn_blocking(move || {
            file.write_all(&bytes).map_err(|error| DiskError::io(&at, error))?;
            Ok::<File, DiskError>(file)
        });
        file = written.await.map_err(|_| Problem::ended())??;
    }
    is_not_stopped(watch)
}

async fn short(mut part: Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(more) = part.chunk().await.map_err(|_| broke_off())? {
        bytes.extend_from_slice(&more);
        if bytes.len() > LONGEST_WORDS {
            return Err(Problem::no("What was typed is too long. It was not kept."));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn private(home: &Home, begin: &str) -> Result<PathBuf, Problem> {
    let name = Secret::draw().map_err(Problem::random)?;
    let folder = home.path().join(format!("{begin}{}", &name.as_str()[..16]));
    Disk::new().folder(&folder)?;
    Ok(folder)
}

/// Where a file comes to lie: a file of a folder that comes whole keeps its
/// place in it; any other has a folder of its own, since two can have the same
/// name.
fn within(name: &str, number: usize) -> PathBuf {
    let parts: Vec<String> = name.split('/').filter(|part| !part.is_empty()).map(harmless).collect();
    match parts.len() {
        2..=DEEPEST => Path::new(WHOLE).join(parts.iter().collect::<PathBuf>()),
        _ => Path::new(&format!("{number:03}")).join(harmless(name)),
    }
}

/// The name without what a path could be made of. The record writes strange
/// letters visibly by itself.
fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c)).collect();
    let kept = kept.trim().trim_end_matches('.').to_owned();
    let mut end = kept.len().min(LONGEST_NAME);
    while !kept.is_char_boundary(end) {
        end -= 1;
    }
    match &kept[..end] {
        "" | "." | ".." => "file".to_owned(),
        kept => kept.to_owned(),
    }
}

fn broke_off() -> Problem {
    Problem::surroundings("The files did not arrive whole, and were not brought in.")
}

const INCOMING: &str = "incoming-";
const SENDING: &str = "sending-";

/// Files of one form.
const MOST_FILES: usize = 500;

/// The folder of those that came in folders of their own.
const WHOLE: &str = "whole";

/// Folders within folders.
const DEEPEST: usize = 24;

/// Between two looks whether the case was stopped.
const LOOK_FOR_A_STOP: Duration = Duration::from_millis(250);

/// Bytes of a field that is no file.
const LONGEST_WORDS: usize = 64 * 1024;

/// Bytes of a file's name.
const LONGEST_NAME: usize = 200;

/// Bytes that must stay free on the disk.
const SPARE: u64 = 200 * 1024 * 1024;

/// Bytes between two looks at what is left.
const LOOK_EVERY: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_folder_keeps_its_place_and_no_other() {
        for (name, place) in [
            ("photo.jpg", "007/photo.jpg"),
            ("phone/2026/photo.jpg", "whole/phone/2026/photo.jpg"),
            ("phone/../../x", "whole/phone/file/file/x"),
            ("/etc/passwd", "whole/etc/passwd"),
            ("a\\b/c", "whole/b/c"),
        ] {
            assert_eq!(within(name, 7), Path::new(place));
        }
        assert_eq!(within(&"a/".repeat(200), 7), Path::new("007/file"));
    }

    #[test]
    fn a_name_makes_no_path() {
        for (name, harmless_name) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\photo.jpg", "photo.jpg"),
            ("..", "file"),
            ("", "file"),
            ("a\0b\n.txt", "ab.txt"),
            ("Żółć.txt", "Żółć.txt"),
        ] {
            assert_eq!(harmless(name), harmless_name);
        }
        assert!(harmless(&"ż".repeat(500)).len() <= LONGEST_NAME);
    }
}
