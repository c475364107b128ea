//! Which columns a contract has for drift, and where their values come from.

use crate::contract::{Check, Contract, Field, FieldId, Literal, TextFormat, Types};
use crate::onnx::ContractRef;
use crate::pipeline::Examined;
use crate::quality::{Place, Role, Seen, roles};
use crate::record::document::Value;
use serde::{Deserialize, Serialize};

/// Why a field that records show as it is has no column of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LeftOut {
    /// It names the record, so that its values never come again.
    Names,
    /// It holds moments, which move on by themselves; a feature may take an hour or a weekday out of them.
    Time,
    /// It holds texts of personal data (`x-pii`), even though the contract keeps them.
    Personal,
    /// One record may hold many of it, and those of one record are alike; a feature may count or sum them.
    Many,
    /// The contract allows it several types.
    Types,
    /// It has too many different texts, or long ones.
    Texts,
    /// No record of the reference has it.
    Empty,
}

impl LeftOut {
    /// The reason in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Names => "names the record",
            Self::Time => "a moment",
            Self::Personal => "personal data",
            Self::Many => "many values a record",
            Self::Types => "of several types",
            Self::Texts => "many different texts",
            Self::Empty => "empty in the reference",
        }
    }
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Category,
}

/// Where the value of a column stands.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// In a field; several where it has several forms.
    Field(Vec<FieldId>),
    /// In the row of features.
    Feature(usize),
    /// In the row of features, where 1 is true and 0 false.
    Truth(usize),
}

/// The value of a column in one record.
pub(super) enum Seed<'e> {
    Number(f64),
    Text(&'e str),
    Missing,
}

/// A column before anything was counted.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) source: Source,
}

/// The columns of a contract: its features, and the fields that records show as they are. A feature that is but a field
/// stands for it.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) contract: ContractRef,
    pub(super) columns: Vec<Planned>,
    pub(super) left_out: Vec<(String, LeftOut)>,
}

impl Plan {
    /// The columns of a contract.
    #[must_use]
    pub fn of(contract: &Contract) -> Self {
        let roles = roles(contract);
        let named = ContractRef {
            name: contract.name().to_owned(),
            version: contract.version().to_owned(),
            sha256: contract.sha256().to_owned(),
        };
        let mut plan = Self { contract: named, columns: Vec::new(), left_out: Vec::new() };
        let mut told = vec![false; contract.fields.len()];
        for (at, feature) in contract.features.iter().enumerate() {
            let alone = feature.program.plain().map(|field| contract.field(field).column);
            let field = alone.filter(|field| role(&roles, *field).seen == Seen::Values);
            let (source, kind) = match field.map(|field| (field, column(contract, field, role(&roles, field)))) {
                Some((field, Ok((source, kind)))) => {
                    if let Some(told) = told.get_mut(field.0) {
                        *told = true;
                    }
                    (source, kind)
                }
                _ if feature.program.is_truth() => (Source::Truth(at), Kind::Category),
                _ => (Source::Feature(at), Kind::Number),
            };
            plan.columns.push(Planned { name: feature.name.clone(), kind, source });
        }
        for (at, told) in told.into_iter().enumerate().skip(1) {
            let field = FieldId(at);
            let role = role(&roles, field);
            if told || role.place == Place::Nowhere || role.seen != Seen::Values {
                continue;
            }
            let name = contract.field(field).pointer.clone();
            match column(contract, field, role) {
                Ok((source, kind)) => plan.columns.push(Planned { name, kind, source }),
                Err(reason) => plan.left_out.push((name, reason)),
            }
        }
        plan
    }
}

impl Planned {
    /// The value of this column in an accepted record.
    pub(super) fn value<'e>(&self, examined: &'e Examined) -> Seed<'e> {
        let feature = |at: &usize| examined.row().and_then(|row| row.get(*at)).copied().filter(|value| !value.is_nan());
        match &self.source {
            Source::Feature(at) => feature(at).map_or(Seed::Missing, |value| Seed::Number(value.into())),
            Source::Truth(at) => {
                feature(at).map_or(Seed::Missing, |value| Seed::Text(if value > 0.0 { "true" } else { "false" }))
            }
            Source::Field(forms) => {
                let Some(record) = examined.masked() else { return Seed::Missing };
                match forms.iter().find_map(|field| record.value(*field)) {
                    Some(Value::Number { value, .. }) if self.kind == Kind::Number => Seed::Number(value),
                    Some(value @ (Value::Text(_) | Value::Bool(_))) if self.kind == Kind::Category => {
                        Seed::Text(record.scalar(value))
                    }
                    _ => Seed::Missing,
                }
            }
        }
    }
}

fn role(roles: &[Role], field: FieldId) -> Role {
    roles.get(field.0).copied().unwrap_or_default()
}

/// What a field's values are, or why they are not counted.
fn column(contract: &Contract, id: FieldId, role: Role) -> Result<(Source, Kind), LeftOut> {
    let forms: Vec<FieldId> =
        (0..contract.fields.len()).map(FieldId).filter(|form| contract.field(*form).column == id).collect();
    let fields: Vec<&Field> = forms.iter().map(|form| contract.field(*form)).collect();
    if role.place != Place::Once || role.list {
        return Err(LeftOut::Many);
    }
    if role.unique || contract.id == Some(id) {
        return Err(LeftOut::Names);
    }
    let mut kinds = fields.iter().map(|field| kind(field));
    let first = kinds.next().unwrap_or(Err(LeftOut::Types))?;
    if kinds.any(|kind| kind != Ok(first)) {
        return Err(LeftOut::Types);
    }
    if first == Kind::Category && fields.iter().any(|field| field.pii.is_some()) {
        return Err(LeftOut::Personal);
    }
    Ok((Source::Field(forms), first))
}

fn kind(field: &Field) -> Result<Kind, LeftOut> {
    let types = field.types.without(Types::NULL);
    let listed = field.values().unwrap_or_default();
    let texts = !listed.is_empty() && listed.iter().all(|value| matches!(value, Literal::Text(_) | Literal::Null));
    let is_moment =
        |check: &Check| matches!(check, Check::Format(TextFormat::DateTime | TextFormat::Date | TextFormat::Time));
    match types {
        _ if field.checks.iter().any(is_moment) => Err(LeftOut::Time),
        Types::BOOLEAN | Types::STRING => Ok(Kind::Category),
        _ if texts => Ok(Kind::Category),
        _ if types != Types::NONE && Types::NUMBER.has(types) => Ok(Kind::Number),
        _ => Err(LeftOut::Types),
    }
}
