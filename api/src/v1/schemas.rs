//! How types of the entities look in the OpenAPI document.

use serde_json::json;
use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, extensions::Extensions, schema::Type};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $($word:literal),+;)+) => {$(
        $(#[$doc])*
        pub(crate) fn $name() -> utoipa::openapi::schema::Object {
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some([$($word),+])).build()
        }
    )+};
}

words! {
    /// What a member may do.
    role: "viewer", "admin", "owner";
    /// Where a key may be kept.
    key_kind: "secret", "publishable";
    /// On or off, in a query.
    switch: "1", "0", "true", "false";
    /// What a post is.
    media_type: "IMAGE", "VIDEO", "CAROUSEL_ALBUM";
    /// Who acted.
    actor_kind: "user", "api_key", "system";
    /// Work on a whole tenant.
    task_kind: "export", "deletion";
    /// The status of such work.
    task_status: "scheduled", "running", "succeeded", "failed", "cancelled";
    /// What an account needs from a person.
    account_status: "active", "needs_reconnect", "needs_attention", "paused";
    /// What a job does.
    job_kind: "refresh_token", "sync_media";
    /// The status of a job.
    job_status: "queued", "running", "succeeded", "failed", "deferred", "dead";
    /// Which post comes first.
    feed_order: "newest", "pinned";
    /// Which reels a feed shows.
    reels: "include", "on_grid", "exclude";
    /// How the embed shows a feed.
    feed_layout: "grid", "masonry", "carousel";
    /// How Graph-compatible answers write texts.
    escape: "html", "none";
    /// What a key allows.
    scope: "feeds:read", "feeds:write", "accounts:read", "accounts:write", "jobs:read";
}

/// A number of entries that is not refused when it is too large, but made smaller.
pub(crate) fn generous_limit() -> utoipa::openapi::schema::Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .build()
}

/// A list of scopes.
pub(super) fn scopes() -> utoipa::openapi::schema::Array {
    utoipa::openapi::ArrayBuilder::new().items(scope()).build()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $thing:literal, $refusal:tt;)+) => {$(
        $(#[$doc])*
        pub(crate) fn $name() -> utoipa::openapi::schema::Object {
            let mark = json!({"thing": $thing, "if_anothers": $refusal});
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
                .extensions(Some(Extensions::builder().add("x-id-of", mark).build()))
                .build()
        }
    )+};
}

// Ids in queries. Like those in bodies they carry `x-id-of`: of what, and how one of another tenant's is refused.
ids! {
    /// Who acted. For a person or key of another tenant the list is empty.
    actor_id: "actor", {"status": 200, "code": "nothing_found"};
    /// What something was done to. For something of another tenant the list is empty.
    target_id: "target", {"status": 200, "code": "nothing_found"};
    /// An account. For an account of another tenant the list is empty.
    account_id: "account", {"status": 200, "code": "nothing_found"};
    /// A feed, in Instagram's words.
    feed_id: "feed", {"status": 400, "code": 100};
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeOwned;
    use vitrine_entity::{
        account::AccountStatus, api_key::KeyKind, audit_event, feed, job, membership::Role, tenant_task,
    };
    use vitrine_feeds::keys::Scope;

    fn every_word_is_a<T: DeserializeOwned>(schema: utoipa::openapi::schema::Object) {
        for word in schema.enum_values.unwrap() {
            assert!(serde_json::from_value::<T>(word.clone()).is_ok(), "{word}");
        }
    }

    #[test]
    fn the_document_names_words_that_exist() {
        every_word_is_a::<Role>(role());
        every_word_is_a::<KeyKind>(key_kind());
        every_word_is_a::<AccountStatus>(account_status());
        every_word_is_a::<job::JobKind>(job_kind());
        every_word_is_a::<job::JobStatus>(job_status());
        every_word_is_a::<feed::FeedOrder>(feed_order());
        every_word_is_a::<feed::FeedLayout>(feed_layout());
        every_word_is_a::<feed::Reels>(reels());
        every_word_is_a::<Scope>(scope());
        every_word_is_a::<audit_event::ActorKind>(actor_kind());
        every_word_is_a::<tenant_task::TaskKind>(task_kind());
        every_word_is_a::<tenant_task::TaskStatus>(task_status());
    }
}
