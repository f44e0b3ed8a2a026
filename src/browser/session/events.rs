//! What a recording's windows have to tell.

use super::visited::{Page, Visited};

/// Something that happened in the recorded windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionEvent {
    /// A page was visited, or was not let to be.
    Visited(Visited),
    /// A page says what it is called, or that it is called nothing.
    Titled {
        /// The page; the visits that wait for it name it.
        page: Page,
        /// Its title.
        title: Option<String>,
    },
    /// A page crashed. Its tab is still there.
    Crashed {
        /// Where it was.
        url: String,
    },
    /// So many windows were closed unopened, because too many are open.
    TooManyWindows(u64),
    /// Somebody pressed the keys that stop the case.
    Stop,
    /// People did something in one of the windows. It is told now and then,
    /// and not what they did.
    Active,
    /// The last window was closed.
    Closed,
}
