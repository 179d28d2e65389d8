//! The layers around every route, each through the whole stack.

use crate::{
    middleware::observe,
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
use std::sync::Arc;
use vitrine_core::clock::SystemClock;

fn ask(method: &str, path: &str) -> TestRequest {
    TestRequest::with_uri(path).method(Method::from_bytes(method.as_bytes()).unwrap())
}

fn bearer(request: TestRequest, token: &Value) -> TestRequest {
    request.insert_header(("Authorization", format!("Bearer {}", token.as_str().unwrap())))
}

/// Every operation of the document: its method, its path with an id in it, and itself.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let path = path.split('/').map(fill).collect::<Vec<_>>().join("/");
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
    });
    all.collect()
}

fn fill(part: &str) -> String {
    match part {
        "{code}" => "not_found".to_owned(),
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
async fn a_stranger_is_refused_before_the_body_is_looked_at() {
    let app = TestApp::start().await;
    let document = app.send(ask("GET", "/openapi.json")).await.json();

    for (method, path, operation) in operations(&document) {
        if operation["security"].is_null() {
            continue;
        }
        let answer = app.send(ask(&method, &path).set_payload("not json")).await;
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

#[actix_web::test]
async fn every_answer_carries_an_id_and_safe_headers() {
    let app = TestApp::start().await;

    for path in ["/", "/healthz", "/nowhere", "/v1/me", "/problems/not_found"] {
        let answer = app
            .send(ask("GET", path).insert_header(("X-Request-Id", "trace-12345")))
            .await;
        assert_eq!(answer.header("x-request-id"), Some("trace-12345"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
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
    let clock = Arc::new(SystemClock);
    let layer = from_fn(move |request, next| observe(clock.clone(), request, next));
    let routes = web::scope("").route("/", web::get().to(broken)).wrap(layer);
    let service = init_service(Application::new().service(routes)).await;

    let answer = Answer::of(&service, ask("GET", "/").to_request()).await;

    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (500, "internal_error")
    );
    assert!(!answer.text().contains("swordfish"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
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

#[actix_web::test]
async fn each_bad_credential_has_its_own_word() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let key = create_key(
        &app,
        &owner,
        json!({"name": "n", "kind": "secret", "scopes": ["jobs:read"]}),
    )
    .await;
    let with = |value: &str| ask("GET", "/v1/accounts").insert_header(("Authorization", value.to_owned()));

    assert_eq!(app.send(with("Bearer a.b.c")).await.problem(), "invalid_token");
    assert_eq!(
        app.send(with("Bearer vt_sk_mistyped")).await.problem(),
        "invalid_key"
    );
    assert_eq!(app.send(with("Basic YTpi")).await.problem(), "unauthenticated");
    let wrong_scope = app.send(bearer(ask("GET", "/v1/accounts"), &key["key"])).await;
    assert_eq!(
        (wrong_scope.status, wrong_scope.problem().as_str()),
        (403, "insufficient_scope")
    );

    app.clock.advance(std::time::Duration::from_secs(15 * 60));
    let late = app
        .send(bearer(ask("GET", "/v1/me"), &owner["access_token"]))
        .await;
    assert_eq!((late.status, late.problem().as_str()), (401, "expired_token"));
}

#[actix_web::test]
async fn a_revoked_key_says_so() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let key = create_key(
        &app,
        &owner,
        json!({"name": "n", "kind": "secret", "scopes": ["jobs:read"]}),
    )
    .await;
    let jobs = || bearer(ask("GET", "/v1/jobs"), &key["key"]);
    assert_eq!(app.send(jobs()).await.status, 200);

    let path = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    let revoked = app
        .send(bearer(ask("DELETE", &path), &owner["access_token"]))
        .await;

    assert_eq!((revoked.status, revoked.body.len()), (204, 0));
    assert_eq!(app.send(jobs()).await.problem(), "key_revoked");
}

#[actix_web::test]
async fn an_outdated_token_keeps_nobody_from_signing_in() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let body = json!({"email": "ada@example.com", "password": "correct horse"});

    let login = ask("POST", "/v1/auth/login")
        .set_json(body)
        .insert_header(("Authorization", "Bearer old"));

    assert_eq!(app.send(login).await.status, 200);
}

#[actix_web::test]
async fn a_person_signs_up_looks_around_and_signs_out() {
    let app = TestApp::start().await;
    let owner = app.register("Ada@Example.com").await;
    let token = &owner["access_token"];
    assert_eq!(owner["user"]["email"], "ada@example.com");
    assert_eq!(
        (&owner["token_type"], &owner["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );

    let renamed = app
        .send(bearer(
            ask("PATCH", "/v1/me").set_json(json!({"name": "Grace"})),
            token,
        ))
        .await
        .json();
    assert_eq!(
        (&renamed["name"], &renamed["role"]),
        (&json!("Grace"), &json!("owner"))
    );
    assert!(renamed["created_at"].as_str().unwrap().ends_with('Z'));
    let change = json!({"allowed_origins": ["https://a.example"]});
    let tenant = app
        .send(bearer(ask("PATCH", "/v1/tenant").set_json(change), token))
        .await
        .json();
    assert_eq!(tenant["allowed_origins"], json!(["https://a.example"]));
    let accounts = app
        .send(bearer(ask("GET", "/v1/accounts?limit=3"), token))
        .await
        .json();
    assert_eq!(
        accounts,
        json!({"data": [], "page": {"next_cursor": null, "limit": 3}})
    );

    let out = json!({"refresh_token": owner["refresh_token"]});
    assert_eq!(
        app.send(ask("POST", "/v1/auth/logout").set_json(out))
            .await
            .status,
        204
    );
    assert_eq!(
        app.send(bearer(ask("GET", "/v1/me"), token)).await.problem(),
        "session_revoked"
    );
}

#[actix_web::test]
async fn a_connection_begins_with_an_address_and_a_forged_cursor_is_refused() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let token = &owner["access_token"];

    let begun = app
        .send(bearer(
            ask("POST", "/v1/accounts/connect").set_json(json!({})),
            token,
        ))
        .await;
    let forged = app
        .send(bearer(ask("GET", "/v1/jobs?cursor=forged"), token))
        .await;

    assert_eq!(begun.status, 201);
    assert!(
        begun.json()["authorize_url"]
            .as_str()
            .unwrap()
            .contains(begun.json()["state"].as_str().unwrap())
    );
    assert_eq!(
        (forged.status, forged.problem().as_str()),
        (400, "invalid_cursor")
    );
}

#[actix_web::test]
async fn a_callback_of_nobody_is_a_page_that_is_not_kept() {
    let app = TestApp::start().await;

    let answer = app
        .send(ask("GET", "/v1/oauth/instagram/callback?code=x&state=y&state=z"))
        .await;

    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("state_unknown"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
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

mod photos {
    use super::*;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set};
    use vitrine_entity::{FeedId, StringList, TenantId, feed};

    /// A tenant with an empty feed and a publishable key for it.
    struct Site {
        app: TestApp,
        path: String,
        key: String,
    }

    impl Site {
        async fn start(key_origins: &[&str], feed_origins: &[&str]) -> Self {
            let app = TestApp::start().await;
            let owner = app.register("ada@example.com").await;
            let body = json!({"name": "page", "kind": "publishable", "allowed_origins": key_origins});
            let key = create_key(&app, &owner, body).await["key"]
                .as_str()
                .unwrap()
                .to_owned();
            let tenant = owner["tenant"]["id"].as_str().unwrap().parse().unwrap();
            let feed = insert_feed(&app, tenant, feed_origins).await;
            Self {
                app,
                path: format!("/v1/feeds/{feed}/photos"),
                key,
            }
        }

        fn ask(&self, method: &str) -> TestRequest {
            ask(method, &format!("{}?key={}", self.path, self.key))
        }

        async fn read(&self, headers: &[(&str, &str)]) -> Answer {
            let request = headers
                .iter()
                .fold(self.ask("GET"), |request, header| request.insert_header(*header));
            self.app.send(request).await
        }
    }

    async fn insert_feed(app: &TestApp, tenant: TenantId, origins: &[&str]) -> FeedId {
        let now = app.app.clock.now();
        let row = feed::ActiveModel {
            id: Set(FeedId::generate()),
            tenant_id: Set(tenant),
            name: Set("Front page".into()),
            is_default: Set(true),
            media_types: Set(StringList::from_iter(["IMAGE"])),
            include_children: Set(false),
            hashtags: Set(Default::default()),
            caption: Set(Default::default()),
            item_limit: Set(100),
            item_order: Set(Default::default()),
            layout: Set(Default::default()),
            allowed_origins: Set(origins.iter().copied().collect()),
            cache_seconds: Set(300),
            version: Set(1),
            content_changed_at: Set(now),
            created_at: Set(now),
            updated_at: Set(now),
        };
        row.insert(app.database.connection()).await.unwrap().id
    }

    #[actix_web::test]
    async fn a_page_reads_a_feed_and_asks_again_for_nothing() {
        let site = Site::start(&[], &[]).await;

        let first = site.read(&[("Origin", "https://any.example")]).await;
        site.app.clock.advance(std::time::Duration::from_secs(7));
        let etag = first.header("etag").unwrap();
        let again = site.read(&[("If-None-Match", etag)]).await;

        assert_eq!(first.status, 200, "{}", first.text());
        assert_eq!(first.json()["feed"]["name"], "Front page");
        assert!(etag.starts_with('"'));
        let cache = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400";
        assert_eq!(first.header("cache-control"), Some(cache));
        assert_eq!(first.header("access-control-allow-origin"), Some("*"));
        assert!(
            first
                .header("access-control-expose-headers")
                .unwrap()
                .contains("ETag")
        );
        assert!(first.header("vary").unwrap().contains("Origin"));
        assert_eq!(first.header("content-encoding"), None);
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(
            (again.header("etag"), again.header("age")),
            (Some(etag), Some("7"))
        );
        assert_eq!(again.header("access-control-allow-origin"), Some("*"));
        let since = first.header("last-modified").unwrap();
        assert_eq!(site.read(&[("If-Modified-Since", since)]).await.status, 304);
    }

    #[actix_web::test]
    async fn a_restricted_key_is_good_on_its_own_pages_only() {
        let site = Site::start(&["https://shop.example"], &[]).await;

        let ours = site.read(&[("Origin", "https://shop.example")]).await;
        let theirs = site.read(&[("Origin", "https://other.example")]).await;
        let server = site.read(&[]).await;

        assert_eq!(
            (ours.status, ours.header("access-control-allow-origin")),
            (200, Some("https://shop.example"))
        );
        assert_eq!(
            (theirs.status, theirs.problem().as_str()),
            (403, "origin_not_allowed")
        );
        assert_eq!(
            theirs.header("access-control-allow-origin"),
            Some("*"),
            "scripts may read why"
        );
        assert_eq!(
            (server.status, server.header("access-control-allow-origin")),
            (200, None)
        );
    }

    #[actix_web::test]
    async fn a_restricted_feed_is_shown_on_its_own_pages_only() {
        let site = Site::start(&[], &["https://*.shop.example"]).await;

        assert_eq!(
            site.read(&[("Origin", "https://www.shop.example")]).await.status,
            200
        );
        assert_eq!(
            site.read(&[("Origin", "https://shop.example.evil")])
                .await
                .problem(),
            "origin_not_allowed"
        );
    }

    #[actix_web::test]
    async fn a_preflight_needs_no_key() {
        let site = Site::start(&["https://shop.example"], &[]).await;
        let preflight = ask("OPTIONS", &site.path)
            .insert_header((ORIGIN, "https://shop.example"))
            .insert_header(("Access-Control-Request-Method", "GET"))
            .insert_header(("Access-Control-Request-Headers", "x-api-key"));

        let answer = site.app.send(preflight).await;

        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (204, Some("*"))
        );
        assert!(
            answer
                .header("access-control-allow-headers")
                .unwrap()
                .contains("X-Api-Key")
        );
        assert!(
            answer
                .header("access-control-allow-methods")
                .unwrap()
                .contains("GET")
        );
    }

    #[actix_web::test]
    async fn scripts_can_read_what_went_wrong() {
        let site = Site::start(&[], &[]).await;
        let others = format!("/v1/feeds/{}/photos?key={}", FeedId::generate(), site.key);
        let mistyped = format!("{}?key=vt_pk_nonsense", site.path);
        let bad_limit = format!("{}?key={}&limit=1000", site.path, site.key);
        let bad_type = format!("{}?key={}&type=GIF", site.path, site.key);

        for (path, status, word) in [
            (&site.path, 401, "unauthenticated"),
            (&mistyped, 401, "invalid_key"),
            (&others, 404, "not_found"),
            (&bad_limit, 422, "invalid_query"),
            (&bad_type, 422, "invalid_query"),
        ] {
            let answer = site
                .app
                .send(ask("GET", path).insert_header((ORIGIN, "https://any.example")))
                .await;
            assert_eq!(
                (answer.status, answer.problem().as_str()),
                (status, word),
                "{path}"
            );
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        }
    }

    #[actix_web::test]
    async fn a_publishable_key_opens_nothing_else() {
        let site = Site::start(&[], &[]).await;
        let key = Value::from(site.key.clone());

        for path in ["/v1/feeds", "/v1/accounts", "/v1/jobs", "/v1/me", "/v1/api-keys"] {
            let answer = site.app.send(bearer(ask("GET", path), &key)).await;
            assert_eq!(
                (answer.status, answer.problem().as_str()),
                (403, "insufficient_scope"),
                "{path}"
            );
        }
        let query = site
            .app
            .send(ask("GET", &format!("/v1/feeds?key={}", site.key)))
            .await;
        assert_eq!(
            query.problem(),
            "unauthenticated",
            "keys stand in addresses of public routes only"
        );
    }
}
