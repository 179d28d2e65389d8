//! Asking a person, and sending the browser back with the answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::response::{IntoResponse, Response};

use super::page;
use super::request::ConsentRequest;
use crate::accounts::Account;
use crate::calls::Endpoint;
use crate::hosts::under_faults;
use crate::platform::Code;
use crate::platform::Platform;
use crate::wire::Form;
use crate::wire::MissingRole;

/// `GET /oauth/authorize`.
pub(crate) async fn authorize(State(platform): State<Arc<Platform>>, RawQuery(query): RawQuery) -> Response {
    let call = platform
        .calls
        .arrived(None, None, Endpoint::Authorize, platform.now());
    let form = Form::parse(&query.unwrap_or_default());
    let usual = async {
        match ConsentRequest::check(&platform, &form) {
            Ok(request) => page::consent(&platform, &form, &request),
            Err(message) => page::refusal(&message),
        }
    };
    let response = under_faults(&platform, None, Endpoint::Authorize, usual).await;
    call.answered(&response);
    response
}

/// `POST /oauth/authorize/decision`: the parameters of the request again, `account`, `decision` (`allow` or
/// `deny`) and `scopes`, repeated or separated by commas; without `scopes` everything asked for is granted.
pub(crate) async fn decide(State(platform): State<Arc<Platform>>, body: Bytes) -> Response {
    let form = Form::parse(&String::from_utf8_lossy(&body));
    let account = form
        .get("account")
        .and_then(|username| platform.accounts.by_name(username));
    let call = platform
        .calls
        .arrived(account.as_ref(), None, Endpoint::Decision, platform.now());
    let usual = async {
        match decision(&platform, &form, account.as_deref()) {
            Ok(location) => redirect(&location),
            Err(message) => page::refusal(&message),
        }
    };
    let response = under_faults(&platform, account.as_deref(), Endpoint::Decision, usual).await;
    platform.changes.written().await;
    call.answered(&response);
    response
}

/// The address to return to, or the text of the error page.
fn decision(platform: &Platform, form: &Form, account: Option<&Account>) -> Result<String, String> {
    let request = ConsentRequest::check(platform, form)?;
    if form.get("decision") != Some("allow") {
        return Ok(request.redirect(
            &[
                ("error", "access_denied"),
                ("error_reason", "user_denied"),
                ("error_description", "The user denied your request"),
            ],
            "",
        ));
    }
    let account = account.ok_or("Unknown account")?;
    let refused_here = platform.modes().missing_role == MissingRole::AtConsent;
    if refused_here && !account.record().tester {
        return Err("Insufficient developer role".to_owned());
    }
    let code = platform.codes.issue(Code {
        account: account.number,
        scopes: granted(platform, form, &request),
        client_id: platform.settings.client_id.clone(),
        redirect_uri: request.redirect_uri.clone(),
        issued_at: platform.clock.unix_now(),
        spent: false,
    });
    platform.changes.mark();
    Ok(request.redirect(&[("code", &code)], "#_"))
}

/// The bits of what was both asked for and left ticked; the required scope always.
fn granted(platform: &Platform, form: &Form, request: &ConsentRequest) -> u8 {
    let ticked: Vec<&str> = form.all("scopes").flat_map(|value| value.split(',')).collect();
    let dialect = platform.dialect();
    let grants = |scope: &str| {
        let asked = request.scopes.contains(&scope);
        asked && (ticked.is_empty() || ticked.contains(&scope) || scope == dialect.required_scope())
    };
    let bits = dialect
        .scopes()
        .iter()
        .enumerate()
        .filter(|(_, scope)| grants(scope));
    bits.fold(0, |bits, (place, _)| bits | 1 << place)
}

fn redirect(location: &str) -> Response {
    (
        StatusCode::FOUND,
        [(LOCATION, location), (CACHE_CONTROL, "no-store")],
    )
        .into_response()
}
