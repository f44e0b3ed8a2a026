//! The one place in which text from outside is cut: what a page, a server or
//! the system says has an end.

use std::io;

/// Text from outside, cut at 4,096 bytes.
pub fn cut(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let end = (0..=LONGEST_TEXT).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    format!("{}…", &text[..end])
}

const LONGEST_TEXT: usize = 4096;

/// What the system says of a failure, cut at 200 characters.
pub(crate) fn brief(error: &io::Error) -> String {
    at_most(&error.to_string(), 200)
}

/// Text from outside, cut at `most` characters without a mark.
pub(crate) fn at_most(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        let long = cut(&"é".repeat(5000));
        assert_eq!(long.len(), LONGEST_TEXT + "…".len());
        assert!(long.ends_with('…'));
        assert_eq!(cut("short"), "short");
    }
}
