//! Addresses in a recording: which are the browser's own, which are empty, and
//! how they are put on record.
//!
//! Which pages of the web may be asked for is not judged here.

use crate::text::{at_most, cut};

/// Why nobody may open one of the browser's own pages, if it is one.
pub(super) fn internal(url: &str) -> Option<String> {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let open = matches!(scheme, "http" | "https" | "data" | "blob" | "about" | "file" | "filesystem" | "");
    (!open && !is_blank(url))
        .then(|| format!("it begins with {}:, which is closed in a recording", cut(scheme)))
}

/// A page of the browser with nothing on it, where people begin.
pub(super) fn is_blank(url: &str) -> bool {
    url.is_empty() || url == "about:blank" || url.starts_with("about:blank#") || {
        let page = url.split_once("://").map_or("", |(_, page)| page.trim_end_matches('/'));
        !url.starts_with("http") && matches!(page, "newtab" | "new-tab-page" | "new-tab-page-third-party")
    }
}

/// An address as it is put on record. One that carries its own content, which
/// may be a picture, is recorded without it.
pub(super) fn shown(url: &str) -> String {
    match url.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("data:") => {
            let kind = url.split(',').next().unwrap_or_default();
            let kind = at_most(kind, 100);
            format!("{kind},[{} characters left out]", url.len().saturating_sub(kind.len() + 1))
        }
        _ => cut(url),
    }
}

pub(super) fn plain(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_carries_a_picture_is_recorded_without_it() {
        assert_eq!(shown("data:image/png;base64,AAAA"), "data:image/png;base64,[4 characters left out]");
        assert_eq!(shown("DATA:x"), "DATA:x,[0 characters left out]");
        assert_eq!(shown("https://example.org/data:"), "https://example.org/data:");
    }
}
