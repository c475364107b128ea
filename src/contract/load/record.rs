//! What a contract says of the record as a whole: its name, its id, its rules, its features.

use super::{Loader, Schema};
use crate::contract::expr::{self, FieldType, Fields, Wanted};
use crate::contract::field::{FieldId, Literal, Severity, Types};
use crate::contract::{Contract, Feature, Problem, Rule};
use crate::mask::Mask;
use serde_json::Value;

impl<'s> Loader<'s> {
    /// What the record says beside its fields.
    pub(super) fn record(&mut self, contract: &mut Contract) {
        let about = self.root.get("x-contract");
        let text = |key: &str| about?.get(key)?.as_str().map(ToOwned::to_owned);
        if about.is_some() && (text("name").is_none() || text("version").is_none()) {
            self.invalid("", "x-contract", "an object with name and version");
        }
        let title = self.root.get("title").and_then(Value::as_str);
        contract.name = text("name").unwrap_or_else(|| title.unwrap_or("contract").to_lowercase());
        contract.version = text("version").unwrap_or_else(|| "0".into());
        contract.id = match self.root.get("x-id") {
            None => None,
            Some(id) => self.key(id, "x-id", contract),
        };
        self.persons(contract);
        for name in self.list("x-unique") {
            let key = self.unique(name, contract);
            contract.unique.extend(key);
        }
        for rule in self.list("x-rules") {
            self.rule(rule, contract);
        }
        for feature in self.list("x-features") {
            self.feature(feature, contract);
        }
    }

    /// The fields by which dates are shifted must be there, and hold one value that tells a person.
    fn persons(&mut self, contract: &Contract) {
        for field in &contract.fields {
            let Mask::Shift { by, .. } = &field.mask else { continue };
            let scalar = Types::STRING.with(Types::NUMBER);
            let good = contract.at_path(by).is_some_and(|person| contract.field(person).types.meets(scalar));
            if !good {
                let text =
                    format!("x-mask: shift of {} goes by {by}, which is no field of one text or number", field.pointer);
                self.fault("", Problem::Contradiction(text));
            }
        }
    }

    fn list(&mut self, keyword: &str) -> &'s [Value] {
        let root: &'s Schema = self.root;
        match root.get(keyword) {
            None => &[],
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.invalid("", keyword, "a list");
                &[]
            }
        }
    }

    fn key(&mut self, name: &Value, keyword: &str, contract: &Contract) -> Option<FieldId> {
        let field = name.as_str().and_then(|path| contract.at_path(path));
        if field.is_none() {
            self.invalid("", keyword, "the path of a field, such as order_id or customer.id");
        }
        field
    }

    /// One entry of `x-unique`: the path of a field, or a list of paths whose combination is meant.
    fn unique(&mut self, entry: &Value, contract: &Contract) -> Option<Vec<FieldId>> {
        let names = match entry {
            Value::Array(names) if !names.is_empty() => names.as_slice(),
            name => std::slice::from_ref(name),
        };
        let mut key = Vec::new();
        for name in names {
            let field = self.key(name, "x-unique", contract)?;
            let types = contract.field(field).types;
            if key.contains(&field)
                || types.without(Types::ARRAY).without(Types::OBJECT).without(Types::NULL) == Types::NONE
            {
                self.invalid("", "x-unique", "fields that are text, numbers or true and false, each once");
                return None;
            }
            key.push(field);
        }
        Some(key)
    }

    fn rule(&mut self, rule: &Value, contract: &mut Contract) {
        let place = "/x-rules";
        let text = |key: &str| rule.get(key).and_then(Value::as_str);
        let known = |key: &String| matches!(key.as_str(), "id" | "assert" | "when" | "severity" | "message");
        let good = rule.as_object().is_some_and(|rule| rule.keys().all(known));
        let (true, Some(id), Some(source)) = (good, text("id"), text("assert")) else {
            self.invalid(place, "a rule", "id, assert and, if wanted, when, severity and message");
            return;
        };
        if contract.rules.iter().any(|rule| rule.id == id) {
            self.fault(place, Problem::Contradiction(format!("two rules have the id {id}")));
        }
        let severity = match text("severity") {
            None | Some("error") => Severity::Error,
            Some("warn") => Severity::Warn,
            Some(_) => {
                self.invalid(place, "severity", "error or warn");
                Severity::Error
            }
        };
        let compiled = |source| expr::compile(source, &*contract, Wanted::Bool);
        let when = text("when").map(compiled).transpose();
        match (compiled(source), when) {
            (Ok(assert), Ok(when)) => contract.rules.push(Rule {
                id: id.to_owned(),
                message: text("message").map(ToOwned::to_owned),
                source: source.to_owned(),
                severity,
                when,
                assert,
            }),
            (Err(error), _) | (_, Err(error)) => self.fault(place, Problem::Expression { name: id.to_owned(), error }),
        }
    }

    fn feature(&mut self, feature: &Value, contract: &mut Contract) {
        let place = "/x-features";
        let text = |key: &str| feature.get(key).and_then(Value::as_str);
        let known = |key: &String| matches!(key.as_str(), "name" | "expr");
        let good = feature.as_object().is_some_and(|feature| feature.keys().all(known));
        let (true, Some(name), Some(source)) = (good, text("name"), text("expr")) else {
            self.invalid(place, "a feature", "name and expr");
            return;
        };
        if contract.features.iter().any(|feature| feature.name == name) {
            self.fault(place, Problem::Contradiction(format!("two features have the name {name}")));
        }
        match expr::compile(source, &*contract, Wanted::Number) {
            Ok(program) => {
                // Features are computed from masked records alone: a dropped field would always be missing.
                for field in program.fields().iter().chain(program.fields_below()) {
                    if contract.field(*field).mask == Mask::Drop {
                        let text =
                            format!("the feature {name} uses {}, which is dropped", contract.field(*field).pointer);
                        self.fault(place, Problem::Contradiction(text));
                    }
                }
                contract.features.push(Feature { name: name.to_owned(), program });
            }
            Err(error) => self.fault(place, Problem::Expression { name: name.to_owned(), error }),
        }
    }
}

impl Contract {
    /// The property of an object, in whichever of its forms has it; its column.
    fn property(&self, of: FieldId, name: &str) -> Option<FieldId> {
        let field = self.field(of);
        if let Some(property) = field.properties.iter().find(|property| property.name == name) {
            return Some(self.field(property.field).column);
        }
        let variants = field.union.iter().flat_map(|union| &union.variants);
        variants.into_iter().find_map(|variant| self.property(variant.field, name))
    }

    /// The field of a path such as `customer.id`; none where there is none, or where one record may hold many of it.
    pub(crate) fn at_path(&self, path: &str) -> Option<FieldId> {
        let path: Vec<String> = path.split('.').map(ToOwned::to_owned).collect();
        self.resolve(&path).ok()
    }

    /// What lies at an item of a list.
    pub(crate) fn item_of(&self, list: FieldId) -> Option<FieldId> {
        Fields::item(self, list)
    }

    /// What lies at a member of an object: the named one, else the one that stands for all others.
    pub(crate) fn member_of(&self, object: FieldId, name: &str) -> Option<FieldId> {
        self.property(object, name).or_else(|| {
            let field = self.field(object);
            let by_pattern = field.patterns.iter().find(|(pattern, _)| pattern.is_match(name));
            by_pattern.map(|(_, field)| *field).or(field.additional)
        })
    }

    /// The types of a column, in all forms that share it.
    fn column_types(&self, column: FieldId) -> Types {
        let shares = self.fields.iter().filter(|field| field.column == column && field.union.is_none());
        shares.map(|field| field.types).fold(Types::NONE, Types::with)
    }
}

impl Fields for Contract {
    fn resolve(&self, path: &[String]) -> Result<FieldId, String> {
        let mut at = FieldId::ROOT;
        for name in path {
            at = self.property(at, name).ok_or_else(|| format!("the contract has no field {}", path.join(".")))?;
        }
        if self.field(at).repeated {
            return Err(format!("one record may have many of {}", path.join(".")));
        }
        Ok(at)
    }

    fn item(&self, field: FieldId) -> Option<FieldId> {
        let of = self.field(field);
        let variants = of.union.iter().flat_map(|union| &union.variants);
        of.items.or_else(|| variants.into_iter().find_map(|variant| self.item(variant.field)))
    }

    fn member(&self, field: FieldId, name: &str) -> Option<FieldId> {
        self.property(field, name)
    }

    fn type_of(&self, field: FieldId) -> Option<FieldType> {
        let types = self.column_types(field).without(Types::NULL);
        let named = [
            (Types::NUMBER, FieldType::Double),
            (Types::INTEGER, FieldType::Int),
            (Types::BOOLEAN, FieldType::Bool),
            (Types::STRING, FieldType::Text),
            (Types::ARRAY, FieldType::List),
            (Types::OBJECT, FieldType::Object),
        ];
        // Where no type narrows it down, a list of texts or of truth values still does.
        named.into_iter().find_map(|(one, found)| (types == one).then_some(found)).or_else(|| {
            let values = self.field(field).values()?;
            let all = |like: fn(&Literal) -> bool| values.iter().all(|value| *value == Literal::Null || like(value));
            let text = all(|value| matches!(value, Literal::Text(_)));
            text.then_some(FieldType::Text)
                .or_else(|| all(|value| matches!(value, Literal::Bool(_))).then_some(FieldType::Bool))
        })
    }

    fn is_enum(&self, field: FieldId) -> bool {
        let alone = self.fields.iter().filter(|other| other.column == field).count() == 1;
        alone && self.field(field).values().is_some()
    }
}
