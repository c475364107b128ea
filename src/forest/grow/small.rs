//! Growing a tree of few rows whose splits are random thresholds: what a forest is made of unless one asks for more.
//!
//! The rows' [places](super::places) take the role of lists of rows; what is drawn, and in which order, is the same.
#![allow(clippy::inline_always, reason = "a caller's vector instructions reach only what is inlined into it")]

use super::features::Features;
use super::places::{Columns, MOST, SignedZeros, Stands};
use super::{Plan, Start};
use crate::forest::data::Data;
use crate::forest::params::Split;
use crate::forest::random::Random;
use crate::forest::tree::{Node, Tree};
use crate::vectors::{Work, vectorised};

/// Grows the tree at this position of the forest; none where only lists of rows can do so.
pub(super) fn grow(data: &Data<'_>, plan: &Plan, position: usize) -> Option<Tree> {
    let at_random = plan.split == Split::Random && plan.planes.is_none() && plan.categorical.is_empty();
    if plan.draw.count as usize > MOST || !at_random {
        return None;
    }
    let Start { rows, features, random } = Start::new(plan, position);
    let mut grower = Grower {
        plan,
        columns: Columns::new(data.rows, &rows),
        stands: Stands::new(rows.len()),
        features,
        random,
        nodes: Vec::with_capacity(2 * rows.len()),
        waiting: Vec::with_capacity(16),
        is_done: false,
    };
    vectorised(Growing(&mut grower));
    grower.nodes.shrink_to_fit();
    grower.is_done.then(|| Tree::new(grower.nodes))
}

/// A tree in the making.
struct Grower<'a> {
    plan: &'a Plan,
    columns: Columns<'a>,
    stands: Stands,
    features: Features,
    random: Random,
    nodes: Vec<Node>,
    waiting: Vec<Pending>,
    is_done: bool,
}

struct Growing<'a, 'd>(&'a mut Grower<'d>);

/// A node that waits to be grown.
struct Pending {
    /// What its rows' places are marked with: 0 at the root; a left child keeps the mark of its parent, and a right one
    /// has one more than the position of its parent.
    mark: u32,
    rows: u32,
    depth: u32,
    constants: usize,
}

/// How a node divides its rows.
struct Division {
    feature: usize,
    /// The position of the feature's column.
    position: usize,
    threshold: f32,
    missing_left: Option<bool>,
    constants: usize,
}

impl Work for Growing<'_, '_> {
    #[inline(always)]
    fn run(self) {
        self.0.is_done = self.0.grow().is_ok();
    }
}

impl Grower<'_> {
    #[inline(always)]
    fn grow(&mut self) -> Result<(), SignedZeros> {
        let mut next = Some(Pending { mark: 0, rows: self.plan.draw.count, depth: 0, constants: 0 });
        while let Some(node) = next {
            next = match self.divide(&node)? {
                Some(division) => Some(self.split(&node, &division)),
                None => self.leaf(&node),
            };
        }
        Ok(())
    }

    /// Draws a feature that can divide the node's rows, and a threshold; `None` makes the node a leaf.
    #[inline(always)]
    fn divide(&mut self, node: &Pending) -> Result<Option<Division>, SignedZeros> {
        if node.rows < 2 || node.depth >= self.plan.tallest {
            return Ok(None);
        }
        let mut constants = node.constants;
        while let Some((place, feature)) = self.features.draw(constants, &mut self.random) {
            let position = self.columns.find(feature)?;
            let Some(column) = self.columns.at(position) else { break };
            let range = column.range(&self.stands, node.mark, node.rows as usize);
            if !range.is_constant() {
                let (threshold, missing_left) = range.cut(&mut self.random);
                return Ok(Some(Division { feature, position, threshold, missing_left, constants }));
            }
            constants = self.features.set_aside(place, constants);
        }
        Ok(None)
    }

    /// Parts the node's rows; the left child comes next, the right one waits.
    #[inline(always)]
    fn split(&mut self, node: &Pending, division: &Division) -> Pending {
        let &Division { feature, position, threshold, missing_left, constants } = division;
        let mark = self.here() + 1;
        // A closure that a library's function called would not be inlined, and so not be compiled for wide vectors.
        let right = match self.columns.at(position) {
            Some(column) => self.stands.part(column, [node.mark, mark], threshold, missing_left == Some(true)),
            None => 0,
        };
        let left = node.rows - right;
        self.nodes.push(Node::Split {
            feature: u32::try_from(feature).unwrap_or(u32::MAX),
            threshold,
            right: 0,
            missing_left: missing_left.unwrap_or(left > right),
        });
        let depth = node.depth + 1;
        self.waiting.push(Pending { mark, rows: right, depth, constants });
        Pending { mark: node.mark, rows: left, depth, constants }
    }

    /// Ends a path; what waited last comes next.
    #[inline(always)]
    fn leaf(&mut self, node: &Pending) -> Option<Pending> {
        self.nodes.push(self.plan.leaf(node.depth, node.rows as usize));
        let next = self.waiting.pop()?;
        let here = self.here();
        if let Some(Node::Split { right, .. }) = self.nodes.get_mut((next.mark - 1) as usize) {
            *right = here;
        }
        Some(next)
    }

    /// The position of the node that comes next.
    #[inline(always)]
    fn here(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }
}
