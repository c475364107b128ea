//! One row has one score, in whatever form it is sent; and what is no row is refused where it is none.

mod cases;

use super::*;
use crate::builtin;
use crate::contract::Contract;
use crate::score::Model;
use cases::{DATA, FRAMES, LINES, TENSORS};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::sync::LazyLock;

static SERVED: LazyLock<(Served, Model)> = LazyLock::new(|| {
    let (contract, model) = (Contract::load(builtin::CONTRACT).unwrap(), Model::from_onnx(builtin::MODEL).unwrap());
    (Served::new(contract.name(), contract.feature_names(), &model), model)
});

const NAMES: [&str; 7] = ["quantity", "unit_price", "total_amount", "has_coupon", "has_tags", "is_gift", "status"];

type Row = [Option<f64>; 7];

fn infer(body: &str) -> Result<Json, Fault> {
    SERVED.0.infer(&SERVED.1, body.as_bytes()).map(|answer| serde_json::from_slice(&answer).unwrap())
}

fn invoke(body: &str) -> Result<Json, Fault> {
    SERVED.0.invoke(&SERVED.1, body.as_bytes()).map(|answer| serde_json::from_slice(&answer).unwrap())
}

fn invoke_csv(body: &str) -> Result<Json, Fault> {
    SERVED.0.invoke_csv(&SERVED.1, body.as_bytes()).map(|answer| serde_json::from_slice(&answer).unwrap())
}

/// What the model itself says of a row, as the forms of an answer have it.
fn expected(rows: &[Row]) -> Vec<(i64, f64)> {
    let single = |value: Option<f64>| value.map_or(f32::NAN, crate::features::narrow);
    let score = |row: &Row| SERVED.1.score(&row.map(single)).unwrap();
    let label = |score: crate::score::Score| (if score.flagged { -1 } else { 1 }, score.decision);
    rows.iter().map(score).map(label).collect()
}

/// The answer of the Open Inference Protocol.
fn tensors(answer: &Json) -> Vec<(i64, f64)> {
    let [labels, scores] = [0, 1].map(|output| answer["outputs"][output]["data"].as_array().unwrap());
    labels.iter().zip(scores).map(|(label, score)| (label.as_i64().unwrap(), score.as_f64().unwrap())).collect()
}

/// MLflow's answer.
fn predictions(answer: &Json) -> Vec<(i64, f64)> {
    let row = |row: &Json| (row["label"].as_i64().unwrap(), row["scores"].as_f64().unwrap());
    answer["predictions"].as_array().unwrap().iter().map(row).collect()
}

fn record(row: &Row) -> Json {
    NAMES.iter().zip(row).map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<Map<_, _>>().into()
}

fn tensor(shape: &Json, datatype: &str, data: &Json) -> String {
    json!({ "inputs": [{ "name": "features", "shape": shape, "datatype": datatype, "data": data }] }).to_string()
}

fn any_row() -> impl Strategy<Value = Row> {
    let value = prop_oneof![
        Just(None),
        (-1e6..1e6).prop_map(Some),
        (0_i32..60_000).prop_map(|whole| Some(f64::from(whole))),
        prop_oneof![Just(-1e300), Just(1e39), Just(9_007_199_254_740_993.0), Just(0.1), Just(-0.0)].prop_map(Some),
    ];
    prop::array::uniform7(value)
}

proptest! {
    #[test]
    fn every_form_of_a_row_has_the_score_of_the_row(rows in prop::collection::vec(any_row(), 0..20), turn in 0..7_usize) {
        let (wanted, shape) = (expected(&rows), json!([rows.len(), 7]));
        let flat: Vec<_> = rows.iter().flatten().collect();
        for datatype in ["FP32", "FP64"] {
            prop_assert_eq!(&tensors(&infer(&tensor(&shape, datatype, &json!(flat))).unwrap()), &wanted);
            prop_assert_eq!(&tensors(&infer(&tensor(&shape, datatype, &json!(rows))).unwrap()), &wanted);
        }
        // The numbers before what is said of them.
        let body = format!(
            r#"{{"inputs": [{{"data": {}, "datatype": "FP64", "name": "features", "shape": {shape}}}]}}"#,
            json!(rows)
        );
        prop_assert_eq!(&tensors(&infer(&body).unwrap()), &wanted);

        // Columns in another order, and one that is none of the model's.
        let turned = |row: &Row| {
            let mut cells: Vec<Json> = row.iter().map(|value| json!(value)).collect();
            cells.rotate_left(turn);
            cells.push(json!("x"));
            cells
        };
        let mut names = NAMES.to_vec();
        names.rotate_left(turn);
        names.push("comment");
        let data = json!(rows.iter().map(turned).collect::<Vec<_>>());
        let split = json!({ "dataframe_split": { "columns": names, "data": data } }).to_string();
        prop_assert_eq!(&predictions(&invoke(&split).unwrap()), &wanted);
        let late = format!(r#"{{"dataframe_split": {{"index": [], "data": {data}, "columns": {}}}}}"#, json!(names));
        prop_assert_eq!(&predictions(&invoke(&late).unwrap()), &wanted);

        let records = json!(rows.iter().map(record).collect::<Vec<_>>());
        let columns: Map<_, _> = (0..7).map(|at| {
            let at = (at + turn) % 7;
            (NAMES[at].to_owned(), json!(rows.iter().map(|row| row[at]).collect::<Vec<_>>()))
        }).collect();
        for body in [
            json!({ "dataframe_records": records }),
            json!({ "instances": records }),
            json!({ "inputs": records, "params": {} }),
            json!({ "instances": rows }),
            json!({ "inputs": rows }),
            json!({ "inputs": columns }),
        ] {
            prop_assert_eq!(&predictions(&invoke(&body.to_string()).unwrap()), &wanted);
        }

        let cell = |cell: &Json| if cell.is_null() { String::new() } else { cell.to_string() };
        let line = |row: &Row| turned(row).iter().map(cell).collect::<Vec<_>>().join(",");
        for end in ["\n", "\r\n"] {
            let lines: Vec<String> = std::iter::once(names.join(",")).chain(rows.iter().map(line)).collect();
            prop_assert_eq!(&predictions(&invoke_csv(&lines.join(end)).unwrap()), &wanted);
            prop_assert_eq!(&predictions(&invoke_csv(&format!("{}{end}{end}", lines.join(end))).unwrap()), &wanted);
        }
    }

    #[test]
    fn whatever_comes_is_answered_or_refused(body in ".{0,60}", cut in 0..200_usize) {
        let _ = (infer(&body), invoke(&body), invoke_csv(&body));
        let whole = tensor(&json!([1, 7]), "FP32", &json!([[1, 2, 3, 0, 0, 0, 1]]));
        if let Some(part) = whole.get(..cut).filter(|part| part.len() < whole.len()) {
            let fault = infer(part).unwrap_err();
            prop_assert_eq!(fault.kind(), "syntax");
            prop_assert_eq!(fault.place, Place::Text { line: 1, byte: part.len() });
        }
    }
}

#[test]
fn scores_are_written_as_verdicts_write_them() {
    let rows = [[Some(3.0), Some(19.9), Some(59.7), Some(0.0), Some(1.0), Some(0.0), None]];
    let mut text = Vec::new();
    crate::mask::write_number(expected(&rows)[0].1, &mut text);
    let answer = SERVED.0.infer(&SERVED.1, tensor(&json!([1, 7]), "FP64", &json!(rows)).as_bytes()).unwrap();
    let wanted = format!(r#""data":[{}]"#, String::from_utf8(text).unwrap());
    assert!(String::from_utf8(answer).unwrap().contains(&wanted));
}

#[test]
fn many_rows_are_scored_as_single_ones() {
    let cell = |at: u16, column: u16| Some(f64::from((u32::from(at) * 31 + u32::from(column) * 7) % 97));
    let rows: Vec<Row> = (0..9001).map(|at| [0, 1, 2, 3, 4, 5, 6].map(|column| cell(at, column))).collect();
    let wanted = expected(&rows);
    assert_eq!(tensors(&infer(&tensor(&json!([9001, 7]), "INT64", &whole(&rows))).unwrap()), wanted);
    assert_eq!(predictions(&invoke(&json!({ "inputs": rows }).to_string()).unwrap()), wanted);
}

fn whole(rows: &[Row]) -> Json {
    #[allow(clippy::cast_possible_truncation, reason = "they are whole")]
    let whole = |value: &Option<f64>| value.unwrap() as i64;
    json!(rows.iter().map(|row| row.iter().map(whole).collect::<Vec<_>>()).collect::<Vec<_>>())
}

#[test]
fn a_request_has_its_id_and_the_outputs_that_it_asks_for() {
    let body = |more: &str| {
        let input =
            r#"{"name": "features", "shape": [1, 7], "datatype": "BOOL", "parameters": {"binary_data": false},"#;
        let data = r#""data": [true, false, true, false, true, false, true]}"#;
        format!(r#"{{"parameters": {{"x": [1]}}, "inputs": [{input} {data}]{more}}}"#)
    };
    let row = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0].map(Some);
    let plain = infer(&body("")).unwrap();
    assert_eq!(tensors(&plain), expected(&[row]));
    assert_eq!(plain.get("id"), None);
    assert_eq!(plain["model_name"], "orders");
    assert_eq!(plain["model_version"], SERVED.1.id());
    assert_eq!(plain["outputs"][0]["shape"], json!([1, 1]));
    for (more, id, outputs) in [
        (r#", "id": "a \"b\" ü", "outputs": [{"name": "scores"}]"#, Some("a \"b\" ü"), vec!["scores"]),
        (
            r#", "id": null, "outputs": [{"name": "scores"}, {"name": "label"}, {"name": "scores"}]"#,
            None,
            vec!["scores", "label"],
        ),
        (r#", "outputs": []"#, None, vec!["label", "scores"]),
        (r#", "outputs": null"#, None, vec!["label", "scores"]),
    ] {
        let answer = infer(&body(more)).unwrap();
        assert_eq!(answer.get("id").and_then(Json::as_str), id, "{more}");
        let names: Vec<_> = answer["outputs"].as_array().unwrap().iter().map(|output| output["name"].clone()).collect();
        assert_eq!(names, outputs, "{more}");
    }
}

#[test]
fn whole_numbers_are_taken_by_their_bits() {
    for (datatype, least, most) in [
        ("INT8", i128::from(i8::MIN), i128::from(i8::MAX)),
        ("INT16", i16::MIN.into(), i16::MAX.into()),
        ("INT32", i32::MIN.into(), i32::MAX.into()),
        ("INT64", i64::MIN.into(), i64::MAX.into()),
        ("UINT8", 0, u8::MAX.into()),
        ("UINT16", 0, u16::MAX.into()),
        ("UINT32", 0, u32::MAX.into()),
        ("UINT64", 0, u64::MAX.into()),
    ] {
        let body = |value: i128| {
            let data = format!("[{value}, 0, 0, 0, 0, 0, 0]");
            format!(
                r#"{{"inputs": [{{"name": "features", "shape": [1, 7], "datatype": "{datatype}", "data": {data}}}]}}"#
            )
        };
        for value in [least, most] {
            let mut row = [Some(0.0); 7];
            #[allow(clippy::cast_precision_loss, reason = "as features become")]
            let nearest = value as f64;
            row[0] = Some(nearest);
            assert_eq!(tensors(&infer(&body(value)).unwrap()), expected(&[row]), "{datatype} {value}");
        }
        for value in [least - 1, most + 1] {
            let fault = infer(&body(value)).unwrap_err();
            assert_eq!(fault.place, Place::Pointer("/inputs/0/data/0".into()), "{datatype} {value}");
        }
    }
}

#[test]
fn what_is_no_row_is_refused_where_it_is_none_and_without_a_value() {
    let said = |answer: Result<Json, Fault>| answer.unwrap_err().to_string();
    for (body, wanted) in TENSORS {
        assert_eq!(said(infer(body)), wanted, "{body}");
    }
    for (datatype, data, wanted) in DATA {
        let body = format!(
            r#"{{"inputs": [{{"name": "features", "shape": [2, 7], "datatype": "{datatype}", "data": {data}}}]}}"#
        );
        assert_eq!(said(infer(&body)), format!("/inputs/0/data{wanted}"), "{body}");
        // The same when they come first.
        let body = format!(
            r#"{{"inputs": [{{"data": {data}, "name": "features", "shape": [2, 7], "datatype": "{datatype}"}}]}}"#
        );
        assert_eq!(said(infer(&body)), format!("/inputs/0/data{wanted}"), "{body}");
    }
    for (body, wanted) in FRAMES {
        assert_eq!(said(invoke(body)), wanted, "{body}");
    }
    for (body, wanted) in LINES {
        assert_eq!(said(invoke_csv(&body.replace("HEADER", &NAMES.join(",")))), wanted, "{body}");
    }
    for wrong in [SERVED.0.infer(&SERVED.1, b"{\n\xff}"), SERVED.0.invoke_csv(&SERVED.1, b"a\n\xff")] {
        assert_eq!(wrong.unwrap_err().to_string(), "line 2, byte 2 of the body: expected UTF-8");
    }
}

#[test]
fn a_body_with_too_many_rows_is_refused() {
    let most = MOST_ROWS + 1;
    let row = "[0,0,0,0,0,0,0],".repeat(most);
    let fault = invoke(&format!(r#"{{"inputs": [{}]}}"#, row.trim_end_matches(','))).unwrap_err();
    assert_eq!(fault, Fault { place: Place::Pointer("/inputs".into()), flaw: Flaw::Rows { most: MOST_ROWS } });
    let column = "0,".repeat(most);
    let fault = invoke(&format!(r#"{{"inputs": {{"quantity": [{}]}}}}"#, column.trim_end_matches(','))).unwrap_err();
    assert_eq!(fault.kind(), "rows");
    let fault = invoke_csv(&format!("{}\n{}", NAMES.join(","), "0,0,0,0,0,0,0\n".repeat(most))).unwrap_err();
    assert_eq!(fault, Fault { place: Place::Line(most as u64 + 1, None), flaw: Flaw::Rows { most: MOST_ROWS } });
}

#[test]
fn words_of_pandas_are_read_as_pandas_does() {
    let answer = |row: &str| predictions(&invoke_csv(&format!("\u{feff}{}\n{row}\n", NAMES.join(","))).unwrap());
    for (words, numbers) in [
        ("NaN,NA,,null,None,nan,N/A", [None; 7]),
        (
            "True,False,1e3, 2 ,+.5,true,FALSE",
            [Some(1.0), Some(0.0), Some(1e3), Some(2.0), Some(0.5), Some(1.0), Some(0.0)],
        ),
    ] {
        assert_eq!(answer(words), expected(&[numbers]), "{words}");
    }
}

#[test]
fn a_model_is_asked_for_by_its_name_and_its_version() {
    let (served, model) = &*SERVED;
    assert!(served.is("orders", None) && served.is("orders", Some(model.id())));
    for (name, version) in [("Orders", None), ("", None), ("orders", Some("1")), ("other", Some(model.id()))] {
        assert!(!served.is(name, version));
    }
    assert_eq!(served.metadata()["inputs"][0]["shape"], json!([-1, 7]));
    assert_eq!(served.metadata()["versions"], json!([model.id()]));
}
