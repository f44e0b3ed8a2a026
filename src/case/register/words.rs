//! What is due, in a few words for a list.

use crate::procedure::{Pack, Reminder};

/// The words for a reminder.
pub(super) fn of(reminder: &Reminder, pack: &Pack) -> String {
    match reminder {
        Reminder::RecordTheHalt => "Unlock the case together and put the stop on record".to_owned(),
        Reminder::NameTheCategory => "Say what the stop is about".to_owned(),
        Reminder::Refer(route) => match pack.route(route.as_str()) {
            Some(known) => format!("Tell {}", known.name),
            None => format!("Refer: {route}"),
        },
        Reminder::Isolate => "Isolate the computer, or write down that it was done".to_owned(),
        Reminder::DescribeTheConcern => "Describe the concern".to_owned(),
        Reminder::Act => "Say what follows".to_owned(),
        Reminder::Carry(outcome) => {
            let known = pack.outcomes().iter().find(|known| known.id == *outcome);
            let label = known.map_or(outcome.id(), |known| known.label.as_str());
            format!("Do what was proposed: {label}")
        }
        Reminder::Seal => "Seal the case".to_owned(),
        Reminder::SealAgain => "Seal the case again: the last seal lacks entries".to_owned(),
        Reminder::HandOverOrArchive => "Hand over a copy, or file the case".to_owned(),
        Reminder::Archive => "File the case".to_owned(),
        Reminder::ConfirmTheFiling => "Confirm how the case is filed: it was sealed again".to_owned(),
        Reminder::Review(day) => format!("Look at the filed case again, since {day}"),
    }
}
