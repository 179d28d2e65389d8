//! Connecting accounts.

use super::view::AccountView;
use crate::{
    app::App,
    http::{
        auth::{Allowed, WriteAccounts},
        extract::{Json, OptionalJson},
        problem::{Problem, ProblemView},
    },
};
use actix_web::{HttpResponse, http::header::LOCATION, post, web::Data};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrine_accounts::{
    AccountDetail,
    connections::{BeginConnection, StartedConnection},
};
use vitrine_entity::AccountId;

/// How to connect.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"return_to": "/docs"}))]
pub(crate) struct BeginConnectionRequest {
    /// Where Instagram sends the browser. Default: the built-in callback.
    #[schema(format = "uri")]
    redirect_uri: Option<String>,
    /// Where the built-in callback sends the browser next: an address on this server, or of an allowed origin.
    #[schema(format = "uri-reference")]
    return_to: Option<String>,
    /// The account to connect again; no other is accepted.
    #[schema(
        value_type = Option<Uuid>,
        extensions(("x-id-of" = json!({"thing": "account", "if_anothers": {"status": 404, "code": "not_found"}})))
    )]
    account_id: Option<AccountId>,
}

/// A connection that was started.
#[derive(Serialize, ToSchema)]
pub(crate) struct BegunView {
    /// Where to send the browser, in its top window.
    #[schema(format = "uri")]
    authorize_url: String,
    /// What comes back with the code.
    state: String,
    /// When the state expires.
    expires_at: DateTime<Utc>,
}

impl From<StartedConnection> for BegunView {
    fn from(begun: StartedConnection) -> Self {
        Self {
            authorize_url: begun.authorize_url.into(),
            state: begun.state.expose_secret().to_owned(),
            expires_at: begun.expires_at,
        }
    }
}

/// What the site owner's own page received.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "what Instagram sent", "state": "what the connection was begun with", "redirect_uri": "https://www.example.com/connected"}))]
pub(crate) struct CompleteConnectionRequest {
    /// Instagram's code.
    #[schema(value_type = String)]
    code: SecretString,
    /// The state of the connection.
    #[schema(value_type = String)]
    state: SecretString,
    /// The page's own address, as when the connection was started.
    #[schema(format = "uri")]
    redirect_uri: String,
}

/// A token created in Meta's app dashboard.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"access_token": "IGAA and so on"}))]
pub(crate) struct ConnectWithTokenRequest {
    /// A long-lived access token.
    #[schema(value_type = String)]
    access_token: SecretString,
}

fn created(detail: AccountDetail) -> HttpResponse {
    let location = format!("/v1/accounts/{}", detail.account.id);
    HttpResponse::Created()
        .insert_header((LOCATION, location))
        .json(AccountView::from(detail))
}

/// Starts a connection.
///
/// Send the browser to `authorize_url`.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    request_body = Option<BeginConnectionRequest>,
    responses(
        (status = 201, body = BegunView),
        (status = 404, description = "There is no such account", body = ProblemView, content_type = "application/problem+json")
    )
)]
#[post("/v1/accounts/connect")]
pub(crate) async fn begin_connection(
    caller: Allowed<WriteAccounts>,
    OptionalJson(body): OptionalJson<BeginConnectionRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let BeginConnectionRequest {
        redirect_uri,
        return_to,
        account_id,
    } = body;
    let begin = BeginConnection {
        redirect_uri,
        return_to,
        account_id,
    };
    let begun = app
        .connections
        .begin(caller.tenant, caller.caller.person().ok(), begin)
        .await?;
    Ok(HttpResponse::Created().json(BegunView::from(begun)))
}

/// Completes a connection whose code the site owner's own page received.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, body = AccountView))
)]
#[post("/v1/accounts/connect/complete")]
pub(crate) async fn complete_connection(
    caller: Allowed<WriteAccounts>,
    Json(body): Json<CompleteConnectionRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (code, state) = (body.code.expose_secret(), body.state.expose_secret());
    let by = caller.caller.user();
    Ok(created(
        app.connections
            .complete(caller.tenant, by, code, state, &body.redirect_uri)
            .await?,
    ))
}

/// Connects with a pasted token: one from Meta's app dashboard, or a one-hour token, which is exchanged.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, body = AccountView))
)]
#[post("/v1/accounts/connect/token")]
pub(crate) async fn connect_with_token(
    caller: Allowed<WriteAccounts>,
    Json(body): Json<ConnectWithTokenRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    Ok(created(
        app.connections
            .with_token(caller.tenant, caller.caller.user(), body.access_token)
            .await?,
    ))
}
