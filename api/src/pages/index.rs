//! The page at the root.

use crate::{
    app::App,
    http::page::{Root, page},
};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};

/// Names the product to people who open its address in a browser.
#[utoipa::path(tag = "pages", responses((status = 200, description = "A page", content_type = "text/html")))]
#[get("/")]
pub(crate) async fn show_index(app: Data<App>) -> HttpResponse {
    let signup = if app.settings.signup_enabled {
        "open"
    } else {
        "closed"
    };
    let body = format!(
        "<p>This server keeps Instagram accounts connected and serves their photos to websites.</p>\n\
         <p>Registration is {signup}. <a href=\"docs\">Every route</a> is \
         described, for programs too, in <a href=\"openapi.json\">the OpenAPI document</a>.</p>"
    );
    page(Root::Here, StatusCode::OK, "Vitrine", &body)
}
