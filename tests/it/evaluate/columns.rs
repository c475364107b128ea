//! Which columns of bare numbers are read, from any file and from stdin, and what is said of those that cannot be.

use super::super::common::{file, run, tamis};
use super::matrices::{npy, npz, objects};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use zip::CompressionMethod;

/// Rows of a, b, c; every tenth is odd in `c`, which a change of the columns shows.
fn rows() -> Vec<[String; 4]> {
    let row = |at: i32| {
        let odd = at % 10 == 3;
        let cells = if odd { [3, 7, 900 + at % 7] } else { [at % 11, 100 + at * 7 % 13, -50 - at % 3] };
        let [a, b, c] = cells.map(|cell| cell.to_string());
        [a, b, c, odd.to_string()]
    };
    (0..300).map(row).collect()
}

/// The rows as CSV with these columns of a, b, c, y.
fn csv(header: &str, columns: &[usize]) -> String {
    let mut text = String::from(header);
    for row in rows() {
        let cells: Vec<&str> = columns.iter().map(|column| row[*column].as_str()).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

fn train(folder: &Path, name: &str, content: &str, more: &[&str]) -> std::path::PathBuf {
    let input = file(folder, &format!("{name}.csv"), content);
    let model = folder.join(format!("{name}.onnx"));
    let (code, _, stderr) = run(tamis().arg("train").arg(input).arg("--model-out").arg(&model).args(more));
    assert_eq!(code, 0, "{name}: {stderr}");
    model
}

/// Runs with bytes on stdin.
fn piped(args: &[&str], bytes: &[u8]) -> (i32, String, String) {
    let mut child =
        tamis().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Whoever fails early reads no further.
    let _ = child.stdin.take().unwrap().write_all(bytes);
    let done = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

#[test]
fn columns_are_told_by_name_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(folder.path(), "named", &csv("a,b,c,y\n", &[0, 1, 2, 3]), &["--label", "y"]);
    let generic = train(folder.path(), "generic", &csv("", &[0, 1, 2]), &[]);
    let score = |model: &Path, name: &str, content: &str| {
        let input = file(folder.path(), name, content);
        run(tamis().arg("score").arg(input).arg("--model").arg(model))
    };
    let scores = |stdout: &str| objects(stdout).iter().map(|row| row["score"].clone()).collect::<Vec<_>>();
    let (code, wanted, stderr) = score(&model, "same", &csv("a,b,c\n", &[0, 1, 2]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    for (header, columns, says) in [
        ("c,b,a\n", &[2, 1, 0][..], ""),
        ("y,c,a,b\n", &[3, 2, 0, 1], "not know them: y\n"),
        ("", &[0, 1, 2], ""),
        ("r,g,h\n", &[0, 1, 2], "by their position, as a, b, c"),
    ] {
        let (code, stdout, stderr) = score(&model, "other.txt", &csv(header, columns));
        assert_eq!((code, scores(&stdout)), (0, scores(&wanted)), "{header}: {stderr}");
        assert!(stderr.contains(says) && stderr.is_empty() == says.is_empty(), "{header}: {stderr}");
    }
    let (code, _, stderr) = score(&model, "lacking.csv", &csv("a,d,c\n", &[0, 1, 2]));
    assert!(code == 2 && stderr.contains("the header lacks b; the model takes a, b, c"), "{stderr}");
    let (code, stdout, stderr) = score(&generic, "any.csv", &csv("r,g,h\n", &[0, 1, 2]));
    assert_eq!((code, stderr.as_str(), scores(&stdout)), (0, "", scores(&wanted)));
    // Measured, with labels that are words; and trees added from columns in another order.
    let evaluate = |header: &str, columns: &[usize]| {
        let input = file(folder.path(), "labelled", csv(header, columns));
        let (code, stdout, stderr) = run(tamis().args(["evaluate", "--json"]).arg(input).arg("--model").arg(&model));
        assert_eq!(code, 0, "{stderr}");
        objects(&stdout)[0]["ap_mean"].clone()
    };
    assert_eq!(evaluate("a,b,c,y\n", &[0, 1, 2, 3]), evaluate("y,c,b,a\n", &[3, 2, 1, 0]));
    let warm = ["--trees", "110", "--warm-start", model.to_str().unwrap()];
    let [first, second] =
        [("w1", "a,b,c\n", &[0, 1, 2]), ("w2", "c,a,b\n", &[2, 0, 1])].map(|(name, header, columns)| {
            std::fs::read(train(folder.path(), name, &csv(header, columns), &warm)).unwrap()
        });
    assert!(first == second);
    // Of several files the first one's names count.
    let first = file(folder.path(), "first.csv", csv("a,b,c\n", &[0, 1, 2]));
    let both = |header: &str, columns: &[usize]| {
        let (second, out) = (file(folder.path(), "second.csv", csv(header, columns)), folder.path().join("both.onnx"));
        let (code, _, stderr) = run(tamis().arg("train").args([&first, &second]).arg("--model-out").arg(&out));
        (code, stderr, std::fs::read(out).unwrap_or_default())
    };
    assert!(both("a,b,c\n", &[0, 1, 2]).2 == both("b,c,a\n", &[1, 2, 0]).2);
    let (code, stderr, _) = both("b,c\n", &[1, 2]);
    assert!(code == 2 && stderr.contains("lacks a; the first file has a, b, c"), "{stderr}");
    let input = file(folder.path(), "y.csv", csv("a,b,c,y\n", &[0, 1, 2, 0]));
    let (code, _, stderr) = run(tamis().arg("train").arg(input).arg("--model-out").arg(folder.path().join("y.onnx")));
    assert!(code == 0 && stderr.contains("y is taken as a feature"), "{stderr}");
}

#[test]
fn stdin_and_any_name_are_told_by_content() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.onnx");
    let out = out.to_str().unwrap();
    let wanted = std::fs::read(train(folder.path(), "wanted", &csv("a,b,c\n", &[0, 1, 2]), &[])).unwrap();
    let unnamed = std::fs::read(train(folder.path(), "unnamed", &csv("", &[0, 1, 2]), &[])).unwrap();
    let bytes: Vec<u8> = rows()
        .iter()
        .flat_map(|row| row[..3].to_vec())
        .collect::<Vec<_>>()
        .iter()
        .flat_map(|cell| cell.parse::<f64>().unwrap().to_le_bytes())
        .collect();
    let array = npy("<f8", false, "(300, 3)", &bytes);
    let labels: Vec<u8> = rows().iter().map(|row| u8::from(row[3] == "true")).collect();
    let arrays = [("X", array.clone()), ("y", npy("|u1", false, "(300,)", &labels))];
    let archive = std::fs::read(npz(folder.path(), "a.npz", CompressionMethod::Deflated, &arrays)).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(csv("a,b,c\n", &[0, 1, 2]).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let cases = [
        ("header", csv("a,b,c\n", &[0, 1, 2]).into_bytes(), Some(&wanted)),
        ("gzip", packed, Some(&wanted)),
        ("none", csv("", &[0, 1, 2]).into_bytes(), Some(&unnamed)),
        ("npy", array, None),
        ("npz", archive, None),
    ];
    let csv_scores = piped(&["score", "-", "--model", out], b"").0;
    assert_eq!(csv_scores, 2);
    for (name, bytes, model) in cases {
        let (code, _, stderr) = piped(&["train", "-", "--model-out", out], &bytes);
        assert_eq!(code, 0, "{name}: {stderr}");
        if let Some(model) = model {
            assert!(std::fs::read(out).unwrap() == *model, "{name}");
        }
        let (code, stdout, stderr) = piped(&["score", "-", "--model", out], &bytes);
        assert_eq!((code, stdout.lines().count()), (0, 300), "{name}: {stderr}");
        if name == "npz" {
            let (code, stdout, stderr) = piped(&["evaluate", "-", "--json", "--seeds", "2"], &bytes);
            assert_eq!((code, objects(&stdout)[0]["outliers"].as_u64()), (0, Some(30)), "{stderr}");
        }
        let path = file(folder.path(), name, &bytes);
        let (code, stdout, stderr) = run(tamis().arg("score").arg(path).args(["--model", out]));
        assert_eq!((code, stdout.lines().count()), (0, 300), "{name}: {stderr}");
    }
    // Of integers that a float cannot hold there is a word, and none of doubles.
    for (descr, said) in [("<i8", true), ("<f8", false)] {
        let great = 33_554_433_i32;
        let cell = |value: i32| if said { i64::from(value).to_le_bytes() } else { f64::from(value).to_le_bytes() };
        let bytes: Vec<u8> = (0..40).flat_map(|row| [cell(row), cell(great + row)].concat()).collect();
        let (code, _, stderr) = piped(&["train", "-", "--model-out", out], &npy(descr, false, "(40, 2)", &bytes));
        assert!(code == 0 && stderr.contains("rounded to 32-bit floats: x2") == said, "{stderr}");
    }
    // Records stay records, and nothing of them is lost.
    let (code, stdout, _) = piped(&["score", "-"], b"\n{}\n{}\n");
    assert_eq!((code, stdout.lines().count()), (0, 2));
}

#[test]
fn what_is_no_number_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(folder.path(), "three", &csv("a,b,c\n", &[0, 1, 2]), &[]);
    for (content, says) in [
        (&b"a,b,c\n1,2,secret\n"[..], "line 2, column 3 (\"c\") is no number"),
        (b"a,b,c\n", "a header and no row"),
        (b"", "it is empty"),
        (b"a;b;c\n1,5;2;3\n", "decimal comma"),
        (b"\xFF\xFEa\0,\0b\0\n\0", "UTF-16"),
        (b"a,b,c\r1,2,3\r", "carriage return"),
    ] {
        let input = file(folder.path(), "bad.csv", content);
        for command in ["score", "train"] {
            let model =
                if command == "score" { ["--model", model.to_str().unwrap()] } else { ["--model-out", "/dev/null"] };
            let (code, stdout, stderr) = run(tamis().arg(command).arg(&input).args(model));
            assert_eq!((code, stdout.as_str()), (2, ""), "{command}: {stderr}");
            assert!(stderr.contains(says) && stderr.contains("bad.csv"), "{command}, {says}: {stderr}");
            for never in ["secret", "contract", "no key given"] {
                assert!(!stderr.contains(never), "{command}: {stderr}");
            }
        }
    }
    let (_, orders, _) = run(tamis().args(["generate", "--rows", "50"]));
    let records = file(folder.path(), "records.ndjson", orders);
    let (code, _, stderr) = run(tamis().args(["evaluate", "--label", "nowhere"]).arg(records));
    assert!(code == 2 && stderr.contains("nothing has a label: nowhere is absent"), "{stderr}");
}

#[test]
fn weights_and_times_stand_in_columns() {
    let folder = tempfile::tempdir().unwrap();
    let mut weighed = String::from("a,w,b,c,t\n");
    let mut plain = String::from("a,b,c\n");
    for (at, [a, b, c, _]) in rows().iter().enumerate() {
        let weight = if at % 10 == 3 { 0 } else { 1 };
        writeln!(weighed, "{a},{weight},{b},{c},2024-01-{:02}T00:00:{:02}Z", 1 + at / 20, at % 20).unwrap();
        writeln!(plain, "{a},{b},{c}").unwrap();
    }
    let split = ["--split-by", "t", "--weights", "w"];
    let one = std::fs::read(train(folder.path(), "weighed", &weighed, &split)).unwrap();
    let two = std::fs::read(train(folder.path(), "plain", &plain, &[])).unwrap();
    assert!(one != two);
    let input = file(folder.path(), "plain2.csv", &plain);
    for option in ["--weights", "--split-by"] {
        let (code, _, stderr) = run(tamis().arg("train").arg(&input).args(["--model-out", "/dev/null", option, "w"]));
        assert!(code == 2 && stderr.contains("no column \"w\""), "{stderr}");
    }
}
