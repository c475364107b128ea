//! The options of `tamis train` and `tamis run`, from the flag to the file.

use super::common::{file, run, tamis};
use std::path::Path;
use tamis::forest::{Amount, Height, Split};
use tamis::score::Model;

const ORDERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/orders.ndjson");

/// Trains; answers the model, or the error.
fn train(folder: &Path, name: &str, flags: &[&str]) -> Result<(Model, Vec<u8>), String> {
    let model = folder.join(name);
    let mut command = tamis();
    command.arg("train").arg(ORDERS).arg("--model-out").arg(&model).args(flags);
    match run(&mut command) {
        (0, ..) => {
            let bytes = std::fs::read(&model).unwrap();
            Ok((Model::from_onnx(&bytes).unwrap(), bytes))
        }
        (_, _, said) => Err(said),
    }
}

#[test]
fn flags_reach_the_forest() {
    let folder = tempfile::tempdir().unwrap();
    let (model, _) = train(folder.path(), "tuned.onnx", &["--preset", "tuned", "--trees", "30"]).unwrap();
    let training = model.metadata().training.unwrap();
    assert_eq!((training.trees, training.samples), (30, 512));
    assert_eq!((training.split, training.height), (Split::Gain, Height::Full));
    let flags = ["--features-per-tree", "0.5", "--bootstrap", "--samples", "100", "--contamination", "count:20"];
    let (model, _) = train(folder.path(), "other.onnx", &flags).unwrap();
    let training = model.metadata().training.unwrap();
    assert_eq!((training.features, training.bootstrap, training.samples), (Amount::Share(0.5), true, 100));
    assert_eq!(training.contamination.to_string(), "count:20");
    let flags = ["--extension-level", "2", "--trees", "20", "--categorical", "status"];
    let (model, _) = train(folder.path(), "extended.onnx", &flags).unwrap();
    assert!(model.forest().unwrap().is_derived());
    assert_eq!(model.metadata().training.unwrap().extension, Some(2));
    let (weighted, bytes) = train(folder.path(), "weighted.onnx", &["--weights", "quantity", "--trees", "20"]).unwrap();
    let (_, plain) = train(folder.path(), "plain.onnx", &["--trees", "20"]).unwrap();
    assert_ne!(bytes, plain);
    assert_eq!(weighted.forest().unwrap().trees().len(), 20);
}

#[test]
fn a_warm_start_is_the_forest_grown_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("small.onnx");
    // What the model is asked to be, and what of it is to be said of the records again.
    let cases: [(&[&str], &[&str]); 16] = [
        (&["--seed", "7"], &[]),
        (&["--extension-level", "1", "--seed", "7"], &[]),
        (&["--categorical", "status"], &[]),
        (&["--categorical", "status"], &["--categorical", "status"]),
        (&["--categorical", "status", "--extension-level", "1"], &[]),
        (&["--contamination", "auto"], &[]),
        (&["--contamination", "count:13"], &[]),
        (&["--contamination", "0.05"], &[]),
        (&["--threshold", "0.6"], &[]),
        (&["--alarms", "500/day", "--volume", "5000/day"], &[]),
        (&["--alarms", "500/day", "--volume", "5000/day", "--split-by", "created_at"], &["--split-by", "created_at"]),
        (&["--samples", "0.3"], &[]),
        (&["--samples", "0.1", "--bootstrap", "--alarms", "500/day", "--volume", "5000/day"], &[]),
        (&["--features-per-tree", "0.5", "--split", "gain", "--guided", "0.3", "--full-height"], &[]),
        (&["--preset", "tuned", "--samples", "0.2"], &[]),
        (&["--weights", "quantity"], &["--weights", "quantity"]),
    ];
    for (flags, again) in cases {
        train(folder.path(), "small.onnx", &[flags, &["--trees", "5"]].concat()).unwrap();
        let warm = [&["--warm-start", small.to_str().unwrap(), "--trees", "12"], again].concat();
        let (_, warm) = train(folder.path(), "warm.onnx", &warm).unwrap();
        let (_, at_once) = train(folder.path(), "at_once.onnx", &[flags, &["--trees", "12"]].concat()).unwrap();
        assert!(warm == at_once, "{flags:?}");
    }
}

/// A threshold that is asked for now goes before the model's own; what trees cannot mix is refused.
#[test]
fn a_warm_start_takes_another_threshold_and_no_other_features() {
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("small.onnx");
    let budget = ["--alarms", "500/day", "--volume", "5000/day"];
    let rules: [&[&str]; 4] =
        [&["--contamination", "count:9"], &["--threshold", "0.7"], &budget, &["--contamination", "0.01"]];
    for old in rules {
        train(folder.path(), "small.onnx", &[old, &["--trees", "5"]].concat()).unwrap();
        for new in rules.iter().filter(|new| **new != old && (old == budget) == (**new == budget)) {
            let warm = [&["--warm-start", small.to_str().unwrap(), "--trees", "9"], *new].concat();
            let (_, warm) = train(folder.path(), "warm.onnx", &warm).unwrap();
            let (_, at_once) = train(folder.path(), "at_once.onnx", &[*new, &["--trees", "9"]].concat()).unwrap();
            assert!(warm == at_once, "{old:?} {new:?}");
        }
    }
    let refused: [(&[&str], &[&str], &str); 4] = [
        (&["--categorical", "status"], &["--categorical", "quantity"], "--categorical"),
        (&["--categorical", "status"], &["--categorical", "status", "--categorical", "quantity"], "which are status"),
        (&[], &["--categorical", "status"], "--categorical status cannot be added"),
        (&["--split-by", "created_at", "--alarms", "500/day", "--volume", "5000/day"], &[], "--split-by"),
    ];
    for (old, new, expected) in refused {
        train(folder.path(), "small.onnx", &[old, &["--trees", "5"]].concat()).unwrap();
        let warm = [&["--warm-start", small.to_str().unwrap(), "--trees", "9"], new].concat();
        let Err(said) = train(folder.path(), "warm.onnx", &warm) else { panic!("{old:?} {new:?}") };
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn wrong_flags_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = file(folder.path(), "no.onnx", "no model");
    let cases: [(&[&str], &str); 9] = [
        (&["--samples", "1.5"], "share in (0, 1]"),
        (&["--contamination", "count:0"], "count:"),
        (&["--contamination", "count:999999"], "at most half"),
        (&["--categorical", "colour"], "no feature colour"),
        (&["--weights", "colour"], "no field colour"),
        (&["--extension-level", "1", "--split", "gain"], "cannot be used with"),
        (&["--preset", "tuned", "--extension-level", "1"], "no guided split"),
        (&["--warm-start", nothing.to_str().unwrap(), "--trees", "9"], "cannot load"),
        (&["--warm-start", nothing.to_str().unwrap()], "--trees"),
    ];
    for (flags, expected) in cases {
        let Err(said) = train(folder.path(), "wrong.onnx", flags) else { panic!("{flags:?}") };
        assert!(said.contains(expected), "{flags:?}: {said}");
        assert!(!folder.path().join("wrong.onnx").exists());
    }
}
