//! How pages look: their frame, their forms, and what is wrong with one.

pub mod fields;
pub mod form;
mod hints;
mod layout;
pub mod picture;
mod problem;
pub mod stop_words;

pub use hints::hints;
pub use layout::Page;
pub use problem::Problem;
