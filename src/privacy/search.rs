//! Which generalisation would reach a wanted k and lose the least.
//!
//! The combinations of one step a field form a lattice in which groups only grow upwards (Samarati 2001; *Incognito*,
//! 2005). A step that is too fine for its field alone is too fine in every combination, so the search begins above all of
//! these, on the few combinations that are left there, and takes nodes in the order of their loss: the first that passes
//! is the best. What fails rules out all that is finer.

use super::figures::{Figures, share};
use super::ladder::{Step, ladder};
use super::plan::Plan;
use super::table::Cells;
use super::value::Value;
use serde_json::Value as Json;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

/// Combinations that may be looked at, over all nodes: some seconds of work.
const MOST_WORK: usize = 1 << 25;
/// Nodes that may be looked at.
const MOST_NODES: usize = 1 << 17;
/// Failed nodes that are remembered.
const MOST_FAILED: usize = 512;
/// The share of the records that the second suggestion may leave out.
const TOLERATED: u64 = 100;

/// Masks that would reach the wanted k.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The fields to change, as JSON Pointers, each with the `x-mask` to write.
    pub masks: Vec<(String, Json)>,
    /// The k that is reached, recomputed from the combinations.
    pub k: u64,
    /// Groups that there would be.
    pub groups: u64,
    /// Records in groups that would still be too small, to be left out.
    pub left_out: u64,
    /// The records that this was computed on.
    pub records: u64,
    /// The part of the quasi-identifiers' information that is lost, in [0, 1]: each field's share of lost entropy, averaged
    /// over the fields.
    pub loss: f64,
    /// No other combination of these steps loses less. Where the combinations were too many to be sure, it is false.
    pub minimal: bool,
}

/// The suggestions: without leaving records out, and, where it is another one, leaving out one in a hundred at most. None
/// where nothing need be changed, or where there are fewer records than wanted.
pub(super) fn suggest(plan: &Plan, cells: &Cells, wanted: u64) -> Vec<Suggestion> {
    let ladders: Vec<Vec<Step>> = plan
        .quasi
        .iter()
        .zip(&cells.values)
        .enumerate()
        .map(|(at, (field, values))| ladder(field.coarser, values, &cells.weights(at)))
        .collect();
    let records: u64 = cells.rows.iter().map(|(_, count)| count).sum();
    let mut found: Vec<(Vec<usize>, Suggestion)> = Vec::new();
    for allowed in [0, records / TOLERATED] {
        let Some((node, minimal)) = search(&ladders, &cells.rows, wanted, allowed) else { continue };
        let steps: Vec<&Step> = ladders.iter().zip(&node).filter_map(|(steps, at)| steps.get(*at)).collect();
        let (figures, k) = recompute(cells, &steps, wanted);
        let masks = plan.places.iter().zip(&steps);
        let masks: Vec<_> =
            masks.filter_map(|(place, step)| Some((place.pointer.clone(), step.level.mask()?))).collect();
        let known = found.iter().any(|(known, _)| *known == node);
        // Without a change it is no suggestion: the figures say already how many records would be left out.
        if known || masks.is_empty() || k < wanted || figures.below_records > allowed {
            continue;
        }
        let loss = loss(&ladders, &node) / f64::from(u32::try_from(steps.len().max(1)).unwrap_or(u32::MAX));
        let groups = figures.groups - figures.below_groups;
        let left_out = figures.below_records;
        found.push((node, Suggestion { masks, k, groups, left_out, records, loss, minimal }));
    }
    found.into_iter().map(|(_, suggestion)| suggestion).collect()
}

/// Applies the steps to the values themselves and counts anew; answers the figures, and the smallest group of those that
/// are large enough.
fn recompute(cells: &Cells, steps: &[&Step], wanted: u64) -> (Figures, u64) {
    let mut groups: BTreeMap<Vec<Value>, u64> = BTreeMap::new();
    for (row, count) in &cells.rows {
        let values = row.iter().zip(&cells.values).zip(steps);
        let values = values.filter_map(|((at, values), step)| Some(step.level.apply(values.get(*at as usize)?)));
        *groups.entry(values.collect()).or_default() += count;
    }
    let k = groups.values().copied().filter(|size| *size >= wanted).min().unwrap_or_default();
    (Figures::of(groups.into_values(), wanted), k)
}

/// What each field adds: the figures without it.
pub(super) fn without(cells: &Cells, field: usize) -> Figures {
    let mut keys = Keys::new(cells.rows.len());
    for at in (0..cells.values.len()).filter(|at| *at != field) {
        keys.refine(cells.rows.iter().map(|(row, _)| row.get(at).copied().unwrap_or_default()));
    }
    Figures::of(keys.sizes(&cells.rows).into_iter(), 1)
}

/// Which rows are in one group, refined field by field.
struct Keys {
    of: Vec<u32>,
    count: usize,
}

impl Keys {
    fn new(rows: usize) -> Self {
        Self { of: vec![0; rows], count: 1 }
    }

    fn refine(&mut self, classes: impl Iterator<Item = u32>) {
        let mut known: HashMap<(u32, u32), u32> = HashMap::with_capacity(self.count);
        for (key, class) in self.of.iter_mut().zip(classes) {
            // There are fewer groups than rows.
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *key = *known.entry((*key, class)).or_insert(next);
        }
        self.count = known.len();
    }

    fn sizes(&self, rows: &[(Box<[u32]>, u64)]) -> Vec<u64> {
        let mut sizes = vec![0; self.count];
        for (key, (_, count)) in self.of.iter().zip(rows) {
            if let Some(size) = sizes.get_mut(*key as usize) {
                *size += count;
            }
        }
        sizes
    }
}

/// The node of the lattice that loses the least among those that leave out at most `allowed` records, and whether that is
/// sure; none where even dropping every field does not do.
fn search(ladders: &[Vec<Step>], rows: &[(Box<[u32]>, u64)], wanted: u64, allowed: u64) -> Option<(Vec<usize>, bool)> {
    let mut lattice = Lattice { ladders, rows: rows.to_vec(), wanted, allowed, failed: Vec::new(), work: 0 };
    let top: Vec<usize> = ladders.iter().map(|steps| steps.len().saturating_sub(1)).collect();
    if !lattice.passes(&top) {
        return None;
    }
    let base = lattice.base(&top);
    lattice.reduce(&base);
    let climbed = lattice.climb(&base, &top);
    match lattice.best(base, &climbed) {
        Some(best) => Some((best, true)),
        None => Some((climbed, false)),
    }
}

fn loss(ladders: &[Vec<Step>], node: &[usize]) -> f64 {
    ladders.iter().zip(node).filter_map(|(steps, at)| steps.get(*at)).map(|step| step.loss).sum()
}

struct Lattice<'l> {
    ladders: &'l [Vec<Step>],
    rows: Vec<(Box<[u32]>, u64)>,
    wanted: u64,
    allowed: u64,
    failed: Vec<Vec<usize>>,
    work: usize,
}

impl Lattice<'_> {
    fn keys(&self, node: &[usize]) -> Keys {
        let mut keys = Keys::new(self.rows.len());
        for (field, (steps, at)) in self.ladders.iter().zip(node).enumerate() {
            if let Some(step) = steps.get(*at).filter(|step| step.count > 1) {
                let class = |row: &(Box<[u32]>, u64)| step.classes.get(*row.0.get(field)? as usize).copied();
                keys.refine(self.rows.iter().map(|row| class(row).unwrap_or_default()));
            }
        }
        keys
    }

    fn passes(&mut self, node: &[usize]) -> bool {
        let finer = |failed: &Vec<usize>| node.iter().zip(failed).all(|(ours, theirs)| ours <= theirs);
        if self.failed.iter().any(finer) {
            return false;
        }
        self.work += self.rows.len();
        let sizes = self.keys(node).sizes(&self.rows);
        let passes = sizes.iter().filter(|size| **size < self.wanted).sum::<u64>() <= self.allowed;
        if !passes && self.failed.len() < MOST_FAILED {
            self.failed.push(node.to_vec());
        }
        passes
    }

    /// For each field the finest step that passes with all other fields dropped.
    fn base(&mut self, top: &[usize]) -> Vec<usize> {
        let mut base = top.to_vec();
        for (field, last) in top.iter().enumerate() {
            let alone = |at: usize| -> Vec<usize> {
                top.iter().enumerate().map(|(other, top)| if other == field { at } else { *top }).collect()
            };
            let finest = (0..*last).find(|at| self.passes(&alone(*at))).unwrap_or(*last);
            if let Some(slot) = base.get_mut(field) {
                *slot = finest;
            }
        }
        base
    }

    /// Joins the rows that are equal at a node: above it they stay equal, whichever of them stands for all.
    fn reduce(&mut self, node: &[usize]) {
        let keys = self.keys(node);
        let sizes = keys.sizes(&self.rows);
        let mut taken = vec![false; keys.count];
        let mut reduced = Vec::with_capacity(keys.count);
        for (key, (row, _)) in keys.of.iter().zip(&self.rows) {
            let (key, first) = (*key as usize, taken.get_mut(*key as usize));
            if let Some(first) = first.filter(|taken| !**taken) {
                *first = true;
                reduced.push((row.clone(), sizes.get(key).copied().unwrap_or_default()));
            }
        }
        self.rows = reduced;
    }

    /// A node that passes and from which no single step down does: quick to find, and a bound for the best.
    fn climb(&mut self, base: &[usize], top: &[usize]) -> Vec<usize> {
        let mut node = base.to_vec();
        while !self.passes(&node) {
            let step = |field: usize| -> Option<f64> {
                let steps = self.ladders.get(field)?;
                let at = *node.get(field)?;
                (at < *top.get(field)?).then_some(steps.get(at + 1)?.loss - steps.get(at)?.loss)
            };
            let cheapest = (0..node.len())
                .filter_map(|field| Some((step(field)?, field)))
                .min_by(|one, other| one.0.total_cmp(&other.0));
            match cheapest.and_then(|(_, field)| node.get_mut(field)) {
                Some(at) => *at += 1,
                None => return top.to_vec(),
            }
        }
        for field in 0..node.len() {
            for at in base.get(field).copied().unwrap_or_default()..node.get(field).copied().unwrap_or_default() {
                let mut lower = node.clone();
                if let Some(slot) = lower.get_mut(field) {
                    *slot = at;
                }
                if self.passes(&lower) {
                    node = lower;
                    break;
                }
            }
        }
        node
    }

    /// The best node; none where the work is too much.
    fn best(&mut self, base: Vec<usize>, climbed: &[usize]) -> Option<Vec<usize>> {
        let bound = loss(self.ladders, climbed);
        let mut seen: HashSet<Vec<usize>> = HashSet::from([base.clone()]);
        let mut open = BinaryHeap::from([Reverse(Open::new(self.ladders, base))]);
        while let Some(Reverse(Open { node, .. })) = open.pop() {
            if self.work > MOST_WORK || seen.len() > MOST_NODES {
                return None;
            }
            if self.passes(&node) {
                return Some(node);
            }
            for field in 0..node.len() {
                let mut next = node.clone();
                let steps = self.ladders.get(field).map_or(0, Vec::len);
                let Some(at) = next.get_mut(field).filter(|at| **at + 1 < steps) else { continue };
                *at += 1;
                let next_open = Open::new(self.ladders, next);
                if next_open.loss <= bound && seen.insert(next_open.node.clone()) {
                    open.push(Reverse(next_open));
                }
            }
        }
        // The climbed node lies above the base, so it is met before the end.
        Some(climbed.to_vec())
    }
}

/// A node to look at: the least loss first, then the fewest changed fields, then the first fields finest.
#[derive(PartialEq)]
struct Open {
    loss: f64,
    changed: usize,
    node: Vec<usize>,
}

impl Open {
    fn new(ladders: &[Vec<Step>], node: Vec<usize>) -> Self {
        Self { loss: loss(ladders, &node), changed: node.iter().filter(|at| **at > 0).count(), node }
    }
}

impl Eq for Open {}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.loss.total_cmp(&other.loss).then(self.changed.cmp(&other.changed));
        order.then_with(|| self.node.cmp(&other.node))
    }
}

impl Suggestion {
    /// The share of the records that it leaves out.
    #[must_use]
    pub fn left_out_rate(&self) -> f64 {
        share(self.left_out, self.records)
    }
}

#[cfg(test)]
#[path = "search/tests.rs"]
mod tests;
