//! What one request adds to the counts.

use super::ledger;
use crate::contract::Contract;
use crate::monitor::Counts;
use crate::monitor::drift::{Counter, Window};
use crate::quality::Summary;
use std::cell::{Cell, RefCell};
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::future_to_promise;
use worker::{Context, Date, Env};

/// Counts one request. All who work on its answer hold it, and when the last of them is done, which for a stream is
/// long after the handler, it goes to the ledger.
pub(super) struct Tally {
    route: &'static str,
    begun: u64,
    status: Cell<u16>,
    counts: RefCell<Counts>,
    env: Env,
    context: Context,
}

impl Tally {
    /// Starts the request's clock.
    pub(super) fn begin(route: &'static str, env: &Env, context: Context) -> Self {
        let (status, counts) = (Cell::new(500), RefCell::default());
        Self { route, begun: Date::now().as_millis(), status, counts, env: env.clone(), context }
    }

    /// Notes the status of the answer.
    pub(super) fn answered(&self, status: u16) {
        self.status.set(status);
    }

    /// Counts the records of the request.
    pub(super) fn records(&self, summary: &Summary, contract: &Contract) {
        self.counts.borrow_mut().records(summary, contract);
    }

    /// Counts the records that were scored in the bins of the model's reference, on the present day.
    pub(super) fn window(&self, counter: &Counter, window: &Window) {
        if window.records() > 0 {
            self.counts.borrow_mut().window(today(), counter.shape(), window);
        }
    }
}

/// The present day since 1970 in UTC.
pub(super) fn today() -> u32 {
    u32::try_from(Date::now().as_millis() / 86_400_000).unwrap_or(u32::MAX)
}

impl Drop for Tally {
    fn drop(&mut self) {
        let mut counts = self.counts.take();
        let milliseconds = Date::now().as_millis().saturating_sub(self.begun);
        #[allow(clippy::cast_precision_loss, reason = "a duration")]
        counts.request(self.route, self.status.get(), milliseconds as f64 / 1000.0);
        ledger::enter(&counts);
        let env = self.env.clone();
        let flush = future_to_promise(async move {
            // What cannot be delivered stays in the ledger for the next request.
            let _ = ledger::settle(&env).await;
            Ok(JsValue::UNDEFINED)
        });
        // It fails where the client is gone and its request with it; the promise has begun nevertheless.
        let _ = self.context.as_ref().wait_until(&flush);
    }
}
