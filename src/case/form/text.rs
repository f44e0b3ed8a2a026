//! Text into lines of glyphs: shaping, both directions, line breaks.
//!
//! It knows nothing of pages. A letter that no font has is written as its
//! number, `[U+202E]`, so that nothing is ever silently left out.

use std::collections::HashMap;
use std::rc::Rc;

use krilla::text::{Font, GlyphId, KrillaGlyph, Tag as AxisTag};
use parley::layout::{Alignment, AlignmentOptions, PositionedLayoutItem, Run};
use parley::setting::FontFeature;
use parley::style::{
    FontFamily, FontFamilyName, FontFeatures, FontWeight, LineHeight, OverflowWrap, StyleProperty,
};
use parley::{Layout, LayoutContext, LineBreakContext};

use super::fonts::{FIXED, Fonts, Shelf, TEXT};
use super::letters::{direction, visible};
use countersign_record::journal::characters::shown;

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    /// In points.
    pub(super) size: f32,
    pub(super) face: Typeface,
}

/// The three built-in faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typeface {
    Regular,
    Bold,
    Fixed,
}

impl Style {
    pub(super) const fn regular(size: f32) -> Style {
        Style { size, face: Typeface::Regular }
    }

    pub(super) const fn bold(size: f32) -> Style {
        Style { size, face: Typeface::Bold }
    }

    pub(super) const fn fixed(size: f32) -> Style {
        Style { size, face: Typeface::Fixed }
    }

    /// The height of one line, in points.
    pub(super) fn line_height(self) -> f32 {
        self.size * 1.34
    }
}

/// One line, ready to be drawn.
#[derive(Clone)]
pub(super) struct Line {
    text: Rc<str>,
    runs: Vec<GlyphRun>,
    pub(super) height: f32,
    baseline: f32,
    /// Without the white space at its end.
    pub(super) width: f32,
}

#[derive(Clone)]
struct GlyphRun {
    face: usize,
    size: f32,
    x: f32,
    glyphs: Vec<Glyph>,
}

/// A glyph and the bytes of the line's text that it stands for.
#[derive(Clone, Copy)]
struct Glyph {
    id: u32,
    advance: f32,
    dx: f32,
    dy: f32,
    start: u32,
    end: u32,
}

/// Sets text for one document.
pub(super) struct Typesetter {
    shelf: Shelf,
    context: LayoutContext<()>,
    layout: Layout<()>,
    faces: Vec<Font>,
    known: HashMap<(u64, u32, Vec<u32>), usize>,
}

impl Typesetter {
    pub(super) fn new(fonts: &Fonts) -> Typesetter {
        Typesetter {
            shelf: Shelf::new(fonts),
            context: LayoutContext::new(),
            layout: Layout::new(),
            faces: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// The lines of `text` in a column `width` wide. Line feeds break lines;
    /// empty lines are one, however many follow each other.
    pub(super) fn set(&mut self, text: &str, style: Style, width: f32) -> Vec<Line> {
        let text = visible(text);
        let mut lines = Vec::new();
        let mut after_blank = false;
        for paragraph in text.split('\n') {
            let is_blank = paragraph.trim().is_empty();
            if !is_blank {
                self.set_paragraph(paragraph, style, width, &mut lines);
            } else if !after_blank {
                lines.push(blank(style));
            }
            after_blank = is_blank;
        }
        lines
    }

    /// `text` in one line of at most `width`, shortened by `…` where it must.
    pub(super) fn set_in_one_line(&mut self, text: &str, style: Style, width: f32) -> Line {
        let flat: String = text.chars().take(400).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        let mut lines = self.set(&flat, style, width);
        let first = lines.swap_remove(0);
        if lines.is_empty() && flat.len() == text.len() {
            return first;
        }
        let room = width - 2.0 * style.size;
        let mut lines = self.set(&flat, style, room);
        let kept = format!("{}…", lines.swap_remove(0).text.trim_end());
        self.set(&kept, style, width).swap_remove(0)
    }

    /// Draws `line` with its top left corner at `x`, `y`.
    pub(super) fn draw(&self, line: &Line, x: f32, y: f32, surface: &mut krilla::surface::Surface<'_>) {
        for run in &line.runs {
            let glyphs: Vec<KrillaGlyph> = run
                .glyphs
                .iter()
                .map(|glyph| {
                    KrillaGlyph::new(
                        GlyphId::new(glyph.id),
                        glyph.advance / run.size,
                        glyph.dx / run.size,
                        glyph.dy / run.size,
                        0.0,
                        glyph.start as usize..glyph.end as usize,
                        None,
                    )
                })
                .collect();
            let start = krilla::geom::Point::from_xy(x + run.x, y + line.baseline);
            surface.draw_glyphs(start, &glyphs, self.faces[run.face].clone(), &line.text, run.size, false);
        }
    }

    fn set_paragraph(&mut self, paragraph: &str, style: Style, width: f32, lines: &mut Vec<Line>) {
        let foreign: Vec<char> = paragraph.chars().filter(|c| !c.is_ascii()).collect();
        let missing = if foreign.is_empty() { Vec::new() } else { self.shelf.provide(&foreign) };
        let mut text = shown(paragraph, |c| missing.contains(&c));
        self.lay_out(&text, style, width);
        // A font may have each letter and still lack their combination.
        if let Some(unprintable) = unprintable(&self.layout, &text) {
            text = shown(&text, |c| unprintable.contains(&c));
            self.lay_out(&text, style, width);
            if self::unprintable(&self.layout, &text).is_some() {
                text = shown(&text, |c| !c.is_ascii());
                self.lay_out(&text, style, width);
            }
        }
        self.collect(&text, style, lines);
    }

    fn lay_out(&mut self, text: &str, style: Style, width: f32) {
        let first = if style.face == Typeface::Fixed { FIXED } else { TEXT };
        let families: Vec<FontFamilyName<'_>> = [first, TEXT]
            .into_iter()
            .chain(self.shelf.families.iter().map(String::as_str))
            .map(|name| FontFamilyName::Named(name.into()))
            .collect();
        let weight = if style.face == Typeface::Bold { FontWeight::BOLD } else { FontWeight::NORMAL };
        let mut builder = self.context.ranged_builder(&mut self.shelf.context, text, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(families.into())));
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(StyleProperty::FontWeight(weight));
        builder.push_default(StyleProperty::LineHeight(LineHeight::Absolute(style.line_height())));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        if text.is_ascii() {
            // One glyph a letter, so that every reader finds the words.
            let none = [FontFeature::new(parley::setting::Tag::new(b"liga"), 0)];
            builder.push_default(StyleProperty::FontFeatures(FontFeatures::List(none.as_slice().into())));
        }
        builder.set_base_direction(direction(text));
        builder.set_line_break_override(Some(&within_addresses));
        builder.build_into(&mut self.layout, text);
        self.layout.break_all_lines(Some(width));
        // One line of a right-to-left name stands where the form's other
        // values stand; a longer text keeps its own edge.
        let alignment = if self.layout.len() == 1 { Alignment::Left } else { Alignment::Start };
        self.layout.align(alignment, AlignmentOptions::default());
    }

    fn collect(&mut self, text: &str, style: Style, lines: &mut Vec<Line>) {
        let Typesetter { layout, faces, known, .. } = self;
        for line in layout.lines() {
            let range = line.text_range();
            let metrics = line.metrics();
            let mut runs = Vec::new();
            for item in line.items() {
                let PositionedLayoutItem::GlyphRun(positioned) = item else { continue };
                let run = positioned.run();
                runs.push(GlyphRun {
                    face: face_of(run, faces, known),
                    size: run.font_size(),
                    x: positioned.offset(),
                    glyphs: glyphs_of(run, range.start),
                });
            }
            lines.push(Line {
                text: text[range].into(),
                runs,
                height: style.line_height(),
                baseline: metrics.baseline - metrics.block_min_coord,
                width: metrics.advance - metrics.hanging_advance,
            });
        }
    }
}

fn blank(style: Style) -> Line {
    let height = style.line_height();
    Line { text: "".into(), runs: Vec::new(), height, baseline: height * 0.78, width: 0.0 }
}

/// The face of `run` as the document knows it.
fn face_of(
    run: &Run<'_, ()>,
    faces: &mut Vec<Font>,
    known: &mut HashMap<(u64, u32, Vec<u32>), usize>,
) -> usize {
    let font = run.font();
    let synthesis = run.synthesis();
    let axes: Vec<(AxisTag, f32)> = synthesis
        .variation_settings()
        .iter()
        .map(|(tag, value)| (AxisTag::new(&tag.into_bytes()), *value))
        .collect();
    let key = (font.data.id(), font.index, axes.iter().map(|(_, value)| value.to_bits()).collect());
    if let Some(&face) = known.get(&key) {
        return face;
    }
    let (data, _) = font.data.clone().into_raw_parts();
    // What parley could shape with is a font, and DejaVu stands first.
    let face = match Font::new_variable(data.into(), font.index, &axes) {
        Some(loaded) => {
            faces.push(loaded);
            faces.len() - 1
        }
        None => 0,
    };
    known.insert(key, face);
    face
}

/// The glyphs of `run` as they stand from left to right. Byte ranges are
/// counted from `origin`.
fn glyphs_of(run: &Run<'_, ()>, origin: usize) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = Vec::new();
    let mut first_of_cluster = 0;
    let mut waiting: Option<usize> = None;
    for cluster in run.visual_clusters() {
        let range = cluster.text_range();
        if cluster.is_ligature_continuation() {
            // From right to left the rest of a ligature comes before its
            // glyph, from left to right after it.
            if run.is_rtl() {
                waiting.get_or_insert(range.end);
            } else {
                for glyph in &mut glyphs[first_of_cluster..] {
                    glyph.end = (range.end - origin) as u32;
                }
            }
            continue;
        }
        first_of_cluster = glyphs.len();
        let end = waiting.take().unwrap_or(range.end);
        glyphs.extend(cluster.glyphs().map(|glyph| Glyph {
            id: glyph.id,
            advance: glyph.advance,
            dx: glyph.x,
            dy: -glyph.y,
            start: (range.start - origin) as u32,
            end: (end - origin) as u32,
        }));
    }
    glyphs
}

/// The letters that were laid out without a glyph.
fn unprintable(layout: &Layout<()>, text: &str) -> Option<Vec<char>> {
    let mut letters = Vec::new();
    for line in layout.lines() {
        for run in line.runs() {
            for cluster in run.clusters() {
                if cluster.glyphs().any(|glyph| glyph.id == 0) {
                    letters.extend(text[cluster.text_range()].chars());
                }
            }
        }
    }
    (!letters.is_empty()).then_some(letters)
}

/// Addresses may also break after the marks that divide them.
fn within_addresses(at: LineBreakContext) -> Option<bool> {
    let divides =
        matches!(at.before, '&' | '=' | ';' | '?' | '/' | '_' | ',') && at.after.is_ascii_alphanumeric();
    divides.then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.trim_end()).collect()
    }

    #[test]
    fn lines_keep_within_their_column() {
        let mut setter = Typesetter::new(&Fonts::built_in());
        let long = "x".repeat(700);
        for text in ["One line", "several words that need more than one line here", &long, "", "a\n\nb"] {
            let lines = setter.set(text, Style::regular(9.0), 100.0);
            assert!(lines.iter().all(|line| line.width <= 100.01), "{text}");
            let joined: String = lines.iter().map(|line| &*line.text).collect();
            assert_eq!(joined.replace('\n', ""), text.replace('\n', ""));
        }
        assert_eq!(setter.set("a\n\n\n\n\nb", Style::regular(9.0), 100.0).len(), 3);
    }

    #[test]
    fn what_no_font_has_is_spelt_out() {
        let mut setter = Typesetter::new(&Fonts::built_in());
        let lines = setter.set("王\u{202e}\u{0}\u{e000}\u{feff}a\tb", Style::bold(9.0), 400.0);
        assert_eq!(texts(&lines), ["[U+738B][U+202E][U+0000][U+E000][U+FEFF]a    b"]);
    }

    #[test]
    fn each_letter_is_covered_by_a_glyph() {
        let mut setter = Typesetter::new(&Fonts::built_in());
        for text in ["Żółć Gęślą jaźń", "محمد علي لا", "שלום", "office ffi", "e\u{301}a\u{308}"]
        {
            for line in setter.set(text, Style::regular(9.0), 400.0) {
                let mut covered = vec![false; line.text.len()];
                for glyph in line.runs.iter().flat_map(|run| &run.glyphs) {
                    covered[glyph.start as usize..glyph.end as usize].fill(true);
                }
                assert!(covered.iter().all(|&c| c), "{text}");
            }
        }
    }

    #[test]
    fn one_line_is_shortened() {
        let mut setter = Typesetter::new(&Fonts::built_in());
        let line = setter.set_in_one_line(&"Long School Name ".repeat(100), Style::regular(8.0), 200.0);
        assert!(line.width <= 200.0 && line.text.ends_with('…'), "{}", line.text);
        assert_eq!(&*setter.set_in_one_line("Short", Style::regular(8.0), 200.0).text, "Short");
    }
}
