//! The layers around every route, each through the whole stack.

mod audit;
mod document;
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
mod problems;
mod under_a_path;

use crate::{
    http::middleware::run_detached,
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
use std::collections::HashSet;

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
