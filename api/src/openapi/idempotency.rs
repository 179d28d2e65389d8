//! Requests that can be repeated under a key.

use crate::http::{
    middleware::{IDEMPOTENCY_KEY, LONGEST_KEY},
    operations::is_guarded,
};
use utoipa::{
    Modify,
    openapi::{
        ObjectBuilder, OpenApi, RefOr, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

/// Whatever makes something can be repeated under a key.
pub(super) struct IdempotencyKeys;

impl Modify for IdempotencyKeys {
    fn modify(&self, document: &mut OpenApi) {
        let items = document.paths.paths.values_mut();
        for operation in items.filter_map(|item| item.post.as_mut()) {
            if is_guarded(operation) {
                let parameters = operation.parameters.get_or_insert_default();
                parameters.push(RefOr::T(idempotency_key()));
            }
        }
    }
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(LONGEST_KEY))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name(IDEMPOTENCY_KEY.as_str())
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Names the request: the same key, address and body within 24 hours gets the first response",
        ))
        .schema(Some(text))
        .build()
}
