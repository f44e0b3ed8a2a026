//! What stands on one page, and how its shapes and pictures are drawn.
//!
//! It does not know which page it is, or what comes before.

use krilla::color::luma;
use krilla::geom::{PathBuilder, Rect, Size, Transform};
use krilla::image::Image;
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag};

use super::tags::Place;
use super::text::Line;

/// A page as it is planned.
#[derive(Default)]
pub(super) struct Page {
    pub(super) shapes: Vec<Shape>,
    pub(super) marks: Vec<Mark>,
}

/// A line of the grid or a grey ground: no content, so not in the structure.
pub(super) enum Shape {
    Ground { rect: Rect, grey: u8 },
    Rule { from: (f32, f32), to: (f32, f32) },
}

/// A piece of content.
pub(super) enum Mark {
    Text {
        line: Line,
        x: f32,
        y: f32,
        place: Option<Place>,
    },
    /// Room to write: a cell that is there though nothing stands in it.
    Room {
        place: Place,
    },
    Picture {
        picture: Box<Placed>,
        place: Place,
    },
    Modules {
        rects: Vec<Rect>,
        place: Place,
    },
}

/// A picture with its place on the page.
pub(super) struct Placed {
    pub(super) image: Image,
    pub(super) rect: Rect,
    pub(super) turn: Turn,
}

/// How far a picture is to be turned to stand upright, clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

/// The grid, as one artifact.
pub(super) fn draw_shapes(shapes: &[Shape], surface: &mut Surface<'_>) {
    if shapes.is_empty() {
        return;
    }
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    surface.set_stroke(None);
    for shape in shapes {
        if let Shape::Ground { rect, grey } = shape {
            fill(rect.left(), rect.top(), rect.width(), rect.height(), *grey, surface);
        }
    }
    surface.set_fill(None);
    surface.set_stroke(Some(pen()));
    for shape in shapes {
        if let Shape::Rule { from, to } = shape {
            stroke(*from, *to, surface);
        }
    }
    surface.end_tagged();
}

/// A picture in its place, upright.
pub(super) fn draw_picture(placed: Placed, surface: &mut Surface<'_>) {
    let Placed { image, rect, turn } = placed;
    let (left, top, width, height) = (rect.left(), rect.top(), rect.width(), rect.height());
    let (transform, width, height) = match turn {
        Turn::None => (Transform::from_row(1.0, 0.0, 0.0, 1.0, left, top), width, height),
        Turn::Quarter => (Transform::from_row(0.0, 1.0, -1.0, 0.0, left + width, top), height, width),
        Turn::Half => (Transform::from_row(-1.0, 0.0, 0.0, -1.0, left + width, top + height), width, height),
        Turn::ThreeQuarters => (Transform::from_row(0.0, -1.0, 1.0, 0.0, left, top + height), height, width),
    };
    let Some(size) = Size::from_wh(width, height) else { return };
    surface.push_transform(&transform);
    surface.draw_image(image, size);
    surface.pop();
}

/// A ground of one grey.
pub(super) fn fill(x: f32, y: f32, width: f32, height: f32, grey: u8, surface: &mut Surface<'_>) {
    let mut path = PathBuilder::new();
    let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
    path.push_rect(rect);
    if let Some(path) = path.finish() {
        surface.set_fill(Some(ink(grey)));
        surface.draw_path(&path);
    }
}

/// A line of the grid.
pub(super) fn stroke(from: (f32, f32), to: (f32, f32), surface: &mut Surface<'_>) {
    let mut path = PathBuilder::new();
    path.move_to(from.0, from.1);
    path.line_to(to.0, to.1);
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

/// A grey, 0 for black.
pub(super) fn ink(grey: u8) -> Fill {
    Fill { paint: luma::Color::new(grey).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

/// The pen of the grid.
pub(super) fn pen() -> Stroke {
    Stroke { paint: luma::Color::new(64).into(), width: 0.6, ..Stroke::default() }
}

/// From where to where dark modules lie side by side.
pub(super) fn runs_of_dark(modules: &[bool]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at + modules[at..].iter().position(|&dark| dark)?;
        let to = modules[from..].iter().position(|&dark| !dark).map_or(modules.len(), |length| from + length);
        at = to;
        Some((from, to))
    })
}
