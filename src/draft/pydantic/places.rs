//! The properties of a document, wherever they stand, and what their schemas take.

use crate::draft::personal::{self, Class, Treatment};
use crate::draft::view::View;
use crate::draft::words::Words;
use serde_json::{Map, Value, json};

/// A property in the place where it stands.
pub(super) struct Spot {
    pub(super) pointer: String,
    pub(super) name: Words,
    /// The name of what it is a property of.
    pub(super) parent: Words,
    pub(super) schema: Value,
}

/// Goes through all schemas that may have properties, each once: the record, what lies inline, the definitions.
pub(super) fn each_object<'d>(document: &'d Value, each: &mut dyn FnMut(&str, &'d Map<String, Value>)) {
    fn visit<'d>(schema: &'d Value, pointer: &str, depth: usize, each: &mut dyn FnMut(&str, &'d Map<String, Value>)) {
        let Some(object) = schema.as_object().filter(|_| depth < 64) else {
            return;
        };
        each(pointer, object);
        for keyword in ["properties", "$defs", "definitions", "patternProperties"] {
            for (name, below) in object.get(keyword).and_then(Value::as_object).into_iter().flatten() {
                visit(below, &format!("{pointer}/{}/{}", escape(keyword), escape(name)), depth + 1, each);
            }
        }
        for keyword in ["anyOf", "oneOf", "allOf", "prefixItems"] {
            for (position, below) in object.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate() {
                visit(below, &format!("{pointer}/{keyword}/{position}"), depth + 1, each);
            }
        }
        for keyword in ["items", "additionalProperties"] {
            if let Some(below) = object.get(keyword) {
                visit(below, &format!("{pointer}/{keyword}"), depth + 1, each);
            }
        }
    }
    visit(document, "", 0, each);
}

/// A name as a JSON Pointer holds it (RFC 6901).
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// All properties.
pub(super) fn spots(document: &Value) -> Vec<Spot> {
    let mut spots = Vec::new();
    each_object(document, &mut |pointer, object| {
        let parent = object.get("title").and_then(Value::as_str).map(Words::of);
        let parent = parent.unwrap_or_else(|| Words::of(pointer.rsplit('/').next().unwrap_or_default()));
        for (name, schema) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            spots.push(Spot {
                pointer: format!("{pointer}/properties/{}", escape(name)),
                name: Words::of(name),
                parent: parent.clone(),
                schema: schema.clone(),
            });
        }
    });
    spots
}

/// What matters of a property's schema.
pub(super) struct Shape {
    types: Vec<String>,
    /// The types of its items, where it is a list.
    items: Vec<String>,
    /// The formats of its texts, those of alternatives and items included.
    formats: Vec<String>,
}

impl Shape {
    pub(super) fn of(document: &Value, view: &View<'_>) -> Self {
        let owned = |types: Vec<&str>| types.into_iter().map(ToOwned::to_owned).collect();
        let mut shape = Self { types: owned(view.types(document)), items: Vec::new(), formats: Vec::new() };
        shape.note_format(view.get("format"));
        for choice in &view.choices {
            shape.note_format(View::of(document, choice).get("format"));
        }
        let items = view.get("items").into_iter();
        for item in items.chain(view.get("prefixItems").and_then(Value::as_array).into_iter().flatten()) {
            let item = View::of(document, item);
            shape.items.extend(item.types(document).into_iter().map(ToOwned::to_owned));
            shape.note_format(item.get("format"));
        }
        shape
    }

    fn note_format(&mut self, format: Option<&Value>) {
        self.formats.extend(format.and_then(Value::as_str).map(ToOwned::to_owned));
    }

    fn is(&self, name: &str) -> bool {
        self.types.iter().all(|one| one == name) && !self.types.is_empty()
    }

    pub(super) fn is_scalar(&self) -> bool {
        self.types.iter().all(|one| one != "array" && one != "object") && !self.types.is_empty()
    }

    fn has_format(&self, names: &str) -> bool {
        self.formats.iter().any(|format| names.split(' ').any(|name| name == format))
    }

    /// What the name says, else what the format says.
    pub(super) fn class(&self, name: &Words, parent: &Words) -> Option<Class> {
        let class = |name, treatment| Some(Class { name, treatment });
        if self.has_format("password multi-host-uri") {
            return class("credential", Treatment::Drop);
        }
        let by_name = personal::by_name(name, parent);
        let weak = by_name.is_none_or(|class| matches!(class.treatment, Treatment::Quasi | Treatment::Scan));
        if !weak {
            return by_name;
        }
        if self.has_format("email idn-email name-email") {
            class("email", Treatment::Pseudonym)
        } else if self.has_format("ipv4 ipv6 ipvanyaddress") {
            class("ip", Treatment::Pseudonym)
        } else if self.has_format("phone") {
            class("phone", Treatment::Pseudonym)
        } else if self.has_format("uri") && self.is("string") {
            class(WEB_ADDRESS, Treatment::Scan)
        } else {
            by_name
        }
    }

    /// The mask of a class; none where the members of an object have masks of their own.
    pub(super) fn mask(&self, class: Class) -> Option<Value> {
        let holders: &[String] = if self.is("array") { &self.items } else { &self.types };
        let inside = holders.iter().any(|one| one == "object");
        let whole = class.treatment == Treatment::Drop && class.name != "address";
        if inside && !whole {
            return None;
        }
        // A truth value about somebody, such as `smokes`, is not taken away by its name alone.
        if !holders.is_empty() && holders.iter().all(|one| one == "boolean") && !whole {
            return None;
        }
        if class.name == WEB_ADDRESS {
            return Some(json!("url"));
        }
        let text = !holders.is_empty() && holders.iter().all(|one| one == "string");
        let scalars =
            !holders.is_empty() && holders.iter().all(|one| matches!(one.as_str(), "string" | "number" | "integer"));
        let day_first = class.name == "birth" && !self.has_format("date date-time");
        personal::mask(class, text && !day_first && !self.is("array"), scalars)
    }

    /// The normalisers that fit the type, and why.
    pub(super) fn normalisers(&self, view: &View<'_>) -> Option<(Value, &'static str)> {
        let decimal = self.types.iter().all(|one| matches!(one.as_str(), "number" | "string"))
            && view.choices.len() == 2
            && self.types.len() == 2
            && self.formats.is_empty()
            && view.choices.iter().any(|choice| choice.get("pattern").is_some());
        if self.is("integer") || self.is("number") || decimal {
            return Some((json!(["number"]), "numbers often come as text"));
        }
        if self.is("boolean") {
            return Some((json!(["boolean"]), "truth values often come as words"));
        }
        if !self.is("string") || self.has_format("password binary base64url base64") {
            return None;
        }
        if self.has_format("date-time") {
            return Some((json!(["datetime"]), "points in time come in many forms"));
        }
        if self.has_format("email") {
            return Some((json!(["trim", "lowercase_domain"]), "the domain is the same in any letter case"));
        }
        Some(match view.values().and_then(|values| values.into_iter().map(Value::as_str).collect::<Option<Vec<_>>>()) {
            Some(values) if !values.is_empty() && values.iter().all(|value| *value == value.to_lowercase()) => {
                (json!(["trim", "lowercase"]), "the values are in lower case")
            }
            Some(values) if !values.is_empty() && values.iter().all(|value| *value == value.to_uppercase()) => {
                (json!(["trim", "uppercase"]), "the values are in upper case")
            }
            _ => (json!(["trim"]), "blanks at the ends say nothing"),
        })
    }
}

/// Web addresses have a mask of their own, though they are no class of personal data.
pub(super) const WEB_ADDRESS: &str = "web_address";
