//! Why there is no running browser.

use std::io;
use std::path::PathBuf;

use crate::devtools::error::CallError;

/// Why there is no running browser.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The private folder could not be made.
    #[error("{path}: the browser's private folder could not be made: {source}", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// On Unix the browser makes a socket in its private folder, and the name
    /// of a socket has at most 107 bytes.
    #[error("{path}: the path is too long for the browser's private folder", path = path.display())]
    FolderTooLong {
        /// The folder.
        path: PathBuf,
    },
    /// The folder cannot be reached by the account as which it would run.
    #[error("{path}: {account}, as whom the browser would run, cannot reach this folder", path = path.display())]
    OutOfReach {
        /// The folder.
        path: PathBuf,
        /// The account's name.
        account: String,
    },
    /// The system did not start it.
    #[error("{path}: the browser could not be started: {source}", path = path.display())]
    NotStarted {
        /// The browser.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It refuses to run because it cannot have its sandbox.
    #[error("{path}: the browser refuses to run without its sandbox", path = path.display())]
    Sandbox {
        /// The browser.
        path: PathBuf,
        /// Its own words.
        said: String,
    },
    /// The school's management of this computer forbids recording: the policy
    /// `RemoteDebuggingAllowed` is off.
    #[error("{path}: a policy of this computer forbids recording", path = path.display())]
    Policy {
        /// The browser.
        path: PathBuf,
        /// Its own words.
        said: String,
    },
    /// It ended, or did not answer.
    #[error("{path}: the browser did not come up: {error}", path = path.display())]
    NotUp {
        /// The browser.
        path: PathBuf,
        /// What was seen of it.
        error: CallError,
        /// Its last words.
        said: String,
    },
    /// The recording was stopped meanwhile.
    #[error("the recording was stopped while the browser started")]
    Cancelled,
}
