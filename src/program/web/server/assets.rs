//! The guide's own style and script, as they lie in the program.
//!
//! Nothing of a case is served from here.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// The folder in which pages name them.
pub const FOLDER: &str = "/assets/";

/// The file of that name.
pub fn response(name: &str) -> Option<Response> {
    let (_, kind, bytes) = FILES.iter().find(|(known, ..)| *known == name)?;
    Some(([(CONTENT_TYPE, *kind)], *bytes).into_response())
}

const FILES: [(&str, &str, &[u8]); 3] = [
    ("style.css", "text/css; charset=utf-8", include_bytes!("assets/style.css")),
    ("icon.svg", "image/svg+xml", include_bytes!("assets/icon.svg")),
    ("guide.js", "text/javascript; charset=utf-8", include_bytes!("assets/guide.js")),
];
