//! Chains of operators before a tree, folded into its thresholds.

use super::ensemble::{EnsembleNode, Test};
use super::lay::{Fold, Split, lay};
use super::number::{Kind, Number};
use super::prepare::Prepare;
use super::step::{Step, through};
use super::trace::{Cell, Leaves, Trace};
use crate::forest::{Node, Tree};
use std::cell::RefCell;
use std::collections::HashMap;

/// Folds one tree after another.
pub(super) struct Folding<'t, 'g> {
    trace: &'t Trace<'g>,
    prepare: RefCell<Prepare>,
    /// Where a cell of a grove's sheet is calculated to, once that is known.
    known: RefCell<HashMap<(usize, u32), Option<u32>>>,
    /// Of each column that holds more than 32 bits the thresholds so far.
    wide: RefCell<HashMap<u32, Marks>>,
}

/// Thresholds of more than 32 bits, each under a number that 32 bits hold: the order in which they came.
#[derive(Default)]
struct Marks {
    list: Vec<f64>,
    places: HashMap<u64, u32>,
}

impl Marks {
    /// The number of a threshold.
    #[allow(clippy::cast_precision_loss, reason = "a 32-bit float holds all that are handed out")]
    fn number(&mut self, threshold: f64) -> Option<f32> {
        const MOST: u32 = 1 << 24;
        let threshold = threshold + 0.0;
        let next = u32::try_from(self.list.len()).ok().filter(|next| *next < MOST)?;
        let place = *self.places.entry(threshold.to_bits()).or_insert(next);
        if place == next {
            self.list.push(threshold);
        }
        Some(place as f32)
    }

    /// The thresholds in ascending order, and for each number the place that its threshold has there.
    #[allow(clippy::cast_precision_loss, reason = "as above")]
    fn sorted(self) -> (Vec<f64>, Vec<f32>) {
        let mut sorted = self.list.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let place = |threshold: &f64| sorted.partition_point(|other| other < threshold) as f32;
        let places = self.list.iter().map(place).collect();
        (sorted, places)
    }
}

impl<'t, 'g> Folding<'t, 'g> {
    pub(super) fn new(trace: &'t Trace<'g>) -> Self {
        Self { trace, prepare: Prepare::of(&trace.kinds).into(), known: RefCell::default(), wide: RefCell::default() }
    }

    /// The columns that the trees need beside the record's own.
    ///
    /// Thresholds of more than 32 bits become their places among all those of their column.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number that was handed out")]
    pub(super) fn finish(self, trees: &mut [Tree]) -> Prepare {
        let mut prepare = self.prepare.into_inner();
        let mut places: HashMap<u32, Vec<f32>> = HashMap::new();
        for (column, marks) in self.wide.into_inner() {
            let (sorted, of_column) = marks.sorted();
            prepare.mark(column as usize, sorted);
            places.insert(column, of_column);
        }
        let ranked = |node: &Node| match *node {
            Node::Split { feature, threshold, right, missing_left } => {
                let place = places.get(&feature).and_then(|places| places.get(threshold as usize)).copied();
                Node::Split { feature, threshold: place.unwrap_or(threshold), right, missing_left }
            }
            leaf @ Node::Leaf { .. } => leaf,
        };
        if !places.is_empty() {
            for tree in trees {
                *tree = Tree::new(tree.nodes().iter().map(ranked).collect());
            }
        }
        prepare
    }

    /// The tree with these leaves over the record's own numbers, and the weights that `weigh` makes of the leaves'.
    #[allow(clippy::cast_possible_truncation, reason = "the kernel's weights are 32-bit floats")]
    pub(super) fn tree(&mut self, leaves: &Leaves, weigh: impl Fn(f64) -> f64) -> Option<Tree> {
        let (ensemble, sheet) = self.trace.groves.get(leaves.grove)?;
        let nodes = ensemble.trees.get(leaves.tree)?;
        let is_leaf = |node: &EnsembleNode| matches!(node, EnsembleNode::Leaf { .. });
        let ranks: Vec<usize> = nodes
            .iter()
            .scan(0, |rank, node| {
                let here = *rank;
                *rank += usize::from(is_leaf(node));
                Some(here)
            })
            .collect();
        let weight = |at: usize| Some(weigh(leaves.numbers.get(*ranks.get(at)?)?.real()) as f32);
        let fold = |feature: u32, split: Split| match sheet.cells.get(feature as usize)? {
            Cell::Given { column, steps } => {
                let wide = *self.trace.kinds.get(*column)? != Kind::Single;
                let column = u32::try_from(*column).ok()?;
                let own = if wide { self.widely(column, steps, split) } else { folded(column, steps, split) };
                own.or_else(|| {
                    if steps.is_empty() {
                        return None;
                    }
                    let calculate = || self.prepare.borrow_mut().column(column, steps);
                    let sheet = sheet.cells.as_ptr().addr();
                    let column = *self.known.borrow_mut().entry((sheet, feature)).or_insert_with(calculate);
                    folded(column?, &[], split)
                })
            }
            _ => None,
        };
        lay(nodes, &fold, weight)
    }

    /// The question to a number of more than 32 bits, its threshold by number.
    fn widely(&self, column: u32, steps: &[Step], split: Split) -> Option<Fold> {
        match wide(steps, split)? {
            Wide::Always(branch) => Some(Fold::Always(branch)),
            Wide::Split { threshold, missing, swapped } => {
                let threshold = self.wide.borrow_mut().entry(column).or_default().number(threshold)?;
                Some(Fold::Split { feature: column, threshold, missing, swapped })
            }
        }
    }
}

/// What a number of 64 bits is to be asked in place of a split, as [`Fold`] has it for one of 32.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wide {
    Split { threshold: f64, missing: bool, swapped: bool },
    Always(bool),
}

/// The question that a record's own number of 64 bits must be asked, so that it takes the branch that it would take
/// after some steps. The threshold may be infinite: it is but a place among others.
fn wide(steps: &[Step], split: Split) -> Option<Wide> {
    let order = steps.iter().try_fold(true, |order, step| Some(order == step.keeps_order()?))?;
    let holds = |value: f64| Some(split.test.holds(through(steps, Number::Double(value))?.real(), split.threshold));
    let missing = through(steps, Number::Double(f64::NAN))?;
    let missing = split.test.holds(missing.real(), split.threshold) || (split.missing_true && missing.is_nan());
    let low_is_true = match split.test {
        Test::AtMost | Test::Less => order,
        Test::AtLeast | Test::Greater => !order,
        Test::Equal | Test::Different => return None,
    };
    let low = |value: f64| Some(holds(value)? == low_is_true);
    // Where all numbers take one branch, only a missing one may take the other.
    let one = if low(f64::INFINITY)? {
        Some(low_is_true)
    } else if low(f64::NEG_INFINITY)? {
        None
    } else {
        Some(!low_is_true)
    };
    Some(match one {
        Some(branch) if missing == branch => Wide::Always(branch),
        Some(branch) => Wide::Split { threshold: f64::INFINITY, missing: false, swapped: !branch },
        None => {
            Wide::Split { threshold: greatest_double(low)?, missing: missing == low_is_true, swapped: !low_is_true }
        }
    })
}

/// As [`greatest`], of all floats of 64 bits.
fn greatest_double(holds: impl Fn(f64) -> Option<bool>) -> Option<f64> {
    let rank = |value: f64| {
        let magnitude = (value.to_bits() & !(1 << 63)).cast_signed();
        if value.is_sign_negative() { -magnitude } else { magnitude }
    };
    let at_rank = |rank: i64| {
        let magnitude = f64::from_bits(rank.unsigned_abs());
        if rank < 0 { -magnitude } else { magnitude }
    };
    let (mut yes, mut no) = (rank(f64::NEG_INFINITY), rank(f64::INFINITY));
    while no > yes + 1 {
        // Their difference may be more than an integer holds.
        let middle = (yes & no) + ((yes ^ no) >> 1);
        if holds(at_rank(middle))? {
            yes = middle;
        } else {
            no = middle;
        }
    }
    Some(at_rank(yes))
}

/// The question that a record's own number must be asked, so that it takes the branch that it would take after some
/// steps: whatever 32-bit float it is, infinite and missing ones included.
fn folded(column: u32, steps: &[Step], split: Split) -> Option<Fold> {
    let order = steps.iter().try_fold(true, |order, step| Some(order == step.keeps_order()?))?;
    let holds = |value: f32| Some(split.test.holds(through(steps, Number::Single(value))?.real(), split.threshold));
    let missing = through(steps, Number::Single(f32::NAN))?;
    let missing = split.test.holds(missing.real(), split.threshold) || (split.missing_true && missing.is_nan());
    let low_is_true = match split.test {
        Test::AtMost | Test::Less => order,
        Test::AtLeast | Test::Greater => !order,
        Test::Equal | Test::Different => return None,
    };
    if steps.is_empty()
        && let Some(threshold) = split.at_most()
    {
        return Some(Fold::Split { feature: column, threshold, missing, swapped: false });
    }
    let low = |value: f32| Some(holds(value)? == low_is_true);
    if low(f32::INFINITY)? {
        return (missing == low_is_true).then_some(Fold::Always(low_is_true));
    }
    if !low(f32::NEG_INFINITY)? {
        return (missing != low_is_true).then_some(Fold::Always(!low_is_true));
    }
    let threshold = greatest(low)?;
    let fold = Fold::Split { feature: column, threshold, missing: missing == low_is_true, swapped: !low_is_true };
    threshold.is_finite().then_some(fold)
}

/// The greatest float for which something holds that holds for −∞, not for ∞, and changes once between.
fn greatest(holds: impl Fn(f32) -> Option<bool>) -> Option<f32> {
    let (mut yes, mut no) = (rank(f32::NEG_INFINITY), rank(f32::INFINITY));
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if holds(at_rank(middle)?)? {
            yes = middle;
        } else {
            no = middle;
        }
    }
    at_rank(yes)
}

/// Where a float stands among all floats in order; both zeros stand in one place.
fn rank(value: f32) -> i64 {
    let magnitude = i64::from(value.to_bits() & 0x7fff_ffff);
    if value.is_sign_negative() { -magnitude } else { magnitude }
}

fn at_rank(rank: i64) -> Option<f32> {
    let magnitude = f32::from_bits(u32::try_from(rank.unsigned_abs()).ok()?);
    Some(if rank < 0 { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::calculate::{Binary, Unary};
    use crate::onnx::prepare::rank;
    use proptest::prelude::*;

    fn any_float() -> impl Strategy<Value = f32> + Clone {
        prop_oneof![
            any::<u32>().prop_map(f32::from_bits),
            -3.0_f32..3.0,
            Just(f32::NAN),
            Just(f32::INFINITY),
            Just(0.0)
        ]
    }

    /// Steps on numbers like these, which a cast leaves of this kind.
    fn step_of(number: impl Strategy<Value = Number> + Clone + 'static, kind: Kind) -> impl Strategy<Value = Step> {
        let operator = prop::sample::select(vec![Binary::Add, Binary::Sub, Binary::Mul, Binary::Div]);
        prop_oneof![
            (operator.clone(), number.clone()).prop_map(|(operator, number)| Step::After(operator, number)),
            (operator, number.clone()).prop_map(|(operator, number)| Step::Before(number, operator)),
            number.clone().prop_map(Step::Fill),
            (number.clone(), number).prop_map(|(low, high)| Step::Clip(low, high)),
            Just(Step::Through(Unary::Neg)),
            Just(Step::Cast(kind)),
        ]
    }

    fn any_step() -> impl Strategy<Value = Step> {
        step_of(any_float().prop_map(Number::Single), Kind::Single)
    }

    fn any_split() -> impl Strategy<Value = Split> {
        let tests = vec![Test::AtMost, Test::Less, Test::AtLeast, Test::Greater];
        let threshold = prop_oneof![any_float().prop_map(f64::from), -3.0_f64..3.0];
        (threshold, prop::sample::select(tests), any::<bool>()).prop_map(|(threshold, test, missing_true)| Split {
            threshold,
            test,
            missing_true,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn every_float_takes_the_branch_that_it_took(
            steps in prop::collection::vec(any_step(), 0..4),
            split in any_split(),
            values in prop::collection::vec(any_float(), 1..8),
        ) {
            let Some(fold) = folded(3, &steps, split) else { return Ok(()) };
            let mut values = values;
            if let Fold::Split { threshold, .. } = fold {
                values.extend([threshold, threshold.next_up(), threshold.next_down()]);
            }
            for value in values {
                let after = through(&steps, Number::Single(value)).unwrap();
                let expected = split.test.holds(after.real(), split.threshold) || (split.missing_true && after.is_nan());
                let found = match fold {
                    Fold::Always(branch) => branch,
                    Fold::Split { threshold, missing, swapped, .. } => {
                        (value <= threshold || (missing && value.is_nan())) != swapped
                    }
                };
                prop_assert_eq!(found, expected, "{} through {:?} at {:?} became {:?}", value, steps, split, fold);
            }
        }
    }

    fn any_double() -> impl Strategy<Value = f64> + Clone {
        prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            any_float().prop_map(f64::from),
            -3.0_f64..3.0,
            (-3.0_f64..3.0).prop_map(|value| value + 1e7),
            0.0_f64..5e-323,
        ]
    }

    fn any_wide_step() -> impl Strategy<Value = Step> {
        step_of(any_double().prop_map(Number::Double), Kind::Double)
    }

    /// Steps on doubles, then perhaps on what is left of them in 32 bits.
    fn any_wide_steps() -> impl Strategy<Value = Vec<Step>> {
        let single = prop::collection::vec(any_step(), 0..3);
        (prop::collection::vec(any_wide_step(), 0..3), prop::option::of(single)).prop_map(|(mut steps, single)| {
            if let Some(single) = single {
                steps.push(Step::Cast(Kind::Single));
                steps.extend(single);
            }
            steps
        })
    }

    fn any_wide_split() -> impl Strategy<Value = Split> {
        (any_double(), any_split()).prop_map(|(threshold, split)| Split { threshold, ..split })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        /// Several splits on one column, each after steps of its own: a value's place among all their thresholds decides
        /// each of them as the value itself does.
        #[test]
        fn every_double_takes_the_branch_that_it_took(
            splits in prop::collection::vec((any_wide_steps(), any_wide_split()), 1..12),
            values in prop::collection::vec(any_double(), 1..8),
        ) {
            let mut marks = Marks::default();
            let mut folds = Vec::new();
            for (steps, split) in &splits {
                let Some(fold) = wide(steps, *split) else { continue };
                let number = match fold {
                    Wide::Split { threshold, .. } => Some(marks.number(threshold).unwrap()),
                    Wide::Always(_) => None,
                };
                folds.push((steps, split, fold, number));
            }
            let (sorted, places) = marks.sorted();
            prop_assert!(sorted.is_sorted_by(|a, b| a < b));
            let beside = |mark: &f64| {
                let (up, down) = (mark.next_up(), mark.next_down());
                [*mark, up, down, up.next_up(), down.next_down()]
            };
            let wild = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 5e-324, -5e-324];
            let values: Vec<f64> = values.into_iter().chain(wild).chain(sorted.iter().flat_map(beside)).collect();
            for (steps, split, fold, number) in folds {
                for &value in &values {
                    let after = through(steps, Number::Double(value)).unwrap();
                    let expected =
                        split.test.holds(after.real(), split.threshold) || (split.missing_true && after.is_nan());
                    let found = match fold {
                        Wide::Always(branch) => branch,
                        Wide::Split { missing, swapped, .. } => {
                            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number that was handed out")]
                            let threshold = places[number.unwrap() as usize];
                            let place = rank(&sorted, value);
                            (place <= threshold || (missing && place.is_nan())) != swapped
                        }
                    };
                    prop_assert_eq!(found, expected, "{} through {:?} at {:?} became {:?}", value, steps, split, fold);
                }
            }
        }
    }

    #[test]
    fn scaling_and_filling_gaps_fold() {
        let single = |value| Number::Single(value);
        let steps =
            [Step::Fill(single(2.0)), Step::After(Binary::Sub, single(1.0)), Step::After(Binary::Mul, single(-3.0))];
        let split = Split { threshold: -6.0, test: Test::AtMost, missing_true: true };
        let fold = folded(3, &steps, split);
        let expected = Fold::Split { feature: 3, threshold: 3.0_f32.next_down(), missing: true, swapped: true };
        assert_eq!(fold, Some(expected));
    }
}
