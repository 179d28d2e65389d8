//! How types of the entities look in the OpenAPI document.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::{
    Array, ArrayBuilder, KnownFormat, Object, ObjectBuilder, SchemaFormat, extensions::Extensions,
    schema::Type,
};
use vitrine_entity::{
    Iterable, account::AccountStatus, api_key::KeyKind, audit_event, feed, job, membership::Role, tenant_task,
};
use vitrine_feeds::{MEDIA_TYPES, keys::Scope};

/// Texts of which each is one of these words.
fn one_of<W: Into<Value>>(words: impl IntoIterator<Item = W>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .build()
}

/// The words of a type, as it is written.
fn words<T: Serialize>(values: impl IntoIterator<Item = T>) -> Object {
    one_of(values.into_iter().flat_map(serde_json::to_value::<T>))
}

macro_rules! types {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)+) => {$(
        $(#[$doc])*
        pub(crate) fn $name() -> Object {
            words(<$type>::iter())
        }
    )+};
}

types! {
    /// What a member may do.
    role: Role;
    /// Where a key may be kept.
    key_kind: KeyKind;
    /// Who acted.
    actor_kind: audit_event::ActorKind;
    /// Work on a whole tenant.
    task_kind: tenant_task::TaskKind;
    /// The status of such work.
    task_status: tenant_task::TaskStatus;
    /// What an account needs from a person.
    account_status: AccountStatus;
    /// What a job does.
    job_kind: job::JobKind;
    /// The status of a job.
    job_status: job::JobStatus;
    /// Which post comes first.
    feed_order: feed::FeedOrder;
    /// Which reels a feed shows.
    reels: feed::Reels;
    /// How the embed shows a feed.
    feed_layout: feed::FeedLayout;
}

/// What a key allows.
fn scope() -> Object {
    words(Scope::ALL)
}

/// What a post is.
pub(crate) fn media_type() -> Object {
    one_of(MEDIA_TYPES)
}

/// On or off, in a query.
pub(crate) fn switch() -> Object {
    one_of(["1", "0", "true", "false"])
}

/// How Graph-compatible answers write texts.
pub(crate) fn escape() -> Object {
    one_of(["html", "none"])
}

/// A number of entries that is not refused when it is too large, but made smaller.
pub(crate) fn generous_limit() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .build()
}

/// A list of scopes.
pub(crate) fn scopes() -> Array {
    ArrayBuilder::new().items(scope()).build()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $thing:literal, $refusal:tt;)+) => {$(
        $(#[$doc])*
        pub(crate) fn $name() -> Object {
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

    fn every_word_is_a<T: DeserializeOwned>(schema: Object) {
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
