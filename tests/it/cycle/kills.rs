//! A cycle that is killed at any point and run again comes to the same end, to the byte.

use super::bench::{Bench, same};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ARGUMENTS: [&str; 4] = ["--new-records", "500", "--cooldown", "0"];

/// A cycle that works in a folder of its own: the paths that it notes are the same in all of them.
fn cycle(bench: &Bench, folder: &Path) -> Command {
    std::fs::create_dir_all(folder).unwrap();
    let mut command = bench.cycle_in(Path::new("state"));
    command.current_dir(folder).args(ARGUMENTS).args(["--track", "state"]);
    command
}

#[test]
fn killed_anywhere_it_ends_the_same() {
    let bench = Bench::new();
    for (day, defects) in (1..=6).zip([0.2, 0.2, 0.8, 0.2, 0.25, 0.2]) {
        bench.orders(&format!("2026-01-{day:02}.ndjson"), 700, day, defects);
    }
    bench.put("2026-01-04b.csv.gz", b"\x1f\x8bno gzip at all");
    let begun = Instant::now();
    let whole = bench.folder.path().join("whole");
    cycle(&bench, &whole).output().unwrap();
    let takes = begun.elapsed();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let rounds = std::env::var("TAMIS_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let mut kills = 0;
    for round in 0..rounds {
        let state = bench.folder.path().join(format!("killed-{round}"));
        for _ in 0..400 {
            let mut child = cycle(&bench, &state).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // Mostly early in what is left to do, so that one state is killed many times.
            let micros = takes.as_micros() as u64 / 4;
            std::thread::sleep(Duration::from_micros(random.next_u64() % micros.max(1)));
            if child.try_wait().unwrap().is_some() {
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
        }
        cycle(&bench, &state).output().unwrap();
        same(&whole, &state);
    }
    println!("{kills} kills in {rounds} rounds; a whole turn takes {takes:?}");
    assert!(kills > rounds, "{kills}");
}

/// A line that was not written to its end never happened.
#[test]
fn a_torn_line_of_the_journal_is_written_again() {
    let bench = Bench::new();
    bench.orders("2026-01-01.ndjson", 700, 1, 0.2);
    let whole = bench.folder.path().join("whole");
    cycle(&bench, &whole).output().unwrap();
    let journal = std::fs::read(whole.join("state/journal.ndjson")).unwrap();
    let torn = bench.folder.path().join("torn");
    for cut in (journal.len() / 2..journal.len()).step_by(journal.len() / 12) {
        let _ = std::fs::remove_dir_all(&torn);
        copy(&whole, &torn);
        std::fs::write(torn.join("state/journal.ndjson"), &journal[..cut]).unwrap();
        cycle(&bench, &torn).output().unwrap();
        same(&whole, &torn);
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
