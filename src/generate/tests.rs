use super::{Error, Params, Row, orders};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const PARAMS: Params = Params { rows: 20_000, seed: 7, defects: 0.3, anomalies: 0.02 };

/// The rows, each with its truth and with its record where the line is JSON.
fn read(params: Params) -> Vec<(Row, Value, Option<Value>)> {
    let rows = orders(&params).unwrap();
    rows.map(|row| {
        let truth = serde_json::from_str(&row.truth).unwrap();
        let record = serde_json::from_str(&row.line).ok();
        (row, truth, record)
    })
    .collect()
}

fn share(count: usize, of: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / f64::from(u32::try_from(of).unwrap())
}

#[test]
fn the_same_parameters_give_the_same_rows() {
    let params = Params { rows: 2000, ..PARAMS };
    let first: Vec<Row> = orders(&params).unwrap().collect();
    assert_eq!(first, orders(&params).unwrap().collect::<Vec<_>>());
    let other = Params { seed: 8, ..params };
    assert_ne!(first, orders(&other).unwrap().collect::<Vec<_>>());
}

/// Written down from the first run: a change of it is a change of every file that was ever generated, and a difference
/// between targets shows here.
#[test]
fn rows_are_the_same_on_every_target() {
    let hash = orders(&PARAMS).unwrap().fold(0xCBF2_9CE4_8422_2325_u64, |hash, row| {
        let bytes = row.line.bytes().chain(row.truth.bytes());
        bytes.fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
    });
    assert_eq!(format!("{hash:016x}"), "913489956a30ac68");
}

#[test]
fn shares_are_those_that_were_asked_for() {
    let rows = read(PARAMS);
    let defective = rows.iter().filter(|(_, truth, _)| truth["defects"] != Value::Array(vec![])).count();
    let odd = rows.iter().filter(|(_, truth, _)| truth["anomaly"] == true).count();
    let accepted = rows.iter().filter(|(_, truth, _)| truth["status"] == "accepted").count();
    assert!((share(defective, rows.len()) - 0.3).abs() < 0.01, "{defective}");
    assert!((share(odd, rows.len() - defective) - 0.02).abs() < 0.004, "{odd}");
    assert!((0.75..0.85).contains(&share(accepted, rows.len())), "{accepted}");
    let mut stream = orders(&PARAMS).unwrap();
    stream.by_ref().for_each(drop);
    let tally = stream.tally();
    let counted = [tally.rows, tally.accepted, tally.defective, tally.anomalies];
    assert_eq!(counted, [rows.len(), accepted, defective, odd].map(|count| count as u64));
}

#[test]
fn extreme_shares_hold() {
    let clean = Params { defects: 0.0, anomalies: 1.0, ..PARAMS };
    for (_, truth, record) in read(clean) {
        assert!(truth["status"] == "accepted" && truth["anomaly"] == true && record.is_some());
    }
    let dirty = Params { defects: 1.0, ..PARAMS };
    for (row, truth, _) in read(dirty) {
        assert_ne!(truth["defects"], Value::Array(vec![]), "{}", row.line);
    }
}

#[test]
fn every_family_appears_and_rejects_or_not() {
    let mut families: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for (_, truth, _) in read(Params { rows: 60_000, ..PARAMS }) {
        let names = truth["defects"].as_array().unwrap();
        if let [name] = names.as_slice() {
            let counts = families.entry(name.as_str().unwrap().to_owned()).or_default();
            counts[usize::from(truth["status"] == "rejected")] += 1;
        }
    }
    let names = |table: &[super::defect::Family]| table.iter().map(|family| family.name).collect::<Vec<_>>();
    for name in names(super::repairs::TABLE) {
        assert!(families[name][0] > 0 && families[name][1] == 0, "{name}");
    }
    let broken = super::broken::TABLE.iter().map(|kind| kind.name);
    for name in names(super::violations::TABLE).into_iter().chain(broken).chain(["duplicate_id"]) {
        assert!(families[name][0] == 0 && families[name][1] > 0, "{name}");
    }
}

#[test]
fn broken_lines_are_broken_and_others_are_not() {
    for (row, truth, record) in read(PARAMS) {
        let code = truth["violations"][0]["code"].as_str().unwrap_or_default();
        match code {
            "syntax" => assert!(record.is_none(), "{}", row.line),
            // serde_json keeps the last of two equal keys, and nests deeper than a record may.
            "duplicate_key" | "too_deep" => {}
            // It refuses a number beyond the doubles, which is JSON by the grammar.
            _ => assert!(record.is_some() || row.line.contains("1e999") || row.line.contains("-1e400"), "{}", row.line),
        }
        assert!(!row.line.contains('\n') && !row.truth.contains('\n'));
    }
}

#[test]
fn an_id_is_accepted_once() {
    let mut held = BTreeSet::new();
    let mut rejected = BTreeSet::new();
    let mut again = 0;
    for (row, truth, record) in read(PARAMS) {
        let Some(id) = truth["id"].as_str() else {
            continue;
        };
        // None where the record has a number that serde_json refuses.
        if let Some(record) = record {
            let written = record["order_id"].as_str().unwrap();
            assert_eq!(written.trim_matches(|letter: char| !letter.is_ascii_graphic()), id);
        }
        let violations = truth["violations"].as_array().unwrap();
        let duplicate = violations.iter().any(|violation| violation["code"] == "duplicate");
        assert_eq!(duplicate, held.contains(id), "{}", row.line);
        if truth["status"] == "accepted" {
            again += usize::from(rejected.contains(id));
            held.insert(id.to_owned());
        } else {
            rejected.insert(id.to_owned());
        }
    }
    assert!(again > 20, "{again}");
}

#[test]
fn addresses_are_nobodys() {
    for row in orders(&PARAMS).unwrap() {
        for domain in
            row.line.split('@').skip(1).filter(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase()))
        {
            let known =
                ["example", "partner.example", "shop.local", "mail.", "a1b2c3.onion", "localhost", "my_example"];
            // An address may be cut off, or follow a second sign.
            let cut = known.iter().any(|known| domain.starts_with(known) || known.starts_with(domain))
                || domain.contains('@');
            assert!(cut || row.line.matches('@').count() > 1, "{}", row.line);
        }
    }
}

#[test]
fn parameters_are_checked() {
    for (params, error) in [
        (Params { rows: u64::MAX, ..PARAMS }, Error::Rows(u64::MAX)),
        (Params { defects: 1.5, ..PARAMS }, Error::Defects(1.5)),
        (Params { anomalies: -0.1, ..PARAMS }, Error::Anomalies(-0.1)),
    ] {
        assert_eq!(orders(&params).err(), Some(error));
    }
    assert!(orders(&Params { defects: f64::NAN, ..PARAMS }).is_err());
    assert_eq!(orders(&Params { rows: 0, ..PARAMS }).unwrap().next(), None);
    let last = orders(&Params { rows: Params::MOST_ROWS, ..PARAMS }).unwrap().next();
    assert!(last.is_some());
}
