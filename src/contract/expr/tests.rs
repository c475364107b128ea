//! Compiled programs against a naive evaluator of trees.

use super::*;
use crate::contract::FieldId;
use crate::record::document::Document;
use proptest::prelude::*;

struct NoFields;

impl Fields for NoFields {
    fn resolve(&self, _: &[String]) -> Result<FieldId, String> {
        Err("there are no fields".into())
    }

    fn item(&self, _: FieldId) -> Option<FieldId> {
        None
    }

    fn member(&self, _: FieldId, _: &str) -> Option<FieldId> {
        None
    }

    fn type_of(&self, _: FieldId) -> Option<FieldType> {
        None
    }

    fn is_enum(&self, _: FieldId) -> bool {
        false
    }
}

fn run(source: &str) -> Outcome {
    let program = compile(source, &NoFields, Wanted::Number).unwrap_or_else(|error| panic!("{source}: {error}"));
    program.run(&Document::default(), &[], &|_, _| None)
}

/// An integer expression, and a truth value over such.
#[derive(Clone, Debug)]
enum Tree {
    Int(i64),
    Variable,
    Binary(&'static str, Box<Tree>, Box<Tree>),
    Negate(Box<Tree>),
    If(Box<Truth>, Box<Tree>, Box<Tree>),
    /// `[a, b].filter(x, truth).map(x, body)`, summed.
    Sum(Box<Tree>, Box<Tree>, Box<Truth>, Box<Tree>),
}

#[derive(Clone, Debug)]
enum Truth {
    Compare(&'static str, Tree, Tree),
    Not(Box<Truth>),
    And(Box<Truth>, Box<Truth>),
    Or(Box<Truth>, Box<Truth>),
    All(Tree, Tree, Box<Truth>),
    Exists(Tree, Tree, Box<Truth>),
    In(Tree, Tree, Tree),
}

/// Without needless parentheses on the left of a chain, so that precedence is tried too.
fn show(tree: &Tree) -> String {
    match tree {
        Tree::Int(value) => value.to_string(),
        Tree::Variable => "x".into(),
        Tree::Binary(operator @ ("+" | "-"), left, right) => match **left {
            Tree::If(..) => format!("({}) {operator} ({})", show(left), show(right)),
            _ => format!("{} {operator} ({})", show(left), show(right)),
        },
        Tree::Binary(operator, left, right) => format!("({}) {operator} ({})", show(left), show(right)),
        Tree::Negate(inner) => format!("-({})", show(inner)),
        Tree::If(truth, one, other) => format!("({}) ? ({}) : {}", show_truth(truth), show(one), show(other)),
        Tree::Sum(one, other, truth, body) => {
            format!("sum([{}, {}].map(x, {}, {}))", show(one), show(other), show_truth(truth), show(body))
        }
    }
}

fn show_truth(truth: &Truth) -> String {
    match truth {
        Truth::Compare(operator, left, right) => format!("(({}) {operator} ({}))", show(left), show(right)),
        Truth::Not(inner) => format!("!{}", show_truth(inner)),
        Truth::And(left, right) => format!("({} && {})", show_truth(left), show_truth(right)),
        Truth::Or(left, right) => format!("({} || {})", show_truth(left), show_truth(right)),
        Truth::All(one, other, body) => format!("[{}, {}].all(x, {})", show(one), show(other), show_truth(body)),
        Truth::Exists(one, other, body) => {
            format!("[{}, {}].exists(x, {})", show(one), show(other), show_truth(body))
        }
        Truth::In(item, one, other) => format!("({}) in [{}, {}]", show(item), show(one), show(other)),
    }
    .pipe(|text| format!("({text})"))
}

trait Pipe: Sized {
    fn pipe<T>(self, f: impl FnOnce(Self) -> T) -> T {
        f(self)
    }
}

impl Pipe for String {}

fn value(tree: &Tree, x: i64) -> Option<i64> {
    match tree {
        Tree::Int(value) => Some(*value),
        Tree::Variable => Some(x),
        Tree::Binary(operator, left, right) => {
            let (left, right) = (value(left, x)?, value(right, x)?);
            match *operator {
                "+" => left.checked_add(right),
                "-" => left.checked_sub(right),
                "*" => left.checked_mul(right),
                "/" => left.checked_div(right),
                _ => left.checked_rem(right),
            }
        }
        Tree::Negate(inner) => value(inner, x)?.checked_neg(),
        Tree::If(condition, one, other) => value(if truth(condition, x)? { one } else { other }, x),
        Tree::Sum(one, other, condition, body) => {
            let items = [value(one, x)?, value(other, x)?];
            let kept: Option<Vec<bool>> = items.iter().map(|item| truth(condition, *item)).collect();
            let kept = items.iter().zip(kept?).filter(|(_, kept)| *kept).map(|(item, _)| value(body, *item));
            kept.collect::<Option<Vec<i64>>>()?.into_iter().try_fold(0i64, i64::checked_add)
        }
    }
}

fn truth(tree: &Truth, x: i64) -> Option<bool> {
    let any = |sides: [Option<bool>; 2], decides: bool| match sides {
        [Some(side), _] | [_, Some(side)] if side == decides => Some(decides),
        [Some(_), Some(_)] => Some(!decides),
        _ => None,
    };
    let items = |one, other, body| {
        let items = [value(one, x)?, value(other, x)?];
        Some(items.map(|item| truth(body, item)))
    };
    match tree {
        Truth::Compare(operator, left, right) => {
            let order = value(left, x)?.cmp(&value(right, x)?);
            Some(match *operator {
                "==" => order.is_eq(),
                "!=" => order.is_ne(),
                "<" => order.is_lt(),
                _ => order.is_ge(),
            })
        }
        Truth::Not(inner) => truth(inner, x).map(|value| !value),
        Truth::And(left, right) => any([truth(left, x), truth(right, x)], false),
        Truth::Or(left, right) => any([truth(left, x), truth(right, x)], true),
        Truth::All(one, other, body) => any(items(one, other, body)?, false),
        Truth::Exists(one, other, body) => any(items(one, other, body)?, true),
        Truth::In(item, one, other) => {
            let item = value(item, x)?;
            Some([value(one, x)?, value(other, x)?].contains(&item))
        }
    }
}

fn compare(inner: impl Strategy<Value = Tree> + Clone) -> impl Strategy<Value = Truth> {
    (prop::sample::select(vec!["==", "!=", "<", ">="]), inner.clone(), inner)
        .prop_map(|(operator, left, right)| Truth::Compare(operator, left, right))
}

fn truths(inner: BoxedStrategy<Tree>) -> BoxedStrategy<Truth> {
    let pair = |inner: &BoxedStrategy<Tree>| (inner.clone(), inner.clone());
    let leaf = compare(inner.clone()).boxed();
    let two = (leaf.clone(), leaf.clone()).prop_map(|(left, right)| (Box::new(left), Box::new(right)));
    prop_oneof![
        leaf.clone(),
        leaf.clone().prop_map(|inner| Truth::Not(Box::new(inner))),
        two.clone().prop_map(|(left, right)| Truth::And(left, right)),
        two.prop_map(|(left, right)| Truth::Or(left, right)),
        (pair(&inner), leaf.clone()).prop_map(|((one, other), body)| Truth::All(one, other, Box::new(body))),
        (pair(&inner), leaf).prop_map(|((one, other), body)| Truth::Exists(one, other, Box::new(body))),
        (pair(&inner), inner).prop_map(|((item, one), other)| Truth::In(item, one, other)),
    ]
    .boxed()
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        (-3i64..4).prop_map(Tree::Int),
        prop::sample::select(vec![i64::MIN, i64::MAX, 1 << 53]).prop_map(Tree::Int),
        Just(Tree::Variable),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let inner = inner.boxed();
        let operators = prop::sample::select(vec!["+", "-", "*", "/", "%"]);
        let boxed = |inner: &BoxedStrategy<Tree>| inner.clone().prop_map(Box::new);
        prop_oneof![
            (operators, boxed(&inner), boxed(&inner)).prop_map(|(op, left, right)| Tree::Binary(op, left, right)),
            boxed(&inner).prop_map(Tree::Negate),
            (truths(inner.clone()), boxed(&inner), boxed(&inner)).prop_map(|(truth, one, other)| Tree::If(
                Box::new(truth),
                one,
                other
            )),
            (boxed(&inner), boxed(&inner), truths(inner.clone()), boxed(&inner))
                .prop_map(|(one, other, truth, body)| Tree::Sum(one, other, Box::new(truth), body)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn programs_compute_what_their_trees_say(tree in trees(), x in -3i64..4) {
        let source = format!("[{x}].map(x, {})[0]", show(&tree));
        // A tree that is too long does not load; all others do.
        if let Ok(program) = compile(&source, &NoFields, Wanted::Number) {
            let found = program.run(&Document::default(), &[], &|_, _| None);
            #[allow(clippy::cast_precision_loss, reason = "as the outcome itself")]
            let wanted = value(&tree, x).map_or(Outcome::Missing, |value| Outcome::Number(value as f64));
            prop_assert_eq!(found, wanted, "{}", source);
        } else {
            let error = compile(&source, &NoFields, Wanted::Number).unwrap_err().to_string();
            prop_assert!(error.contains("longer than") || error.contains("nested deeper"), "{}: {}", source, error);
        }
    }

    #[test]
    fn no_source_makes_the_compiler_panic(source in "[\\[\\]()a-c0-9.,'\"?:!<>=&|+*/% `\\\\-]{0,40}") {
        let _ = compile(&source, &NoFields, Wanted::Bool);
    }
}

#[test]
fn values_are_kept_apart_from_errors() {
    for (source, wanted) in [
        ("1 / 0", Outcome::Missing),
        ("1.0 / 0.0", Outcome::Missing),
        ("1.0 / 0.0 > 1.0", Outcome::Bool(true)),
        ("1 / 0 > 1 || true", Outcome::Bool(true)),
        ("true || 1 / 0 > 1", Outcome::Bool(true)),
        ("1 / 0 > 1 ? 1 : 2", Outcome::Missing),
        ("7 / 2", Outcome::Number(3.0)),
        ("7 / 2.0", Outcome::Number(3.5)),
        ("-7 / 2", Outcome::Number(-3.0)),
        ("sum([0.5, 1])", Outcome::Number(1.5)),
        ("max(1, 2.5, -1)", Outcome::Number(2.5)),
        ("abs(-9223372036854775808)", Outcome::Missing),
        ("'a' < 'b' && 'Z' < 'a' && '\\uffff' < '\\U0001f600'", Outcome::Bool(true)),
        ("size('\\U0001f600')", Outcome::Number(1.0)),
        ("[[1, 2], [3]] == [[1, 2], [3.0]]", Outcome::Bool(true)),
        ("string(1.5) + string(true) == '1.5true'", Outcome::Bool(true)),
        ("[1, 2].map(x, string(x) + '!') == ['1!', '2!']", Outcome::Bool(true)),
        ("[1, 2].map(x, [x, x]).filter(l, l[0] > 1) == [[2, 2]]", Outcome::Bool(true)),
        ("[1, 2].all(x, [3, 4].map(y, x * y).exists(z, z == x * 4))", Outcome::Bool(true)),
        ("[1].map(x, [2].map(x, x)[0] + x)[0]", Outcome::Number(3.0)),
    ] {
        assert_eq!(run(source), wanted, "{source}");
    }
}
