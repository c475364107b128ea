//! Generated contracts and records, judged by us and by the `jsonschema` crate: wherever a contract loads, both say the
//! same. Repairs are off, since no normaliser is generated.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::{Desk, Sieve};
use tamis::record::Frame;
use tamis::verdict::Status;

/// Names of properties; few, so that contracts and records meet.
const NAMES: [&str; 5] = ["a", "b", "kind", "x-1", "é"];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-3_i64..6).prop_map(Value::from),
        prop::sample::select(vec![0.5, 1.0, -2.5, 1e300, 1e-7, 3.0]).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec!["", "a", "ab", "card", "iban", "12", "é", "a b", "\u{1f600}"]).prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES.to_vec()), inner), 0..4).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    })
}

/// Keywords that hold no schema.
fn plain() -> impl Strategy<Value = (String, Value)> {
    let types = vec!["null", "boolean", "integer", "number", "string", "array", "object"];
    let key = |name: &'static str| move |value: Value| (name.to_owned(), value);
    let names = prop::collection::btree_set(prop::sample::select(NAMES.to_vec()), 0..3);
    let names = names.prop_map(|names| Value::from(names.into_iter().collect::<Vec<_>>())).boxed();
    prop_oneof![
        4 => prop::sample::select(types.clone()).prop_map(Value::from).prop_map(key("type")),
        2 => prop::collection::btree_set(prop::sample::select(types), 1..4)
            .prop_map(|types| Value::from(types.into_iter().collect::<Vec<_>>())).prop_map(key("type")),
        1 => prop::collection::vec(value(), 1..4).prop_map(Value::from).prop_map(key("enum")),
        1 => value().prop_map(key("const")),
        1 => (-3_i64..6).prop_map(Value::from).prop_map(key("minimum")),
        1 => prop::sample::select(vec![0.5, 3.0, 1e20]).prop_map(Value::from).prop_map(key("maximum")),
        1 => (-3_i64..6).prop_map(Value::from).prop_map(key("exclusiveMinimum")),
        1 => (-3_i64..6).prop_map(Value::from).prop_map(key("exclusiveMaximum")),
        1 => prop::sample::select(vec![2.0, 0.5]).prop_map(Value::from).prop_map(key("multipleOf")),
        1 => (0_u64..4).prop_map(Value::from).prop_map(key("minLength")),
        1 => (0_u64..4).prop_map(Value::from).prop_map(key("maxLength")),
        1 => prop::sample::select(vec!["^a", "b$", "^[a-z]+$", "^\\d{2}$", "a|é", "^.$"]).prop_map(Value::from).prop_map(key("pattern")),
        1 => (0_u64..3).prop_map(Value::from).prop_map(key("minItems")),
        1 => (0_u64..3).prop_map(Value::from).prop_map(key("maxItems")),
        1 => any::<bool>().prop_map(Value::from).prop_map(key("uniqueItems")),
        1 => (0_u64..3).prop_map(Value::from).prop_map(key("minProperties")),
        1 => (0_u64..3).prop_map(Value::from).prop_map(key("maxProperties")),
        2 => names.clone().prop_map(key("required")),
        1 => (prop::sample::select(NAMES.to_vec()), names)
            .prop_map(|(name, names)| ("dependentRequired".to_owned(), json!({ name: names }))),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    let object = |entries: Vec<(String, Value)>| Value::Object(entries.into_iter().collect());
    let leaf = prop_oneof![
        8 => prop::collection::vec(plain(), 0..3).prop_map(object),
        1 => any::<bool>().prop_map(Value::from),
        1 => prop::sample::select(vec!["#/$defs/one", "#/$defs/two"]).prop_map(|reference| json!({ "$ref": reference })),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let one = |name: &'static str, inner: &BoxedStrategy<Value>| {
            inner.clone().prop_map(move |schema| (name.to_owned(), schema)).boxed()
        };
        let list = |name: &'static str, inner: &BoxedStrategy<Value>| {
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(move |list| (name.to_owned(), Value::from(list)))
                .boxed()
        };
        let map = |name: &'static str, keys: Vec<&'static str>, inner: &BoxedStrategy<Value>| {
            prop::collection::vec((prop::sample::select(keys), inner.clone()), 1..4)
                .prop_map(move |entries| {
                    let map: Map<String, Value> =
                        entries.into_iter().map(|(key, schema)| (key.to_owned(), schema)).collect();
                    (name.to_owned(), Value::Object(map))
                })
                .boxed()
        };
        let inner = inner.boxed();
        let mut keywords: Vec<BoxedStrategy<(String, Value)>> = vec![plain().boxed(), plain().boxed()];
        keywords.extend(
            ["items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"]
                .map(|it| one(it, &inner)),
        );
        keywords.extend(["prefixItems", "allOf", "anyOf", "oneOf", "anyOf", "oneOf"].map(|it| list(it, &inner)));
        keywords.extend(["properties", "properties", "dependentSchemas"].map(|it| map(it, NAMES.to_vec(), &inner)));
        keywords.push(map("patternProperties", vec!["^a", "k", "[0-9]$"], &inner));
        keywords.push((0_u64..3).prop_map(|count| ("minContains".to_owned(), count.into())).boxed());
        prop::collection::vec(prop::strategy::Union::new(keywords), 1..5).prop_map(object)
    })
}

/// Forms told apart by a tag, as Pydantic writes them.
fn tagged() -> impl Strategy<Value = Value> {
    (schema(), schema(), prop::sample::select(vec!["anyOf", "oneOf"])).prop_map(|(one, two, keyword)| {
        json!({ keyword: [
            { "type": "object", "required": ["kind"], "properties": { "kind": { "const": "card" }, "a": one } },
            { "type": "object", "properties": { "kind": { "enum": ["iban", "ab"] }, "b": two }, "additionalProperties": false },
            { "type": "null" },
        ] })
    })
}

fn accepted(contract: Contract, records: &[Value]) -> Vec<bool> {
    let sieve = Sieve::new(contract, &Key::new([7; 32]));
    let mut desk = Desk::default();
    let judge = |record: &Value| {
        let record = json!({ "v": record }).to_string();
        let examined = sieve.examine(Frame { line: 1, bytes: record.as_bytes(), fault: None }, &mut desk);
        let status = examined.status();
        desk.recycle(examined);
        status == Status::Accepted
    };
    records.iter().map(judge).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_jsonschema(
        described in prop_oneof![4 => schema(), 1 => tagged()],
        one in schema(),
        two in schema(),
        records in prop::collection::vec(value(), 1..12),
    ) {
        let contract = json!({
            "type": "object", "properties": { "v": described }, "$defs": { "one": one, "two": two },
        });
        let (Ok(ours), Ok(theirs)) = (Contract::load(contract.to_string().as_bytes()), jsonschema::validator_for(&contract)) else {
            return Ok(());
        };
        for (record, ours) in records.iter().zip(accepted(ours, &records)) {
            let theirs = theirs.is_valid(&json!({ "v": record }));
            prop_assert_eq!(ours, theirs, "{} on {}", contract, record);
        }
    }
}

/// The property above means nothing where contracts do not load.
#[test]
fn most_generated_contracts_load() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut loaded = 0;
    for _ in 0..500 {
        let contract = json!({
            "type": "object",
            "properties": { "v": schema().new_tree(&mut runner).unwrap().current() },
            "$defs": { "one": {"type": "integer"}, "two": {"maxLength": 2} },
        });
        loaded += usize::from(Contract::load(contract.to_string().as_bytes()).is_ok());
    }
    println!("{loaded} of 500 generated contracts load");
    assert!(loaded >= 250, "{loaded} of 500");
}
