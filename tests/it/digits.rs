//! Numbers are text on their way through: no digit of an id or of money is changed by a double.

use crate::way::every_target::verdicts;
use proptest::prelude::*;
use std::process::Command;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::Sieve;
use tamis::record::Format;

fn sieve(field: &str) -> Sieve {
    let contract = format!(r#"{{"type": "object", "x-id": "n", "properties": {{"n": {field}}}}}"#);
    Sieve::new(Contract::load(contract.as_bytes()).unwrap(), &Key::new([7; 32]))
}

/// Whether a number leaves as it came: as a line, in an array, as an id, in any chunks.
fn survives(field: &str, number: &str) -> Result<(), TestCaseError> {
    let sieve = sieve(field);
    let record = format!("{{\"n\":{number}}}");
    for (format, input) in
        [(Format::Ndjson, record.clone()), (Format::Json, format!("[{record}, {{\"n\": {number} }}]"))]
    {
        for sizes in [&[65_536][..], &[1]] {
            let out = String::from_utf8(verdicts(&sieve, format, input.as_bytes(), sizes)).unwrap();
            for line in out.lines() {
                let wanted = format!("\"id\":{number},\"status\":\"accepted\",\"record\":{record},\"repairs\":[]");
                prop_assert!(line.contains(&wanted), "{}", line);
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn signed_integers(number in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX)]) {
        survives(r#"{"type": "integer"}"#, &number.to_string())?;
    }

    #[test]
    fn unsigned_integers(number in prop_oneof![any::<u64>(), Just(u64::MAX), Just((1 << 53) + 1)]) {
        survives(r#"{"type": "integer"}"#, &number.to_string())?;
    }

    /// Beyond 2^53 − 1 the normaliser refuses, since a double would round; it never rounds.
    #[test]
    fn integers_under_the_normaliser(number in prop_oneof![0..1_u64 << 53, any::<u64>(), Just((1 << 53) - 1), Just(1 << 53)]) {
        let field = r#"{"type": "integer", "x-normalize": ["number"]}"#;
        if number < 1 << 53 {
            survives(field, &number.to_string())?;
        } else {
            let out = verdicts(&sieve(field), Format::Ndjson, format!("{{\"n\":{number}}}").as_bytes(), &[65_536]);
            let out = String::from_utf8(out).unwrap();
            prop_assert!(out.contains("\"record\":{},") && out.contains("\"code\":\"number\""), "{}", out);
        }
    }

    #[test]
    fn decimals(number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?") {
        survives(r#"{"type": "number"}"#, &number)?;
        survives("{}", &number)?;
    }

    /// The normaliser repairs texts; a number is one already.
    #[test]
    fn money(number in "(0|[1-9][0-9]{0,9})(\\.[0-9]{1,4})?") {
        survives(r#"{"type": "number", "x-normalize": ["number"]}"#, &number)?;
    }
}

#[test]
fn money_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let prices = [
        "12.50",
        "1.0e2",
        "100",
        "0.10",
        "1E+2",
        "99999.99000",
        "100.0",
        "-0.0",
        "-0",
        "0e0",
        "12345678901234567890.10",
    ];
    let order = |price: &str| {
        format!(
            r#"{{"order_id":"ORD-1234","customer_email":"a@example.com","quantity":1,"unit_price":{price},"status":"paid","created_at":"2025-01-01T00:00:00Z","shipping":{{"country_code":"DE","city":"Berlin"}},"priority":1}}"#
        )
    };
    let free = r#"{"type": "object", "properties": {"unit_price": {"type": "number"}}, "x-unknown": "keep"}"#;
    std::fs::write(at("free.json"), free).unwrap();
    // The shop's rules take neither a zero price nor one beyond 100,000.
    for (contract, prices) in [(None, &prices[..7]), (Some(at("free.json")), &prices[..])] {
        for array in [false, true] {
            for (index, price) in prices.iter().enumerate() {
                let record = order(price);
                let input = at(if array { "in.json" } else { "in.ndjson" });
                std::fs::write(&input, if array { format!("[{record}]") } else { record }).unwrap();
                let out = at(&format!("out{index}"));
                let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
                command.env("TAMIS_TRACK", "off");
                command.env("TAMIS_KEY", "07".repeat(32)).arg("validate").arg(&input).arg("--out").arg(&out);
                if let Some(contract) = &contract {
                    command.arg("--contract").arg(contract);
                }
                assert!(command.output().unwrap().status.success());
                let accepted = std::fs::read_to_string(out.join("accepted.ndjson")).unwrap();
                assert!(accepted.contains(&format!("\"unit_price\":{price},")), "{price}: {accepted}");
            }
        }
    }
}
