//! A schema as its field sees it: references followed, the choice of null taken off.

use serde_json::{Map, Value};

/// Most references that are followed.
const MOST_HOPS: usize = 16;

/// What a schema says, wherever it says so.
pub(super) struct View<'s> {
    /// The schema and those it refers to, the nearest first.
    layers: Vec<&'s Map<String, Value>>,
    /// The alternatives beside null, where there are several.
    pub(super) choices: Vec<&'s Value>,
}

impl<'s> View<'s> {
    pub(super) fn of(root: &'s Value, schema: &'s Value) -> Self {
        let mut view = Self { layers: Vec::new(), choices: Vec::new() };
        let mut at = schema;
        for _ in 0..MOST_HOPS {
            let Some(layer) = at.as_object() else {
                break;
            };
            view.layers.push(layer);
            if let Some(target) = layer
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| root.pointer(reference.strip_prefix('#')?))
            {
                at = target;
                continue;
            }
            let choices = ["anyOf", "oneOf"].iter().find_map(|key| layer.get(*key)?.as_array());
            let real: Vec<&Value> = choices
                .into_iter()
                .flatten()
                .filter(|choice| choice.get("type").is_none_or(|kind| kind != "null"))
                .collect();
            match (real.as_slice(), layer.get("allOf").and_then(Value::as_array).map(Vec::as_slice)) {
                ([one], _) => at = one,
                ([], Some([one])) => at = one,
                _ => {
                    view.choices = real;
                    break;
                }
            }
        }
        view
    }

    pub(super) fn get(&self, keyword: &str) -> Option<&'s Value> {
        self.layers.iter().find_map(|layer| layer.get(keyword))
    }

    pub(super) fn has(&self, keyword: &str) -> bool {
        self.get(keyword).is_some()
    }

    /// The JSON types beside null, those of the alternatives included; empty where nothing says.
    pub(super) fn types(&self, root: &'s Value) -> Vec<&'s str> {
        let stated: Vec<&str> = match self.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut types: Vec<&str> = stated.into_iter().filter(|one| *one != "null").collect();
        for choice in &self.choices {
            // A choice of choices is as deep as it gets in practice.
            let below = Self::of(root, choice);
            let stated = below.get("type").and_then(Value::as_str);
            types.extend(stated.filter(|one| *one != "null"));
        }
        types.sort_unstable();
        types.dedup();
        types
    }

    /// The one type beside null.
    pub(super) fn one_type(&self, root: &'s Value) -> Option<&'s str> {
        match self.types(root).as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The listed values, null aside.
    pub(super) fn values(&self) -> Option<Vec<&'s Value>> {
        let list = self.get("enum")?.as_array()?;
        Some(list.iter().filter(|value| !value.is_null()).collect())
    }
}
