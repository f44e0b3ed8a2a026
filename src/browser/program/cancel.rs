//! The question whether a recording has been stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A question that is asked again and again: has the recording been stopped?
#[derive(Clone)]
pub struct Cancel(Arc<dyn Fn() -> bool + Send + Sync>);

impl Cancel {
    /// Asks `stopped`, which should answer within a millisecond.
    pub fn when(stopped: impl Fn() -> bool + Send + Sync + 'static) -> Cancel {
        Cancel(Arc::new(stopped))
    }

    /// Watches a flag.
    pub fn flag(flag: Arc<AtomicBool>) -> Cancel {
        Cancel::when(move || flag.load(Ordering::Relaxed))
    }

    /// Never.
    pub fn never() -> Cancel {
        Cancel::when(|| false)
    }

    /// Whether the recording has been stopped.
    pub fn is_raised(&self) -> bool {
        (self.0)()
    }
}
