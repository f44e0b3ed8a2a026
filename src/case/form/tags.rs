//! The structure that a screen reader follows: which mark belongs to which
//! heading, paragraph, cell or figure, in reading order.
//!
//! It draws nothing.

use std::num::NonZeroU16;

use krilla::tagging::{
    BBox, Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

/// A place in the structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(usize);

/// What stands at a place.
pub(super) enum Role {
    Heading { level: u8, title: String },
    Paragraph,
    List,
    Item,
    Label,
    Body,
    Table { summary: String },
    Row,
    ColumnHeader,
    RowHeader,
    Cell,
    Figure { alt: String },
}

/// The structure as it grows.
#[derive(Default)]
pub(super) struct Structure {
    nodes: Vec<Part>,
    top: Vec<usize>,
}

struct Part {
    tag: TagKind,
    children: Vec<Child>,
}

enum Child {
    Part(usize),
    Mark(Identifier),
}

impl Structure {
    /// A new place at the end of the document.
    pub(super) fn add(&mut self, role: Role) -> Place {
        let place = self.part(role);
        self.top.push(place.0);
        place
    }

    /// A new place at the end of `parent`.
    pub(super) fn add_in(&mut self, parent: Place, role: Role) -> Place {
        let place = self.part(role);
        self.nodes[parent.0].children.push(Child::Part(place.0));
        place
    }

    /// Puts what was drawn under `identifier` at the end of `place`.
    pub(super) fn mark(&mut self, place: Place, identifier: Identifier) {
        self.nodes[place.0].children.push(Child::Mark(identifier));
    }

    /// Says where on its page a figure stands.
    pub(super) fn locate(&mut self, place: Place, page: usize, rect: krilla::geom::Rect) {
        if let TagKind::Figure(figure) = &mut self.nodes[place.0].tag {
            figure.set_bbox(Some(BBox::new(page, rect)));
        }
    }

    /// The finished tree.
    pub(super) fn into_tree(self) -> TagTree {
        let mut nodes: Vec<Option<Part>> = self.nodes.into_iter().map(Some).collect();
        let mut tree = TagTree::new().with_lang(Some(super::LANGUAGE.to_owned()));
        for top in self.top {
            if let Some(group) = group(top, &mut nodes) {
                tree.push(group);
            }
        }
        tree
    }

    fn part(&mut self, role: Role) -> Place {
        self.nodes.push(Part { tag: role.into_tag(), children: Vec::new() });
        Place(self.nodes.len() - 1)
    }
}

/// Each place has one parent, so each is taken once.
fn group(place: usize, nodes: &mut Vec<Option<Part>>) -> Option<TagGroup> {
    let part = nodes[place].take()?;
    let mut children = Vec::with_capacity(part.children.len());
    for child in part.children {
        match child {
            Child::Part(below) => children.extend(group(below, nodes).map(Node::Group)),
            Child::Mark(identifier) => children.push(Node::Leaf(identifier)),
        }
    }
    Some(TagGroup::with_children(part.tag, children))
}

impl Role {
    fn into_tag(self) -> TagKind {
        match self {
            Role::Heading { level, title } => {
                let level = NonZeroU16::new(u16::from(level)).unwrap_or(NonZeroU16::MIN);
                Tag::Hn(level, Some(title)).into()
            }
            Role::Paragraph => Tag::P.into(),
            Role::List => Tag::L(ListNumbering::Decimal).into(),
            Role::Item => Tag::LI.into(),
            Role::Label => Tag::Lbl.into(),
            Role::Body => Tag::LBody.into(),
            Role::Table { summary } => Tag::Table.with_summary(Some(summary)).into(),
            Role::Row => Tag::TR.into(),
            Role::ColumnHeader => Tag::TH(TableHeaderScope::Column).into(),
            Role::RowHeader => Tag::TH(TableHeaderScope::Row).into(),
            Role::Cell => Tag::TD.into(),
            Role::Figure { alt } => Tag::Figure(Some(alt)).into(),
        }
    }
}
