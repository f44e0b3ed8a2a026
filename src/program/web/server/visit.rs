//! One request as a page sees it, and what a page can answer.
//!
//! By the time that a page sees a visit, the guard has let it in. Pages are
//! plain functions and run where they may wait.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::RawPathParams;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use countersign_case::durable::DiskError;
use countersign_record::journal::Reference;
use countersign_record::regular_file::{self, NotRegular};
use futures_util::stream;
use maud::{Markup, html};

use crate::web::html::fields::Fields;
use crate::web::html::form::Form;
use crate::web::html::{Page, Problem};
use crate::web::session::Session;

/// The reviewers' browser, once the guard has let it in.
#[derive(Clone)]
pub struct Visitor {
    pub session: Session,
    /// What a form said; empty where there was none.
    pub fields: Arc<Fields>,
}

/// One request.
pub struct Visit {
    path: String,
    parts: BTreeMap<String, String>,
    query: Fields,
    fields: Arc<Fields>,
    session: Session,
}

/// What a page answers.
pub enum Reply {
    Page(Box<Page>),
    /// Go there: the answer to every form that did what it says.
    See(String),
    /// Bytes that the program made itself. What was captured MUST NOT be
    /// served as HTML, SVG or PDF.
    File {
        name: String,
        kind: &'static str,
        bytes: Vec<u8>,
    },
    /// A picture that was checked and may be looked at; the only thing of a
    /// kept page that is served as what it is.
    Picture(Vec<u8>),
    /// The same for a file on the disk, however large.
    Stored(Stored),
}

/// What is said of files that the browser sends.
pub struct Sending {
    /// All of them are here.
    pub sent: &'static str,
    /// Somebody left off.
    pub cancelled: &'static str,
    /// The connection broke.
    pub broken: &'static str,
}

/// A file that the program made, as it is sent.
pub struct Stored {
    pub name: String,
    pub kind: &'static str,
    pub path: PathBuf,
    /// Bytes that it can have at most.
    pub longest: u64,
    /// Asked before each part of it is sent: a case can be stopped meanwhile.
    pub may_leave: Box<dyn Fn() -> bool + Send>,
}

impl From<Page> for Reply {
    fn from(page: Page) -> Reply {
        Reply::Page(Box::new(page))
    }
}

/// A page, or what is shown instead.
pub type Answer = Result<Reply, Problem>;

impl Visit {
    pub fn new(visitor: Visitor, uri: &Uri, parts: &RawPathParams) -> Visit {
        let parts = parts.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Visit {
            path: uri.path().to_owned(),
            parts,
            query: Fields::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default(),
            fields: visitor.fields,
            session: visitor.session,
        }
    }

    /// The case that the address names.
    pub fn case(&self) -> Result<Reference, Problem> {
        // From the address itself: a page that is not there is of its case, too.
        let named = self.path.strip_prefix("/case/").and_then(|rest| rest.split('/').next());
        named.and_then(|named| named.parse().ok()).ok_or(Problem::NotFound)
    }

    /// A part of the address, such as `draft`.
    pub fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }

    /// What stands behind the question mark.
    pub fn query(&self, name: &str) -> &str {
        self.query.of(name)
    }

    /// The address, without what stands behind the question mark.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the form said.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The form as it was sent.
    pub fn form(&self) -> Form {
        Form::of(self.fields().clone())
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// A form that is sent to `action`, with its token. Every form of the
    /// guide is made here.
    pub fn form_to(&self, action: &str, content: Markup) -> Markup {
        html! {
            form method="post" action=(action) novalidate {
                input type="hidden" name="token" value=(self.session.token(action));
                (content)
            }
        }
    }

    /// A form that brings files in: sent in parts, with its token in the
    /// address. How far they are is said below it, by a script.
    pub fn upload_to(&self, action: &str, content: Markup, words: &Sending) -> Markup {
        let to = format!("{action}?token={}", self.session.token(action));
        html! {
            form method="post" action=(to) enctype="multipart/form-data" novalidate {
                (content)
                p.progress role="status" data-sent=(words.sent) data-cancelled=(words.cancelled) data-broken=(words.broken) {}
            }
        }
    }
}

impl Reply {
    pub fn see(to: impl Into<String>) -> Answer {
        Ok(Reply::See(to.into()))
    }

    pub fn into_response(self, session: &Session) -> Response {
        match self {
            Reply::Page(page) => page.render(Some(session)).into_response(),
            Reply::See(to) => (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response(),
            Reply::Picture(bytes) => ([(CONTENT_TYPE, "image/png")], Body::from(bytes)).into_response(),
            Reply::File { name, kind, bytes } => (saved_as(&name, kind), Body::from(bytes)).into_response(),
            Reply::Stored(stored) => stored.into_response(),
        }
    }
}

impl Stored {
    /// Opened by the page, so that it can say in words what is missing.
    pub fn is_there(&self) -> Result<(), Problem> {
        self.open().map_err(|error| DiskError::io(&self.path, error))?;
        Ok(())
    }

    /// The file and its length. What is longer than it can be is not sent.
    fn open(&self) -> io::Result<(u64, File)> {
        let file = regular_file::open(&self.path)?;
        let length = file.metadata()?.len();
        match length > self.longest {
            true => Err(NotRegular::TooLong { limit: self.longest }.into()),
            false => Ok((length, file)),
        }
    }

    fn into_response(self) -> Response {
        let Ok((length, file)) = self.open() else { return StatusCode::NOT_FOUND.into_response() };
        let headers = saved_as(&self.name, self.kind);
        let parts = stream::try_unfold((file, self.may_leave), |(mut file, may_leave)| async {
            let read = move || {
                if !may_leave() {
                    return Err(io::Error::other("the case was stopped"));
                }
                let mut part = vec![0; PART];
                let length = file.read(&mut part)?;
                part.truncate(length);
                Ok((part, (file, may_leave)))
            };
            let (part, rest) = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
            Ok::<_, io::Error>((!part.is_empty()).then_some((part, rest)))
        });
        let length = [(CONTENT_LENGTH, length.to_string())];
        (headers, length, Body::from_stream(parts)).into_response()
    }
}

/// Saved and never shown: the browser opens nothing of it among these pages.
fn saved_as(name: &str, kind: &str) -> [(HeaderName, String); 2] {
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))]
}

/// Bytes of a file that are read and sent at once.
const PART: usize = 1 << 20;

/// Bytes of a form or a sheet on the disk: its pictures have at most half.
pub const MAX_PAPER: u64 = 512 << 20;
