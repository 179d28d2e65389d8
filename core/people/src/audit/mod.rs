//! Who did what: the owner's record of every change.

mod log;

pub use log::{AuditError, AuditFilter, AuditLog};

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr, JsonValue};
use std::borrow::Cow;
use uuid::Uuid;
use vitrine_entity::{
    ApiKeyId, AuditEventId, TenantId, Time, UserId,
    audit_event::{self, ActorKind},
};

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    Person(UserId),
    /// The holder of an API key.
    Key(ApiKeyId),
    /// Vitrine itself: the schedule, a callback of the platform, an operator.
    System,
}

impl Actor {
    fn kind(self) -> ActorKind {
        match self {
            Self::Person(_) => ActorKind::User,
            Self::Key(_) => ActorKind::ApiKey,
            Self::System => ActorKind::System,
        }
    }

    fn id(self) -> Option<Uuid> {
        match self {
            Self::Person(id) => Some(id.0),
            Self::Key(id) => Some(id.0),
            Self::System => None,
        }
    }
}

/// What was done.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// For a request the operation's id in the OpenAPI document, such as `create_api_key`; for Vitrine's own
    /// deeds what happened, such as `account.needs_reconnect`.
    pub action: Cow<'static, str>,
    /// What it was done to.
    pub target: Option<Uuid>,
    /// More about it; never a secret.
    pub detail: Option<JsonValue>,
}

impl AuditEntry {
    /// A deed that says no more than what was done to what.
    #[must_use]
    pub fn to(action: &'static str, target: Uuid) -> Self {
        Self {
            action: action.into(),
            target: Some(target),
            detail: None,
        }
    }
}

/// Writes down a deed, in the caller's transaction where there is one.
///
/// # Errors
/// When the database fails, or the tenant is gone.
pub async fn record(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    actor: Actor,
    entry: AuditEntry,
    now: Time,
) -> Result<(), DbErr> {
    let row = audit_event::ActiveModel {
        id: Set(AuditEventId::generate()),
        tenant_id: Set(tenant),
        actor_kind: Set(actor.kind()),
        actor_id: Set(actor.id()),
        action: Set(entry.action.into_owned()),
        target_id: Set(entry.target),
        detail: Set(entry.detail),
        created_at: Set(now),
    };
    row.insert(connection).await.map(drop)
}
