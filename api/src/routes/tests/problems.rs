//! Mistakes, unknown addresses and panics, each answered with a problem document.

use super::*;
use crate::{
    compat::graph::problem_format,
    http::{
        middleware::{Observer, observe},
        problem::code::ALL,
    },
};
use std::sync::Arc;

#[actix_web::test]
async fn unknown_routes_and_wrong_methods_are_problems() {
    let app = TestApp::start().await;

    for path in [
        "/nowhere",
        "/v1/nowhere",
        "/v1/accounts/",
        "//",
        "/problems/nonsense",
    ] {
        let answer = app.send(ask("GET", path)).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
    for (method, path, allow) in [
        ("DELETE", "/v1/me", "GET, HEAD, PATCH"),
        ("GET", "/v1/auth/login", "POST"),
        (
            "PUT",
            "/v1/accounts/0190a0a0-0000-7000-8000-000000000000",
            "GET, HEAD, PATCH, DELETE",
        ),
        (
            "POST",
            "/v1/feeds/0190a0a0-0000-7000-8000-000000000000/photos",
            "GET, HEAD",
        ),
        ("BREW", "/healthz", "GET, HEAD"),
    ] {
        let answer = app.send(ask(method, path)).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (405, "method_not_allowed"),
            "{method} {path}"
        );
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
}

#[actix_web::test]
async fn every_kind_of_problem_is_explained_at_its_address() {
    let app = TestApp::start().await;

    for code in ALL {
        let answer = app.send(ask("GET", &code.uri())).await;
        assert_eq!(answer.status, 200, "{}", code.word);
        assert!(answer.text().contains(code.word), "{}", code.word);
    }
}

#[actix_web::test]
async fn an_endless_address_is_refused() {
    let app = TestApp::start().await;

    let answer = app
        .send(ask("GET", &format!("/v1/jobs?cursor={}", "x".repeat(9_000))))
        .await;

    assert_eq!((answer.status, answer.problem().as_str()), (414, "uri_too_long"));
}

#[actix_web::test]
async fn a_panic_is_a_problem_like_any_other() {
    async fn broken() -> HttpResponse {
        panic!("swordfish")
    }
    let app = TestApp::start().await.app;
    let observer = Arc::new(Observer::new(app.clone(), problem_format));
    let layer = from_fn(move |request, next| observe(Arc::clone(&observer), request, next));
    let routes = web::scope("")
        .route("/", web::to(broken))
        .wrap(from_fn(run_detached))
        .wrap(layer);
    let service = init_service(Application::new().app_data(app).service(routes)).await;

    for method in ["GET", "POST"] {
        let answer = Answer::of(&service, ask(method, "/").to_request()).await;

        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (500, "internal_error")
        );
        assert!(!answer.text().contains("swordfish"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[actix_web::test]
async fn bad_bodies_are_told_apart() {
    let app = TestApp::start().await;
    let login = || ask("POST", "/v1/auth/login");
    let json = |request: TestRequest| request.insert_header(("Content-Type", "application/json"));
    let large = format!(r#"{{"email": "{}"}}"#, "x".repeat(70_000));

    for (request, status, word) in [
        (json(login()).set_payload("{"), 400, "invalid_json"),
        (
            json(login()).set_payload(&b"{\"email\": \"\xff\"}"[..]),
            400,
            "invalid_json",
        ),
        (json(login()), 400, "missing_body"),
        (login().set_payload("{}"), 415, "unsupported_media_type"),
        (
            login()
                .insert_header(("Content-Type", "text/plain"))
                .set_payload("{}"),
            415,
            "unsupported_media_type",
        ),
        (json(login()).set_payload(large), 413, "payload_too_large"),
        (json(login()).set_payload("{}"), 422, "validation_failed"),
        (json(login()).set_payload("[]"), 422, "validation_failed"),
    ] {
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, word));
    }
}

#[actix_web::test]
async fn a_problem_is_readable_also_when_the_client_takes_gzip() {
    let app = TestApp::start().await;

    let answer = app
        .send(ask("GET", "/v1/me").insert_header(("Accept-Encoding", "gzip")))
        .await;

    assert_eq!(answer.problem(), "unauthenticated");
    assert_eq!(answer.header("content-encoding"), None);
}
