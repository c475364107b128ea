//! The object that keeps the counts of all instances, and the page that shows them.

use super::problem::Problem;
use super::{answer, in_force, ledger, tally};
use crate::monitor::{CONTENT_TYPE, Counts, prometheus};
use serde::Deserialize;
use worker::{DurableObject, Env, Request, Response, SqlStorage, SqlStorageValue, State, durable_object};

/// The metrics of all instances.
pub(super) async fn page(env: &Env) -> Result<Response, Problem> {
    let counts = ledger::settle(env).await?;
    let page = in_force::with(|in_force| prometheus(&counts, &in_force.info(tally::today())))?;
    answer::bytes(CONTENT_TYPE, page.into_bytes())
}

/// Keeps the sum of all counts in one row of its own database, because a panic in this or any other request resets what
/// is in memory. One row, so that a request's counts are added as a whole or not at all, and cost one write.
#[durable_object(fetch)]
pub struct Monitor {
    sql: SqlStorage,
}

#[derive(Deserialize)]
struct Row {
    counts: String,
}

impl Monitor {
    fn read(&self) -> worker::Result<Counts> {
        self.sql.exec("CREATE TABLE IF NOT EXISTS monitor (id INTEGER PRIMARY KEY, counts TEXT NOT NULL)", None)?;
        let rows: Vec<Row> = self.sql.exec("SELECT counts FROM monitor WHERE id = 0", None)?.to_array()?;
        // What a later version wrote and this one cannot read counts from zero again, as Prometheus expects of counters.
        let counts = rows.first().and_then(|row| serde_json::from_str(&row.counts).ok());
        Ok(counts.unwrap_or_default())
    }

    fn write(&self, counts: &Counts) -> worker::Result<()> {
        let counts = serde_json::to_string(counts)?;
        let values = vec![SqlStorageValue::String(counts)];
        self.sql.exec("INSERT OR REPLACE INTO monitor (id, counts) VALUES (0, ?)", values)?;
        Ok(())
    }
}

impl DurableObject for Monitor {
    fn new(state: State, _env: Env) -> Self {
        Self { sql: state.storage().sql() }
    }

    /// Takes counts and answers with the sum.
    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let delta: Counts = serde_json::from_slice(&request.bytes().await?)?;
        let mut counts = self.read()?;
        if !delta.is_empty() {
            counts.merge(&delta);
            self.write(&counts)?;
        }
        Response::from_json(&counts)
    }
}
