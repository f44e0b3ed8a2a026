//! A context off the record: what is visited in it leaves nothing on the disk,
//! gets no permission and downloads nothing.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::client::{Client, Pending};
use super::error::CallError;
use crate::network::wall::Wall;

/// What the page is watched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attendance {
    /// Nobody looks: one page is to be kept, and is alone.
    Unattended,
    /// People look at it in a window.
    Shown,
    /// It is recorded without a window.
    Headless,
}

pub(crate) struct Context {
    pub(crate) id: String,
}

impl Context {
    /// Creates one whose way out is the wall, whatever the computer's rules
    /// say. It goes with the connection to the browser. Before anything is asked
    /// of the network in it, [`Context::deny`] must have been called.
    pub(crate) fn create(client: &Client, wall: &Wall) -> Result<Context, CallError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Created {
            browser_context_id: String,
        }
        let deny = json!({ "behavior": "deny", "eventsEnabled": true });
        client.tell(None, "Browser.setDownloadBehavior", deny);
        let created: Created =
            client.call(None, "Target.createBrowserContext", wall.context(), CONTEXT_LIMIT)?;
        Ok(Context { id: created.browser_context_id })
    }

    /// Denies every permission and every download; answered once it is so.
    pub(crate) fn deny(&self, client: &Client) -> Result<Pending, CallError> {
        let id = &self.id;
        let deny = json!({ "behavior": "deny", "eventsEnabled": true, "browserContextId": id });
        let denied = client.begin(None, "Browser.setDownloadBehavior", deny)?;
        for name in PERMISSIONS {
            let deny = json!({ "permission": { "name": name }, "setting": "denied", "browserContextId": id });
            client.tell(None, "Browser.setPermission", deny);
        }
        Ok(denied)
    }
}

const CONTEXT_LIMIT: Duration = Duration::from_secs(10);

/// Names of the Permissions API; a browser that does not know one says so and
/// denies it anyway.
const PERMISSIONS: [&str; 18] = [
    "camera",
    "microphone",
    "geolocation",
    "notifications",
    "clipboard-read",
    "clipboard-write",
    "midi",
    "background-sync",
    "persistent-storage",
    "accelerometer",
    "gyroscope",
    "magnetometer",
    "payment-handler",
    "idle-detection",
    "window-management",
    "local-fonts",
    "display-capture",
    "storage-access",
];
