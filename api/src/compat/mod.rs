//! What pages need that move here from others' services, and answers in the shapes that their scripts know.

pub(crate) mod behold;
pub(crate) mod graph;
pub(crate) mod shim;
pub(crate) mod token;
mod variable;

use crate::{
    http::problem::{Problem, code},
    public::cors_headers::share_answers,
};
use actix_web::{
    HttpResponse,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

/// All routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    let readable = |path: &str, route| {
        web::resource(path.to_owned())
            .route(route)
            .default_service(web::to(refuse_method))
            .wrap(from_fn(share_answers))
    };
    config
        .service(readable(
            "/compat/instafeed-shim.js",
            web::get().to(shim::read_shim),
        ))
        .service(readable(
            "/compat/token.js",
            web::get().to(token::read_token_script),
        ))
        .service(readable(
            "/compat/token.json",
            web::get().to(token::read_token_json),
        ))
        .service(readable("/compat/token", web::get().to(token::read_token)));
}

async fn refuse_method() -> Result<HttpResponse, Problem> {
    Err(Problem::new(&code::METHOD_NOT_ALLOWED).with_allow("GET, HEAD".to_owned()))
}
