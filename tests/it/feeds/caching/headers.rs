//! The headers by which caches judge an answer.

use super::{ask, shown, unpacking_nothing};
use crate::support::{Engines, Installation, on_both_pairs};
use reqwest::header::{self, HeaderMap};
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    warm_answers_are_as_cold_ones,
    headers_tell_caches_all_they_need,
    what_is_known_to_be_right_is_of_no_age,
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
