//! The recording browser: two people browse, and every visit becomes an entry
//! as it happens.
//!
//! One thread, the caller's, owns the case and the browser. It takes commands
//! between what the browser tells, and tells its caller only what is durable.

mod command;
mod event;
mod exhibit;
mod failure;
mod live;
mod obey;
mod recorder;
mod visits;

use std::sync::mpsc::Receiver;

pub use command::Command;
pub use event::{Event, Unmet};

use self::recorder::Recorder;
use super::{CaptureError, Network, Starter, Traffic};
use crate::case::Unlocked;
use countersign_browser::program::launch::Window;
pub use countersign_browser::session::Area;
use countersign_record::journal::Side;

/// What to record with, and for whom.
pub struct RecordRequest<'a> {
    /// A page to open first, as it was typed.
    pub start: Option<&'a str>,
    /// Who produces the exhibits.
    pub producer: Side,
    /// The browser.
    pub with: Starter<'a>,
    /// Whether people see it.
    pub window: Window,
    /// How the network is reached: the school's proxy, and the ports of this
    /// computer that stay closed even to a rehearsal, such as the guide's own.
    pub network: &'a Network,
    /// Whether the traffic of what is kept is kept, too: then it is gathered in
    /// memory from the first page on, and what a page had is dropped when
    /// people go on.
    pub traffic: Traffic,
}

/// How a recording ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The entry that says so.
    pub entry: u64,
    /// Why.
    pub why: Ending,
    /// How many visits are on record, denied ones among them.
    pub visits: u64,
    /// How many exhibits were kept.
    pub kept: u64,
}

/// Why a recording ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A person ended it.
    Asked,
    /// Nobody did anything in it for too long.
    Left,
    /// The last window was closed.
    Closed,
    /// The case was stopped.
    Halted,
    /// The browser failed again and again.
    Failed,
}

/// Opens a browser and records what is visited in it, until a person ends it,
/// the last window is closed, or the case is stopped.
///
/// It MUST tell an event only once its entry is durable. Once a halt is
/// raised, by a command, by the keys in the window, or from anywhere else, the
/// browser is killed at once and a page that was being kept is dropped. What was
/// visited before the halt goes on record behind it, and is not told.
/// A channel of commands whose sender has gone ends the recording.
pub fn record(
    case: &mut Unlocked<'_>,
    request: RecordRequest<'_>,
    commands: &Receiver<Command>,
    tell: &mut dyn FnMut(&Event),
) -> Result<Ended, CaptureError> {
    Recorder::begin(case, request, commands, tell)?.run()
}
