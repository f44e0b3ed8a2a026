//! What the pages of the tabs say by themselves: which one people look at, what
//! it is called, and that the case is to be stopped.

use std::time::Instant;

use super::Tabs;
use crate::devtools::page_event::BindingCalled;
use crate::session::addresses::internal;
use crate::session::events::SessionEvent;
use crate::session::visited::Visited;
use crate::watch::listener::PageSignal;

impl Tabs {
    pub(super) fn signalled(&mut self, place: usize, called: &BindingCalled, now: Instant) {
        let latest = self.tabs.iter().map(|tab| tab.looked_at).max().unwrap_or(0);
        let tab = &mut self.tabs[place];
        match PageSignal::of(called) {
            Some(PageSignal::Stop) => self.out.push(SessionEvent::Stop),
            Some(PageSignal::Program { url }) => {
                if let Some(why) = internal(&url) {
                    self.out.push(SessionEvent::Visited(Visited::denied(&url, why, now)));
                }
            }
            Some(PageSignal::Active) => {
                tab.documents = 0;
                self.out.push(SessionEvent::Active);
            }
            Some(PageSignal::Focus) => tab.looked_at = latest + 1,
            // Two windows can be seen at once: the first look counts only.
            Some(PageSignal::Visible) if tab.looked_at == 0 => tab.looked_at = latest + 1,
            Some(PageSignal::Visible) | None => {}
            Some(PageSignal::Title { url, title }) => tab.visits.titled(&url, &title),
        }
    }
}
