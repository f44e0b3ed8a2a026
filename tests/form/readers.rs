//! Other people's readers of a PDF: `qpdf`, poppler's tools and two checkers.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use countersign_case::form::Pdf;

/// Everything that the checkers at hand can say.
pub fn check(pdf: &Pdf) {
    qpdf(pdf);
    let document = zpdf_document::PdfDocument::open(pdf.bytes.clone()).expect("a PDF");
    assert_eq!(document.page_count(), pdf.pages);
    let archive = zpdf_document::pdfa::validate(document.file(), zpdf_document::pdfa::Profile::A3b);
    assert!(archive.conforms(), "{:?}", archive.violations);
    assert_eq!(archive.claimed, Some(("3".to_owned(), "A".to_owned())));
    let accessible = zpdf_document::pdfua::validate(document.file(), zpdf_document::pdfua::Profile::Ua1);
    assert!(accessible.conforms(), "{:?}", accessible.violations);
}

pub fn qpdf(pdf: &Pdf) {
    let file = stored(pdf);
    let output =
        Command::new("qpdf").arg("--check").arg(file.path()).output().expect("qpdf is not installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub fn text_of(pdf: &Pdf) -> String {
    let file = stored(pdf);
    let mut command = Command::new("pdftotext");
    let output =
        command.arg("-layout").arg(file.path()).arg("-").output().expect("pdftotext is not installed");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The words with single spaces between them, however the lines broke.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many images the file holds.
pub fn images(pdf: &Pdf) -> usize {
    let file = stored(pdf);
    let mut command = Command::new("pdfimages");
    let output = command.arg("-list").arg(file.path()).output().expect("pdfimages is not installed");
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).lines().skip(2).count()
}

/// Every word lies between the margins.
pub fn within_the_margins(pdf: &Pdf) {
    let file = stored(pdf);
    let mut command = Command::new("pdftotext");
    let output = command.arg("-bbox").arg(file.path()).arg("-").output().expect("pdftotext is not installed");
    let boxes = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = |line: &str, name: &str| -> f32 {
        let start = line.find(name).expect("a box") + name.len() + 2;
        line[start..].split('"').next().and_then(|n| n.parse().ok()).expect("a number")
    };
    for word in boxes.lines().filter(|line| line.trim_start().starts_with("<word")) {
        assert!(number(word, "xMin") > 55.0 && number(word, "xMax") < 553.0, "{word}");
        assert!(number(word, "yMin") > 10.0 && number(word, "yMax") < 832.0, "{word}");
    }
}

/// Readers give right-to-left words back in one order or the other.
pub fn has_right_to_left(text: &str, name: &str) -> bool {
    let turned: String = name.chars().rev().collect();
    let bare: String = text.chars().filter(|c| !('\u{202a}'..='\u{202e}').contains(c)).collect();
    bare.contains(name) || bare.contains(&turned)
}

pub fn has_image_object(pdf: &Pdf) -> bool {
    contains(&pdf.bytes, b"/Subtype /Image") || contains(&pdf.bytes, b"/Subtype/Image")
}

pub fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

pub fn stored(pdf: &Pdf) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&pdf.bytes).expect("room");
    file
}

/// Leaves the PDF where the build keeps its things, for people to look at.
pub fn save(name: &str, pdf: &Pdf) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("form-{name}.pdf"));
    std::fs::write(path, &pdf.bytes).expect("room");
}
