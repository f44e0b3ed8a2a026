//! Why words that were typed cannot be taken.

use countersign_record::journal::TextError;

use crate::message::Message;

/// A length to the byte: "too long by 0 KB" helps nobody.
fn in_full(bytes: usize) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}

/// The words for `field` cannot be taken.
pub fn field(field: &str, error: &TextError) -> Message {
    match error {
        TextError::Empty => Message::wrong(format!("The {field} is empty.")).hint("Write something there."),
        TextError::Long { bytes, limit } => Message::wrong(format!(
            "The {field} is too long by {}: it takes {} in the record, and at most {} fit.",
            in_full(bytes - limit),
            in_full(*bytes),
            in_full(*limit)
        ))
        .hint("Quotation marks, backslashes and new lines take two bytes each, accents and other scripts two to four.")
        .hint("Say it in fewer words, or bring a longer text in as a file: countersign attach"),
        TextError::Character { place, character: '\n' } => Message::wrong(format!(
            "The {field} must be one line; there is a line break at character {place}."
        )),
        TextError::Character { place, character } => Message::wrong(format!(
            "The {field} has a character that cannot be seen: character {place}, U+{:04X}.",
            u32::from(*character)
        ))
        .hint("Type it again by hand instead of pasting it."),
    }
}
