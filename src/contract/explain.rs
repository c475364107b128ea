//! What a contract does to each field, in words.

use super::{Contract, Field, Severity};
use crate::mask::Mask;

impl Contract {
    /// Each field's path with what is done to it: repaired, checked, masked.
    #[must_use]
    pub fn explain(&self) -> Vec<(String, String)> {
        self.fields.iter().skip(1).map(|field| (field.pointer.clone(), describe(field))).collect()
    }
}

fn describe(field: &Field) -> String {
    let mut parts = Vec::new();
    if !field.normalise.is_empty() {
        let names: Vec<&str> = field.normalise.iter().map(crate::normalise::Normaliser::name).collect();
        parts.push(format!("repaired by {}", names.join(", ")));
    }
    let mut checks = vec![field.types.describe()];
    if let Some(union) = &field.union {
        let by = union.tag.as_ref().map(|tag| format!(", told apart by {tag}")).unwrap_or_default();
        checks.push(format!("one of {} forms{by}", union.variants.len()));
    }
    checks.extend(field.checks.iter().map(crate::validate::describe));
    parts.push(format!("{} {}", if field.required { "must be" } else { "may be" }, checks.join(", ")));
    if let Some(default) = &field.default {
        parts.push(format!("{} where absent", default.show()));
    }
    if field.severity == Severity::Warn {
        parts.push("only warned of".into());
    }
    parts.push(match &field.mask {
        Mask::Keep => "kept as it is".into(),
        Mask::Drop => "dropped from every output".into(),
        Mask::Redact => "redacted".into(),
        Mask::Pseudonym { .. } => "replaced by a keyed token".into(),
        Mask::Generalise { prefix } => format!("cut to its first {prefix} characters"),
        Mask::Url => "stripped of user, query and fragment".into(),
        Mask::Scan => "searched for personal data".into(),
    });
    if field.quasi {
        parts.push("tells people apart together with others".into());
    }
    parts.join("; ")
}
