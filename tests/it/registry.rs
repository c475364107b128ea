//! The registry of models, as a user has it: its whole life, what is refused, several processes, and sudden ends.

use crate::common::{file, run, tamis};
use proptest::prelude::*;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tamis::registry::{Entry, History, Id};

/// A folder with a registry's commands.
struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command in the folder, without a key of the surroundings.
    fn tamis(&self, words: &[&str]) -> Command {
        let mut command = tamis();
        command.current_dir(self.folder.path()).env_remove("TAMIS_MODEL_PUBLIC_KEY").args(words);
        command
    }

    fn run(&self, words: &[&str]) -> (i32, String, String) {
        run(&mut self.tamis(words))
    }

    /// What a command that must succeed prints.
    fn done(&self, words: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(words);
        assert_eq!(code, 0, "{words:?}: {stderr}");
        stdout
    }

    /// What a command that must be refused says.
    fn refused(&self, words: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(words);
        assert_eq!(code, 2, "{words:?}: {stdout}");
        assert!(stdout.is_empty(), "{stdout}");
        stderr
    }

    fn json(&self, words: &[&str]) -> Json {
        serde_json::from_str(&self.done(&[words, &["--json"]].concat())).unwrap()
    }

    /// A small model of its own.
    fn model(&self, name: &str, seed: u32) -> String {
        let orders = self.path("orders.ndjson");
        if !orders.exists() {
            let text = self.done(&["generate", "--rows", "300", "--defects", "0"]);
            file(self.folder.path(), "orders.ndjson", text);
        }
        let seed = seed.to_string();
        self.done(&["train", "orders.ndjson", "--trees", "10", "--seed", &seed, "--model-out", name]);
        Id::of(&std::fs::read(self.path(name)).unwrap()).to_string()
    }

    fn champion(&self) -> Option<String> {
        self.json(&["model", "list"])["champion"].as_str().map(ToOwned::to_owned)
    }
}

/// Two models in `models`, the first of them the champion.
fn two(shop: &Shop) -> (String, String) {
    let [one, two] = [("one.onnx", 1), ("two.onnx", 2)].map(|(name, seed)| {
        let id = shop.model(name, seed);
        shop.done(&["model", "add", name]);
        id
    });
    shop.done(&["model", "promote", &one[..12]]);
    (one, two)
}

#[test]
fn the_whole_life_of_a_registry() {
    let shop = Shop::new();
    let (one, two) = two(&shop);
    assert_eq!(shop.champion(), Some(one.clone()));
    shop.done(&["model", "promote", &two[..8].to_uppercase(), "--why", "it finds more"]);
    let list = shop.json(&["model", "list"]);
    let versions: Vec<_> = list["versions"].as_array().unwrap().iter().map(|version| &version["id"]).collect();
    assert_eq!(versions, [&one, &two]);
    let text = shop.done(&["model", "list"]);
    assert!(text.lines().any(|line| line.starts_with('*') && line.contains(&two[..8])), "{text}");

    // Verdicts say which version they are of, however it is named.
    let verdict = |model: &str| {
        let verdicts = shop.done(&["score", "orders.ndjson", "--model", model]);
        let verdict: Json = serde_json::from_str(verdicts.lines().next().unwrap()).unwrap();
        verdict["model"].as_str().unwrap().to_owned()
    };
    for (model, id) in [("models", &two), ("one.onnx", &one), (&format!("models@{}", &one[..6]), &one)] {
        assert_eq!(verdict(model), format!("orders@{}", &id[..8]));
    }

    let back = shop.done(&["model", "rollback", "--why", "it finds too much"]);
    assert!(back.contains(&one[..8]) && back.contains(&two[..8]), "{back}");
    assert_eq!(shop.champion(), Some(one.clone()));
    assert!(shop.refused(&["model", "rollback"]).contains("there is none before it"));

    let shown = shop.json(&["model", "show"]);
    assert_eq!(shown["id"], one.as_str());
    assert_eq!(shown["card"]["model"]["trees"], 10);
    let history = shop.json(&["model", "history"]);
    let actions: Vec<_> = history.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["add", "add", "promote", "promote", "rollback"]);
    assert_eq!(history[3]["from"], one.as_str());
    assert_eq!(history[4]["why"], "it finds too much");
    assert!(shop.done(&["model", "verify"]).contains("2 versions, all sound"));
}

#[test]
fn what_is_done_is_not_done_again() {
    let shop = Shop::new();
    let (one, _) = two(&shop);
    let before = shop.done(&["model", "history"]);
    assert_eq!(shop.json(&["model", "add", "one.onnx", "--provider", "another"])["new"], false);
    assert_eq!(shop.json(&["model", "promote", &one])["changed"], false);
    assert_eq!(shop.done(&["model", "history"]), before);
    assert!(shop.json(&["model", "card", &one])["statements"]["provider"].is_null());
}

#[test]
fn one_changed_byte_is_refused() {
    let shop = Shop::new();
    let (one, two) = two(&shop);
    let path = shop.path(&format!("models/versions/{one}/model.onnx"));
    let good = std::fs::read(&path).unwrap();
    for place in [0, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[place] ^= 1;
        std::fs::write(&path, bad).unwrap();
        for words in [
            &["score", "orders.ndjson", "--model", "models"][..],
            &["report", "orders.ndjson", "--model", "models"],
            &["run", "orders.ndjson", "--model", "models", "--out", "out"],
            &["model", "show"],
            &["model", "add", "one.onnx"],
        ] {
            let error = shop.refused(words);
            assert!(error.contains(&format!("version {} of the registry models is damaged", &one[..8])), "{error}");
        }
        let (code, stdout, _) = shop.run(&["model", "verify", "--json"]);
        let found: Json = serde_json::from_str(&stdout).unwrap();
        assert_eq!(code, 1);
        assert_eq!(found["versions"][0]["sound"], false);
        assert_eq!(found["versions"][1]["sound"], true);
        // Another one can still take its place.
        shop.done(&["model", "promote", &two]);
        assert!(shop.refused(&["model", "rollback"]).contains("is damaged"));
        std::fs::write(&path, &good).unwrap();
        shop.done(&["model", "rollback"]);
    }
}

#[test]
fn no_model_is_used_that_nobody_vouches_for() {
    let shop = Shop::new();
    let (one, two) = two(&shop);
    for name in ["ours", "theirs"] {
        shop.done(&["model", "keygen", "--out", name]);
    }
    let score = |extra: &[&'static str]| [&["score", "orders.ndjson", "--public-key", "ours.pub"], extra].concat();
    for model in ["models", "one.onnx", &format!("models/versions/{one}/model.onnx"), &format!("models@{one}")] {
        let words = ["score", "orders.ndjson", "--public-key", "ours.pub", "--model", model];
        let error = shop.refused(&words);
        assert!(error.contains("is refused") && error.contains("it is not signed"), "{error}");
    }
    assert!(shop.refused(&score(&[])).contains("the built-in model is refused"));
    assert!(shop.refused(&["model", "promote", &two, "--public-key", "ours.pub"]).contains(&two[..8]));

    // It may be looked at: how else would anybody know what to sign.
    let shown = shop.json(&["model", "show", &two, "--public-key", "ours.pub"]);
    assert_eq!(shown["refused"], "unsigned");
    let verified = shop.run(&["model", "verify", "--public-key", "ours.pub"]);
    assert_eq!(verified.0, 1);

    shop.done(&["model", "sign", &one, "--key", "theirs"]);
    assert!(shop.refused(&score(&["--model", "models"])).contains("none of the keys trusted"));
    shop.done(&["model", "sign", &one, "--key", "ours"]);
    shop.done(&score(&["--model", "models"]));
    let inside = format!("models/versions/{one}/model.onnx");
    shop.done(&["score", "orders.ndjson", "--public-key", "ours.pub", "--model", &inside]);
    shop.done(&["report", "orders.ndjson", "--public-key", "ours.pub", "--model", "models"]);

    // By the variable, as text, with the line ends that some systems leave, and as a path.
    let pem = std::fs::read_to_string(shop.path("ours.pub")).unwrap();
    for (value, code) in [
        (pem.clone(), 0),
        (pem.trim_end().replace('\n', "\\n"), 0),
        ("ours.pub".to_owned(), 0),
        ("theirs.pub".to_owned(), 0),
        (format!("{}\n{pem}", pem.replace("MCow", "MCox")), 2),
        ("nowhere.pub".to_owned(), 2),
    ] {
        let mut command = shop.tamis(&["score", "orders.ndjson", "--model", "models"]);
        assert_eq!(run(command.env("TAMIS_MODEL_PUBLIC_KEY", &value)).0, code, "{value}");
    }

    // A card with other words under a signature for the old ones, and a file of its own.
    let card = shop.path(&format!("models/versions/{one}/card.md"));
    std::fs::write(&card, std::fs::read_to_string(&card).unwrap().replace("must not be", "may be")).unwrap();
    assert!(shop.refused(&score(&["--model", "models"])).contains("was changed after signing"));
    shop.done(&["model", "sign", "two.onnx", "--key", "ours"]);
    shop.done(&score(&["--model", "two.onnx"]));
    std::fs::copy(shop.path("two.onnx.signature.json"), shop.path("one.onnx.signature.json")).unwrap();
    assert!(shop.refused(&score(&["--model", "one.onnx"])).contains("does not fit"));
}

#[test]
fn keys_are_what_openssl_reads_and_private() {
    let shop = Shop::new();
    shop.done(&["model", "keygen", "--out", "key"]);
    for name in ["key", "other"] {
        // Neither half of a pair is overwritten.
        assert!(shop.run(&["model", "keygen", "--out", name]).0 == if name == "key" { 2 } else { 0 });
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(shop.path("key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let openssl = |words: &[&str]| {
        let output = Command::new("openssl").current_dir(shop.folder.path()).args(words).output();
        output.ok().filter(|output| output.status.success()).map(|output| output.stdout)
    };
    if openssl(&["version"]).is_none() {
        eprintln!("skipped: there is no openssl");
        return;
    }
    let public = std::fs::read(shop.path("key.pub")).unwrap();
    assert_eq!(openssl(&["pkey", "-in", "key", "-pubout"]).unwrap(), public);
    assert_eq!(openssl(&["pkey", "-pubin", "-in", "key.pub"]).unwrap(), public);
    // And the other way: a key of openssl signs, and openssl checks what it signed.
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", "theirs"]).unwrap();
    openssl(&["pkey", "-in", "theirs", "-pubout", "-out", "theirs.pub"]).unwrap();
    file(shop.folder.path(), "m.onnx", tamis::builtin::MODEL);
    shop.done(&["model", "sign", "m.onnx", "--key", "theirs"]);
    let signed: Json = serde_json::from_slice(&std::fs::read(shop.path("m.onnx.signature.json")).unwrap()).unwrap();
    let base64 = signed["signatures"][0]["ed25519"].as_str().unwrap();
    file(shop.folder.path(), "sig", data_encoding::BASE64.decode(base64.as_bytes()).unwrap());
    let manifest = tamis::registry::Manifest::of(&[("model.onnx", tamis::builtin::MODEL)]);
    file(shop.folder.path(), "manifest", manifest.as_str());
    let words =
        ["pkeyutl", "-verify", "-pubin", "-inkey", "theirs.pub", "-rawin", "-in", "manifest", "-sigfile", "sig"];
    assert!(openssl(&words).is_some());
}

#[test]
fn names_that_do_not_serve_are_told() {
    let shop = Shop::new();
    let empty = shop.done(&["model", "list"]);
    assert!(empty.contains("no versions yet") && empty.contains("built-in model"), "{empty}");
    assert!(!shop.path("models").exists());
    assert!(shop.refused(&["model", "show"]).contains("has no champion yet"));
    std::fs::create_dir(shop.path("bare")).unwrap();
    file(shop.folder.path(), "orders.ndjson", "{}\n");
    let score = |model: &str| shop.refused(&["score", "orders.ndjson", "--model", model]);
    assert!(score("bare").contains("bare is a folder without a registry"));
    assert!(score("nowhere@12").contains("cannot read the model nowhere@12"));

    // Ids whose beginnings are the same: found among as many as it takes.
    std::fs::remove_file(shop.path("orders.ndjson")).unwrap();
    let mut known: Vec<String> = Vec::new();
    let prefix = (0..).find_map(|seed| {
        let id = shop.model("m.onnx", seed);
        shop.done(&["model", "add", "m.onnx"]);
        let twin = known.iter().any(|other| other[..1] == id[..1]);
        known.push(id.clone());
        twin.then(|| id[..1].to_owned())
    });
    let prefix = prefix.unwrap();
    let error = shop.refused(&["model", "promote", &prefix]);
    assert!(error.contains("is the beginning of several versions"), "{error}");
    let named = known.iter().filter(|id| error.contains(id.as_str())).count();
    assert_eq!(named, known.iter().filter(|id| id.starts_with(&prefix)).count());
    assert!(score("models").contains("has no champion yet"));
    assert!(score("models@xyz").contains("has no version xyz"));
    assert!(shop.refused(&["model", "show", "xyz"]).contains("has no version xyz"));
}

#[test]
fn a_model_for_another_contract_is_not_promoted() {
    let shop = Shop::new();
    let (_, two) = two(&shop);
    let other = [tamis::builtin::CONTRACT, b"\n"].concat();
    file(shop.folder.path(), "other.json", other);
    file(shop.folder.path(), "same.json", tamis::builtin::CONTRACT);
    let error = shop.refused(&["model", "promote", &two, "--contract", "other.json"]);
    assert!(error.contains("was made for the contract orders"), "{error}");
    shop.done(&["model", "promote", &two, "--contract", "same.json"]);
}

#[test]
fn a_card_says_what_is_known_and_what_is_not() {
    let shop = Shop::new();
    shop.model("one.onnx", 1);
    file(
        shop.folder.path(),
        "card.toml",
        "limits = \"\"\"It never saw\nreturns.\"\"\"\nprovider = \"from the file\"\n",
    );
    shop.done(&["model", "add", "one.onnx", "--card", "card.toml", "--provider", "Example Shop, data team"]);
    let id = shop.json(&["model", "list"])["versions"][0]["id"].as_str().unwrap().to_owned();
    let card = shop.done(&["model", "card", &id]);
    for words in [
        "isolation forest of 10 trees",
        "Example Shop, data team",
        "It never saw\nreturns.",
        "**Intended use.** Not stated. (`--intended-use`, or `intended_use` in the file",
        "**Legal basis.** Not stated.",
        "Article 22 of the GDPR",
        "accepted by the contract above and masked",
        "`total_amount`",
        "`anomaly_rate`",
        "300 training records are few",
    ] {
        assert!(card.contains(words), "{words}: {card}");
    }
    assert!(!card.contains("from the file"));
    assert_eq!(card, std::fs::read_to_string(shop.path(&format!("models/versions/{id}/card.md"))).unwrap());
    file(shop.folder.path(), "wrong.toml", "intended-use = \"x\"\n");
    assert!(shop.refused(&["model", "add", "one.onnx", "--card", "wrong.toml"]).contains("intended-use"));
}

#[test]
fn several_processes_take_turns() {
    let shop = Shop::new();
    let (one, two) = two(&shop);
    let children: Vec<_> = (0..12)
        .map(|turn| {
            let id = if turn % 2 == 0 { &two } else { &one };
            let mut command = shop.tamis(&["model", "promote", id, "--why", "a race"]);
            command.stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let history = history(&shop);
    let champion = history.champion().unwrap().to_string();
    assert_eq!(shop.champion(), Some(champion.clone()));
    assert_eq!(std::fs::read_to_string(shop.path("models/champion")).unwrap().trim(), champion);
}

/// The history, which must hold together.
fn history(shop: &Shop) -> History {
    History::read(&std::fs::read(shop.path("models/history.ndjson")).unwrap()).unwrap().0
}

#[test]
fn a_sudden_end_leaves_the_old_or_the_new() {
    let shop = Shop::new();
    let (one, two) = two(&shop);
    // How long the whole command takes, so that the ends are spread over it.
    let start = std::time::Instant::now();
    shop.done(&["model", "promote", &one]);
    let whole = start.elapsed().max(Duration::from_millis(2));
    let mut added = vec![one.clone(), two.clone()];
    let mut ended = 0;
    for turn in 0..60_u32 {
        let before = shop.champion().unwrap();
        let next = if before == one { &two } else { &one };
        let name = format!("three-{turn}.onnx");
        let words: Vec<&str> = match turn % 3 {
            0 => vec!["model", "promote", next],
            1 => vec!["model", "rollback"],
            _ => {
                let mut bytes = tamis::builtin::MODEL.to_vec();
                // A member of metadata more: another model with the same forest.
                bytes.extend_from_slice(&[0x72, 0x0a, 0x0a, 0x01, b'k', 0x12, 0x05]);
                bytes.extend_from_slice(format!("{turn:05}").as_bytes());
                file(shop.folder.path(), &name, &bytes);
                added.push(Id::of(&bytes).to_string());
                vec!["model", "add", &name]
            }
        };
        let mut child = shop.tamis(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // A low-discrepancy sequence from the start to a little beyond the end.
        std::thread::sleep(whole.mul_f64(f64::from(turn) * 0.618_034 % 1.0 * 1.2));
        let _ = child.kill();
        ended += u32::from(child.wait().unwrap().code().is_none());

        let history = history(&shop);
        let champion = shop.champion().unwrap();
        assert_eq!(history.champion().unwrap().as_str(), champion);
        assert!(champion == before || turn % 3 != 2 && (champion == *next || turn % 3 == 1), "turn {turn}");
        let sound = shop.json(&["model", "verify"]);
        assert_eq!(sound["sound"], true);
        if turn % 3 == 2 {
            // Again: whatever there was of it is completed.
            shop.done(&["model", "add", &name]);
            shop.done(&["model", "promote", added.last().unwrap()]);
            shop.done(&["model", "promote", &one]);
        }
    }
    eprintln!("{ended} of 60 ended before they were done");
    assert!(ended > 5, "{ended}");
    let versions = shop.json(&["model", "list"])["versions"].as_array().unwrap().len();
    assert_eq!(versions, added.len());
    let lines = history(&shop);
    for id in added {
        assert!(lines.added(&id.parse().unwrap()).is_some());
    }
    assert_eq!(left_over(&shop.path("models")), Vec::<String>::new());
}

/// Names in a registry that are none of its own.
fn left_over(root: &Path) -> Vec<String> {
    let names = [root.to_owned(), root.join("versions")].map(|folder| {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name.starts_with('.'))
    });
    names.into_iter().flatten().collect()
}

/// A change that somebody may ask for.
#[derive(Clone, Debug)]
enum Wish {
    Add(u8),
    Promote(u8),
    Rollback,
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let wish = prop_oneof![(0..5_u8).prop_map(Wish::Add), (0..5_u8).prop_map(Wish::Promote), Just(Wish::Rollback),];
    proptest::collection::vec(wish, 0..40)
}

proptest! {
    /// The champion is what a list of promotions and undone promotions leaves, before and after the text.
    #[test]
    fn the_champion_is_what_the_history_says(wishes in wishes(), cut in 0..200_usize) {
        let id = |n: u8| Id::of(&[n]);
        let (mut history, mut text) = (History::default(), String::new());
        let mut stack: Vec<u8> = Vec::new();
        for (turn, wish) in wishes.iter().enumerate() {
            let now = format!("2026-01-01T00:00:{:02}Z", turn % 60);
            let entry = match *wish {
                Wish::Add(n) => history.addition(&id(n), None, None, &now),
                Wish::Promote(n) => {
                    if stack.last() != Some(&n) {
                        stack.push(n);
                    }
                    history.promotion(&id(n), Some("why"), &now)
                }
                Wish::Rollback => {
                    if stack.len() > 1 {
                        stack.pop();
                    }
                    history.rollback(None, &now)
                }
            };
            if let Some(entry) = entry {
                text.push_str(&entry.line().unwrap());
                history.push(entry).unwrap();
            }
            let expected = stack.last().map(|n| id(*n));
            prop_assert_eq!(history.champion(), expected.as_ref());
        }
        let (read, counts) = History::read(text.as_bytes()).unwrap();
        prop_assert_eq!(&read, &history);
        prop_assert_eq!(counts, text.len());
        // Cut anywhere, it is the history up to the last whole line.
        let cut = text.len().saturating_sub(cut);
        let (read, counts) = History::read(&text.as_bytes()[..cut]).unwrap();
        prop_assert_eq!(read.entries(), &history.entries()[..text[..cut].matches('\n').count()]);
        prop_assert!(counts <= cut);
    }

    /// A change that does not begin at the champion is not taken.
    #[test]
    fn a_history_with_a_hole_is_refused(wishes in wishes(), hole in any::<prop::sample::Index>()) {
        let id = |n: u8| Id::of(&[n]);
        let mut history = History::default();
        for wish in wishes {
            let entry = match wish {
                Wish::Add(_) => None,
                Wish::Promote(n) => history.promotion(&id(n), None, "2026-01-01T00:00:00Z"),
                Wish::Rollback => history.rollback(None, "2026-01-01T00:00:00Z"),
            };
            if let Some(entry) = entry {
                history.push(entry).unwrap();
            }
        }
        let mut entries: Vec<Entry> = history.entries().to_vec();
        prop_assume!(entries.len() > 1);
        let hole = hole.index(entries.len() - 1);
        entries.remove(hole);
        let text: String = entries.iter().map(|entry| entry.line().unwrap()).collect();
        // The champions before and after a change differ, so the line behind the hole begins at the wrong one.
        prop_assert_eq!(History::read(text.as_bytes()).unwrap_err().kind(), "contradiction");
    }
}

#[test]
fn training_writes_what_it_knows_into_the_card() {
    let shop = Shop::new();
    two(&shop);
    let champion = shop.champion().unwrap();
    let train = ["train", "orders.ndjson", "--trees", "20", "--model-out", "three.onnx"];
    let words = [&train[..], &["--registry", "models", "--intended-use", "To find typing errors in orders."]].concat();
    let told = shop.json(&words);
    let id = told["version"].as_str().unwrap().to_owned();
    assert_eq!(id, Id::of(&std::fs::read(shop.path("three.onnx")).unwrap()).as_str());
    assert_eq!(shop.champion(), Some(champion.clone()), "a new version is no champion by itself");
    let card = shop.json(&["model", "card", &id]);
    let orders = std::fs::read(shop.path("orders.ndjson")).unwrap();
    assert_eq!(card["data"]["inputs"][0]["sha256"], Id::of(&orders).as_str());
    assert_eq!(card["data"]["records"], 300);
    assert_eq!(card["data"]["accepted"], card["data"]["rows"]);
    assert_eq!(card["lineage"]["parent"], champion.as_str());
    assert_eq!(card["statements"]["intended_use"], "To find typing errors in orders.");
    let metrics = card["metrics"].as_array().unwrap();
    for name in ["anomaly_rate", "flagged_rate"] {
        let metric = metrics.iter().find(|metric| metric["name"] == name).unwrap();
        let [low, high] = [0, 1].map(|end| metric["interval"][end].as_f64().unwrap());
        let value = metric["value"].as_f64().unwrap();
        assert!(low <= value && value <= high && low < high, "{metric}");
    }
    let error = shop.refused(&[&train[..], &["--provider", "Example Shop"]].concat());
    assert!(error.contains("--registry"), "{error}");
}
