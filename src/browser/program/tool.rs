//! What a page was kept with, for the record.

use serde::{Deserialize, Serialize};

/// What a page was kept with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// A browser.
    Browser {
        /// Name and version as it says, `HeadlessChrome/156.0.8078.79`.
        product: String,
        /// How it names itself to servers.
        user_agent: String,
        /// The program.
        path: String,
        /// Its command line after the path.
        arguments: Vec<String>,
        /// The account as which it ran, where it was not that of the program,
        /// which had all rights.
        account: Option<String>,
    },
    /// No browser: the server's answer alone.
    Answer {
        /// How the program named itself to servers.
        user_agent: String,
    },
}
