//! Who did what.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadAudit},
        extract::{FromQuery, Query, QueryReader},
        listing::{ListQuery, ListView},
        problem::Problem,
    },
};
use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use vitrine_entity::{AuditEventId, audit_event, audit_event::ActorKind};
use vitrine_people::audit::AuditFilter;

/// Characters that an action may have.
const LONGEST_ACTION: usize = 100;

/// Who acted.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActorView {
    /// A person, an API key, or Vitrine itself.
    #[schema(schema_with = crate::openapi::schemas::actor_kind)]
    kind: ActorKind,
    /// The person's or the key's id; null for Vitrine itself.
    #[schema(required)]
    id: Option<Uuid>,
}

/// One entry of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEventView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: AuditEventId,
    /// Who acted.
    actor: ActorView,
    /// What was done: an `operationId` of this document, or one of Vitrine's own words such as
    /// `account.needs_reconnect`.
    action: String,
    /// What it was done to, if that has an id.
    #[schema(required)]
    target_id: Option<Uuid>,
    /// More about it, such as the request's id.
    #[schema(required, value_type = Option<Object>)]
    detail: Option<serde_json::Value>,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<audit_event::Model> for AuditEventView {
    fn from(event: audit_event::Model) -> Self {
        Self {
            id: event.id,
            actor: ActorView {
                kind: event.actor_kind,
                id: event.actor_id,
            },
            action: event.action,
            target_id: event.target_id,
            detail: event.detail,
            created_at: event.created_at,
        }
    }
}

/// Which entries to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// By this person or key.
    #[param(schema_with = crate::openapi::schemas::actor_id)]
    actor_id: Option<Uuid>,
    /// Of this action.
    #[param(max_length = 100)]
    action: Option<String>,
    /// About this thing.
    #[param(schema_with = crate::openapi::schemas::target_id)]
    target_id: Option<Uuid>,
}

impl FromQuery for AuditQuery {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        let action = query.text("action");
        if action.as_ref().is_some_and(|text| !is_word(text)) {
            query.refuse(
                "action",
                "invalid_value",
                "must be at most 100 characters of plain text",
            );
        }
        Self {
            actor_id: query.parsed("actor_id", "the id of a person or key"),
            action,
            target_id: query.parsed("target_id", "an id"),
        }
    }
}

fn is_word(text: &str) -> bool {
    text.chars().count() <= LONGEST_ACTION && !text.contains('\0')
}

/// Lists what was done, newest first: by people, by keys and by Vitrine itself.
#[utoipa::path(
    tag = "audit-log",
    security(("bearer" = [])),
    params(AuditQuery, ListQuery),
    responses((status = 200, body = ListView<AuditEventView>))
)]
#[get("/v1/audit-log")]
pub(crate) async fn list_audit_events(
    caller: Allowed<ReadAudit>,
    Query(filter): Query<AuditQuery>,
    Query(query): Query<ListQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let filter = AuditFilter {
        actor: filter.actor_id,
        action: filter.action,
        target: filter.target_id,
    };
    let page = app.audit_log.list(caller.tenant, filter, query.into()).await?;
    Ok(HttpResponse::Ok().json(ListView::<AuditEventView>::of(page)))
}
