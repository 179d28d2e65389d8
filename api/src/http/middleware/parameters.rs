//! Query parameters that an operation does not know.

use crate::http::{
    auth::caller_of,
    operations::Operations,
    problem::{InvalidField, Problem, code},
};
use actix_web::{
    Error,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use std::collections::BTreeSet;

/// Refuses parameters that the operation does not know, as bodies with unknown fields are: a mistyped filter must not
/// look as if everything fitted it. What is public, or called by browsers and Meta, lets them be.
pub(crate) async fn refuse_unknown_parameters(
    operations: Data<Operations>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let unknown = unknown_parameters(&operations, &request);
    if unknown.is_empty() {
        return next.call(request).await;
    }
    let problem = Problem::new(&code::INVALID_QUERY).with_errors(unknown);
    Ok(request.error_response(problem))
}

/// None for a stranger, who is refused for that.
fn unknown_parameters(operations: &Operations, request: &ServiceRequest) -> Vec<InvalidField> {
    let pattern = request.match_pattern().unwrap_or_default();
    let Some(known) = operations.parameters(request.method(), &pattern) else {
        return Vec::new();
    };
    if known.guarded && caller_of(request.request()).is_none() {
        return Vec::new();
    }
    let sent = url::form_urlencoded::parse(request.query_string().as_bytes());
    let names: BTreeSet<String> = sent.map(|(name, _)| name.into_owned()).collect();
    let unknown = names.into_iter().filter(|name| !known.names.contains(name));
    unknown
        .map(|name| InvalidField::new(name, "unknown_parameter", "is unknown"))
        .collect()
}
