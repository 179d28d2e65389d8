//! Where requests name things by ids, as the document says it. A field or parameter that holds an id carries
//! `x-id-of`: what it is an id of, and how another tenant's is refused.

use super::document::{Document, Ids, Operation, id_named, needed};
use serde_json::{Map, Value};

/// A place in a request, beside its path, where an id stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) part: Part,
    /// How an id of another tenant is refused here.
    pub(super) status: u16,
    /// Its problem's code; of a list, `nothing_found`.
    pub(super) code: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Part {
    Query(String),
    /// The fields that lead there, from the outside.
    Body(Vec<String>),
}

impl Place {
    pub(super) fn name(&self) -> &str {
        match &self.part {
            Part::Query(name) => name,
            Part::Body(fields) => fields.last().unwrap(),
        }
    }

    fn of(operation: &Operation, part: Part, schema: &Value, mark: &Value) -> Option<Self> {
        let name = match &part {
            Part::Query(name) => name,
            Part::Body(fields) => fields.last()?,
        };
        let called_so = ["_id", "_ids"].iter().any(|end| name.ends_with(end));
        let is_id = schema["format"] == "uuid";
        let what = format!("`{name}` of {}", operation.id);
        assert!(
            is_id || !called_so,
            "{what} is called an id, and its format is not uuid"
        );
        if !is_id {
            return None;
        }
        let refusal = &mark["if_anothers"];
        let status = refusal["status"].as_u64();
        let status = status
            .unwrap_or_else(|| panic!("{what} does not say, by x-id-of, how another tenant's is refused"));
        let listed = &operation.description["responses"];
        let stated = listed.get(status.to_string()).is_some() || operation.path.starts_with("/graph");
        assert!(stated, "{what}: {status} is not among the operation's answers");
        Some(Self {
            part,
            status: status.try_into().unwrap(),
            code: refusal["code"].clone(),
        })
    }
}

impl Document {
    /// All places in an operation's query and body where ids stand. Panics for one that says too little.
    pub(super) fn places(&self, operation: &Operation) -> Vec<Place> {
        let parameters = operation.description["parameters"]
            .as_array()
            .into_iter()
            .flatten();
        let in_query = parameters.filter(|parameter| parameter["in"] == "query");
        let mut places: Vec<Place> = in_query
            .filter_map(|parameter| {
                let part = Part::Query(parameter["name"].as_str()?.to_owned());
                let schema = &parameter["schema"];
                Place::of(operation, part, schema, &schema["x-id-of"])
            })
            .collect();
        if let Some(schema) = self.body_schema(operation) {
            self.find(operation, &[], schema, &Value::Null, &mut places);
        }
        places
    }

    fn find(
        &self,
        operation: &Operation,
        fields: &[String],
        schema: &Value,
        mark: &Value,
        places: &mut Vec<Place>,
    ) {
        let schema = self.resolved(schema);
        let mark = schema.get("x-id-of").unwrap_or(mark);
        let either = ["oneOf", "anyOf", "allOf"]
            .iter()
            .filter_map(|kind| schema[kind].as_array())
            .flatten();
        let inner: Vec<&Value> = either.chain(schema.get("items")).collect();
        if inner.is_empty() && !fields.is_empty() && schema["properties"].is_null() {
            places.extend(Place::of(operation, Part::Body(fields.to_vec()), schema, mark));
        }
        for schema in inner {
            self.find(operation, fields, schema, mark, places);
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let fields = [fields, std::slice::from_ref(name)].concat();
            self.find(operation, &fields, schema, &Value::Null, places);
        }
    }

    /// The body that names this, with nothing in it that may be left out.
    pub(super) fn body_naming(&self, operation: &Operation, place: &Place, ids: &Ids) -> Option<Value> {
        let fields = match &place.part {
            Part::Body(fields) => fields.as_slice(),
            Part::Query(_) => &[],
        };
        Some(self.smallest("", self.body_schema(operation)?, fields, ids))
    }

    fn smallest(&self, name: &str, schema: &Value, fields: &[String], ids: &Ids) -> Value {
        let schema = self.resolved(schema);
        if let Some(either) = schema["oneOf"].as_array() {
            // A body that may be left out is null or what it is.
            let real = either.iter().find(|schema| schema["type"] != "null");
            return self.smallest(name, real.unwrap(), fields, ids);
        }
        let Some(properties) = schema["properties"].as_object() else {
            return self.example(name, schema, ids);
        };
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mut body = Map::new();
        for (field, schema) in properties {
            let leads = fields.first() == Some(field);
            if leads || required.iter().any(|name| name == field) {
                let rest = if leads { &fields[1..] } else { &[] };
                body.insert(field.clone(), self.smallest(field, schema, rest, ids));
            }
        }
        Value::Object(body)
    }
}

impl Operation {
    /// The address with these ids in its path, and with the one that is named in its query.
    pub(super) fn address_naming(&self, place: &Place, own: &Ids, ids: &Ids) -> String {
        let mut address = self.path.clone();
        for parameter in self.description["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            if parameter["in"] == "path" {
                address = address.replace(&format!("{{{name}}}"), self.id_in_path(name, own));
            }
        }
        let parameters = self.description["parameters"].as_array().into_iter().flatten();
        let mut query: Vec<String> = parameters.filter_map(needed).collect();
        if let Part::Query(name) = &place.part {
            query.push(format!("{name}={}", id_named(name, ids)));
        }
        if query.is_empty() {
            address
        } else {
            format!("{address}?{}", query.join("&"))
        }
    }
}
