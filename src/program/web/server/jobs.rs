//! Work that takes longer than a page may: it goes on by itself, and a page
//! tells how far it is until it leads on.
//!
//! A job is not stopped by leaving its page, and not begun again by loading
//! it again.

use std::convert::Infallible;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{RawPathParams, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use maud::html;

use super::instead::told;
use super::visit::{Answer, Reply, Visit};
use crate::web::cases::Guide;
use crate::web::cases::jobs::Job;
use crate::web::html::{Page, Problem};
use crate::web::server::visit::Visitor;
use crate::web::session::Secret;

/// Begins a job and leads to its page. `work` gives the address that it leads
/// to when it is done.
pub fn begin(
    guide: &Arc<Guide>,
    visit: &Visit,
    title: &str,
    work: impl FnOnce(&Arc<Guide>, &Arc<Job>) -> Result<String, Problem> + Send + 'static,
) -> Answer {
    let name = Secret::draw().map_err(Problem::random)?.as_str()[..16].to_owned();
    let job = Arc::new(Job::new(visit.session().id(), visit.case().ok(), title));
    guide.jobs.add(name.clone(), Arc::clone(&job));
    let (guide, working) = (Arc::clone(guide), Arc::clone(&job));
    let run = move || {
        let end = Ends(&working);
        let ended = work(&guide, &working).map_err(Problem::message);
        working.end(ended);
        drop(end);
    };
    let spawned = thread::Builder::new().name("job".to_owned()).spawn(run);
    spawned.map_err(|error| Problem::surroundings(&format!("This computer is too busy: {error}.")))?;
    // Most are done before anybody would read how far they are.
    let begun = Instant::now();
    while job.ended().is_none() && begun.elapsed() < AT_ONCE {
        thread::sleep(LOOK_AGAIN);
    }
    if let Some(Ok(to)) = job.ended() {
        return Reply::see(to);
    }
    Reply::see(format!("/job/{name}"))
}

/// A job that panics has ended, too.
struct Ends<'j>(&'j Job);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.end(Err(Problem::ended().message()));
    }
}

/// How far a job is; where it leads when it is done.
pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let job = guide.jobs.find(visit.part("job"), &visit.session().id()).ok_or(Problem::NotFound)?;
    match job.ended() {
        Some(Ok(to)) => Reply::see(to),
        Some(Err(message)) => Ok(told(guide, &message, job.case)),
        None => {
            let live = format!("/job/{}/live", visit.part("job"));
            let body = html! {
                p role="status" data-live=(live) { (job.words()) }
                p { "This page goes on by itself when it is done. You can leave it; the work goes on." }
            };
            let page = Page::new(job.title.as_str(), body).again_in(2);
            Ok(match job.case {
                Some(case) => page.about(case, guide.reading(case)).into(),
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
    let Some(job) = guide.jobs.find(name, &visitor.session.id()) else {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    };
    let events = stream::unfold(Some(job), |job| async {
        let job = job?;
        tokio::time::sleep(BETWEEN).await;
        let (words, is_done) = (job.words(), job.ended().is_some());
        let event = match is_done {
            true => Event::default().event("done").data("done"),
            false => Event::default().event("words").data(words.replace(['\r', '\n'], " ")),
        };
        Some((Ok::<Event, Infallible>(event), (!is_done).then_some(job)))
    });
    Sse::new(events).into_response()
}

/// A job that is done by then shows no page of its own.
const AT_ONCE: Duration = Duration::from_millis(600);

const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Between two events.
const BETWEEN: Duration = Duration::from_millis(400);
