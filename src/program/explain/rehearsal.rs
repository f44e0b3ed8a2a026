//! Why a rehearsal did not come to its end.

use countersign_case::rehearsal::RehearsalError;

use crate::message::{Exit, Message, shown};

impl From<RehearsalError> for Message {
    fn from(error: RehearsalError) -> Message {
        match error {
            RehearsalError::Case(error) => error.into(),
            RehearsalError::Capture(error) => error.into(),
            RehearsalError::Handover(error) => error.into(),
            RehearsalError::Read(error) => error.into(),
            RehearsalError::WayOut(error) => error.into(),
            RehearsalError::Disk(error) => error.into(),
            RehearsalError::Passphrases(path) => {
                Message::wrong(format!("{} does not hold two passphrases.", shown(&path)))
                    .hint("Take it away, or name another folder: --out FOLDER")
            }
            RehearsalError::Site(error) => Message::new(
                Exit::Surroundings,
                format!("The sample site could not start on this computer: {error}."),
            )
            .hint("A firewall may be in the way. Show this to your IT person."),
            RehearsalError::Random(error) => {
                Message::new(Exit::Surroundings, format!("This computer gives no random numbers: {error}."))
            }
            RehearsalError::Script => {
                Message::new(Exit::Surroundings, "The sample case does not fit the built-in procedure.")
                    .hint("This program is damaged: install it again.")
            }
        }
    }
}
