//! The steps of a turn, each of which ends with a line of the journal.

use super::super::progress::say;
use super::event::{Event, Reason};
use super::inbox::{self, Waiting};
use super::story::Told;
use super::{Book, Turn, challenger, hand, judge, log, notice, send, take, window};
use crate::monitor::drift::{Drift, Plan, Reference, Window};
use crate::onnx::ContractRef;
use crate::pipeline::Sieve;
use crate::score::Model;
use anyhow::{Context, Result};

impl Turn<'_> {
    /// Takes one file of the inbox.
    pub(super) fn file(&self, book: &mut Book, file: &Waiting) -> Result<()> {
        let name = &file.seen.name;
        let content = match inbox::content(&file.path) {
            Ok(content) => content,
            Err(error) => {
                // It may be readable at the next turn, so nothing is noted.
                say(&format!("tamis: cannot read {}: {error}", file.path.display()));
                return Ok(());
            }
        };
        if book.story.contents.contains(&content.id) {
            say(&format!("tamis: {name} has the content of the batch {}, which was taken before", content.id));
            return book.write(self, Event::Again { file: file.seen.clone(), batch: content.id });
        }
        let unpacked = inbox::unpack(&file.path);
        if inbox::seen(&file.path, name).as_ref() != Some(&file.seen) {
            changed(name);
            return Ok(());
        }
        if let Err(error) = unpacked {
            let why = format!("{:#}", error.root_cause());
            say(&format!("tamis: {name} cannot be read: {why}"));
            // The notice first: once the file is known, nobody comes back to it.
            notice::unreadable(self, book, &content.id, &why)?;
            return book.write(self, Event::Unreadable { batch: content.id, file: file.seen.clone(), why });
        }
        let champion = self.champion(book)?;
        let mut sieve = self.sieve()?;
        let mut reference = None;
        // A champion for another contract scores nothing here.
        if let Some(model) = champion.filter(|model| sieve.check(model).is_ok()) {
            reference = reference_of(&model, &sieve)?;
            sieve = sieve.with_model(model)?;
        }
        let batch = take::take(self, &sieve, reference.as_ref(), &file.path, (&file.seen, &content))?;
        if inbox::seen(&file.path, name).as_ref() != Some(&file.seen) {
            let folder = self.batch(&content.id);
            std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
            changed(name);
            return Ok(());
        }
        book.write(self, Event::Taken(Box::new(batch)))
    }

    /// Brings the batch that is being worked on to its end.
    pub(super) fn finish(&self, book: &mut Book) -> Result<()> {
        while let Some(told) = book.story.current().cloned() {
            let id = &told.batch.id;
            let event = match (&told.judged, &told.trained) {
                (None, _) => {
                    let drift = self.drift(&told)?;
                    Event::Judged(Box::new(judge::judge(&book.story, &told, drift.as_ref(), &self.settings)))
                }
                (Some(judged), None) if !judged.train.is_empty() && told.untrained.is_none() => {
                    self.train(book, &told, &judged.train)?
                }
                (Some(_), Some(_)) if !told.logged => {
                    if let Err(error) = log::log(self, &told) {
                        say(&format!("tamis: the training is not tracked as it should be: {error:#}"));
                    }
                    Event::Logged { batch: id.clone() }
                }
                (Some(judged), Some(trained)) if trained.refusals.is_empty() && !told.promoted => {
                    let why: Vec<&str> = judged.train.iter().map(|why| why.name()).collect();
                    self.models.promote(&trained.model, &why.join(", "), &self.clock.now())?;
                    Event::Promoted { batch: id.clone(), model: trained.model.clone() }
                }
                _ => match notice::next(self, &book.story, &told) {
                    Some(notice) => Event::Notice(Box::new(notice)),
                    None => Event::Settled { batch: id.clone() },
                },
            };
            book.write(self, event)?;
        }
        Ok(())
    }

    /// Notes a contract or a champion that the journal does not know yet.
    pub(super) fn agree(&self, book: &mut Book) -> Result<()> {
        let contract = ContractRef {
            name: self.contract.name().to_owned(),
            version: self.contract.version().to_owned(),
            sha256: self.contract.sha256().to_owned(),
        };
        if book.story.contract.as_ref() != Some(&contract) {
            book.write(self, Event::Contract { contract })?;
        }
        let champion = self.models.champion()?;
        match champion {
            Some(model) if book.story.champion() != Some(model.as_str()) => {
                say(&format!("tamis: the champion is {} now", model.get(..8).unwrap_or_default()));
                book.write(self, Event::Adopted { model })
            }
            _ => Ok(()),
        }
    }

    /// Sends what was not sent yet, and hands over what was not handed over yet; answers what failed.
    pub(super) fn tell(&self, book: &mut Book) -> Vec<String> {
        let mut failed = Vec::new();
        send::outbox(self, book, &mut failed);
        hand::over(self, book, &mut failed);
        failed
    }

    fn champion(&self, book: &Book) -> Result<Option<Model>> {
        book.story.champion().map(|id| self.models.model(id)).transpose()
    }

    /// The comparison of a batch with the reference of the model that scored it.
    fn drift(&self, told: &Told) -> Result<Option<Drift>> {
        let Some(model) = told.batch.model.as_ref().filter(|_| told.batch.compared) else {
            return Ok(None);
        };
        let path = self.batch(&told.batch.id).join("window.json");
        let json = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let window = Window::from_json(&json).with_context(|| format!("cannot use {}", path.display()))?;
        let model = self.models.model(model)?;
        let Some(reference) = reference_of(&model, &self.sieve()?)? else {
            return Ok(None);
        };
        Ok(Some(Drift::compare(&reference, &window, &self.settings.drift)?))
    }

    /// Trains a challenger and puts it into the registry.
    fn train(&self, book: &Book, told: &Told, why: &[Reason]) -> Result<Event> {
        let batch = told.batch.id.clone();
        let sieve: Sieve = self.sieve()?;
        let plan = Plan::of(sieve.contract());
        let settings = &self.settings;
        let batches = window::chosen(&book.story, &sieve, settings.window_records, settings.window_days);
        let rows = window::read(self, &sieve, &plan, batches.clone())?;
        let champion = self.champion(book)?.filter(|champion| sieve.check(champion).is_ok());
        let made = challenger::train(self, &sieve, rows, plan, champion.as_ref(), (&batch, why))?;
        let made = match made {
            Ok(made) => made,
            Err(why) => return Ok(Event::Untrained { batch, why }),
        };
        self.models.add(self, &made, &batches)?;
        Ok(Event::Trained(Box::new(made.told)))
    }
}

/// A file that is being written is no batch yet.
fn changed(name: &str) {
    say(&format!("tamis: {name} changed while it was read, and waits"));
}

/// The reference that a model brings; none where it brings none.
fn reference_of(model: &Model, sieve: &Sieve) -> Result<Option<Reference>> {
    let Some(json) = &model.metadata().reference else {
        return Ok(None);
    };
    let reference = Reference::from_json(json.as_bytes()).context("the model's reference cannot be used")?;
    // A model cannot say its own name in what is a part of it.
    Ok(Some(reference.with_model(&format!("{}@{}", sieve.contract().name(), model.id()))))
}
