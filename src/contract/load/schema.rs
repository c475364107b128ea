//! Schemas that only say yes or no.

use super::parts::member;
use super::{Loader, Schema};
use crate::contract::Check;
use crate::contract::field::Types;
use crate::contract::schema::{Conditional, Contains, Schema as Assertion, SchemaId};
use serde_json::Value;

/// Most assertions of a contract.
const MOST: usize = 100_000;

impl<'s> Loader<'s> {
    /// Compiles a schema to an assertion; one that is used twice is compiled once, which also ends recursion.
    pub(super) fn assertion(&mut self, value: &'s Value, at: &str) -> SchemaId {
        match value {
            Value::Object(schema) => self.assertion_of(schema, at),
            Value::Bool(true) => self.add(Assertion::ANY),
            Value::Bool(false) => self.add(Assertion { types: Types::NONE, ..Assertion::ANY }),
            _ => {
                self.invalid(at, at.rsplit('/').next().unwrap_or_default(), "a schema");
                self.add(Assertion::ANY)
            }
        }
    }

    fn add(&mut self, assertion: Assertion) -> SchemaId {
        if self.schemas.len() >= MOST {
            self.unsupported("", "a contract of so many schemas");
            return SchemaId(0);
        }
        self.schemas.push(assertion);
        SchemaId(self.schemas.len() - 1)
    }

    pub(super) fn assertion_of(&mut self, schema: &'s Schema, at: &str) -> SchemaId {
        let address = std::ptr::from_ref(schema);
        if let Some(known) = self.assertions.get(&address) {
            return *known;
        }
        let id = self.add(Assertion::ANY);
        self.assertions.insert(address, id);
        self.keywords(schema, at);
        let compiled = self.compile(schema, at, &|_| true);
        if let Some(slot) = self.schemas.get_mut(id.0) {
            *slot = compiled;
        }
        id
    }

    /// An assertion of some of a schema's keywords.
    pub(super) fn assertion_by(&mut self, schema: &'s Schema, at: &str, wanted: &[&str]) -> SchemaId {
        let compiled = self.compile(schema, at, &|keyword| wanted.contains(&keyword));
        self.add(compiled)
    }

    fn compile(&mut self, schema: &'s Schema, at: &str, wanted: &dyn Fn(&str) -> bool) -> Assertion {
        let mut made = Assertion::ANY;
        if wanted("type") {
            made.types = self.stated_types(schema, at).unwrap_or(Types::ANY);
        }
        for (keyword, value) in schema.iter().filter(|(keyword, _)| wanted(keyword)) {
            made.checks.extend(self.check(keyword, value, at));
        }
        if wanted("required") {
            made.required = self.names(schema.get("required"), "required", at);
        }
        if wanted("dependentRequired") {
            made.dependent_required = self.dependent_names(schema, at);
        }
        self.compile_members(schema, at, wanted, &mut made);
        self.compile_items(schema, at, wanted, &mut made);
        self.compile_logic(schema, at, wanted, &mut made);
        made
    }

    fn compile_members(&mut self, schema: &'s Schema, at: &str, wanted: &dyn Fn(&str) -> bool, made: &mut Assertion) {
        if wanted("properties") {
            for (name, value) in self.map_of_schemas(schema, "properties", at) {
                let schema = self.assertion(value, &member(at, "properties", name));
                made.properties.push((name.to_owned(), schema));
            }
            made.properties.sort();
        }
        if wanted("patternProperties") {
            for (name, value) in self.map_of_schemas(schema, "patternProperties", at) {
                let place = member(at, "patternProperties", name);
                let schema = self.assertion(value, &place);
                if let Some(pattern) = self.compiled_pattern(name, at) {
                    made.patterns.push((pattern, schema));
                }
            }
        }
        if wanted("dependentSchemas") {
            for (name, value) in self.map_of_schemas(schema, "dependentSchemas", at) {
                let schema = self.assertion(value, &member(at, "dependentSchemas", name));
                made.dependent_schemas.push((name.to_owned(), schema));
            }
        }
        made.additional = self.single(schema, "additionalProperties", at, wanted);
        made.names = self.single(schema, "propertyNames", at, wanted);
    }

    fn compile_items(&mut self, schema: &'s Schema, at: &str, wanted: &dyn Fn(&str) -> bool, made: &mut Assertion) {
        if wanted("prefixItems") {
            for (index, value) in self.list_of_schemas(schema, "prefixItems", at).iter().enumerate() {
                let schema = self.assertion(value, &format!("{at}/prefixItems/{index}"));
                made.prefix.push(schema);
            }
        }
        made.items = self.single(schema, "items", at, wanted);
        if let Some(contains) = self.single(schema, "contains", at, wanted) {
            let least = self.count_of(schema, "minContains", at).unwrap_or(1);
            let most = self.count_of(schema, "maxContains", at).unwrap_or(u64::MAX);
            made.contains = Some(Contains { schema: contains, least, most });
        }
    }

    fn compile_logic(&mut self, schema: &'s Schema, at: &str, wanted: &dyn Fn(&str) -> bool, made: &mut Assertion) {
        if wanted("$ref")
            && let Some(reference) = schema.get("$ref")
            && let Some((target, at)) = self.target(reference, at)
        {
            let target = self.assertion(target, &at);
            made.all.push(target);
        }
        let all = self.several(schema, "allOf", at, wanted);
        made.all.extend(all.into_iter().flatten());
        made.any = self.several(schema, "anyOf", at, wanted);
        made.one = self.several(schema, "oneOf", at, wanted);
        made.not = self.single(schema, "not", at, wanted);
        if let Some(condition) = self.single(schema, "if", at, wanted) {
            let then = self.single(schema, "then", at, &|_| true);
            let otherwise = self.single(schema, "else", at, &|_| true);
            made.conditional = Some(Conditional { condition, then, otherwise });
        }
    }

    fn single(
        &mut self,
        schema: &'s Schema,
        keyword: &str,
        at: &str,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Option<SchemaId> {
        let value = schema.get(keyword).filter(|_| wanted(keyword))?;
        Some(self.assertion(value, &format!("{at}/{keyword}")))
    }

    fn several(
        &mut self,
        schema: &'s Schema,
        keyword: &str,
        at: &str,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Option<Vec<SchemaId>> {
        if !wanted(keyword) || !schema.contains_key(keyword) {
            return None;
        }
        let list = self.list_of_schemas(schema, keyword, at).iter().enumerate();
        Some(list.map(|(index, value)| self.assertion(value, &format!("{at}/{keyword}/{index}"))).collect())
    }

    /// Keywords of a place that no field can take over, each as one check.
    pub(super) fn assertions_of(&mut self, schema: &'s Schema, at: &str, handled: &[&'static str]) -> Vec<Check> {
        const GROUPS: [(&str, &[&str]); 8] = [
            ("not", &["not"]),
            ("if", &["if"]),
            ("contains", &["contains"]),
            ("propertyNames", &["propertyNames"]),
            ("dependentRequired", &["dependentRequired"]),
            ("dependentSchemas", &["dependentSchemas"]),
            ("anyOf", &["anyOf"]),
            ("oneOf", &["oneOf"]),
        ];
        let mut checks = Vec::new();
        for (keyword, group) in GROUPS {
            if !schema.contains_key(keyword) || handled.contains(&keyword) {
                continue;
            }
            for below in
                ["not", "if", "then", "else", "contains", "propertyNames", "dependentSchemas", "anyOf", "oneOf"]
            {
                let belongs = below == keyword || (keyword == "if" && matches!(below, "then" | "else"));
                if let Some(value) = schema.get(below).filter(|_| belongs) {
                    match (below, value) {
                        ("dependentSchemas", Value::Object(map)) => {
                            map.values().for_each(|value| self.no_annotations(value, at));
                        }
                        _ => self.no_annotations(value, at),
                    }
                }
            }
            checks.push(Check::Schema(keyword, self.assertion_by(schema, at, group)));
        }
        checks
    }

    /// Refuses assertions that lead back to themselves without going deeper into the value: they would never end.
    pub(super) fn unending(&mut self) {
        let mut state = vec![0_u8; self.schemas.len()];
        for start in 0..self.schemas.len() {
            // Depth first, without recursion: a long chain of references must not exhaust the stack.
            let mut path = vec![(start, false)];
            while let Some((at, left)) = path.pop() {
                let Some(seen) = state.get_mut(at) else { continue };
                match (*seen, left) {
                    (_, true) => *seen = 2,
                    (0, false) => {
                        *seen = 1;
                        path.push((at, true));
                        let below: Vec<usize> = self
                            .schemas
                            .get(at)
                            .map(|schema| schema.in_place().map(|id| id.0).collect())
                            .unwrap_or_default();
                        if below.iter().any(|id| state.get(*id) == Some(&1)) {
                            self.contradiction("", "a $ref leads to itself");
                            return;
                        }
                        path.extend(below.into_iter().map(|id| (id, false)));
                    }
                    _ => {}
                }
            }
        }
    }
}
