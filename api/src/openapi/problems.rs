//! How each operation says what goes wrong.

use super::operations::operations;
use crate::http::operations::{is_guarded, is_tagged};
use utoipa::{
    Modify,
    openapi::{
        Content, HeaderBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        path::{Operation, ParameterIn},
    },
};

/// Whoever shows a credential may show a bad one, or one that opens something else.
const OF_CREDENTIALS: [(&str, &str); 2] = [
    ("401", "The caller is unknown"),
    ("403", "The caller is not allowed to do this"),
];
/// What is wrong with a JSON body.
const OF_BODIES: [(&str, &str); 4] = [
    ("400", "The body is missing, or is not JSON"),
    ("413", "The body is too large"),
    ("415", "The body is not declared as JSON"),
    ("422", "Some fields are not valid; `errors` names them"),
];
const OF_PATHS: (&str, &str) = ("404", "It does not exist, or belongs to somebody else");
const OF_QUERIES: (&str, &str) = ("422", "Some parameters are not valid; `errors` names them");
const OF_VISITS: (&str, &str) = (
    "429",
    "The key has used up its requests for this minute; `Retry-After` says when there are more",
);
/// Where nothing else can be wrong with a request.
const OF_ADDRESSES: (&str, &str) = ("414", "The address is longer than 8 KiB");
const ANYTHING: (&str, &str) = ("default", "Anything that goes wrong");

/// In Instagram's words.
const OF_GRAPH: [(&str, &str); 3] = [
    ("400", "Refused, with Instagram's codes 100, 104, 190 or 2500"),
    ("403", "Not allowed, or too often, with Instagram's codes 10 or 4"),
    ("default", "Anything else that goes wrong"),
];

/// Adds the problems that every operation of a kind can answer with to those that it names itself.
pub(super) struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut OpenApi) {
        for (_, operation) in operations(&mut document.paths) {
            if is_tagged(operation, "graph") {
                add(operation, &OF_GRAPH, refusal);
            } else {
                add(operation, &problems_of(operation), problem);
            }
        }
    }
}

fn problems_of(operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let mut problems = vec![ANYTHING];
    if is_guarded(operation) {
        problems.extend(OF_CREDENTIALS);
    }
    // Those that Meta and browsers call say themselves what they refuse.
    if operation.request_body.is_some() && !is_tagged(operation, "callbacks") {
        problems.extend(OF_BODIES);
    }
    if has_parameter(operation, &ParameterIn::Path) {
        problems.push(OF_PATHS);
    }
    if has_parameter(operation, &ParameterIn::Query) && is_guarded(operation) {
        problems.push(OF_QUERIES);
    }
    if takes_visitors(operation) {
        problems.push(OF_VISITS);
    }
    let named = operation.responses.responses.keys().map(String::as_str);
    let mut all = named.chain(problems.iter().map(|(status, _)| *status));
    if !all.any(|status| status.starts_with('4')) {
        problems.push(OF_ADDRESSES);
    }
    problems
}

fn has_parameter(operation: &Operation, place: &ParameterIn) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == *place))
}

/// Whether visitors of a site read it, with a key in the address.
fn takes_visitors(operation: &Operation) -> bool {
    is_tagged(operation, "feeds") && operation.responses.responses.contains_key("304")
}

/// What the operation says itself stays.
fn add(operation: &mut Operation, problems: &[(&str, &str)], response: fn(&str) -> Response) {
    let responses = &mut operation.responses.responses;
    for (status, description) in problems {
        let status = (*status).to_owned();
        responses
            .entry(status)
            .or_insert_with(|| RefOr::T(response(description)));
    }
}

fn refusal(description: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name("GraphError"));
    ResponseBuilder::new()
        .description(description)
        .content("application/json", Content::new(Some(schema)))
        .build()
}

fn problem(description: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", Content::new(Some(schema)))
        .header(
            "X-Request-Id",
            HeaderBuilder::new().description(Some("The request's id")).build(),
        )
        .build()
}
