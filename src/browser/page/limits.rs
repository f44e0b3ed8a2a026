//! How long and how much of a page is taken, and who takes it.

use std::io;
use std::time::Duration;

use super::facts::Piece;
use crate::traffic;

/// How long and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Until the page says that it is loaded.
    pub load: Duration,
    /// After that, until nothing more is loading.
    pub settle: Duration,
    /// How long nothing must move for that.
    pub quiet: Duration,
    /// Scrolling through it once.
    pub scroll: Duration,
    /// Each picture and file.
    pub take: Duration,
    /// Bytes of the page with all its parts.
    pub bytes: u64,
    /// Width of the window's inside in CSS pixels.
    pub width: u32,
    /// Height of the window's inside in CSS pixels.
    pub height: u32,
    /// How much of its traffic; none is kept unless it is said.
    pub traffic: Option<traffic::Limits>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            load: Duration::from_secs(30),
            settle: Duration::from_secs(5),
            quiet: Duration::from_millis(100),
            scroll: Duration::from_secs(10),
            take: Duration::from_secs(20),
            bytes: 128 << 20,
            width: 1280,
            height: 800,
            traffic: None,
        }
    }
}

/// Takes a piece of a page. What it is given of a page that was not kept in
/// the end, it must forget.
pub type Sink<'a> = dyn FnMut(Piece, &[u8]) -> io::Result<()> + 'a;
