//! The Graph-compatible routes, as programs see them that were written for Instagram.

use crate::support::{Answer, Engines, Installation, Program, connected, on_both_pairs};
use reqwest::{Method, header};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_simulator::{NewPost, PostKind};
use vitrine_test_support::wait_until;

on_both_pairs!(
    media_is_what_instagram_would_answer,
    links_lead_from_end_to_end_without_repeating,
    only_what_the_feed_shows_can_be_read,
    refusals_are_instagrams,
    a_key_stands_where_its_token_did,
    another_main_feed_is_news,
);

const FIELDS: &str = "id,caption,media_type,media_url,permalink,timestamp,username";

/// The error of a refused answer: its status, its code and its subcode.
#[track_caller]
fn refusal(answer: &Answer) -> (u16, i64, Option<i64>) {
    let body = answer.json();
    let error = &body["error"];
    assert_eq!(
        answer.header("content-type"),
        "application/json",
        "{}",
        answer.text
    );
    assert_eq!(
        error["fbtrace_id"],
        answer.header("x-request-id"),
        "{}",
        answer.text
    );
    assert!(error["message"].is_string(), "{}", answer.text);
    assert!(
        error["type"] == "OAuthException" || error["type"] == "IGApiException",
        "{}",
        answer.text
    );
    let code = error["code"].as_i64().unwrap();
    (answer.status.as_u16(), code, error["error_subcode"].as_i64())
}

fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap();
    data.iter()
        .map(|media| media["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn follow(vitrine: &Installation, link: &Value) -> Value {
    let link = link.as_str().unwrap();
    assert!(link.starts_with(&format!("{}/graph/", vitrine.address)), "{link}");
    Answer::of(vitrine.http.get(link).send().await.unwrap())
        .await
        .expect(200)
}

/// Every post of the feed's library, by its id on Instagram.
async fn library(program: &Program<'_>) -> Vec<String> {
    ids(&program.get("/graph/me/media?limit=100").await.expect(200))
}

async fn media_is_what_instagram_would_answer(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let markup = "<script>alert(1)</script> \"quoted\" & 'more'";
    let posted = vitrine
        .simulator
        .post_media("vitrine.demo", NewPost::captioned(markup))
        .unwrap();
    owner.syncs(&account).await;
    owner
        .photos_that(&feed, &key, |feed| feed["data"][0]["caption"] == markup)
        .await;
    let program = vitrine.program(None);
    let path = |rest: &str| format!("/graph/{rest}&access_token={key}");

    let page = program
        .get(&path(&format!("me/media?fields={FIELDS}&limit=2&escape=html")))
        .await;
    let plain = program.get(&path("v25.0/me/media/?fields=caption&limit=1")).await;
    let one = program
        .get(&path(&format!("{}?fields=timestamp", posted.id)))
        .await;
    let me = program
        .get(&path("me?fields=id,username,media.limit(1){media_type}"))
        .await;

    assert_eq!(page.header("content-type"), "application/json");
    let first = &page.expect(200)["data"][0];
    assert_eq!(first["id"], posted.id);
    assert_eq!(first["media_type"], "IMAGE");
    assert_eq!(first["username"], "vitrine.demo");
    assert_eq!(
        first["caption"],
        "&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp; &#39;more&#39;"
    );
    let moment = posted.taken_at.format("%Y-%m-%dT%H:%M:%S+0000").to_string();
    assert_eq!(first["timestamp"], moment);
    assert_eq!(plain.expect(200)["data"][0]["caption"], markup);
    assert_eq!(one.expect(200), json!({"timestamp": moment, "id": posted.id}));
    let me = me.expect(200);
    let expected = owner.account(&account).await["platform_user_id"].clone();
    assert_eq!((&me["id"], &me["username"]), (&expected, &json!("vitrine.demo")));
    assert_eq!(ids(&me["media"]), std::slice::from_ref(&posted.id));
    let etag = page.header("etag").to_owned();
    let request = program
        .request(
            Method::GET,
            &path(&format!("me/media?fields={FIELDS}&limit=2&escape=html")),
        )
        .header(header::IF_NONE_MATCH, etag);
    assert_eq!(request.send().await.unwrap().status(), 304);
    let head = program
        .request(Method::HEAD, &path("me?fields=id"))
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);
}

async fn links_lead_from_end_to_end_without_repeating(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (_, _, feed, key) = connected(&vitrine).await;
    let whole = library(&vitrine.program(Some(&key))).await;
    assert!(whole.len() > 7, "{whole:?}");

    let path = format!("/graph/me/media?fields={FIELDS}&limit=5&feed={feed}&access_token={key}&escape=none");
    let mut page = vitrine.get(&path).await.expect(200);
    let mut read = ids(&page);
    while let Some(next) = page["paging"].get("next") {
        page = follow(&vitrine, next).await;
        assert!(!ids(&page).is_empty());
        assert!(page["data"][0].get("permalink").is_some(), "{page}");
        read.extend(ids(&page));
    }
    assert_eq!(read, whole);

    let mut back = ids(&page);
    while let Some(previous) = page["paging"].get("previous") {
        page = follow(&vitrine, previous).await;
        back.splice(0..0, ids(&page));
    }
    assert_eq!(back, whole);
    let by_header = vitrine
        .program(Some(&key))
        .get("/graph/me/media?limit=5")
        .await
        .expect(200);
    let next = by_header["paging"]["next"].as_str().unwrap();
    assert!(!next.contains(&key), "a key from a header stands in no link");
}

/// A tenant's first account brings its default feed, which goes before those that the tenant made.
async fn another_main_feed_is_news(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    owner
        .post("/v1/feeds", &json!({"name": "early"}))
        .await
        .expect(201);
    let key = owner.makes_key("publishable", &[]).await;
    let program = vitrine.program(Some(&key));
    assert_eq!(library(&program).await, [""; 0]);

    owner.connects("vitrine.demo").await;
    let default = owner.default_feed().await;
    owner
        .photos_that(&default, &key, |feed| feed["data"] != json!([]))
        .await;

    let meant = wait_until(Duration::from_secs(2), async || {
        !library(&program).await.is_empty()
    });
    assert!(meant.await.is_ok(), "another feed was meant for longer");
}

async fn only_what_the_feed_shows_can_be_read(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let album = NewPost {
        kind: PostKind::Carousel,
        ..NewPost::captioned("an album")
    };
    let album = vitrine.simulator.post_media("vitrine.demo", album).unwrap().id;
    owner.syncs(&account).await;
    let program = vitrine.program(Some(&key));

    let filtered = program.get(&format!("/graph/{album}")).await;
    assert_eq!(
        refusal(&filtered),
        (400, 100, Some(33)),
        "a default feed shows no albums"
    );
    let albums = json!({"media_types": ["IMAGE", "CAROUSEL_ALBUM"]});
    owner
        .patch(&format!("/v1/feeds/{feed}"), &albums)
        .await
        .expect(200);
    owner
        .photos_that(&feed, &key, |feed| feed["data"][0]["type"] == "CAROUSEL_ALBUM")
        .await;
    let shown = program
        .get(&format!("/graph/{album}?fields=children{{media_type}}"))
        .await
        .expect(200);
    let children = program
        .get(&format!("/graph/{album}/children?fields=media_type"))
        .await
        .expect(200);
    assert_eq!(shown["children"], children);
    assert_eq!(children["data"].as_array().unwrap().len(), 3);

    let stranger = vitrine.owner("mallory").await;
    stranger.connects("vitrine.demo").await;
    let theirs = stranger.makes_key("publishable", &[]).await;
    let program = vitrine.program(Some(&theirs));
    for path in [
        format!("/graph/me/media?feed={feed}"),
        format!("/graph/{album}?feed={feed}"),
        format!("/graph/me/media?feed={}", uuid::Uuid::now_v7()),
        "/graph/me?feed=nonsense".to_owned(),
        "/graph/17841499999999999/media".to_owned(),
        "/graph/17900000000000000".to_owned(),
    ] {
        assert_eq!(refusal(&program.get(&path).await), (400, 100, Some(33)), "{path}");
    }
}

async fn refusals_are_instagrams(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (_, _, _, key) = connected(&vitrine).await;
    let program = vitrine.program(Some(&key));
    let deep = format!("children%7B{}id", "children%7B".repeat(50));

    for (query, said) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("limit=", "limit"),
        ("after=forged", "cursor"),
        ("before=forged", "cursor"),
        ("after=a&before=b", "combined"),
        ("fields=likes", "nonexisting field (likes)"),
        ("fields=id,children%7Bid", "Syntax error"),
        (&format!("fields={deep}"), "deep"),
        (&format!("fields={}", "id,".repeat(2_000)), "at most"),
        ("escape=some", "escape"),
    ] {
        let answer = program.get(&format!("/graph/me/media?{query}")).await;
        assert_eq!(refusal(&answer), (400, 100, None), "{query}");
        assert!(answer.text.contains(said), "{query}: {}", answer.text);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let absurd = program.get("/graph/me/media?limit=99999999999999999999999").await;
    assert!(absurd.expect(200)["data"].is_array());

    for (path, expected) in [
        ("/graph", (400, 2500, None)),
        ("/graph/me/stories", (400, 2500, None)),
        ("/graph/v25.0/me/media/x/y", (400, 2500, None)),
        ("/graph/nobody", (400, 100, Some(33))),
    ] {
        assert_eq!(refusal(&program.get(path).await), expected, "{path}");
    }
    let long = program.get(&format!("/graph/me?x={}", "x".repeat(9_000))).await;
    assert_eq!(refusal(&long), (414, 100, None));
    let wrong = program
        .request(Method::POST, "/graph/me/media")
        .send()
        .await
        .unwrap();
    let wrong = Answer::of(wrong).await;
    assert_eq!(
        (refusal(&wrong), wrong.header("allow")),
        ((405, 100, None), "GET, HEAD")
    );
    let picky = program
        .request(Method::GET, "/graph/me")
        .header(header::ACCEPT_ENCODING, "identity;q=0");
    assert_eq!(
        refusal(&Answer::of(picky.send().await.unwrap()).await),
        (406, 100, None)
    );
}

async fn a_key_stands_where_its_token_did(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, _, _, key) = connected(&vitrine).await;
    let secret = owner.makes_key("secret", &["feeds:read"]).await;
    let weak = owner.makes_key("secret", &["accounts:read"]).await;
    let body = json!({"name": "shop", "kind": "publishable", "allowed_origins": ["https://shop.example"]});
    let bound = owner.post("/v1/api-keys", &body).await.expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();

    assert_eq!(refusal(&vitrine.get("/graph/me").await), (400, 104, None));
    for token in ["", "IGAAnonsense", "vt_pk_nonsense", secret.as_str()] {
        let answer = vitrine.get(&format!("/graph/me?access_token={token}")).await;
        assert_eq!(refusal(&answer), (400, 190, None), "{token}");
        assert_eq!(answer.header("www-authenticate"), "");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "scripts may read why"
        );
    }
    vitrine.program(Some(&secret)).get("/graph/me").await.expect(200);
    assert_eq!(
        refusal(&vitrine.program(Some(&weak)).get("/graph/me").await),
        (403, 10, None)
    );
    let from = async |origin: &str, path: &str| {
        let request = vitrine.program(None).request(Method::GET, path);
        Answer::of(request.header(header::ORIGIN, origin).send().await.unwrap()).await
    };
    let path = format!("/graph/me?access_token={bound}");
    assert_eq!(from("https://shop.example", &path).await.status, 200);
    assert_eq!(
        refusal(&from("https://other.example", &path).await),
        (403, 10, None)
    );
    vitrine
        .get(&format!("/graph/me?access_token={key}"))
        .await
        .expect(200);
}

/// The token addresses say the key back to whom it belongs.
#[tokio::test]
async fn token_services_are_replaced() {
    let vitrine = Installation::start(Engines::Alone).await;
    let owner = vitrine.owner("ada").await;
    let body = json!({"name": "shop", "kind": "publishable", "allowed_origins": ["https://shop.example"]});
    let key = owner.post("/v1/api-keys", &body).await.expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let secret = owner.makes_key("secret", &["feeds:read"]).await;
    let from = async |name: &'static str, page: &str, path: &str| {
        let request = vitrine
            .http
            .get(format!("{}{path}", vitrine.address))
            .header(name, page);
        Answer::of(request.send().await.unwrap()).await
    };

    let script = vitrine.get(&format!("/compat/token.js?key={key}")).await;
    let named = vitrine
        .get(&format!("/compat/token.js?key={key}&const=Other"))
        .await;
    let json = vitrine.get(&format!("/compat/token.json?key={key}")).await;
    let text = vitrine.get(&format!("/compat/token?key={key}")).await;

    assert_eq!(script.text, format!("var InstagramToken = '{key}';\n"));
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(script.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(script.header("cache-control"), "private, max-age=300");
    assert!(script.header("vary").contains("Referer"));
    assert_eq!(named.text, format!("var Other = '{key}';\n"));
    assert_eq!(json.expect(200), json!({"Token": key, "token": key}));
    assert_eq!(text.text, key);
    let instant = |name: &str| format!("/compat/{name}?userSecret={key}");
    let json = json!({"Token": key, "token": key});
    assert_eq!(vitrine.get(&instant("token")).await.expect(200), json);
    assert_eq!(vitrine.get(&instant("token.json")).await.expect(200), json);
    assert_eq!(vitrine.get(&instant("token.js")).await.text, script.text);
    let path = format!("/compat/token.js?key={key}");
    assert_eq!(
        from("referer", "https://shop.example/page", &path).await.status,
        200
    );
    let ours = from("origin", "https://shop.example", &path).await;
    assert_eq!(ours.header("access-control-allow-origin"), "https://shop.example");
    for (name, page) in [
        ("referer", "https://other.example/"),
        ("origin", "https://other.example"),
        ("origin", "null"),
    ] {
        assert_eq!(
            from(name, page, &path).await.problem(403),
            "origin_not_allowed",
            "{page}"
        );
    }
    for path in ["/compat/token.js", "/compat/token.json", "/compat/token"] {
        let with = |key: &str| format!("{path}?key={key}");
        let instant = vitrine.get(&format!("{path}?userSecret={secret}")).await;
        assert_eq!(instant.problem(403), "secret_key_in_address");
        assert_eq!(vitrine.get(path).await.problem(401), "unauthenticated");
        assert_eq!(vitrine.get(&with("vt_pk_x")).await.problem(401), "invalid_key");
        assert_eq!(
            vitrine.get(&with(&secret)).await.problem(403),
            "secret_key_in_address"
        );
    }
    let injected = vitrine
        .get(&format!("/compat/token.js?key={key}&const=alert(1)%3Bx"))
        .await;
    assert_eq!(injected.problem(422), "invalid_query");
}
