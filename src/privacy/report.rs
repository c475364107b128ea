//! All figures together, and their JSON.

use super::figures::share;
use super::search::{suggest, without};
use super::{Counted, Diversity, Figures, Plan, Small, Suggestion, Survey};
use crate::contract::Contract;
use serde_json::{Value, json};

/// A quasi-identifier, and what it does to the figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Marked {
    /// The field, as JSON Pointer.
    pub path: String,
    /// What the contract's mask leaves of it, in a word.
    pub mask: &'static str,
    /// Different values, null among them.
    pub distinct: u64,
    /// The k that there would be without the field.
    pub k_without: u64,
    /// The share of records that would be alone in their group without the field.
    pub unique_rate_without: f64,
}

/// What is known of a set of masked records.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The contract's name, version and SHA-256.
    pub contract: [String; 3],
    /// What became of the records.
    pub counted: Counted,
    /// The group size that is asked for.
    pub wanted: u64,
    /// The figures.
    pub figures: Figures,
    /// The quasi-identifiers, in the order of the contract.
    pub marked: Vec<Marked>,
    /// The smallest groups below the size that is asked for.
    pub smallest: Vec<Small>,
    /// How diverse each sensitive field is.
    pub diversity: Vec<Diversity>,
    /// Masks that would reach the size that is asked for.
    pub suggestions: Vec<Suggestion>,
    /// There were so many combinations that [`Report::marked`] and [`Report::suggestions`] are of a uniform sample.
    pub sampled: bool,
}

impl Survey {
    /// Draws up the report; `wanted` is the group size that is asked for.
    #[must_use]
    pub fn report(&self, plan: &Plan, contract: &Contract, wanted: u64) -> Report {
        let cells = self.table.cells(&self.groups);
        let marked = plan.places.iter().zip(&plan.quasi).zip(&cells.values).enumerate();
        let marked = marked.map(|(at, ((place, field), values))| {
            let figures = without(&cells, at);
            Marked {
                path: place.pointer.clone(),
                mask: field.mask,
                distinct: values.len() as u64,
                k_without: figures.k,
                unique_rate_without: share(figures.unique, figures.records),
            }
        });
        Report {
            contract: [contract.name(), contract.version(), contract.sha256()].map(ToOwned::to_owned),
            counted: self.counted(),
            wanted,
            figures: self.figures(wanted),
            marked: marked.collect(),
            smallest: self.smallest(wanted),
            diversity: plan.sensitive().enumerate().filter_map(|(at, path)| self.diversity(at, path)).collect(),
            suggestions: suggest(plan, &cells, wanted),
            sampled: self.table.is_sample(),
        }
    }
}

impl Report {
    /// The report as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let [name, version, sha256] = &self.contract;
        let Figures { records, groups, k, .. } = self.figures;
        let figures = &self.figures;
        json!({
            "contract": { "name": name, "version": version, "sha256": sha256 },
            "read": self.counted.read,
            "records": records,
            "rejected": self.counted.rejected,
            "unmasked": self.counted.unmasked,
            "k": k,
            "wanted": self.wanted,
            "groups": groups,
            "unique": { "records": figures.unique, "rate": share(figures.unique, records) },
            "below": {
                "groups": figures.below_groups,
                "records": figures.below_records,
                "rate": share(figures.below_records, records),
            },
            "risk": { "highest": figures.highest_risk, "mean": figures.mean_risk },
            "sizes": figures.sizes.iter().map(|band| json!({
                "from": band.from, "to": band.to, "groups": band.groups, "records": band.records,
            })).collect::<Vec<_>>(),
            "quasi_identifiers": self.marked.iter().map(|field| json!({
                "path": field.path,
                "mask": field.mask,
                "distinct": field.distinct,
                "k_without": field.k_without,
                "unique_rate_without": field.unique_rate_without,
            })).collect::<Vec<_>>(),
            "smallest": self.smallest.iter().map(|group| json!({
                "size": group.size, "line": group.line, "source": group.source,
            })).collect::<Vec<_>>(),
            "diversity": self.diversity.iter().map(|field| json!({
                "path": field.path,
                "distinct": field.distinct,
                "entropy": field.entropy,
                "uniform_groups": field.uniform_groups,
                "uniform_records": field.uniform_records,
                "lower_bound": field.bounded,
            })).collect::<Vec<_>>(),
            "suggestions": self.suggestions.iter().map(|found| json!({
                "masks": found.masks.iter().cloned().collect::<serde_json::Map<_, _>>(),
                "k": found.k,
                "groups": found.groups,
                "left_out": { "records": found.left_out, "rate": found.left_out_rate() },
                "loss": found.loss,
                "minimal": found.minimal,
            })).collect::<Vec<_>>(),
            "sampled": self.sampled,
        })
    }
}
