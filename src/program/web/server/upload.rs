//! Files that the browser sends: written to a private folder of the home as
//! they come, and removed when the page is done with them, when their case is
//! stopped, and when a guide begins.
//!
//! Nothing of them is held in memory, opened or shown.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, RawPathParams, Request, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use countersign_case::capture::journal_stop;
use countersign_case::case::{Staging, Watch};
use countersign_case::durable::DiskError;

use super::visit::{Answer, Visit};
use crate::ambient::{self, SystemRandom};
use crate::web::cases::staged::{Staged, StagedFile};
use crate::web::cases::{Guide, waiting};
use crate::web::html::Problem;
use crate::web::html::fields::Fields;
use crate::web::server::instead::problem_page;
use crate::web::server::visit::Visitor;

/// What a form with files brought.
pub struct Brought {
    staged: Staged,
    /// The other fields of the form.
    pub fields: Fields,
}

impl Brought {
    /// The files, with those that came before with the same form.
    pub fn into_files(self, guide: &Guide, visit: &Visit) -> Staged {
        let name = self.fields.of(waiting::FIELD);
        let before = visit.case().ok().and_then(|case| guide.waiting.take(&visit.session().id(), case, name));
        before.unwrap_or_default().with(self.staged)
    }
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
            tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Ok(super::instead::broken().into()))
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
        let staging = Staging::begin(asked.home(), with.case().ok(), &SystemRandom)?;
        Ok::<_, Problem>((staging, watch))
    };
    let (staging, watch) = tokio::task::spawn_blocking(begin).await.map_err(|_| Problem::ended())??;
    let watch = watch.map(Arc::new);
    let staged = Staged { folders: vec![staging], files: Vec::new(), watch };
    let mut brought = Brought { staged, fields: Fields::default() };
    let parts = Multipart::from_request(request, &()).await.map_err(|_| broke_off())?;
    let taken = take(parts, &mut brought).await;
    name(&mut brought.staged.files, brought.fields.of(NAMES));
    if taken.is_err() && brought.staged.is_stopped() {
        journal(guide, visit, &brought.staged).await;
    }
    taken.map(|()| brought)
}

/// Puts the stop on record, with what was on its way then.
async fn journal(guide: &Arc<Guide>, visit: &Arc<Visit>, staged: &Staged) {
    let names: Vec<String> = staged.files.iter().map(|file| file.name.clone()).collect();
    let (guide, visit) = (Arc::clone(guide), Arc::clone(visit));
    let work = move || {
        let case = visit.case().ok().filter(|_| !names.is_empty());
        // Where that cannot be, the next unlocking does it.
        case.map(|case| guide.with(case, move |unlocked| journal_stop(unlocked, &names.join(", "))))
    };
    drop(tokio::task::spawn_blocking(work).await);
}

/// Takes the files and fields as they come.
async fn take(mut parts: Multipart, brought: &mut Brought) -> Result<(), Problem> {
    let watch = brought.staged.watch.clone();
    while let Some(part) = unless_stopped(&watch, parts.next_field()).await? {
        let field = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            // A form whose field for files was left empty.
            Some(name) if name.is_empty() => {}
            Some(name) => {
                let staged = &mut brought.staged;
                if staged.files.len() == MOST_FILES {
                    return Err(Problem::no(format!(
                        "At most {MOST_FILES} files can be brought in at once."
                    )));
                }
                let (file, path) = staged.folders[0].file()?;
                // On the list before it is full: whatever ends it, it goes.
                staged.files.push(StagedFile { path: path.clone(), name, bytes: 0 });
                let bytes = write(part, file, path, &watch).await?;
                if let Some(file) = staged.files.last_mut() {
                    file.bytes = bytes;
                }
            }
            None => {
                let most = if field == NAMES { LONGEST_NAMES } else { LONGEST_WORDS };
                let words = short(part, most).await?;
                brought.fields.set(&field, words);
            }
        }
    }
    Ok(())
}

/// Gives the files the names that they have where they come from. In a form a
/// browser writes three letters as others (WHATWG HTML, "multipart/form-data
/// encoding algorithm"); the page's script sends the names beside them as they
/// are.
fn name(files: &mut [StagedFile], told: &str) {
    let told: Vec<String> = serde_json::from_str(told).unwrap_or_default();
    let is_told = told.len() == files.len()
        && files.iter().zip(&told).all(|(file, name)| file.name == as_in_a_form(name));
    for (number, file) in files.iter_mut().enumerate() {
        let name = match is_told {
            true => told[number].clone(),
            false => file.name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"),
        };
        file.name = within(&name);
    }
}

fn as_in_a_form(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
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

/// Writes it as it comes, and gives its length.
async fn write(
    mut part: Field<'_>,
    mut file: File,
    path: PathBuf,
    watch: &Option<Arc<Watch>>,
) -> Result<u64, Problem> {
    let mut length = 0;
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
        length += bytes.len() as u64;
        let at = path.clone();
        let written = tokio::task::spawn_blocking(move || {
            file.write_all(&bytes).map_err(|error| DiskError::io(&at, error))?;
            Ok::<File, DiskError>(file)
        });
        file = written.await.map_err(|_| Problem::ended())??;
    }
    is_not_stopped(watch)?;
    Ok(length)
}

async fn short(mut part: Field<'_>, most: usize) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(more) = part.chunk().await.map_err(|_| broke_off())? {
        bytes.extend_from_slice(&more);
        if bytes.len() > most {
            return Err(Problem::no("What was typed is too long. It was not kept."));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file's name, from the folder on that it came with: as it is at the
/// command line, where no name leads out of that folder.
fn within(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    match parts.is_empty() {
        true => "file".to_owned(),
        false => parts.join("/"),
    }
}

fn broke_off() -> Problem {
    Problem::surroundings("The files did not arrive whole, and were not brought in.")
}

/// Files of one form.
const MOST_FILES: usize = 500;

/// Between two looks whether the case was stopped.
const LOOK_FOR_A_STOP: Duration = Duration::from_millis(250);

/// Bytes of a field that is no file.
const LONGEST_WORDS: usize = 64 * 1024;

/// The field with the names of all files, as JSON, and its bytes.
const NAMES: &str = "names";
const LONGEST_NAMES: usize = 4 * 1024 * 1024;

/// Bytes that must stay free on the disk.
const SPARE: u64 = 200 * 1024 * 1024;

/// Bytes between two looks at what is left.
const LOOK_EVERY: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_name_and_leads_nowhere() {
        for (name, kept) in [
            ("report.pdf", "report.pdf"),
            ("Chat <final>: why?.txt", "Chat <final>: why?.txt"),
            ("phone/2026/photo.jpg", "phone/2026/photo.jpg"),
            ("phone/../../x", "phone/x"),
            ("/etc/passwd", "etc/passwd"),
            ("a\\b", "a\\b"),
            ("..", "file"),
            ("", "file"),
            ("Żółć.txt", "Żółć.txt"),
        ] {
            assert_eq!(within(name), kept);
        }
    }

    #[test]
    fn names_are_taken_from_beside_the_files_where_they_agree() {
        let named = |arrived: &[&str], told: &str| {
            let file = |name: &&str| StagedFile { path: PathBuf::new(), name: (*name).to_owned(), bytes: 0 };
            let mut files: Vec<StagedFile> = arrived.iter().map(file).collect();
            name(&mut files, told);
            files.into_iter().map(|file| file.name).collect::<Vec<_>>()
        };
        let arrived = ["say %22hi%22.txt", "100%22.txt"];
        assert_eq!(named(&arrived, r#"["say \"hi\".txt", "100%22.txt"]"#), ["say \"hi\".txt", "100%22.txt"]);
        assert_eq!(named(&arrived, ""), ["say \"hi\".txt", "100\".txt"]);
        assert_eq!(named(&arrived, r#"["another.txt", "100%22.txt"]"#), named(&arrived, ""));
    }
}
