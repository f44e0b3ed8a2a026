//! The review as live events, for pages with a script: the state of the
//! recording, the newest rows, and that the case was stopped.
//!
//! It asks nothing of the case's thread, so that watching does not keep a case
//! unlocked.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{RawPathParams, State};
use axum::http::{StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use countersign_record::journal::{Reference, Restraint};
use futures_util::stream::{self, StreamExt};

use super::{deeds, list, panel};
use crate::web::cases::Guide;
use crate::web::server::visit::{Visit, Visitor};

/// What a page was told last.
#[derive(Clone, Default, PartialEq)]
struct LiveState {
    head: u64,
    state: String,
    aloud: String,
    ending: String,
    facts: String,
    trouble: String,
    deeds: String,
}

pub async fn live(
    State(guide): State<Arc<Guide>>,
    Extension(visitor): Extension<Visitor>,
    uri: Uri,
    parts: RawPathParams,
) -> Response {
    let visit = Visit::new(visitor, &uri, &parts);
    let (Ok(case), with_list) = (visit.case(), visit.query("list") == "yes") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let visit = Arc::new(visit);
    let begin = Some((guide, LiveState::default()));
    let batches = stream::unfold(begin, move |from| {
        let visit = Arc::clone(&visit);
        async move {
            let (guide, told) = from?;
            if told != LiveState::default() {
                tokio::time::sleep(BETWEEN).await;
            }
            let asked = Arc::clone(&guide);
            let looked =
                tokio::task::spawn_blocking(move || look(&asked, &visit, case, with_list, told)).await;
            match looked {
                Ok(Some((events, told))) => Some((events, Some((guide, told)))),
                _ => Some((vec![event("stopped", "")], None)),
            }
        }
    });
    Sse::new(batches.flat_map(stream::iter)).keep_alive(KeepAlive::default()).into_response()
}

type Events = Vec<Result<Event, Infallible>>;

/// What is new since; none where the case was stopped or locked, or cannot be
/// read. A page
/// of a case that went to the police is told of the stricter stop alone.
fn look(
    guide: &Guide,
    visit: &Visit,
    case: Reference,
    with_list: bool,
    told: LiveState,
) -> Option<(Events, LiveState)> {
    let reading = guide.reading(case).ok()?;
    let shown_under = if visit.query("police") == "yes" { Restraint::Police } else { Restraint::None };
    if reading.state().restraint() > shown_under || guide.is_hidden(case) {
        return None;
    }
    let now = LiveState {
        head: reading.ledger().head(),
        state: panel::state(guide, case),
        aloud: panel::aloud(guide, case),
        ending: panel::ending(guide, visit, case).into_string(),
        facts: panel::facts(guide, &reading).into_string(),
        trouble: panel::trouble(guide, case).into_string(),
        deeds: deeds(guide, visit, &reading).into_string(),
    };
    let mut events = Vec::new();
    if now.head != told.head && with_list {
        events.push(event("list", &list::rows(&reading, None).0.into_string()));
    }
    for (name, now, told) in [
        ("state", now.state.as_str(), told.state.as_str()),
        ("aloud", &now.aloud, &told.aloud),
        ("ending", &now.ending, &told.ending),
        ("facts", &now.facts, &told.facts),
        ("trouble", &now.trouble, &told.trouble),
        ("deeds", &now.deeds, &told.deeds),
    ] {
        if now != told {
            events.push(event(name, now));
        }
    }
    Some((events, now))
}

fn event(name: &str, data: &str) -> Result<Event, Infallible> {
    // A browser hears nothing of an event without data.
    let data = if data.is_empty() { " ".to_owned() } else { data.replace('\r', " ") };
    Ok(Event::default().event(name).data(data))
}

/// Between two looks.
const BETWEEN: Duration = Duration::from_millis(500);
