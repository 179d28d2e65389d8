//! The dashboard's refresh token: in a cookie that no script can read, for whoever asks for it.
//!
//! A page of our own origin says `X-Vitrine-Client: dashboard` when it signs in, refreshes or signs out. The answer
//! then brings the token as a cookie and `null` in the body, and the cookie is taken where the body names no token.
//! A page of another origin cannot send that header: no answer to a preflight allows it. `SameSite=Strict` keeps the
//! cookie from requests that other sites start, and an `Origin` or `Sec-Fetch-Site` that is not ours is refused
//! besides.

use crate::{
    app::App,
    http::problem::{Problem, code},
};
use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{COOKIE, HeaderMap, HeaderValue, ORIGIN, SET_COOKIE},
    middleware::Next,
    web::Data,
};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

const X_VITRINE_CLIENT: &str = "x-vitrine-client";
const SEC_FETCH_SITE: &str = "sec-fetch-site";
const DASHBOARD: &str = "dashboard";

/// Refuses what says that it comes from the dashboard and was sent by a page of another origin, before anything is
/// done for it: a layer around every route, so that none can ask too late.
pub(crate) async fn refuse_other_origins(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let headers = request.headers();
    if says_dashboard(headers) && !is_of_ours(headers, &app) {
        return Err(Problem::new(&code::CROSS_SITE).into());
    }
    next.call(request).await
}

/// Whether a request comes from the dashboard, which keeps its token in a cookie.
pub(crate) fn is_dashboard(request: &HttpRequest) -> bool {
    says_dashboard(request.headers())
}

fn says_dashboard(headers: &HeaderMap) -> bool {
    header(headers, X_VITRINE_CLIENT) == Some(DASHBOARD.as_bytes())
}

fn is_of_ours(headers: &HeaderMap, app: &App) -> bool {
    let ours = app.settings.public_url.origin().ascii_serialization();
    let origin_fits = header(headers, ORIGIN.as_str()).is_none_or(|origin| origin == ours.as_bytes());
    let site_fits =
        header(headers, SEC_FETCH_SITE).is_none_or(|site| matches!(site, b"same-origin" | b"none"));
    origin_fits && site_fits
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h [u8]> {
    headers.get(name).map(HeaderValue::as_bytes)
}

/// The token in the dashboard's cookie; none in other programs' requests.
pub(crate) fn token_in_cookie(request: &HttpRequest, app: &App) -> Option<SecretString> {
    if !is_dashboard(request) {
        return None;
    }
    let name = name(app);
    let cookies = request
        .headers()
        .get_all(COOKIE)
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, token)| SecretString::from(token.to_owned()))
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
        "{}={token}; Path={}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}",
        name(app),
        path(app)
    );
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
}

/// Browsers take a name with `__Host-` from this host alone, over HTTPS, for every path, and one with `__Secure-` over
/// HTTPS.
fn name(app: &App) -> &'static str {
    match (is_encrypted(app), app.settings.path()) {
        (true, "") => "__Host-vitrine_refresh",
        (true, _) => "__Secure-vitrine_refresh",
        (false, _) => "vitrine_refresh",
    }
}

/// Below a path the host has other programs too, which need not see the token.
fn path(app: &App) -> String {
    match app.settings.path() {
        "" => "/".to_owned(),
        path => format!("{path}/v1/auth"),
    }
}

fn is_encrypted(app: &App) -> bool {
    app.settings.public_url.scheme() == "https"
}
