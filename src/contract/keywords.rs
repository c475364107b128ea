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

pub(super) fn usage(keyword: &str) -> Use {
    match keyword {
        "type" | "enum" | "const" | "pattern" | "format" | "minLength" | "maxLength" | "minimum" | "maximum"
        | "exclusiveMinimum" | "exclusiveMaximum" | "minItems" | "maxItems" | "uniqueItems" | "items"
        | "minProperties" | "maxProperties" | "properties" | "required" | "additionalProperties" | "default"
        | "$ref" | "$defs" | "anyOf" | "x-normalize" | "x-mask" | "x-pii" | "x-quasi" | "x-severity"
        | "x-unknown" => Use::Compiled,
        "$schema" | "$id" | "$comment" | "title" | "description" | "examples" | "deprecated" | "readOnly"
        | "writeOnly" => Use::Annotation,
        "multipleOf" | "patternProperties" | "propertyNames" | "prefixItems" | "contains" | "minContains"
        | "maxContains" | "dependentRequired" | "dependentSchemas" | "unevaluatedItems"
        | "unevaluatedProperties" | "allOf" | "oneOf" | "not" | "if" | "then" | "else" | "$anchor"
        | "$dynamicRef" | "$dynamicAnchor" | "$vocabulary" | "contentMediaType" | "contentEncoding"
        | "contentSchema" | "discriminator" => Use::Unsupported,
        "x-contract" | "x-id" | "x-unique" | "x-rules" | "x-features" => Use::RecordOnly,
        _ => Use::Unknown,
    }
}
