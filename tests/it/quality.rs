//! The numbers of a summary, computed again in a naive way from what a run wrote; and the report as hostile data sees it.

use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn tamis(arguments: &[&str]) -> Command {
    let mut command = crate::common::tamis();
    command.args(arguments);
    command
}

fn orders() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/orders.ndjson")
}

fn lines(folder: &Path, name: &str) -> Vec<Json> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn summary(folder: &Path) -> Json {
    serde_json::from_slice(&std::fs::read(folder.join("summary.json")).unwrap()).unwrap()
}

fn validate(input: &Path, folder: &Path) -> Json {
    let out = tamis(&["validate", input.to_str().unwrap(), "--out", folder.to_str().unwrap()]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    summary(folder)
}

/// All values at a path of accepted records, nulls aside; `*` stands for every item of a list.
fn values<'r>(records: &'r [Json], path: &str) -> Vec<&'r Json> {
    let mut found: Vec<&Json> = records.iter().collect();
    for part in path.split('/').skip(1) {
        found = found
            .into_iter()
            .flat_map(|value| match (part, value) {
                ("*", Json::Array(items)) => items.iter().collect(),
                (name, Json::Object(members)) => members.get(name).into_iter().collect(),
                _ => Vec::new(),
            })
            .collect();
    }
    found.retain(|value| !value.is_null());
    found
}

/// As numpy's default does it.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small rank")]
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let rank = q * (sorted.len() - 1) as f64;
    let low = sorted[rank.floor() as usize];
    low + (sorted[rank.ceil() as usize] - low) * rank.fract()
}

fn near(found: &Json, wanted: f64, what: &str) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{what}: {found}"));
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0), "{what}: {found} {wanted}");
}

#[test]
fn the_profile_of_the_sample_is_what_its_records_say() {
    let folder = tempfile::tempdir().unwrap();
    let summary = validate(&orders(), folder.path());
    let accepted = lines(folder.path(), "accepted.ndjson");
    let fields = summary["fields"].as_object().unwrap();
    assert_eq!(fields.len(), 15);
    let shown =
        ["/quantity", "/unit_price", "/priority", "/status", "/shipping/city", "/shipping/country_code", "/is_gift"];
    for (path, field) in fields {
        let found = values(&accepted, path);
        assert_eq!(field["count"], found.len(), "{path}");
        if path == "/tags" {
            continue;
        }
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for value in &found {
            *counts.entry(value.to_string()).or_default() += 1;
        }
        // Numbers are equal however they are spelt; the sample's are compared as doubles.
        let numbers: Option<Vec<f64>> = found.iter().map(|value| value.as_f64()).collect();
        let distinct = match &numbers {
            Some(numbers) => numbers.iter().map(|number| number.to_bits()).collect::<BTreeSet<_>>().len(),
            None => counts.len(),
        };
        assert_eq!((&field["distinct"], &field["distinct_exact"]), (&json!(distinct), &json!(true)), "{path}");
        if shown.contains(&path.as_str()) && numbers.is_none() {
            let mut top: Vec<u64> = counts.values().copied().collect();
            top.sort_unstable_by(|left, right| right.cmp(left));
            let listed = field["top"].as_array().unwrap();
            assert_eq!(listed.len(), top.len().min(10), "{path}");
            for (one, count) in listed.iter().zip(top) {
                assert_eq!((&one["count"], counts[&one["value"].to_string()]), (&json!(count), count), "{path}");
            }
        }
        if !shown.contains(&path.as_str()) && path != "/created_at" {
            assert!(field.get("top").is_none() && field.get("min").is_none(), "{path} shows values");
        }
        let Some(mut sorted) = numbers else { continue };
        sorted.sort_by(f64::total_cmp);
        numbers_agree(field, &sorted, path);
        fences_agree(&summary["extremes"][path], &sorted, path);
    }
    let items: Vec<f64> = values(&accepted, "/tags")
        .iter()
        .map(|list| f64::from(u32::try_from(list.as_array().unwrap().len()).unwrap()))
        .collect();
    near(&fields["/tags"]["items"]["max"], items.iter().copied().fold(0.0, f64::max), "items");
    near(&fields["/tags"]["items"]["mean"], items.iter().sum::<f64>() / 3581.0, "items");
}

#[allow(clippy::cast_precision_loss, reason = "a small count")]
fn numbers_agree(field: &Json, sorted: &[f64], path: &str) {
    assert_eq!(field["quantiles_exact"], true);
    for (name, q) in
        [("p01", 0.01), ("p05", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99)]
    {
        near(&field[name], quantile(sorted, q), &format!("{path} {name}"));
    }
    let count = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / count;
    let squares: f64 = sorted.iter().map(|value| (value - mean) * (value - mean)).sum();
    near(&field["min"], sorted[0], path);
    near(&field["max"], sorted[sorted.len() - 1], path);
    near(&field["mean"], mean, path);
    near(&field["sd"], (squares / (count - 1.0)).sqrt(), path);
    let top = &field["top"][0];
    let times = |wanted: f64| sorted.iter().filter(|value| value.to_bits() == wanted.to_bits()).count();
    assert_eq!(top["count"], times(top["value"].as_f64().unwrap()), "{path}");
    assert!(sorted.iter().all(|value| json!(times(*value)).as_u64() <= top["count"].as_u64()), "{path}");
}

fn fences_agree(fences: &Json, sorted: &[f64], path: &str) {
    let (first, third) = (quantile(sorted, 0.25), quantile(sorted, 0.75));
    let (low, high) = (first - 1.5 * (third - first), third + 1.5 * (third - first));
    near(&fences["low"], low, path);
    near(&fences["high"], high, path);
    assert_eq!(fences["below"], sorted.iter().filter(|value| **value < low).count(), "{path}");
    assert_eq!(fences["above"], sorted.iter().filter(|value| **value > high).count(), "{path}");
    let inside: u64 =
        fences["histogram"]["counts"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(inside, sorted.iter().filter(|value| (low..=high).contains(value)).count() as u64, "{path}");
}

#[test]
fn the_rules_of_the_sample_are_counted_as_its_verdicts_say() {
    let folder = tempfile::tempdir().unwrap();
    let summary = validate(&orders(), folder.path());
    let rejected = lines(folder.path(), "rejected.ndjson");
    let (mut count, mut records, mut alone) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for verdict in &rejected {
        let kinds: Vec<String> = verdict["violations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| {
                let path = fault["path"].as_str().unwrap();
                let path: Vec<&str> =
                    path.split('/').map(|part| if part.parse::<u32>().is_ok() { "*" } else { part }).collect();
                format!("{} {}", path.join("/"), fault["code"].as_str().unwrap())
            })
            .collect();
        let different: BTreeSet<&String> = kinds.iter().collect();
        kinds.iter().for_each(|kind| *count.entry(kind.clone()).or_insert(0_u64) += 1);
        different.iter().for_each(|kind| *records.entry((*kind).clone()).or_insert(0_u64) += 1);
        if let [only] = different.into_iter().collect::<Vec<_>>()[..] {
            *alone.entry(only.clone()).or_insert(0_u64) += 1;
        }
    }
    let rules = summary["rules"].as_array().unwrap();
    let mut fired = 0;
    for rule in rules {
        let kind = format!("{} {}", rule["path"].as_str().unwrap(), rule["code"].as_str().unwrap());
        let of = |counts: &BTreeMap<String, u64>| counts.get(&kind).copied().unwrap_or(0);
        assert_eq!(rule["count"], of(&count), "{kind}");
        assert_eq!(rule["rejected"], of(&records), "{kind}");
        assert_eq!(rule["alone"], of(&alone), "{kind}");
        fired += usize::from(of(&count) > 0);
    }
    assert_eq!(fired, count.len(), "a kind is not among the rules");
    // What never fired is there, with nothing.
    let silent = |path: &str, code: &str| {
        rules.iter().any(|rule| rule["path"] == path && rule["code"] == code && rule["count"] == 0)
    };
    assert!(silent("/shipping/city", "minLength"));
    assert_eq!(summary["extremes"]["/quantity"]["bounds"][0]["outside"], count["/quantity minimum"]);
    for violation in summary["violations"].as_array().unwrap() {
        let kind = format!("{} {}", violation["path"].as_str().unwrap(), violation["code"].as_str().unwrap());
        assert_eq!((&violation["count"], &violation["severity"]), (&json!(count[&kind]), &json!("error")));
    }
}

#[test]
fn any_number_of_threads_gives_the_same_summary_and_report() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("many.ndjson");
    let made =
        tamis(&["generate", "--rows", "30000", "--seed", "5", "--out", input.to_str().unwrap()]).output().unwrap();
    assert!(made.status.success());
    let outputs = ["1", "2", "7"].map(|threads| {
        let out = folder.path().join(threads);
        let report = folder.path().join(format!("{threads}.html"));
        for arguments in [
            ["validate", input.to_str().unwrap(), "--out", out.to_str().unwrap()],
            ["report", input.to_str().unwrap(), "-o", report.to_str().unwrap()],
        ] {
            let done = tamis(&arguments).env("RAYON_NUM_THREADS", threads).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        (std::fs::read(out.join("summary.json")).unwrap(), std::fs::read(report).unwrap())
    });
    assert!(outputs[0] == outputs[1] && outputs[1] == outputs[2]);
    let summary: Json = serde_json::from_slice(&outputs[0].0).unwrap();
    // Both sides of the bounds were reached: some fields are exact, some are not.
    assert_eq!(summary["fields"]["/created_at"]["top_exact"], false);
    assert_eq!(summary["fields"]["/quantity"]["quantiles_exact"], true);
}

/// Names of the elements and attributes of our own HTML.
const ELEMENTS: &str = "html head meta title style body main header section footer p h1 h2 h3 dl dt dd div strong span \
    table caption thead tbody tr th td ul li code bdi i details summary figure figcaption svg rect line text polyline \
    circle polygon path";

/// The tags of an HTML text whose attributes are all quoted.
fn tags(html: &str) -> BTreeSet<String> {
    let (before, style) = html.split_once("<style>").unwrap();
    let (_, after) = style.split_once("</style>").unwrap();
    let mut names = BTreeSet::new();
    for part in before.split('<').skip(1).chain(after.split('<').skip(1)) {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("an open tag: {part}"));
        assert!(!text.contains('>'), "a raw bracket in a text: {text}");
        let name: String = tag.trim_start_matches(['/', '!']).chars().take_while(char::is_ascii_alphanumeric).collect();
        for attribute in tag.split('"').step_by(2) {
            assert!(!attribute.contains(" on"), "a handler in <{tag}>");
        }
        names.insert(name);
    }
    names
}

#[test]
fn hostile_names_and_values_stay_text_in_the_report() {
    let data = std::env::var("TAMIS_TESTDATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let path = Path::new(&data).join("suites/blns.json");
    let own =
        ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "]]></svg><b>", "\u{202e}a\0", "' onload='x"];
    let mut strings: Vec<String> = own.map(str::to_owned).to_vec();
    match std::fs::read(&path) {
        Ok(bytes) => strings.extend(serde_json::from_slice::<Vec<String>>(&bytes).unwrap()),
        Err(_) => println!("{} is not here, so its strings are left out", path.display()),
    }
    let folder = tempfile::tempdir().unwrap();
    let mut properties = serde_json::Map::new();
    let mut records = String::new();
    for (index, text) in strings.iter().enumerate() {
        let schema = match index % 4 {
            0 => json!({ "enum": strings.iter().filter(|text| text.len() < 60).take(90).collect::<BTreeSet<_>>() }),
            1 => json!({ "type": "number", "maximum": 3 }),
            2 => json!({ "type": "array", "items": { "type": "string" } }),
            _ => json!({ "type": "string" }),
        };
        if !text.is_empty() && properties.len() < 60 {
            properties.insert(text.replace(['/', '~'], ""), schema);
        }
    }
    for text in strings.iter().chain(&strings) {
        let record: serde_json::Map<String, Json> = properties
            .iter()
            .map(|(name, schema)| match schema["type"].as_str() {
                Some("number") => (name.clone(), json!(text.len())),
                Some("array") => (name.clone(), json!([text, text])),
                _ => (name.clone(), json!(text)),
            })
            .collect();
        records.push_str(&format!("{}\n", Json::Object(record)));
    }
    let contract = json!({ "type": "object", "title": own[0], "properties": properties,
        "x-rules": [{ "id": "never", "assert": "1 > 2", "severity": "warn", "message": own[1] }] });
    let (schema, input, page) =
        (folder.path().join("c.json"), folder.path().join("in.ndjson"), folder.path().join("r.html"));
    std::fs::write(&schema, contract.to_string()).unwrap();
    std::fs::write(&input, records).unwrap();
    let paths = [&schema, &input, &page].map(|path| path.to_str().unwrap());
    let out = tamis(&["report", paths[1], "--contract", paths[0], "-o", paths[2]]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let html = std::fs::read_to_string(&page).unwrap();
    let known: BTreeSet<String> = ELEMENTS.split_whitespace().chain(["doctype", ""]).map(str::to_owned).collect();
    let found = tags(&html);
    let foreign: Vec<_> = found.difference(&known).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(
        html.contains("&lt;script&gt;alert(1)") && html.contains("default-src &#39;none&#39;")
            || html.contains("default-src 'none'")
    );
    assert!(!html.contains('\u{202e}') && !html.contains('\0'));
    assert!(found.contains("svg") && found.contains("figcaption"));
}
