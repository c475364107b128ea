//! What is shipped is what its commands make, and gives what is known of it.

use std::path::PathBuf;
use std::process::Command;

fn tamis(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    command.env("TAMIS_TRACK", "off");
    let out = command.env("TAMIS_KEY", "07".repeat(32)).args(args).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// The commands stand in the folder's own README, so that they cannot drift apart.
fn command(readme: &str, begins: &str) -> Vec<String> {
    let text = std::fs::read_to_string(readme).unwrap();
    let line = text.lines().map(str::trim).find(|line| line.starts_with(begins));
    let line = line.unwrap_or_else(|| panic!("{readme} has no command {begins}"));
    line.split_ascii_whitespace().skip(1).map(ToOwned::to_owned).collect()
}

#[test]
fn the_sample_is_what_its_command_makes() {
    let folder = tempfile::tempdir().unwrap();
    let mut args = command("data/README.md", "tamis generate");
    for arg in &mut args {
        if arg.starts_with("data/") {
            *arg = folder.path().join(arg.trim_start_matches("data/")).display().to_string();
        }
    }
    tamis(&args.iter().map(String::as_str).collect::<Vec<_>>());
    for name in ["orders.ndjson", "orders.truth.ndjson"] {
        let made = std::fs::read(folder.path().join(name)).unwrap();
        assert!(made == std::fs::read(format!("data/{name}")).unwrap(), "{name} differs");
    }
}

#[test]
fn the_default_model_is_what_its_command_makes() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("default.onnx").display().to_string();
    let mut args = command("models/README.md", "tamis train");
    for arg in &mut args {
        if arg == "models/default.onnx" {
            arg.clone_from(&made);
        }
    }
    tamis(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(std::fs::read(made).unwrap() == tamis::builtin::MODEL);
}

/// The 50 orders of the system that this one supersedes, and all that is known of them.
#[test]
fn known_orders_are_judged_as_known() {
    let root = std::env::var_os("TAMIS_TESTDATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let sample = root.join("orders_sample.ndjson");
    if !sample.exists() {
        eprintln!("skipped: {} is not here", sample.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let sample = sample.display().to_string();
    for seed in ["1", "2", "3", "42", "1000003"] {
        tamis(&["run", &sample, "--contamination", "0.1", "--seed", seed, "--out", &out]);
        let verdicts = std::fs::read_to_string(folder.path().join("verdicts.ndjson")).unwrap();
        let verdicts: Vec<serde_json::Value> =
            verdicts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut accepted: Vec<_> = verdicts.iter().filter(|verdict| verdict["status"] == "accepted").collect();
        let ids: Vec<u32> =
            accepted.iter().map(|verdict| verdict["id"].as_str().unwrap()[4..].parse().unwrap()).collect();
        assert_eq!(ids, [1, 7, 9, 10, 11, 12, 19, 20, 21, 22, 25, 26, 31, 32, 35, 36, 39, 40, 44, 47, 48]);
        let decision = |verdict: &serde_json::Value| verdict["anomaly"]["decision"].as_f64().unwrap();
        accepted.sort_by(|left, right| decision(left).total_cmp(&decision(right)));
        assert_eq!(accepted[0]["id"], "ORD-0010", "seed {seed}");
        assert!(["ORD-0021", "ORD-0012"].contains(&accepted[1]["id"].as_str().unwrap()), "seed {seed}");
    }
    let summary = std::fs::read_to_string(folder.path().join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((&summary["accepted"], &summary["rejected"]), (&21.into(), &29.into()));
    let by_path = |path: &str| -> u64 {
        let violations = summary["violations"].as_array().unwrap().iter();
        violations
            .filter(|violation| violation["path"] == path)
            .map(|violation| violation["count"].as_u64().unwrap())
            .sum()
    };
    let counts = ["/customer_email", "/quantity", "", "/status", "/unit_price", "/created_at"].map(by_path);
    assert_eq!(counts, [18, 8, 6, 4, 2, 1]);
    let by_status = |status: &str| {
        let group = &summary["acceptance_by"]["/status"][status];
        (group["accepted"].as_u64().unwrap(), group["records"].as_u64().unwrap())
    };
    let groups = ["pending", "refunded", "shipped", "cancelled", "paid", "unknown"].map(by_status);
    assert_eq!(groups, [(7, 13), (7, 11), (3, 5), (2, 6), (2, 11), (0, 4)]);
    let range = |field: &str| {
        (summary["fields"][field]["min"].as_f64().unwrap(), summary["fields"][field]["max"].as_f64().unwrap())
    };
    assert_eq!((range("/quantity"), range("/unit_price")), ((1.0, 10.0), (5.0, 100.0)));
}

/// The contract that the README shows loads, and does what it says.
#[test]
fn the_contract_of_the_readme_loads() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let (_, rest) = readme.split_once("```json\n").unwrap();
    let (contract, _) = rest.split_once("```").unwrap();
    let contract = tamis::contract::Contract::load(contract.as_bytes()).unwrap();
    assert_eq!(contract.name(), "signups");
    assert_eq!(contract.feature_names().collect::<Vec<_>>(), ["age", "has_note"]);
}
