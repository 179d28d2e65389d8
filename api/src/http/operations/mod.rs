//! What the description of the API says of its operations: their names, methods and parameters. Layers and extractors
//! ask it, so that nothing that is described has to be said twice.

mod parameters;

use actix_web::http::Method;
use parameters::Parameters;
use std::collections::HashMap;
use utoipa::openapi::{
    OpenApi,
    path::{Operation, PathItem},
};

/// The operations of a description, by method and path pattern.
pub(crate) struct Operations {
    methods: HashMap<String, String>,
    operations: HashMap<String, Described>,
}

/// What is asked about an operation.
struct Described {
    id: String,
    parameters: Option<Parameters>,
}

impl Operations {
    /// Those of a description.
    pub(crate) fn of(description: &OpenApi) -> Self {
        let paths = &description.paths.paths;
        let methods = paths.iter().map(|(path, item)| (path.clone(), methods(item)));
        Self {
            methods: methods.collect(),
            operations: paths.iter().flat_map(described).collect(),
        }
    }

    /// The `operationId` of a method on a path pattern.
    pub(crate) fn id(&self, method: &Method, pattern: &str) -> Option<&str> {
        self.described(method, pattern)
            .map(|operation| operation.id.as_str())
    }

    /// The query parameters of a method on a path pattern; none where others are let be too.
    pub(crate) fn parameters(&self, method: &Method, pattern: &str) -> Option<&Parameters> {
        self.described(method, pattern)?.parameters.as_ref()
    }

    fn described(&self, method: &Method, pattern: &str) -> Option<&Described> {
        self.operations.get(&format!("{method} {pattern}"))
    }

    /// The methods of a path pattern, as an `Allow` header says them.
    pub(crate) fn methods(&self, pattern: &str) -> Option<&str> {
        self.methods.get(pattern).map(String::as_str)
    }
}

/// Whether somebody has to show a credential.
pub(crate) fn is_guarded(operation: &Operation) -> bool {
    operation.security.as_ref().is_some_and(|ways| !ways.is_empty())
}

/// Whether an operation stands under a tag.
pub(crate) fn is_tagged(operation: &Operation, tag: &str) -> bool {
    operation.tags.iter().flatten().any(|known| known == tag)
}

/// What can be read can also be asked about, hence `HEAD` beside `GET`.
fn methods(item: &PathItem) -> String {
    let known = [
        (item.get.is_some(), "GET, HEAD"),
        (item.post.is_some(), "POST"),
        (item.put.is_some(), "PUT"),
        (item.patch.is_some(), "PATCH"),
        (item.delete.is_some(), "DELETE"),
    ];
    known
        .into_iter()
        .filter(|(given, _)| *given)
        .map(|(_, name)| name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A path's operations, by method and pattern.
fn described((path, item): (&String, &PathItem)) -> Vec<(String, Described)> {
    let known = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let described = known.into_iter().filter_map(|(method, operation)| {
        let operation = operation.as_ref()?;
        let described = Described {
            id: operation.operation_id.clone()?,
            parameters: Parameters::of(operation),
        };
        Some((format!("{method} {path}"), described))
    });
    described.collect()
}
