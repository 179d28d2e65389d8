//! `POST /oauth/access_token`: a code for a token of one hour.

use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::request::is_registered;
use crate::accounts::Account;
use crate::calls::Endpoint;
use crate::hosts::under_faults;
use crate::platform::AccountIdForm;
use crate::platform::CodeRefusal;
use crate::platform::Platform;
use crate::platform::TokenKind;
use crate::wire::Dialect;
use crate::wire::Form;
use crate::wire::GraphError;
use crate::wire::JsonText;
use crate::wire::{Envelope, ExchangeId, MissingRole, PermissionsShape, UserIdType};

const OTHER_REDIRECT_URI: &str = "Error validating verification code. Please make sure your redirect_uri is \
                                  identical to the one you used in the OAuth dialog request";
/// Bodies larger than this are not read.
const LARGEST_BODY: usize = 64 * 1024;

/// A token given, and to whom.
struct Grant {
    account: Arc<Account>,
    token: String,
    scopes: u8,
}

/// Takes multipart and urlencoded forms; refuses JSON, and every method but POST.
pub(crate) async fn exchange(State(platform): State<Arc<Platform>>, request: Request) -> Response {
    let method = request.method().clone();
    let now = platform.now();
    if method != Method::POST {
        let call = platform.calls.arrived(None, None, Endpoint::Exchange, now);
        let error = GraphError::unsupported_method(&method.as_str().to_ascii_lowercase());
        let response = json(error.status, error.body(&platform.modes()));
        call.answered(&response);
        return response;
    }
    let form = read_form(&platform, request).await;
    let account = form.as_ref().ok().and_then(|form| code_owner(&platform, form));
    let call = platform
        .calls
        .arrived(account.as_ref(), None, Endpoint::Exchange, now);
    let usual = async {
        let outcome = form.and_then(|form| redeem(&platform, &form));
        platform.changes.written().await;
        match outcome {
            Ok(grant) => json(StatusCode::OK, success(&platform, &grant)),
            Err(message) => json(StatusCode::BAD_REQUEST, failure(&platform, &message)),
        }
    };
    let response = under_faults(&platform, account.as_deref(), Endpoint::Exchange, usual).await;
    call.answered(&response);
    response
}

/// The account that a code was given for, whether or not it can still be redeemed.
fn code_owner(platform: &Platform, form: &Form) -> Option<Arc<Account>> {
    platform
        .accounts
        .by_number(platform.codes.owner(form.get("code")?)?)
}

async fn read_form(platform: &Arc<Platform>, request: Request) -> Result<Form, String> {
    let header = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let content_type = header.unwrap_or_default().to_ascii_lowercase();
    if content_type.starts_with("multipart/form-data") {
        let multipart = Multipart::from_request(request, platform)
            .await
            .map_err(|error| error.to_string())?;
        return read_multipart(multipart).await.map_err(|error| error.to_string());
    }
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return Ok(Form::default());
    }
    if platform.modes().multipart_only {
        return Err(OTHER_REDIRECT_URI.to_owned());
    }
    let body = axum::body::to_bytes(request.into_body(), LARGEST_BODY).await;
    let body = body.map_err(|error| error.to_string())?;
    Ok(Form::parse(&String::from_utf8_lossy(&body)))
}

async fn read_multipart(mut multipart: Multipart) -> Result<Form, axum::extract::multipart::MultipartError> {
    let mut pairs = Vec::new();
    while let Some(field) = multipart.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        pairs.push((name, field.text().await?));
    }
    Ok(Form::from_pairs(pairs))
}

/// Checks everything and spends the code; the error is the text of the refusal.
fn redeem(platform: &Platform, form: &Form) -> Result<Grant, String> {
    let field = |name: &str, alias: &str| {
        let value = form.get(name).or_else(|| form.get(alias));
        value.ok_or_else(|| format!("Missing required field {name}"))
    };
    let settings = &platform.settings;
    let pair = (
        field("client_id", "app_id")?,
        field("client_secret", "app_secret")?,
    );
    if pair != (settings.client_id.as_str(), settings.client_secret.as_str()) {
        return Err("Invalid platform app".to_owned());
    }
    if field("grant_type", "grant_type")? != "authorization_code" {
        return Err("Invalid grant_type".to_owned());
    }
    let redirect_uri = field("redirect_uri", "redirect_uri")?;
    if !is_registered(platform, redirect_uri) {
        return Err("Invalid redirect_uri".to_owned());
    }
    let code = field("code", "code")?;
    let code = platform
        .codes
        .redeem(code, &settings.client_id, redirect_uri, platform.clock.unix_now())
        .map_err(|refusal| refusal_text(refusal).to_owned())?;
    platform.changes.mark();
    let account = platform
        .accounts
        .by_number(code.account)
        .ok_or("Invalid platform app")?;
    if platform.modes().missing_role == MissingRole::AtConsent && !account.record().tester {
        return Err("Insufficient developer role".to_owned());
    }
    let (token, _) = platform.issue_token(&account, TokenKind::Short, code.scopes);
    Ok(Grant {
        account,
        token,
        scopes: code.scopes,
    })
}

fn refusal_text(refusal: CodeRefusal) -> &'static str {
    match refusal {
        CodeRefusal::UnknownOrExpired => "Matching code was not found or was already used",
        CodeRefusal::AlreadyUsed => "This authorization code has been used",
        CodeRefusal::OtherRedirectUri => OTHER_REDIRECT_URI,
    }
}

fn success(platform: &Platform, grant: &Grant) -> String {
    let modes = platform.modes();
    let mut json = JsonText::new(modes.escape_json, 512);
    match modes.envelope {
        Envelope::Flat => write_grant(&mut json, platform, grant),
        Envelope::Data => json.object(|json| {
            json.key("data").array(|json| write_grant(json, platform, grant));
        }),
    }
    json.finish()
}

fn write_grant(json: &mut JsonText, platform: &Platform, grant: &Grant) {
    let (modes, dialect) = (platform.modes(), platform.dialect());
    let form = match (dialect, modes.exchange_id) {
        (Dialect::InstagramLogin, ExchangeId::AppScoped) => AccountIdForm::Exchange,
        (Dialect::InstagramLogin, ExchangeId::Professional) | (Dialect::BasicDisplay, _) => {
            AccountIdForm::Professional
        }
    };
    let id = platform.account_id(&grant.account, form);
    json.object(|json| {
        json.key("access_token").string(&grant.token);
        match modes.user_id {
            UserIdType::Number => json.key("user_id").number(id),
            UserIdType::String => json.key("user_id").id(id),
        }
        if dialect == Dialect::InstagramLogin {
            write_permissions(json, modes.permissions, &granted(dialect, grant.scopes));
        }
    });
}

fn write_permissions(json: &mut JsonText, shape: PermissionsShape, granted: &[&str]) {
    match shape {
        PermissionsShape::Absent => {}
        PermissionsShape::String => json.key("permissions").string(&granted.join(",")),
        PermissionsShape::Array => json.key("permissions").array(|json| {
            for scope in granted {
                json.string(scope);
            }
        }),
    }
}

fn granted(dialect: Dialect, bits: u8) -> Vec<&'static str> {
    let scopes = dialect.scopes().iter().enumerate();
    scopes
        .filter(|(place, _)| bits & (1 << place) != 0)
        .map(|(_, scope)| *scope)
        .collect()
}

/// The exchange has its own shape of error, not that of the Graph host.
fn failure(platform: &Platform, message: &str) -> String {
    let mut json = JsonText::new(platform.modes().escape_json, 192);
    json.object(|json| {
        json.key("error_type").string("OAuthException");
        json.key("code").number(400);
        json.key("error_message").string(message);
    });
    json.finish()
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json; charset=UTF-8")], body).into_response()
}
