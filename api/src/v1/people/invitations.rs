//! Invitations into the tenant.

use super::auth::{SignedInView, answer};
use crate::{
    app::App,
    http::{
        auth::{Allowed, ManageMembers, signed_in},
        client_info::client_info,
        extract::{Id, Json, Query},
        listing::{ListQuery, ListView},
        middleware::acted,
        problem::{Problem, ProblemView},
    },
    openapi::schemas,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web::Data};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrine_entity::{InvitationId, UserId, invitation, membership::Role};
use vitrine_people::teams::Acceptance;

/// A person to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "grace@example.com", "role": "viewer"}))]
pub(crate) struct NewInvitationRequest {
    /// Email address; upper and lower case are the same.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// What the person will be allowed to do; only owners invite owners.
    #[schema(schema_with = schemas::role)]
    role: Role,
}

/// A person who joins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "what stands behind # in the link", "name": "Grace", "password": "nine grey herons at low tide"}))]
pub(crate) struct AcceptInvitationRequest {
    /// What follows `token=` in the link of the email.
    #[schema(value_type = String, max_length = 100)]
    token: SecretString,
    /// The name of a new person; required if nobody has the invited address.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// The password that a new person chooses, or that the known person of the address has. A logged-in
    /// person needs none.
    #[schema(value_type = Option<String>, format = "password", max_length = 256)]
    password: Option<SecretString>,
    /// The code of a known person's second factor; required after 401 `second_factor_required`.
    #[schema(value_type = Option<String>, max_length = 64)]
    code: Option<SecretString>,
}

/// An open invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvitationView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: InvitationId,
    /// Who it was sent to.
    #[schema(format = "email")]
    email: String,
    /// What the person will be allowed to do.
    #[schema(schema_with = schemas::role)]
    role: Role,
    /// Who invited.
    #[schema(value_type = Uuid)]
    invited_by: UserId,
    /// When it was sent.
    created_at: DateTime<Utc>,
    /// When it expires.
    expires_at: DateTime<Utc>,
}

impl From<invitation::Model> for InvitationView {
    fn from(row: invitation::Model) -> Self {
        Self {
            id: row.id,
            email: row.email,
            role: row.role,
            invited_by: row.invited_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

/// Lists invitations that were neither accepted nor withdrawn, newest first.
#[utoipa::path(tag = "members", security(("bearer" = [])), params(ListQuery), responses((status = 200, body = ListView<InvitationView>)))]
#[get("/v1/invitations")]
pub(crate) async fn list_invitations(
    caller: Allowed<ManageMembers>,
    Query(query): Query<ListQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let page = app.teams.invitations(caller.tenant, query.into()).await?;
    Ok(HttpResponse::Ok().json(ListView::<InvitationView>::of(page)))
}

/// Invites an email address, for a week. The link works once, and only for that address.
///
/// The inviter's own address must be confirmed: 403 `email_unconfirmed`.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    responses(
        (status = 201, body = InvitationView),
        (status = 409, description = "`already_member` or `already_invited`", body = ProblemView, content_type = "application/problem+json")
    )
)]
#[post("/v1/invitations")]
pub(crate) async fn create_invitation(
    caller: Allowed<ManageMembers>,
    Json(body): Json<NewInvitationRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let person = caller.caller.person()?;
    let invitation = app.teams.invite(person, &body.email, body.role).await?;
    Ok(HttpResponse::Created().json(InvitationView::from(invitation)))
}

/// Withdraws an open invitation: its link stops working.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("invitation_id" = Uuid, Path, description = "The invitation's id")),
    responses((status = 204, description = "Withdrawn"))
)]
#[delete("/v1/invitations/{invitation_id}")]
pub(crate) async fn withdraw_invitation(
    caller: Allowed<ManageMembers>,
    Id(id): Id<InvitationId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.teams.withdraw(caller.caller.person()?, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Joins the tenant of the invitation, once, even on servers where strangers cannot register.
///
/// A person with an account is logged in with it, or sends its password. A person without one chooses a name and a
/// password, and is registered. The response is a session in the tenant that was joined.
#[utoipa::path(
    tag = "members",
    responses(
        (status = 200, body = SignedInView),
        (status = 400, description = "`invitation_invalid`", body = ProblemView, content_type = "application/problem+json"),
        (status = 401, description = "The address has an account: `unauthenticated` without its password, `invalid_credentials` with a wrong one", body = ProblemView, content_type = "application/problem+json"),
        (status = 403, description = "`invitation_of_another` or `plan_limit_reached`", body = ProblemView, content_type = "application/problem+json"),
        (status = 409, description = "`already_member`", body = ProblemView, content_type = "application/problem+json")
    )
)]
#[post("/v1/invitations/accept")]
pub(crate) async fn accept_invitation(
    request: HttpRequest,
    Json(body): Json<AcceptInvitationRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let AcceptInvitationRequest {
        token,
        name,
        password,
        code,
    } = body;
    let acceptance = Acceptance {
        token,
        name,
        password,
        code,
    };
    let person = signed_in(&request);
    let joined = app
        .teams
        .accept(acceptance, person.as_ref(), client_info(&request, &app))
        .await?;
    acted(&request, joined.tenant.id, joined.user.id);
    Ok(answer(HttpResponse::Ok(), &request, &app, joined))
}
