//! One run.

use super::moment;
use super::names;
use crate::contract::Contract;
use crate::forest::Params;
use crate::onnx::Metadata;
use crate::quality::Summary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a run did, from what, and what came of it.
///
/// It is made by [`RunLog::new`] and filled by whoever ran: figures of the records by [`counts`](Self::counts), the
/// forest's parameters by [`forest`](Self::forest), all else one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunLog {
    /// 26 letters and digits that sort by the time of the start.
    pub(crate) id: String,
    /// The command, such as `train`.
    pub(crate) command: String,
    /// What people call the run.
    pub(crate) name: String,
    /// What it is compared with others in; the contract's name by default.
    pub(crate) experiment: String,
    /// In milliseconds since 1970.
    #[serde(with = "moment")]
    pub(crate) started: u64,
    /// Likewise.
    #[serde(with = "moment")]
    pub(crate) ended: u64,
    /// What was chosen before the run.
    pub(crate) params: BTreeMap<String, String>,
    /// What was measured; finite numbers under legal names, see [`metric`](Self::metric).
    pub(crate) metrics: BTreeMap<String, f64>,
    /// Everything else that tells runs apart.
    pub(crate) tags: BTreeMap<String, String>,
    /// What was read.
    pub(crate) datasets: Vec<Dataset>,
    /// What was written.
    pub(crate) artifacts: Vec<Artifact>,
    /// Whether and how a server is to register the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) register: Option<Register>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dataset {
    /// Its path as the command was given it; `-` is the standard input.
    pub(crate) path: String,
    /// What it was read for: `training`, `scoring`, `evaluation`.
    pub(crate) context: String,
    /// The hashes of its bytes; none where they are not known.
    #[serde(flatten)]
    pub(crate) sums: Option<Sums>,
}

/// The hashes and the number of some bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sums {
    /// In hexadecimal.
    pub(crate) sha256: String,
    /// As DVC has it, in hexadecimal.
    pub(crate) md5: String,
    /// How many there are.
    pub(crate) bytes: u64,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Artifact {
    /// What becomes of it on a server.
    pub(crate) kind: Kind,
    /// Its path.
    pub(crate) path: String,
    /// The hashes of its bytes; none where it could not be read again.
    #[serde(flatten)]
    pub(crate) sums: Option<Sums>,
}

/// What becomes of a file on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Records: their hashes alone are sent.
    Data,
    /// A report, a summary, a card: it is sent as it is.
    Document,
    /// An ONNX model: it is sent with what `MLflow` needs to load it.
    Model,
}

/// How a server is to register the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Register {
    /// The registered model's name.
    pub(crate) name: String,
    /// The alias that is moved to the new version, if any.
    pub(crate) alias: Option<String>,
}

impl RunLog {
    /// A run that began at a moment and has no figures yet. Two that begin in the same millisecond differ by `random`.
    pub(crate) fn new(command: &str, experiment: &str, started: u64, random: [u8; 10]) -> Self {
        let id = id(started, random);
        let name = format!("{command}-{}", id.get(16..).unwrap_or_default().to_ascii_lowercase());
        let experiment = if experiment.is_empty() { "tamis" } else { experiment };
        let (params, metrics, tags) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self {
            id,
            command: command.to_owned(),
            name,
            experiment: experiment.to_owned(),
            started,
            ended: started,
            params,
            metrics,
            tags,
            datasets: Vec::new(),
            artifacts: Vec::new(),
            register: None,
        }
    }

    /// Notes a parameter.
    #[allow(clippy::needless_pass_by_value, reason = "most values are literals and numbers")]
    pub(crate) fn param(&mut self, name: &str, value: impl ToString) {
        self.params.insert(names::key(name), value.to_string());
    }

    /// Notes a figure; none, and one that is no number, are left out.
    pub(crate) fn metric(&mut self, name: &str, value: impl Into<Option<f64>>) {
        if let Some(value) = value.into().filter(|value| value.is_finite()) {
            self.metrics.insert(names::key(name), value);
        }
    }

    /// Notes a tag.
    #[allow(clippy::needless_pass_by_value, reason = "most values are literals and numbers")]
    pub(crate) fn tag(&mut self, name: &str, value: impl ToString) {
        self.tags.insert(names::key(name), value.to_string());
    }

    /// Notes the contract.
    pub(crate) fn contract(&mut self, contract: &Contract) {
        self.param("contract", contract.name());
        self.param("contract_version", contract.version());
        self.param("contract_sha256", contract.sha256());
        self.tag("tamis.contract", format!("{}@{}", contract.name(), contract.version()));
        self.tag("tamis.contract.sha256", contract.sha256());
    }

    /// Notes what a forest is to be like.
    pub(crate) fn forest(&mut self, params: &Params) {
        // All of them, so that one more does not go unnoticed.
        let &Params { trees, samples, features, bootstrap, contamination, split, guided, height, extension, seed } =
            params;
        self.param("trees", trees);
        self.param("samples", samples);
        self.param("features_per_tree", features);
        self.param("bootstrap", bootstrap);
        self.json_param("contamination", &contamination);
        self.json_param("split", &split);
        self.param("guided", guided);
        self.json_param("height", &height);
        self.param("extension_level", extension.map_or_else(|| "none".to_owned(), |level| level.to_string()));
        self.param("seed", seed);
    }

    /// Notes what a model says of its own training.
    #[allow(clippy::cast_precision_loss, reason = "a count of rows")]
    pub(crate) fn trained(&mut self, model: &Metadata) {
        self.metric("training_rows", model.training.map(|training| training.rows as f64));
        self.param("features", model.features.join(","));
    }

    fn json_param(&mut self, name: &str, value: &impl Serialize) {
        let json = serde_json::to_value(value).unwrap_or_default();
        self.param(name, json.as_str().map_or_else(|| json.to_string(), ToOwned::to_owned));
    }

    /// Notes the counts of a batch; the rate at which held-out rows are odd, where it is known.
    #[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
    pub(crate) fn counts(&mut self, summary: &Summary, contract: &Contract, anomaly_rate: Option<f64>) {
        self.metric("records", summary.records() as f64);
        self.metric("accepted", summary.accepted() as f64);
        self.metric("rejected", summary.rejected() as f64);
        self.metric("repaired", summary.repaired() as f64);
        self.metric("acceptance_rate", summary.acceptance_rate());
        self.metric("anomaly_rate", anomaly_rate);
        if summary.scored() > 0 {
            self.metric("flagged", summary.flagged() as f64);
            self.metric("flagged_rate", summary.flagged() as f64 / summary.scored() as f64);
            self.metric("score_mean", summary.score_sum() / summary.scored() as f64);
        }
        let mut codes: BTreeMap<String, u64> = BTreeMap::new();
        for (_, code, count) in summary.violations(contract) {
            *codes.entry(format!("violations/{code}")).or_default() += count;
        }
        for (code, count) in codes {
            let before = self.metrics.get(&names::key(&code)).copied().unwrap_or_default();
            self.metric(&code, before + count as f64);
        }
    }

    /// The one hash of all that was read; none where some of it is not known.
    pub(crate) fn dataset_sha256(&self) -> Option<String> {
        let sums: Option<Vec<&str>> =
            self.datasets.iter().map(|data| data.sums.as_ref().map(|sums| sums.sha256.as_str())).collect();
        match sums?.as_slice() {
            [] => None,
            [one] => Some((*one).to_owned()),
            several => Some(crate::contract::sha256_hex(several.join("\n").as_bytes())),
        }
    }

    /// How long it took, in seconds.
    #[allow(clippy::cast_precision_loss, reason = "a duration in milliseconds")]
    pub(crate) fn seconds(&self) -> f64 {
        self.ended.saturating_sub(self.started) as f64 / 1000.0
    }
}

/// A ULID: 48 bits of time and 80 of chance, in Crockford's letters.
fn id(milliseconds: u64, random: [u8; 10]) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let chance = random.into_iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(byte));
    let bits = u128::from(milliseconds & ((1 << 48) - 1)) << 80 | chance;
    let letter = |place: u32| LETTERS.get((bits >> (place * 5)) as usize & 31).copied().unwrap_or(b'0');
    (0..26).rev().map(|place| char::from(letter(place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{Height, Split};

    #[test]
    fn ids_sort_by_time_and_differ_by_chance() {
        // The example of the specification of ULIDs: 01ARZ3NDEK begins what was made at this moment.
        assert_eq!(id(1_469_922_850_259, [0; 10]), "01ARZ3NDEK0000000000000000");
        assert_eq!(id(0, [0xFF; 10]), "0000000000ZZZZZZZZZZZZZZZZ");
        assert!(id(1, [0xFF; 10]) < id(2, [0; 10]));
    }

    #[test]
    fn a_figure_is_a_number_under_a_legal_name() {
        let mut run = RunLog::new("run", "", 0, [0; 10]);
        run.metric("a", f64::NAN);
        run.metric("b", None);
        run.metric("c(d)", 1.0);
        assert_eq!(run.metrics, BTreeMap::from([("c_d_".to_owned(), 1.0)]));
        assert_eq!((run.experiment.as_str(), run.name.as_str()), ("tamis", "run-0000000000"));
    }

    #[test]
    fn all_parameters_of_a_forest_are_noted() {
        let mut run = RunLog::new("train", "orders", 0, [0; 10]);
        let (split, height) = (Split::Gain, Height::Full);
        run.forest(&Params { trees: 300, samples: 512.into(), split, guided: 0.25, height, ..Params::default() });
        let params: Vec<_> = run.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            params.join(" "),
            "bootstrap=false contamination=auto extension_level=none features_per_tree=1.0 guided=0.25 height=full \
             samples=512 seed=0 split=gain trees=300"
        );
    }
}
