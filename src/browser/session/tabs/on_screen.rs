//! Which tab people look at, and what stands in front of it.

use super::{MOST_TABS, Tabs};
use crate::devtools::event::SessionId;
use crate::session::tab::Tab;

impl Tabs {
    /// The tab that people look at, or looked at last. What only covers it is
    /// none.
    pub(in super::super) fn on_screen(&self) -> Option<&Tab> {
        let cover = self.cover.as_ref().and_then(Option::as_ref);
        let tabs = self.tabs.iter().filter(|tab| !tab.closing && Some(&tab.target) != cover);
        tabs.max_by_key(|tab| tab.looked_at)
    }

    /// What stands in front of a page now: a tab, one that is being opened, or
    /// nothing.
    pub(in super::super) fn covered_by(&mut self, cover: Option<Option<String>>) {
        self.cover = cover;
    }

    pub(in super::super) fn context(&self) -> &str {
        &self.context
    }

    pub(in super::super) fn tab_of(&self, target: &str) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.target == target)
    }

    pub(in super::super) fn tab_in(&self, session: &SessionId) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.session == *session)
    }

    /// How many tabs there can be: a flood of them must not keep a page from
    /// being covered.
    pub(super) fn most(&self) -> usize {
        MOST_TABS + usize::from(self.cover.is_some())
    }
}
