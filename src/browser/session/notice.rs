//! The words that stand in a recording's window where a page was not let.
//!
//! They are the program's own, the same for every page, and name no address:
//! they are no visit and no page that can be kept.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Why a page is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// The server could not show who it is.
    NotTrusted,
    /// It is closed in a recording.
    Closed,
}

impl Notice {
    /// An address that is the whole page, and asks nothing of the network.
    pub(super) fn url(self) -> &'static str {
        match self {
            Notice::NotTrusted => &NOT_TRUSTED,
            Notice::Closed => &CLOSED,
        }
    }
}

/// Whether `url` is a notice, to the last letter.
pub(in crate::browser) fn is_notice(url: &str) -> bool {
    url == *NOT_TRUSTED || url == *CLOSED
}

static NOT_TRUSTED: LazyLock<String> = LazyLock::new(|| {
    page(
        "The server could not show that it is the one it says it is: its certificate is not valid. It was not passed over.",
    )
});

static CLOSED: LazyLock<String> = LazyLock::new(|| {
    page("Pages of the browser itself, files of this computer and page sources are closed in a recording.")
});

fn page(why: &str) -> String {
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Not opened</title>\
         <body style='font:20px sans-serif;max-width:36em;margin:3em auto;padding:0 1em'>\
         <h1>This page was not opened.</h1><p>{why}<p>That you asked for it is on record. \
         Go back, or type another address."
    );
    format!("data:text/html;charset=utf-8;base64,{}", STANDARD.encode(html))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_words_are_a_notice() {
        for notice in [Notice::NotTrusted, Notice::Closed] {
            assert!(is_notice(notice.url()));
            for other in
                [format!("{}A", notice.url()), notice.url().to_uppercase(), format!("{}#x", notice.url())]
            {
                assert!(!is_notice(&other), "{other}");
            }
            // As the browser will say it: nothing in it is to be escaped.
            assert_eq!(url::Url::parse(notice.url()).expect("an address").as_str(), notice.url());
        }
        for page in ["data:text/html,<title>Not opened</title>", "about:blank", ""] {
            assert!(!is_notice(page), "{page}");
        }
    }
}
