//! What token services for instafeed.js answer, with a publishable key where their token stood.
//!
//! Whoever asks has sent the key, so the answer says nothing that was not known; these addresses only bring the key
//! into the form that a page expects. All the same the key's origins hold here too.

use super::variable::is_variable;
use crate::{
    app::App,
    http::{
        allow_origin::{allow_origin, origin},
        auth::{key_in_query, refuse_secret, user_secret_in_query},
        extract::{FromQuery, Query, QueryReader},
        problem::{Problem, code},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HeaderMap, HeaderValue, ORIGIN, REFERER, VARY,
    },
    web::Data,
};
use serde::Serialize;
use url::Url;
use utoipa::{IntoParams, ToSchema};
use vitrine_entity::api_key::KeyKind;

/// A key where a token is expected.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenView<'a> {
    /// The key, as instant-tokens.com names it.
    #[serde(rename = "Token")]
    capital: &'a str,
    /// The key, as Instagram Token Agent names it.
    token: &'a str,
}

/// How instant-tokens.com is asked.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SecretParameters {
    /// The key, where an address of instant-tokens.com has its secret.
    #[param(rename = "userSecret")]
    user_secret: Option<String>,
}

impl SecretParameters {
    fn of(request: &HttpRequest) -> Self {
        let user_secret = user_secret_in_query(request.query_string());
        Self { user_secret }
    }
}

/// What the script is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ScriptParameters {
    /// The variable to set. Default: `InstagramToken`.
    #[param(pattern = "^[A-Za-z_$][A-Za-z0-9_$]*$", max_length = 64)]
    r#const: Option<String>,
}

impl FromQuery for ScriptParameters {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        let name = query.text("const");
        if name.as_deref().is_some_and(|name| !is_variable(name)) {
            query.refuse("const", "invalid_value", "must be the name of a variable");
        }
        Self { r#const: name }
    }
}

/// The key as a global variable of a page.
///
/// For the `src` of a script element.
#[utoipa::path(
    get,
    path = "/compat/token.js",
    tag = "compat",
    security(("key_in_query" = [])),
    params(ScriptParameters, SecretParameters),
    responses((status = 200, description = "A script", content_type = "text/javascript"))
)]
pub(crate) async fn read_token_script(
    request: HttpRequest,
    app: Data<App>,
    asked: Result<Query<ScriptParameters>, Problem>,
) -> Result<HttpResponse, Problem> {
    let shown = Shown::by(&request, &app).await?;
    let name = asked?.0.r#const.unwrap_or_else(|| "InstagramToken".to_owned());
    // In single quotes, between which programs that are no browser look for it. A key holds letters, digits and `_` only.
    let script = format!("var {name} = '{}';\n", shown.key);
    Ok(shown.answer("text/javascript; charset=utf-8", script))
}

/// The key as JSON.
#[utoipa::path(
    get,
    path = "/compat/token.json",
    tag = "compat",
    security(("key_in_query" = [])),
    params(SecretParameters),
    responses((status = 200, body = TokenView))
)]
pub(crate) async fn read_token_json(request: HttpRequest, app: Data<App>) -> Result<HttpResponse, Problem> {
    Shown::by(&request, &app).await?.into_json()
}

/// The key as plain text.
///
/// As JSON if it came as `userSecret`, as instant-tokens.com answers at this address.
#[utoipa::path(
    get,
    path = "/compat/token",
    tag = "compat",
    security(("key_in_query" = [])),
    params(SecretParameters),
    responses((status = 200, description = "The key", content((String = "text/plain"), (TokenView = "application/json"))))
)]
pub(crate) async fn read_token(request: HttpRequest, app: Data<App>) -> Result<HttpResponse, Problem> {
    let shown = Shown::by(&request, &app).await?;
    if SecretParameters::of(&request).user_secret.is_some() {
        return shown.into_json();
    }
    let body = shown.key.clone();
    Ok(shown.answer("text/plain; charset=utf-8", body))
}

/// A publishable key that may be shown, and the page that may read it.
struct Shown {
    key: String,
    origin: Option<HeaderValue>,
}

impl Shown {
    async fn by(request: &HttpRequest, app: &App) -> Result<Self, Problem> {
        let key = key_in_query(request.query_string());
        let key = key.or_else(|| SecretParameters::of(request).user_secret);
        let key = key.ok_or_else(|| Problem::new(&code::UNAUTHENTICATED))?;
        refuse_secret(&key)?;
        let caller = app.api_keys.authenticate(&key).await?;
        if caller.kind != KeyKind::Publishable {
            return Err(Problem::new(&code::INSUFFICIENT_SCOPE));
        }
        let page = page(request.headers());
        let readers = caller.readers(origin(&page))?;
        let origin = allow_origin(&page, readers);
        Ok(Self { key, origin })
    }

    fn into_json(self) -> Result<HttpResponse, Problem> {
        let view = TokenView {
            capital: &self.key,
            token: &self.key,
        };
        let body = serde_json::to_string(&view).map_err(Problem::internal)?;
        Ok(self.answer("application/json", body))
    }

    /// Only the browser itself may keep it, and for its own page only.
    fn answer(self, content_type: &'static str, body: String) -> HttpResponse {
        let mut builder = HttpResponse::Ok();
        builder
            .content_type(content_type)
            .insert_header((CACHE_CONTROL, "private, max-age=300"))
            .insert_header((VARY, "Origin, Referer"));
        if let Some(origin) = self.origin {
            builder.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin));
        }
        builder.body(body)
    }
}

/// The page that asks, by its origin. A `<script>` sends none, but a referrer unless the page keeps it
/// back; a page that says nothing is let through, as programs without pages are.
fn page(headers: &HeaderMap) -> HeaderMap {
    let referrer = || {
        let url: Url = headers.get(REFERER)?.to_str().ok()?.parse().ok()?;
        HeaderValue::from_str(&url.origin().ascii_serialization()).ok()
    };
    let origin = headers.get(ORIGIN).cloned().or_else(referrer);
    origin.into_iter().map(|origin| (ORIGIN, origin)).collect()
}
