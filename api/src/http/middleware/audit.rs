//! Every change over HTTP is written into the tenant's audit log: a new route is recorded without anybody
//! remembering it. Of what only reads, taking a copy of everything is.

use super::{head_only::wants_head_only, request_id::RequestId};
use crate::{
    app::App,
    http::{auth::caller_of, operations::Operations, problem::Problem},
};
use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::Next,
    web::{Bytes, Data},
};
use serde::Deserialize;
use serde_json::{Value as JsonValue, json};
use uuid::Uuid;
use vitrine_entity::{TenantId, UserId};
use vitrine_limits::plans::Purpose;
use vitrine_people::audit::{Actor, AuditEntry};

/// Operations that change nothing and are recorded all the same: everything that a tenant has leaves with them.
const RECORDED_READS: [&str; 2] = ["export_tenant", "read_export_document"];

/// Whoever has changed too much today still gets in and out, and ends what shall not go on. How often is bounded
/// otherwise: by what there is to end, and by how often somebody signs in or chooses a password.
const ALWAYS_ALLOWED: [&str; 17] = [
    "register",
    "login",
    "refresh",
    "logout",
    "forgot_password",
    "reset_password",
    "verify_email",
    "accept_invitation",
    "change_password",
    "revoke_api_key",
    "end_session",
    "end_other_sessions",
    "remove_member",
    "withdraw_invitation",
    "restore_tenant",
    "disconnect_account",
    "disable_second_factor",
];

/// What replaces a credential that others may know, or protects an account. Each can be done again without end, so
/// it is bounded too, but further: whoever has spent somebody's changes has not spent these.
const PROTECTIONS: [&str; 4] = [
    "rotate_api_key",
    "begin_second_factor",
    "enable_second_factor",
    "renew_recovery_codes",
];

/// Who acted, on routes that find it out themselves: a sign-in, a link that came by mail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acted {
    tenant: TenantId,
    actor: Actor,
}

/// Whether a request changed something, where the status of its answer does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Changed,
    Nothing,
}

/// Says who changed something, where no credential of the request does. Recorded whatever is answered.
pub(crate) fn acted(request: &HttpRequest, tenant: TenantId, user: UserId) {
    let actor = Actor::Person(user);
    request.extensions_mut().insert(Acted { tenant, actor });
    changed(request);
}

/// Says that the caller has changed something: recorded whatever is answered, also when what comes after it fails.
pub(crate) fn changed(request: &HttpRequest) {
    request.extensions_mut().insert(Effect::Changed);
}

/// Says that there was nothing to change, although that is a success.
pub(crate) fn changed_nothing(request: &HttpRequest) {
    request.extensions_mut().insert(Effect::Nothing);
}

/// What a request does, where its path does not say: to whom, and what more is worth knowing.
#[derive(Clone, Debug)]
struct Done {
    target: Uuid,
    detail: JsonValue,
}

/// Says to whom a request does something, and what; `detail` is an object without secrets.
pub(crate) fn done_to(request: &HttpRequest, target: Uuid, detail: JsonValue) {
    request.extensions_mut().insert(Done { target, detail });
}

/// Writes down what a request changed: once it has succeeded, or said that it did; of an export, before its body is
/// sent.
///
/// The change stands by then. Should the database go away between the two, the entry goes into the process's
/// log, as an error.
pub(crate) async fn record_changes(
    app: Data<App>,
    operations: Data<Operations>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    refuse_too_much(&app, &operations, &request).await?;
    let answer = next.call(request).await?;
    let who = who(answer.request(), &operations).filter(|_| has_changed(&answer));
    let Some(Acted { tenant, actor }) = who else {
        return Ok(answer);
    };
    let (request, response) = answer.into_parts();
    let (response, made) = made(response);
    let done = request.extensions().get::<Done>().cloned();
    let entry = AuditEntry {
        action: operation(&request, &operations).to_owned().into(),
        target: done
            .as_ref()
            .map(|done| done.target)
            .or(target(&request))
            .or(made),
        detail: Some(detail(&request, done)),
    };
    if let Err(error) = app.audit_log.record(tenant, actor, entry.clone()).await {
        tracing::error!(
            error = %error, tenant.id = %tenant, ?actor, action = %entry.action, target = ?entry.target,
            "a change is not in the audit log"
        );
    }
    Ok(ServiceResponse::new(request, response))
}

/// Refuses a change by somebody who has made as many today as the tenant's plan allows.
async fn refuse_too_much(
    app: &App,
    operations: &Operations,
    request: &ServiceRequest,
) -> Result<(), Problem> {
    let pattern = request.match_pattern().unwrap_or_default();
    let known = operations.id(request.method(), &pattern);
    let is_one_of = |some: &[&str]| known.is_some_and(|id| some.contains(&id));
    if request.method().is_safe() || is_one_of(&ALWAYS_ALLOWED) {
        return Ok(());
    }
    let purpose = match is_one_of(&PROTECTIONS) {
        true => Purpose::Protection,
        false => Purpose::Ordinary,
    };
    match caller_of(request.request()) {
        Some(caller) => {
            let (tenant, actor) = (caller.tenant(), caller.actor());
            Ok(app.audit_log.may_change(tenant, actor, purpose).await?)
        }
        None => Ok(()),
    }
}

fn has_changed(answer: &ServiceResponse) -> bool {
    let said = answer.request().extensions().get::<Effect>().copied();
    let status = answer.status();
    match said {
        Some(effect) => effect == Effect::Changed,
        None => !wants_head_only(answer.request()) && (status.is_success() || status.is_redirection()),
    }
}

fn detail(request: &HttpRequest, done: Option<Done>) -> JsonValue {
    let mut detail = done.map_or_else(|| json!({}), |done| done.detail);
    if let Some(id) = RequestId::of_request(request) {
        detail["request_id"] = id.as_str().into();
    }
    detail
}

/// Whoever named themselves to the route, or the caller of a request that changes something or takes everything.
fn who(request: &HttpRequest, operations: &Operations) -> Option<Acted> {
    if let Some(acted) = request.extensions().get::<Acted>() {
        return Some(*acted);
    }
    if request.method() == Method::GET && !is_recorded_read(request, operations) {
        return None;
    }
    let caller = caller_of(request)?;
    Some(Acted {
        tenant: caller.tenant(),
        actor: caller.actor(),
    })
}

fn is_recorded_read(request: &HttpRequest, operations: &Operations) -> bool {
    RECORDED_READS.contains(&operation(request, operations))
}

/// The operation's id. Every route has one, because what is registered is described.
fn operation<'o>(request: &HttpRequest, operations: &'o Operations) -> &'o str {
    let pattern = request.match_pattern().unwrap_or_default();
    operations
        .id(request.method(), &pattern)
        .unwrap_or("unlisted_operation")
}

/// The last id of the path.
fn target(request: &HttpRequest) -> Option<Uuid> {
    let ids = request
        .match_info()
        .iter()
        .filter_map(|(_, text)| text.parse().ok());
    ids.last()
}

/// The id of what was made, read from the answer.
fn made(response: HttpResponse) -> (HttpResponse, Option<Uuid>) {
    if response.status() != StatusCode::CREATED {
        return (response, None);
    }
    let (response, body) = response.into_parts();
    match body.try_into_bytes() {
        Ok(bytes) => {
            let id = id_in(&bytes);
            (response.set_body(BoxBody::new(bytes)), id)
        }
        Err(body) => (response.set_body(body), None),
    }
}

fn id_in(body: &Bytes) -> Option<Uuid> {
    #[derive(Deserialize)]
    struct Made {
        id: Uuid,
    }
    serde_json::from_slice::<Made>(body).ok().map(|made| made.id)
}
