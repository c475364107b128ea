//! A schema as an assertion alone: it says yes or no to a value, and knows nothing of repairs and masks.
//!
//! Fields ([`super::Field`]) are what a record is made of. Where JSON Schema asks whether some other schema holds (`not`,
//! `if`, `contains`, alternatives that cannot be told apart by looking), that schema is compiled to this form.

use super::field::{Check, Types};
use super::pattern::Pattern;

/// The place of a schema in [`super::Contract`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SchemaId(pub(crate) usize);

/// One schema. What is empty asks for nothing.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    pub(crate) types: Types,
    pub(crate) checks: Vec<Check>,
    pub(crate) required: Vec<String>,
    pub(crate) properties: Vec<(String, SchemaId)>,
    pub(crate) patterns: Vec<(Pattern, SchemaId)>,
    pub(crate) additional: Option<SchemaId>,
    pub(crate) names: Option<SchemaId>,
    pub(crate) prefix: Vec<SchemaId>,
    pub(crate) items: Option<SchemaId>,
    pub(crate) contains: Option<Contains>,
    pub(crate) dependent_required: Vec<(String, Vec<String>)>,
    pub(crate) dependent_schemas: Vec<(String, SchemaId)>,
    /// `allOf`, and the target of `$ref`.
    pub(crate) all: Vec<SchemaId>,
    pub(crate) any: Option<Vec<SchemaId>>,
    pub(crate) one: Option<Vec<SchemaId>>,
    pub(crate) not: Option<SchemaId>,
    pub(crate) conditional: Option<Conditional>,
}

/// `contains`, with how many items it asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contains {
    pub(crate) schema: SchemaId,
    pub(crate) least: u64,
    pub(crate) most: u64,
}

/// `if`, `then` and `else`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conditional {
    pub(crate) condition: SchemaId,
    pub(crate) then: Option<SchemaId>,
    pub(crate) otherwise: Option<SchemaId>,
}

impl Schema {
    /// The schema that any value keeps.
    pub(crate) const ANY: Self = Self {
        types: Types::ANY,
        checks: Vec::new(),
        required: Vec::new(),
        properties: Vec::new(),
        patterns: Vec::new(),
        additional: None,
        names: None,
        prefix: Vec::new(),
        items: None,
        contains: None,
        dependent_required: Vec::new(),
        dependent_schemas: Vec::new(),
        all: Vec::new(),
        any: None,
        one: None,
        not: None,
        conditional: None,
    };

    /// The schemas that are asked about the same value, not about a part of it.
    pub(crate) fn in_place(&self) -> impl Iterator<Item = SchemaId> {
        let conditional = self.conditional;
        let branches = conditional.map(|branches| [Some(branches.condition), branches.then, branches.otherwise]);
        self.all
            .iter()
            .chain(self.any.iter().flatten())
            .chain(self.one.iter().flatten())
            .chain(&self.not)
            .copied()
            .chain(self.dependent_schemas.iter().map(|(_, schema)| *schema))
            .chain(branches.into_iter().flatten().flatten())
    }
}
