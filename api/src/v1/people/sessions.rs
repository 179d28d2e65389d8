//! The signed-in person's sign-ins.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadTenant},
        extract::Id,
        listing::ListView,
        middleware::changed_nothing,
        problem::Problem,
    },
};
use actix_web::{HttpRequest, HttpResponse, delete, get, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vitrine_base::paging::Page;
use vitrine_entity::{SessionId, TenantId, session};

/// Most sessions that are shown.
const MOST: u64 = 100;

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: SessionId,
    /// Its tenant.
    #[schema(value_type = Uuid)]
    tenant_id: TenantId,
    /// The browser or program, as it calls itself.
    #[schema(required)]
    user_agent: Option<String>,
    /// When the person logged in.
    created_at: DateTime<Utc>,
    /// When it last got a new access token.
    last_used_at: DateTime<Utc>,
    /// When it ends unless it is used.
    expires_at: DateTime<Utc>,
    /// Whether it is the session of this request.
    current: bool,
}

impl From<(session::Model, SessionId)> for SessionView {
    fn from((session, current): (session::Model, SessionId)) -> Self {
        Self {
            current: session.id == current,
            id: session.id,
            tenant_id: session.tenant_id,
            user_agent: session.user_agent,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
        }
    }
}

/// Lists the open sessions of the logged-in person, newest first.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 200, body = ListView<SessionView>)))]
#[get("/v1/me/sessions")]
pub(crate) async fn list_sessions(
    caller: Allowed<ReadTenant>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let person = caller.caller.person()?;
    let data = app.identity.sessions.list(person).await?;
    let page = Page {
        data: data
            .into_iter()
            .map(|session| (session, person.session))
            .collect(),
        next_cursor: None,
        limit: MOST,
    };
    Ok(HttpResponse::Ok().json(ListView::<SessionView>::of(page)))
}

/// Ends every other session of the logged-in person. Ending them again is a success.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 204, description = "They have ended")))]
#[delete("/v1/me/sessions")]
pub(crate) async fn end_other_sessions(
    caller: Allowed<ReadTenant>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    if app.identity.sessions.end_others(caller.caller.person()?).await? == 0 {
        changed_nothing(&request);
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Ends one session of the logged-in person.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(("session_id" = Uuid, Path, description = "The session")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 404, description = "There is no such open session", body = crate::http::problem::ProblemView, content_type = "application/problem+json"),
    )
)]
#[delete("/v1/me/sessions/{session_id}")]
pub(crate) async fn end_session(
    caller: Allowed<ReadTenant>,
    Id(id): Id<SessionId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.identity.sessions.end(caller.caller.person()?, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
