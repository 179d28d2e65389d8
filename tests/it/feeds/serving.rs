//! The visitor's read.

use crate::support::{Answer, Engines, Installation, on_both_pairs};
use reqwest::{Method, header};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    pages_neither_repeat_nor_skip,
    a_browser_that_has_it_gets_nothing,
    origins_are_heeded,
    a_feed_shows_what_is_asked_for,
    operators_see_how_it_is,
);

async fn shown(vitrine: &Installation) -> (String, String) {
    let owner = vitrine.owner("ada").await;
    owner.connects("vitrine.demo").await;
    let (feed, key) = (
        owner.default_feed().await,
        owner.makes_key("publishable", &[]).await,
    );
    owner
        .photos_that(&feed, &key, |feed| feed["data"].as_array().unwrap().len() >= 12)
        .await;
    (format!("/v1/feeds/{feed}/photos"), key)
}

fn ids(page: &Value) -> Vec<String> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|photo| photo["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn pages_neither_repeat_nor_skip(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (photos, key) = shown(&vitrine).await;
    let page = vitrine.program(Some(&key));
    let whole = ids(&page.get(&format!("{photos}?limit=100")).await.expect(200));

    let (mut read, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = page.get(&format!("{photos}?limit=5{cursor}")).await.expect(200);
        assert!(ids(&answer).len() <= 5);
        read.extend(ids(&answer));
        match answer["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }

    assert_eq!(read, whole);
}

async fn a_browser_that_has_it_gets_nothing(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (photos, key) = shown(&vitrine).await;
    let page = vitrine.program(Some(&key));

    let first = page.get(&photos).await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with('"'), "{etag} is not strong");
    assert!(first.header("cache-control").contains("public, max-age="));
    assert!(first.header("cache-control").contains("stale-if-error="));
    assert!(!first.header("last-modified").is_empty());
    for tag in [
        etag.clone(),
        format!("\"other\", {etag}"),
        "*".to_owned(),
        format!("W/{etag}"),
    ] {
        let request = page
            .request(Method::GET, &photos)
            .header(header::IF_NONE_MATCH, &tag);
        let again = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(
            (again.status.as_u16(), again.text.as_str(), again.header("etag")),
            (304, "", etag.as_str()),
            "{tag}"
        );
    }
    let request = page
        .request(Method::GET, &photos)
        .header(header::IF_NONE_MATCH, "\"other\"");
    Answer::of(request.send().await.unwrap()).await.expect(200);
    let head = Answer::of(page.request(Method::HEAD, &photos).send().await.unwrap()).await;
    assert_eq!(
        (head.status.as_u16(), head.text.as_str(), head.header("etag")),
        (200, "", etag.as_str())
    );
}

async fn origins_are_heeded(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    owner.connects("vitrine.demo").await;
    let feed = owner.default_feed().await;
    let photos = format!("/v1/feeds/{feed}/photos");
    let body = json!({"name": "page", "kind": "publishable", "allowed_origins": ["https://shop.example", "https://*.sub.example"]});
    let key = owner.post("/v1/api-keys", &body).await.expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let open = owner.makes_key("publishable", &[]).await;
    let from = async |key: &str, origin: &str| {
        let request = vitrine
            .program(Some(key))
            .request(Method::GET, &photos)
            .header(header::ORIGIN, origin);
        Answer::of(request.send().await.unwrap()).await
    };

    assert_eq!(
        from(&key, "https://shop.example")
            .await
            .header("access-control-allow-origin"),
        "https://shop.example"
    );
    assert_eq!(from(&key, "https://a.sub.example").await.status, 200);
    assert_eq!(
        from(&key, "https://evil.example").await.problem(403),
        "origin_not_allowed"
    );
    assert_eq!(
        from(&key, "https://shop.example.evil.example").await.problem(403),
        "origin_not_allowed"
    );
    assert_eq!(
        from(&open, "https://evil.example")
            .await
            .header("access-control-allow-origin"),
        "*"
    );
    let preflight = vitrine
        .http
        .request(Method::OPTIONS, format!("{}{photos}", vitrine.address))
        .header(header::ORIGIN, "https://shop.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "x-api-key");
    let preflight = Answer::of(preflight.send().await.unwrap()).await;
    assert_eq!(preflight.status, 204);
    assert!(
        preflight
            .header("access-control-allow-headers")
            .to_lowercase()
            .contains("x-api-key")
    );
}

async fn a_feed_shows_what_is_asked_for(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (photos, key) = shown(&vitrine).await;
    let page = vitrine.program(Some(&key));

    let images = page
        .get(&format!("{photos}?type=IMAGE&limit=3"))
        .await
        .expect(200);
    let videos = page.get(&format!("{photos}?type=VIDEO")).await.expect(200);

    assert_eq!(ids(&images).len(), 3);
    assert_eq!(videos["data"], json!([]), "a default feed shows photos only");
}

async fn operators_see_how_it_is(engines: Engines) {
    let vitrine = Installation::start(engines).await;

    assert_eq!(vitrine.get("/healthz").await.status, 200);
    let ready = vitrine.get("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.text);
    for part in ["database", "queue", "migrations"] {
        assert!(ready.text.contains(part), "{}", ready.text);
    }
    let document = vitrine.get("/openapi.json").await.expect(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "/v1/auth/register",
        "/v1/accounts/connect",
        "/v1/feeds/{feed_id}/photos",
    ] {
        let known = document["paths"].as_object().unwrap().keys().any(|key| {
            let shape = |path: &str| {
                path.split('/')
                    .map(|part| if part.starts_with('{') { "{}" } else { part })
                    .collect::<Vec<_>>()
                    .join("/")
            };
            shape(key) == shape(path)
        });
        assert!(known, "{path} is not documented");
    }
    assert_eq!(vitrine.get("/").await.status, 200);
}

/// What is changed at one API process counts at the others.
#[tokio::test]
async fn api_processes_agree() {
    let mut vitrine = Installation::start(Engines::Distributed).await;
    let other = vitrine.another_api().await;
    let owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;
    let feed = owner.default_feed().await;
    let key = owner.makes_key("publishable", &[]).await;
    let path = format!("/v1/feeds/{feed}/photos");
    owner
        .photos_that(&feed, &key, |feed| !feed["data"].as_array().unwrap().is_empty())
        .await;
    let elsewhere = async || {
        let request = vitrine
            .http
            .get(format!("{other}{path}"))
            .header("X-Api-Key", &key);
        Answer::of(request.send().await.unwrap()).await
    };
    assert!(
        !elsewhere().await.expect(200)["data"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    // Somebody else who asks for it turns no news of it away.
    let stranger = vitrine.owner("grace").await;
    let foreign = stranger.makes_key("publishable", &[]).await;
    for address in [&vitrine.address, &other] {
        let request = vitrine.http.get(format!("{address}{path}"));
        let request = request.header("X-Api-Key", &foreign);
        assert_eq!(request.send().await.unwrap().status(), 404);
    }

    owner.delete(&format!("/v1/accounts/{account}")).await.expect(204);
    let gone = wait_until(Duration::from_secs(4), async || {
        elsewhere().await.expect(200)["data"] == json!([])
    });
    gone.await.unwrap();

    let keys = owner.get("/v1/api-keys").await.expect(200);
    owner
        .delete(&format!(
            "/v1/api-keys/{}",
            keys["data"][0]["id"].as_str().unwrap()
        ))
        .await
        .expect(204);
    let refused = wait_until(Duration::from_secs(8), async || elsewhere().await.status == 401);
    refused.await.unwrap();
}
