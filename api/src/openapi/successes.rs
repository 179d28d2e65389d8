//! What each answer is, said once: where its type stands.

use super::operations::{Schemas, operations, resolved};
use utoipa::{
    Modify,
    openapi::{OpenApi, RefOr, Response, Schema},
};

/// What is said of an answer whose type says nothing.
const DONE: &str = "Done";

/// Describes answers that do not describe themselves by the description of their type.
pub(super) struct Successes;

impl Modify for Successes {
    fn modify(&self, document: &mut OpenApi) {
        let none = Schemas::new();
        let schemas = document.components.as_ref().map_or(&none, |known| &known.schemas);
        for (_, operation) in operations(&mut document.paths) {
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response {
                    describe(response, schemas);
                }
            }
        }
    }
}

fn describe(response: &mut Response, schemas: &Schemas) {
    if !response.description.is_empty() {
        return;
    }
    let contents = response.content.values().filter_map(|content| match content {
        RefOr::T(content) => content.schema.as_ref(),
        RefOr::Ref(_) => None,
    });
    let mut told = contents.filter_map(|schema| description(resolved(schema, schemas)?));
    response.description = told.next().unwrap_or_else(|| DONE.to_owned());
}

fn description(schema: &Schema) -> Option<String> {
    let told = match schema {
        Schema::Object(object) => &object.description,
        Schema::AllOf(all) => &all.description,
        Schema::Array(list) => &list.description,
        _ => &None,
    };
    told.clone()
}
