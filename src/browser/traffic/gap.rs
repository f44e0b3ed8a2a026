//! What is missing from a page's traffic, said out loud.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that the traffic of a page does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// The page's own answer: it was loaded before, or not at all.
    Page,
    /// Contents that were more than is kept.
    Cut {
        /// Of how many answers.
        answers: u64,
        /// The most that is kept of each.
        each: u64,
        /// The most that is kept of all.
        all: u64,
    },
    /// Contents that had not ended, or ended before they were whole.
    NotWhole(u64),
    /// Contents of which the browser has nothing.
    NoContent(u64),
    /// Contents of which the browser has its own text only.
    AsText(u64),
    /// Requests beyond the most that are listed.
    LeftOut(u64),
    /// What went over sockets that the page kept open.
    Sockets(u64),
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::Page => f.write_str("the page's own answer is not in it"),
            Gap::Cut { answers, each, all } => {
                write!(
                    f,
                    "the content of {} is cut, at {each} bytes each or {all} in all",
                    some(*answers, "answer")
                )
            }
            Gap::NotWhole(n) => write!(f, "the content of {} had not come to its end", some(*n, "answer")),
            Gap::NoContent(n) => write!(f, "the content of {} is not in it", some(*n, "answer")),
            Gap::AsText(n) => {
                write!(f, "the content of {} is the browser's text of it, as UTF-8", some(*n, "answer"))
            }
            Gap::LeftOut(n) => write!(f, "not in it: {} more", some(*n, "request")),
            Gap::Sockets(n) => write!(f, "what went over {} is not in it", some(*n, "web socket")),
        }
    }
}

fn some(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
