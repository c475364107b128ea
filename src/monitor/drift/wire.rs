//! A comparison as JSON.

use super::cells::Cells;
use super::compare::{ColumnDrift, Drift, RateDrift};
use serde_json::{Map, Value as Json, json};

impl Drift {
    /// The comparison as JSON, format `tamis.drift/1`: every figure, and the counts that it is computed from.
    #[must_use]
    pub fn json(&self) -> Json {
        let (reference, current) = self.records;
        json!({
            "format": "tamis.drift/1",
            "verdict": self.verdict.name(),
            "drifted": self.names(),
            "contract": self.contract,
            "model": self.model,
            "rules": self.rules,
            "records": { "reference": reference, "current": current },
            "columns": self.columns.iter().map(ColumnDrift::json).collect::<Vec<_>>(),
            "left_out": self.left_out.iter().map(|(name, reason)| (name.clone(), json!(reason))).collect::<Map<_, _>>(),
            "score": self.score.as_ref().map(ColumnDrift::json),
            "acceptance": self.acceptance.json(),
            "anomalies": self.anomalies.as_ref().map(RateDrift::json),
        })
    }
}

impl ColumnDrift {
    /// `number` or `category`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.ordered.is_some() { "number" } else { "category" }
    }

    fn json(&self) -> Json {
        let (reference, current) = self.records();
        let mut json = Map::new();
        let mut put = |key: &str, value: Json| json.insert(key.to_owned(), value);
        put("name", self.reference.name().into());
        put("kind", self.kind().into());
        put("verdict", self.verdict.name().into());
        put("records", json!({ "reference": reference, "current": current }));
        put("psi", self.psi.into());
        put("psi_critical", self.psi_critical.into());
        if let Some(ordered) = &self.ordered {
            put("ks", ordered.ks.into());
            put("ks_p", ordered.ks_p.into());
            put("wasserstein", ordered.wasserstein.into());
            put("wasserstein_sd", ordered.wasserstein_sd.into());
        }
        put("jensen_shannon", self.jensen_shannon.into());
        let (statistic, freedom) = self.chi_square;
        put("chi_square", json!({ "statistic": statistic, "freedom": freedom, "p": self.chi_square_p }));
        put("p", self.p.into());
        put("adjusted", self.adjusted.into());
        put("cells", self.reference.bins().labels().into());
        put("representatives", self.reference.bins().representatives().into());
        put("reference", self.reference.counts().into());
        put("current", self.current.clone().into());
        let Cells { reference, current } = &self.cells;
        put("tested", json!({ "reference": reference, "current": current }));
        Json::Object(json)
    }
}

impl RateDrift {
    fn json(&self) -> Json {
        let (reference, current) = self.rates();
        let side = |rate: f64, (part, whole): (u64, u64)| json!({ "rate": rate, "part": part, "whole": whole });
        json!({
            "verdict": self.verdict.name(),
            "reference": side(reference, self.reference),
            "current": side(current, self.current),
            "interval": [self.interval.0, self.interval.1],
            "effect": self.effect,
            "p": self.p,
            "adjusted": self.adjusted,
        })
    }
}
