//! The words that stand in a recording's window where a page was not let, or
//! in front of one that does not answer.
//!
//! They are the program's own, the same for every page, and name no address:
//! they are no visit and no page that can be kept.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Why a page is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The server could not show who it is.
    NotTrusted,
    /// It is closed in a recording.
    Closed,
    /// It is there, and does nothing but its script.
    NotAnswering,
}

/// What people press in [`Notice::NotAnswering`] to stop the case.
pub(crate) const STOP: &str = "stop-the-case";

impl Notice {
    /// An address that is the whole page, and asks nothing of the network.
    pub(crate) fn url(self) -> &'static str {
        match self {
            Notice::NotTrusted => &NOT_TRUSTED,
            Notice::Closed => &CLOSED,
            Notice::NotAnswering => &NOT_ANSWERING,
        }
    }
}

/// Whether `url` is a notice, to the last letter.
pub(crate) fn is_notice(url: &str) -> bool {
    url == *NOT_TRUSTED || url == *CLOSED || url == *NOT_ANSWERING
}

static NOT_TRUSTED: LazyLock<String> = LazyLock::new(|| {
    page(
        "The server could not show that it is the one it says it is: its certificate is not valid. It was not passed over.",
    )
});

static CLOSED: LazyLock<String> = LazyLock::new(|| {
    page("Pages of the browser itself, files of this computer and page sources are closed in a recording.")
});

/// The page behind it hears no keys, so that this one has to.
static NOT_ANSWERING: LazyLock<String> = LazyLock::new(|| {
    address(
        "The page does not answer",
        &format!(
            "<h1>The page does not answer.</h1><p>It has not answered for two seconds, or loads itself again and \
             again, and is covered. It comes back here by itself once it answers. You can close its tab, or go on in another one.\
             <h2>Something illegal?</h2><p>Either of you, at once: press Ctrl+Shift+S here, or\
             <p><button id={STOP} style='font:inherit;font-weight:bold;padding:.6em 1.2em;\
             border:3px solid #000;background:#b3001b;color:#fff'>Stop the case</button>"
        ),
    )
});

fn page(why: &str) -> String {
    address(
        "Not opened",
        &format!(
            "<h1>This page was not opened.</h1><p>{why}<p>That you asked for it is on record. \
             Go back, or type another address."
        ),
    )
}

fn address(title: &str, words: &str) -> String {
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>\
         <body style='font:20px sans-serif;max-width:36em;margin:3em auto;padding:0 1em'>{words}"
    );
    format!("data:text/html;charset=utf-8;base64,{}", STANDARD.encode(html))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_words_are_a_notice() {
        for notice in [Notice::NotTrusted, Notice::Closed, Notice::NotAnswering] {
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
