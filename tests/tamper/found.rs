//! On purpose: where it must show.

use countersign_record::verify::{Paper, Report, Verdict};

use crate::forge::{Bundle, entry_path};
use crate::sealed::Sealed;

/// Found, packed and unpacked, with and without the paper: and this is the
/// first that is said of it.
#[track_caller]
pub fn found_at(bundle: &Bundle, entry: Option<u64>, file: &str) -> [Report; 2] {
    let reports = bundle.reports(None);
    for report in &reports {
        assert_eq!(report.verdict, Verdict::Changed, "{report:?}");
        let first = &report.findings[0];
        assert_eq!((first.entry, first.file.as_deref()), (entry, Some(file)), "{:#?}", report.findings);
    }
    let paper = Paper::Root(bundle.root());
    for report in bundle.reports(Some(&paper)) {
        assert_eq!(report.verdict, Verdict::Changed, "even if the paper is of the changed bundle");
    }
    reports
}

#[track_caller]
pub fn found_at_entry(bundle: &Bundle, entry: u64) -> [Report; 2] {
    found_at(bundle, Some(entry), &entry_path(entry))
}

/// The bundle as it is, then with its manifests made right by somebody
/// without keys, then with everything made right by the first person alone.
pub fn by_each(sealed: &Sealed, bundle: &Bundle, check: impl Fn(&Bundle)) {
    check(bundle);
    let mut relisted = bundle.clone();
    relisted.relist();
    check(&relisted);
    let mut resealed = bundle.clone();
    resealed.reseal(sealed.first_alone());
    check(&resealed);
}

#[track_caller]
pub fn found_at_in(bundle: &Bundle, files: &[&str]) {
    for report in bundle.reports(None) {
        assert_eq!(report.verdict, Verdict::Changed, "{report:?}");
        let first = report.findings[0].file.as_deref();
        assert!(first.is_some_and(|first| files.contains(&first)), "{:?}", report.findings);
    }
}
