//! What came in as one exhibit is counted once, whatever number of entries it
//! took.

use std::fs;

use crate::school::School;

#[test]
fn files_of_several_entries_are_one_exhibit_with_one_count() {
    let school = School::with_a_case();
    let folder = school.path("drawer");
    fs::create_dir(&folder).expect("is made");
    for n in 0..300 {
        let name = format!("a chat with somebody whose name takes some room in the entry {n}.txt");
        fs::write(folder.join(name), format!("file {n}")).expect("writes");
    }
    let said = school.both(&["attach", "drawer", "--describe", "The chats"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("Exhibit JS/1: 300 files, in entries 2 to 3."), "{}", said.err);
    let shown = school.run(&["show", "--json"]).json();
    let parts = shown["exhibits"].as_array().expect("a list");
    assert_eq!(parts.len(), 2, "one of each entry");
    let files: u64 = parts.iter().map(|part| part["files"].as_u64().expect("a number")).sum();
    for part in parts {
        let all = &part["in_all_parts"];
        assert_eq!((&all["files"], &all["of_files"], &all["parts"]), (&files.into(), &300.into(), &2.into()));
        assert_eq!((&all["left_out"], &all["broke_off"]), (&0.into(), &false.into()));
    }
}
