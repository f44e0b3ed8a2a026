//! Who has a connection to the guide: the reviewers' browser, and strangers.
//!
//! Every program of this computer can connect. So a connection is a
//! stranger's until the guard has let a request of it in, and where there are
//! too many strangers the one that came first has to leave: whoever presses
//! Stop is let in, however many others wait at the door and say nothing.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::task::AbortHandle;

/// The connections that there are.
#[derive(Default)]
pub struct Connections {
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    last: u64,
    strangers: VecDeque<(u64, Option<AbortHandle>)>,
    guests: HashSet<u64>,
}

/// The place of one connection, for as long as it lasts.
pub struct ConnectionSlot {
    number: u64,
    connections: Arc<Connections>,
}

impl Connections {
    /// A place for who just came. Where there is none, the first of the
    /// strangers loses its own.
    pub fn enter(self: &Arc<Self>) -> Arc<ConnectionSlot> {
        let mut inside = self.inside();
        if inside.strangers.len() == MOST_STRANGERS
            && let Some((_, Some(first))) = inside.strangers.pop_front()
        {
            first.abort();
        }
        inside.last += 1;
        let number = inside.last;
        inside.strangers.push_back((number, None));
        Arc::new(ConnectionSlot { number, connections: Arc::clone(self) })
    }

    /// By which the connection in that place is ended.
    pub fn served_by(&self, number: u64, task: AbortHandle) {
        let mut inside = self.inside();
        if let Some((_, handle)) = inside.strangers.iter_mut().find(|(other, _)| *other == number) {
            *handle = Some(task);
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl ConnectionSlot {
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The guard has let it in: nobody takes its place any more. A browser
    /// opens a few; beyond any number that it opens, it stays a stranger.
    pub fn let_in(&self) {
        let mut inside = self.connections.inside();
        if inside.guests.contains(&self.number) || inside.guests.len() == MOST_GUESTS {
            return;
        }
        inside.strangers.retain(|(number, _)| *number != self.number);
        inside.guests.insert(self.number);
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut inside = self.connections.inside();
        inside.strangers.retain(|(number, _)| *number != self.number);
        inside.guests.remove(&self.number);
    }
}

/// Strangers at once: many more come before a browser that has connected has
/// said what it wants.
const MOST_STRANGERS: usize = 128;

/// Browsers open six to a server; two windows and live events beside them.
const MOST_GUESTS: usize = 64;
