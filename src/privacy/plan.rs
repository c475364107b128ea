//! Which fields of a contract are looked at, and how each could be generalised.

use super::value::{Place, Row};
use crate::contract::{Check, Contract, Field, TextFormat, Types};
use crate::draft::is_quasi_name;
use crate::mask::{Generalise, Mask, Masked, Masker};
use std::fmt;

/// Classes of `x-pii` that are sensitive by themselves: the special categories of GDPR Article 9(1), criminal records
/// (Article 10), and what a contract calls sensitive outright.
const SENSITIVE: [&str; 22] = [
    "sensitive",
    "special",
    "special_category",
    "health",
    "medical",
    "diagnosis",
    "disease",
    "disability",
    "genetic",
    "biometric",
    "ethnicity",
    "ethnic_origin",
    "race",
    "religion",
    "belief",
    "political",
    "political_opinion",
    "union_membership",
    "sexual_orientation",
    "sex_life",
    "criminal",
    "criminal_record",
];

/// How the values of a field could be made coarser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coarser {
    /// Shorter beginnings.
    Prefix,
    /// Wider buckets.
    Bucket,
    /// A point in time: day, month, year.
    Moment,
    /// A date: month, year.
    Date,
    /// Not at all: kept or dropped.
    Not,
}

/// A quasi-identifier.
#[derive(Clone, Debug)]
pub(super) struct Quasi {
    pub(super) coarser: Coarser,
    /// What the contract's mask leaves of it, in words.
    pub(super) mask: &'static str,
}

/// The fields that are looked at.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) quasi: Vec<Quasi>,
    pub(super) places: Vec<Place>,
    pub(super) sensitive: Vec<Place>,
}

/// Why there is nothing to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// The contract marks no quasi-identifier.
    NoQuasi {
        /// The contract's name.
        contract: String,
        /// Fields that look like some.
        candidates: Vec<String>,
    },
    /// The contract has no such field.
    NoField {
        /// What was asked for.
        name: String,
        /// The fields that there are.
        known: Vec<String>,
    },
    /// A quasi-identifier cannot be the sensitive value too: it is the same within each group.
    Both {
        /// The field.
        path: String,
    },
}

impl PlanError {
    /// A stable name for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoQuasi { .. } => "no_quasi",
            Self::NoField { .. } => "no_field",
            Self::Both { .. } => "both",
        }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoQuasi { contract, candidates } => {
                write!(
                    f,
                    "the contract {contract} marks no quasi-identifier, so there is nothing to measure: write \
                     \"x-quasi\": true on every field that tells people apart together with others (town, postal code, \
                     age, sex, profession, dates)"
                )?;
                match candidates.as_slice() {
                    [] => Ok(()),
                    candidates => write!(f, "; by their names these look like some: {}", candidates.join(", ")),
                }
            }
            Self::NoField { name, known } => {
                write!(f, "the contract has no field {name}; it has {}", known.join(", "))
            }
            Self::Both { path } => write!(
                f,
                "{path} is a quasi-identifier (x-quasi), so every group has one value of it: it cannot be the sensitive \
                 field as well"
            ),
        }
    }
}

impl std::error::Error for PlanError {}

impl Plan {
    /// Takes the quasi-identifiers of a contract, and the sensitive fields by name, as JSON Pointer or with dots; without
    /// a name those of which the contract's `x-pii` says so.
    ///
    /// # Errors
    /// [`PlanError`] when the contract marks no field, or a name is of none.
    pub fn new(contract: &Contract, sensitive: &[String]) -> Result<Self, PlanError> {
        let fields: Vec<&Field> = columns(contract).collect();
        let quasi: Vec<&Field> = fields.iter().copied().filter(|field| field.quasi).collect();
        if quasi.is_empty() {
            let candidates = fields.iter().filter(|field| looks_quasi(field)).map(|field| field.pointer.clone());
            return Err(PlanError::NoQuasi { contract: contract.name().to_owned(), candidates: candidates.collect() });
        }
        let mut named = Vec::new();
        for name in sensitive {
            let place = Place::new(&find(&fields, name)?.pointer);
            if !named.contains(&place) {
                named.push(place);
            }
        }
        if sensitive.is_empty() {
            let is = |field: &&&Field| field.pii.as_deref().is_some_and(|class| SENSITIVE.contains(&class));
            named.extend(fields.iter().filter(is).filter(|field| !field.quasi).map(|field| Place::new(&field.pointer)));
        }
        if let Some(both) = named.iter().find(|place| quasi.iter().any(|field| field.pointer == place.pointer)) {
            return Err(PlanError::Both { path: both.pointer.clone() });
        }
        Ok(Self {
            places: quasi.iter().map(|field| Place::new(&field.pointer)).collect(),
            quasi: quasi
                .iter()
                .map(|field| Quasi { coarser: coarser(field, contract), mask: left(&field.mask) })
                .collect(),
            sensitive: named,
        })
    }

    /// The sensitive fields, as JSON Pointers.
    pub fn sensitive(&self) -> impl Iterator<Item = &str> {
        self.sensitive.iter().map(|place| place.pointer.as_str())
    }

    /// The digest of a record's quasi-identifiers under the key: equal where all of them are.
    pub(super) fn digest(&self, record: &Masked, masker: &Masker, row: &mut Row) -> u128 {
        row.read(record.document(), &self.places);
        let pieces: Vec<&[u8]> = std::iter::once(&b"quasi"[..]).chain(row.pieces()).collect();
        u128::from_be_bytes(masker.digest(&pieces))
    }
}

/// The fields, the forms of a union once: a mark on any form is a mark on the field.
fn columns(contract: &Contract) -> impl Iterator<Item = &Field> {
    let columns = contract.fields.iter().enumerate().skip(1).filter(|(index, field)| field.column.0 == *index);
    columns.map(|(_, field)| {
        let form = contract.fields.iter().find(|form| form.column == field.column && form.quasi);
        form.unwrap_or(field)
    })
}

fn find<'f>(fields: &[&'f Field], name: &str) -> Result<&'f Field, PlanError> {
    let pointer = if name.starts_with('/') { name.to_owned() } else { format!("/{}", name.replace('.', "/")) };
    let found = fields.iter().find(|field| field.pointer == pointer || field.pointer == format!("/{name}"));
    found.copied().ok_or_else(|| PlanError::NoField {
        name: name.to_owned(),
        known: fields.iter().map(|field| field.pointer.clone()).collect(),
    })
}

/// Whether a field that nobody marked may tell people apart with others: it leaves more than a token, and its name or its
/// class says so.
fn looks_quasi(field: &Field) -> bool {
    let shows = matches!(field.mask, Mask::Keep | Mask::Generalise(_) | Mask::Partial { .. });
    let name = field.pointer.rsplit('/').find(|step| *step != "*").unwrap_or_default();
    let class = field.pii.as_deref();
    shows && (is_quasi_name(name) || class.is_some_and(|class| matches!(class, "postal_code" | "birth" | "quasi")))
}

fn coarser(field: &Field, contract: &Contract) -> Coarser {
    // What has several forms has no one mask.
    let one_form = field.union.is_none() && std::ptr::eq(contract.field(field.owner), field);
    let types = field.types.without(Types::NULL);
    let kept = field.mask == Mask::Keep;
    let cut = matches!(field.mask, Mask::Generalise(Generalise::Prefix(_)));
    if field.repeated || !one_form || field.values().is_some() || !(kept || cut) {
        return Coarser::Not;
    }
    if types != Types::NONE && Types::NUMBER.has(types) {
        // Of a bucket that a mask made nobody knows where in it the value lay.
        return if kept { Coarser::Bucket } else { Coarser::Not };
    }
    if types != Types::STRING {
        return Coarser::Not;
    }
    let mut formats = field.checks.iter().filter_map(|check| match check {
        Check::Format(format) => Some(*format),
        _ => None,
    });
    match formats.next() {
        None => Coarser::Prefix,
        Some(TextFormat::DateTime) => Coarser::Moment,
        Some(TextFormat::Date) => Coarser::Date,
        Some(_) => Coarser::Not,
    }
}

fn left(mask: &Mask) -> &'static str {
    match mask {
        Mask::Keep => "kept",
        Mask::Drop => "dropped",
        Mask::Redact => "redacted",
        Mask::Partial { .. } => "partly hidden",
        Mask::Pseudonym { .. } => "pseudonym",
        Mask::Reversible { .. } => "reversible token",
        Mask::Format { .. } => "encrypted in shape",
        Mask::Generalise(_) => "generalised",
        Mask::Shift { .. } => "shifted",
        Mask::Url => "url",
        Mask::Scan(_) => "scanned",
    }
}
