//! What is typed at a stop, however long it is once it is spelled.

use super::*;

/// Seen: `halt --describe` with 40,000 quotation marks, which JSON doubles,
/// and the case was never unlocked again.
#[test]
fn forty_thousand_quotation_marks_stop_a_case_and_lock_none() {
    for (name, letters) in [("quotes", "\""), ("lines", "\n"), ("overrides", "\u{202e}"), ("signs", "👩‍👩‍👧")]
    {
        let world = World::new();
        let reference = world.open().folder().reference();
        let words = format!("seen {}", letters.repeat(40_000));
        let typed = Halt {
            category: Some(words.clone()),
            place: Some(words.clone()),
            description: Some(words.clone()),
            by: Some(Side::A),
            ..Halt::default()
        };
        raise(&world.home().case(reference), typed, &world.clock).expect("is stopped");
        assert_eq!(ends_well(&world, reference, name), 0);
    }
}
