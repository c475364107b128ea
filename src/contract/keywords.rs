//! The keywords of a contract: which say something about a record, which are only read by people, which are refused.

/// How a keyword is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is compiled.
    Compiled,
    /// It says nothing about whether a record is valid.
    Annotation,
    /// JSON Schema 2020-12 has it, Tamis does not support it.
    Unsupported,
    /// Tamis has it, but on the record alone.
    RecordOnly,
    /// Nobody knows it.
    Unknown,
}

const COMPILED: &[&str] = &[
    "type",
    "enum",
    "const",
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "uniqueItems",
    "items",
    "minProperties",
    "maxProperties",
    "properties",
    "required",
    "additionalProperties",
    "default",
    "$ref",
    "$defs",
    "multipleOf",
    "patternProperties",
    "propertyNames",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "dependentRequired",
    "dependentSchemas",
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "anyOf",
    "x-normalize",
    "x-mask",
    "x-pii",
    "x-quasi",
    "x-severity",
    "x-unknown",
];

const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    // By the standard these only describe a text.
    "contentMediaType",
    "contentEncoding",
    "contentSchema",
    // OpenAPI's hint at which alternative is meant; the alternatives themselves decide.
    "discriminator",
];

const UNSUPPORTED: &[&str] =
    &["unevaluatedItems", "unevaluatedProperties", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary"];

const RECORD_ONLY: &[&str] = &["x-contract", "x-id", "x-unique", "x-rules", "x-features"];

pub(super) fn usage(keyword: &str) -> Use {
    [
        (COMPILED, Use::Compiled),
        (ANNOTATIONS, Use::Annotation),
        (UNSUPPORTED, Use::Unsupported),
        (RECORD_ONLY, Use::RecordOnly),
    ]
    .into_iter()
    .find_map(|(keywords, usage)| keywords.contains(&keyword).then_some(usage))
    .unwrap_or(Use::Unknown)
}
