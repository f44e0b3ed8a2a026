//! What every request passes before a page hears of it. Nothing is let
//! through that is not named here.
//!
//! A page on another port of this computer, or one that the reviewers look at
//! in another tab, can send requests to the guide; it cannot read this
//! program's memory or set these headers. So it is told from the reviewers by
//! the host that it names, by what the browser says of where the request comes
//! from, by the cookie, and by the token of the form.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    self, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::outside;
use super::routes::waited_for;
use crate::web::cases::Guide;
use crate::web::html::fields::Fields;
use crate::web::server::origin::{ENTER, Origin};
use crate::web::server::sessions::Sessions;
use crate::web::server::visit::Visitor;
use crate::web::server::{assets, connections};

/// The address of the guide, and who may come in.
pub struct Access {
    origin: Origin,
    sessions: Sessions,
    pub guide: Arc<Guide>,
}

impl Access {
    pub fn new(origin: Origin, sessions: Sessions, guide: Arc<Guide>) -> Access {
        Access { origin, sessions, guide }
    }

    /// A new one-time link into the guide.
    pub fn link(&self) -> io::Result<String> {
        Ok(self.origin.link(self.sessions.link()?.as_str()))
    }
}

/// Lets a request through, or answers it.
pub async fn guard(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let answer = match admit(&access, request).await {
        Ok(Admitted::Page(request)) => not_kept(&access.origin, next.run(request).await),
        Ok(Admitted::Asset(response)) => not_kept(&access.origin, response),
        Ok(Admitted::Answer(response)) => response,
        Err(refused) => refused.page(&access.sessions, &path),
    };
    sealed_off(answer)
}

enum Admitted {
    /// What a page answers.
    Page(Request),
    /// A part of every page.
    Asset(Response),
    /// What the guard answers itself.
    Answer(Response),
}

async fn admit(access: &Arc<Access>, request: Request) -> Result<Admitted, Refused> {
    let (origin, sessions) = (&access.origin, &access.sessions);
    is_for_us(origin, request.headers(), request.uri())?;
    comes_from_us(origin, request.method(), request.headers())?;
    let path = request.uri().path();
    if request.method() == Method::GET {
        if let Some(asset) = path.strip_prefix(assets::FOLDER) {
            return Ok(Admitted::Asset(assets::response(asset).ok_or(Refused::NotThere)?));
        }
        if let Some(link) = path.strip_prefix(ENTER) {
            return Ok(Admitted::Answer(enter(origin, sessions, link)));
        }
    } else if path == outside::STOP {
        return outside_stop(access, request).await.map(Admitted::Answer);
    }
    let session = origin.session(sessions, request.headers()).ok_or(Refused::Stranger)?;
    if let Some(connection) = request.extensions().get::<Arc<connections::ConnectionSlot>>() {
        connection.let_in();
    }
    let (mut request, fields) = match *request.method() {
        Method::GET => (request, Fields::default()),
        _ => form(request, |path, token| session.accepts(path, token)).await?,
    };
    request.extensions_mut().insert(Visitor { session, fields: Arc::new(fields) });
    Ok(Admitted::Page(request))
}

/// Another name that leads here must not be taken for the guide: the host is
/// its name and port, exactly and once.
fn is_for_us(origin: &Origin, headers: &HeaderMap, uri: &Uri) -> Result<(), Refused> {
    let plain = uri.scheme().is_none() && uri.authority().is_none();
    if plain && only(headers, HOST) == Some(origin.host()) { Ok(()) } else { Err(Refused::Elsewhere) }
}

/// A browser says of each request where it comes from, and pages cannot
/// change what it says.
fn comes_from_us(origin: &Origin, method: &Method, headers: &HeaderMap) -> Result<(), Refused> {
    let site = only(headers, HeaderName::from_static("sec-fetch-site"));
    match *method {
        Method::GET if matches!(site, Some("same-origin" | "none")) => Ok(()),
        Method::POST if site == Some("same-origin") && only(headers, ORIGIN) == Some(origin.as_str()) => {
            Ok(())
        }
        Method::GET | Method::POST => Err(Refused::Foreign),
        _ => Err(Refused::Method),
    }
}

/// The link is swapped for a cookie, and leaves the address bar.
fn enter(origin: &Origin, sessions: &Sessions, link: &str) -> Response {
    match sessions.enter(link) {
        Ok(Some(session)) => {
            let cookie = origin.keep(&session);
            (StatusCode::SEE_OTHER, [(header::LOCATION, "/".to_owned()), (SET_COOKIE, cookie)])
                .into_response()
        }
        Ok(None) => Refused::Stranger.page(sessions, ""),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The one thing that a browser without a session can do: stop a case that it
/// names, by the form of the page that it was shown.
async fn outside_stop(access: &Arc<Access>, request: Request) -> Result<Response, Refused> {
    let (_, fields) = form(request, |_, token| access.sessions.accepts_outside(token)).await?;
    let access = Arc::clone(access);
    let stopped = waited_for(move || outside::stop(&access.guide, &access.sessions, fields.of("case"))).await;
    Ok(stopped.map_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |page| page.into_response()))
}

/// A form and its token. Files that are brought in are not read here: their
/// form has its token in the address.
async fn form(request: Request, accepts: impl Fn(&str, &str) -> bool) -> Result<(Request, Fields), Refused> {
    let path = request.uri().path().to_owned();
    let kind = only(request.headers(), CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/x-www-form-urlencoded" => {
            let (parts, body) = request.into_parts();
            let body = tokio::time::timeout(FORM_ARRIVES, to_bytes(body, LARGEST_FORM)).await;
            let body = body.map_err(|_| Refused::Slow)?.map_err(|_| Refused::Large)?;
            let fields = Fields::parse(&body).ok_or(Refused::Large)?;
            match accepts(&path, fields.of("token")) {
                true => Ok((Request::from_parts(parts, Body::empty()), fields)),
                false => Err(Refused::Token),
            }
        }
        "multipart/form-data" => {
            let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
            match query.is_some_and(|query| accepts(&path, query.of("token"))) {
                true => Ok((request, Fields::default())),
                false => Err(Refused::Token),
            }
        }
        _ => Err(Refused::Kind),
    }
}

/// The header's value where it is there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

/// Has the browser keep nothing for going back. The parts of a page come after
/// it: from then on it has a cookie that changed since.
fn not_kept(origin: &Origin, mut response: Response) -> Response {
    if let Ok(another) = HeaderValue::from_str(&origin.another()) {
        response.headers_mut().insert(SET_COOKIE, another);
    }
    response
}

/// What every answer says to the browser.
fn sealed_off(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        // Not `no-referrer`: under it a browser sends forms with `Origin: null`,
        // and the origin could not be exact. No other origin is told anything.
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
        (HeaderName::from_static("x-frame-options"), "DENY"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Why a request is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// Another host, or none.
    Elsewhere,
    /// Another page sent it, or a program that is no browser.
    Foreign,
    /// Neither GET nor POST.
    Method,
    /// No session.
    Stranger,
    /// Not the form's token.
    Token,
    /// No form.
    Kind,
    /// More than a form holds.
    Large,
    /// It did not arrive in time.
    Slow,
    /// No such file.
    NotThere,
}

impl Refused {
    /// What is said to whoever asked for `path`.
    fn page(self, sessions: &Sessions, path: &str) -> Response {
        let status = match self {
            Refused::Elsewhere => StatusCode::MISDIRECTED_REQUEST,
            Refused::Foreign | Refused::Token | Refused::Stranger => StatusCode::FORBIDDEN,
            Refused::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refused::Kind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refused::Large => StatusCode::PAYLOAD_TOO_LARGE,
            Refused::Slow => StatusCode::REQUEST_TIMEOUT,
            Refused::NotThere => StatusCode::NOT_FOUND,
        };
        let page = match self {
            // A person can come to this, by a bookmark or a link in a letter.
            Refused::Stranger | Refused::Foreign => outside::no_session(sessions, path),
            Refused::Token => outside::old_form(sessions, path),
            Refused::Large => outside::too_long(),
            // Told to no page that could learn from it.
            _ => {
                return (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], "Refused.\n").into_response();
            }
        };
        (status, page).into_response()
    }
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Bytes of a form: the longest words that an entry can hold, as a browser
/// writes them, and something around them.
const LARGEST_FORM: usize = 512 * 1024;

/// In which a form must have arrived.
const FORM_ARRIVES: Duration = Duration::from_secs(20);
