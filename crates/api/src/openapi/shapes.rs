//! The words in which answers are told of, and what each resource looks like in them: one file for each.
//!
//! A table says of each field what it holds, from which microversion until which it is there, and whether always then
//! or only sometimes: for whom it may be shown, or when it was asked for.

pub mod attachments;
pub mod clusters;
pub mod groups;
pub mod manageable;
pub mod messages;
pub mod operators;
pub mod qos;
pub mod quotas;
pub mod snapshots;
pub mod transfers;
pub mod types;
pub mod volumes;

use serde_json::{Map, Value, json};

use crate::version::{Version, v3};

/// A moment as the API writes it: no zone, and six digits of a second or none.
const TIME: &str = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?$";

/// What a value is.
#[derive(Debug)]
pub enum Kind {
    /// Anything.
    Any,
    /// A text.
    Text,
    /// A text of these.
    Words(fn() -> Vec<&'static str>),
    /// An identity.
    Uuid,
    /// A moment.
    Time,
    /// A whole number.
    Int,
    /// A whole number that is not negative.
    Count,
    /// A truth.
    Bool,
    /// That or null.
    Or(&'static Kind),
    /// One of these.
    Either(&'static [Kind]),
    /// A list of that.
    List(&'static Kind),
    /// An object with any keys, each of which has that.
    Map(&'static Kind),
    /// An object with a single key of any name, which has that.
    Pair(&'static Kind),
    /// An object with these fields and no others.
    Object(&'static [&'static [Field]]),
    /// An object with these fields, each other key of which has that.
    With(&'static [&'static [Field]], &'static Kind),
    /// An object with this one field.
    One(&'static str, &'static Kind),
    /// A page of a list: the list's key, what it is of, and the key of the link to the next page.
    Page(&'static str, &'static Kind, &'static str),
    /// A page that may have the number of all.
    Counted(&'static str, &'static Kind, &'static str),
    /// What stands among the components by this name.
    Named(&'static str, &'static Kind),
    /// That as it was at the oldest microversion, whichever was asked for.
    Oldest(&'static Kind),
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    name: &'static str,
    kind: Kind,
    since: u16,
    until: u16,
    always: bool,
}

/// A field that is always there.
#[must_use]
pub const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, since: 0, until: u16::MAX, always: true }
}

impl Field {
    /// Not below `3.<minor>`.
    #[must_use]
    pub const fn since(mut self, minor: u16) -> Self {
        self.since = minor;
        self
    }

    /// Not above `3.<minor>`.
    #[must_use]
    pub const fn until(mut self, minor: u16) -> Self {
        self.until = minor;
        self
    }

    /// Not in each answer.
    #[must_use]
    pub const fn sometimes(mut self) -> Self {
        self.always = false;
        self
    }

    fn is_at(&self, version: Version) -> bool {
        (v3(self.since)..=v3(self.until)).contains(&version)
    }
}

/// Links to a resource.
pub const LINKS: Kind = Kind::Named("Links", &Kind::List(&LINK));
static LINK: Kind = Kind::Object(&[&[field("rel", Kind::Text), field("href", Kind::Text)]]);
/// A user's pairs.
pub const METADATA: Kind = Kind::Map(&Kind::Text);
/// A type's specs: a key may have nothing.
pub const SPECS: Kind = Kind::Map(&MAYBE_TEXT);
/// A text or null.
pub const MAYBE_TEXT: Kind = Kind::Or(&Kind::Text);
/// An identity or null.
pub const MAYBE_UUID: Kind = Kind::Or(&Kind::Uuid);
/// A moment or null.
pub const MAYBE_TIME: Kind = Kind::Or(&Kind::Time);
/// Identity and name, of what may have none.
pub const BRIEF: &[Field] = &[field("id", Kind::Uuid), field("name", MAYBE_TEXT)];
/// From here on a list may say how many there are.
const COUNTED: u16 = 45;

/// Writes schemas of one microversion and keeps those that have names.
#[derive(Debug)]
pub struct Scribe {
    version: Version,
    /// Schemas by name.
    pub named: Map<String, Value>,
}

impl Scribe {
    /// At `version`.
    #[must_use]
    pub fn at(version: Version) -> Self {
        Self { version, named: Map::new() }
    }

    /// The schema of `kind`.
    pub fn write(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Any => json!({}),
            Kind::Text => json!({ "type": "string" }),
            Kind::Words(words) => {
                let mut words = words();
                words.sort_unstable();
                words.dedup();
                json!({ "type": "string", "enum": words })
            }
            Kind::Uuid => json!({ "type": "string", "format": "uuid" }),
            Kind::Time => json!({ "type": "string", "pattern": TIME }),
            Kind::Int => json!({ "type": "integer" }),
            Kind::Count => json!({ "type": "integer", "minimum": 0 }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::Or(kind) => nullable(self.write(kind)),
            Kind::Either(kinds) => {
                json!({ "anyOf": kinds.iter().map(|kind| self.write(kind)).collect::<Vec<_>>() })
            }
            Kind::List(kind) => json!({ "type": "array", "items": self.write(kind) }),
            Kind::Map(kind) => {
                json!({ "type": "object", "additionalProperties": self.write(kind) })
            }
            Kind::Pair(kind) => json!({
                "type": "object", "additionalProperties": self.write(kind),
                "minProperties": 1, "maxProperties": 1,
            }),
            Kind::Object(tables) => self.object(tables, json!(false)),
            Kind::With(tables, rest) => {
                let rest = self.write(rest);
                self.object(tables, rest)
            }
            Kind::One(name, kind) => json!({
                "type": "object", "properties": { *name: self.write(kind) }, "required": [name],
                "additionalProperties": false,
            }),
            Kind::Page(name, kind, links) => self.page(name, kind, links),
            Kind::Counted(name, kind, links) => {
                let mut page = self.page(name, kind, links);
                if self.version >= v3(COUNTED) {
                    page["properties"]["count"] = self.write(&Kind::Count);
                }
                page
            }
            Kind::Named(name, kind) => self.name(name, kind),
            Kind::Oldest(kind) => {
                let version = std::mem::replace(&mut self.version, Version::MIN);
                let schema = self.write(kind);
                self.version = version;
                schema
            }
        }
    }

    fn object(&mut self, tables: &[&[Field]], rest: Value) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let version = self.version;
        for field in tables.iter().copied().flatten().filter(|field| field.is_at(version)) {
            properties.insert(field.name.to_owned(), self.write(&field.kind));
            if field.always {
                required.push(field.name);
            }
        }
        let mut object = json!({
            "type": "object", "properties": properties, "additionalProperties": rest,
        });
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        object
    }

    fn page(&mut self, name: &str, kind: &Kind, links: &str) -> Value {
        let next = self.write(&LINKS);
        json!({
            "type": "object",
            "properties": { name: { "type": "array", "items": self.write(kind) }, links: next },
            "required": [name],
            "additionalProperties": false,
        })
    }

    fn name(&mut self, name: &str, kind: &Kind) -> Value {
        if !self.named.contains_key(name) {
            let schema = self.write(kind);
            self.named.insert(name.to_owned(), schema);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

/// The schema, or null.
fn nullable(mut schema: Value) -> Value {
    match schema["type"].take() {
        Value::String(kind) => {
            schema["type"] = json!([kind, "null"]);
            if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                words.push(Value::Null);
            }
            schema
        }
        _ => {
            if let Some(schema) = schema.as_object_mut() {
                schema.remove("type");
            }
            json!({ "anyOf": [schema, { "type": "null" }] })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_there_from_its_version_until_its_last() {
        static OF: Kind = Kind::Object(&[&[
            field("a", Kind::Bool).since(3).until(4),
            field("a", Kind::Or(&Kind::Bool)).since(5).sometimes(),
        ]]);
        let at = |minor: u16| Scribe::at(v3(minor)).write(&OF);
        assert_eq!(at(2)["properties"], json!({}));
        assert_eq!(at(4)["properties"]["a"], json!({ "type": "boolean" }));
        assert_eq!(at(4)["required"], json!(["a"]));
        assert_eq!(at(5)["properties"]["a"], json!({ "type": ["boolean", "null"] }));
        assert_eq!(at(5).get("required"), None);
        let oldest = Scribe::at(v3(5)).write(&Kind::Oldest(&OF));
        assert_eq!(oldest["properties"], json!({}));
    }

    #[test]
    fn null_is_one_more_type_or_one_more_word_or_one_more_schema() {
        let mut scribe = Scribe::at(Version::MAX);
        let words = scribe.write(&Kind::Or(&Kind::Words(|| vec!["b", "a", "b"])));
        assert_eq!(words, json!({ "type": ["string", "null"], "enum": ["a", "b", null] }));
        let links = scribe.write(&Kind::Or(&LINKS));
        let named = json!({ "$ref": "#/components/schemas/Links" });
        assert_eq!(links, json!({ "anyOf": [named, { "type": "null" }] }));
        assert!(scribe.named.contains_key("Links"));
    }
}
