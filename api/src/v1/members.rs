//! Members of the tenant.

use super::schemas;
use crate::{
    app::App,
    auth::{Allowed, ManageMembers, OwnTenant, ReadTenant},
    extract::{Id, Json, Query},
    listing::{ListQuery, ListView},
    middleware::done_to,
    problem::{Problem, ProblemView},
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
    /// Id of the person's place in the tenant.
    #[schema(value_type = Uuid)]
    id: MembershipId,
    /// The person.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Address.
    #[schema(format = "email")]
    email: String,
    /// How the person is called.
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

/// What shall be different about a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "viewer"}))]
pub(crate) struct ChangeMemberRequest {
    /// What the person may do.
    #[schema(schema_with = schemas::role)]
    role: Role,
}

/// Who shall be the owner.
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

/// Gives a member another role, which counts from the member's next request on.
///
/// Admins change viewers and admins; only owners make owners, and change them. The only owner stays one.
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

/// Removes a member, or leaves the tenant when it is one's own membership.
///
/// The person's sign-ins to the tenant end, connections that the person began cannot be finished, and open
/// invitations that the person sent are withdrawn. API keys stay, because they are the tenant's. Whoever belongs
/// to no other tenant is forgotten, and may register or be invited anew. The only owner cannot leave.
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

/// Makes another member an owner in one's own place; one becomes an admin oneself. Gives the new owner.
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
