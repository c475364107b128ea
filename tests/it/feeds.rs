//! The contracts of two more real feeds, on those feeds.

use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::Sieve;
use tamis::record::Format;

fn sieve(contract: &str) -> Sieve {
    let bytes = std::fs::read(format!("contracts/{contract}.json")).unwrap();
    Sieve::new(Contract::load(&bytes).unwrap_or_else(|faults| panic!("{contract}: {}", faults[0])), &Key::new([7; 32]))
}

fn verdicts(sieve: &Sieve, format: Format, input: &[u8]) -> Vec<Value> {
    let lines = crate::way::every_target::verdicts(sieve, format, input, &[65_536]);
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

fn unpacked(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn every_e_commerce_order_is_accepted_and_its_people_are_masked() {
    const PERSONAL: [&str; 5] = ["customer_first_name", "customer_last_name", "customer_full_name", "email", "user"];
    let Some(path) = crate::common::testdata("ecommerce.ndjson.gz") else { return };
    let input = unpacked(&path);
    let all = verdicts(&sieve("ecommerce"), Format::Ndjson, &input);
    let raw: Vec<Value> = input
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(all.len(), 4675);
    let rejected = all.iter().find(|verdict| verdict["status"] != "accepted");
    assert!(rejected.is_none(), "{}", rejected.unwrap());
    let mut names = BTreeSet::new();
    for (record, verdict) in raw.iter().zip(&all) {
        for field in PERSONAL {
            assert!(verdict["record"][field].as_str().unwrap().starts_with("tok_"), "{field}");
            names.insert(record[field].as_str().unwrap());
        }
        let text = verdict.to_string();
        assert!(!text.contains(record["email"].as_str().unwrap()));
        assert!(!text.contains(record["customer_full_name"].as_str().unwrap()));
        // Prices leave as they came, to the digit.
        assert_eq!(verdict["record"]["taxful_total_price"], record["taxful_total_price"]);
        assert_eq!(
            verdict["record"]["products"].as_array().unwrap().len(),
            record["products"].as_array().unwrap().len()
        );
    }
    let tokens: BTreeSet<&str> =
        all.iter().flat_map(|verdict| PERSONAL.map(|field| verdict["record"][field].as_str().unwrap())).collect();
    assert!(tokens.len() >= names.len(), "equal values of a field, and only they, have equal tokens");
}

/// The features over lists, computed again by hand.
#[test]
fn lists_become_features_by_count_sum_and_largest() {
    let Some(path) = crate::common::testdata("ecommerce.ndjson.gz") else { return };
    let sieve = sieve("ecommerce");
    let names: Vec<&str> = sieve.contract().feature_names().collect();
    let mut desk = tamis::pipeline::Desk::default();
    for line in unpacked(&path).split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let record: Value = serde_json::from_slice(line).unwrap();
        let examined = sieve.examine(tamis::record::Frame { line: 1, bytes: line, fault: None }, &mut desk);
        let prices: Vec<f64> =
            record["products"].as_array().unwrap().iter().map(|product| product["price"].as_f64().unwrap()).collect();
        for (name, expected) in [
            ("products", prices.len() as f64),
            ("products_price_sum", prices.iter().sum()),
            ("products_price_max", prices.iter().copied().fold(f64::MIN, f64::max)),
        ] {
            let column = names.iter().position(|known| *known == name).unwrap();
            assert_eq!(examined.row().unwrap()[column], expected as f32, "{name}");
        }
        desk.recycle(examined);
    }
}

#[test]
fn retail_days_are_told_apart() {
    let sieve = sieve("retail");
    for (day, low, high) in
        [("2010-12-01", 0.96, 1.0), ("2010-12-22", 0.75, 0.77), ("2011-01-28", 0.88, 0.90), ("2011-03-01", 0.96, 1.0)]
    {
        let Some(path) = crate::common::testdata(&format!("retail/{day}.csv")) else { return };
        let input = std::fs::read(&path).unwrap();
        let all = verdicts(&sieve, Format::Csv, &input);
        let accepted = all.iter().filter(|verdict| verdict["status"] == "accepted").count();
        let rate = accepted as f64 / all.len() as f64;
        assert!((low..high).contains(&rate), "{day}: {rate}");
        // A cancellation has its own code and no other that rejects it.
        for verdict in all.iter().filter(|it| it["record"]["InvoiceNo"].as_str().is_some_and(|no| no.starts_with('C')))
        {
            let rejecting = verdict["violations"].as_array().unwrap().iter().filter(|it| it["severity"] != "warn");
            let codes: Vec<&str> = rejecting.map(|it| it["code"].as_str().unwrap()).collect();
            assert_eq!(codes, ["cancellation"], "{verdict}");
        }
    }
}
