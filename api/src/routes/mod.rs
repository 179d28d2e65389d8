//! Which handler answers where, inside which layers.

mod operations;

use crate::{
    app::App,
    compat,
    http::{
        auth::{identify, identify_visitor, refresh_cookie::refuse_other_origins},
        middleware::{
            Observer, UnlistedProxies, allow_tenant_origins, limit_address, observe, record_changes,
            refuse_unknown_parameters, replay_responses, run_detached,
        },
        operations::Operations,
        problem::{Problem, code},
    },
    openapi::{Document, describe},
    public::cors_headers::share_answers,
    v1,
};
use actix_web::{
    HttpRequest, HttpResponse, Route,
    dev::HttpServiceFactory,
    middleware::{Compat, Compress, from_fn},
    web::{self, Data, ServiceConfig},
};
use operations::ListedOperations;
use std::sync::Arc;
use utoipa::OpenApi;

/// The whole API over `app`, for `actix_web::App::configure`. Build it once and clone it for every
/// worker.
pub(crate) fn configure(app: Data<App>) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    let description = describe(ListedOperations::openapi(), &app.settings.public_url);
    let document = Data::new(Document::new(&description));
    let operations = Data::new(Operations::of(&description));
    let trusted = app.settings.trusted_proxies.clone();
    let observer = Arc::new(Observer::new(app.clone(), compat::graph::problem_format));
    let unlisted = Arc::new(UnlistedProxies::new(trusted, app.clock.clone()));
    move |config| {
        let (observer, unlisted) = (Arc::clone(&observer), Arc::clone(&unlisted));
        let routes = web::scope("")
            .service(public(
                "/v1/feeds/{feed_id}/photos",
                web::get().to(v1::feeds::photos::read_photos),
            ))
            .service(public(
                "/v1/feeds/{feed_id}/feed.json",
                web::get().to(v1::feeds::documents::read_json_feed),
            ))
            .service(public(
                "/v1/feeds/{feed_id}/feed.rss",
                web::get().to(v1::feeds::documents::read_rss),
            ))
            .service(public(
                "/v1/feeds/{feed_id}/feed.atom",
                web::get().to(v1::feeds::documents::read_atom),
            ))
            .service(public(
                "/compat/behold/{feed_id}",
                web::get().to(compat::behold::read_behold_feed),
            ))
            .service(compat::graph::routes())
            .configure(compat::routes)
            .service(compressed())
            .wrap(from_fn(identify))
            .wrap(from_fn(limit_address))
            .wrap(from_fn(move |request, next| {
                unlisted.check(&request);
                observe(Arc::clone(&observer), request, next)
            }));
        config
            .app_data(app.clone())
            .app_data(document.clone())
            .app_data(operations.clone())
            .service(routes);
    }
}

/// Public routes bring their own tags and cache rules, so nothing re-codes their bodies.
fn public(path: &str, route: Route) -> impl HttpServiceFactory + use<> {
    web::resource(path)
        .route(route)
        .default_service(web::to(refuse_unknown))
        .wrap(from_fn(identify_visitor))
        .wrap(from_fn(share_answers))
}

fn compressed() -> impl HttpServiceFactory + use<> {
    web::scope("")
        .configure(operations::register)
        .default_service(web::to(refuse_unknown))
        .wrap(from_fn(refuse_unknown_parameters))
        .wrap(from_fn(record_changes))
        .wrap(from_fn(replay_responses))
        .wrap(from_fn(run_detached))
        .wrap(from_fn(refuse_other_origins))
        .wrap(from_fn(allow_tenant_origins))
        .wrap(Compat::new(Compress::default()))
}

/// 405 where the path exists for other methods, else 404.
async fn refuse_unknown(request: HttpRequest, operations: Data<Operations>) -> Result<HttpResponse, Problem> {
    let pattern = request
        .resource_map()
        .match_pattern(request.path())
        .unwrap_or_default();
    Err(match operations.methods(&pattern) {
        Some(methods) => Problem::new(&code::METHOD_NOT_ALLOWED).with_allow(methods.to_owned()),
        None => Problem::not_found(),
    })
}

#[cfg(test)]
mod tests;
