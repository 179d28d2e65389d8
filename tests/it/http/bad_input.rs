//! Whatever is sent, the answer is a clear problem, and nothing is half-written.

use crate::support::{Answer, Engines, Installation, on_both_pairs};
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

on_both_pairs!(
    bodies_that_make_no_sense,
    absurd_pages,
    unknown_places_and_methods,
    a_closed_door_stays_closed,
    a_body_that_drips_is_not_waited_for,
);

async fn bodies_that_make_no_sense(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let url = format!("{}/v1/auth/register", vitrine.address);
    let send = async |content_type: &str, body: Vec<u8>| {
        let request = vitrine
            .http
            .post(&url)
            .header("content-type", content_type)
            .body(body);
        Answer::of(request.send().await.unwrap()).await
    };
    let json_type = "application/json";
    let valid = json!({"email": "a@example.com", "password": "long enough", "name": "a", "site_name": "b"});
    let with = |field: &str, value: serde_json::Value| {
        let mut body = valid.clone();
        body[field] = value;
        body.to_string().into_bytes()
    };

    for (content_type, body, status) in [
        (json_type, b"".to_vec(), 400),
        (json_type, b"{".to_vec(), 400),
        (json_type, b"\xff\xfe{}".to_vec(), 400),
        (json_type, b"[]".to_vec(), 422),
        (json_type, b"{}".to_vec(), 422),
        (json_type, with("email", json!(7)), 422),
        (json_type, with("surprise", json!(true)), 422),
        (json_type, with("email", json!("nobody")), 422),
        (json_type, with("password", json!("short")), 422),
        (json_type, with("name", json!("a\u{0}b")), 422),
        (json_type, with("name", json!("x".repeat(1_000_000))), 413),
        ("text/plain", with("name", json!("a")), 415),
        ("application/x-www-form-urlencoded", b"email=a".to_vec(), 415),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        let answer = send(content_type, body).await;
        assert_eq!(answer.status.as_u16(), status, "{shown}: {}", answer.text);
        answer.problem(status);
        assert!(!answer.header("x-request-id").is_empty());
    }
    let unknown = send(json_type, with("surprise", json!(true))).await.json();
    assert!(unknown["errors"].to_string().contains("surprise"), "{unknown}");
    send(json_type, valid.to_string().into_bytes()).await.expect(201);
}

async fn absurd_pages(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    owner.connects("vitrine.demo").await;
    let feed = owner.default_feed().await;
    let key = owner.makes_key("publishable", &[]).await;
    let page = vitrine.program(Some(&key));

    for list in ["/v1/accounts", "/v1/jobs", "/v1/feeds", "/v1/api-keys"] {
        for limit in ["0", "101", "-1", "1e9", "abc", "99999999999999999999"] {
            owner.get(&format!("{list}?limit={limit}")).await.problem(422);
        }
        for cursor in ["x", "%00", "AAAA", "../../etc"] {
            assert_eq!(
                owner.get(&format!("{list}?cursor={cursor}")).await.problem(400),
                "invalid_cursor"
            );
        }
    }
    let photos = format!("/v1/feeds/{feed}/photos");
    for query in ["limit=0", "limit=101", "limit=abc", "type=NONSENSE"] {
        page.get(&format!("{photos}?{query}")).await.problem(422);
    }
    assert_eq!(
        page.get(&format!("{photos}?cursor=forged")).await.problem(400),
        "invalid_cursor"
    );
    let foreign = owner.get("/v1/jobs?limit=1").await.expect(200)["page"]["next_cursor"].clone();
    if let Some(foreign) = foreign.as_str() {
        assert_eq!(
            page.get(&format!("{photos}?cursor={foreign}")).await.problem(400),
            "invalid_cursor"
        );
    }
    owner.get("/v1/jobs?status=nonsense").await.problem(422);
    assert_eq!(
        owner.get("/v1/accounts/not-an-id").await.problem(404),
        "not_found"
    );
}

async fn unknown_places_and_methods(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;

    assert_eq!(vitrine.get("/v1/nowhere").await.problem(404), "not_found");
    let wrong = Answer::of(owner.request(Method::PUT, "/v1/accounts").send().await.unwrap()).await;
    assert_eq!(wrong.problem(405), "method_not_allowed");
    assert!(wrong.header("allow").contains("GET"), "{}", wrong.header("allow"));
    assert_eq!(vitrine.get("/v1/accounts").await.problem(401), "unauthenticated");
    let traced = vitrine
        .http
        .get(format!("{}/v1/me", vitrine.address))
        .header("x-request-id", "my-request-0001");
    let traced = Answer::of(traced.send().await.unwrap()).await;
    assert_eq!(
        (traced.header("x-request-id"), traced.json()["instance"].as_str()),
        ("my-request-0001", Some("my-request-0001"))
    );
    let explained = traced.json()["type"].as_str().unwrap().to_owned();
    let path = explained.strip_prefix(&vitrine.address).unwrap_or(&explained);
    assert_eq!(vitrine.get(path).await.status, 200);
}

async fn a_closed_door_stays_closed(engines: Engines) {
    let plan = crate::support::Plan::on(engines).with("VITRINE_SIGNUP__ENABLED", "false");
    let vitrine = Installation::start_as(plan).await;
    let body = json!({"email": "a@example.com", "password": "long enough", "name": "a", "site_name": "b"});

    let answer = vitrine
        .http
        .post(format!("{}/v1/auth/register", vitrine.address))
        .json(&body)
        .send()
        .await
        .unwrap();

    assert_eq!(Answer::of(answer).await.problem(403), "signup_closed");
}

async fn a_body_that_drips_is_not_waited_for(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let host = vitrine.address.trim_start_matches("http://").to_owned();
    let stream = TcpStream::connect(&host).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let head = format!(
        "POST /v1/auth/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    );
    writing.write_all(head.as_bytes()).await.unwrap();
    let begun = Instant::now();
    // A byte a second, as whoever wants to hold a connection sends it.
    let dripping = tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_secs(1));
        while writing.write_all(b" ").await.is_ok() {
            every.tick().await;
        }
    });

    let mut answer = [0; 12];
    let answered = timeout(Duration::from_secs(20), reading.read_exact(&mut answer)).await;

    dripping.abort();
    answered.expect("an answer in time").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert!(begun.elapsed() >= Duration::from_secs(9), "{:?}", begun.elapsed());
}
