//! How pages look: their frame, their forms, and what is wrong with one.

pub mod fields;
pub mod form;
pub mod hints;
pub mod layout;
pub mod picture;
pub mod problem;
pub mod stop_words;
