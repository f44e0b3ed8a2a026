//! The form's words without a page: headings, paragraphs and tables in their
//! order, for a face that shows them as text.
//!
//! They come out of the functions that draw the form, so that no face can say
//! anything else than the paper. It has no pictures and no appendix.

use super::compose;
use super::content::Form;
use super::sheet::Sheet;
use super::shortened::Lists;
use super::table::{Cell, Column, Row};
use super::text::{Style, Typeface};

/// What parts of the form are drawn on: paper, or an outline.
pub(super) trait Drawn {
    /// A heading with so many points of room below it.
    fn heading(&mut self, level: u8, title: &str, follows: f32);
    /// A paragraph.
    fn paragraph(&mut self, text: &str, style: Style);
    /// A table under column titles.
    fn table(&mut self, summary: &str, columns: &[Column], rows: impl IntoIterator<Item = Row>);
    /// Labels on the left, what they say on the right.
    fn fields(&mut self, summary: &str, shares: &[f32], rows: impl IntoIterator<Item = Row>);
}

impl Drawn for Sheet {
    fn heading(&mut self, level: u8, title: &str, follows: f32) {
        Sheet::heading(self, level, title, follows);
    }

    fn paragraph(&mut self, text: &str, style: Style) {
        Sheet::paragraph(self, text, style);
    }

    fn table(&mut self, summary: &str, columns: &[Column], rows: impl IntoIterator<Item = Row>) {
        Sheet::table(self, summary, columns, rows);
    }

    fn fields(&mut self, summary: &str, shares: &[f32], rows: impl IntoIterator<Item = Row>) {
        Sheet::fields(self, summary, shares, rows);
    }
}

/// The words of a form, in the order in which they stand on paper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The parts.
    pub blocks: Vec<Block>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading; level 1 is the form's title.
    Heading {
        /// From 1 to 3.
        level: u8,
        /// Its words.
        title: String,
    },
    /// A paragraph.
    Paragraph(Said),
    /// A table.
    Table {
        /// What it holds, for those who do not see it.
        summary: String,
        /// The titles of its columns; none where each row begins with its
        /// label.
        columns: Vec<String>,
        /// The rows.
        rows: Vec<Vec<OutlineCell>>,
    },
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutlineCell {
    /// It names its row.
    Label(Vec<Said>),
    /// It says something; where it says nothing, there is room to write.
    Words(Vec<Said>),
}

/// Some words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// How heavy they are.
    pub weight: Weight,
    /// The words.
    pub text: String,
}

/// How heavy words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// As usual.
    Regular,
    /// Bold.
    Bold,
}

impl Form {
    /// The form's words without a page.
    pub fn outline(&self) -> Outline {
        let mut outline = Outline::default();
        compose::words(&mut outline, self, &Lists::of(self));
        outline
    }
}

impl Drawn for Outline {
    fn heading(&mut self, level: u8, title: &str, _: f32) {
        self.blocks.push(Block::Heading { level, title: title.to_owned() });
    }

    fn paragraph(&mut self, text: &str, style: Style) {
        self.blocks.push(Block::Paragraph(said((style, text.to_owned()))));
    }

    fn table(&mut self, summary: &str, columns: &[Column], rows: impl IntoIterator<Item = Row>) {
        let columns = columns.iter().map(|column| column.title().to_owned()).collect();
        self.blocks.push(Block::Table { summary: summary.to_owned(), columns, rows: cells(rows) });
    }

    fn fields(&mut self, summary: &str, _: &[f32], rows: impl IntoIterator<Item = Row>) {
        let columns = Vec::new();
        self.blocks.push(Block::Table { summary: summary.to_owned(), columns, rows: cells(rows) });
    }
}

fn cells(rows: impl IntoIterator<Item = Row>) -> Vec<Vec<OutlineCell>> {
    rows.into_iter().map(|row| row.into_cells().into_iter().map(cell).collect()).collect()
}

fn cell(cell: Cell) -> OutlineCell {
    let is_label = cell.is_label();
    let words = cell.into_paragraphs().into_iter().map(said).collect();
    if is_label { OutlineCell::Label(words) } else { OutlineCell::Words(words) }
}

fn said((style, text): (Style, String)) -> Said {
    let weight = if style.face == Typeface::Bold { Weight::Bold } else { Weight::Regular };
    Said { weight, text }
}
