//! What a seal holds, and what it does not show.

use super::{KEY, dirty_feed, done, file, json, mended, read, run, tamis, unsealed, validate};
use serde_json::Value;
use std::path::PathBuf;

/// No output may hold what the contract masks, nor an original in any form that can be read.
#[test]
fn seals_show_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let feed = dirty_feed(folder.path());
    let contract = mended(folder.path());
    validate(&[&feed], &at("first"), &["--seal"]);
    let printed = done(
        tamis()
            .arg("replay")
            .arg(at("first/rejected.ndjson"))
            .arg("--contract")
            .arg(&contract)
            .arg("--out")
            .arg(at("second")),
    );
    let mut outputs = printed;
    for name in [
        "first/accepted.ndjson",
        "first/rejected.ndjson",
        "first/summary.json",
        "second/rejected.ndjson",
        "second/accepted.ndjson",
        "second/summary.json",
    ] {
        outputs.push_str(&read(at(name)));
    }
    let mut searched = 0;
    for record in read(&feed).lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        for raw in [&record["customer_email"], &record["shipping"]["street"]] {
            let Some(raw) = raw
                .as_str()
                .map(str::trim)
                .filter(|raw| raw.len() > 9 && raw.bytes().any(|byte| byte.is_ascii_digit()))
            else {
                continue;
            };
            let at = outputs.find(raw);
            assert!(at.is_none(), "{raw}: {at:?} {:?}", at.map(|at| &outputs[at - 60..at + 60]));
            searched += 1;
        }
    }
    assert!(searched > 2000, "{searched}");
    let encoded = data_encoding::BASE64URL_NOPAD.encode(b"customer_email");
    assert!(!outputs.contains(&encoded[..16]));
}

#[test]
fn run_seals_like_validate() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let feed = dirty_feed(folder.path());
    validate(&[&feed], &at("validated"), &["--seal"]);
    done(tamis().arg("run").arg(&feed).arg("--seal").arg("--out").arg(at("sealed")));
    done(tamis().arg("run").arg(&feed).arg("--out").arg(at("plain")));
    let sealed = read(at("sealed/rejected.ndjson"));
    let seals = |text: &str| -> Vec<Value> { text.lines().map(|line| json(line)["sealed"].clone()).collect() };
    assert_eq!(seals(&sealed), seals(&read(at("validated/rejected.ndjson"))));
    assert!(seals(&sealed).iter().all(Value::is_string));
    assert!(sealed.lines().map(unsealed).eq(read(at("plain/rejected.ndjson")).lines().map(ToOwned::to_owned)));
    for name in ["verdicts.ndjson", "report.html", "model.onnx", "accepted.ndjson", "summary.json"] {
        let same = std::fs::read(at("sealed").join(name)).unwrap() == std::fs::read(at("plain").join(name)).unwrap();
        assert!(same, "{name}");
    }
    done(tamis().arg("replay").arg(at("sealed/rejected.ndjson")));
}

#[test]
fn originals_that_were_no_records_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let contract =
        r#"{"title": "plain", "type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}"#;
    let contract = file(folder.path(), "contract.json", contract);
    let mut feed = Vec::new();
    let originals: [&[u8]; 6] =
        [b"no JSON", b"{\"a\": \"\xff\xfe\"}", b"{\"b\": 1}\r", b"7", b"{\"a\":\"x\",\"a\":\"y\"}", b"\0\x01"];
    for original in originals {
        feed.extend_from_slice(original);
        feed.push(b'\n');
    }
    feed.extend_from_slice(format!("{{\"a\": \"{}\"}}\n", "x".repeat(1 << 21)).as_bytes());
    let feed = file(folder.path(), "feed.ndjson", feed);
    let contract_arg = contract.to_str().unwrap();
    validate(&[&feed], &at("first"), &["--seal", "--contract", contract_arg]);
    let rejected = read(at("first/rejected.ndjson"));
    let sealer = tamis::seal::Sealer::new(
        &tamis::contract::Contract::load(&std::fs::read(&contract).unwrap()).unwrap(),
        &tamis::mask::Key::parse(KEY).unwrap(),
    );
    let verdicts: Vec<Value> = rejected.lines().map(json).collect();
    assert_eq!(verdicts.len(), 7);
    for (verdict, original) in verdicts.iter().zip(originals) {
        let opened = sealer.open(None, verdict["line"].as_u64().unwrap(), verdict["sealed"].as_str().unwrap());
        assert_eq!(opened.unwrap().as_slice(), original);
    }
    assert_eq!((&verdicts[6]["violations"][0]["code"], &verdicts[6]["sealed"]), (&"too_long".into(), &Value::Null));
    // The mended contract takes the third; what was too long is said so and carried over.
    let mended = read(&contract).replace("\"required\": [\"a\"], ", "");
    let mended = file(folder.path(), "mended.json", mended);
    let (code, stdout, stderr) = run(tamis()
        .arg("replay")
        .arg(at("first/rejected.ndjson"))
        .arg("--contract")
        .arg(&mended)
        .args(["--json", "--out"])
        .arg(at("second")));
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("rejected.ndjson:7") && stderr.contains("too long"), "{stderr}");
    let replayed = &json(&stdout)["replay"];
    assert_eq!((&replayed["rescued"], &replayed["rejected"]), (&1.into(), &5.into()));
    assert_eq!(
        (&replayed["unopened"][0]["code"], &replayed["unopened"][0]["count"]),
        (&"no_original".into(), &1.into())
    );
    assert_eq!(read(at("second/accepted.ndjson")), "{}\n");
    let kept = rejected.lines().enumerate().filter(|(at, _)| *at != 2).map(|(_, line)| line);
    assert!(read(at("second/rejected.ndjson")).lines().eq(kept));
}

#[test]
fn sealing_needs_a_key_that_lasts() {
    let folder = tempfile::tempdir().unwrap();
    let feed = file(folder.path(), "feed.ndjson", "{}\n");
    for command in ["validate", "run"] {
        let out = folder.path().join(command);
        let (code, _, stderr) =
            run(tamis().env_remove("TAMIS_KEY").arg(command).arg(&feed).arg("--seal").arg("--out").arg(&out));
        assert_eq!(code, 2);
        assert_eq!(
            stderr.trim(),
            "tamis: --seal needs a key that can be had again (TAMIS_KEY or --key-file), or nobody could open the seals"
        );
        assert!(!out.exists());
    }
}

/// Wycheproof's vectors, of which some must fail, on the cipher that seals.
#[test]
fn the_cipher_holds_its_vectors() {
    use aes_siv::KeyInit;
    use aes_siv::siv::Aes256Siv;
    let root = std::env::var_os("TAMIS_TESTDATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let path = root.join("suites/crypto/aes_siv_cmac_test.json");
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return;
    }
    let suite = json(&read(&path));
    let hex = |value: &Value| data_encoding::HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap();
    let mut seen = [0, 0];
    for group in suite["testGroups"].as_array().unwrap().iter().filter(|group| group["keySize"] == 512) {
        for test in group["tests"].as_array().unwrap() {
            let key: [u8; 64] = hex(&test["key"]).try_into().unwrap();
            let (aad, message, sealed) = (hex(&test["aad"]), hex(&test["msg"]), hex(&test["ct"]));
            let opened = Aes256Siv::new(&key.into()).decrypt([&aad], &sealed);
            if test["result"] == "valid" {
                seen[0] += 1;
                assert_eq!(opened.unwrap(), message);
                assert_eq!(Aes256Siv::new(&key.into()).encrypt([&aad], &message).unwrap(), sealed);
            } else {
                seen[1] += 1;
                assert!(opened.is_err(), "{}", test["tcId"]);
            }
        }
    }
    assert!(seen[0] > 30 && seen[1] > 100, "{seen:?}");
}
