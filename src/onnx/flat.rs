//! The operator `TreeEnsemble` (ai.onnx.ml 5), checked: what comes out is trees.

use super::attributes::Attributes;
use super::ensemble::{Aggregate, Ensemble, EnsembleNode, Post, Test};
use super::error::{EnsembleError, NodeId};

/// The attributes: column by column, an entry for each inner node or each leaf.
struct Columns<'a> {
    features: &'a [i64],
    modes: Vec<f64>,
    splits: Vec<f64>,
    /// Where the true and the false branch lead.
    children: [&'a [i64]; 2],
    /// Whether they lead to leaves.
    to_leaves: [&'a [i64]; 2],
    missing: &'a [i64],
    leaves: usize,
}

impl Ensemble {
    /// Reads and checks the attributes of a `TreeEnsemble`.
    ///
    /// All memory that is taken is proportional to the attributes, whatever numbers they hold.
    pub(crate) fn flat(attributes: Attributes<'_>) -> Result<Self, EnsembleError> {
        let (weights, targets) = leaves(attributes)?;
        let columns = Columns::read(attributes, weights.len())?;
        let roots = attributes.ints("tree_roots")?;
        let mut taken = vec![false; columns.features.len()];
        let trees = roots.iter().enumerate().map(|(tree, &root)| columns.tree(tree, root, &mut taken));
        let trees = trees.collect::<Result<_, _>>()?;
        let aggregate = match attributes.int_or("aggregate_function", 1)? {
            0 => Aggregate::Average,
            1 => Aggregate::Sum,
            2 => Aggregate::Least,
            3 => Aggregate::Greatest,
            _ => return Err(EnsembleError::Unsupported("aggregate_function")),
        };
        let post = match attributes.int_or("post_transform", 0)? {
            0 => Post::Nothing,
            1 => Post::Softmax,
            2 => Post::Logistic,
            3 => Post::SoftmaxZero,
            4 => Post::Probit,
            _ => return Err(EnsembleError::Unsupported("post_transform")),
        };
        Ok(Self { trees, weights, targets, aggregate, base: Vec::new(), post })
    }
}

/// Target and weight of each leaf, and how many targets there are.
fn leaves(attributes: Attributes<'_>) -> Result<(Vec<(usize, f64)>, usize), EnsembleError> {
    let weights = attributes.tensor("leaf_weights")?.numbers;
    let ids = attributes.ints("leaf_targetids")?;
    same_length("leaf_targetids", weights.len(), ids.len())?;
    let most = weights.len().max(1);
    let targets = usize::try_from(attributes.int("n_targets")?).ok().filter(|n| (1..=most).contains(n));
    let targets = targets.ok_or(EnsembleError::Unsupported("n_targets"))?;
    let leaf = |(position, (weight, &id)): (usize, (&super::number::Number, &i64))| {
        let target = usize::try_from(id).ok().filter(|&target| target < targets);
        let wrong = EnsembleError::Entry { attribute: "leaf_targetids", position };
        target.map(|target| (target, weight.real())).ok_or(wrong)
    };
    let leaves = weights.iter().zip(ids).enumerate().map(leaf).collect::<Result<_, _>>()?;
    Ok((leaves, targets))
}

fn same_length(attribute: &'static str, expected: usize, found: usize) -> Result<(), EnsembleError> {
    if expected == found { Ok(()) } else { Err(EnsembleError::Length { attribute, expected, found }) }
}

impl<'a> Columns<'a> {
    fn read(attributes: Attributes<'a>, leaves: usize) -> Result<Self, EnsembleError> {
        const MISSING: &str = "nodes_missing_value_tracks_true";
        let reals = |name| Ok(attributes.tensor(name)?.numbers.iter().map(|number| number.real()).collect::<Vec<_>>());
        let columns = Self {
            features: attributes.ints("nodes_featureids")?,
            modes: reals("nodes_modes")?,
            splits: reals("nodes_splits")?,
            children: [attributes.ints("nodes_truenodeids")?, attributes.ints("nodes_falsenodeids")?],
            to_leaves: [attributes.ints("nodes_trueleafs")?, attributes.ints("nodes_falseleafs")?],
            missing: if attributes.has(MISSING) { attributes.ints(MISSING)? } else { &[] },
            leaves,
        };
        let nodes = columns.features.len();
        same_length("nodes_modes", nodes, columns.modes.len())?;
        same_length("nodes_splits", nodes, columns.splits.len())?;
        same_length("nodes_truenodeids", nodes, columns.children[0].len())?;
        same_length("nodes_falsenodeids", nodes, columns.children[1].len())?;
        same_length("nodes_trueleafs", nodes, columns.to_leaves[0].len())?;
        same_length("nodes_falseleafs", nodes, columns.to_leaves[1].len())?;
        if !columns.missing.is_empty() {
            same_length(MISSING, nodes, columns.missing.len())?;
        }
        Ok(columns)
    }

    /// One tree in pre-order. A node that was taken before has two parents or lies on a circle.
    fn tree(&self, tree: usize, root: i64, taken: &mut [bool]) -> Result<Vec<EnsembleNode>, EnsembleError> {
        let named = |node| NodeId { tree: i64::try_from(tree).unwrap_or(i64::MAX), node };
        let mut nodes: Vec<EnsembleNode> = Vec::new();
        let mut pending = vec![(root, false, None)];
        while let Some((id, leaf, otherwise_of)) = pending.pop() {
            let here = nodes.len();
            if let Some(EnsembleNode::Split { otherwise, .. }) = otherwise_of.and_then(|at: usize| nodes.get_mut(at)) {
                *otherwise = u32::try_from(here).unwrap_or(u32::MAX);
            }
            let at = usize::try_from(id).map_err(|_| EnsembleError::Dangling(named(id)))?;
            if leaf {
                if at >= self.leaves {
                    return Err(EnsembleError::Dangling(named(id)));
                }
                nodes.push(EnsembleNode::Leaf { first: at, end: at + 1 });
                continue;
            }
            match taken.get_mut(at) {
                Some(taken) if !*taken => *taken = true,
                Some(_) => return Err(EnsembleError::Shared(named(id))),
                None => return Err(EnsembleError::Dangling(named(id))),
            }
            nodes.push(self.split(at)?);
            let child = |branch: usize| {
                let id = self.children.get(branch).and_then(|ids| ids.get(at)).copied().unwrap_or(-1);
                let leaf = self.to_leaves.get(branch).and_then(|leaves| leaves.get(at)).is_some_and(|leaf| *leaf != 0);
                (id, leaf)
            };
            let ((truth, true_leaf), (otherwise, false_leaf)) = (child(0), child(1));
            pending.push((otherwise, false_leaf, Some(here)));
            pending.push((truth, true_leaf, None));
        }
        Ok(nodes)
    }

    #[allow(clippy::float_cmp, reason = "a mode is one of six whole numbers")]
    fn split(&self, at: usize) -> Result<EnsembleNode, EnsembleError> {
        const TESTS: [Test; 6] = [Test::AtMost, Test::Less, Test::AtLeast, Test::Greater, Test::Equal, Test::Different];
        let wrong = |attribute| EnsembleError::Entry { attribute, position: at };
        let mode = self.modes.get(at).copied().unwrap_or(-1.0);
        let test = TESTS.into_iter().zip(0_u8..).find(|(_, code)| f64::from(*code) == mode).map(|(test, _)| test);
        let feature = self.features.get(at).and_then(|&feature| u32::try_from(feature).ok());
        Ok(EnsembleNode::Split {
            feature: feature.filter(|&feature| feature < u32::MAX).ok_or(wrong("nodes_featureids"))?,
            threshold: self.splits.get(at).copied().ok_or(wrong("nodes_splits"))?,
            test: test.ok_or(wrong("nodes_modes"))?,
            otherwise: 0,
            missing_true: self.missing.get(at).is_some_and(|&track| track != 0),
        })
    }
}
