//! What is in force: the arguments, else the file of `--config`, else the defaults.

use super::super::args::{CycleArgs, RuleArgs};
use crate::monitor::drift::{Hysteresis, Rules};
use crate::monitor::gate::Gate;
use crate::monitor::trigger::Trigger;
use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The chance of three standard deviations on one side.
const ALPHA: f64 = 0.00135;

/// When there is an alarm, when a challenger is trained, on what, and when it is promoted.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) triggers: Vec<Trigger>,
    pub(super) alpha: f64,
    pub(super) anomaly_alpha: f64,
    pub(super) drift: Rules,
    pub(super) hysteresis: Hysteresis,
    pub(super) new_records: u64,
    pub(super) max_age: f64,
    pub(super) cooldown: f64,
    pub(super) window_records: u64,
    pub(super) window_days: Option<f64>,
    pub(super) gate: Gate,
}

/// The file of `--config`: the same names as the arguments.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    triggers: Option<Vec<String>>,
    alpha: Option<f64>,
    anomaly_alpha: Option<f64>,
    drift_alpha: Option<f64>,
    drift_psi: Option<f64>,
    drift_batches: Option<usize>,
    drift_of: Option<usize>,
    drift_pause: Option<usize>,
    new_records: Option<u64>,
    max_age: Option<f64>,
    cooldown: Option<f64>,
    window_records: Option<u64>,
    window_days: Option<f64>,
    margin: Option<f64>,
    times: Option<f64>,
}

impl Settings {
    pub(super) fn of(args: &CycleArgs) -> Result<Self> {
        let written = match &args.config {
            None => Written::default(),
            Some(path) => {
                let name = path.display();
                let bytes = std::fs::read(path).with_context(|| format!("cannot read the configuration {name}"))?;
                serde_json::from_slice(&bytes).with_context(|| format!("cannot use the configuration {name}"))?
            }
        };
        let said: &RuleArgs = &args.rules;
        let (rules, hysteresis, gate) = (Rules::default(), Hysteresis::default(), Gate::default());
        let triggers = match said.triggers.as_ref().or(written.triggers.as_ref()) {
            None => Trigger::ALL.to_vec(),
            Some(names) => named(names)?,
        };
        let settings = Self {
            triggers,
            alpha: said.alpha.or(written.alpha).unwrap_or(ALPHA),
            anomaly_alpha: said.anomaly_alpha.or(written.anomaly_alpha).unwrap_or(ALPHA),
            drift: Rules {
                alpha: said.drift_alpha.or(written.drift_alpha).unwrap_or(rules.alpha),
                min_psi: said.drift_psi.or(written.drift_psi).unwrap_or(rules.min_psi),
                ..rules
            },
            hysteresis: Hysteresis::new(
                said.drift_batches.or(written.drift_batches).unwrap_or(hysteresis.drifted),
                said.drift_of.or(written.drift_of).unwrap_or(hysteresis.of),
                said.drift_pause.or(written.drift_pause).unwrap_or(hysteresis.cooldown),
            ),
            new_records: said.new_records.or(written.new_records).unwrap_or(50_000),
            max_age: said.max_age.or(written.max_age).unwrap_or(30.0),
            cooldown: said.cooldown.or(written.cooldown).unwrap_or(7.0),
            window_records: said.window_records.or(written.window_records).unwrap_or(100_000),
            window_days: said.window_days.or(written.window_days),
            gate: Gate {
                margin: said.margin.or(written.margin).unwrap_or(gate.margin),
                times: said.times.or(written.times).unwrap_or(gate.times),
                ..gate
            },
        };
        settings.check()?;
        Ok(settings)
    }

    /// What the arguments cannot check one by one.
    fn check(&self) -> Result<()> {
        let shares = [("alpha", self.alpha), ("anomaly-alpha", self.anomaly_alpha), ("drift-alpha", self.drift.alpha)];
        for (name, share) in shares {
            if !(share > 0.0 && share < 0.5) {
                bail!("{name} must be a chance between 0 and 0.5");
            }
        }
        let days =
            [("max-age", Some(self.max_age)), ("cooldown", Some(self.cooldown)), ("window-days", self.window_days)];
        for (name, days) in days {
            if days.is_some_and(|days| !(days >= 0.0 && days.is_finite())) {
                bail!("{name} must be a number of days");
            }
        }
        if !(self.gate.margin >= 0.0 && self.gate.margin < 1.0) {
            bail!("margin must be a difference of areas in [0, 1)");
        }
        if !(self.gate.times >= 1.0 && self.gate.times.is_finite()) {
            bail!("times must be at least 1");
        }
        if !(self.drift.min_psi >= 0.0 && self.drift.min_psi.is_finite()) {
            bail!("drift-psi must not be negative");
        }
        Ok(())
    }

    pub(super) fn has(&self, trigger: Trigger) -> bool {
        self.triggers.contains(&trigger)
    }
}

fn named(names: &[String]) -> Result<Vec<Trigger>> {
    let trigger = |name: &String| {
        let found = Trigger::ALL.into_iter().find(|trigger| trigger.name() == name);
        found.with_context(|| format!("there is no trigger {name}, only acceptance, anomaly, drift, records and age"))
    };
    names.iter().filter(|name| !name.is_empty()).map(trigger).collect()
}
