//! What a contract does to each field, in words.

use super::{Contract, Field, Severity};
use crate::mask::{Generalise, Kinds, Mask, Scope};

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
    parts.push(masked(&field.mask));
    if field.quasi {
        parts.push("tells people apart together with others".into());
    }
    parts.join("; ")
}

fn masked(mask: &Mask) -> String {
    match mask {
        Mask::Keep => "kept as it is".into(),
        Mask::Drop => "dropped from every output".into(),
        Mask::Redact => "redacted".into(),
        Mask::Partial { first, last: 0 } => format!("hidden but for its first {first} characters"),
        Mask::Partial { first: 0, last } => format!("hidden but for its last {last} characters"),
        Mask::Partial { first, last } => format!("hidden but for its first {first} and last {last} characters"),
        Mask::Pseudonym { scope: Scope::Global, .. } => "replaced by a keyed token".into(),
        Mask::Pseudonym { scope, .. } => {
            format!("replaced by a keyed token that is equal only within one {}", scope.name())
        }
        Mask::Reversible { .. } => "sealed in a token that the key gives back".into(),
        Mask::Format { alphabet, .. } => format!(
            "encrypted in its shape ({}); redacted where it has fewer than {} of them",
            alphabet.name(),
            alphabet.least()
        ),
        Mask::Generalise(way) => coarser(way),
        Mask::Shift { days, by, .. } => format!("moved by up to {days} days, the same for all of one {by}"),
        Mask::Url => "stripped of user, query and fragment".into(),
        Mask::Scan(kinds) if *kinds == Kinds::ALL => "searched for personal data".into(),
        Mask::Scan(_) => "searched for personal data of the kinds that x-mask names".into(),
    }
}

fn coarser(way: &Generalise) -> String {
    match way {
        Generalise::Prefix(count) => format!("cut to its first {count} characters"),
        Generalise::Bucket(width) => format!("rounded down to a multiple of {width}"),
        Generalise::Bands(bounds) => format!("put into one of {} bands", bounds.len() + 1),
        Generalise::Date(grain) => format!("cut to its {}", grain.name()),
        Generalise::Network(four, six) => format!("cut to its network (/{four}, /{six} for IPv6)"),
    }
}
