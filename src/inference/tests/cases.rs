//! Bodies that are no rows, and what is said of them.

/// What is refused: the body, and all that is said of it.
pub(super) const TENSORS: [(&str, &str); 36] = [
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
pub(super) const DATA: [(&str, &str, &str); 21] = [
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

pub(super) const FRAMES: [(&str, &str); 27] = [
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

pub(super) const LINES: [(&str, &str); 7] = [
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
