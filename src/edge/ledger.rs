//! What this instance has counted and not handed on yet.

use super::problem::Problem;
use crate::monitor::Counts;
use std::cell::RefCell;
use worker::wasm_bindgen::JsValue;
use worker::{Env, Method, Request, RequestInit, console_warn};

thread_local! {
    static PENDING: RefCell<Counts> = RefCell::default();
}

/// The binding of the object that keeps the sum.
const BINDING: &str = "MONITOR";

/// Adds counts, to be handed on by the next [`settle`].
pub(super) fn enter(counts: &Counts) {
    PENDING.with_borrow_mut(|pending| pending.merge(counts));
}

/// Hands on what was entered and gives the sum of all instances. Where no object keeps one, this instance's own is it.
///
/// What cannot be handed on is entered again. Should the object have added it and only its answer be lost, it then
/// counts twice.
pub(super) async fn settle(env: &Env) -> Result<Counts, Problem> {
    let Ok(namespace) = env.durable_object(BINDING) else {
        return Ok(PENDING.with_borrow(Clone::clone));
    };
    let delta = PENDING.take();
    let sum = async {
        let body = serde_json::to_string(&delta).map_err(|_| Problem::Internal("counts"))?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_body(Some(JsValue::from(body)));
        let request = Request::new_with_init("https://monitor/counts", &init)?;
        let mut answer = namespace.get_by_name("counts")?.fetch_with_request(request).await?;
        serde_json::from_slice(&answer.bytes().await?).map_err(|_| Problem::Internal("counts"))
    };
    let sum = sum.await;
    if let Err(problem) = &sum {
        enter(&delta);
        console_warn!("{}", serde_json::json!({ "warning": "counts not delivered", "error": format!("{problem:?}") }));
    }
    sum
}
