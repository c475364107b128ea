//! Growing one tree: random features, random thresholds, until every row is alone.
//!
//! The conventions are scikit-learn's (`ExtraTreeRegressor(splitter="random", max_features=1)` on random targets): a
//! feature is drawn among those that are not constant in the node; the threshold is uniform between its least and its
//! greatest value there; a node that saw missing values sends them to a side drawn by chance, any other node to the
//! side with more rows. Two differences: "constant" is exact here (greatest ≤ least) where scikit-learn adds an
//! absolute 10⁻⁷, which would make the forest depend on the unit of a feature; and a feature with one value and gaps
//! always separates the gaps, where scikit-learn's coin makes the node a leaf half of the time.

use super::columns::Columns;
use super::cut::Range;
use super::data::Data;
use super::derived::{Column, Derived, Scaling, membership, side};
use super::params::Split;
use super::path_length::c;
use super::random::Random;
use super::sample::Draw;
use super::tree::{Node, Tree};
use super::{guide, plane, subset};
use features::Features;
use std::sync::Arc;

mod features;
mod places;
mod small;
#[cfg(test)]
mod tests;

/// What all trees of a forest share.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// How a tree's rows are drawn.
    pub(super) draw: Draw,
    /// The features that a split may name, and how many of them a tree draws.
    pub(super) varying: Vec<usize>,
    pub(super) features: usize,
    /// How thresholds are found, and the share of the nodes that do so.
    pub(super) split: Split,
    pub(super) guided: f64,
    /// The height that no tree exceeds.
    pub(super) tallest: u32,
    /// Features of a plane, and what planes see of them; none for a forest without planes.
    pub(super) planes: Option<(usize, Arc<Scaling>)>,
    /// For each feature whether its values are categories; empty where none are.
    pub(super) categorical: Vec<bool>,
    /// c of 0, 1, 2, … rows, for as many as most leaves have: a logarithm takes longer than the rest of a leaf.
    pub(super) lengths: Vec<f64>,
    /// Trees · c(ψ), which turns a path length into a leaf's weight.
    pub(super) scale: f64,
    /// The forest's seed.
    pub(super) seed: u64,
}

impl Plan {
    /// A leaf that holds so many rows.
    #[allow(clippy::cast_possible_truncation, reason = "a leaf's weight is a 32-bit float, in memory as in the file")]
    fn leaf(&self, depth: u32, rows: usize) -> Node {
        let rest = self.lengths.get(rows).copied().unwrap_or_else(|| c(rows));
        Node::Leaf { weight: ((f64::from(depth) + rest) / self.scale) as f32 }
    }
}

/// What a tree draws before it has a node.
struct Start {
    rows: Vec<u32>,
    features: Features,
    random: Random,
}

impl Start {
    fn new(plan: &Plan, position: usize) -> Self {
        let mut random = Random::for_tree(plan.seed, position);
        let rows = plan.draw.rows(&mut random);
        let features = Features::draw_some(plan, &mut random);
        Self { rows, features, random }
    }
}

/// Grows the tree at this position of the forest.
pub(super) fn grow(data: &Data<'_>, plan: &Plan, position: usize) -> Tree {
    small::grow(data, plan, position).unwrap_or_else(|| grow_by_lists(data, plan, position))
}

/// Grows any tree, with a list of each node's rows.
fn grow_by_lists(data: &Data<'_>, plan: &Plan, position: usize) -> Tree {
    let Start { rows, features, random } = Start::new(plan, position);
    let count = rows.len();
    let mut grower = Grower {
        plan,
        order: (0..u32::try_from(count).unwrap_or(u32::MAX)).collect(),
        rows: Vec::with_capacity(count),
        values: Vec::with_capacity(count),
        sorted: Vec::new(),
        columns: Columns::new(data.rows, &rows, &plan.categorical),
        features,
        random,
        nodes: Vec::with_capacity(128),
        derived: Vec::new(),
    };
    grower.grow();
    grower.finish(data.rows.columns())
}

/// A tree in the making. `order` holds the sampled rows; each node owns a range of it.
struct Grower<'a> {
    plan: &'a Plan,
    columns: Columns<'a>,
    order: Vec<u32>,
    /// The rows of the node at hand, and what they hold in the column at hand.
    rows: Vec<u32>,
    values: Vec<f32>,
    /// Scratch for guided splits.
    sorted: Vec<f32>,
    features: Features,
    random: Random,
    nodes: Vec<Node>,
    derived: Vec<Column>,
}

/// A node that waits to be grown.
struct Pending {
    start: usize,
    end: usize,
    depth: u32,
    constants: usize,
    /// The split whose right child this is.
    right_of: Option<usize>,
}

/// How a node divides its rows: by the values that were read last.
struct Division {
    feature: usize,
    threshold: f32,
    missing_left: Option<bool>,
    constants: usize,
}

impl Grower<'_> {
    fn grow(&mut self) {
        let root = Pending { start: 0, end: self.order.len(), depth: 0, constants: 0, right_of: None };
        let mut pending = vec![root];
        while let Some(node) = pending.pop() {
            self.link(node.right_of);
            match self.divide(&node) {
                Some(division) => self.split(&node, &division, &mut pending),
                None => self.leaf(&node),
            }
        }
    }

    fn finish(mut self, width: usize) -> Tree {
        self.nodes.shrink_to_fit();
        let tree = Tree::new(self.nodes);
        if self.derived.is_empty() {
            return tree;
        }
        let scaling = self.plan.planes.as_ref().map(|(_, scaling)| Arc::clone(scaling)).unwrap_or_default();
        tree.with_derived(Derived::new(u32::try_from(width).unwrap_or(u32::MAX), scaling, self.derived))
    }

    /// Tells a split that its right child comes next.
    fn link(&mut self, right_of: Option<usize>) {
        let here = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(Node::Split { right, .. }) = right_of.and_then(|parent| self.nodes.get_mut(parent)) {
            *right = here;
        }
    }

    /// Finds what divides the node's rows; `None` makes the node a leaf.
    fn divide(&mut self, node: &Pending) -> Option<Division> {
        if node.end - node.start < 2 || node.depth >= self.plan.tallest {
            return None;
        }
        match self.plan.planes {
            Some((count, _)) => self.extended(node, count),
            None => self.standard(node),
        }
    }

    /// Draws a feature that can divide the node's rows, and a threshold or a subset.
    fn standard(&mut self, node: &Pending) -> Option<Division> {
        let mut constants = node.constants;
        while let Some((place, feature)) = self.features.draw(constants, &mut self.random) {
            self.read(feature, node);
            let range = Range::of(&self.values);
            if !range.is_constant() {
                if !self.is_categorical(feature) {
                    let (threshold, missing_left) = self.threshold(&range);
                    return Some(Division { feature, threshold, missing_left, constants });
                }
                if let Some(division) = self.categories(feature, constants) {
                    return Some(division);
                }
            }
            constants = self.features.set_aside(place, constants);
        }
        None
    }

    /// Draws a plane, whether or not it divides the node's rows: an extended forest does not draw again. Where the
    /// first feature drawn has categories the split is one of these instead.
    fn extended(&mut self, node: &Pending, count: usize) -> Option<Division> {
        let categorical = self.plan.categorical.iter().filter(|is| **is).count();
        let numeric = self.features.all().len() - categorical;
        let (drawn, feature) = self.features.draw(0, &mut self.random)?;
        if drawn >= numeric {
            self.read(feature, node);
            let nothing = Division { feature, threshold: f32::MAX, missing_left: Some(true), constants: 0 };
            return self.categories(feature, 0).or(Some(nothing));
        }
        self.features.set_aside(drawn, 0);
        let count = count.min(numeric);
        plane::choose(self.features.all_mut().get_mut(1..numeric)?, count - 1, &mut self.random);
        self.plane(node, count)
    }

    /// Draws a plane over the first features.
    fn plane(&mut self, node: &Pending, count: usize) -> Option<Division> {
        let (_, scaling) = self.plan.planes.as_ref()?;
        let chosen = self.features.all().get(..count)?;
        let (columns, order) = (&mut self.columns, self.order.get(node.start..node.end)?);
        let (terms, threshold) = plane::draw(chosen, scaling, &mut self.random, |feature| {
            let column = columns.get(feature);
            self.values.clear();
            self.values.extend(order.iter().map(|&row| column.get(row as usize).copied().unwrap_or(f32::NAN)));
            Range::of(&self.values)
        });
        self.rows.clear();
        self.rows.extend_from_slice(order);
        self.values.clear();
        for &row in order {
            let cell = |feature: u32| columns.cell(feature as usize, row as usize);
            self.values.push(side(scaling, &terms, cell));
        }
        Some(self.derive(Column::Plane(terms), threshold, 0))
    }

    /// Draws a subset of the categories that were read. What is in it goes right.
    fn categories(&mut self, feature: usize, constants: usize) -> Option<Division> {
        let values = subset::draw(&self.values, &mut self.random)?;
        for value in &mut self.values {
            *value = membership(&values, *value);
        }
        let feature = u32::try_from(feature).unwrap_or(u32::MAX);
        Some(self.derive(Column::Among { feature, values }, 0.5, constants))
    }

    /// A division by a new derived column, which has no missing values.
    fn derive(&mut self, column: Column, threshold: f32, constants: usize) -> Division {
        let feature = self.columns.width() + self.derived.len();
        self.derived.push(column);
        Division { feature, threshold, missing_left: Some(false), constants }
    }

    fn is_categorical(&self, feature: usize) -> bool {
        self.plan.categorical.get(feature).copied().unwrap_or(false)
    }

    /// A threshold, and the side of missing values if there were any.
    fn threshold(&mut self, range: &Range) -> (f32, Option<bool>) {
        let guided = self.plan.split != Split::Random
            && !range.has_one_value()
            && (self.plan.guided >= 1.0 || self.random.unit() < self.plan.guided);
        if guided && let Some(threshold) = guide::best(self.plan.split, &self.values, &mut self.sorted) {
            return (threshold, (range.missing > 0).then(|| self.random.coin()));
        }
        range.cut(&mut self.random)
    }

    /// Reads a feature of the node's rows.
    fn read(&mut self, feature: usize, node: &Pending) {
        let column = self.columns.get(feature);
        let order = self.order.get(node.start..node.end).unwrap_or_default();
        self.rows.clear();
        self.rows.extend_from_slice(order);
        self.values.clear();
        self.values.extend(order.iter().map(|&row| column.get(row as usize).copied().unwrap_or(f32::NAN)));
    }

    /// Moves the rows that go left before the others, and leaves both sides to be grown, left first.
    fn split(&mut self, node: &Pending, division: &Division, pending: &mut Vec<Pending>) {
        let &Division { feature, threshold, missing_left, constants } = division;
        let order = self.order.get_mut(node.start..node.end).unwrap_or_default();
        let left = match missing_left {
            None | Some(false) => partition(order, &self.rows, &self.values, |value| value <= threshold),
            Some(true) => partition(order, &self.rows, &self.values, |value| value <= threshold || value.is_nan()),
        };
        let more_left = left > order.len() - left;
        let parent = self.nodes.len();
        self.nodes.push(Node::Split {
            feature: u32::try_from(feature).unwrap_or(u32::MAX),
            threshold,
            right: 0,
            missing_left: missing_left.unwrap_or(more_left),
        });
        let middle = node.start + left;
        let depth = node.depth + 1;
        pending.push(Pending { start: middle, end: node.end, depth, constants, right_of: Some(parent) });
        pending.push(Pending { start: node.start, end: middle, depth, constants, right_of: None });
    }

    fn leaf(&mut self, node: &Pending) {
        self.nodes.push(self.plan.leaf(node.depth, node.end - node.start));
    }
}

/// Writes the rows that go left to the front, the others to the back, without a branch; returns how many go left.
fn partition(order: &mut [u32], rows: &[u32], values: &[f32], goes_left: impl Fn(f32) -> bool) -> usize {
    let (mut left, mut back) = (0, order.len());
    for (&row, &value) in rows.iter().zip(values) {
        back = back.wrapping_sub(1);
        let goes_left = goes_left(value);
        // The k-th row goes to `left` or to the place that as many rows from the end as have gone right leave free.
        let place = left + if goes_left { 0 } else { back };
        if let Some(to) = order.get_mut(place) {
            *to = row;
        }
        left += usize::from(goes_left);
    }
    left
}
