//! Any ensemble on a row, by the simple walk: what the kernel has no form for.
//!
//! Where the standard is silent or onnxruntime departs from it, this does as onnxruntime does: a regressor of one
//! target transforms it only by `PROBIT`, and a classifier of two classes knows by its weights which of its shapes it
//! has.

use crate::onnx::EnsembleError;
use crate::onnx::attributes::Attributes;
use crate::onnx::ensemble::{Aggregate, Ensemble, EnsembleNode, LeafNames, Leaves, Post};
use tract_onnx::pb::NodeProto;

/// The names of the attributes that hold a classifier's leaves.
const CLASSIFIER: LeafNames =
    LeafNames { trees: "class_treeids", nodes: "class_nodeids", ids: "class_ids", weights: "class_weights" };

impl Ensemble {
    /// Reads and checks the attributes of a classifier; its classes are the targets.
    pub(crate) fn classifier(node: &NodeProto) -> Result<Self, EnsembleError> {
        let attributes = Attributes(node);
        let values = attributes.reals("class_weights", "class_weights_as_tensor")?;
        let words = node.attribute.iter().find(|attribute| attribute.name == "classlabels_strings");
        let labels = match words {
            Some(words) => words.strings.len(),
            None => attributes.ints("classlabels_int64s")?.len(),
        };
        if labels == 0 {
            return Err(EnsembleError::Attribute("classlabels_int64s"));
        }
        Self::of(attributes, Leaves::read(attributes, &CLASSIFIER, labels, values)?)
    }

    /// A row's targets.
    pub(crate) fn targets(&self, row: &[f64]) -> Vec<f64> {
        let sums = self.sums(row);
        let single = sums.len() == 1;
        let whole = single || self.base.len() == self.targets;
        let target = |(at, sum): (usize, Option<f64>)| {
            let base = if whole { self.base.get(at).copied().unwrap_or(0.0) } else { 0.0 };
            self.mean(sum.unwrap_or(0.0)) + base
        };
        let targets: Vec<f64> = sums.into_iter().enumerate().map(target).collect();
        if single && self.post != Post::Probit { targets } else { self.post.of(targets) }
    }

    /// The one target from the sum of its leaves.
    pub(crate) fn finish(&self, sum: f64) -> f64 {
        self.mean(sum) + self.base.first().copied().unwrap_or(0.0)
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of trees stay far below 2^53")]
    fn mean(&self, sum: f64) -> f64 {
        if self.aggregate == Aggregate::Average { sum / self.trees.len() as f64 } else { sum }
    }

    /// A row's class, by its position, and what each class has.
    pub(crate) fn classify(&self, row: &[f64]) -> (usize, Vec<f64>) {
        let mut sums = self.sums(row);
        if let [first, second] = *sums {
            return self.of_two(first, second);
        }
        for (sum, base) in sums.iter_mut().zip(&self.base) {
            *sum = Some(sum.unwrap_or(0.0) + base);
        }
        let mut best: Option<(usize, f64)> = None;
        for (at, sum) in sums.iter().enumerate() {
            if let Some(sum) = *sum
                && best.is_none_or(|(_, most)| sum > most)
            {
                best = Some((at, sum));
            }
        }
        let scores = sums.into_iter().map(|sum| sum.unwrap_or(0.0)).collect();
        (best.map_or(0, |(at, _)| at), self.post.of(scores))
    }

    fn of_two(&self, mut first: Option<f64>, mut second: Option<f64>) -> (usize, Vec<f64>) {
        let mut both = true;
        match (self.base.as_slice(), second) {
            (&[_, base], Some(_)) => {
                let score = base + first.unwrap_or(0.0);
                (first, second) = (Some(-score), Some(score));
            }
            (&[base, _], None) => first = first.map(|score| score + base),
            (&[base], _) => {
                first = first.map(|score| score + base);
                both = second.is_some();
            }
            _ => both = second.is_some(),
        }
        let decisive = second.or(first).unwrap_or(0.0);
        let used = self.weights.iter().map(|(target, _)| *target);
        let one_sided = used.clone().min() == used.max();
        let positive = self.weights.iter().all(|(_, weight)| *weight >= 0.0);
        let class = usize::from(decisive > if one_sided && positive { 0.5 } else { 0.0 });
        let first = first.unwrap_or(0.0);
        let scores = match self.post {
            post if both => post.of(vec![first, second.or(self.base.get(1).copied()).unwrap_or(0.0)]),
            Post::Probit => vec![probit(first), 0.0],
            _ if one_sided && positive => vec![1.0 - first, first],
            Post::Logistic => vec![logistic(-first), logistic(first)],
            _ => vec![-first, first],
        };
        (class, scores)
    }

    /// What a row's leaves make of each target; none where no leaf has anything for it.
    fn sums(&self, row: &[f64]) -> Vec<Option<f64>> {
        let mut sums: Vec<Option<f64>> = vec![None; self.targets];
        for &(target, weight) in self.trees.iter().flat_map(|tree| self.leaf(tree, row)) {
            if let Some(so_far) = sums.get_mut(target) {
                *so_far = Some(so_far.map_or(weight, |value| match self.aggregate {
                    Aggregate::Sum | Aggregate::Average => value + weight,
                    Aggregate::Least => value.min(weight),
                    Aggregate::Greatest => value.max(weight),
                }));
            }
        }
        sums
    }

    /// The entries of the leaf that a row falls into.
    fn leaf(&self, tree: &[EnsembleNode], row: &[f64]) -> &[(usize, f64)] {
        let mut at = 0;
        loop {
            match tree.get(at) {
                Some(&EnsembleNode::Split { feature, threshold, test, otherwise, missing_true }) => {
                    let value = row.get(feature as usize).copied().unwrap_or(f64::NAN);
                    let is_true = test.holds(value, threshold) || (missing_true && value.is_nan());
                    at = if is_true { at + 1 } else { otherwise as usize };
                }
                Some(&EnsembleNode::Leaf { first, end }) => return self.weights.get(first..end).unwrap_or_default(),
                None => return &[],
            }
        }
    }
}

impl Post {
    fn of(self, mut scores: Vec<f64>) -> Vec<f64> {
        match self {
            Self::Nothing => {}
            Self::Logistic => scores.iter_mut().for_each(|score| *score = logistic(*score)),
            Self::Probit => scores.iter_mut().for_each(|score| *score = probit(*score)),
            Self::Softmax | Self::SoftmaxZero => {
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                for score in &mut scores {
                    let zero = self == Self::SoftmaxZero && score.abs() <= 1e-7;
                    *score = if zero { *score * libm::exp(-most) } else { libm::exp(*score - most) };
                }
                let sum: f64 = scores.iter().sum();
                for score in &mut scores {
                    *score /= sum;
                }
            }
        }
        scores
    }
}

fn logistic(value: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-value))
}

/// √2 · erf⁻¹(2x − 1), by the approximation that onnxruntime uses (S. Winitzki's).
fn probit(value: f64) -> f64 {
    const A: f64 = 0.147;
    let x = 2.0 * value - 1.0;
    let log = libm::log((1.0 - x) * (1.0 + x));
    let half = 2.0 / (std::f64::consts::PI * A) + 0.5 * log;
    let root = libm::sqrt(libm::sqrt(half * half - log / A) - half);
    std::f64::consts::SQRT_2 * if x < 0.0 { -root } else { root }
}
