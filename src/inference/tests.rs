//! One row has one score, in whatever form it is sent; and what is no row is refused where it is none.

use super::*;
use crate::builtin;
use crate::contract::Contract;
use crate::score::Model;
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

/// What is refused: the body, and all that is said of it.
const TENSORS: [(&str, &str); 36] = [
    ("", "line 1, byte 0 of the body: expected JSON"),
    ("{\n  \"inputs\": [,]}", "line 2, byte 15 of the body: expected JSON"),
    ("[]", "the body: expected an object"),
    ("\"zoe\"", "the body: expected an object"),
    ("{}", "the body: inputs missing; expected inputs"),
    (r#"{"id": 7, "inputs": []}"#, "/id: expected a text"),
    (r#"{"id": "a", "id": "b"}"#, "/id: it is there twice"),
    (r#"{"inputs": {}}"#, "/inputs: expected a list of one tensor, features"),
    (r#"{"inputs": []}"#, "/inputs: expected a list of one tensor, features"),
    (r#"{"inputs": ["zoe"]}"#, "/inputs/0: expected an object"),
    (r#"{"inputs": [{"name": "zoe"}]}"#, "/inputs/0/name: expected the name of the model's input, features"),
    (r#"{"inputs": [{"name": 7}]}"#, "/inputs/0/name: expected the name of the model's input, features"),
    (r#"{"inputs": [{"name": ["zoe"]}]}"#, "/inputs/0/name: expected the name of the model's input, features"),
    (
        r#"{"inputs": [{"name": "features", "datatype": "FP32", "data": []}]}"#,
        "/inputs/0: shape missing; expected name, shape, datatype, data",
    ),
    (
        r#"{"inputs": [{"shape": [0, 7], "datatype": "FP32", "data": []}]}"#,
        "/inputs/0: name missing; expected name, shape, datatype, data",
    ),
    (
        r#"{"inputs": [{"name": "features", "shape": [0, 7], "datatype": "FP32"}]}"#,
        "/inputs/0: data missing; expected name, shape, datatype, data",
    ),
    (r#"{"inputs": [{"shape": [7]}]}"#, "/inputs/0/shape: expected [rows, 7], two whole numbers"),
    (r#"{"inputs": [{"shape": [1, 8]}]}"#, "/inputs/0/shape: expected [rows, 7], two whole numbers"),
    (r#"{"inputs": [{"shape": [1, 7, 1]}]}"#, "/inputs/0/shape: expected [rows, 7], two whole numbers"),
    (r#"{"inputs": [{"shape": [-1, 7]}]}"#, "/inputs/0/shape: expected [rows, 7], two whole numbers"),
    (r#"{"inputs": [{"shape": [1.5, 7]}]}"#, "/inputs/0/shape: expected [rows, 7], two whole numbers"),
    (r#"{"inputs": [{"shape": "zoe"}]}"#, "/inputs/0/shape: expected [rows, 7], two whole numbers"),
    (r#"{"inputs": [{"shape": [262145, 7]}]}"#, "/inputs/0/shape: expected at most 262144 rows"),
    (
        r#"{"inputs": [{"datatype": "zoe"}]}"#,
        "/inputs/0/datatype: expected one of FP32, FP64, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL",
    ),
    (
        r#"{"inputs": [{"datatype": "BYTES"}]}"#,
        "/inputs/0/datatype: expected one of FP32, FP64, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL",
    ),
    (
        r#"{"inputs": [{"name": "features", "shape": [0, 7], "datatype": "FP32", "data": []}, {}]}"#,
        "/inputs: expected a list of one tensor, features",
    ),
    (r#"{"outputs": "zoe"}"#, "/outputs: expected a list of outputs"),
    (r#"{"outputs": ["label"]}"#, "/outputs/0: expected an object with a name"),
    (r#"{"outputs": [{"name": "label"}, {}]}"#, "/outputs/1: expected an object with a name"),
    (r#"{"outputs": [{"name": "zoe"}]}"#, "/outputs/0/name: expected one of label, scores"),
    (r#"{"outputs": [{"name": ["zoe"]}]}"#, "/outputs/0/name: expected one of label, scores"),
    (r#"{"inputs": [{"name": "features", "name": "features"}]}"#, "/inputs/0/name: it is there twice"),
    (r#"{"inputs": [{"shape": [1, 7], "datatype": "FP32", "data": 7}]}"#, "/inputs/0/data: expected a list"),
    (r#"{"inputs": [{"shape": [1, 7], "datatype": "FP32", "data": {"zoe": 1}}]}"#, "/inputs/0/data: expected a list"),
    (
        "{\"inputs\": [{\"shape\": [1, 7], \"datatype\": \"FP32\", \"data\": [NaN]}]}",
        "line 1, byte 59 of the body: expected JSON, in which a missing number is null",
    ),
    (
        "{\"inputs\": [{\"shape\": [1, 7], \"datatype\": \"FP32\", \"data\": [-Infinity]}]}",
        "line 1, byte 59 of the body: expected JSON, in which a missing number is null",
    ),
];

/// The numbers of a tensor of two rows: its datatype, they, and what is said of them.
const DATA: [(&str, &str, &str); 21] = [
    ("FP32", "[]", ": expected 14 values, found 0"),
    ("FP32", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]", ": expected 14 values, found 13"),
    ("FP32", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]", ": expected 14 values, found 15"),
    ("FP32", "[[1, 2, 3, 4, 5, 6, 7]]", ": expected 14 values, found 7"),
    ("FP32", "[[1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6]]", "/1: expected 7 values, found 6"),
    ("FP32", "[[1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, \"zoe\", 9]]", "/1: expected 7 values, found 9"),
    ("FP32", "[[]]", "/0: expected 7 values, found 0"),
    ("FP32", "[[1, 2, 3, 4, 5, 6, 7], 8]", "/1: expected a number or null, or a list of numbers"),
    ("FP32", "[1, [2]]", "/1: expected a number or null, or a list of numbers"),
    ("FP32", "[1, {\"zoe\": 2}]", "/1: expected a number or null, or a list of numbers"),
    ("FP32", "[1, \"zoe\"]", "/1: expected a number or null, or a list of numbers"),
    ("FP32", "[1, true]", "/1: expected a number or null, or a list of numbers"),
    ("FP64", "[[1, 2, \"zoe\", 4, 5, 6, 7]]", "/0/2: expected a number or null"),
    ("FP64", "[[1, 2, [3], 4, 5, 6, 7]]", "/0/2: expected a number or null"),
    ("FP64", "[[[1, 2, 3, 4, 5, 6, 7]]]", "/0/0: expected a number or null"),
    ("INT64", "[[1, 2, 3.5, 4, 5, 6, 7]]", "/0/2: expected a whole number of 64 bits"),
    ("INT64", "[[1, 2, 3.0, 4, 5, 6, 7]]", "/0/2: expected a whole number of 64 bits"),
    ("INT64", "[[1, 2, null, 4, 5, 6, 7]]", "/0/2: expected a whole number of 64 bits"),
    ("INT64", "[[1, 2, 18446744073709551616, 4, 5, 6, 7]]", "/0/2: expected a whole number of 64 bits"),
    ("UINT8", "[[1, 2, -1, 4, 5, 6, 7]]", "/0/2: expected a whole number of 8 bits, without a sign"),
    ("BOOL", "[[true, 1, true, true, true, true, true]]", "/0/1: expected true or false"),
];

const FRAMES: [(&str, &str); 27] = [
    ("[[1]]", "the body: expected an object with exactly one of dataframe_split, dataframe_records, instances, inputs"),
    ("{}", "the body: expected an object with exactly one of dataframe_split, dataframe_records, instances, inputs"),
    (
        r#"{"zoe": [[1]]}"#,
        "the body: expected an object with exactly one of dataframe_split, dataframe_records, instances, inputs",
    ),
    (
        r#"{"inputs": [], "instances": []}"#,
        "the body: expected an object with exactly one of dataframe_split, dataframe_records, instances, inputs",
    ),
    (r#"{"inputs": [], "inputs": []}"#, "/inputs: it is there twice"),
    (r#"{"inputs": "zoe"}"#, "/inputs: expected a list of rows, or an object of columns"),
    (r#"{"inputs": [1, 2]}"#, "/inputs/0: expected a list of numbers, or an object"),
    (r#"{"inputs": [[1, 2]]}"#, "/inputs/0: expected 7 values, found 2"),
    (r#"{"instances": [[1, 2, 3, 4, 5, 6, "zoe"]]}"#, "/instances/0/6: expected a number, true, false or null"),
    (r#"{"dataframe_records": {"quantity": 1}}"#, "/dataframe_records: expected a list"),
    (r#"{"dataframe_records": [[1, 2, 3, 4, 5, 6, 7]]}"#, "/dataframe_records/0: expected an object"),
    (
        r#"{"dataframe_records": [{"quantity": "zoe"}]}"#,
        "/dataframe_records/0/quantity: expected a number, true, false or null",
    ),
    (
        r#"{"dataframe_records": [{"quantity": {"zoe": 1}}]}"#,
        "/dataframe_records/0/quantity: expected a number, true, false or null",
    ),
    (
        r#"{"dataframe_records": [{"zoe": "zoe", "quantity": 1, "quantity": 2}]}"#,
        "/dataframe_records/0/quantity: it is there twice",
    ),
    (
        r#"{"dataframe_records": [{"quantity": 3, "unit_price": 2.5, "is_gift": true, "zoe": "zoe", "status": 1}]}"#,
        "/dataframe_records/0: total_amount, has_coupon, has_tags missing; expected quantity, unit_price, total_amount, has_coupon, has_tags, is_gift, status",
    ),
    (
        r#"{"inputs": {"zoe": ["zoe"], "quantity": [1, 2], "unit_price": [1, 2]}}"#,
        "/inputs: total_amount, has_coupon, has_tags, is_gift, status missing; expected quantity, unit_price, total_amount, has_coupon, has_tags, is_gift, status",
    ),
    (r#"{"inputs": {"quantity": [1, 2], "unit_price": [1]}}"#, "/inputs/unit_price: expected 2 values, found 1"),
    (r#"{"inputs": {"quantity": [1], "quantity": [1]}}"#, "/inputs/quantity: it is there twice"),
    (r#"{"inputs": {"quantity": [1, "zoe"]}}"#, "/inputs/quantity/1: expected a number, true, false or null"),
    (r#"{"inputs": {"quantity": "zoe"}}"#, "/inputs/quantity: expected a list of numbers"),
    (r#"{"dataframe_split": []}"#, "/dataframe_split: expected an object with columns and data"),
    (r#"{"dataframe_split": {"data": []}}"#, "/dataframe_split: columns missing; expected columns, data"),
    (
        r#"{"dataframe_split": {"columns": ["zoe"], "data": []}}"#,
        "/dataframe_split/columns: quantity, unit_price, total_amount, has_coupon, has_tags, is_gift, status missing; expected quantity, unit_price, total_amount, has_coupon, has_tags, is_gift, status",
    ),
    (
        r#"{"dataframe_split": {"columns": ["quantity", "quantity"], "data": []}}"#,
        "/dataframe_split/columns: it is there twice",
    ),
    (r#"{"dataframe_split": {"columns": [1], "data": []}}"#, "/dataframe_split/columns: expected a list of names"),
    (
        r#"{"dataframe_split": {"data": [[1, 2, 3, 4, 5, 6]], "columns": ["quantity", "unit_price", "total_amount", "has_coupon", "has_tags", "is_gift", "status"]}}"#,
        "/dataframe_split/data/0: expected 7 values, found 6",
    ),
    (
        r#"{"dataframe_split": {"columns": ["quantity", "unit_price", "total_amount", "has_coupon", "has_tags", "is_gift", "status"], "data": [{}]}}"#,
        "/dataframe_split/data/0: expected a list of numbers",
    ),
];

const LINES: [(&str, &str); 7] = [
    (
        "",
        "line 1: quantity, unit_price, total_amount, has_coupon, has_tags, is_gift, status missing; expected quantity, unit_price, total_amount, has_coupon, has_tags, is_gift, status",
    ),
    (
        "quantity,zoe",
        "line 1: unit_price, total_amount, has_coupon, has_tags, is_gift, status missing; expected quantity, unit_price, total_amount, has_coupon, has_tags, is_gift, status",
    ),
    ("quantity,quantity", "line 1: it is there twice"),
    ("HEADER\n1,2,3\n", "line 2: expected 7 values, found 3"),
    ("HEADER\n\n1,2,3,4,5,6,7\n\r\n1,2,3,4,5,6,7,8\n", "line 5: expected 7 values, found 8"),
    ("HEADER\n1,2,3,4,5,6,7\n1,2,zoe,4,5,6,7", "line 3, column total_amount: expected a number, or nothing"),
    ("HEADER\r\n1,\"2\",3,4,5,6,\"7\n\"\r\n1,2,3,4,5,6,0x1", "line 4, column status: expected a number, or nothing"),
];

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
