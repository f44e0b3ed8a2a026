//! A case with a very long record.

use std::time::{Duration, Instant};

use countersign::form::{Fonts, draw};
use countersign::journal::Standing;

use crate::readers::*;
use crate::sample::*;

#[test]
fn ten_thousand_visits_in_bounded_time() {
    let mut form = Sample::opened(Standing::Case, Gate::Nothing).form();
    let (visit, line) = (sample().form().visits[0].clone(), form.record[0].clone());
    for n in 0..10_000_u32 {
        let address = format!("https://forum.example.org/thread/{n}?page={}", n % 7);
        form.visits.push(countersign::form::Visit { address, entry: u64::from(n) + 2, ..visit.clone() });
        form.record.push(countersign::form::RecordLine { entry: u64::from(n) + 2, ..line.clone() });
    }
    let started = Instant::now();
    let pdf = draw(&form, &Fonts::built_in()).expect("a form");
    let took = started.elapsed();
    eprintln!("10,000 visits: {} pages, {} bytes, {took:?}", pdf.pages, pdf.bytes.len());
    assert!(took < Duration::from_secs(300), "{took:?}");
    qpdf(&pdf);
    let text = text_of(&pdf);
    for n in [0, 4_999, 9_999] {
        assert!(text.contains(&format!("https://forum.example.org/thread/{n}?page=")), "visit {n}");
    }
    assert!(text.contains(&format!("Page {0} of {0}", pdf.pages)));
}
