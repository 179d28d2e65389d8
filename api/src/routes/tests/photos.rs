//! What a site's visitors read, from which pages.

use super::*;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use vitrine_entity::{FeedId, StringList, TenantId, feed};

/// A tenant with an empty feed and a publishable key for it.
pub(super) struct Site {
    pub(super) app: TestApp,
    pub(super) path: String,
    pub(super) key: String,
}

impl Site {
    pub(super) async fn start(key_origins: &[&str], feed_origins: &[&str]) -> Self {
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
        reels: Set(feed::Reels::Include),
        hashtags: Set(Default::default()),
        caption: Set(Default::default()),
        item_limit: Set(100),
        page_size: Set(None),
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
    let cache = "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400";
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
        (Some(etag), Some("0"))
    );
    assert_eq!(again.header("access-control-allow-origin"), Some("*"));
    let since = again.header("last-modified").unwrap();
    assert_eq!(site.read(&[("If-Modified-Since", since)]).await.status, 304);
}

#[actix_web::test]
async fn what_is_in_memory_is_not_answered_to_endless_addresses() {
    let site = Site::start(&[], &[]).await;
    let path = format!("{}?key={}", site.path, site.key);

    for (ampersands, status) in [(0, 200), (0, 200), (900, 200), (9_000, 414)] {
        let path = format!("{path}{}", "&".repeat(ampersands));
        assert_eq!(
            site.app.send(ask("GET", &path)).await.status,
            status,
            "{ampersands}"
        );
    }
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
