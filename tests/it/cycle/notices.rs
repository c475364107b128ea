//! Who is told, and how: webhooks with a signature, GitHub, and whoever takes the accepted records.

use super::bench::{Bench, tree, turn};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value as Json;
use sha2::Sha256;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

const SECRET: &str = "not much of a secret";

struct Request {
    path: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

/// A server that answers requests with the statuses, then with 204, and passes on what it was sent.
fn listen(statuses: &'static [u16]) -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut statuses = statuses.iter();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let mut headers = HashMap::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let Some((name, value)) = line.trim_end().split_once(": ") else { break };
                headers.insert(name.to_ascii_lowercase(), value.to_owned());
            }
            let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let status = statuses.next().copied().unwrap_or(204);
            write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            if send.send(Request { path, headers, body }).is_err() {
                return;
            }
        }
    });
    (address, receive)
}

fn received(from: &Receiver<Request>) -> Vec<Request> {
    from.try_iter().collect()
}

/// What the receiver of a webhook does.
fn is_signed(request: &Request) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&request.body);
    let signature = request.headers["x-tamis-signature-256"].strip_prefix("sha256=").unwrap();
    mac.verify_slice(&data_encoding::HEXLOWER.decode(signature.as_bytes()).unwrap()).is_ok()
}

fn bench() -> Bench {
    let bench = Bench::new();
    bench.orders("2026-01-01.ndjson", 2000, 1, 0.2);
    bench.orders("2026-01-02.ndjson", 2000, 2, 0.9);
    bench
}

#[test]
fn a_webhook_is_told_and_can_check_who_tells() {
    let (url, requests) = listen(&[]);
    let bench = bench();
    let mut command = bench.cycle();
    let (code, report) = turn(command.env("TAMIS_WEBHOOK_SECRET", SECRET).arg("--webhook").arg(&url));
    assert_eq!(code, 1, "{report:#}");
    let requests = received(&requests);
    let kinds: Vec<&str> = requests.iter().map(|request| request.headers["x-tamis-event"].as_str()).collect();
    assert!(kinds.starts_with(&["tamis-retrained", "tamis-alarm"]), "{kinds:?}");
    for request in &requests {
        assert!(is_signed(request));
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["delivery"], request.headers["x-tamis-delivery"]);
        assert_eq!(
            (&body["event"], &body["at"]),
            (&request.headers["x-tamis-event"].clone().into(), &super::bench::NOW.into())
        );
        let forged =
            Request { body: [&request.body[..], b" "].concat(), headers: request.headers.clone(), path: String::new() };
        assert!(!is_signed(&forged));
    }
    let alarm: Json = serde_json::from_slice(&requests[1].body).unwrap();
    assert_eq!(alarm["findings"][0]["trigger"], "acceptance");
    // Nothing is told twice.
    let (url, again) = listen(&[]);
    assert_eq!(turn(bench.cycle().arg("--webhook").arg(&url)).0, 0);
    assert!(received(&again).is_empty());
}

/// What is not delivered stays in the outbox and comes at the next turn with the same id.
#[test]
fn a_silent_webhook_is_told_later() {
    let bench = bench();
    let (closed, _) = listen(&[404]);
    let (code, ..) = crate::common::run(bench.cycle().arg("--webhook").arg(&closed));
    assert_eq!(code, 2);
    let journal = std::fs::read_to_string(bench.state().join("journal.ndjson")).unwrap();
    let waiting = journal.matches("\"event\":\"notice\"").count();
    assert!(waiting >= 2);
    let (url, requests) = listen(&[]);
    assert_eq!(crate::common::run(bench.cycle().arg("--webhook").arg(&url)).0, 0);
    let told = received(&requests);
    assert_eq!(told.len(), waiting);
    assert!(told.iter().all(|request| journal.contains(&request.headers["x-tamis-delivery"])));
}

#[test]
fn github_gets_a_repository_dispatch() {
    let (url, requests) = listen(&[]);
    let bench = bench();
    let mut command = bench.cycle();
    command.args(["--github", "example/shop"]).env("GITHUB_API_URL", &url).env("GITHUB_TOKEN", "a token");
    assert_eq!(turn(&mut command).0, 1);
    let requests = received(&requests);
    assert!(requests.iter().all(|request| request.path == "/repos/example/shop/dispatches"));
    assert!(requests.iter().all(|request| request.headers["authorization"] == "Bearer a token"));
    let body: Json = serde_json::from_slice(&requests[1].body).unwrap();
    assert_eq!(body["event_type"], "tamis-alarm");
    assert!(body["client_payload"].as_object().unwrap().len() <= 10);
    // Without a token there is nobody to tell, and the turn says so.
    let bench = self::bench();
    let (code, _, stderr) = crate::common::run(bench.cycle().args(["--github", "example/shop"]));
    assert!(code == 2 && stderr.contains("GITHUB_TOKEN"), "{stderr}");
}

/// A program gets the path of masked records, and none of our secrets.
#[cfg(unix)]
#[test]
fn accepted_records_are_handed_over_masked() {
    use std::os::unix::fs::PermissionsExt;
    let bench = bench();
    let program = crate::common::file(
        bench.folder.path(),
        "take.sh",
        "#!/bin/sh\necho \"${TAMIS_KEY:-no key} $TAMIS_BATCH $1\" >> \"$2\"\ncat >> \"$2\"\necho >> \"$2\"\necho noise\n",
    );
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let taken = bench.folder.path().join("taken");
    let words = format!("{} --index {}", program.display(), taken.display());
    assert_eq!(turn(bench.cycle().arg("--on-accepted").arg(&words)).0, 1);
    let told = std::fs::read_to_string(&taken).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 4);
    for pair in lines.chunks(2) {
        assert!(pair[0].starts_with("no key ") && pair[0].ends_with(" --index"), "{}", pair[0]);
        let body: Json = serde_json::from_str(pair[1]).unwrap();
        let path = std::path::Path::new(body["path"].as_str().unwrap());
        let records = std::fs::read_to_string(path).unwrap();
        assert_eq!(records.lines().count() as u64, body["records"].as_u64().unwrap());
        assert!(path.starts_with(bench.state()) && records.contains("tok_") && !records.contains("@example"));
        let hash = data_encoding::HEXLOWER.encode(&<Sha256 as sha2::Digest>::digest(records.as_bytes()));
        assert_eq!(body["sha256"], hash);
    }
    // Once is enough.
    assert_eq!(turn(bench.cycle().arg("--on-accepted").arg(&words)).0, 0);
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), told);
}

#[test]
fn accepted_records_go_to_an_address_too_and_wait_for_who_refuses() {
    let bench = bench();
    let (refusing, _) = listen(&[403]);
    let (code, _, stderr) = crate::common::run(bench.cycle().arg("--on-accepted").arg(&refusing));
    assert!(code == 2 && stderr.contains("not handed over"), "{stderr}");
    let before = tree(&bench.state());
    let (url, requests) = listen(&[]);
    let mut command = bench.cycle();
    assert_eq!(crate::common::run(command.env("TAMIS_WEBHOOK_SECRET", SECRET).arg("--on-accepted").arg(&url)).0, 0);
    let requests = received(&requests);
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(is_signed));
    assert!(tree(&bench.state()).len() == before.len());
}
