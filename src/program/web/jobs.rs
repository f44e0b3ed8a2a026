//! Work that takes longer than a page may: it goes on by itself, and a page
//! tells how far it is until it leads on.
//!
//! A job is not stopped by leaving its page, and not begun again by loading
//! it again.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{RawPathParams, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use countersign_record::digest::Digest;
use countersign_record::journal::Reference;
use futures_util::stream;
use maud::html;

use super::door::Secret;
use super::guard::Visitor;
use super::layout::Page;
use super::problem::Problem;
use super::visit::{Answer, Reply, Visit};
use super::{Guide, pages};
use crate::amounts::bytes;
use crate::message::Message;

/// The jobs of the guide, and how they ended.
#[derive(Default)]
pub struct Jobs {
    all: Mutex<VecDeque<(String, Arc<Job>)>>,
}

/// One job.
pub struct Job {
    session: Digest,
    case: Option<Reference>,
    title: String,
    inside: Mutex<Inside>,
}

struct Inside {
    words: String,
    ended: Option<Result<String, Message>>,
}

impl Job {
    /// Says how far it is, in words: `3 of 40 files`.
    pub fn say(&self, words: impl Into<String>) {
        self.inside().words = words.into();
    }

    /// Says how many bytes of `total` are done, for work that counts them as
    /// it goes.
    pub fn counts(self: &Arc<Job>, total: u64) -> impl Fn(u64) -> ControlFlow<()> + Send + Sync + 'static {
        let (job, done) = (Arc::clone(self), AtomicU64::new(0));
        move |more| {
            let done = done.fetch_add(more, Ordering::Relaxed) + more;
            // Copied and read back, some bytes are counted twice.
            job.say(match total {
                0 => bytes(done),
                total => format!("{} of {}", bytes(done.min(total)), bytes(total)),
            });
            ControlFlow::Continue(())
        }
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Begins a job and leads to its page. `work` gives the address that it leads
/// to when it is done.
pub fn begin(
    guide: &Arc<Guide>,
    visit: &Visit,
    title: &str,
    work: impl FnOnce(&Arc<Guide>, &Arc<Job>) -> Result<String, Problem> + Send + 'static,
) -> Answer {
    let name = Secret::draw().map_err(Problem::random)?.as_str()[..16].to_owned();
    let job = Arc::new(Job {
        session: visit.session().id(),
        case: visit.case().ok(),
        title: title.to_owned(),
        inside: Mutex::new(Inside { words: "It has begun.".to_owned(), ended: None }),
    });
    {
        let mut all = guide.jobs.all.lock().unwrap_or_else(|e| e.into_inner());
        if all.len() == MOST {
            all.pop_front();
        }
        all.push_back((name.clone(), Arc::clone(&job)));
    }
    let (guide, working) = (Arc::clone(guide), Arc::clone(&job));
    let run = move || {
        let end = Ends(&working);
        let ended = work(&guide, &working).map_err(Problem::message);
        working.inside().ended = Some(ended);
        drop(end);
    };
    let spawned = thread::Builder::new().name("job".to_owned()).spawn(run);
    spawned.map_err(|error| Problem::surroundings(&format!("This computer is too busy: {error}.")))?;
    // Most are done before anybody would read how far they are.
    let begun = Instant::now();
    while job.inside().ended.is_none() && begun.elapsed() < AT_ONCE {
        thread::sleep(LOOK_AGAIN);
    }
    if let Some(Ok(to)) = &job.inside().ended {
        return Reply::see(to.clone());
    }
    Reply::see(format!("/job/{name}"))
}

/// A job that panics has ended, too.
struct Ends<'j>(&'j Job);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.inside().ended.get_or_insert_with(|| Err(Problem::ended().message()));
    }
}

/// How far a job is; where it leads when it is done.
pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let job = find(guide, visit.part("job"), &visit.session().id()).ok_or(Problem::NotFound)?;
    let inside = job.inside();
    match &inside.ended {
        Some(Ok(to)) => Reply::see(to.clone()),
        Some(Err(message)) => Ok(pages::told(guide, message, job.case)),
        None => {
            let live = format!("/job/{}/live", visit.part("job"));
            let body = html! {
                p role="status" data-live=(live) { (inside.words) }
                p { "This page goes on by itself when it is done. You can leave it; the work goes on." }
            };
            let page = Page::new(job.title.as_str(), body).again_in(2);
            Ok(match job.case {
                Some(case) => page.about(guide, case).into(),
                None => page.into(),
            })
        }
    }
}

/// The same as live events, for a page with a script.
pub async fn live(
    State(guide): State<Arc<Guide>>,
    Extension(visitor): Extension<Visitor>,
    parts: RawPathParams,
) -> Response {
    let name = parts.iter().find(|(part, _)| *part == "job").map_or("", |(_, name)| name);
    let Some(job) = find(&guide, name, &visitor.session.id()) else {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    };
    let events = stream::unfold(Some(job), |job| async {
        let job = job?;
        tokio::time::sleep(BETWEEN).await;
        let (words, is_done) = {
            let inside = job.inside();
            (inside.words.clone(), inside.ended.is_some())
        };
        let event = match is_done {
            true => Event::default().event("done").data("done"),
            false => Event::default().event("words").data(words.replace(['\r', '\n'], " ")),
        };
        Some((Ok::<Event, Infallible>(event), (!is_done).then_some(job)))
    });
    Sse::new(events).into_response()
}

fn find(guide: &Guide, name: &str, session: &Digest) -> Option<Arc<Job>> {
    let all = guide.jobs.all.lock().unwrap_or_else(|e| e.into_inner());
    let (_, job) = all.iter().find(|(known, _)| known == name)?;
    (job.session == *session).then(|| Arc::clone(job))
}

/// Jobs that are remembered; the oldest go.
const MOST: usize = 32;

/// A job that is done by then shows no page of its own.
const AT_ONCE: Duration = Duration::from_millis(600);

const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Between two events.
const BETWEEN: Duration = Duration::from_millis(400);
