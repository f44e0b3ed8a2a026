//! How a page's function is run for a request, where it may wait, and what is
//! answered when it does not come to an end.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{RawPathParams, State};
use axum::http::{Method, Uri};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::instead::{self, problem_page};
use super::visit::{Answer, Reply, Visit, Visitor};
use crate::web::cases::Guide;

/// A page's function.
pub type Handler = fn(&Arc<Guide>, &Visit) -> Answer;

/// The page that is shown for GET.
pub fn shows(handler: Handler) -> MethodRouter<Arc<Guide>> {
    get(move |guide, visitor, method, uri, parts| {
        run((handler, Wait::WithOthers), guide, visitor, method, uri, parts)
    })
}

/// The page that takes a form by POST.
pub fn takes(handler: Handler) -> MethodRouter<Arc<Guide>> {
    post(move |guide, visitor, method, uri, parts| {
        run((handler, Wait::WithOthers), guide, visitor, method, uri, parts)
    })
}

/// A page that is shown however many others wait for something.
pub fn shows_at_once(handler: Handler) -> MethodRouter<Arc<Guide>> {
    get(move |guide, visitor, method, uri, parts| {
        run((handler, Wait::ForNobody), guide, visitor, method, uri, parts)
    })
}

/// A form that is taken however many others wait for something.
pub fn takes_at_once(handler: Handler) -> MethodRouter<Arc<Guide>> {
    post(move |guide, visitor, method, uri, parts| {
        run((handler, Wait::ForNobody), guide, visitor, method, uri, parts)
    })
}

/// Where a page does its work.
#[derive(Clone, Copy)]
enum Wait {
    /// On one of the threads for pages, of which there are only so many.
    WithOthers,
    /// On a thread of its own.
    ForNobody,
}

async fn run(
    (handler, wait): (Handler, Wait),
    State(guide): State<Arc<Guide>>,
    Extension(visitor): Extension<Visitor>,
    method: Method,
    uri: Uri,
    parts: RawPathParams,
) -> Response {
    let visit = Visit::new(visitor, &uri, &parts);
    let (session, case, waiting) = (visit.session().clone(), visit.case().ok(), Arc::clone(&guide));
    let work = move || {
        let shown =
            || handler(&guide, &visit).unwrap_or_else(|problem| problem_page(problem, &guide, &visit));
        match instead::in_place_of(&guide, &method, &visit).unwrap_or_else(shown) {
            Reply::Page(page) => Reply::from(page.beside_unfinished(|case| guide.unfinished(case))),
            other => other,
        }
    };
    let working = async move {
        match wait {
            Wait::WithOthers => tokio::task::spawn_blocking(work).await.ok(),
            Wait::ForNobody => waited_for(work).await,
        }
    };
    // The work goes on when nobody waits for it any more.
    let Ok(reply) = tokio::time::timeout(PAGE_TAKES, working).await else {
        return Reply::from(instead::under_way(&waiting, case)).into_response(&session);
    };
    // The page's function panicked, or the computer has no thread for it; the
    // guide goes on.
    reply.unwrap_or_else(|| instead::broken().into()).into_response(&session)
}

/// Work that waits for nothing that other pages wait for: on a thread of its
/// own. None where it panicked, or where the computer has no thread for it.
pub async fn waited_for<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let work = move || drop(tell.send(work()));
    std::thread::Builder::new().name("at once".to_owned()).spawn(work).ok()?;
    told.await.ok()
}

/// After which a browser hears what is waited for: longer than the longest case
/// takes to be read, and unlocked in a crowd.
const PAGE_TAKES: Duration = Duration::from_secs(60);
