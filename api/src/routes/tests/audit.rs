//! What is written down of a change.

use super::*;
use crate::{
    http::{
        middleware::{acted, changed_nothing, record_changes},
        operations::Operations,
        problem::Problem,
    },
    routes::operations::ListedOperations,
};
use actix_web::{HttpRequest, web::Data};
use utoipa::OpenApi;
use vitrine_entity::{TenantId, UserId};

async fn entries(app: &TestApp, owner: &Value) -> Vec<Value> {
    let request = bearer(ask("GET", "/v1/audit-log?limit=100"), &owner["access_token"]);
    let log = app.send(request).await.json();
    log["data"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn an_entry_has_the_id_of_its_request() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let rename = |name: &str| {
        let body = json!({ "name": name });
        bearer(ask("PATCH", "/v1/me").set_json(body), &owner["access_token"])
    };

    let named_by_us = app.send(rename("Grace")).await;
    let named_by_them = app
        .send(rename("Ada").insert_header(("X-Request-Id", "trace-7")))
        .await;

    let log = entries(&app, &owner).await;
    let ids: Vec<_> = log
        .iter()
        .map(|entry| entry["detail"]["request_id"].as_str())
        .collect();
    assert_eq!(named_by_them.header("x-request-id"), Some("trace-7"));
    assert_eq!(
        ids[..2],
        [Some("trace-7"), named_by_us.header("x-request-id")],
        "{log:?}"
    );
}

/// A change after which the answer could not be made.
async fn changes_and_fails(
    request: HttpRequest,
    who: Data<(TenantId, UserId)>,
) -> Result<HttpResponse, Problem> {
    acted(&request, who.0, who.1);
    Err(Problem::not_found())
}

async fn changes_nothing(request: HttpRequest, who: Data<(TenantId, UserId)>) -> HttpResponse {
    acted(&request, who.0, who.1);
    changed_nothing(&request);
    HttpResponse::NoContent().finish()
}

#[actix_web::test]
async fn what_was_changed_is_recorded_whatever_is_answered() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let id = |thing: &str| owner[thing]["id"].as_str().unwrap().parse().unwrap();
    let who = Data::new((TenantId(id("tenant")), UserId(id("user"))));
    let service = init_service(
        Application::new()
            .app_data(app.app.clone())
            .app_data(Data::new(Operations::of(&ListedOperations::openapi())))
            .app_data(who)
            .route("/fails", web::post().to(changes_and_fails))
            .route("/nothing", web::post().to(changes_nothing))
            .wrap(from_fn(record_changes)),
    )
    .await;

    for (path, status) in [("/fails", 404), ("/nothing", 204)] {
        let answer = Answer::of(&service, ask("POST", path).to_request()).await;
        assert_eq!(answer.status, status);
    }

    let log = entries(&app, &owner).await;
    let actions: Vec<_> = log
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["unlisted_operation", "register"]);
}

#[actix_web::test]
async fn signing_out_is_recorded_once_and_an_unknown_token_never() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let in_again = json!({"email": "ada@example.com", "password": "correct horse"});
    let other = app
        .send(ask("POST", "/v1/auth/login").set_json(in_again))
        .await
        .json();
    let out = |token: &Value| {
        let body = json!({ "refresh_token": token });
        bearer(
            ask("POST", "/v1/auth/logout").set_json(body),
            &owner["access_token"],
        )
    };

    for token in [
        &json!("vt_rt_made_up"),
        &other["refresh_token"],
        &other["refresh_token"],
    ] {
        assert_eq!(app.send(out(token)).await.status, 204);
    }

    let log = entries(&app, &owner).await;
    let actions: Vec<_> = log
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["logout", "login", "register"]);
}

#[actix_web::test]
async fn whoever_has_no_other_sign_in_ends_none() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;

    let ended = app
        .send(bearer(ask("DELETE", "/v1/me/sessions"), &owner["access_token"]))
        .await;

    assert_eq!(ended.status, 204);
    let log = entries(&app, &owner).await;
    assert!(log.len() == 1 && log[0]["action"] == "register", "{log:?}");
}
