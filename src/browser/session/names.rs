//! What the page in a tab is called, as soon as it has said so.

use super::addresses::plain;
use super::events::SessionEvent;
use super::visited::Page;
use crate::text::cut;

/// The name of the page that a tab shows.
pub(super) struct PageName {
    page: Page,
    url: String,
    title: Option<String>,
    said: bool,
}

impl PageName {
    /// Before the first page of `tab`.
    pub(super) fn in_tab(tab: &str) -> PageName {
        PageName { page: Page::first_of(tab), url: String::new(), title: None, said: false }
    }

    /// Another page is shown.
    pub(super) fn turn(&mut self) {
        *self = PageName { page: self.page.next(), url: String::new(), title: None, said: false };
    }

    /// The page is at `url`: its title, or the page whose title is to come.
    pub(super) fn at(&mut self, url: &str) -> (Option<String>, Option<Page>) {
        url.clone_into(&mut self.url);
        (self.title.clone(), (!self.said).then(|| self.page.clone()))
    }

    /// The page at `url` says what it is called. The page before it may still
    /// say so, too late.
    pub(super) fn said(&mut self, url: &str, title: &str) -> Option<SessionEvent> {
        if self.said || plain(&self.url) != plain(url) {
            return None;
        }
        self.said = true;
        self.title = Some(cut(title)).filter(|title| !title.is_empty());
        Some(SessionEvent::Titled { page: self.page.clone(), title: self.title.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_named_once_and_by_itself() {
        let mut name = PageName::in_tab("T");
        name.turn();
        let (_, waits) = name.at("http://a.example/");
        assert!(waits.is_some());
        assert_eq!(name.said("http://b.example/", "another's"), None);
        assert!(name.said("http://a.example/#part", "A").is_some());
        assert_eq!(name.said("http://a.example/", "said twice"), None);
        assert_eq!(name.at("http://a.example/c"), (Some("A".to_owned()), None));
        name.turn();
        assert_eq!(name.said("http://a.example/c", "too late"), None);
        let (title, next) = name.at("http://a.example/");
        assert!(title.is_none() && next != waits, "another page at the same address");
    }
}
