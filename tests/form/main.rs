//! The form as a stranger sees it: the PDF through other people's readers.
//!
//! Needs `qpdf`, `pdftotext`, `pdfimages` (poppler-utils) and the fonts of
//! `fonts-noto-cjk`; where one is missing the test fails.

#![allow(clippy::print_stderr, reason = "figures for whoever reads the test's output")]

mod corrected;
mod hostile;
mod long;
mod ordinary;
mod pictures;
mod readers;
mod sample;
mod stopped;
