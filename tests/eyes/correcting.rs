//! A wrong value is put right, by keyboard, and stands with the old one on
//! every page that has it.

use crate::looks::Findings;
use crate::people::{Office, sign};

#[test]
fn a_reference_is_put_right_from_the_task_list() {
    let (office, case) = Office::with_case();
    let tab = &office.tab;
    let mut findings = Findings::default();
    office.go(&case);
    tab.sees("About P-1234, by Jane Smith and Ali Khan.");
    findings.look(tab);
    tab.follow("Put this right: entry 1");
    findings.look(tab);
    tab.follow("Put this right: The school's reference for that person");
    findings.look(tab);
    // Left as it is: refused, with what was typed.
    tab.answer(&[("to", "P-1234")]);
    tab.sees("There is a problem");
    findings.look(tab);
    tab.answer(&[("to", "7B-41"), ("because", "A slip of the pen.")]);
    sign(tab, |tab| findings.look(tab));
    let now = "7B-41 (entry 2; was: P-1234, entry 1)";
    tab.sees(now);
    for page in ["", "/record", "/record/1", "/record/2", "/form"] {
        office.go(&format!("{case}{page}"));
        tab.sees("7B-41");
        tab.sees("P-1234");
        findings.look(tab);
    }
    for page in ["/", "/register"] {
        office.go(page);
        tab.sees(now);
        findings.look(tab);
    }
    // The whole entry, by words.
    office.go(&format!("{case}/record/1"));
    tab.follow("Say in words what is wrong with entry 1");
    findings.look(tab);
    tab.answer(&[("because", "It was the form tutor of 9A who told us.")]);
    sign(tab, |tab| findings.look(tab));
    office.go(&format!("{case}/record"));
    tab.sees("This entry is corrected by entry 3.");
    office.go(&format!("{case}/correct/1/concerns"));
    findings.look(tab);
    tab.answer(&[("to", "staff")]);
    sign(tab, |tab| findings.look(tab));
    office.go(&format!("{case}/record/1"));
    tab.sees("a member of staff (entry 4; was: a pupil, entry 1)");
    findings.none();
}
