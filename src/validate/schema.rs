//! Whether a value keeps a schema: JSON Schema 2020-12, yes or no.

use super::scalar::{has_type, holds};
use crate::contract::{Schema, SchemaId};
use crate::record::document::{Document, NodeId, Value};

/// Most schemas that one question may ask. Alternatives within alternatives multiply, and contract and record may both
/// be hostile; what is not decided by then does not hold.
const MOST_STEPS: u32 = 200_000;

/// Whether the value at `node` keeps a schema.
pub(crate) fn satisfies(schemas: &[Schema], schema: SchemaId, doc: &Document, node: NodeId) -> bool {
    let mut question = Question { schemas, doc, left: MOST_STEPS };
    question.keeps(schema, node) && question.left > 0
}

struct Question<'q> {
    schemas: &'q [Schema],
    doc: &'q Document,
    left: u32,
}

impl Question<'_> {
    fn keeps(&mut self, schema: SchemaId, node: NodeId) -> bool {
        self.left = self.left.saturating_sub(1);
        let Some(schema) = self.schemas.get(schema.0).filter(|_| self.left > 0) else {
            return false;
        };
        let value = self.doc.value(node);
        has_type(value, self.doc, schema.types)
            && schema.checks.iter().all(|check| holds(check, self.schemas, self.doc, node))
            && self.logic(schema, node)
            && match value {
                Value::Object(_) => self.members(schema, node),
                Value::List(_) => self.items(schema, node),
                _ => true,
            }
    }

    fn logic(&mut self, schema: &Schema, node: NodeId) -> bool {
        schema.all.iter().all(|all| self.keeps(*all, node))
            && schema.any.as_ref().is_none_or(|any| any.iter().any(|any| self.keeps(*any, node)))
            && schema.one.as_ref().is_none_or(|one| one.iter().filter(|one| self.keeps(**one, node)).count() == 1)
            && schema.not.is_none_or(|not| !self.keeps(not, node))
            && schema.conditional.is_none_or(|branches| {
                let branch = if self.keeps(branches.condition, node) { branches.then } else { branches.otherwise };
                branch.is_none_or(|branch| self.keeps(branch, node))
            })
    }

    fn members(&mut self, schema: &Schema, node: NodeId) -> bool {
        let doc = self.doc;
        let has = |name: &String| doc.children(node).any(|member| doc.str(doc.node(member).key) == name);
        if !schema.required.iter().all(has) {
            return false;
        }
        let mut dependent = schema.dependent_required.iter().filter(|(name, _)| has(name));
        if !dependent.all(|(_, names)| names.iter().all(has)) {
            return false;
        }
        let mut dependent = schema.dependent_schemas.iter().filter(|(name, _)| has(name));
        if !dependent.all(|(_, schema)| self.keeps(*schema, node)) {
            return false;
        }
        doc.children(node).all(|member| self.member(schema, member))
    }

    fn member(&mut self, schema: &Schema, member: NodeId) -> bool {
        let name = self.doc.str(self.doc.node(member).key);
        if let Some(names) = schema.names
            && !self.name_keeps(names, name)
        {
            return false;
        }
        let mut described = false;
        if let Ok(place) = schema.properties.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
            described = true;
            if schema.properties.get(place).is_some_and(|(_, schema)| !self.keeps(*schema, member)) {
                return false;
            }
        }
        for (pattern, schema) in &schema.patterns {
            if pattern.is_match(name) {
                described = true;
                if !self.keeps(*schema, member) {
                    return false;
                }
            }
        }
        described || schema.additional.is_none_or(|additional| self.keeps(additional, member))
    }

    /// A name is a text of its own, so it gets a document of its own.
    fn name_keeps(&mut self, schema: SchemaId, name: &str) -> bool {
        let mut doc = Document::default();
        let span = doc.write(name);
        let node = doc.add(crate::record::document::Node::new(span, Value::Text(span)));
        let mut question = Question { schemas: self.schemas, doc: &doc, left: self.left };
        let keeps = question.keeps(schema, node);
        self.left = question.left;
        keeps
    }

    fn items(&mut self, schema: &Schema, node: NodeId) -> bool {
        let doc = self.doc;
        for (position, item) in doc.children(node).enumerate() {
            let described = schema.prefix.get(position).copied().or(schema.items);
            if described.is_some_and(|described| !self.keeps(described, item)) {
                return false;
            }
        }
        schema.contains.is_none_or(|contains| {
            let found = doc.children(node).filter(|item| self.keeps(contains.schema, *item)).count() as u64;
            (contains.least..=contains.most).contains(&found)
        })
    }
}
