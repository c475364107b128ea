//! The operators `TreeEnsembleRegressor` and `TreeEnsembleClassifier` (ai.onnx.ml 1 to 3), checked: what comes out is
//! trees. [`flat`](super::flat) reads their successor, `TreeEnsemble`, into the same.

use super::attributes::Attributes;
use super::error::{EnsembleError, NodeId};
use super::lay::{Fold, Split};
use crate::forest::Tree;

/// A checked ensemble. Its trees are in the order of their ids.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ensemble {
    pub(crate) trees: Vec<Vec<EnsembleNode>>,
    /// Target and weight of each leaf's entries; a leaf names a range of them.
    pub(crate) weights: Vec<(usize, f64)>,
    pub(crate) targets: usize,
    pub(crate) aggregate: Aggregate,
    /// Added to each target at the end; empty means zeros.
    pub(crate) base: Vec<f64>,
    pub(crate) post: Post,
}

/// A node of a tree in pre-order: the true branch of a split is the node after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum EnsembleNode {
    /// The threshold is a 32-bit float in most files; wider, it compares with one just the same.
    Split {
        feature: u32,
        threshold: f64,
        test: Test,
        otherwise: u32,
        missing_true: bool,
    },
    Leaf {
        first: usize,
        end: usize,
    },
}

/// What a split asks of a value and its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    AtMost,
    Less,
    AtLeast,
    Greater,
    Equal,
    Different,
}

/// How the trees' weights for a target become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Sum,
    Average,
    Least,
    Greatest,
}

/// What becomes of the targets at the very end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Post {
    Nothing,
    Logistic,
    Softmax,
    SoftmaxZero,
    Probit,
}

impl Test {
    /// The test of an entry of `nodes_modes` in ai.onnx.ml 1 to 3, but for `LEAF`.
    pub(super) fn named(mode: &[u8]) -> Option<Self> {
        const TESTS: [Test; 6] = [Test::AtMost, Test::Less, Test::AtLeast, Test::Greater, Test::Equal, Test::Different];
        TESTS.into_iter().find(|test| test.name().as_bytes() == mode)
    }

    #[allow(clippy::float_cmp, reason = "BRANCH_EQ and BRANCH_NEQ mean it")]
    pub(crate) fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::AtMost => value <= threshold,
            Self::Less => value < threshold,
            Self::AtLeast => value >= threshold,
            Self::Greater => value > threshold,
            Self::Equal => value == threshold,
            Self::Different => value != threshold,
        }
    }
}

impl Ensemble {
    /// Reads and checks the attributes of a regressor.
    ///
    /// All memory that is taken is proportional to the attributes, whatever numbers they hold. A node with several
    /// parents, which exports of categories by `LightGBM` have, is read once for each of them, within a limit.
    pub(crate) fn read(attributes: Attributes<'_>) -> Result<Self, EnsembleError> {
        let values = attributes.reals("target_weights", "target_weights_as_tensor")?;
        // An output as wide as the weights that fill it: a greater number is no model, but a request for memory.
        let most = values.len().max(1);
        let targets = usize::try_from(attributes.int("n_targets")?).ok().filter(|n| (1..=most).contains(n));
        let targets = targets.ok_or(EnsembleError::Unsupported("n_targets"))?;
        Self::of(attributes, Leaves::read(attributes, &REGRESSOR, targets, values)?)
    }

    pub(crate) fn of(attributes: Attributes<'_>, leaves: Leaves) -> Result<Self, EnsembleError> {
        let columns = Columns::read(attributes)?;
        let index = columns.index()?;
        let mut left = MOST_COPIES.saturating_mul(index.len());
        let mut next = 0;
        let trees = index.chunk_by(|a, b| a.0 == b.0).map(|tree| columns.tree(tree, &leaves, &mut next, &mut left));
        let trees = trees.collect::<Result<Vec<_>, _>>()?;
        leaves.no_stray(&trees)?;
        let (aggregate, post, base) = (aggregate(attributes)?, post(attributes)?, base(attributes)?);
        Ok(Self { trees, weights: leaves.weights, targets: leaves.targets, aggregate, base, post })
    }

    /// The trees as a forest's, if they are such: one target, one weight a leaf, thresholds to compare with `≤`.
    pub(crate) fn forest(&self) -> Option<Vec<Tree>> {
        let same = |feature, split: Split| {
            Some(Fold::Split { feature, threshold: split.at_most()?, missing: split.missing_true, swapped: false })
        };
        (self.targets == 1).then(|| self.trees.iter().map(|tree| self.tree(tree, &same)).collect()).flatten()
    }

    /// One more than the greatest position in a row that a split asks for.
    pub(crate) fn columns(&self) -> usize {
        let feature = |node: &EnsembleNode| match *node {
            EnsembleNode::Split { feature, .. } => feature as usize + 1,
            EnsembleNode::Leaf { .. } => 0,
        };
        self.trees.iter().flatten().map(feature).max().unwrap_or(0)
    }
}

/// How often all nodes together may be read again for another parent.
const MOST_COPIES: usize = 32;

fn post(attributes: Attributes<'_>) -> Result<Post, EnsembleError> {
    match attributes.text_or("post_transform", "NONE")? {
        "NONE" => Ok(Post::Nothing),
        "LOGISTIC" => Ok(Post::Logistic),
        "SOFTMAX" => Ok(Post::Softmax),
        "SOFTMAX_ZERO" => Ok(Post::SoftmaxZero),
        "PROBIT" => Ok(Post::Probit),
        _ => Err(EnsembleError::Unsupported("post_transform")),
    }
}

fn base(attributes: Attributes<'_>) -> Result<Vec<f64>, EnsembleError> {
    let there = attributes.has("base_values") || attributes.has("base_values_as_tensor");
    if there { attributes.reals("base_values", "base_values_as_tensor") } else { Ok(Vec::new()) }
}

fn aggregate(attributes: Attributes<'_>) -> Result<Aggregate, EnsembleError> {
    match attributes.text_or("aggregate_function", "SUM")? {
        "SUM" => Ok(Aggregate::Sum),
        "AVERAGE" => Ok(Aggregate::Average),
        "MIN" => Ok(Aggregate::Least),
        "MAX" => Ok(Aggregate::Greatest),
        _ => Err(EnsembleError::Unsupported("aggregate_function")),
    }
}

fn same_length(attribute: &'static str, expected: usize, found: usize) -> Result<(), EnsembleError> {
    if expected == found { Ok(()) } else { Err(EnsembleError::Length { attribute, expected, found }) }
}

/// The `nodes_` attributes: column by column, an entry for each node.
struct Columns<'a> {
    trees: &'a [i64],
    ids: &'a [i64],
    features: &'a [i64],
    /// What each split asks; none at a leaf.
    tests: Vec<Option<Test>>,
    values: Vec<f64>,
    truths: &'a [i64],
    otherwise: &'a [i64],
    missing: &'a [i64],
}

/// A node by the ids of its tree and its own, and its position in the columns; sorted.
type Place = (i64, i64, usize);

impl<'a> Columns<'a> {
    fn read(attributes: Attributes<'a>) -> Result<Self, EnsembleError> {
        const MISSING: &str = "nodes_missing_value_tracks_true";
        let missing = if attributes.has(MISSING) { attributes.ints(MISSING)? } else { &[] };
        let columns = Self {
            trees: attributes.ints("nodes_treeids")?,
            ids: attributes.ints("nodes_nodeids")?,
            features: attributes.ints("nodes_featureids")?,
            tests: attributes.tests("nodes_modes")?,
            values: attributes.reals("nodes_values", "nodes_values_as_tensor")?,
            truths: attributes.ints("nodes_truenodeids")?,
            otherwise: attributes.ints("nodes_falsenodeids")?,
            missing,
        };
        let nodes = columns.trees.len();
        same_length("nodes_nodeids", nodes, columns.ids.len())?;
        same_length("nodes_featureids", nodes, columns.features.len())?;
        same_length("nodes_modes", nodes, columns.tests.len())?;
        same_length("nodes_values", nodes, columns.values.len())?;
        same_length("nodes_truenodeids", nodes, columns.truths.len())?;
        same_length("nodes_falsenodeids", nodes, columns.otherwise.len())?;
        if !missing.is_empty() {
            same_length(MISSING, nodes, missing.len())?;
        }
        if nodes == 0 { Err(EnsembleError::Attribute("nodes_treeids")) } else { Ok(columns) }
    }

    /// The nodes sorted by tree and id.
    fn index(&self) -> Result<Vec<Place>, EnsembleError> {
        let nodes = self.trees.iter().zip(self.ids).enumerate();
        let mut index: Vec<Place> = nodes.map(|(at, (&tree, &id))| (tree, id, at)).collect();
        index.sort_unstable();
        let twice = index.iter().zip(index.iter().skip(1)).find(|(a, b)| (a.0, a.1) == (b.0, b.1));
        match twice {
            Some((&(tree, node, _), _)) => Err(EnsembleError::Repeated(NodeId { tree, node })),
            None => Ok(index),
        }
    }

    /// One tree in pre-order.
    ///
    /// A walk from the root that goes in circles, or down too many ways to the same node, ends with what is `left` of
    /// the nodes to read; a node that it does not come by is another tree, or a circle beside this one.
    fn tree(
        &self,
        places: &[Place],
        leaves: &Leaves,
        next: &mut usize,
        left: &mut usize,
    ) -> Result<Vec<EnsembleNode>, EnsembleError> {
        let tree = places.first().map_or(0, |place| place.0);
        let mut pending = vec![(root(tree, &self.children(places)?)?, None)];
        let mut seen = vec![false; places.len()];
        let mut nodes: Vec<EnsembleNode> = Vec::with_capacity(places.len());
        while let Some((local, otherwise_of)) = pending.pop() {
            let here = nodes.len();
            if let Some(EnsembleNode::Split { otherwise, .. }) = otherwise_of.and_then(|at: usize| nodes.get_mut(at)) {
                *otherwise = u32::try_from(here).unwrap_or(u32::MAX);
            }
            let (Some(&(_, node, at)), Some(seen)) = (places.get(local), seen.get_mut(local)) else { break };
            *left = left.checked_sub(1).ok_or(EnsembleError::Shared(NodeId { tree, node }))?;
            *seen = true;
            match self.split(at)? {
                Some(split) => {
                    let child = |ids: &[i64]| ids.get(at).and_then(|&id| find(places, id)).unwrap_or(usize::MAX);
                    pending.push((child(self.otherwise), Some(here)));
                    pending.push((child(self.truths), None));
                    nodes.push(split);
                }
                None => nodes.push(leaves.leaf(tree, node, next)),
            }
        }
        if seen.contains(&false) { Err(EnsembleError::Unreachable { tree }) } else { Ok(nodes) }
    }

    /// Which of a tree's nodes are children of another.
    fn children(&self, places: &[Place]) -> Result<Vec<bool>, EnsembleError> {
        let mut children = vec![false; places.len()];
        for &(tree, _, at) in places {
            if self.tests.get(at).copied().flatten().is_none() {
                continue;
            }
            for node in [self.truths, self.otherwise].into_iter().filter_map(|ids| ids.get(at).copied()) {
                let id = NodeId { tree, node };
                let child = find(places, node).and_then(|local| children.get_mut(local));
                *child.ok_or(EnsembleError::Dangling(id))? = true;
            }
        }
        Ok(children)
    }

    /// The split at a position of the columns; `None` for a leaf.
    fn split(&self, at: usize) -> Result<Option<EnsembleNode>, EnsembleError> {
        let wrong = |attribute| EnsembleError::Entry { attribute, position: at };
        let Some(test) = self.tests.get(at).copied().flatten() else { return Ok(None) };
        let feature = self.features.get(at).and_then(|&feature| u32::try_from(feature).ok());
        Ok(Some(EnsembleNode::Split {
            feature: feature.filter(|&feature| feature < u32::MAX).ok_or(wrong("nodes_featureids"))?,
            threshold: self.values.get(at).copied().ok_or(wrong("nodes_values"))?,
            test,
            otherwise: 0,
            missing_true: self.missing.get(at).is_some_and(|&track| track != 0),
        }))
    }
}

/// The position in a tree's sorted nodes of the one with this id: mostly the id itself, since most exporters count from 0.
fn find(places: &[Place], id: i64) -> Option<usize> {
    let itself = usize::try_from(id).ok().filter(|&at| places.get(at).is_some_and(|place| place.1 == id));
    itself.or_else(|| places.binary_search_by_key(&id, |place| place.1).ok())
}

/// The one node that is nobody's child.
fn root(tree: i64, children: &[bool]) -> Result<usize, EnsembleError> {
    let mut roots = children.iter().enumerate().filter(|(_, child)| !**child).map(|(local, _)| local);
    match (roots.next(), roots.next()) {
        (Some(root), None) => Ok(root),
        _ => Err(EnsembleError::Unreachable { tree }),
    }
}

/// The `target_` attributes, sorted by tree and node.
pub(crate) struct Leaves {
    /// The leaf of each weight.
    order: Vec<(i64, i64)>,
    weights: Vec<(usize, f64)>,
    targets: usize,
}

/// The names of the attributes that hold the leaves.
pub(crate) struct LeafNames {
    pub(crate) trees: &'static str,
    pub(crate) nodes: &'static str,
    pub(crate) ids: &'static str,
    pub(crate) weights: &'static str,
}

const REGRESSOR: LeafNames =
    LeafNames { trees: "target_treeids", nodes: "target_nodeids", ids: "target_ids", weights: "target_weights" };

impl Leaves {
    pub(crate) fn read(
        attributes: Attributes<'_>,
        names: &LeafNames,
        targets: usize,
        values: Vec<f64>,
    ) -> Result<Self, EnsembleError> {
        let trees = attributes.ints(names.trees)?;
        let nodes = attributes.ints(names.nodes)?;
        let ids = attributes.ints(names.ids)?;
        same_length(names.nodes, trees.len(), nodes.len())?;
        same_length(names.ids, trees.len(), ids.len())?;
        same_length(names.weights, trees.len(), values.len())?;
        let mut entries = Vec::with_capacity(values.len());
        for (position, (((&tree, &node), &id), weight)) in trees.iter().zip(nodes).zip(ids).zip(values).enumerate() {
            let target = usize::try_from(id).ok().filter(|&target| target < targets);
            let target = target.ok_or(EnsembleError::Entry { attribute: names.ids, position })?;
            entries.push(((tree, node), (target, weight)));
        }
        entries.sort_by_key(|entry| entry.0);
        let (order, weights) = entries.into_iter().unzip();
        Ok(Self { order, weights, targets })
    }

    /// The leaf of this id with the range of its weights. They are mostly the `next` ones, behind those of the leaf before.
    fn leaf(&self, tree: i64, node: i64, next: &mut usize) -> EnsembleNode {
        let leaf = (tree, node);
        let follows = self.order.get(*next) == Some(&leaf)
            && (*next == 0 || self.order.get(*next - 1).is_some_and(|before| *before < leaf));
        let first = if follows { *next } else { self.order.partition_point(|other| *other < leaf) };
        // Counted one by one, the weights of a leaf that is read for many parents would take quadratic time.
        let alone = self.order.get(first) == Some(&leaf) && self.order.get(first + 1) != Some(&leaf);
        *next = if alone { first + 1 } else { self.order.partition_point(|other| *other <= leaf) };
        EnsembleNode::Leaf { first, end: *next }
    }

    /// Names a weight that belongs to no leaf, if there is one.
    fn no_stray(&self, trees: &[Vec<EnsembleNode>]) -> Result<(), EnsembleError> {
        let mut taken = vec![false; self.order.len()];
        for node in trees.iter().flatten() {
            if let EnsembleNode::Leaf { first, end } = *node {
                taken.get_mut(first..end).unwrap_or_default().fill(true);
            }
        }
        match self.order.iter().zip(taken).find(|(_, taken)| !taken) {
            Some((&(tree, node), _)) => Err(EnsembleError::Dangling(NodeId { tree, node })),
            None => Ok(()),
        }
    }
}
