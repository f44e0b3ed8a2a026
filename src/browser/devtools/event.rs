//! What the browser says of its own accord, and which session it is about.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the browser says of its own accord.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// `Domain.event`.
    pub method: String,
    /// The session that it is about; none for the browser itself.
    #[serde(rename = "sessionId", default)]
    pub session: Option<SessionId>,
    /// Its parameters.
    #[serde(default)]
    pub params: Value,
}

/// A session: the client attached to one target.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub String);
