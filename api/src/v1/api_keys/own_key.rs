//! What a key is, for the program that holds it.

use crate::{
    http::{auth::KeyHolder, problem::Problem},
    openapi::schemas,
};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vitrine_entity::{ApiKeyId, api_key::KeyKind};
use vitrine_feeds::keys::{KeyCaller, Scope};

/// The key that was presented.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnKeyView<'a> {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: ApiKeyId,
    /// What its owner calls it.
    name: &'a str,
    /// Where it may be kept.
    #[schema(schema_with = schemas::key_kind)]
    kind: KeyKind,
    /// Its first characters, to recognise it by.
    prefix: &'a str,
    /// What it allows.
    #[schema(schema_with = schemas::scopes)]
    scopes: &'a [Scope],
    /// Origins it may be used from; empty means any.
    allowed_origins: &'a [String],
    /// When it expires.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
}

impl<'a> From<&'a KeyCaller> for OwnKeyView<'a> {
    fn from(key: &'a KeyCaller) -> Self {
        Self {
            id: key.id,
            name: &key.name,
            kind: key.kind,
            prefix: &key.prefix,
            scopes: &key.scopes,
            allowed_origins: &key.allowed_origins,
            expires_at: key.expires_at,
        }
    }
}

/// Shows the key of the request, whatever it allows. A logged-in person has no key to show.
#[utoipa::path(
    tag = "api-keys",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, body = OwnKeyView))
)]
#[get("/v1/keys/self")]
pub(crate) async fn read_own_key(KeyHolder(key): KeyHolder) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(OwnKeyView::from(&*key)))
}
