//! Bare matrices: NumPy's files and CSV of numbers.

use super::super::common::{file, run, tamis, testdata};
use super::SKLEARN;
use serde_json::Value as Json;
use std::io::Write;
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A NumPy array: its header and its numbers.
pub(super) fn npy(descr: &str, fortran: bool, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let mut array = b"\x93NUMPY\x01\x00".to_vec();
    array.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    array.extend(header.bytes());
    array.extend(bytes);
    array
}

pub(super) fn npz(
    folder: &Path,
    name: &str,
    method: CompressionMethod,
    arrays: &[(&str, Vec<u8>)],
) -> std::path::PathBuf {
    let path = folder.join(name);
    let mut archive = ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, array) in arrays {
        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(array).unwrap();
    }
    archive.finish().unwrap();
    path
}

pub(super) fn objects(stdout: &str) -> Vec<Json> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Rows with three columns and a label: every tenth is odd.
fn table(rows: i32) -> Vec<[i32; 4]> {
    (0..rows)
        .map(|row| if row % 10 == 3 { [90 + row % 7, -50, row % 3, 1] } else { [row % 11, row * 7 % 13, row % 3, 0] })
        .collect()
}

fn csv(rows: &[[i32; 4]], header: &str, separator: &str) -> String {
    let line = |row: &[i32; 4]| row.map(|value| value.to_string()).join(separator) + "\n";
    header.to_owned() + &rows.iter().map(line).collect::<String>()
}

/// Hands over numbers one after another.
type Order<'o> = &'o dyn Fn(&mut dyn FnMut(i32));

/// The same numbers in any clothes give the same figures.
#[test]
fn every_form_of_a_matrix_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let rows = table(300);
    let by = |order: Order<'_>, bytes: &dyn Fn(i32) -> Vec<u8>| {
        let mut all = Vec::new();
        order(&mut |value| all.extend(bytes(value)));
        all
    };
    let by_rows =
        |each: &mut dyn FnMut(i32)| rows.iter().for_each(|row| row[..3].iter().for_each(|value| each(*value)));
    let by_columns =
        |each: &mut dyn FnMut(i32)| (0..3).for_each(|column| rows.iter().for_each(|row| each(row[column])));
    let labels = |each: &mut dyn FnMut(i32)| rows.iter().for_each(|row| each(row[3]));
    let f8 = |value: i32| f64::from(value).to_le_bytes().to_vec();
    let big = |value: i32| (value as f32).to_be_bytes().to_vec();
    let i1 = |value: i32| vec![value as i8 as u8];
    let i8 = |value: i32| i64::from(value).to_le_bytes().to_vec();
    let deflated = [
        ("X", npy("<f8", true, "(300, 3)", &by(&by_columns, &f8))),
        ("y", npy("<i8", false, "(300,)", &by(&labels, &i8))),
    ];
    let stored = [
        ("y", npy("|b1", false, "(300, 1)", &by(&labels, &i1))),
        ("X", npy(">f4", false, "(300, 3)", &by(&by_rows, &big))),
    ];
    let named = [
        ("data", npy("|i1", false, "(300, 3)", &by(&by_rows, &i1))),
        ("odd", npy("|i1", false, "(300,)", &by(&|each| labels(&mut |value| each(1 - 2 * value)), &i1))),
    ];
    let quoted = csv(&rows, "\u{feff}\"a;\"\"x\";b;c;odd\r\n\n", ";");
    let first: String = rows.iter().map(|row| format!("{},{},{},{}\n", row[3], row[0], row[1], row[2])).collect();
    let forms = [
        (npz(folder.path(), "a.npz", CompressionMethod::Deflated, &deflated), vec![]),
        (npz(folder.path(), "b.npz", CompressionMethod::Stored, &stored), vec![]),
        (npz(folder.path(), "c.npz", CompressionMethod::Deflated, &named), vec!["--label", "odd"]),
        (file(folder.path(), "d.csv", csv(&rows, "", ",")), vec![]),
        (file(folder.path(), "e.csv", csv(&rows, "", ",")), vec!["--label", "4"]),
        (file(folder.path(), "f.csv", quoted), vec!["--label", "odd"]),
        (file(folder.path(), "g.tsv", csv(&rows, "a\tb\tc\td\n", "\t")), vec![]),
        (file(folder.path(), "h.csv", first.clone()), vec!["--label", "1"]),
        (file(folder.path(), "i.csv", format!("y,a,b,c\n{first}")), vec![]),
    ];
    let mut all = Vec::new();
    for (path, label) in &forms {
        let (code, stdout, stderr) = run(tamis().args(["evaluate", "--json", "--seeds", "3"]).arg(path).args(label));
        assert_eq!(code, 0, "{}: {stderr}", path.display());
        let mut found: Vec<Json> = objects(&stdout);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["file"], path.display().to_string());
        found[0]["file"] = Json::Null;
        all.push(found.remove(0));
    }
    let first = &all[0];
    assert_eq!([&first["rows"], &first["features"], &first["outliers"], &first["seeds"]], [300, 3, 30, 3]);
    assert!(first["auroc_mean"].as_f64().unwrap() > 0.99 && first["auroc_sd"].as_f64().is_some());
    for (found, (path, _)) in all.iter().zip(&forms) {
        assert_eq!(found, first, "{}", path.display());
    }
}

#[test]
fn a_model_scores_a_matrix_without_a_contract() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<[i32; 4]> = table(300);
    let content: String = rows.iter().map(|row| format!("{},{},{}\n", row[0], row[1], row[2])).collect();
    let training = file(folder.path(), "training.csv", format!("a,b,c\n{content}"));
    let input = file(folder.path(), "in.csv", format!("a,b,c\n{content}7,,nan\n"));
    let model = folder.path().join("model.onnx");
    let (code, _, stderr) =
        run(tamis().arg("train").arg(&training).arg("--model-out").arg(&model).args(["--contamination", "0.1"]));
    assert_eq!(code, 0, "{stderr}");
    let (code, stdout, _) = run(tamis().arg("score").arg(&input).arg("--model").arg(&model));
    assert_eq!(code, 0);
    let scores = objects(&stdout);
    assert_eq!(scores.len(), 301);
    for (at, score) in scores.iter().enumerate() {
        let keys: Vec<&str> = score.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["line", "score", "decision", "label"]);
        assert_eq!(score["line"], at + 2);
        assert_eq!(score["label"] == -1, score["decision"].as_f64().unwrap() < 0.0);
        assert!(at == 300 || (at % 10 == 3) == (score["label"] == -1), "{at}: {score}");
    }
    let (_, stdout, _) = run(tamis().arg("score").arg(&input).arg("--model").arg(&model).args(["--explain", "2"]));
    let odd = &objects(&stdout)[3];
    let reasons = odd["reasons"].as_array().unwrap();
    let sides: Vec<_> =
        reasons.iter().map(|reason| (reason["feature"].as_str().unwrap(), reason["side"].as_str().unwrap())).collect();
    assert!(sides.contains(&("a", "above")) && sides.contains(&("b", "below")), "{odd}");
    assert!(odd["percentile"].as_f64().unwrap() > 89.0);
    // The same rows from an archive, by their position.
    let bytes: Vec<u8> =
        rows.iter().flat_map(|row| row[..3].iter().flat_map(|value| i64::from(*value).to_le_bytes())).collect();
    let archive =
        npz(folder.path(), "in.npz", CompressionMethod::Deflated, &[("X", npy("<i8", false, "(300, 3)", &bytes))]);
    let (code, stdout, _) = run(tamis().arg("score").arg(&archive).arg("--model").arg(&model).args(["--threads", "1"]));
    assert_eq!((code, stdout.lines().count()), (0, 300));
    for (archived, text) in objects(&stdout).iter().zip(&scores) {
        assert_eq!(
            (&archived["score"], archived["line"].as_u64()),
            (&text["score"], text["line"].as_u64().map(|line| line - 1))
        );
    }
    // A model measured against labels, and both inputs at once.
    let labelled = file(folder.path(), "labelled.csv", csv(&rows, "", ","));
    let (code, stdout, _) = run(tamis().args(["evaluate", "--json"]).arg(&labelled).arg("--model").arg(&model));
    let found = &objects(&stdout)[0];
    assert_eq!((code, &found["seeds"], &found["auroc_sd"]), (0, &Json::Null, &Json::Null));
    assert_eq!((&found["auroc_mean"], &found["precision_mean"]), (&1.0.into(), &1.0.into()));
    let (code, stdout, _) = run(tamis().arg("score").arg(&input).arg(&archive).arg("--model").arg(&model));
    assert_eq!((code, stdout.lines().count()), (0, 601));
    assert!(objects(&stdout)[600]["source"].as_str().unwrap().ends_with("in.npz"));
}

#[test]
fn what_is_wrong_with_a_matrix_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let array = npy("<f8", false, "(2, 2)", &[0; 32]);
    let labels = |count: usize| npy("|u1", false, &format!("({count},)"), &vec![1; count]);
    let archive =
        |name: &str, arrays: &[(&str, Vec<u8>)]| npz(folder.path(), name, CompressionMethod::Deflated, arrays);
    let mut cut = std::fs::read(archive("whole.npz", &[("X", array.clone()), ("y", labels(2))])).unwrap();
    cut.truncate(cut.len() / 2);
    let mut flipped = std::fs::read(npz(
        folder.path(),
        "stored.npz",
        CompressionMethod::Stored,
        &[("X", array.clone()), ("y", labels(2))],
    ))
    .unwrap();
    let at = flipped.windows(4).position(|four| four == b"(2, ").unwrap() + 20;
    flipped[at] ^= 0x40;
    let many = npy("<f8", true, "(3, 2)", &[0; 32]);
    for (path, says) in [
        (archive("empty.npz", &[]), "no array"),
        (archive("two.npz", &[("a", array.clone()), ("b", array.clone())]), "no array X, and 2 others"),
        (archive("unlabelled.npz", &[("X", array.clone())]), "labels \"y\""),
        (archive("lengths.npz", &[("X", array.clone()), ("y", labels(3))]), "has 2 rows, and there are 3 labels"),
        (archive("alike.npz", &[("X", array.clone()), ("y", labels(2))]), "of 2 labelled rows 2 are outliers"),
        (archive("pickle.npz", &[("X", npy("|O", false, "(2, 2)", b"cos\nsystem\n")), ("y", labels(2))]), "never done"),
        (archive("cube.npz", &[("X", npy("<f8", false, "(2, 2, 2)", &[0; 64])), ("y", labels(2))]), "3 dimensions"),
        (archive("many.npz", &[("X", many), ("y", labels(3))]), "ends within"),
        (archive("long.npz", &[("X", npy("<f8", false, "(1, 2)", &[0; 32])), ("y", labels(1))]), "bytes follow"),
        (file(folder.path(), "cut.npz", cut), "zip archive"),
        (file(folder.path(), "flipped.npz", flipped), "flipped.npz"),
        (file(folder.path(), "word.csv", "1,2,0\n3,x,1\n"), "line 2, column 2"),
        (file(folder.path(), "short.csv", "1,2,0\n3,1\n"), "line 2 has 2 numbers where the first has 3"),
        (file(folder.path(), "labels.csv", "1,2,0\n3,4,5\n"), "labels are 0"),
        (file(folder.path(), "lone.csv", "1\n0\n"), "no column beside the label"),
    ] {
        let (code, stdout, stderr) = run(tamis().args(["evaluate", "--json"]).arg(&path));
        assert_eq!((code, stdout.as_str()), (2, ""), "{}", path.display());
        assert!(stderr.contains(says), "{}: {stderr}", path.display());
        assert!(stderr.contains(path.file_name().unwrap().to_str().unwrap()), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
    let numbers = file(folder.path(), "numbers.csv", "1,2,0\n3,4,1\n");
    let (code, _, stderr) = run(tamis().arg("score").arg(&numbers));
    assert_eq!(code, 2);
    assert!(stderr.contains("name a model with --model"), "{stderr}");
    let records = file(folder.path(), "records.ndjson", "{}\n");
    let (code, _, stderr) = run(tamis().arg("score").arg(&numbers).arg(&records));
    assert!(code == 2 && stderr.contains("some are records"), "{stderr}");
    let (code, _, stderr) = run(tamis().args(["evaluate", "--label", "9"]).arg(&numbers));
    assert!(code == 2 && stderr.contains("no column \"9\" among 3"), "{stderr}");
    let (code, _, stderr) = run(tamis().args(["evaluate", "--model", "models/default.onnx"]).arg(&numbers));
    assert!(code == 2 && stderr.contains("takes 7 numbers a row, the file has 2"), "{stderr}");
}

/// Whatever byte of an archive is another, it is an error or a result, never a panic.
#[test]
fn damaged_archives_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let arrays = [("X", npy("<f4", true, "(4, 2)", &[7; 32])), ("y", npy("|u1", false, "(4,)", &[0, 1, 0, 1]))];
    let whole = std::fs::read(npz(folder.path(), "whole.npz", CompressionMethod::Deflated, &arrays)).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let path = file(folder.path(), "damaged.npz", damaged);
        let (code, _, stderr) = run(tamis().args(["evaluate", "--seeds", "1", "--trees", "2"]).arg(&path));
        assert!([0, 2].contains(&code) && !stderr.contains("panicked"), "byte {at}: {stderr}");
    }
}

/// On all sets but one the mean over the seeds lies within two deviations of the difference of two such means, and the mean
/// of all sets within 0.004.
///
/// Two hundred seeds against mostly four hundred, since ten of either side differ by chance on more sets than one:
/// scikit-learn's own seeds 0 to 9 have 0.9329 on cardio, where its four hundred have 0.9241.
#[test]
fn level_with_scikit_learn_on_adbench() {
    let Some(folder) = testdata("adbench") else { return };
    let files = SKLEARN.map(|(name, ..)| folder.join(format!("{name}.npz")));
    let (code, stdout, stderr) = run(tamis().args(["evaluate", "--json", "--seeds", "200"]).args(&files));
    assert_eq!(code, 0, "{stderr}");
    let found: Vec<f64> = objects(&stdout).iter().map(|set| set["auroc_mean"].as_f64().unwrap()).collect();
    assert_eq!(found.len(), SKLEARN.len());
    let mut outside = Vec::new();
    for ((name, seeds, mean, sd), ours) in SKLEARN.iter().zip(&found) {
        let band = 2.0 * sd * (1.0 / seeds + 1.0 / 200.0_f64).sqrt();
        println!("{name}: {ours:.5} against {mean:.5} ± {band:.5}");
        if (ours - mean).abs() > band {
            outside.push(*name);
        }
    }
    assert!(outside.len() <= 1, "{outside:?}");
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / SKLEARN.len() as f64;
    let gap = mean(&mut found.iter().copied()) - mean(&mut SKLEARN.iter().map(|set| set.2));
    println!("mean of the sets: {gap:+.4} against scikit-learn's");
    assert!(gap.abs() <= 0.004, "{gap}");
}
