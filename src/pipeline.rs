//! The way in one screen: bytes -> `Record` -> `Normalised` -> `Valid` -> `Masked` -> features -> score -> verdict.

use crate::contract::{Contract, FieldId};
use crate::features;
use crate::mask::{Key, Masked, Masker};
use crate::normalise::normalise;
use crate::quality::Summary;
use crate::record::document::{Document, NodeId};
use crate::record::{Frame, Limits, Record};
use crate::score::{Model, Score};
use crate::unique::{self, Key as UniqueKey, Part, Seen};
pub use crate::unique::{Incomparable, Overflow, TwinError, Twins};
use crate::validate::{self, Fault, Place, Violation};
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
    feature_names: Vec<String>,
    limits: Limits,
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
    /// A sieve that validates and masks.
    #[must_use]
    pub fn new(contract: Contract, key: &Key) -> Self {
        Self {
            masker: Masker::new(&contract, key),
            feature_names: contract.feature_names().map(ToOwned::to_owned).collect(),
            contract,
            model: None,
            model_name: None,
            limits: Limits::default(),
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
        let normalised = normalise(record, &self.contract, std::mem::take(&mut desk.slots));
        let (checked, valid) = match validate::check(normalised, &self.contract) {
            Ok(valid) => (valid.into_checked(), true),
            Err(invalid) => (invalid.into_checked(), false),
        };
        let part = |field: FieldId| Part::of(&checked.doc, checked.doc.usable(*checked.slots.get(field.0)?)?);
        let keys = unique::keys(&self.contract, &self.masker, part);
        let mut masked = self.masker.mask(checked, &self.contract);
        let violations = std::mem::take(&mut masked.violations);
        let mut row = Vec::new();
        if valid {
            features::row(&masked, &self.contract, &mut row);
        }
        Examined { line, record: Some(masked), violations, valid, keys, row }
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
        let anomaly = self.tail(examined.row(), explain, out);
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

/// Buffers that one thread uses again for record after record.
#[derive(Default)]
pub struct Desk {
    doc: Document,
    slots: Vec<NodeId>,
}

impl Desk {
    /// Takes the buffers of a record that is done with.
    pub fn recycle(&mut self, mut examined: Examined) {
        self.clear(&mut examined);
    }

    /// Takes the buffers of a record that is done with, and gives back what else it held.
    pub(crate) fn clear(&mut self, examined: &mut Examined) {
        if let Some(record) = examined.record.take() {
            (self.doc, self.slots) = record.into_buffers();
        }
        (examined.violations, examined.keys, examined.row) = (Vec::new(), Vec::new(), Vec::new());
    }
}

/// A record on which all is known but what the batch around it decides.
pub struct Examined {
    line: u64,
    record: Option<Masked>,
    violations: Vec<Violation>,
    valid: bool,
    keys: Vec<UniqueKey>,
    row: Vec<f32>,
}

impl Examined {
    fn malformed(line: u64, fault: Fault) -> Self {
        Self {
            line,
            record: None,
            violations: vec![Violation::new(Place::new(FieldId::ROOT), fault)],
            valid: false,
            keys: Vec::new(),
            row: Vec::new(),
        }
    }

    /// Where the record starts: the 1-based physical line, or its position in an array.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether the record may enter.
    #[must_use]
    pub fn status(&self) -> Status {
        if self.valid { Status::Accepted } else { Status::Rejected }
    }

    /// The features of an accepted record, in the contract's order.
    #[must_use]
    pub fn row(&self) -> Option<&[f32]> {
        self.valid.then_some(self.row.as_slice())
    }

    /// The record, masked; none where the bytes were no record.
    pub(crate) fn masked(&self) -> Option<&Masked> {
        self.record.as_ref()
    }

    /// Rejects the record because another one holds one of its unique keys.
    pub(crate) fn duplicate(&mut self, index: usize, field: FieldId) {
        let violation = Violation::new(Place::new(field), Fault::Duplicate(index));
        if !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
        self.valid = false;
    }

    /// Rejects the record again because it was rejected as a duplicate at one of these paths, where the contract still
    /// wants a unique key.
    pub fn hold(&mut self, contract: &Contract, paths: &[&str]) {
        let held = |key: &&UniqueKey| paths.contains(&contract.field(key.field).pointer.as_str());
        let held: Vec<UniqueKey> = self.keys.iter().filter(held).copied().collect();
        for key in held {
            self.duplicate(key.index, key.field);
        }
    }

    /// Writes the masked record alone, and the end of the line; nothing where the bytes were no record.
    pub fn write_record(&self, out: &mut Vec<u8>) {
        if let Some(record) = &self.record {
            record.write_json(out);
            out.push(b'\n');
        }
    }

    /// The masked value of a scalar field as text; none where there is none to show.
    pub(crate) fn text(&self, field: FieldId) -> Option<&str> {
        let record = self.record.as_ref()?;
        Some(record.scalar(record.value(field)?))
    }

    /// The value of the contract's `x-id`, as JSON; none where there is none to show.
    #[must_use]
    pub fn id(&self, contract: &Contract) -> Option<Vec<u8>> {
        let record = self.record.as_ref()?;
        let mut id = Vec::new();
        record.write_scalar(record.value(contract.id?)?, &mut id);
        Some(id)
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
