//! What caches, browsers and crowds get: encodings, tags, limits, and one reading for all.

use crate::support::{Answer, Engines, Installation, Plan, connected, database, on_both_pairs};
use futures::future::join_all;
use reqwest::{
    Method,
    header::{self, HeaderMap},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::{collections::HashSet, io::Read, time::Duration};
use vitrine_entity::{TenantOwned, usage_day};
use vitrine_test_support::{free_port, wait_until};

on_both_pairs!(
    each_encoding_has_its_own_bytes_and_tag,
    warm_answers_are_as_cold_ones,
    headers_tell_caches_all_they_need,
    what_is_known_to_be_right_is_of_no_age,
    what_is_refused_tells_what_is_left,
    what_visitors_ask_for_is_counted_through_a_stop,
    a_key_beyond_its_limit_waits,
    publishable_keys_read_and_nothing_else,
);

/// A shared cache may keep an answer for as long as its owner lets it: of what is right at this moment nothing is used up.
async fn what_is_known_to_be_right_is_of_no_age(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (path, key) = shown(&vitrine).await;
    let age = async || {
        let answer = vitrine.program(Some(&key)).get(&path).await;
        answer.expect(200);
        answer.header("age").to_owned()
    };
    let right = wait_until(Duration::from_secs(8), async || age().await == "0").await;
    assert!(right.is_ok(), "{}", age().await);

    vitrine.advance(Duration::from_secs(15)).await;

    // Sooner than it is looked at again.
    let right = wait_until(Duration::from_secs(8), async || age().await == "0").await;
    assert!(right.is_ok(), "{}", age().await);
}

/// An address with photos behind it, and the key for it.
async fn shown(vitrine: &Installation) -> (String, String) {
    let (_, _, feed, key) = connected(vitrine).await;
    (format!("/v1/feeds/{feed}/photos?limit=12"), key)
}

fn unpacking_nothing() -> reqwest::Client {
    reqwest::Client::builder().no_gzip().build().unwrap()
}

async fn ask(
    vitrine: &Installation,
    path: &str,
    headers: &[(header::HeaderName, &str)],
) -> (HeaderMap, u16, Vec<u8>) {
    let request = unpacking_nothing().get(format!("{}{path}", vitrine.address));
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(name, *value));
    let response = request.send().await.unwrap();
    let (headers, status) = (response.headers().clone(), response.status().as_u16());
    (headers, status, response.bytes().await.unwrap().to_vec())
}

fn unpacked(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut plain = vec![];
    match encoding {
        "br" => brotli::Decompressor::new(bytes, 4_096)
            .read_to_end(&mut plain)
            .unwrap(),
        "gzip" => flate2::read::GzDecoder::new(bytes)
            .read_to_end(&mut plain)
            .unwrap(),
        "zstd" => {
            plain = zstd::decode_all(bytes).unwrap();
            plain.len()
        }
        _ => {
            plain = bytes.to_vec();
            plain.len()
        }
    };
    plain
}

async fn each_encoding_has_its_own_bytes_and_tag(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (path, key) = shown(&vitrine).await;
    let path = format!("{path}&key={key}");
    let mut tags = HashSet::new();
    let (_, _, plain) = ask(&vitrine, &path, &[(header::ACCEPT_ENCODING, "identity")]).await;

    for (accepted, encoding) in [
        ("identity", ""),
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "br"),
    ] {
        let (headers, status, bytes) = ask(&vitrine, &path, &[(header::ACCEPT_ENCODING, accepted)]).await;
        assert_eq!(status, 200);
        let sent = headers
            .get(header::CONTENT_ENCODING)
            .map_or("", |value| value.to_str().unwrap());
        assert_eq!(sent, encoding);
        assert_eq!(unpacked(encoding, &bytes), plain, "{accepted}");
        assert!(
            encoding.is_empty() || bytes.len() * 3 < plain.len(),
            "{accepted}: {}",
            bytes.len()
        );
        let tag = headers[header::ETAG].to_str().unwrap().to_owned();
        let again = [
            (header::ACCEPT_ENCODING, accepted),
            (header::IF_NONE_MATCH, &*tag),
        ];
        let (headers, status, bytes) = ask(&vitrine, &path, &again).await;
        assert_eq!((status, bytes.len()), (304, 0), "{accepted}");
        assert_eq!(headers[header::ETAG], *tag);
        assert!(headers.get(header::CONTENT_ENCODING).is_none());
        tags.insert(tag);
    }

    assert_eq!(tags.len(), 4, "{tags:?}");
    let refused = [(header::ACCEPT_ENCODING, "identity;q=0")];
    assert_eq!(ask(&vitrine, &path, &refused).await.1, 406);
}

/// What an answer says, without what differs with every request.
fn told(headers: &HeaderMap) -> Vec<(String, String)> {
    let changing = ["date", "x-request-id", "ratelimit", "age"];
    let kept = headers
        .iter()
        .filter(|(name, _)| !changing.contains(&name.as_str()));
    let mut told: Vec<_> = kept
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    told.sort();
    told
}

/// Until the second of a change is over, its date satisfies nobody.
async fn second_is_over() {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
}

async fn warm_answers_are_as_cold_ones(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (path, key) = shown(&vitrine).await;
    second_is_over().await;
    let origin = (header::ORIGIN, "https://page.example");

    for form in ["photos", "feed.json", "feed.rss", "feed.atom"] {
        for encoding in ["identity", "br"] {
            let path = path.replace("photos?limit=12", &format!("{form}?limit=11"));
            let headers = [origin.clone(), (header::ACCEPT_ENCODING, encoding)];
            // A coded parameter is left to the long way, a plain one to the short one.
            let long = format!("{path}&key={}%5F{}", &key[..2], &key[3..]);
            let short = format!("{path}&key={key}");
            let cold = ask(&vitrine, &long, &headers).await;
            let warm = ask(&vitrine, &short, &headers).await;
            let warm_again = ask(&vitrine, &short, &headers).await;
            assert_eq!(cold.1, 200);
            assert_eq!(
                (told(&warm.0), warm.1),
                (told(&cold.0), cold.1),
                "{form} {encoding}"
            );
            assert_eq!(told(&warm_again.0), told(&warm.0));
            assert_eq!((cold.2 == warm.2, warm.2 == warm_again.2), (true, true), "{form}");
        }
    }
}

async fn what_is_refused_tells_what_is_left(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (path, key) = shown(&vitrine).await;
    let program = vitrine.program(Some(&key));
    let limit = "\"minute\";q=60000;w=60";

    let gone = "/v1/feeds/01890000-0000-7000-8000-000000000000/photos";
    for (path, status) in [
        (format!("{path}&limit=many"), 422),
        (format!("{path}&cursor=forged"), 400),
        (gone.to_owned(), 404),
    ] {
        let refused = program.get(&path).await;
        assert_eq!(refused.status, status, "{path}: {refused:?}");
        assert_eq!(refused.header("ratelimit-policy"), limit, "{path}");
        assert!(refused.header("ratelimit").starts_with("\"minute\";r="), "{path}");
    }
    let unknown = vitrine.program(None).get(&path).await;
    assert_eq!((unknown.status.as_u16(), unknown.header("ratelimit")), (401, ""));
}

async fn headers_tell_caches_all_they_need(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (path, key) = shown(&vitrine).await;
    let path = format!("{path}&key={key}");
    second_is_over().await;

    for turn in 0..3 {
        let (headers, status, body) = ask(&vitrine, &path, &[(header::ORIGIN, "https://a.example")]).await;
        let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(status, 200);
        assert_eq!(text("content-length"), body.len().to_string());
        assert_eq!(
            text("cache-control"),
            "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"
        );
        for name in ["origin", "accept-encoding", "authorization", "x-api-key"] {
            let listed = text("vary").to_ascii_lowercase();
            assert!(listed.split(", ").any(|part| part == name), "{name} in {listed}");
        }
        let modified = text("last-modified");
        let ahead = httpdate(modified) - httpdate(text("date"));
        assert!(ahead.num_seconds() <= 1, "{modified} by a clock of its own");
        assert!(text("age").parse::<u64>().unwrap() < 60);
        assert_eq!(text("ratelimit-policy"), "\"minute\";q=60000;w=60");
        assert!(
            text("ratelimit").starts_with("\"minute\";r=59"),
            "{turn}: {}",
            text("ratelimit")
        );
        assert_eq!(text("access-control-allow-origin"), "*");
        assert!(text("access-control-expose-headers").contains("RateLimit"));
        assert_eq!(text("x-content-type-options"), "nosniff");

        let since = [(header::IF_MODIFIED_SINCE, modified)];
        assert_eq!(ask(&vitrine, &path, &since).await.1, 304);
        let older = [(header::IF_MODIFIED_SINCE, "Thu, 01 Jan 2015 00:00:00 GMT")];
        assert_eq!(ask(&vitrine, &path, &older).await.1, 200);
        let tag_wins = [
            (header::IF_MODIFIED_SINCE, modified),
            (header::IF_NONE_MATCH, "\"another\""),
        ];
        assert_eq!(ask(&vitrine, &path, &tag_wins).await.1, 200);
        let head = unpacking_nothing()
            .head(format!("{}{path}", vitrine.address))
            .send()
            .await
            .unwrap();
        assert_eq!(head.headers()["content-length"], *text("content-length"));
        assert_eq!(head.headers()["etag"], *text("etag"));
        assert_eq!(head.bytes().await.unwrap().len(), 0);
    }
}

fn httpdate(text: &str) -> chrono::DateTime<chrono::FixedOffset> {
    chrono::DateTime::parse_from_rfc2822(&text.replace("GMT", "+0000")).unwrap()
}

/// Requests that are written down for the only tenant.
async fn written_down(vitrine: &Installation) -> i64 {
    let days = usage_day::Entity::across_tenants()
        .all(database(vitrine).await.connection())
        .await
        .unwrap();
    days.into_iter().map(|day| day.feed_requests).sum()
}

async fn what_visitors_ask_for_is_counted_through_a_stop(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let (path, key) = shown(&vitrine).await;
    let path = format!("{path}&key={key}");
    vitrine.restart().await;
    let before = written_down(&vitrine).await;

    for _ in 0..25 {
        assert_eq!(ask(&vitrine, &path, &[]).await.1, 200);
    }
    vitrine.restart().await;

    assert_eq!(written_down(&vitrine).await - before, 25);
}

async fn a_key_beyond_its_limit_waits(engines: Engines) {
    let plan = Plan::on(engines).with("VITRINE_FEEDS__REQUESTS_PER_MINUTE", "40");
    let vitrine = Installation::start_as(plan).await;
    let (owner, _, feed, _) = connected(&vitrine).await;
    let (busy, calm) = (
        owner.makes_key("publishable", &[]).await,
        owner.makes_key("publishable", &[]).await,
    );
    let path = format!("/v1/feeds/{feed}/photos");
    let page = vitrine.program(Some(&busy));

    let mut refused = None;
    for _ in 0..121 {
        let answer = page.get(&path).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }

    let refused = refused.expect("121 requests in two minutes at most were all answered");
    assert_eq!(refused.problem(429), "rate_limited");
    assert!((1..=61).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    assert!(
        refused.header("ratelimit").starts_with("\"minute\";r=0;t="),
        "{refused:?}"
    );
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    vitrine.program(Some(&calm)).get(&path).await.expect(200);
}

async fn publishable_keys_read_and_nothing_else(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let page = vitrine.program(Some(&key));

    for path in ["/v1/feeds", "/v1/accounts", "/v1/jobs"] {
        assert_eq!(page.get(path).await.problem(403), "insufficient_scope", "{path}");
    }
    for (method, path) in [
        (Method::PATCH, format!("/v1/feeds/{feed}")),
        (Method::DELETE, format!("/v1/feeds/{feed}")),
        (Method::POST, "/v1/feeds".to_owned()),
        (Method::POST, format!("/v1/accounts/{account}/sync")),
    ] {
        let request = page.request(method, &path).json(&json!({}));
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.problem(403), "insufficient_scope", "{path}");
    }
    let secret = owner.makes_key("secret", &["accounts:read"]).await;
    let photos = format!("/v1/feeds/{feed}/photos");
    assert_eq!(
        vitrine.program(Some(&secret)).get(&photos).await.problem(403),
        "insufficient_scope"
    );
    let secret = owner.makes_key("secret", &["feeds:read"]).await;
    vitrine.program(Some(&secret)).get(&photos).await.expect(200);
    let in_address = vitrine.get(&format!("{photos}?key={secret}")).await;
    assert_eq!(in_address.problem(403), "secret_key_in_address");
}

/// Numbers that an API process counts itself.
async fn counted(metrics: &str, name: &str) -> u64 {
    let text = reqwest::get(format!("http://{metrics}/metrics"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let line = text.lines().find(|line| line.starts_with(name));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn a_crowd_before_a_cold_feed_causes_one_reading() {
    let metrics = format!("127.0.0.1:{}", free_port().unwrap());
    let plan = Plan::on(Engines::Distributed).with("VITRINE_SERVER__METRICS_LISTEN", &metrics);
    let vitrine = Installation::start_as(plan).await;
    let (owner, _, _, key) = connected(&vitrine).await;
    let feed = owner
        .post("/v1/feeds", &json!({"name": "cold"}))
        .await
        .expect(201);
    let url = format!(
        "{}/v1/feeds/{}/photos?key={key}",
        vitrine.address,
        feed["id"].as_str().unwrap()
    );
    let loads = counted(&metrics, "vitrine_feed_loads_total").await;
    let renders = counted(&metrics, "vitrine_feed_renders_total").await;

    let visits =
        (0..1_000).map(|_| async { vitrine.http.get(&url).send().await.unwrap().text().await.unwrap() });
    let bodies = join_all(visits).await;

    assert!(
        bodies
            .iter()
            .all(|body| body == &bodies[0] && body.contains("\"data\""))
    );
    assert_eq!(counted(&metrics, "vitrine_feed_loads_total").await - loads, 1);
    assert_eq!(counted(&metrics, "vitrine_feed_renders_total").await - renders, 1);
}

#[tokio::test]
async fn several_processes_agree_on_limits_and_changes() {
    let plan = Plan::on(Engines::Distributed).with("VITRINE_FEEDS__REQUESTS_PER_MINUTE", "300");
    let mut vitrine = Installation::start_as(plan).await;
    let other = vitrine.another_api().await;
    let (owner, _, feed, _) = connected(&vitrine).await;
    let path = format!("/v1/feeds/{feed}/photos");
    let get = async |base: &str, key: &str| {
        let request = vitrine.http.get(format!("{base}{path}")).header("X-Api-Key", key);
        Answer::of(request.send().await.unwrap()).await
    };
    let key = owner.makes_key("publishable", &[]).await;
    for base in [&vitrine.address, &other] {
        get(base, &key).await.expect(200);
    }

    let name = "renamed while everybody reads";
    owner
        .patch(&format!("/v1/feeds/{feed}"), &json!({"name": name}))
        .await
        .expect(200);
    for base in [&vitrine.address, &other] {
        let seen = wait_until(Duration::from_secs(1), async || {
            get(base, &key).await.expect(200)["feed"]["name"] == name
        });
        seen.await.unwrap();
    }

    let key = owner.makes_key("publishable", &[]).await;
    early_in_a_minute(&vitrine).await;
    let visits = (0..900).map(|visit| get(if visit % 2 == 0 { &vitrine.address } else { &other }, &key));
    let answers = join_all(visits).await;
    let answered = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(answered, 300);
}

/// Waits until the minute, by which requests are counted, does not end soon.
async fn early_in_a_minute(vitrine: &Installation) {
    const MINUTE: i64 = 60;
    const LATE: i64 = 50;
    let clock = vitrine.simulator.clock();
    while clock.now().timestamp() % MINUTE >= LATE {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// News can be lost: Redis has nobody wait for them.
#[tokio::test]
async fn a_change_that_nobody_was_told_of_shows_within_half_a_minute() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (_, _, feed, key) = connected(&vitrine).await;
    let (page, path) = (vitrine.program(Some(&key)), format!("/v1/feeds/{feed}/photos"));
    page.get(&path).await.expect(200);
    let change = "update feed set name = 'untold', version = version + 1";
    let database = database(&vitrine).await;
    database.connection().execute_unprepared(change).await.unwrap();

    let seen = wait_until(Duration::from_secs(28), async || {
        let feed: Value = page.get(&path).await.expect(200);
        feed["feed"]["name"] == "untold"
    });

    seen.await.unwrap();
}
