//! The layers around every route, each through the whole stack.

mod audit;
mod gone_clients;
mod graph;
mod labels;
mod large_pages;
mod limits;
mod listed;
mod openapi;
mod origin;
mod people;
mod photos;
mod under_a_path;

use crate::{
    compat::graph::problem_format,
    http::{
        middleware::{Observer, observe, run_detached},
        problem::code::ALL,
    },
    testing::{Answer, TestApp},
};
use actix_web::{
    App as Application, HttpResponse,
    http::{Method, header::ORIGIN},
    middleware::from_fn,
    test::{TestRequest, init_service},
    web,
};
use serde_json::{Value, json};
use std::{collections::HashSet, sync::Arc};

fn ask(method: &str, path: &str) -> TestRequest {
    TestRequest::with_uri(path).method(Method::from_bytes(method.as_bytes()).unwrap())
}

fn bearer(request: TestRequest, token: &Value) -> TestRequest {
    request.insert_header(("Authorization", format!("Bearer {}", token.as_str().unwrap())))
}

/// Every operation of the document: its method, its path with an id in it and what it cannot do without, and itself.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let path = path.split('/').map(fill).collect::<Vec<_>>().join("/");
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let needed = parameters.filter(|needed| needed["in"] == "query" && needed["required"] == true);
            let query: Vec<_> = needed
                .map(|needed| format!("{}=1", needed["name"].as_str().unwrap()))
                .collect();
            let path = [vec![path.clone()], query].concat().join("?");
            (method.to_uppercase(), path, operation.clone())
        })
    });
    all.collect()
}

fn fill(part: &str) -> String {
    match part {
        "{code}" => "not_found".to_owned(),
        "{file}" => "swagger-ui.css".to_owned(),
        part if part.starts_with('{') => uuid::Uuid::now_v7().to_string(),
        part => part.to_owned(),
    }
}

#[actix_web::test]
async fn the_document_is_openapi_3_1_and_every_route_in_it_answers() {
    let app = TestApp::start().await;

    let document = app.send(ask("GET", "/openapi.json")).await.json();

    assert_eq!(document["openapi"], "3.1.0");
    let operations = operations(&document);
    assert!(operations.len() >= 34, "{}", operations.len());
    for (method, path, operation) in operations {
        if path.starts_with("/data-deletion/") {
            // Whose code nobody has is not there.
            continue;
        }
        let answer = app.send(ask(&method, &path)).await;
        assert!(
            ![404, 405, 500].contains(&answer.status),
            "{method} {path}: {}",
            answer.text()
        );
        assert!(operation["responses"]["default"].is_object(), "{method} {path}");
    }
}

#[actix_web::test]
async fn the_document_leaves_nothing_out() {
    let app = TestApp::start().await;
    let document = app.send(ask("GET", "/openapi.json")).await.json();
    let described = |thing: &Value| thing["description"].as_str().is_some_and(|text| !text.is_empty());
    let tags = document["tags"].as_array().unwrap();
    assert!(tags.iter().all(described));
    assert_eq!(tags.last().unwrap()["name"], "pages");

    let mut ids = HashSet::new();
    for (method, path, operation) in operations(&document) {
        let what = format!("{method} {path}");
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
            "{what}"
        );
        assert!(operation["security"].is_array(), "{what}");
        let tag = &operation["tags"][0];
        assert!(tags.iter().any(|known| known["name"] == *tag), "{what}: {tag}");
        let answers = operation["responses"].as_object().unwrap();
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let knows = |name: &str| parameters.clone().any(|parameter| parameter["name"] == name);
        let is_list = operation["responses"].to_string().contains("ListView_");
        assert!(
            !is_list || path.ends_with("/sessions") || (knows("limit") && knows("cursor")),
            "{what}"
        );
        assert!(answers.values().all(described), "{what}");
        assert!(answers.keys().any(|status| status.starts_with('4')), "{what}");
        let body = &operation["requestBody"]["content"];
        let mut contents = body.as_object().into_iter().flatten();
        assert!(
            contents.all(|(_, content)| content["example"].is_object()),
            "{what}"
        );
    }
}

#[actix_web::test]
async fn parameters_that_nobody_knows_are_refused_where_programs_call() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let document = app.send(ask("GET", "/openapi.json")).await.json();
    let mut refused = 0;

    for (method, path, operation) in operations(&document) {
        let public = ["graph", "compat", "callbacks", "operators", "pages"];
        let visited = !operation["responses"]["304"].is_null();
        if visited || public.iter().any(|tag| operation["tags"][0] == **tag) {
            continue;
        }
        let asked = format!("{path}?limit=0&nobody=1&knows=2&this=");
        let answer = app
            .send(bearer(ask(&method, &asked), &owner["access_token"]))
            .await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (422, "invalid_query"),
            "{method} {path}"
        );
        let errors = answer.json()["errors"].as_array().unwrap().clone();
        let named: Vec<_> = errors.iter().filter(|error| error["field"] != "limit").collect();
        assert_eq!(named.len(), 3, "{method} {path}: {errors:?}");
        assert_eq!(named[0]["code"], "unknown_parameter");
        let stranger = app.send(ask(&method, &asked)).await;
        let guarded = operation["security"] != json!([]);
        assert_eq!(
            stranger.status,
            if guarded { 401 } else { 422 },
            "{method} {path}"
        );
        refused += 1;
    }

    assert!(refused > 50, "{refused}");
    for path in ["/?utm_source=x", "/healthz?nobody=1", "/problems/not_found?x=y"] {
        assert_eq!(app.send(ask("GET", path)).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn a_stranger_is_refused_before_the_body_is_looked_at() {
    let app = TestApp::start().await;
    let document = app.send(ask("GET", "/openapi.json")).await.json();

    for (method, path, operation) in operations(&document) {
        if operation["security"] == json!([]) {
            continue;
        }
        let answer = app.send(ask(&method, &path).set_payload("not json")).await;
        if path.starts_with("/graph") {
            assert_eq!(
                (answer.status, &answer.json()["error"]["code"]),
                (400, &json!(104)),
                "{path}"
            );
            continue;
        }
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (401, "unauthenticated"),
            "{method} {path}"
        );
        assert!(
            answer.header("www-authenticate").unwrap().starts_with("Bearer"),
            "{method} {path}"
        );
    }
}

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

/// Documents show summaries as they are written.
#[actix_web::test]
async fn summaries_are_plain_text() {
    let app = TestApp::start().await;
    let document = app.send(ask("GET", "/openapi.json")).await.json();

    for (method, path, operation) in operations(&document) {
        let summary = operation["summary"].as_str().unwrap();
        assert!(!summary.contains(['`', '*', '[']), "{method} {path}: {summary}");
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
async fn every_answer_carries_an_id_and_safe_headers() {
    let app = TestApp::start().await;

    for path in ["/", "/healthz", "/nowhere", "/v1/me", "/problems/not_found"] {
        let answer = app
            .send(ask("GET", path).insert_header(("X-Request-Id", "trace-12345")))
            .await;
        assert_eq!(answer.header("x-request-id"), Some("trace-12345"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(
            answer.header("strict-transport-security"),
            Some("max-age=31536000"),
            "{path}"
        );
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .unwrap()
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn what_can_be_read_can_be_asked_about() {
    let app = TestApp::start().await;

    for path in ["/", "/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(app.send(ask("HEAD", path)).await.status, 200, "{path}");
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

async fn create_key(app: &TestApp, owner: &Value, body: Value) -> Value {
    let created = app
        .send(bearer(
            ask("POST", "/v1/api-keys").set_json(body),
            &owner["access_token"],
        ))
        .await;
    assert_eq!(created.status, 201, "{}", created.text());
    created.json()
}
