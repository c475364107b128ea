//! What an instance judges with: loaded at the first request that needs it, and kept for all that follow.

use super::access;
use super::problem::Problem;
use super::route::Stage;
use crate::builtin;
use crate::contract::Contract;
use crate::mask::KeyRing;
use crate::monitor::drift::{Counter, Reference};
use crate::pipeline::Sieve;
use crate::score::Model;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use worker::{Env, console_warn};
use zeroize::Zeroizing;

/// The contract under one masking key, with the model and without.
pub(super) struct Serving {
    key: Zeroizing<String>,
    /// Validates, masks and scores.
    scoring: Rc<Sieve>,
    /// Validates and masks.
    masking: Rc<Sieve>,
    /// Counts what is scored in the bins of the model's reference, where it brings one.
    counter: Option<Arc<Counter>>,
}

impl Serving {
    /// What a stage judges with.
    pub(super) fn sieve(&self, stage: Stage) -> &Rc<Sieve> {
        if stage.scores() { &self.scoring } else { &self.masking }
    }

    /// The model.
    pub(super) fn model(&self) -> Option<&Model> {
        self.scoring.model()
    }

    /// What counts the records of a stage for drift: those that the model sees.
    pub(super) fn counter(&self, stage: Stage) -> Option<Arc<Counter>> {
        self.counter.clone().filter(|_| stage.scores())
    }
}

thread_local! {
    static SERVING: RefCell<Option<Rc<Serving>>> = const { RefCell::new(None) };
}

/// What the instance judges with under the key that is configured now.
pub(super) fn get(env: &Env) -> Result<Rc<Serving>, Problem> {
    let missing = || {
        Problem::NoMaskingKey("set the secret TAMIS_KEY to 32 bytes in hexadecimal or base64, after a rotation followed by the older keys".into())
    };
    let key = Zeroizing::new(variable(env, "TAMIS_KEY").ok_or_else(missing)?);
    SERVING.with_borrow_mut(|serving| match serving {
        Some(serving) if serving.key == key => Ok(Rc::clone(serving)),
        _ => Ok(Rc::clone(serving.insert(Rc::new(load(key)?)))),
    })
}

/// Whether requests for verdicts can be served.
pub(super) fn ready(env: &Env) -> Result<(), Problem> {
    if !access::is_configured(env) {
        return Err(Problem::NotReady(Problem::Locked.detail()));
    }
    get(env).map(drop).map_err(|problem| Problem::NotReady(problem.detail()))
}

fn load(key: Zeroizing<String>) -> Result<Serving, Problem> {
    let masking =
        KeyRing::parse(&key).map_err(|error| Problem::NoMaskingKey(format!("the secret TAMIS_KEY: {error}")))?;
    let (contract, model) = (contract()?, model()?);
    let reference = reference(&contract, &model);
    // A reference of another contract counts nothing, and keeps nobody from scoring.
    let counter = reference.and_then(|reference| Counter::of(&reference, &contract).ok()).map(Arc::new);
    let scoring = Sieve::new(contract, &masking).with_model(model);
    let scoring = scoring.map_err(|mismatch| Problem::NoModel(mismatch.to_string()))?;
    Ok(Serving { scoring: Rc::new(scoring), masking: Rc::new(Sieve::new(self::contract()?, &masking)), counter, key })
}

/// The contract in force.
pub(super) fn contract() -> Result<Contract, Problem> {
    Contract::load(builtin::CONTRACT).map_err(|_| Problem::Internal("contract"))
}

/// The model in force.
pub(super) fn model() -> Result<Model, Problem> {
    Model::from_onnx(builtin::MODEL).map_err(|error| Problem::NoModel(error.to_string()))
}

/// What the model's training records were like; none where it does not say, or a later version said it.
pub(super) fn reference(contract: &Contract, model: &Model) -> Option<Reference> {
    let reference = Reference::from_json(model.metadata().reference.as_ref()?.as_bytes());
    match reference {
        Ok(reference) => Some(reference.with_model(&format!("{}@{}", contract.name(), model.id()))),
        Err(error) => {
            console_warn!("{}", serde_json::json!({ "warning": "no drift", "error": error.to_string() }));
            None
        }
    }
}

/// A variable or a secret that is set to something.
pub(super) fn variable(env: &Env, name: &str) -> Option<String> {
    env.var(name).ok().map(|value| value.to_string().trim().to_owned()).filter(|value| !value.is_empty())
}
