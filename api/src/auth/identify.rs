//! Finds out who asks, before any body is read.

use super::{Caller, credential::Credential};
use crate::{
    app::App,
    problem::{Problem, code},
};
use actix_web::{
    Error, HttpMessage,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

/// Every secret key begins so.
const SECRET_KEY_MARK: &str = "vt_sk_";

/// Who asks, or why nobody knows. A route that needs nobody does not look at it: an outdated token
/// must not keep anybody from signing in.
#[derive(Clone)]
pub(super) struct Identified(pub(super) Result<Caller, Problem>);

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
        request.extensions_mut().insert(Identified(outcome));
    }
    next.call(request).await
}

/// On public routes a key may also stand in the query, `?key=`, where no header names anybody.
pub(crate) async fn identify_visitor(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let named = request.extensions().contains::<Identified>();
    if let Some(key) = key_in_query(request.query_string()).filter(|_| !named) {
        let outcome = recognise_shown(&app, key).await;
        request.extensions_mut().insert(Identified(outcome));
    }
    next.call(request).await
}

/// Whoever holds a key that stands in an address, where everybody can read it: a publishable one.
async fn recognise_shown(app: &App, key: String) -> Result<Caller, Problem> {
    if key.starts_with(SECRET_KEY_MARK) {
        return Err(Problem::new(&code::KEY_IN_ADDRESS));
    }
    recognise(app, Credential::Key(key)).await
}

/// The key that stands in a query.
pub(crate) fn key_in_query(query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "key")
        .map(|(_, key)| key.into_owned())
}

async fn recognise(app: &App, credential: Credential) -> Result<Caller, Problem> {
    match credential {
        Credential::Token(token) => Ok(Caller::Person(app.identity.authenticate(&token).await?)),
        Credential::Key(key) => Ok(Caller::Key(app.api_keys.authenticate(&key).await?)),
    }
}
