//! The dashboard's refresh token: in a cookie that no script can read, for whoever asks for it.
//!
//! A page of our own origin says `X-Vitrine-Client: dashboard` when it signs in, refreshes or signs out. The answer
//! then brings the token as a cookie and `null` in the body, and the cookie is taken where the body names no token.
//! A page of another origin cannot send that header: no answer to a preflight allows it. `SameSite=Strict` keeps the
//! cookie from requests that other sites start, and an `Origin` or `Sec-Fetch-Site` that is not ours is refused
//! besides.

use crate::{
    app::App,
    problem::{Problem, code},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{COOKIE, HeaderValue, ORIGIN, SET_COOKIE},
};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

const X_VITRINE_CLIENT: &str = "x-vitrine-client";
const SEC_FETCH_SITE: &str = "sec-fetch-site";
const DASHBOARD: &str = "dashboard";

/// Whether a request comes from the dashboard, which keeps its token in a cookie.
///
/// # Errors
/// When it says so and was sent by a page of another origin.
pub(crate) fn is_dashboard(request: &HttpRequest, app: &App) -> Result<bool, Problem> {
    let says = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    if says(X_VITRINE_CLIENT) != Some(DASHBOARD.as_bytes()) {
        return Ok(false);
    }
    let ours = app.settings.public_url.origin().ascii_serialization();
    let origin_fits = says(ORIGIN.as_str()).is_none_or(|origin| origin == ours.as_bytes());
    let site_fits = says(SEC_FETCH_SITE).is_none_or(|site| matches!(site, b"same-origin" | b"none"));
    match origin_fits && site_fits {
        true => Ok(true),
        false => Err(Problem::new(&code::CROSS_SITE)),
    }
}

/// The token in the dashboard's cookie; none in other programs' requests.
///
/// # Errors
/// As [`is_dashboard`].
pub(crate) fn token_in_cookie(request: &HttpRequest, app: &App) -> Result<Option<SecretString>, Problem> {
    if !is_dashboard(request, app)? {
        return Ok(None);
    }
    let name = name(app);
    let cookies = request
        .headers()
        .get_all(COOKIE)
        .filter_map(|value| value.to_str().ok());
    let token = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, token)| SecretString::from(token.to_owned()));
    Ok(token)
}

/// Puts the token into the dashboard's cookie.
pub(crate) fn keep(answer: &mut HttpResponse, app: &App, token: &SecretString, lifetime: Duration) {
    set(answer, app, token.expose_secret(), lifetime.as_secs());
}

/// Has the dashboard's browser forget the cookie.
pub(crate) fn forget(answer: &mut HttpResponse, app: &App) {
    set(answer, app, "", 0);
}

fn set(answer: &mut HttpResponse, app: &App, token: &str, seconds: u64) {
    let secure = if is_encrypted(app) { "; Secure" } else { "" };
    let cookie = format!(
        "{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}",
        name(app)
    );
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
}

/// Browsers take a name with `__Host-` from this host alone, over HTTPS, for every path.
fn name(app: &App) -> &'static str {
    match is_encrypted(app) {
        true => "__Host-vitrine_refresh",
        false => "vitrine_refresh",
    }
}

fn is_encrypted(app: &App) -> bool {
    app.settings.public_url.scheme() == "https"
}
