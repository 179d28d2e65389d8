//! The operations of the OpenAPI document, and requests that fit them.

use crate::support::Installation;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One operation.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: reqwest::Method,
    pub(super) path: String,
    pub(super) description: Value,
}

/// A document and its schemas.
pub(super) struct Document(Value);

/// Ids by the names under which they stand in paths, queries and bodies.
pub(super) type Ids = BTreeMap<&'static str, String>;

impl Document {
    pub(super) async fn of(vitrine: &Installation) -> Self {
        Self(vitrine.get("/openapi.json").await.expect(200))
    }

    /// All operations. What may end a sign-in comes last.
    pub(super) fn operations(&self) -> Vec<Operation> {
        let paths = self.0["paths"].as_object().unwrap();
        let mut operations = Vec::new();
        for (path, item) in paths {
            for (method, description) in item.as_object().unwrap() {
                let Some(id) = description["operationId"].as_str() else {
                    continue;
                };
                operations.push(Operation {
                    id: id.to_owned(),
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    description: description.clone(),
                });
            }
        }
        operations.sort_by_key(|operation| ends_sign_ins(&operation.path));
        assert!(operations.len() > 40, "{}", operations.len());
        operations
    }

    /// A schema, also where another place of the document has it.
    pub(super) fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.0.pointer(reference.trim_start_matches('#')).unwrap(),
            None => schema,
        }
    }

    /// The schema of an operation's body.
    pub(super) fn body_schema<'o>(&self, operation: &'o Operation) -> Option<&'o Value> {
        let content = operation.description["requestBody"]["content"].as_object()?;
        content.get("application/json").map(|json| &json["schema"])
    }

    /// A body that fits, with these ids wherever an id is asked for; none where the operation takes none.
    pub(super) fn body(&self, operation: &Operation, ids: &Ids) -> Option<Value> {
        Some(self.example("", self.body_schema(operation)?, ids))
    }

    pub(super) fn example(&self, name: &str, schema: &Value, ids: &Ids) -> Value {
        let schema = self.resolved(schema);
        if let Some(words) = schema["enum"].as_array() {
            return words[0].clone();
        }
        if let Some(either) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let real = either.iter().find(|schema| schema["type"] != "null").unwrap();
            return self.example(name, real, ids);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().map(|part| self.example(name, part, ids));
            let fields = parts.filter_map(|part| part.as_object().cloned()).flatten();
            return Value::Object(fields.collect());
        }
        match kind(schema) {
            "object" => self.object(schema, ids),
            "array" => json!([self.example(name, &schema["items"], ids)]),
            "boolean" => json!(true),
            "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            _ => json!(text(name, schema, ids)),
        }
    }

    fn object(&self, schema: &Value, ids: &Ids) -> Value {
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let fields = properties
            .iter()
            .map(|(name, schema)| (name.clone(), self.example(name, schema, ids)));
        Value::Object(fields.collect::<Map<_, _>>())
    }
}

/// Operations that may end the sign-in or the tenant of whoever calls them.
fn ends_sign_ins(path: &str) -> bool {
    ["/v1/me", "/v1/auth", "/v1/tenant", "/v1/members"]
        .iter()
        .any(|start| path.starts_with(start))
}

fn kind(schema: &Value) -> &str {
    let named = schema["type"].as_str();
    let listed = schema["type"].as_array().and_then(|kinds| {
        kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
    });
    named.or(listed).unwrap_or("string")
}

/// A text that fits; a UUID is the id that goes by the field's name.
fn text(name: &str, schema: &Value, ids: &Ids) -> String {
    match schema["format"].as_str() {
        Some("uuid") => id_named(name, ids).to_owned(),
        Some(known @ ("email" | "password")) if ids.contains_key(known) => ids[known].clone(),
        Some("email") => "somebody@example.com".to_owned(),
        Some("uri") => "https://example.com/".to_owned(),
        Some("date-time") => "2031-01-01T00:00:00Z".to_owned(),
        Some("password") => "a long and rare passphrase".to_owned(),
        _ => schema["example"]
            .as_str()
            .unwrap_or("https://example.com")
            .to_owned(),
    }
}

/// A query parameter that cannot be left out.
pub(super) fn needed(parameter: &Value) -> Option<String> {
    let is_needed = parameter["in"] == "query" && parameter["required"] == true;
    let name = parameter["name"].as_str()?;
    is_needed.then(|| format!("{name}={}", parameter["example"].as_str().unwrap_or("1")))
}

/// What stands in the paths of pages that are anybody's.
const PUBLIC_NAMES: [(&str, &str); 2] = [("code", "nothing-has-this-code"), ("file", "swagger-ui.css")];

/// The id for a name such as `account_id` or `account_ids`.
///
/// Whoever adds a route with another kind of id says here, in [`super::scene`], which one another tenant has.
pub(super) fn id_named<'a>(name: &str, ids: &'a Ids) -> &'a str {
    let single = name.strip_suffix('s').unwrap_or(name);
    let public = PUBLIC_NAMES.iter().find(|(known, _)| *known == name);
    ids.get(name)
        .or_else(|| ids.get(single))
        .map(String::as_str)
        .or(public.map(|(_, text)| *text))
        .unwrap_or_else(|| panic!("no id of another tenant stands for `{name}`; add one to the scene"))
}

impl Operation {
    /// Whether somebody has to show a credential.
    pub(super) fn is_guarded(&self) -> bool {
        self.description["security"]
            .as_array()
            .is_some_and(|ways| !ways.is_empty())
    }

    /// Whether it looks for a credential in `Authorization`.
    pub(super) fn reads_bearers(&self) -> bool {
        self.description["security"].to_string().contains("\"bearer\"")
    }

    /// Whether any API key opens it.
    pub(super) fn takes_keys(&self) -> bool {
        self.description["security"].to_string().contains("key")
    }

    /// Whether its path names something by an id.
    pub(super) fn names_a_thing(&self) -> bool {
        self.path.contains('{')
    }

    /// The id of a thing that the path names.
    pub(super) fn id_in_path<'a>(&self, name: &str, ids: &'a Ids) -> &'a str {
        match (self.path.starts_with("/graph"), name) {
            (true, "user_id") => id_named("platform_user_id", ids),
            (true, _) => id_named("platform_media_id", ids),
            (false, _) => id_named(name, ids),
        }
    }

    /// The address with these ids in it, also in its query.
    pub(super) fn address(&self, ids: &Ids) -> String {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for parameter in self.description["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str().unwrap() {
                "path" => path = path.replace(&format!("{{{name}}}"), self.id_in_path(name, ids)),
                "query" if parameter["schema"]["format"] == "uuid" => {
                    query.push(format!("{name}={}", id_named(name, ids)));
                }
                _ => query.extend(needed(parameter)),
            }
        }
        if query.is_empty() {
            path
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }
}
