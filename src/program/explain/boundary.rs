//! Why nothing is written where somebody said, or nothing is brought in from
//! there.

use countersign_case::case::WayOutError;

use super::disk;
use crate::message::{Message, shown};

impl From<WayOutError> for Message {
    fn from(error: WayOutError) -> Message {
        let elsewhere = "Choose a place outside it, such as a USB stick or your own documents.";
        match error {
            WayOutError::IntoHome { path, home } => Message::wrong(format!(
                "{} lies where Countersign keeps the cases ({}). Nothing was written.",
                shown(&path),
                shown(&home)
            ))
            .hint(elsewhere),
            WayOutError::IntoCases { path, folder } => Message::wrong(format!(
                "{} lies among the files of a case ({}). Nothing was written.",
                shown(&path),
                shown(&folder)
            ))
            .hint(elsewhere),
            WayOutError::Back(path) => Message::wrong(format!(
                "{} goes back (..) from a folder that is not there. Nothing was written.",
                shown(&path)
            ))
            .hint("Write the path without \"..\"."),
            WayOutError::Disk(error) => disk::disk(&error),
            other => Message::wrong(format!("Nothing was written: {other}.")).hint(elsewhere),
        }
    }
}
