//! Values of several forms: each form of the old contract needs one of the new contract that takes all of its values.

use super::proof::{Proof, Role};
use crate::contract::{Contract, Field, FieldId, Literal, Severity, Types};
use serde_json::Value as Json;

/// One form of a value, or the only one.
struct Form<'c> {
    field: FieldId,
    types: Types,
    /// The texts of the property that tells the forms apart.
    tags: &'c [String],
}

fn forms(contract: &Contract, id: FieldId) -> Vec<Form<'_>> {
    let field = contract.field(id);
    match &field.union {
        None => vec![Form { field: id, types: field.types.without(Types::NULL), tags: &[] }],
        Some(union) => {
            let forms = union.variants.iter();
            forms.map(|form| Form { field: form.field, types: form.types, tags: &form.tags }).collect()
        }
    }
}

impl Proof<'_> {
    /// Compares two places of which at least one has forms.
    pub(super) fn forms(&mut self, old_id: Option<FieldId>, new_id: FieldId, role: Role) {
        let (old, new) = (self.old, self.new);
        let after = new.field(new_id);
        let keyword = old_id
            .and_then(|id| old.field(id).union.as_deref())
            .or(after.union.as_deref())
            .map_or("anyOf", |union| union.keyword);
        let pairs = old_id.and_then(|old_id| self.pairs(old_id, new_id));
        let Some(pairs) = pairs else {
            self.gap(&after.pointer, keyword, "the forms that the value may have cannot be compared");
            return;
        };
        for (from, to) in pairs {
            self.value(Some(from), to, role);
        }
    }

    /// For each form of the old contract the one of the new contract that its values take; none where that is not
    /// known for sure.
    fn pairs(&mut self, old_id: FieldId, new_id: FieldId) -> Option<Vec<(FieldId, FieldId)>> {
        let (old, new) = (self.old, self.new);
        let (before, after) = (old.field(old_id), new.field(new_id));
        let (from, to) = (forms(old, old_id), forms(new, new_id));
        // A form is chosen before its own repairs; with repairs before that, or forms that repair a value of any type
        // into theirs, the type of a value says nothing.
        let repaired = |contract: &Contract, form: &Form<'_>| !contract.field(form.field).normalise.is_empty();
        if !before.normalise.is_empty() || from.iter().any(|form| repaired(old, form)) {
            return None;
        }
        if after.union.is_some() && !after.normalise.is_empty() {
            return None;
        }
        if !self.null_passes(before, after) {
            return None;
        }
        let tag = |field: &Field| field.union.as_ref().and_then(|union| union.tag.clone());
        if let Some(name) = tag(after)
            && (before.union.is_none() || tag(before).as_ref() == Some(&name))
        {
            return by_tag(old, &name, &from, &to);
        }
        if tag(after).is_some() || !apart(&from) || !apart(&to) {
            return None;
        }
        let partner = |form: &Form<'_>| to.iter().find(|to| to.types.has(form.types)).map(|to| (form.field, to.field));
        from.iter().map(partner).collect()
    }

    /// Null may have no form of its own.
    fn null_passes(&mut self, before: &Field, after: &Field) -> bool {
        let null = match &before.union {
            None => self.takes_null(before),
            Some(union) => union.variants.iter().any(|form| form.types.has(Types::NULL)) || before.nullable,
        };
        if !null {
            return true;
        }
        match &after.union {
            None => after.normalise.is_empty() && self.new_scales.accept(after, &Json::Null),
            Some(union) => {
                let quiet = |id: FieldId| self.new.field(id).normalise.is_empty();
                after.nullable
                    && after.types.has(Types::NULL)
                    && union.variants.iter().all(|form| !form.types.has(Types::NULL) && quiet(form.field))
            }
        }
    }
}

/// Whether the type of a value tells its form.
fn apart(forms: &[Form<'_>]) -> bool {
    forms.iter().enumerate().all(|(at, form)| forms.iter().skip(at + 1).all(|other| !form.types.meets(other.types)))
}

/// Objects whose form one property tells, in both contracts: that property has to be there.
fn by_tag(old: &Contract, tag: &str, from: &[Form<'_>], to: &[Form<'_>]) -> Option<Vec<(FieldId, FieldId)>> {
    let objects = |forms: &[Form<'_>]| forms.iter().all(|form| form.types == Types::OBJECT);
    if !objects(from) || !objects(to) {
        return None;
    }
    let mut pairs = Vec::new();
    for form in from {
        let field = old.field(form.field);
        let property = field.properties.iter().find(|property| property.name == tag)?;
        let told = old.field(property.field);
        let sure = field.severity == Severity::Error
            && told.severity == Severity::Error
            && property.required
            && told.default.is_none()
            && told.normalise.is_empty()
            && !told.nullable
            && told.union.is_none()
            && told.values().is_some();
        if !sure {
            return None;
        }
        for value in told.values()? {
            let Literal::Text(text) = value else { return None };
            let partner = to.iter().find(|to| to.tags.contains(text))?;
            if !pairs.contains(&(form.field, partner.field)) {
                pairs.push((form.field, partner.field));
            }
        }
    }
    Some(pairs)
}
