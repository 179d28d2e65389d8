//! The OpenAPI document, generated from the handlers.

mod credentials;
mod examples;
mod idempotency;
mod lists;
mod operations;
mod parameters;
mod problems;
pub(crate) mod schemas;
mod successes;
mod texts;

use crate::{compat::graph::RefusalView, http::problem::ProblemView, routes::Operations};
use actix_web::http::Method;
use bytes::Bytes;
use credentials::Credentials;
use examples::Examples;
use idempotency::IdempotencyKeys;
use lists::Lists;
use parameters::Parameters;
use problems::Problems;
use std::collections::HashMap;
use successes::Successes;
use texts::Texts;
use url::Url;
use utoipa::{
    Modify, OpenApi,
    openapi::{Server, path::PathItem},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vitrine",
        description = "Connects Instagram accounts, keeps them connected, and serves their photos to websites. \
                       Errors are application/problem+json (RFC 9457).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "auth", description = "Register, log in, stay logged in, log out"),
        (name = "me", description = "The logged-in person: name, password, sessions, second factor"),
        (name = "tenant", description = "One site owner's space: settings, plan, usage, export, deletion"),
        (name = "members", description = "Who belongs to a tenant, and who is invited"),
        (name = "api-keys", description = "Keys for programs and pages"),
        (name = "audit-log", description = "Who changed what"),
        (name = "accounts", description = "Connected Instagram accounts"),
        (name = "jobs", description = "Syncs and token refreshes, and how they ended"),
        (name = "feeds", description = "Which posts a site shows; reading them, in every format"),
        (name = "graph", description = "Feeds in the shapes of Instagram's Graph API"),
        (name = "compat", description = "Drop-in replacements for other services"),
        (name = "callbacks", description = "Callbacks from Meta"),
        (name = "operators", description = "Whether the server is alive and ready"),
        (name = "pages", description = "Pages for people, with their scripts and styles"),
    ),
    components(schemas(ProblemView, RefusalView))
)]
struct Description;

/// What holds for whole kinds of operations, in the order in which it is added.
const COMPLETIONS: [&dyn Modify; 7] = [
    &Credentials,
    &Problems,
    &Successes,
    &Lists,
    &IdempotencyKeys,
    &Texts,
    &Examples,
];

/// The document, and what it says about methods.
pub(crate) struct Document {
    json: Bytes,
    methods: HashMap<String, String>,
    operations: HashMap<String, Described>,
}

/// What is asked about an operation.
struct Described {
    id: String,
    parameters: Option<Parameters>,
}

/// The API of a server at this address.
fn describe(public_url: &Url) -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    description.merge(Operations::openapi());
    for completion in COMPLETIONS {
        completion.modify(&mut description);
    }
    description.servers = Some(vec![Server::new(public_url.as_str().trim_end_matches('/'))]);
    description
}

impl Document {
    /// The document of a server at this address.
    #[expect(clippy::expect_used, reason = "the document is fixed, and tests read it")]
    pub(crate) fn new(public_url: &Url) -> Self {
        let description = describe(public_url);
        let methods = description
            .paths
            .paths
            .iter()
            .map(|(path, item)| (path.clone(), methods(item)))
            .collect();
        let operations = description.paths.paths.iter().flat_map(described).collect();
        Self {
            operations,
            json: serde_json::to_vec(&description)
                .expect("the document as JSON")
                .into(),
            methods,
        }
    }

    /// The document as JSON.
    pub(crate) fn json(&self) -> Bytes {
        self.json.clone()
    }

    /// The `operationId` of a method on a path pattern.
    pub(crate) fn operation(&self, method: &Method, pattern: &str) -> Option<&str> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, fs};

    const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    const ANEW: &str = "VITRINE_WRITE=1 cargo test -p vitrine-api --lib openapi";

    /// A change of the contract shows in the diff of a commit.
    #[test]
    fn the_document_in_the_tree_is_the_one_that_the_code_makes() {
        let description = describe(&"http://127.0.0.1:8080".parse().unwrap());
        let made = serde_json::to_string_pretty(&description).unwrap() + "\n";
        if env::var_os("VITRINE_WRITE").is_some() {
            fs::write(KEPT, &made).unwrap();
        }

        let kept = fs::read_to_string(KEPT).unwrap_or_default();

        let mut both = kept.lines().zip(made.lines()).enumerate();
        let differing = both.find(|(_, (kept, made))| kept != made);
        assert!(
            kept == made,
            "docs/openapi.json is not what the code makes; the first lines that differ: {differing:?}. If the change is \
             meant, write the file anew with `{ANEW}`"
        );
    }
}
