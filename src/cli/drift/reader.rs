//! Sides of a comparison -> counters.

use super::side::{Run, Side};
use crate::builtin;
use crate::cli::args::{DriftArgs, Records};
use crate::cli::{batch, key, model, progress, registry, setup};
use crate::mask::KeyRing;
use crate::monitor::drift::{Counter, Gather, Plan, Reference, Window};
use crate::pipeline::{Examined, Sieve};
use crate::score::{Model, Score};
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Reads both sides through one sieve, which is made when records come.
pub(super) struct Reader<'a> {
    args: &'a DriftArgs,
    /// What scores, where something does.
    model: Option<Model>,
    sieve: Option<(Sieve, rayon::ThreadPool)>,
}

/// How many records a side has where only the accepted ones are at hand.
#[derive(Clone, Copy)]
enum Told {
    All,
    Run { records: u64, accepted: u64 },
}

impl<'a> Reader<'a> {
    pub(super) fn new(args: &'a DriftArgs) -> Self {
        Self { args, model: None, sieve: None }
    }

    /// The reference that a path holds.
    pub(super) fn reference(&mut self, path: &Path) -> Result<Reference> {
        if let Some(given) = &self.args.model {
            self.model = Some(model::load(given, &self.args.trust)?);
        }
        let reference = match Side::of(path)? {
            Side::Counters(bytes) => {
                Reference::from_json(&bytes).with_context(|| format!("cannot use {}", path.display()))?
            }
            Side::Model(file) => {
                let model = model::load(&file, &self.args.trust)?;
                let reference = brought(&model, &file)?.with_context(|| {
                    format!("{} brings no reference: train it anew, or compare with records", file.display())
                })?;
                self.model.get_or_insert(model);
                reference
            }
            Side::Run(run) => self.of_run(&run)?,
            Side::Records => self.gathered(path, Told::All)?,
        };
        Ok(reference)
    }

    /// What a run trained on, if it did; else what it accepted.
    fn of_run(&mut self, run: &Run) -> Result<Reference> {
        let (records, accepted) = run.counts;
        if let Some(file) = &run.model {
            let model = model::load(file, &self.args.trust)?;
            let reference = brought(&model, file)?;
            self.model.get_or_insert(model);
            // A run that was given its model carries what that one was trained on.
            let own = |reference: &Reference| (reference.records(), reference.accepted()) == (records, accepted);
            if let Some(reference) = reference.filter(own) {
                return Ok(reference);
            }
        }
        self.gathered(&run.accepted, Told::Run { records, accepted })
    }

    /// The counters of a path in the bins of a reference.
    pub(super) fn window(&mut self, path: &Path, reference: &Reference) -> Result<Window> {
        match Side::of(path)? {
            Side::Counters(bytes) => {
                let window = Window::from_json(&bytes);
                window.with_context(|| format!("cannot use {}", path.display()))
            }
            Side::Model(file) => bail!("{} is a model: only the reference can be one", file.display()),
            Side::Run(run) => {
                let (records, accepted) = run.counts;
                self.counted(&run.accepted, reference, Told::Run { records, accepted })
            }
            Side::Records => self.counted(path, reference, Told::All),
        }
    }

    fn gathered(&mut self, path: &Path, told: Told) -> Result<Reference> {
        let args = self.args;
        let (sieve, pool) = self.sieve(None)?;
        let plan = Plan::of(sieve.contract());
        let mut gather = Gather::new(&plan);
        let each = |examined: &Examined, part: &mut Option<Gather>| {
            part.get_or_insert_with(|| Gather::new(&plan)).push(&plan, examined, score(sieve, examined));
        };
        read(&args.records, path, sieve, pool, each, |part| {
            gather.merge(part);
            Ok(())
        })?;
        if gather.accepted() == 0 {
            bail!(
                "no record of {} is accepted under the contract {}, so there is nothing to compare with (`tamis validate` \
                 says why)",
                path.display(),
                sieve.contract().name()
            );
        }
        if let Some(records) = told.records(gather.accepted(), path) {
            gather.tell(records);
        }
        Ok(Reference::of(&gather, &plan, sieve.model_name()))
    }

    fn counted(&mut self, path: &Path, reference: &Reference, told: Told) -> Result<Window> {
        let args = self.args;
        let (sieve, pool) = self.sieve(Some(reference))?;
        let counter = Counter::of(reference, sieve.contract())
            .and_then(|counter| counter.with_model(sieve.model_name()))
            .with_context(|| format!("cannot count {}", path.display()))?;
        let mut window = counter.window();
        let each = |examined: &Examined, part: &mut Option<Window>| {
            let window = part.get_or_insert_with(|| counter.window());
            counter.count(window, examined, score(sieve, examined));
        };
        read(&args.records, path, sieve, pool, each, |part| Ok(window.merge(&part)?))?;
        if window.records() == 0 {
            bail!("there is no record in {}", path.display());
        }
        if let Some(records) = told.records(window.accepted(), path) {
            window.tell(records);
        }
        Ok(window)
    }

    /// The sieve for both sides, with the model where it fits what the reference was scored by.
    fn sieve(&mut self, reference: Option<&Reference>) -> Result<(&Sieve, &rayon::ThreadPool)> {
        if self.sieve.is_none() {
            let records = &self.args.records;
            // For counting any key will do: no record is written.
            let key = match key::lasting(records.key_file.as_deref())? {
                Some(key) => key,
                None => KeyRing::from(&key::fresh()?),
            };
            let (sieve, pool) = setup::sieve_under(records, Some(&key))?;
            let sieve = self.scoring(sieve.taking_tokens(true), reference)?;
            self.sieve = Some((sieve, pool));
        }
        let (sieve, pool) = self.sieve.as_ref().context("there is no contract")?;
        Ok((sieve, pool))
    }

    fn scoring(&mut self, sieve: Sieve, reference: Option<&Reference>) -> Result<Sieve> {
        let (model, named) = match self.model.take() {
            Some(model) => (model, true),
            // Nobody signed the built-in one.
            None if sieve.contract().source() == builtin::CONTRACT
                && registry::configured(self.args.trust.public_key.as_deref())?.is_none() =>
            {
                (Model::from_onnx(builtin::MODEL)?, false)
            }
            None => return Ok(sieve),
        };
        let name = format!("{}@{}", sieve.contract().name(), model.id());
        let other = reference.is_some_and(|known| known.scores().is_none() || known.model() != Some(name.as_str()));
        // The built-in model is but a guess.
        if !named && other {
            return Ok(sieve);
        }
        sieve
            .with_model(model)
            .context("cannot score the records (--contract names the contract that the reference was made under)")
    }
}

impl Told {
    /// The count of records to be told, with a word where not all of a run's records could be read again.
    fn records(self, found: u64, path: &Path) -> Option<u64> {
        let Self::Run { records, accepted } = self else { return None };
        if found < accepted {
            progress::say(&format!(
                "tamis: only {found} of the {accepted} records in {} are accepted when they are read again: was it masked \
                 under another contract?",
                path.display()
            ));
        }
        Some(records.max(found))
    }
}

fn score(sieve: &Sieve, examined: &Examined) -> Option<Score> {
    let model = sieve.model()?;
    match sieve.doubles(examined) {
        Some(row) => model.score_doubles(&row).ok()?.first().copied(),
        None => model.score(examined.row()?).ok(),
    }
}

/// The reference that a model brings, under the name that verdicts call the model by.
fn brought(model: &Model, path: &Path) -> Result<Option<Reference>> {
    let Some(json) = &model.metadata().reference else { return Ok(None) };
    let reference = Reference::from_json(json.as_bytes());
    let reference = reference.with_context(|| format!("cannot use the reference of {}", path.display()))?;
    let name = format!("{}@{}", reference.contract().name, model.id());
    Ok(Some(reference.with_model(&name)))
}

/// Reads the records of one path; each path is a batch of its own.
fn read<P: Send>(
    records: &Records,
    path: &Path,
    sieve: &Sieve,
    pool: &rayon::ThreadPool,
    each: impl Fn(&Examined, &mut Option<P>) + Sync,
    mut take: impl FnMut(P) -> Result<()>,
) -> Result<()> {
    let records = Records { inputs: vec![path.to_owned()], ..records.clone() };
    batch::run(
        &records,
        sieve,
        pool,
        "reading",
        |examined, _, part: &mut batch::Part<Option<P>>| each(examined, &mut part.made),
        |part| part.map_or(Ok(()), &mut take),
    )?;
    Ok(())
}
