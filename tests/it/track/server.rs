//! Servers that do not do what they should, each a listener in the test.

use super::{lines, orders, tamis};
use crate::common::run;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The heads of the requests that a listener got.
type Heads = Arc<Mutex<Vec<String>>>;

/// A server that answers every request with the same bytes; with none, it waits.
fn server(answer: &'static str) -> (String, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heads = Heads::default();
    let seen = Arc::clone(&heads);
    std::thread::spawn(move || {
        let mut waiting = Vec::new();
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            seen.lock().unwrap().push(request(&stream));
            if answer.is_empty() {
                waiting.push(stream);
                continue;
            }
            // Whoever asked may have gone.
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    (address, heads)
}

fn request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head).unwrap_or(0) > 0 && !head.ends_with("\r\n\r\n") {}
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let _ = reader.read_exact(&mut vec![0; length.unwrap_or(0)]);
    head
}

/// Trains with a server; answers the exit code and stderr.
fn train(at: &Path, uri: &str, variables: &[(&str, &str)]) -> (i32, String) {
    let mut train = tamis(at);
    train.args(["train", "orders1.ndjson", "--model-out", "m.onnx", "--track", uri]);
    train.env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1").env("MLFLOW_HTTP_REQUEST_TIMEOUT", "1");
    let (code, stdout, stderr) = run(train.envs(variables.iter().copied()));
    assert!(stdout.contains("trained on"), "{stdout}");
    (code, stderr)
}

const FAILS: &str = "HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Length: 75\r\n\r\n\
                     {\"error_code\": \"INTERNAL_ERROR\", \"message\": \"no s3cret-word, dXM6czNjcmV0\"}";
const REFUSES: &str = "HTTP/1.1 403 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
const BABBLES: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\n<html></html>";
const REDIRECTS: &str =
    "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: http://127.0.0.1:1/login\r\nContent-Length: 0\r\n\r\n";
const RUBBISH: &str = "220 mail.example.com ESMTP\r\n";

#[test]
fn a_server_that_fails_leaves_the_results_the_line_and_a_message_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    orders(at, 1);
    let cases = [
        (FAILS, "it answered 500 INTERNAL_ERROR no ***", 2),
        (REFUSES, "it answered 403: MLFLOW_TRACKING_TOKEN", 1),
        (BABBLES, "is it an MLflow server?", 1),
        (REDIRECTS, "it answered 302", 1),
        (RUBBISH, "it cannot be talked to", 1),
        ("", "it did not answer in time", 1),
    ];
    for (number, (answer, why, asked)) in cases.into_iter().enumerate() {
        let (address, heads) = server(answer);
        let _ = std::fs::remove_file(at.join("m.onnx"));
        let began = Instant::now();
        let (code, stderr) = train(at, &format!("http://us:s3cret-word@{address}/"), &[]);
        assert!(began.elapsed() < Duration::from_secs(20), "{why}");
        let line = &lines(at)[number];
        let id = line["id"].as_str().unwrap();
        let place = format!("the MLflow server http://{address}: find or make the experiment: ");
        for part in [why, &place, &format!("tamis runs send {id}")] {
            assert!(stderr.contains(part), "{part} in {stderr}");
        }
        assert!(!stderr.contains("s3cret"), "{stderr}");
        assert!(!line.to_string().contains("s3cret") && !line.to_string().contains("us:"), "{line}");
        assert_eq!((code, at.join("m.onnx").exists(), heads.lock().unwrap().len()), (2, true, asked), "{why}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, stderr) = train(at, &format!("http://{closed}"), &[]);
    assert!(code == 2 && stderr.contains("it cannot be reached (connection refused)"), "{stderr}");
}

#[test]
fn what_lets_one_in_goes_to_the_server_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    orders(at, 1);
    let user = ("MLFLOW_TRACKING_USERNAME", "anna");
    let password = ("MLFLOW_TRACKING_PASSWORD", "pa:ss word");
    let token = ("MLFLOW_TRACKING_TOKEN", "t0ken-t0ken");
    let basic = "Basic YW5uYTpwYTpzcyB3b3Jk";
    for (info, variables, wanted) in [
        ("", &[][..], None),
        ("", &[user, password], Some(basic)),
        ("", &[token], Some("Bearer t0ken-t0ken")),
        ("", &[user, password, token], Some(basic)),
        ("b%40b:p%40w@", &[token], Some("Basic YkBiOnBAdw==")),
    ] {
        let (address, heads) = server(FAILS);
        let (code, stderr) = train(at, &format!("http://{info}{address}"), variables);
        let heads = heads.lock().unwrap();
        let header = heads[0].lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("authorization").then_some(value)
        });
        assert_eq!((code, header), (2, wanted));
        assert!(heads[0].starts_with("GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=orders HTTP/1.1"));
        for secret in ["pa:ss word", "t0ken-t0ken", "p%40w", "p@w"] {
            assert!(!stderr.contains(secret), "{stderr}");
            assert!(lines(at).iter().all(|line| !line.to_string().contains(secret)));
        }
    }
    let (code, _, stderr) = run(tamis(at).args(["runs", "send", "last", "--track", "http://us:hidden@"]));
    assert!(code == 2 && !stderr.contains("hidden"), "{stderr}");
}
