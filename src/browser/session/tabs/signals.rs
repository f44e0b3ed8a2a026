//! What the pages of the tabs say by themselves: which one people look at, what
//! it is called, and that the case is to be stopped.

use std::time::Instant;

use serde_json::Value;

use super::Tabs;
use crate::session::addresses::internal;
use crate::session::events::Happening;
use crate::session::visited::Visited;
use crate::watch::listener::Heard;

impl Tabs {
    pub(super) fn heard(&mut self, place: usize, p: &Value, now: Instant) {
        let latest = self.tabs.iter().map(|tab| tab.looked_at).max().unwrap_or(0);
        let tab = &mut self.tabs[place];
        match Heard::of(p) {
            Some(Heard::Stop) => self.out.push(Happening::Stop),
            Some(Heard::Program { url }) => {
                if let Some(why) = internal(&url) {
                    self.out.push(Happening::Visited(Visited::denied(&url, why, now)));
                }
            }
            Some(Heard::Active) => {
                tab.documents = 0;
                self.out.push(Happening::Active);
            }
            Some(Heard::Focus) => tab.looked_at = latest + 1,
            // Two windows can be seen at once: the first look counts only.
            Some(Heard::Visible) if tab.looked_at == 0 => tab.looked_at = latest + 1,
            Some(Heard::Visible) | None => {}
            Some(Heard::Title { url, title }) => tab.visits.titled(&url, &title),
        }
    }
}
