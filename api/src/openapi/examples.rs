//! Examples that the server takes as they stand, so that an operation can be tried out without filling anything in.

use super::operations::{Schemas, operations, resolved};
use serde_json::{Value, json};
use utoipa::{
    Modify,
    openapi::{
        Content, KnownFormat, OpenApi, RefOr, Schema, SchemaFormat,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
    },
};

/// An id of the shape that ids have here; nothing has it.
const ID: &str = "01980a5e-7c3a-7b52-9a41-3f0d6c2b8e17";

/// Shows an id for each that a path asks for, and the example of its type for each body.
pub(super) struct Examples;

impl Modify for Examples {
    fn modify(&self, document: &mut OpenApi) {
        let none = Schemas::new();
        let schemas = document.components.as_ref().map_or(&none, |known| &known.schemas);
        for (_, operation) in operations(&mut document.paths) {
            show_ids(operation);
            show_body(operation, schemas);
        }
    }
}

fn show_ids(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && asks_for_an_id(parameter)
        {
            let shown = ParameterBuilder::from(std::mem::take(parameter));
            *parameter = shown.example(Some(json!(ID))).build();
        }
    }
}

fn asks_for_an_id(parameter: &Parameter) -> bool {
    let uuid = Some(SchemaFormat::KnownFormat(KnownFormat::Uuid));
    let schema = parameter.schema.as_ref();
    let is_id = matches!(schema, Some(RefOr::T(Schema::Object(text))) if text.format == uuid);
    is_id && parameter.parameter_in == ParameterIn::Path
}

fn show_body(operation: &mut Operation, schemas: &Schemas) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    for content in body.content.values_mut() {
        if let RefOr::T(content) = content {
            content.example = content.example.take().or_else(|| example(content, schemas));
        }
    }
}

fn example(content: &Content, schemas: &Schemas) -> Option<Value> {
    match resolved(content.schema.as_ref()?, schemas)? {
        Schema::Object(object) => object.example.clone(),
        _ => None,
    }
}
