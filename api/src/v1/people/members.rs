//! Members of the tenant.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ManageMembers, OwnTenant, ReadTenant},
        extract::{Id, Json, Query},
        listing::{ListQuery, ListView},
        middleware::done_to,
        problem::{Problem, ProblemView},
    },
    openapi::schemas,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use vitrine_entity::{MembershipId, UserId, membership::Role};
use vitrine_people::teams::Member;

/// A member.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberView {
    /// Id of the membership.
    #[schema(value_type = Uuid)]
    id: MembershipId,
    /// The person.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Email address.
    #[schema(format = "email")]
    email: String,
    /// The person's name.
    name: String,
    /// What the person may do.
    #[schema(schema_with = schemas::role)]
    role: Role,
    /// Since when.
    created_at: DateTime<Utc>,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.membership.id,
            user_id: member.user.id,
            email: member.user.email,
            name: member.user.name,
            role: member.membership.role,
            created_at: member.membership.created_at,
        }
    }
}

/// What to change about a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "viewer"}))]
pub(crate) struct ChangeMemberRequest {
    /// What the person may do.
    #[schema(schema_with = schemas::role)]
    role: Role,
}

/// The new owner.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"member_id": "01980a5e-7c3a-7b52-9a41-3f0d6c2b8e17"}))]
pub(crate) struct TransferOwnershipRequest {
    /// Another member.
    #[schema(
        value_type = Uuid,
        extensions(("x-id-of" = json!({"thing": "member", "if_anothers": {"status": 404, "code": "not_found"}})))
    )]
    member_id: MembershipId,
}

/// Lists the tenant's members, newest first.
#[utoipa::path(tag = "members", security(("bearer" = [])), params(ListQuery), responses((status = 200, body = ListView<MemberView>)))]
#[get("/v1/members")]
pub(crate) async fn list_members(
    caller: Allowed<ReadTenant>,
    Query(query): Query<ListQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let page = app.teams.members(caller.tenant, query.into()).await?;
    Ok(HttpResponse::Ok().json(ListView::<MemberView>::of(page)))
}

/// Gives a member another role. It counts from the member's next request on.
///
/// Admins change viewers and admins. Only owners add and change owners. The only owner stays an owner.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("member_id" = Uuid, Path, description = "The member's id")),
    responses(
        (status = 200, body = MemberView),
        (status = 409, description = "`last_owner`", body = ProblemView, content_type = "application/problem+json")
    )
)]
#[patch("/v1/members/{member_id}")]
pub(crate) async fn change_member(
    caller: Allowed<ManageMembers>,
    Id(id): Id<MembershipId>,
    request: HttpRequest,
    Json(body): Json<ChangeMemberRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    done_to(&request, id.0, json!({"role": body.role}));
    let member = app
        .teams
        .change_role(caller.caller.person()?, id, body.role)
        .await?;
    Ok(HttpResponse::Ok().json(MemberView::from(member)))
}

/// Removes a member. Removing yourself leaves the tenant.
///
/// The person's sessions in the tenant end, connections that the person started cannot be finished, and open
/// invitations that the person sent are withdrawn. API keys stay, because they are the tenant's. A person who belongs
/// to no other tenant is deleted, and may register or be invited again. The only owner cannot leave.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("member_id" = Uuid, Path, description = "The member's id")),
    responses(
        (status = 204, description = "Removed"),
        (status = 409, description = "`last_owner`", body = ProblemView, content_type = "application/problem+json")
    )
)]
#[delete("/v1/members/{member_id}")]
pub(crate) async fn remove_member(
    caller: Allowed<ReadTenant>,
    Id(id): Id<MembershipId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.teams.remove(caller.caller.person()?, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Makes another member an owner and you an admin. Returns the new owner.
#[utoipa::path(tag = "members", security(("bearer" = [])), responses(
    (status = 200, body = MemberView),
    (status = 404, description = "There is no such member", body = ProblemView, content_type = "application/problem+json"),
))]
#[post("/v1/tenant/transfer-ownership")]
pub(crate) async fn transfer_ownership(
    caller: Allowed<OwnTenant>,
    request: HttpRequest,
    Json(body): Json<TransferOwnershipRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    done_to(&request, body.member_id.0, json!({}));
    let owner = app
        .teams
        .transfer(caller.caller.person()?, body.member_id)
        .await?;
    Ok(HttpResponse::Ok().json(MemberView::from(owner)))
}
