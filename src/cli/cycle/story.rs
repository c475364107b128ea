//! What the journal's events add up to.

use super::clock;
use super::event::{Batch, Entry, Event, Judged, Notice, Trained};
use crate::monitor::control::{MOST_BATCHES, Past};
use crate::monitor::drift::Hysteresis;
use crate::monitor::trigger::Trigger;
use crate::onnx::ContractRef;
use std::collections::{HashMap, HashSet, VecDeque};

/// Batches that are remembered with all that was found in them: what a page shows, and a training window of a year.
pub(super) const KEPT: usize = 400;

/// A batch and what became of it.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a step that was taken or not")]
pub(super) struct Told {
    pub(super) batch: Batch,
    pub(super) judged: Option<Judged>,
    pub(super) trained: Option<Trained>,
    pub(super) untrained: Option<String>,
    pub(super) logged: bool,
    pub(super) promoted: bool,
    pub(super) settled: bool,
    pub(super) handed: bool,
}

impl Told {
    pub(super) fn fired(&self, trigger: Trigger) -> bool {
        self.judged
            .iter()
            .flat_map(|judged| &judged.findings)
            .any(|finding| finding.trigger == trigger && finding.fired)
    }

    pub(super) fn is_alarm(&self) -> bool {
        Trigger::ALL.into_iter().any(|trigger| trigger.is_alarm() && self.fired(trigger))
    }
}

/// A champion in its time.
#[derive(Clone, Debug)]
pub(super) struct Reign {
    pub(super) model: String,
    /// The moment of the batch after which it came.
    pub(super) from: String,
    /// How it was measured; none where somebody else promoted it.
    pub(super) trained: Option<Trained>,
}

/// Everything that is known.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) opened: bool,
    pub(super) contract: Option<ContractRef>,
    /// The latest batches, the oldest first.
    pub(super) batches: VecDeque<Told>,
    /// How many there were in all, and the records of all.
    pub(super) taken: u64,
    pub(super) unreadable: Vec<(String, String, String)>,
    /// Contents that were seen.
    pub(super) contents: HashSet<String>,
    /// Files that were seen, by name: their length and when they were changed.
    pub(super) files: HashMap<String, (u64, u64)>,
    pub(super) reigns: Vec<Reign>,
    /// The hysteresis of the drift trigger as it stands.
    pub(super) hysteresis: Hysteresis,
    pub(super) acceptance: VecDeque<Past>,
    pub(super) anomaly: VecDeque<Past>,
    /// Accepted records since the last training, and the moment of that.
    pub(super) since: u64,
    pub(super) last_training: Option<String>,
    /// Notices that a target did not take yet, with the targets that remain.
    pub(super) outbox: VecDeque<Notice>,
    /// Notices of the latest batch, so that none is written twice.
    noticed: HashSet<String>,
}

impl Story {
    /// A story in which drift is decided like this.
    pub(super) fn new(hysteresis: Hysteresis) -> Self {
        Self { hysteresis, ..Self::default() }
    }

    pub(super) fn champion(&self) -> Option<&str> {
        self.reigns.last().map(|reign| reign.model.as_str())
    }

    /// The batch that is being worked on: the last one, until it is settled.
    pub(super) fn current(&self) -> Option<&Told> {
        self.batches.back().filter(|told| !told.settled)
    }

    pub(super) fn is_noticed(&self, delivery: &str) -> bool {
        self.noticed.contains(delivery)
    }

    /// Batches whose accepted records nobody was given yet.
    pub(super) fn unhanded(&self) -> impl Iterator<Item = &Batch> {
        self.batches.iter().filter(|told| !told.handed && told.settled).map(|told| &told.batch)
    }

    /// Takes the next event.
    pub(super) fn take(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Opened { .. } => self.opened = true,
            Event::Contract { contract } => self.begin(contract),
            Event::Adopted { model } => self.crown(model, &entry.at, None),
            Event::Rebased => {
                rebase(&mut self.acceptance);
                rebase(&mut self.anomaly);
            }
            Event::Taken(batch) => self.taken(batch),
            Event::Again { file, .. } => {
                self.files.insert(file.name.clone(), (file.bytes, file.modified));
            }
            Event::Unreadable { batch, file, why } => {
                self.files.insert(file.name.clone(), (file.bytes, file.modified));
                self.contents.insert(batch.clone());
                self.unreadable.push((batch.clone(), file.name.clone(), why.clone()));
            }
            Event::Judged(judged) => self.judged(judged),
            Event::Trained(trained) => {
                self.close_training();
                if let Some(told) = self.batches.back_mut() {
                    told.trained = Some((**trained).clone());
                }
            }
            Event::Untrained { why, .. } => {
                self.close_training();
                if let Some(told) = self.batches.back_mut() {
                    told.untrained = Some(why.clone());
                }
            }
            Event::Logged { .. } => {
                if let Some(told) = self.batches.back_mut() {
                    told.logged = true;
                }
            }
            Event::Promoted { model, .. } => self.promoted(model, &entry.at),
            Event::Settled { .. } => {
                if let Some(told) = self.batches.back_mut() {
                    told.settled = true;
                }
            }
            Event::Notice(notice) => {
                self.noticed.insert(notice.delivery.clone());
                self.outbox.push_back((**notice).clone());
            }
            Event::Delivered { delivery, target } => {
                for notice in self.outbox.iter_mut().filter(|notice| notice.delivery == *delivery) {
                    notice.targets.retain(|left| left != target);
                }
                self.outbox.retain(|notice| !notice.targets.is_empty());
            }
            Event::Handed { batch } => {
                for told in self.batches.iter_mut().filter(|told| told.batch.id == *batch) {
                    told.handed = true;
                }
            }
        }
    }

    /// Under another contract other records are accepted, and other features are drawn from them.
    fn begin(&mut self, contract: &ContractRef) {
        self.contract = Some(contract.clone());
        self.acceptance.clear();
        self.anomaly.clear();
        self.hysteresis.reset();
    }

    fn taken(&mut self, batch: &Batch) {
        self.taken += 1;
        self.since += batch.accepted();
        self.contents.insert(batch.id.clone());
        self.files.insert(batch.file.name.clone(), (batch.file.bytes, batch.file.modified));
        self.noticed.clear();
        self.batches.push_back(Told {
            batch: batch.clone(),
            judged: None,
            trained: None,
            untrained: None,
            logged: false,
            promoted: false,
            settled: false,
            handed: false,
        });
        // What nobody was handed yet is kept, or it never would be.
        while self.batches.len() > KEPT && self.batches.front().is_some_and(|told| told.handed || told.settled) {
            self.batches.pop_front();
        }
    }

    fn judged(&mut self, judged: &Judged) {
        let Some(told) = self.batches.back_mut() else {
            return;
        };
        told.judged = Some(judged.clone());
        let (refused, flagged) = (told.batch.refused, told.batch.flagged);
        let alarmed = |told: &Told, trigger| told.fired(trigger);
        let acceptance = Past { observed: refused, alarmed: alarmed(told, Trigger::Acceptance) };
        let anomaly = flagged.map(|observed| Past { observed, alarmed: alarmed(told, Trigger::Anomaly) });
        if refused.records > 0 {
            push(&mut self.acceptance, acceptance);
        }
        if let Some(anomaly) = anomaly.filter(|anomaly| anomaly.observed.records > 0) {
            push(&mut self.anomaly, anomaly);
        }
        if let Some(verdict) = judged.drift {
            self.hysteresis.see(verdict);
        }
    }

    fn close_training(&mut self) {
        self.since = 0;
        self.last_training = self.batches.back().map(|told| told.batch.moment.clone());
    }

    fn promoted(&mut self, model: &str, at: &str) {
        let told = self.batches.back_mut();
        let (moment, trained) = match told {
            Some(told) => {
                told.promoted = true;
                (told.batch.moment.clone(), told.trained.clone())
            }
            None => (at.to_owned(), None),
        };
        self.crown(model, &moment, trained);
    }

    /// Another model flags other records, and was trained on others: what the one before showed says nothing of it.
    fn crown(&mut self, model: &str, from: &str, trained: Option<Trained>) {
        self.hysteresis.reset();
        self.anomaly.clear();
        if let Some(trained) = &trained {
            for observed in trained.flagged.iter().filter(|observed| observed.records > 0) {
                push(&mut self.anomaly, Past { observed: *observed, alarmed: false });
            }
        }
        self.reigns.push(Reign { model: model.to_owned(), from: from.to_owned(), trained });
    }

    /// Days from the last training to a moment; none without a training, or where a moment is none.
    pub(super) fn last_training_seconds(&self) -> Option<i64> {
        clock::read(self.last_training.as_deref()?)
    }
}

/// Keeps the latest batches that alarmed, as ordinary ones.
fn rebase(past: &mut VecDeque<Past>) {
    let kept = past.iter().rev().take_while(|batch| batch.alarmed).count();
    past.drain(..past.len() - kept);
    for batch in past {
        batch.alarmed = false;
    }
}

fn push(past: &mut VecDeque<Past>, batch: Past) {
    past.push_back(batch);
    while past.len() > MOST_BATCHES {
        past.pop_front();
    }
}
