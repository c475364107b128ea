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
        rows: Vec::with_capacity(plan.samples as usize),
        values: Vec::with_capacity(plan.samples as usize),
        columns: Columns { data, rows, read: vec![Vec::new(); data.columns()] },
        features: (0..data.columns()).collect(),
        random,
        nodes: Vec::with_capacity(128),
        scale: plan.scale,
        tallest: tallest(plan.samples as usize),
    };
    grower.grow();
    grower.nodes.shrink_to_fit();
    Tree::new(grower.nodes)
}

/// A tree in the making. `order` holds the sampled rows; each node owns a range of it.
struct Grower<'a> {
    columns: Columns<'a>,
    order: Vec<u32>,
    /// The rows of the node at hand, and what they hold in the feature at hand.
    rows: Vec<u32>,
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
        let Some(column) = self.read.get_mut(feature) else {
            return &[];
        };
        if column.is_empty() {
            let (values, width) = (self.data.values(), self.data.columns());
            let cell = |&row: &u32| values.get(row as usize * width + feature).copied().unwrap_or(f32::NAN);
            column.extend(self.rows.iter().map(cell));
        }
        column
    }
}

/// What the rows of a node hold in one column.
struct Range {
    least: f32,
    greatest: f32,
    missing: u32,
    rows: usize,
}

impl Range {
    fn of(values: &[f32]) -> Self {
        if values.len() < 16 { Self::by_lanes::<1>(values) } else { Self::by_lanes::<8>(values) }
    }

    /// Takes the extremes of every `N`-th value, then of these: what the compiler makes vectors of.
    fn by_lanes<const N: usize>(values: &[f32]) -> Self {
        let (mut least, mut greatest, mut missing) = ([f32::INFINITY; N], [f32::NEG_INFINITY; N], [0; N]);
        let (groups, rest) = values.as_chunks::<N>();
        let mut add = |values: &[f32]| {
            for (((low, high), gaps), &value) in least.iter_mut().zip(&mut greatest).zip(&mut missing).zip(values) {
                *low = lesser(*low, value);
                *high = greater(*high, value);
                *gaps += u32::from(value.is_nan());
            }
        };
        for group in groups {
            add(group);
        }
        add(rest);
        Self {
            least: least.into_iter().fold(f32::INFINITY, lesser),
            greatest: greatest.into_iter().fold(f32::NEG_INFINITY, greater),
            missing: missing.into_iter().sum(),
            rows: values.len(),
        }
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

/// The lesser of the two; a missing value is passed over.
fn lesser(so_far: f32, value: f32) -> f32 {
    if value < so_far { value } else { so_far }
}

/// The greater of the two; a missing value is passed over.
fn greater(so_far: f32, value: f32) -> f32 {
    if value > so_far { value } else { so_far }
}

/// The greatest 32-bit float that is not above the value: rows are 32-bit floats, so x ≤ value as before.
#[allow(clippy::cast_possible_truncation, reason = "the rounding is meant, and mended downwards")]
fn round_down(value: f64) -> f32 {
    let rounded = value as f32;
    if f64::from(rounded) > value { rounded.next_down() } else { rounded }
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
