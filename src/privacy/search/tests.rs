//! The search against trying everything.

use super::super::plan::Coarser;
use super::super::value::Kind;
use super::*;
use proptest::prelude::*;

/// The least loss of all nodes of the lattice that leave out at most `allowed` records, each measured on the values.
fn exhaustive(cells: &Cells, ladders: &[Vec<Step>], wanted: u64, allowed: u64) -> Option<f64> {
    let mut nodes: Vec<Vec<usize>> = vec![Vec::new()];
    for steps in ladders {
        nodes = nodes
            .iter()
            .flat_map(|node| (0..steps.len()).map(move |at| node.iter().copied().chain([at]).collect()))
            .collect();
    }
    let passing = nodes.into_iter().filter(|node| {
        let mut groups: BTreeMap<Vec<Value>, u64> = BTreeMap::new();
        for (row, count) in &cells.rows {
            let key = row
                .iter()
                .enumerate()
                .map(|(field, at)| ladders[field][node[field]].level.apply(&cells.values[field][*at as usize]));
            *groups.entry(key.collect()).or_default() += count;
        }
        groups.values().filter(|size| **size < wanted).sum::<u64>() <= allowed
    });
    passing.map(|node| loss(ladders, &node)).min_by(f64::total_cmp)
}

fn town() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => "[A-C]{1,3}".prop_map(|text| Value::new(Kind::Text, &text)),
        1 => Just(Value::new(Kind::Nothing, "")),
    ]
}

fn age() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => (-20..90_i32).prop_map(|age| Value::new(Kind::Number, &format!("{age}e0"))),
        1 => Just(Value::new(Kind::Text, "12")),
        1 => Just(Value::new(Kind::Nothing, "")),
    ]
}

fn moment() -> impl Strategy<Value = Value> {
    (2023..2025_u32, 1..3_u32, 1..4_u32)
        .prop_map(|(year, month, day)| Value::new(Kind::Text, &format!("{year}-{month:02}-{day:02}T10:00:00Z")))
}

fn sex() -> impl Strategy<Value = Value> {
    prop_oneof!["f", "m"].prop_map(|text: String| Value::new(Kind::Other, &text))
}

proptest! {
    #[test]
    fn no_other_combination_loses_less(
        records in prop::collection::vec((town(), age(), moment(), sex()), 1..60),
        wanted in 2..7_u64,
        tolerated in 0..4_u64,
    ) {
        let records: Vec<Vec<Value>> = records.into_iter().map(|(a, b, c, d)| vec![a, b, c, d]).collect();
        let cells = Cells::of(&records);
        let kinds = [Coarser::Prefix, Coarser::Bucket, Coarser::Moment, Coarser::Not];
        let ladders: Vec<Vec<Step>> =
            kinds.iter().enumerate().map(|(at, kind)| ladder(*kind, &cells.values[at], &cells.weights(at))).collect();
        let found = search(&ladders, &cells.rows, wanted, tolerated);
        let best = exhaustive(&cells, &ladders, wanted, tolerated);
        prop_assert_eq!(found.is_some(), best.is_some());
        if let (Some((node, minimal)), Some(best)) = (found, best) {
            prop_assert!(minimal);
            prop_assert!((loss(&ladders, &node) - best).abs() < 1e-9, "{} {}", loss(&ladders, &node), best);
            let steps: Vec<&Step> = ladders.iter().zip(&node).map(|(steps, at)| &steps[*at]).collect();
            let (figures, k) = recompute(&cells, &steps, wanted);
            prop_assert!(figures.below_records <= tolerated);
            prop_assert!(k >= wanted || figures.below_records == records.len() as u64);
        }
    }

    #[test]
    fn a_ladder_only_ever_joins(values in prop::collection::hash_set(prop_oneof![town(), age(), moment()], 1..40)) {
        let values: Vec<Value> = values.into_iter().collect();
        for coarser in [Coarser::Prefix, Coarser::Bucket, Coarser::Moment, Coarser::Date, Coarser::Not] {
            let steps = ladder(coarser, &values, &vec![1; values.len()]);
            for pair in steps.windows(2) {
                let mut above: HashMap<u32, u32> = HashMap::new();
                for (fine, coarse) in pair[0].classes.iter().zip(&pair[1].classes) {
                    prop_assert_eq!(*above.entry(*fine).or_insert(*coarse), *coarse);
                }
            }
        }
    }
}

#[test]
fn too_much_work_still_gives_an_answer_that_holds() {
    // Every value of each of six fields occurs ten times, but nearly every combination once.
    let records: Vec<Vec<Value>> = (0..4000_u64)
        .map(|at| {
            let mix =
                |field: u64| at.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(u32::try_from(field * 11).unwrap());
            (0..6).map(|field| Value::new(Kind::Number, &(mix(field) % 400).to_string())).collect()
        })
        .collect();
    let cells = Cells::of(&records);
    let ladders: Vec<Vec<Step>> =
        (0..6).map(|at| ladder(Coarser::Bucket, &cells.values[at], &cells.weights(at))).collect();
    let mut lattice = Lattice {
        ladders: &ladders,
        rows: cells.rows.clone(),
        wanted: 5,
        allowed: 0,
        failed: Vec::new(),
        work: MOST_WORK,
    };
    let top: Vec<usize> = ladders.iter().map(|steps| steps.len() - 1).collect();
    let base = lattice.base(&top);
    let climbed = lattice.climb(&base, &top);
    assert!(lattice.passes(&climbed));
    assert_eq!(lattice.best(base, &climbed), None);
}
