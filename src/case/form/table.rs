//! Tables on a ruled grid that break across pages, with their head repeated.
//!
//! It knows nothing of what the cells say.

use super::sheet::{LABEL, LEFT, SMALL, Sheet, WIDTH};
use super::tags::{Place, Role};
use super::text::{Line, Style};

/// A column: its title and its share of the width.
pub(super) struct Column {
    title: String,
    share: f32,
}

/// `title` over a column that takes `share` of the width.
pub(super) fn column(title: impl Into<String>, share: f32) -> Column {
    Column { title: title.into(), share }
}

/// A row of cells.
pub(super) struct Row {
    cells: Vec<Cell>,
    least: f32,
}

/// A cell: paragraphs, or room to write.
pub(super) struct Cell {
    paragraphs: Vec<(Style, String)>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Data,
    Label,
}

impl Cell {
    /// A cell that says `text`.
    pub(super) fn text(text: impl Into<String>) -> Cell {
        Cell::styled(text, SMALL)
    }

    /// A cell that says `text` in `style`.
    pub(super) fn styled(text: impl Into<String>, style: Style) -> Cell {
        Cell { paragraphs: vec![(style, text.into())], kind: Kind::Data }
    }

    /// A grey cell that names its row.
    pub(super) fn label(text: impl Into<String>) -> Cell {
        Cell { paragraphs: vec![(LABEL, text.into())], kind: Kind::Label }
    }

    /// An empty cell to write in.
    pub(super) fn blank() -> Cell {
        Cell { paragraphs: Vec::new(), kind: Kind::Data }
    }

    /// Also says `text`, below what it says already.
    pub(super) fn and(mut self, text: impl Into<String>, style: Style) -> Cell {
        self.paragraphs.push((style, text.into()));
        self
    }
}

/// As the outline has it: what each paragraph says, and how.
impl Cell {
    pub(super) fn is_label(&self) -> bool {
        self.kind == Kind::Label
    }

    pub(super) fn into_paragraphs(self) -> Vec<(Style, String)> {
        self.paragraphs
    }
}

impl Column {
    pub(super) fn title(&self) -> &str {
        &self.title
    }
}

impl Row {
    pub(super) fn into_cells(self) -> Vec<Cell> {
        self.cells
    }

    /// A row as high as its cells.
    pub(super) fn of(cells: impl Into<Vec<Cell>>) -> Row {
        Row { cells: cells.into(), least: 0.0 }
    }

    /// A row at least `points` high, to write in.
    pub(super) fn at_least(mut self, points: f32) -> Row {
        self.least = points;
        self
    }
}

const PAD_X: f32 = 4.0;
const PAD_Y: f32 = 3.0;
/// A row up to this height goes to the next page rather than being split.
const WHOLE: f32 = 150.0;

impl Sheet {
    /// A table under column titles.
    pub(super) fn table(&mut self, summary: &str, columns: &[Column], rows: impl IntoIterator<Item = Row>) {
        let shares: Vec<f32> = columns.iter().map(|column| column.share).collect();
        let titles: Vec<String> = columns.iter().map(|column| column.title.clone()).collect();
        let mut grid = Grid::new(self, summary, &shares, Some(titles));
        for row in rows {
            grid.row(self, row);
        }
        self.space(4.0);
    }

    /// Labels on the left, what they say on the right.
    pub(super) fn fields(&mut self, summary: &str, shares: &[f32], rows: impl IntoIterator<Item = Row>) {
        let mut grid = Grid::new(self, summary, shares, None);
        for row in rows {
            grid.row(self, row);
        }
        self.space(4.0);
    }
}

struct Grid {
    edges: Vec<f32>,
    head: Option<(Vec<String>, f32)>,
    table: Place,
}

impl Grid {
    fn new(sheet: &mut Sheet, summary: &str, shares: &[f32], titles: Option<Vec<String>>) -> Grid {
        let total: f32 = shares.iter().sum();
        let mut edges = vec![LEFT];
        for share in shares {
            edges.push(edges[edges.len() - 1] + WIDTH * share / total);
        }
        let table = sheet.structure.add(Role::Table { summary: summary.to_owned() });
        let Some(titles) = titles else {
            return Grid { edges, head: None, table };
        };
        let row = sheet.structure.add_in(table, Role::Row);
        let mut grid = Grid { edges, head: None, table };
        let lines = grid.set(sheet, titles.iter().map(|title| vec![(LABEL, title.clone())]));
        let height = height_of(&lines);
        grid.head = Some((titles, height));
        // A head without a row below it says nothing.
        sheet.keep_together(height + 30.0);
        let places: Vec<Option<Place>> =
            lines.iter().map(|_| Some(sheet.structure.add_in(row, Role::ColumnHeader))).collect();
        grid.draw_band(sheet, lines, &places, &vec![Kind::Label; grid.edges.len() - 1], height);
        grid
    }

    fn row(&mut self, sheet: &mut Sheet, row: Row) {
        let kinds: Vec<Kind> = row.cells.iter().map(|cell| cell.kind).collect();
        let tr = sheet.structure.add_in(self.table, Role::Row);
        let places: Vec<Option<Place>> = kinds
            .iter()
            .map(|kind| match kind {
                Kind::Label => Role::RowHeader,
                Kind::Data => Role::Cell,
            })
            .map(|role| Some(sheet.structure.add_in(tr, role)))
            .collect();
        let mut rest = self.set(sheet, row.cells.into_iter().map(|cell| cell.paragraphs));
        // A cell that is still empty on its last page gets its mark there.
        loop {
            let height = height_of(&rest).max(row.least);
            if height <= sheet.room() {
                self.draw_band(sheet, rest, &places, &kinds, height);
                return;
            }
            let fresh = sheet.room() >= super::sheet::HEIGHT - self.head_height() - 1.0;
            let room = sheet.room() - 2.0 * PAD_Y;
            let fitting = if height <= WHOLE && !fresh { None } else { split(&rest, room) };
            match fitting {
                Some(counts) => {
                    let now: Vec<Vec<Line>> = rest
                        .iter_mut()
                        .zip(&counts)
                        .map(|(lines, &count)| lines.drain(..count).collect())
                        .collect();
                    let height = height_of(&now);
                    self.draw_band(sheet, now, &places, &kinds, height);
                }
                None if fresh => {
                    // Not even one line fits on an empty page: nothing of
                    // ours is that high, and going on would never end.
                    self.draw_band(sheet, rest, &places, &kinds, height);
                    return;
                }
                None => {}
            }
            sheet.turn_page();
            self.repeat_head(sheet);
        }
    }

    fn head_height(&self) -> f32 {
        self.head.as_ref().map_or(0.0, |(_, height)| *height)
    }

    fn repeat_head(&mut self, sheet: &mut Sheet) {
        let Some((titles, height)) = &self.head else { return };
        let height = *height;
        let titles = titles.clone();
        let lines = self.set(sheet, titles.iter().map(|title| vec![(LABEL, title.clone())]));
        let places = vec![None; titles.len()];
        self.draw_band(sheet, lines, &places, &vec![Kind::Label; titles.len()], height);
    }

    fn set(&self, sheet: &mut Sheet, cells: impl Iterator<Item = Vec<(Style, String)>>) -> Vec<Vec<Line>> {
        cells
            .zip(self.edges.windows(2))
            .map(|(paragraphs, edge)| {
                let width = edge[1] - edge[0] - 2.0 * PAD_X;
                paragraphs.iter().flat_map(|(style, text)| sheet.setter.set(text, *style, width)).collect()
            })
            .collect()
    }

    /// One ruled band of cells from the present height downwards.
    fn draw_band(
        &self,
        sheet: &mut Sheet,
        cells: Vec<Vec<Line>>,
        places: &[Option<Place>],
        kinds: &[Kind],
        height: f32,
    ) {
        let top = sheet.y();
        for ((lines, edge), (place, kind)) in
            cells.into_iter().zip(self.edges.windows(2)).zip(places.iter().zip(kinds))
        {
            if *kind == Kind::Label {
                sheet.ground(edge[0], top, edge[1] - edge[0], height);
            }
            if lines.is_empty()
                && let Some(place) = place
            {
                sheet.room_to_write(*place);
            }
            let mut y = top + PAD_Y;
            for line in lines {
                let below = y + line.height;
                sheet.text(line, edge[0] + PAD_X, y, *place);
                y = below;
            }
        }
        let (left, right) = (self.edges[0], self.edges[self.edges.len() - 1]);
        sheet.rule((left, top), (right, top));
        sheet.rule((left, top + height), (right, top + height));
        for &x in &self.edges {
            sheet.rule((x, top), (x, top + height));
        }
        sheet.advance(height);
    }
}

fn height_of(cells: &[Vec<Line>]) -> f32 {
    let highest =
        cells.iter().map(|lines| lines.iter().map(|line| line.height).sum::<f32>()).fold(0.0, f32::max);
    highest + 2.0 * PAD_Y
}

/// How many lines of each cell fit into `room`, if at least two lines of the
/// longest do.
fn split(cells: &[Vec<Line>], room: f32) -> Option<Vec<usize>> {
    let counts: Vec<usize> = cells
        .iter()
        .map(|lines| {
            let mut used = 0.0;
            lines
                .iter()
                .take_while(|line| {
                    used += line.height;
                    used <= room
                })
                .count()
        })
        .collect();
    let most = counts.iter().max().copied().unwrap_or(0);
    let longest = cells.iter().map(Vec::len).max().unwrap_or(0);
    (most >= 2.min(longest) && most > 0).then_some(counts)
}
