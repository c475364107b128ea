//! Growing one tree: random features, random thresholds, until every row is alone.
//!
//! The conventions are scikit-learn's (`ExtraTreeRegressor(splitter="random", max_features=1)` on random targets): a
//! feature is drawn among those that are not constant in the node; the threshold is uniform between its least and its
//! greatest value there; a node that saw missing values sends them to a side drawn by chance, any other node to the
//! side with more rows. Two differences: "constant" is exact here (greatest ≤ least) where scikit-learn adds an
//! absolute 10⁻⁷, which would make the forest depend on the unit of a feature; and a feature with one value and gaps
//! always separates the gaps, where scikit-learn's coin makes the node a leaf half of the time.

use super::matrix::Matrix;
use super::path_length::{c, tallest};
use super::random::Random;
use super::sample::sample;
use super::tree::{Node, Tree};

/// What all trees of a forest share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Rows a tree, ψ; at least 2.
    pub(super) samples: u32,
    /// Trees · c(ψ), which turns a path length into a leaf's weight.
    pub(super) scale: f64,
    /// The forest's seed.
    pub(super) seed: u64,
}

/// Grows the tree at this position of the forest.
pub(super) fn grow(data: &Matrix, plan: &Plan, position: usize) -> Tree {
    let mut random = Random::for_tree(plan.seed, position);
    let total = u32::try_from(data.rows()).unwrap_or(u32::MAX - 1);
    let rows = sample(total, plan.samples, &mut random);
    let mut grower = Grower {
        order: (0..plan.samples).collect(),
        values: Vec::with_capacity(plan.samples as usize),
        columns: Columns { data, rows, read: vec![Vec::new(); data.columns()] },
        features: (0..data.columns()).collect(),
        random,
        nodes: Vec::with_capacity(2 * plan.samples as usize),
        scale: plan.scale,
        tallest: tallest(plan.samples as usize),
    };
    grower.grow();
    Tree::new(grower.nodes)
}

/// A tree in the making. `order` holds the sampled rows; each node owns a range of it.
struct Grower<'a> {
    columns: Columns<'a>,
    order: Vec<u32>,
    /// What the rows of the node at hand hold in the feature at hand, in their order.
    values: Vec<f32>,
    /// A permutation of the features. Its first `constants` ones are constant in a node: whatever is drawn below the
    /// node permutes only what comes after them, so its siblings find them in place.
    features: Vec<usize>,
    random: Random,
    nodes: Vec<Node>,
    scale: f64,
    tallest: u32,
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

/// How a node divides its rows.
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

    /// Tells a split that its right child comes next.
    fn link(&mut self, right_of: Option<usize>) {
        let here = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(Node::Split { right, .. }) = right_of.and_then(|parent| self.nodes.get_mut(parent)) {
            *right = here;
        }
    }

    /// Draws a feature that can divide the node's rows, and a threshold; `None` makes the node a leaf.
    fn divide(&mut self, node: &Pending) -> Option<Division> {
        if node.end - node.start < 2 || node.depth >= self.tallest {
            return None;
        }
        let mut constants = node.constants;
        while constants < self.features.len() {
            let drawn = constants + self.random.below(self.features.len() - constants);
            let &feature = self.features.get(drawn)?;
            self.read(feature, node);
            let range = Range::of(&self.values);
            if range.is_constant() {
                self.features.swap(drawn, constants);
                constants += 1;
                continue;
            }
            let (threshold, missing_left) = range.cut(&mut self.random);
            return Some(Division { feature, threshold, missing_left, constants });
        }
        None
    }

    /// Reads a feature of the node's rows.
    fn read(&mut self, feature: usize, node: &Pending) {
        let column = self.columns.get(feature);
        let order = self.order.get(node.start..node.end).unwrap_or_default();
        self.values.clear();
        self.values.extend(order.iter().map(|&row| column.get(row as usize).copied().unwrap_or(f32::NAN)));
    }

    /// Moves the rows that go left before the others, and leaves both sides to be grown, left first.
    fn split(&mut self, node: &Pending, division: &Division, pending: &mut Vec<Pending>) {
        let &Division { feature, threshold, missing_left, constants } = division;
        let order = self.order.get_mut(node.start..node.end).unwrap_or_default();
        let left = partition(order, &self.values, threshold, missing_left.unwrap_or(false));
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

    #[allow(clippy::cast_possible_truncation, reason = "a leaf's weight is a 32-bit float, in memory as in the file")]
    fn leaf(&mut self, node: &Pending) {
        let length = f64::from(node.depth) + c(node.end - node.start);
        self.nodes.push(Node::Leaf { weight: (length / self.scale) as f32 });
    }
}

/// The sampled rows column by column, each column read when a node first asks for it.
struct Columns<'a> {
    data: &'a Matrix,
    rows: Vec<u32>,
    read: Vec<Vec<f32>>,
}

impl Columns<'_> {
    fn get(&mut self, feature: usize) -> &[f32] {
        let Some(column) = self.read.get_mut(feature) else { return &[] };
        if column.is_empty() {
            let (values, width) = (self.data.values(), self.data.columns());
            let cell = |&row: &u32| values.get(row as usize * width + feature).copied().unwrap_or(f32::NAN);
            column.extend(self.rows.iter().map(cell));
        }
        column
    }
}

/// What the rows of a node hold in one column.
#[derive(Clone, Copy)]
struct Range {
    least: f32,
    greatest: f32,
    missing: u32,
    rows: usize,
}

impl Range {
    /// Eight columns of extremes, then the extremes of these: what the compiler makes vectors of.
    fn of(values: &[f32]) -> Self {
        let mut lanes = [Self { least: f32::INFINITY, greatest: f32::NEG_INFINITY, missing: 0, rows: 0 }; 8];
        let (groups, rest) = values.as_chunks::<8>();
        for group in groups.iter().map(<[f32; 8]>::as_slice).chain([rest]) {
            for (lane, &value) in lanes.iter_mut().zip(group) {
                lane.least = if value < lane.least { value } else { lane.least };
                lane.greatest = if value > lane.greatest { value } else { lane.greatest };
                lane.missing += u32::from(value.is_nan());
            }
        }
        let [first, others @ ..] = lanes;
        let all = others.iter().fold(first, |all, lane| Self {
            least: all.least.min(lane.least),
            greatest: all.greatest.max(lane.greatest),
            missing: all.missing + lane.missing,
            ..all
        });
        Self { rows: values.len(), ..all }
    }

    /// Whether no threshold and no gap tells two of the rows apart.
    fn is_constant(&self) -> bool {
        self.greatest <= self.least && (self.missing == 0 || self.missing as usize == self.rows)
    }

    /// A threshold, and the side of missing values if there were any.
    fn cut(&self, random: &mut Random) -> (f32, Option<bool>) {
        if self.greatest <= self.least {
            return (self.least, Some(false));
        }
        let (least, greatest) = (f64::from(self.least), f64::from(self.greatest));
        let drawn = least + random.unit() * (greatest - least);
        let threshold = if drawn < greatest { round_down(drawn) } else { self.least };
        (threshold, (self.missing > 0).then(|| random.coin()))
    }
}

/// The greatest 32-bit float that is not above the value: rows are 32-bit floats, so x ≤ value as before.
#[allow(clippy::cast_possible_truncation, reason = "the rounding is meant, and mended downwards")]
fn round_down(value: f64) -> f32 {
    let rounded = value as f32;
    if f64::from(rounded) > value { rounded.next_down() } else { rounded }
}

/// Moves the rows that go left to the front, without a branch; returns how many they are.
fn partition(order: &mut [u32], values: &[f32], threshold: f32, missing_left: bool) -> usize {
    let mut left = 0;
    for (at, &value) in values.iter().enumerate().take(order.len()) {
        order.swap(at, left);
        left += usize::from((value <= threshold) | (missing_left & value.is_nan()));
    }
    left
}
