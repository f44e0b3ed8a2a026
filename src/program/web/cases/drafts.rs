//! What two people have answered and not signed yet, in memory alone.
//!
//! A restart loses it, and the pages say so. Each draft has a random name,
//! which stands in the address, so that two tabs do not mix their answers.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use crate::web::html::Problem;
use crate::web::session::Secret;

/// The drafts of every kind, each kind for itself: whoever holds one kind does
/// not hold up another.
#[derive(Default)]
pub struct AllDrafts {
    kinds: Mutex<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl AllDrafts {
    /// The drafts of that kind.
    pub fn of<T: Send + 'static>(&self) -> Arc<Drafts<T>> {
        let mut kinds = self.kinds.lock().unwrap_or_else(|e| e.into_inner());
        let kind = kinds.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(Drafts::<T>::default()));
        // The entry of a type holds drafts of that type and no others.
        Arc::clone(kind).downcast().unwrap_or_default()
    }
}

/// Drafts of one kind.
pub struct Drafts<T> {
    kept: Mutex<VecDeque<(String, T)>>,
}

impl<T> Default for Drafts<T> {
    fn default() -> Drafts<T> {
        Drafts { kept: Mutex::default() }
    }
}

impl<T> Drafts<T> {
    /// Keeps a new draft, and gives its name.
    pub fn begin(&self, draft: T) -> Result<String, Problem> {
        let name = Secret::draw().map_err(Problem::random)?.as_str()[..16].to_owned();
        let mut kept = self.kept.lock().unwrap_or_else(|e| e.into_inner());
        if kept.len() == MOST_DRAFTS {
            kept.pop_front();
        }
        kept.push_back((name.clone(), draft));
        Ok(name)
    }

    /// Looks at or changes the draft of that name. It is held meanwhile: two
    /// tabs that send it at once come one after the other.
    pub fn with<R>(&self, name: &str, work: impl FnOnce(&mut T) -> R) -> Result<R, Problem> {
        let mut kept = self.kept.lock().unwrap_or_else(|e| e.into_inner());
        let draft = kept.iter_mut().find(|(known, _)| known == name);
        draft.map(|(_, draft)| work(draft)).ok_or(Problem::NoDraft)
    }
}

/// Drafts at once; the oldest go.
const MOST_DRAFTS: usize = 64;
