use super::*;
use crate::onnx::{ContractRef, Metadata, Scaler};
use crate::track::run::Sums;

fn sums() -> Sums {
    Sums { sha256: "ab".repeat(32), md5: "cd".repeat(16), bytes: 5 }
}

fn run() -> RunLog {
    let mut run = RunLog::new("train", "shop orders", 1_790_000_000_000, [1; 10]);
    run.ended = 1_790_000_001_500;
    run.name = "a name".to_owned();
    run.param("trees", 100);
    run.metric("auroc", 0.75);
    run.tag("tamis.model.sha256", "ab");
    run.datasets.push(Dataset { path: "data/orders.ndjson".into(), context: "training".into(), sums: Some(sums()) });
    run.datasets.push(Dataset { path: "lost".into(), context: "training".into(), sums: None });
    for (kind, path) in
        [(Kind::Data, "accepted.ndjson"), (Kind::Document, "out/a report.html"), (Kind::Model, "m.onnx")]
    {
        run.artifacts.push(Artifact { kind, path: path.into(), sums: None });
    }
    run.register = Some(Register { name: "shop/orders".into(), alias: Some("champion".into()) });
    run
}

fn metadata() -> Metadata {
    Metadata {
        version: "1".to_owned(),
        features: vec!["a \"b\"".to_owned(), "c".to_owned()],
        scaler: Some(Scaler { mean: vec![1.5, 2.0], std: vec![1.0, 1.0] }),
        contract: Some(ContractRef { name: "o: x".into(), version: "1".into(), sha256: "ee".into() }),
        ..Metadata::default()
    }
}

/// A plan as lines: method, path, body, one step a line, its later tries behind `|`.
fn lines(plan: &Plan) -> Vec<String> {
    let body = |body: &Body| match body {
        Body::None => String::new(),
        Body::Json(json) => format!(" {json}"),
        Body::Text(_) => " <text".to_owned(),
        Body::File(artifact) => format!(" <{}", artifact.path),
    };
    let request = |request: &Request| format!("{} {}{}", request.method, request.path, body(&request.body));
    plan.steps.iter().map(|step| step.tries.iter().map(request).collect::<Vec<_>>().join(" | ")).collect()
}

#[test]
fn a_run_is_these_requests_in_this_order() {
    let metadata = metadata();
    let package = Package { metadata: &metadata, columns: 2, sha256: &"ab".repeat(32) };
    let find = "GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=shop%20orders";
    let model = "GET /api/2.0/mlflow/registered-models/get?name=shop-orders";
    let put = "PUT /api/2.0/mlflow-artifacts/artifacts/{artifacts}";
    let wanted = [
        format!("{find} | POST /api/2.0/mlflow/experiments/create {{\"name\":\"shop orders\"}} | {find}"),
        "POST /api/2.0/mlflow/runs/search {\"experiment_ids\":[\"{experiment_id}\"],\"filter\":\"tags.\\\"tamis.id\\\" = '01MXXX'\",\"max_results\":1} | \
         POST /api/2.0/mlflow/runs/create {\"experiment_id\":\"{experiment_id}\",\"run_name\":\"a name\",\"start_time\":1790000000000,\"tags\":[{\"key\":\"tamis.id\",\"value\":\"01MXXX\"}]}"
            .replace("01MXXX", &run().id),
        "POST /api/2.0/mlflow/runs/log-batch {\"run_id\":\"{run_id}\",\"params\":[{\"key\":\"trees\",\"value\":\"100\"}]}".to_owned(),
        "POST /api/2.0/mlflow/runs/log-batch {\"run_id\":\"{run_id}\",\"tags\":[{\"key\":\"mlflow.source.name\",\"value\":\"tamis train\"},\
         {\"key\":\"mlflow.source.type\",\"value\":\"LOCAL\"},{\"key\":\"tamis.model.sha256\",\"value\":\"ab\"}]}"
            .to_owned(),
        "POST /api/2.0/mlflow/runs/log-batch {\"run_id\":\"{run_id}\",\"metrics\":[{\"key\":\"auroc\",\"value\":0.75,\"timestamp\":1790000001500,\"step\":0}]}".to_owned(),
        format!(
            "POST /api/2.0/mlflow/runs/log-inputs {{\"run_id\":\"{{run_id}}\",\"datasets\":[{{\"tags\":[{{\"key\":\"mlflow.data.context\",\"value\":\"training\"}}],\
             \"dataset\":{{\"name\":\"orders.ndjson\",\"digest\":\"{}\",\"source_type\":\"local\",\"source\":\"{{\\\"uri\\\":\\\"data/orders.ndjson\\\"}}\",\
             \"profile\":\"{{\\\"bytes\\\":5,\\\"sha256\\\":\\\"{}\\\"}}\"}}}}]}}",
            sums().md5,
            sums().sha256
        ),
        format!("{put}/a%20report.html <out/a report.html"),
        format!("{put}/model/model.onnx <m.onnx"),
        format!("{put}/model/MLmodel <text"),
        format!("{put}/model/requirements.txt <text"),
        format!("{put}/model/python_env.yaml <text"),
        format!("{put}/model/input_example.json <text"),
        format!("{put}/model/serving_input_example.json <text"),
        "POST /api/2.0/mlflow/runs/update {\"run_id\":\"{run_id}\",\"status\":\"FINISHED\",\"end_time\":1790000001500}".to_owned(),
        format!("{model} | POST /api/2.0/mlflow/registered-models/create {{\"name\":\"shop-orders\"}} | {model}"),
        "GET /api/2.0/mlflow/model-versions/search?filter=name%3d%27shop-orders%27%20and%20run_id%3d%27{run_id}%27&max_results=1 | \
         POST /api/2.0/mlflow/model-versions/create {\"name\":\"shop-orders\",\"source\":\"{artifact_uri}/model\",\"run_id\":\"{run_id}\",\
         \"tags\":[{\"key\":\"tamis.model.sha256\",\"value\":\"ab\"}]}"
            .to_owned(),
        "POST /api/2.0/mlflow/registered-models/alias {\"name\":\"shop-orders\",\"alias\":\"champion\",\"version\":\"{version}\"}".to_owned(),
    ];
    let found = lines(&Plan::of(&run(), Some(&package)));
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found.len(), wanted.len());
    // Without a model there is nothing to register.
    let bare = lines(&Plan::of(&run(), None));
    assert_eq!(bare, [&wanted[..7], &wanted[13..14]].concat());
}

#[test]
fn the_folder_of_a_model_says_what_its_columns_are() {
    let metadata = metadata();
    let sha256 = "ab".repeat(32);
    let package = Package { metadata: &metadata, columns: 2, sha256: &sha256 };
    let files: BTreeMap<_, _> = package.files(1_790_000_001_500).into_iter().collect();
    let inputs = r#"[{"type":"double","name":"a \"b\"","required":true},{"type":"double","name":"c","required":true}]"#;
    let outputs =
        r#"[{"type":"long","name":"label","required":true},{"type":"float","name":"scores","required":true}]"#;
    for line in [
        format!("  inputs: {}", Json::from(inputs)),
        format!("  outputs: {}", Json::from(outputs)),
        "utc_time_created: '2026-09-21 14:13:21.500000'".to_owned(),
        format!("model_uuid: {}", "ab".repeat(16)),
        "run_id: {run_id}".to_owned(),
        "  tamis_contract: \"o: x@1\"".to_owned(),
    ] {
        assert!(files["MLmodel"].lines().any(|found| found == line), "{line} in {}", files["MLmodel"]);
    }
    assert_eq!(files["input_example.json"], r#"{"columns":["a \"b\"","c"],"data":[[1.5,2.0]]}"#);
    // A foreign model has no names: it takes a matrix, and what it gives is not known.
    let foreign = Metadata::default();
    let files: BTreeMap<_, _> =
        Package { metadata: &foreign, columns: 3, sha256: &sha256 }.files(0).into_iter().collect();
    assert!(files["MLmodel"].contains(r#"\"shape\":[-1,3]"#) && files["MLmodel"].contains("  outputs: null\n"));
    assert!(!files.contains_key("input_example.json"));
}

#[test]
fn many_figures_are_many_requests_within_the_servers_limits() {
    let mut run = run();
    for number in 0..1234 {
        run.metric(&format!("m{number}"), 1.0);
        run.param(&format!("p{number}"), "x".repeat(7000));
    }
    let plan = Plan::of(&run, None);
    let batches = plan.steps.iter().filter_map(|step| match &step.tries[..] {
        [Request { path, body: Body::Json(json), .. }] if path.ends_with("log-batch") => Some(json),
        _ => None,
    });
    let mut sent = [0; 2];
    for batch in batches {
        assert!(batch.to_string().len() < 1_000_000);
        for (sent, (member, most)) in sent.iter_mut().zip([("metrics", 1000), ("params", 100)]) {
            let list = batch[member].as_array().map_or(0, Vec::len);
            assert!(list <= most);
            *sent += list;
        }
    }
    assert_eq!(sent, [1235, 1235]);
}

#[test]
fn artifacts_are_sent_where_the_server_passes_them_on() {
    for (uri, path) in [
        ("mlflow-artifacts:/1/abc/artifacts", Some("1/abc/artifacts")),
        ("mlflow-artifacts://host:5000/1/a b/artifacts/", Some("1/a%20b/artifacts")),
        ("mlflow-artifacts:/1/../2", None),
        ("mlflow-artifacts:/", None),
        ("s3://bucket/1/abc/artifacts", None),
        ("/tmp/mlruns/1", None),
    ] {
        assert_eq!(artifact_path(uri).as_deref(), path, "{uri}");
    }
    let learnt = BTreeMap::from([("run_id", "r".to_owned()), ("artifacts", "1/a".to_owned())]);
    assert_eq!(filled("{artifacts}/{run_id}/{x}", &learnt), "1/a/r/{x}");
}
