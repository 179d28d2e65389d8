//! Every operation of the OpenAPI document: what it says of itself, and what all of them refuse.

use super::*;

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
