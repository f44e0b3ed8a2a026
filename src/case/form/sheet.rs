//! A4 pages that fill from top to bottom: headings, paragraphs, figures, the
//! running head and foot, and the PDF at the end.
//!
//! Pages are planned first and drawn last, because each says how many there
//! are. It knows nothing of what the form says.

use krilla::configure::{Accessibility, Archival, Configuration, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Rect};
use krilla::image::Image;
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::{Document, SerializeSettings};

use super::FormError;
use super::about::{About, Heading, metadata, outline};
use super::fonts::Fonts;
use super::page::{
    Mark, Page, Placed, Shape, Turn, draw_picture, draw_shapes, fill, ink, pen, runs_of_dark, stroke,
};
use super::tags::{Place, Role, Structure};
use super::text::{Line, Style, Typesetter};

/// What stands on each page beside its content.
pub(super) struct Furniture {
    /// At the top left: whose form it is.
    pub(super) head_left: String,
    /// At the top right: which case.
    pub(super) head_right: String,
    /// At the bottom left.
    pub(super) foot_left: String,
    /// White on black at the top and at the bottom of each page.
    pub(super) banner: Option<&'static str>,
}

/// A finished document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file: PDF/A-3a and PDF/UA-1.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
}

/// The sheet that is being filled.
pub(super) struct Sheet {
    pub(super) setter: Typesetter,
    pub(super) structure: Structure,
    pages: Vec<Page>,
    y: f32,
    outline: Vec<Heading>,
    furniture: Furniture,
}

/// The width of the text area.
pub(super) const WIDTH: f32 = PAGE_WIDTH - LEFT - RIGHT;
/// The height of the text area.
pub(super) const HEIGHT: f32 = BOTTOM - TOP;
/// The left edge of the text area: room for the holes of a ring binder.
pub(super) const LEFT: f32 = 62.0;

const PAGE_WIDTH: f32 = 595.28;
const PAGE_HEIGHT: f32 = 841.89;
const RIGHT: f32 = 48.0;
const TOP: f32 = 72.0;
const BOTTOM: f32 = 778.0;

/// Text as it runs.
pub(super) const BODY: Style = Style::regular(9.5);
/// Text in tables.
pub(super) const SMALL: Style = Style::regular(8.5);
/// Labels and table heads.
pub(super) const LABEL: Style = Style::bold(8.5);
/// Digests.
pub(super) const CODE: Style = Style::fixed(6.5);
const FURNITURE: Style = Style::regular(7.5);
const BANNER: Style = Style::bold(12.0);

impl Sheet {
    pub(super) fn new(fonts: &Fonts, furniture: Furniture) -> Sheet {
        Sheet {
            setter: Typesetter::new(fonts),
            structure: Structure::default(),
            pages: vec![Page::default()],
            y: TOP,
            outline: Vec::new(),
            furniture,
        }
    }

    /// What is left of the page, from here to its foot.
    pub(super) fn room(&self) -> f32 {
        BOTTOM - self.y
    }

    /// Where the next thing will stand.
    pub(super) fn y(&self) -> f32 {
        self.y
    }

    /// Goes on at the top of a new page, unless this one is still empty.
    pub(super) fn turn_page(&mut self) {
        let page = self.page();
        if page.marks.is_empty() && page.shapes.is_empty() {
            self.y = TOP;
            return;
        }
        self.pages.push(Page::default());
        self.y = TOP;
    }

    /// Makes sure that `height` fits on this page, or goes on to the next.
    pub(super) fn keep_together(&mut self, height: f32) {
        if self.room() < height && self.y > TOP {
            self.turn_page();
        }
    }

    /// Leaves room, but not at the top of a page.
    pub(super) fn space(&mut self, height: f32) {
        if self.y > TOP {
            self.y += height;
        }
    }

    /// Moves down by what was drawn with explicit places.
    pub(super) fn advance(&mut self, height: f32) {
        self.y += height;
    }

    /// A heading, kept with the `follows` points that come after it.
    pub(super) fn heading(&mut self, level: u8, title: &str, follows: f32) {
        let (style, above, below) = match level {
            1 => (Style::bold(17.0), 6.0, 5.0),
            2 => (Style::bold(11.5), 15.0, 5.0),
            _ => (Style::bold(9.5), 9.0, 3.0),
        };
        let lines = self.setter.set(title, style, WIDTH);
        let height: f32 = lines.iter().map(|line| line.height).sum();
        self.keep_together(above + height + below + follows);
        self.space(above);
        let page = self.pages.len() - 1;
        self.outline.push(Heading { level, title: title.to_owned(), page, y: self.y });
        let place = self.structure.add(Role::Heading { level, title: title.to_owned() });
        for line in lines {
            self.line(line, LEFT, Some(place));
        }
        self.y += below;
    }

    /// A paragraph over the whole width.
    pub(super) fn paragraph(&mut self, text: &str, style: Style) {
        let lines = self.setter.set(text, style, WIDTH);
        // No single line alone at the foot of a page.
        let first: f32 = lines.iter().take(2).map(|line| line.height).sum();
        self.keep_together(first);
        let place = self.structure.add(Role::Paragraph);
        for line in lines {
            self.keep_together(line.height);
            self.line(line, LEFT, Some(place));
        }
        self.y += 4.0;
    }

    /// A line here, and moves below it.
    pub(super) fn line(&mut self, line: Line, x: f32, place: Option<Place>) {
        let y = self.y;
        self.y += line.height;
        self.text(line, x, y, place);
    }

    /// A line at a fixed place. Without a place in the structure it is an
    /// artifact, like a repeated table head.
    pub(super) fn text(&mut self, line: Line, x: f32, y: f32, place: Option<Place>) {
        self.page().marks.push(Mark::Text { line, x, y, place });
    }

    /// An empty cell.
    pub(super) fn room_to_write(&mut self, place: Place) {
        self.page().marks.push(Mark::Room { place });
    }

    /// A ruled line.
    pub(super) fn rule(&mut self, from: (f32, f32), to: (f32, f32)) {
        self.page().shapes.push(Shape::Rule { from, to });
    }

    /// A light grey ground, as behind labels.
    pub(super) fn ground(&mut self, x: f32, y: f32, width: f32, height: f32) {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            self.page().shapes.push(Shape::Ground { rect, grey: 236 });
        }
    }

    /// A ruled box.
    pub(super) fn frame(&mut self, x: f32, y: f32, width: f32, height: f32) {
        let (right, bottom) = (x + width, y + height);
        for (from, to) in [
            ((x, y), (right, y)),
            ((x, bottom), (right, bottom)),
            ((x, y), (x, bottom)),
            ((right, y), (right, bottom)),
        ] {
            self.rule(from, to);
        }
    }

    /// One line above a picture.
    pub(super) fn caption(&mut self, text: &str) {
        let line = self.setter.set_in_one_line(text, SMALL, WIDTH);
        let place = self.structure.add(Role::Paragraph);
        self.line(line, LEFT, Some(place));
        self.y += 3.0;
    }

    /// A picture whose top left corner is here, `width` by `height` as it is
    /// seen after `turn`.
    pub(super) fn picture(&mut self, image: Image, turn: Turn, x: f32, width: f32, height: f32, alt: String) {
        let Some(rect) = Rect::from_xywh(x, self.y, width, height) else { return };
        let place = self.structure.add(Role::Figure { alt });
        self.structure.locate(place, self.pages.len() - 1, rect);
        let picture = Box::new(Placed { image, rect, turn });
        self.page().marks.push(Mark::Picture { picture, place });
    }

    /// A square code of dark modules, `side` modules wide, drawn as shapes.
    pub(super) fn code(&mut self, dark: &[bool], side: usize, x: f32, y: f32, size: f32, alt: String) {
        let module = size / side as f32;
        let rects = dark
            .chunks(side)
            .enumerate()
            .flat_map(|(row, modules)| runs_of_dark(modules).map(move |(from, to)| (row, from, to)))
            .filter_map(|(row, from, to)| {
                let left = x + from as f32 * module;
                Rect::from_xywh(left, y + row as f32 * module, (to - from) as f32 * module, module)
            })
            .collect();
        let place = self.structure.add(Role::Figure { alt });
        if let Some(rect) = Rect::from_xywh(x, y, size, size) {
            self.structure.locate(place, self.pages.len() - 1, rect);
        }
        self.page().marks.push(Mark::Modules { rects, place });
    }

    /// Draws every page and checks the whole against PDF/A-3a and PDF/UA-1.
    pub(super) fn finish(mut self, about: &About) -> Result<Pdf, FormError> {
        let mut document = Document::new_with(SerializeSettings {
            configuration: configuration()?,
            ..SerializeSettings::default()
        });
        let pages = std::mem::take(&mut self.pages);
        let count = pages.len();
        for (index, page) in pages.into_iter().enumerate() {
            let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).unwrap_or_default();
            let mut drawn = document.start_page_with(settings);
            let mut surface = drawn.surface();
            self.draw(page, &mut surface);
            self.draw_furniture(index + 1, count, &mut surface);
            surface.finish();
            drawn.finish();
        }
        document.set_outline(outline(&self.outline));
        document.set_tag_tree(self.structure.into_tree());
        document.set_metadata(metadata(about));
        let bytes = document.finish().map_err(|why| FormError::Pdf(format!("{why:?}")))?;
        Ok(Pdf { bytes, pages: count })
    }

    fn page(&mut self) -> &mut Page {
        if self.pages.is_empty() {
            self.pages.push(Page::default());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    fn draw(&mut self, page: Page, surface: &mut Surface<'_>) {
        draw_shapes(&page.shapes, surface);
        surface.set_stroke(None);
        surface.set_fill(Some(ink(0)));
        let mut open: Option<Option<Place>> = None;
        for mark in page.marks {
            // Lines of one paragraph or cell are one piece of content.
            if let Mark::Text { line, x, y, place } = mark {
                if open != Some(place) {
                    if open.is_some() {
                        surface.end_tagged();
                    }
                    self.begin(place, surface);
                    open = Some(place);
                }
                self.setter.draw(&line, x, y, surface);
                continue;
            }
            if open.take().is_some() {
                surface.end_tagged();
            }
            match mark {
                Mark::Text { .. } => {}
                Mark::Room { place } => self.begin(Some(place), surface),
                Mark::Picture { picture, place } => {
                    self.begin(Some(place), surface);
                    draw_picture(*picture, surface);
                }
                Mark::Modules { rects, place } => {
                    self.begin(Some(place), surface);
                    let mut path = PathBuilder::new();
                    rects.into_iter().for_each(|rect| path.push_rect(rect));
                    if let Some(path) = path.finish() {
                        surface.draw_path(&path);
                    }
                }
            }
            surface.end_tagged();
        }
        if open.is_some() {
            surface.end_tagged();
        }
    }

    fn begin(&mut self, place: Option<Place>, surface: &mut Surface<'_>) {
        match place {
            Some(place) => {
                let identifier = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
                self.structure.mark(place, identifier);
            }
            None => {
                let repeated = Artifact::with_kind(ArtifactType::PaginationOther);
                surface.start_tagged(ContentTag::Artifact(repeated));
            }
        }
    }

    fn draw_furniture(&mut self, page: usize, pages: usize, surface: &mut Surface<'_>) {
        let half = WIDTH / 2.0 - 6.0;
        let left = self.setter.set_in_one_line(&self.furniture.head_left, FURNITURE, half);
        let right = self.setter.set_in_one_line(&self.furniture.head_right, FURNITURE, half);
        let foot = self.setter.set_in_one_line(&self.furniture.foot_left, FURNITURE, WIDTH - 80.0);
        let number = self.setter.set_in_one_line(&format!("Page {page} of {pages}"), FURNITURE, 76.0);
        let edge = LEFT + WIDTH;

        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Header)));
        surface.set_stroke(None);
        surface.set_fill(Some(ink(0)));
        self.setter.draw(&left, LEFT, 44.0, surface);
        let x = edge - right.width;
        self.setter.draw(&right, x, 44.0, surface);
        self.draw_banner(14.0, surface);
        surface.end_tagged();

        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        surface.set_fill(Some(ink(0)));
        self.setter.draw(&foot, LEFT, 790.0, surface);
        let x = edge - number.width;
        self.setter.draw(&number, x, 790.0, surface);
        self.draw_banner(807.0, surface);
        surface.end_tagged();

        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        surface.set_fill(None);
        surface.set_stroke(Some(pen()));
        for y in [57.0, 786.0] {
            stroke((LEFT, y), (edge, y), surface);
        }
        surface.end_tagged();
    }

    fn draw_banner(&mut self, y: f32, surface: &mut Surface<'_>) {
        let Some(banner) = self.furniture.banner else { return };
        let line = self.setter.set_in_one_line(banner, BANNER, WIDTH);
        fill(LEFT, y, WIDTH, 22.0, 0, surface);
        surface.set_fill(Some(ink(255)));
        self.setter.draw(&line, LEFT + (WIDTH - line.width) / 2.0, y + 2.5, surface);
        surface.set_fill(Some(ink(0)));
    }
}

fn configuration() -> Result<Configuration, FormError> {
    ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|why| FormError::Pdf(format!("{why:?}")))
}
