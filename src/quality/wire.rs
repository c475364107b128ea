//! The wire form of the counts of a batch: `summary.json`.

use super::columns::{Place, groups};
use super::faults::bounds;
use super::profile::Profile;
use super::summary::{Summary, rate};
use crate::contract::{Contract, FieldId, Literal};
use serde_json::{Map, Value as Json, json};

impl Summary {
    pub(crate) fn json(
        &self,
        contract: &Contract,
        model: Option<&str>,
        threshold: Option<f64>,
        anomaly_rate: Option<f64>,
    ) -> Json {
        let repairs: Map<String, Json> =
            self.repairs().into_iter().map(|(code, count)| (code.to_owned(), count.into())).collect();
        let (mut fields, mut extremes, mut by_group) = (Map::new(), Map::new(), Map::new());
        for (id, profile) in self.counted() {
            let path = &contract.field(id).pointer;
            let values = groups(contract, id).unwrap_or_default();
            fields.insert(path.clone(), profile.json(values));
            if let Some(found) = self.extremes(contract, id, profile, values) {
                extremes.insert(path.clone(), found);
            }
            if !profile.groups.is_empty() {
                by_group.insert(path.clone(), acceptance_by(values, &profile.groups));
            }
        }
        json!({
            "records": self.records(),
            "accepted": self.accepted(),
            "rejected": self.rejected(),
            "repaired": self.repaired(),
            "acceptance_rate": self.acceptance_rate(),
            "violations": self.faults.violations_json(contract),
            "rules": self.faults.rules_json(contract),
            "gains": self.faults.gains_json(contract),
            "repairs": repairs,
            "repairs_by": self.repairs_by(contract),
            "acceptance_by": by_group,
            "fields": fields,
            "extremes": extremes,
            "scored": self.scored(),
            "anomalies": self.flagged(),
            "anomaly_rate": anomaly_rate,
            "score_histogram": self.scores(),
            "threshold": threshold,
            "model": model,
            "contract": {
                "name": contract.name(),
                "version": contract.version(),
                "sha256": contract.sha256(),
            },
        })
    }

    fn counted(&self) -> impl Iterator<Item = (FieldId, &Profile)> {
        let profiles = self.profiles.iter().enumerate().filter(|(_, profile)| profile.role.place != Place::Nowhere);
        profiles.map(|(index, profile)| (FieldId(index), profile))
    }

    /// The fences of a field's numbers and the bounds that the contract sets, with how many values lie outside each.
    ///
    /// The fences are over accepted values, so what breaks a bound is not among them.
    fn extremes(&self, contract: &Contract, id: FieldId, profile: &Profile, values: &[Literal]) -> Option<Json> {
        let bounds: Vec<Json> = bounds(contract, id)
            .into_iter()
            .map(|(code, bound)| json!({ "code": code, "bound": bound, "outside": self.faults.failed(id, code) }))
            .collect();
        let fences = profile.extremes(values);
        if fences.is_none() && bounds.is_empty() {
            return None;
        }
        let mut json = fences.unwrap_or_else(|| {
            ["low", "high", "below", "above"].into_iter().map(|key| (key.to_owned(), Json::Null)).collect()
        });
        json.insert("bounds".into(), bounds.into());
        Some(Json::Object(json))
    }
}

fn acceptance_by(values: &[Literal], groups: &[(u64, u64)]) -> Json {
    let listed = |name: &str| values.iter().any(|value| value.is_text(name));
    // A value that is missing or failed its check is never shown; such records have a group of their own.
    let unknown = if listed("unknown") { "(unknown)" } else { "unknown" };
    let mut json = Map::new();
    for (index, (accepted, records)) in groups.iter().enumerate() {
        let name = match values.get(index) {
            Some(Literal::Null) => continue,
            Some(value) => value.show(),
            None if *records == 0 => continue,
            None => unknown.to_owned(),
        };
        json.insert(name, json!({ "accepted": accepted, "records": records, "rate": rate(*accepted, *records) }));
    }
    Json::Object(json)
}
