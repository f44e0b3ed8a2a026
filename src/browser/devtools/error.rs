//! Why a call to the browser has no answer.

use std::time::Duration;

use super::wire::LARGEST;

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The browser has ended, or its pipe was closed.
    #[error("the browser has ended")]
    Closed,
    /// No thread could be had to follow the browser.
    #[error("no thread could be started: {0}")]
    NoThread(String),
    /// No answer in time.
    #[error("{method}: no answer from the browser within {} ms", limit.as_millis())]
    TimedOut {
        /// What was called.
        method: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The browser says no.
    #[error("{method}: the browser refused: {message} ({code})")]
    Refused {
        /// What was called.
        method: String,
        /// The protocol's code.
        code: i64,
        /// The browser's words.
        message: String,
    },
    /// The answer is larger than the limit of a message.
    #[error("{method}: the browser's answer is larger than {} MiB", LARGEST >> 20)]
    TooLarge {
        /// What was called.
        method: String,
    },
    /// The answer is not of the protocol's form.
    #[error("{method}: the browser's answer cannot be read: {reason}")]
    Unreadable {
        /// What was called.
        method: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl CallError {
    /// Bytes in the answer that are no base64.
    pub(crate) fn not_base64(method: &str) -> CallError {
        CallError::Unreadable { method: method.to_owned(), reason: "it is no base64".to_owned() }
    }

    pub(crate) fn no_thread(error: std::io::Error) -> CallError {
        CallError::NoThread(error.to_string())
    }
}
