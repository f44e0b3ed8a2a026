//! Why a page was not kept.

use std::io;

use super::facts::Hop;
use crate::devtools::error::CallError;
use crate::network::outcome::Outcome;

/// Why a page was not kept.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The recording was stopped.
    #[error("the recording was stopped")]
    Cancelled,
    /// There was no page to keep, though it was asked for.
    #[error("{url}: {why}", url = .0.url, why = .0.why)]
    NotLoaded(Box<NotLoaded>),
    /// The browser ended or failed before the page was asked for.
    #[error("the browser failed: {0}")]
    Browser(#[from] CallError),
    /// A piece could not be stored.
    #[error("the kept page could not be stored: {0}")]
    Sink(io::Error),
}

/// A page that did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotLoaded {
    /// The address that failed, perhaps after redirects.
    pub url: String,
    /// Why, as the wall or the browser says.
    pub why: String,
    /// What the wall says of the host.
    pub outcome: Option<Outcome>,
    /// What was answered on the way.
    pub hops: Vec<Hop>,
    /// Whether it was the browser that failed, and not the address or the network.
    pub by_browser: bool,
}
