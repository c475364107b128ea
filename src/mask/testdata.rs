//! The public test vectors, where they are present.

/// A JSON file of the shared test data; where there is none, says so.
pub(super) fn read(name: &str) -> Option<serde_json::Value> {
    let folder = std::env::var("TAMIS_TESTDATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").into());
    let path = format!("{folder}/{name}");
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: there is no {path} (set TAMIS_TESTDATA)");
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}
