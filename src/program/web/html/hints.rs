//! What of a message's advice is of use in the guide.

use crate::message::Message;

/// The hints that are of use in the guide: without those that name a command
/// or one of its options.
pub fn hints(message: &Message) -> Vec<String> {
    let lines = message.hints.iter().flat_map(|hint| hint.lines());
    lines.filter_map(without_commands).collect()
}

fn without_commands(line: &str) -> Option<String> {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("(countersign ") {
        kept.push_str(before.trim_end());
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    let kept = kept.trim().trim_start_matches("- ").to_owned();
    let is_command = |text: &str| text.contains("countersign ") || text.contains("--");
    (!kept.is_empty() && kept != "Next:" && !is_command(&kept)).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_for_the_terminal_are_left_out() {
        let message = Message::no("No.")
            .hint("Close it there, then try again. Nothing was changed.")
            .hint("To stop the case you need not wait: countersign halt 2026-0001")
            .hint("Next:\n- Keep the pages that matter. (countersign keep)\n- Or write a note. (countersign note)")
            .hint("Name a place for the cases: --home FOLDER");
        let left = [
            "Close it there, then try again. Nothing was changed.",
            "Keep the pages that matter.",
            "Or write a note.",
        ];
        assert_eq!(hints(&message), left);
    }
}
