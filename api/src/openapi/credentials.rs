//! How whoever asks says who they are.

use super::operations::operations;
use utoipa::{
    Modify,
    openapi::{
        Components, OpenApi,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// Names the kinds of credentials, and says of each operation that needs none that it does not.
pub(super) struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut OpenApi) {
        declare(document.components.get_or_insert_default());
        for (_, operation) in operations(&mut document.paths) {
            // An empty list says "none"; no list would say that nobody thought of it.
            operation.security.get_or_insert_default();
        }
    }
}

fn declare(components: &mut Components) {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An access token from signing in, or an API key"));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    let header = ApiKeyValue::with_description("X-Api-Key", "An API key");
    components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(header)));
    let query = ApiKeyValue::with_description("key", "A publishable API key, on public feed routes");
    components.add_security_scheme("key_in_query", SecurityScheme::ApiKey(ApiKey::Query(query)));
    let token = ApiKeyValue::with_description(
        "access_token",
        "A publishable API key, where Instagram takes a token",
    );
    components.add_security_scheme("key_as_token", SecurityScheme::ApiKey(ApiKey::Query(token)));
}
