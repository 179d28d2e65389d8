//! The readable face of the OpenAPI document: Swagger UI, served from the program itself.

use crate::http::{extract::Id, problem::Problem};
use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
};
use bytes::Bytes;
use std::{borrow::Cow, sync::Arc};
use utoipa_swagger_ui::Config;

/// Everything comes from this server. Swagger UI sets styles on elements, and draws its icons from `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API – Vitrine</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
</head>
<body>
<noscript><p>This page needs scripts. The document itself is at <a href="openapi.json">openapi.json</a>.</p></noscript>
<main id="swagger-ui"></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"#;

/// No validator badge: it would ask a foreign host. Credentials are not kept in the browser.
const START: &str = "window.ui = SwaggerUIBundle({\n  url: 'openapi.json',\n  dom_id: '#swagger-ui',\n  \
                     deepLinking: true,\n  docExpansion: 'list',\n  validatorUrl: null,\n  \
                     persistAuthorization: false,\n});\n";

/// Shows every route of this server, to read and to try.
#[utoipa::path(tag = "pages", responses((status = 200, description = "A page", content_type = "text/html")))]
#[get("/docs")]
pub(crate) async fn show_docs() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(PAGE)
}

/// A part of the page: its scripts, style sheet and icons.
#[utoipa::path(
    tag = "pages",
    params(("file" = String, Path, description = "The file's name", example = "swagger-ui.css")),
    responses((
        status = 200, description = "A file",
        content((String = "text/css"), (String = "text/javascript"), (String = "image/png"), (String = "text/html"))
    ))
)]
#[get("/docs/{file}")]
pub(crate) async fn read_docs_file(Id(name): Id<String>) -> Result<HttpResponse, Problem> {
    if name == "start.js" {
        return Ok(file(
            "text/javascript; charset=utf-8".to_owned(),
            Bytes::from_static(START.as_bytes()),
        ));
    }
    let known = utoipa_swagger_ui::serve(&name, Arc::new(Config::from("/openapi.json")));
    let found = known.ok().flatten().ok_or_else(Problem::not_found)?;
    let body = match found.bytes {
        Cow::Borrowed(embedded) => Bytes::from_static(embedded),
        Cow::Owned(written) => written.into(),
    };
    Ok(file(found.content_type, body))
}

fn file(content_type: String, body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((CACHE_CONTROL, "public, max-age=86400"))
        .body(body)
}
