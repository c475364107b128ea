//! The way in one screen: bytes -> `Record` -> `Normalised` -> `Valid` -> `Masked` -> features -> score -> verdict.

pub(crate) mod desk;
mod examined;

pub use desk::Desk;
pub use examined::Examined;

use crate::contract::{Contract, FieldId};
use crate::features;
pub use crate::mask::BatchId;
use crate::mask::{KeyRing, Masked, Masker, is_token};
use crate::normalise::normalise;
use crate::privacy;
use crate::privacy::form::{Form, form};
use crate::quality::Summary;
use crate::record::{Frame, Limits, Record};
use crate::score::{Model, Score};
use crate::unique::{self, Part, Seen};
pub use crate::unique::{Incomparable, Overflow, TwinError, Twins};
use crate::validate::{self, Fault};
use crate::verdict::{Anomaly, Explain, Head, Status, write_tail};
use std::fmt;
use std::io;

/// A contract, a key and perhaps a model: all that it takes to judge records of one kind.
pub struct Sieve {
    contract: Contract,
    masker: Masker,
    model: Option<Model>,
    /// The model's name in verdicts: the contract's name and the first hexadecimal digits of the model's SHA-256.
    model_name: Option<String>,
    /// The ids of the keys, that of the one in force first.
    key_ids: Vec<String>,
    feature_names: Vec<String>,
    limits: Limits,
    /// Whether what a record held before the masks is noted; see [`Before`].
    noting: bool,
    /// Whether what looks like a token is one, whoever made it.
    any_tokens: bool,
}

/// A model that was made for something else than the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch(String);

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the model does not fit the contract: {}", self.0)
    }
}

impl std::error::Error for Mismatch {}

impl Sieve {
    /// A sieve that validates and masks, under a key or a ring of keys.
    #[must_use]
    pub fn new(contract: Contract, keys: impl Into<KeyRing>) -> Self {
        let ring = keys.into();
        Self {
            masker: Masker::new(&contract, &ring),
            key_ids: ring.ids(),
            feature_names: contract.feature_names().map(ToOwned::to_owned).collect(),
            contract,
            model: None,
            model_name: None,
            limits: Limits::default(),
            noting: false,
            any_tokens: false,
        }
    }

    /// Adds a model, so that the sieve scores too.
    ///
    /// # Errors
    /// [`Mismatch`], naming the difference, when the model was made for other features or another contract.
    pub fn with_model(mut self, model: Model) -> Result<Self, Mismatch> {
        self.check(&model)?;
        self.model_name = Some(format!("{}@{}", self.contract.name(), model.id()));
        self.model = Some(model);
        Ok(self)
    }

    /// Proves that a model was made for the contract and its features.
    ///
    /// # Errors
    /// [`Mismatch`], naming the difference.
    pub fn check(&self, model: &Model) -> Result<(), Mismatch> {
        fits(model, &self.contract, &self.feature_names).map_err(Mismatch)
    }

    /// Sets what one record may cost.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Has every examined record keep what it held before the masks, as an audit needs it. Nothing that a record shows
    /// depends on it.
    #[must_use]
    pub fn noting(mut self, wanted: bool) -> Self {
        self.noting = wanted;
        self
    }

    /// Has whatever is built like a token pass for one, under whichever key it was made, so that masked records can be
    /// examined without their key. Such records are good for counting: their tokens are not made anew from the values.
    #[must_use]
    pub fn taking_tokens(mut self, wanted: bool) -> Self {
        self.any_tokens = wanted;
        self
    }

    /// The contract in force.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The model in force.
    #[must_use]
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// The contract, when nothing more is to be judged.
    #[must_use]
    pub fn into_contract(self) -> Contract {
        self.contract
    }

    /// The model's name in verdicts, such as `orders@3f9a1c22`.
    #[must_use]
    pub fn model_name(&self) -> Option<&str> {
        self.model_name.as_deref()
    }

    /// The score above which the model flags, in (0, 1); none without a model, or where it is no forest.
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        Some(-self.model.as_ref()?.forest()?.offset())
    }

    /// A summary as `summary.json` has it; `anomaly_rate` is measured on rows that the model was not trained on.
    #[must_use]
    pub fn summary_json(&self, summary: &Summary, anomaly_rate: Option<f64>) -> serde_json::Value {
        summary.json(&self.contract, self.model_name(), self.threshold(), anomaly_rate)
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The ids of the keys, that of the one in force first.
    #[must_use]
    pub fn key_ids(&self) -> &[String] {
        &self.key_ids
    }

    /// The batch of a name: pseudonyms of the scope `batch` are equal in all that is masked under it.
    #[must_use]
    pub fn batch_named(&self, name: &str) -> BatchId {
        self.masker.batch(Some(name), &[])
    }

    /// The batch that begins with this record, for a batch without a name: the same input gives the same tokens.
    #[must_use]
    pub fn batch_beginning(&self, first: &[u8]) -> BatchId {
        self.masker.batch(None, first)
    }

    pub(crate) fn masker(&self) -> &Masker {
        &self.masker
    }

    /// Takes one record the whole way up to its features. Nothing here depends on any other record, so any number of
    /// threads may do it at once; `desk` holds buffers that are used again.
    pub fn examine(&self, frame: Frame<'_>, desk: &mut Desk) -> Examined {
        let line = frame.line;
        if let Some(malformed) = frame.fault {
            return Examined::malformed(line, Fault::Malformed(malformed));
        }
        let record = match Record::parse_into(std::mem::take(&mut desk.doc), frame.bytes, self.limits) {
            Ok(record) => record,
            Err((malformed, doc)) => {
                desk.doc = doc;
                return Examined::malformed(line, Fault::Malformed(malformed));
            }
        };
        let salts = self.masker.salts(desk.batch, line, frame.bytes);
        let tokens = |field: FieldId, text: &str| self.masker.made(field, text) || (self.any_tokens && is_token(text));
        let mut before = self.noting.then(|| desk.before.take().unwrap_or_default());
        if let Some(before) = &mut before {
            before.read.clear();
            before.read.extend_from_slice(record.0.nodes());
        }
        let normalised = normalise(record, &self.contract, &tokens, std::mem::take(&mut desk.slots));
        let (checked, valid) = match validate::check(normalised, &self.contract) {
            Ok(valid) => (valid.into_checked(), true),
            Err(invalid) => (invalid.into_checked(), false),
        };
        if let Some(before) = &mut before {
            before.checked.clear();
            before.checked.extend_from_slice(checked.doc.nodes());
        }
        let part = |field: FieldId| Part::of(&checked.doc, checked.doc.usable(*checked.slots.get(field.0)?)?);
        let keys = unique::keys(&self.contract, &self.masker, part);
        let mut masked = self.masker.mask(checked, &self.contract, salts.as_ref());
        let violations = std::mem::take(&mut masked.violations);
        let mut row = Vec::new();
        if valid {
            features::row(&masked, &self.contract, &mut row);
        }
        Examined { line, record: Some(masked), violations, valid, keys, row, before }
    }

    /// What a record looks like before anything is done to it; none where the bytes are no record.
    #[must_use]
    pub fn form(&self, frame: Frame<'_>) -> Option<Form> {
        let parsed = frame.fault.is_none().then(|| Record::parse(frame.bytes, self.limits))?;
        parsed.ok().map(|record| form(&record.0, &self.contract))
    }

    /// Takes a record that was masked before as it stands: it is not checked, repaired or masked again. One that looks
    /// raw (see [`crate::privacy`]) is held back, unless `told` says that the caller answers for it.
    pub fn adopt(&self, frame: Frame<'_>, desk: &mut Desk, told: bool) -> Examined {
        let line = frame.line;
        let parsed = match frame.fault {
            Some(malformed) => Err(malformed),
            None => {
                Record::parse_into(std::mem::take(&mut desk.doc), frame.bytes, self.limits).map_err(|(fault, doc)| {
                    desk.doc = doc;
                    fault
                })
            }
        };
        let doc = match parsed {
            Ok(record) => record.0,
            Err(malformed) => return Examined::malformed(line, Fault::Malformed(malformed)),
        };
        let mut examined =
            Examined { record: None, violations: Vec::new(), ..Examined::malformed(line, Fault::UnknownField) };
        if !told && form(&doc, &self.contract) == Form::Raw {
            desk.doc = doc;
            return examined;
        }
        // Where the masks keep what is equal, a record that comes twice is told here too.
        let part = |field: FieldId| {
            let field = self.contract.field(field);
            let id = privacy::node(&field.pointer, &doc).filter(|_| field.mask.keeps_equality())?;
            Part::of(&doc, doc.value(id))
        };
        examined.keys = unique::keys(&self.contract, &self.masker, part);
        examined.valid = true;
        examined.record = Some(Masked::adopted(doc));
        examined
    }

    /// Scores an accepted record, counts it, and writes the finished verdict; gives its status and its score.
    pub fn conclude(
        &self,
        examined: &Examined,
        source: Option<&str>,
        explain: Explain,
        summary: &mut Summary,
        out: &mut Vec<u8>,
    ) -> (Status, Option<Score>) {
        let status = self.head(examined, source, summary, out);
        let anomaly = match self.doubles(examined) {
            Some(row) => self.tail_of_doubles(&row, explain, out),
            None => self.tail(examined.row(), explain, out),
        };
        if let Some(anomaly) = &anomaly {
            summary.score(anomaly.score);
        }
        (status, anomaly.map(|anomaly| anomaly.score))
    }

    /// Counts a record and writes its verdict up to the anomaly, for when the model is yet to be trained.
    pub fn head(&self, examined: &Examined, source: Option<&str>, summary: &mut Summary, out: &mut Vec<u8>) -> Status {
        let status = examined.status();
        summary.record(&self.contract, status, examined.record.as_ref(), &examined.violations);
        let head = Head {
            line: examined.line,
            source,
            status,
            record: examined.record.as_ref(),
            violations: &examined.violations,
        };
        head.write(&self.contract, out);
        status
    }

    /// Finishes a verdict that [`Sieve::head`] began, from the record's features; none for a rejected record.
    pub fn tail(&self, row: Option<&[f32]>, explain: Explain, out: &mut Vec<u8>) -> Option<Anomaly> {
        let anomaly =
            row.zip(self.model.as_ref()).and_then(|(row, model)| explain.anomaly(model, &self.feature_names, row));
        write_tail(anomaly.as_ref(), self.model_name(), out);
        anomaly
    }

    /// The features of an accepted record in 64 bits, where the model takes more than 32.
    pub(crate) fn doubles(&self, examined: &Examined) -> Option<Vec<f64>> {
        let wide = self.model.as_ref().is_some_and(Model::is_wide);
        wide.then(|| examined.doubles(&self.contract)).flatten()
    }

    /// As [`Sieve::tail`], from features in 64 bits.
    pub(crate) fn tail_of_doubles(&self, row: &[f64], explain: Explain, out: &mut Vec<u8>) -> Option<Anomaly> {
        let model = self.model.as_ref();
        let anomaly = model.and_then(|model| explain.anomaly_of_doubles(model, &self.feature_names, row));
        write_tail(anomaly.as_ref(), self.model_name(), out);
        anomaly
    }
}

/// Names the difference between what a model was made for and a contract.
fn fits(model: &Model, contract: &Contract, names: &[String]) -> Result<(), String> {
    let metadata = model.metadata();
    if model.columns() != names.len() {
        return Err(format!("it takes {} features, the contract has {}", model.columns(), names.len()));
    }
    for (index, (theirs, ours)) in metadata.features.iter().zip(names).enumerate() {
        if theirs != ours {
            return Err(format!("its feature {} is {theirs}, the contract's is {ours}", index + 1));
        }
    }
    match &metadata.contract {
        Some(made) if made.sha256 != contract.sha256() => Err(format!(
            "it was trained under {} {} (SHA-256 {}), this is {} {} (SHA-256 {})",
            made.name,
            made.version,
            made.sha256.get(..8).unwrap_or_default(),
            contract.name(),
            contract.version(),
            contract.sha256().get(..8).unwrap_or_default(),
        )),
        _ => Ok(()),
    }
}

/// What the records of one batch hold in common: the keys that may stand only once.
///
/// By default they are held in memory, however many they are.
#[derive(Default)]
pub struct Batch {
    seen: Seen,
}

impl Batch {
    /// A batch that holds at most so many keys in memory, at 16 bytes and a half each, and the others in `overflow`.
    #[must_use]
    pub fn with_overflow(most: usize, overflow: Box<dyn Overflow>) -> Self {
        Self { seen: Seen::with_overflow(most, overflow) }
    }

    /// Fetches from memory what [`Batch::admit`] will look at; it decides nothing.
    pub fn warm(&self, examined: &[Examined]) {
        let keys = examined.iter().flat_map(|examined| &examined.keys);
        std::hint::black_box(keys.fold(0, |all, key| all ^ self.seen.warm(key.digest)));
    }

    /// Admits records in their order: the first accepted one holds a unique key, a rejected one claims none.
    ///
    /// # Errors
    /// What `overflow` fails with; never without one.
    pub fn admit(&mut self, examined: &mut Examined) -> io::Result<()> {
        for at in 0..examined.keys.len() {
            if let Some(key) = examined.keys.get(at).copied()
                && self.seen.contains(key.digest)?
            {
                examined.duplicate(key.index, key.field);
            }
        }
        if examined.valid {
            for key in &examined.keys {
                self.seen.insert(key.digest)?;
            }
        }
        Ok(())
    }
}
