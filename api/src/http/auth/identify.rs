//! Finds out who asks, before any body is read.

use super::{Caller, credential::Credential};
use crate::{
    app::App,
    http::problem::{Problem, code},
};
use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use std::time::{Duration, Instant};
use vitrine_people::identity::Person;

/// Within this time after the look-up nobody is looked up again. Longer than a body takes that comes with its head.
const FRESH_FOR: Duration = Duration::from_millis(250);

/// Every secret key begins so.
const SECRET_MARK: &str = "vt_sk_";

/// Who asks, or why nobody knows. A route that needs nobody does not look at it: an outdated token
/// must not keep anybody from signing in.
#[derive(Clone)]
pub(super) struct Identified {
    /// Who, or why not.
    pub(super) who: Result<Caller, Problem>,
    at: Instant,
}

impl Identified {
    fn now(who: Result<Caller, Problem>) -> Self {
        let at = Instant::now();
        Self { who, at }
    }
}

/// Whoever asks, where they proved who they are.
pub(crate) fn caller_of(request: &HttpRequest) -> Option<Caller> {
    let extensions = request.extensions();
    let identified = extensions.get::<Identified>()?;
    identified.who.as_ref().ok().cloned()
}

/// Who is signed in, on routes that do with nobody too: an outdated token is as good as none.
pub(crate) fn signed_in(request: &HttpRequest) -> Option<Person> {
    match caller_of(request)? {
        Caller::Person(person) => Some(person),
        Caller::Key(_) => None,
    }
}

/// Looks once more who asks, where that was a while ago; gives who it was before.
pub(super) async fn identify_again(request: &HttpRequest) -> Option<Caller> {
    let identified = request.extensions().get::<Identified>().cloned()?;
    if identified.at.elapsed() < FRESH_FOR {
        return None;
    }
    let before = identified.who.ok()?;
    let app = request.app_data::<Data<App>>()?;
    let credential = Credential::of(request.headers()).ok()??;
    let who = recognise(app, credential).await;
    request.extensions_mut().insert(Identified::now(who));
    Some(before)
}

/// Puts whoever the headers name into the request.
pub(crate) async fn identify(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let identified = match Credential::of(request.headers()) {
        Ok(None) => None,
        Ok(Some(credential)) => Some(recognise(&app, credential).await),
        Err(problem) => Some(Err(problem)),
    };
    if let Some(outcome) = identified {
        request.extensions_mut().insert(Identified::now(outcome));
    }
    next.call(request).await
}

/// On public routes a key may also stand in the query, `?key=`, where no header names anybody.
pub(crate) async fn identify_visitor(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let key = key_in_query(request.query_string());
    identify_by(&app, &request, key).await;
    next.call(request).await
}

/// On routes that are compatible with Instagram's the key stands where its tokens do, `?access_token=`.
pub(crate) async fn identify_graph_visitor(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let key = token_in_query(request.query_string());
    identify_by(&app, &request, key).await;
    next.call(request).await
}

async fn identify_by(app: &App, request: &ServiceRequest, key: Option<String>) {
    let Some(key) = key else { return };
    let named = request.extensions().contains::<Identified>();
    let outcome = match refuse_secret(&key) {
        Ok(()) if named => return,
        Ok(()) => recognise(app, Credential::Key(key)).await,
        Err(problem) => Err(problem),
    };
    request.extensions_mut().insert(Identified::now(outcome));
}

/// Refuses a secret key that stands in an address, whatever it opens.
pub(crate) fn refuse_secret(key: &str) -> Result<(), Problem> {
    if key.starts_with(SECRET_MARK) {
        Err(Problem::new(&code::SECRET_KEY_IN_ADDRESS))
    } else {
        Ok(())
    }
}

/// The key that stands in a query.
pub(crate) fn key_in_query(query: &str) -> Option<String> {
    in_query(query, "key")
}

/// The key that stands in a query where addresses of instant-tokens.com have their secret.
pub(crate) fn user_secret_in_query(query: &str) -> Option<String> {
    in_query(query, "userSecret")
}

/// The key that stands in a query as Instagram's tokens do, or else as keys do.
fn token_in_query(query: &str) -> Option<String> {
    in_query(query, "access_token").or_else(|| key_in_query(query))
}

/// The key by which the address alone named whoever asks, on routes that are compatible with Instagram's.
pub(crate) fn token_in_address(request: &HttpRequest) -> Option<String> {
    token_in_query(request.query_string()).filter(|_| !named_by_header(request))
}

/// The key by which the address alone named whoever asks.
pub(crate) fn key_in_address(request: &HttpRequest) -> Option<String> {
    key_in_query(request.query_string()).filter(|_| !named_by_header(request))
}

fn named_by_header(request: &HttpRequest) -> bool {
    matches!(Credential::of(request.headers()), Ok(Some(_)))
}

fn in_query(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

async fn recognise(app: &App, credential: Credential) -> Result<Caller, Problem> {
    match credential {
        Credential::Token(token) => Ok(Caller::Person(app.identity.sessions.authenticate(&token).await?)),
        Credential::Key(key) => Ok(Caller::Key(app.api_keys.authenticate(&key).await?)),
    }
}
