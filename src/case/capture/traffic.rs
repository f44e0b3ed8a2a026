//! Whether a page's traffic is kept beside its pictures.

use countersign_browser::traffic::Limits;

/// What a page exchanged with servers may be kept, too, as a web archive. It
/// can hold parts of the page that nobody looked at, so that people choose it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Traffic {
    /// It is not followed.
    #[default]
    NotKept,
    /// It is a file of the exhibit.
    Kept,
}

impl Traffic {
    pub(super) fn limits(self) -> Option<Limits> {
        (self == Traffic::Kept).then(Limits::default)
    }
}
