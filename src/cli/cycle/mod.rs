//! `tamis cycle`: one turn of the lifecycle over a folder of new batches.
//!
//! What happened is a journal, a line an event; the state is what its lines add up to ([`story`]), and the next step
//! follows from the state alone. A step first makes its effects, which are the same however often they are made: files
//! in a batch's own folder, a version under the hash of its content, a promotion of what is promoted already. Then it
//! writes its line. So a process that is killed at any point and started again comes to the same end.

mod challenger;
mod clock;
mod event;
mod hand;
mod inbox;
mod journal;
mod judge;
mod log;
mod models;
mod notice;
mod send;
mod settings;
mod show;
mod step;
mod story;
mod take;
mod window;

use super::args::{CycleArgs, InputFormat, Records};
use super::progress::say;
use super::track::Lineage;
use super::{End, key, setup, stop};
use crate::contract::Contract;
use crate::mask::KeyRing;
use crate::pipeline::Sieve;
use anyhow::{Context, Result, bail};
use clock::Clock;
use event::{Entry, Event};
use journal::Journal;
use models::Models;
use settings::Settings;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use story::Story;

/// A file that was changed more recently than this waits while somebody watches: it may be in the midst of being written.
const SETTLING: Duration = Duration::from_secs(2);
/// Memory for finding duplicates within a batch.
const MEMORY: usize = 64 << 20;

/// All that a turn works with.
struct Turn<'t> {
    args: &'t CycleArgs,
    settings: Settings,
    clock: Clock,
    pool: &'t rayon::ThreadPool,
    contract: Contract,
    keys: KeyRing,
    models: Models,
}

/// The seconds of a moment that `--now` takes.
pub(super) fn moment(text: &str) -> Option<i64> {
    clock::read(text)
}

pub(super) fn cycle(args: &CycleArgs) -> Result<End> {
    if args.watch {
        stop::be_patient();
    }
    let settings = Settings::of(args)?;
    let state = &args.state;
    std::fs::create_dir_all(state).with_context(|| format!("cannot make the folder {}", state.display()))?;
    // Held until the process ends, however it ends.
    let _lock = lock(state)?;
    let contract = setup::contract(args.contract.as_deref())?;
    for warning in contract.warnings() {
        say(&format!("tamis: {warning}"));
    }
    let threads = args.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("cannot start threads")?;
    let models =
        Models::open(&args.registry.clone().unwrap_or_else(|| state.join("models")), args.public_key.as_deref())?;
    let clock = args.now.clone().map_or(Clock::System, Clock::At);
    let keys = key::find(args.key_file.as_deref())?;
    let turn = Turn { args, settings, clock, pool: &pool, contract, keys, models };
    let mut book = Book::open(&turn)?;
    if args.rebase {
        book.write(&turn, Event::Rebased)?;
    }
    let mut end = turn.once(&mut book, args.watch.then_some(SETTLING))?;
    while args.watch && !stop::requested() {
        pause(args.every);
        if !stop::requested() {
            end = turn.once(&mut book, Some(SETTLING))?;
        }
    }
    Ok(if args.watch { End::Done } else { end })
}

/// The journal, and what it adds up to.
struct Book {
    journal: Journal,
    story: Story,
}

impl Book {
    fn open(turn: &Turn<'_>) -> Result<Self> {
        let state = &turn.args.state;
        let mut story = Story::new(turn.settings.hysteresis.clone());
        let journal = Journal::open(&state.join("journal.ndjson"), &mut |entry| story.take(&entry))?;
        let mut book = Self { journal, story };
        if !book.story.opened {
            book.write(turn, Event::Opened { format: event::FORMAT.to_owned() })?;
        }
        // What a killed process was writing is made again.
        sweep(state);
        Ok(book)
    }

    /// Writes an event and takes it into the story.
    fn write(&mut self, turn: &Turn<'_>, event: Event) -> Result<()> {
        let entry = Entry { at: turn.clock.now(), event };
        self.journal.append(&entry)?;
        self.story.take(&entry);
        Ok(())
    }
}

impl Turn<'_> {
    /// The folder of a batch.
    fn batch(&self, id: &str) -> PathBuf {
        self.args.state.join("batches").join(id)
    }

    /// A sieve under the contract and the keys in force, without a model.
    fn sieve(&self) -> Result<Sieve> {
        let Ok(contract) = Contract::load(self.contract.source()) else {
            bail!("the contract does not load again");
        };
        Ok(Sieve::new(contract, &self.keys))
    }

    /// One turn: what was begun is ended, then every new file is taken.
    fn once(&self, book: &mut Book, settled: Option<Duration>) -> Result<End> {
        let before = book.story.taken;
        let lines = book.story.unreadable.len();
        let begun = book.story.current().is_some();
        self.finish(book)?;
        self.agree(book)?;
        let (files, waiting) = inbox::look(&self.args.inbox, &book.story, settled)?;
        for file in files {
            if stop::requested() {
                break;
            }
            self.file(book, &file)?;
            self.finish(book)?;
        }
        let untold = self.tell(book);
        let news = show::News {
            story: &book.story,
            taken: usize::try_from(book.story.taken - before).unwrap_or(usize::MAX) + usize::from(begun),
            unreadable: book.story.unreadable.get(lines..).unwrap_or_default(),
            waiting: &waiting,
            untold: &untold,
        };
        show::page(self, &news)?;
        if !self.args.watch || news.is_any() {
            show::print(self, &news)?;
        }
        show::end(&news)
    }
}

/// One file to be read under the contract in force.
fn records(input: PathBuf, format: Option<InputFormat>) -> Records {
    Records {
        inputs: vec![input],
        contract: None,
        key_file: None,
        format,
        threads: None,
        batch_id: None,
        memory_budget: MEMORY,
        json: false,
        lineage: Lineage::default(),
    }
}

/// Keeps a second cycle out of the same state.
fn lock(state: &Path) -> Result<File> {
    let path = state.join("lock");
    let name = path.display();
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).open(&path);
    let file = file.with_context(|| format!("cannot write {name}"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("another tamis cycle works on {}", state.display()),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {name}")),
    }
}

/// Removes what a killed process left half written: our own temporary files, in our own folder.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sweep(&path);
        } else if name.starts_with(".tamis-") && path.extension().is_some_and(|end| end == "tmp") {
            // One that cannot be removed does no harm.
            let _ = std::fs::remove_file(&path);
        }
    }
}

/// Waits, unless somebody asks to stop.
fn pause(seconds: u64) {
    let step = Duration::from_millis(100);
    for _ in 0..seconds.saturating_mul(10) {
        if stop::requested() {
            return;
        }
        std::thread::sleep(step);
    }
}

/// Bytes in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}
