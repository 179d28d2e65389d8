//! Pages of the owner's own that call the management API, and pages of others.

use crate::support::{Answer, Engines, Installation, Owner, on_both_pairs};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

on_both_pairs!(
    a_page_of_an_allowed_origin_reads_what_it_asks_for,
    whoever_may_not_read_learns_nothing,
    what_people_paste_as_an_origin_is_understood,
);

const OURS: &str = "https://shop.example";

async fn from(owner: &Owner<'_>, origin: &str, method: Method, path: &str) -> Answer {
    let request = owner.request(method, path).header("origin", origin);
    Answer::of(request.send().await.unwrap()).await
}

fn reader(answer: &Answer) -> &str {
    answer.header("access-control-allow-origin")
}

async fn allow(owner: &Owner<'_>, origins: &[&str]) {
    let settings = json!({"allowed_origins": origins});
    owner.patch("/v1/tenant", &settings).await.expect(200);
}

async fn a_page_of_an_allowed_origin_reads_what_it_asks_for(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    allow(&owner, &[OURS, "https://*.shop.example"]).await;

    let asks = |asked: &'static str| {
        let request = vitrine
            .program(None)
            .request(Method::OPTIONS, "/v1/accounts/connect/complete");
        let request = request
            .header("origin", OURS)
            .header("access-control-request-method", asked);
        request.header("access-control-request-headers", "authorization,content-type")
    };
    let preflight = Answer::of(asks("POST").send().await.unwrap()).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(reader(&preflight), "*");
    assert_eq!(preflight.header("access-control-allow-methods"), "POST");
    let allowed = preflight.header("access-control-allow-headers");
    assert!(
        allowed.contains("Authorization") && allowed.contains("Content-Type"),
        "{allowed}"
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
    assert_eq!(
        Answer::of(asks("DELETE").send().await.unwrap())
            .await
            .problem(405),
        "method_not_allowed"
    );

    for origin in [OURS, "https://www.shop.example"] {
        let listed = from(&owner, origin, Method::GET, "/v1/accounts").await;
        listed.expect(200);
        assert_eq!(reader(&listed), origin);
        assert!(
            listed.header("vary").to_lowercase().contains("origin"),
            "{:?}",
            listed.headers
        );
        let body = json!({"code": "c", "state": "s", "redirect_uri": "https://shop.example/connected"});
        let request = owner
            .request(Method::POST, "/v1/accounts/connect/complete")
            .json(&body);
        let refused = Answer::of(request.header("origin", origin).send().await.unwrap()).await;
        assert_eq!(refused.problem(400), "state_unknown");
        assert_eq!(reader(&refused), origin, "a page reads what went wrong");
        assert!(
            refused
                .header("access-control-expose-headers")
                .contains("X-Request-Id")
        );
    }
}

async fn whoever_may_not_read_learns_nothing(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let other = vitrine.owner("bob").await;
    allow(&other, &[OURS]).await;

    for origin in [OURS, "https://shop.example.evil", "null"] {
        let answer = from(&owner, origin, Method::GET, "/v1/me").await;
        answer.expect(200);
        assert_eq!(reader(&answer), "", "{origin} is none of this tenant's");
    }
    allow(&owner, &["https://another.example"]).await;
    assert_eq!(reader(&from(&owner, OURS, Method::GET, "/v1/me").await), "");
    assert_eq!(reader(&owner.get("/v1/me").await), "", "no page asks");

    let login = vitrine.program(None).request(Method::OPTIONS, "/v1/auth/login");
    let login = login
        .header("origin", OURS)
        .header("access-control-request-method", "POST");
    let login = Answer::of(login.send().await.unwrap()).await;
    assert_eq!(
        (login.status.as_u16(), reader(&login)),
        (405, ""),
        "passwords stay on pages of this server"
    );

    vitrine.advance(Duration::from_hours(1)).await;
    let expired = from(&other, OURS, Method::GET, "/v1/me").await;
    assert_eq!(
        (expired.problem(401).as_str(), reader(&expired)),
        ("expired_token", "*")
    );
}

async fn what_people_paste_as_an_origin_is_understood(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let pasted = json!([
        "https://Www.Example.com/",
        "https://example.com:443",
        "https://blumen-müller.de"
    ]);
    let kept = json!([
        "https://www.example.com",
        "https://example.com",
        "https://xn--blumen-mller-klb.de"
    ]);

    let tenant = owner
        .patch("/v1/tenant", &json!({"allowed_origins": pasted}))
        .await;
    assert_eq!(tenant.expect(200)["allowed_origins"], kept);
    let feed = owner
        .post("/v1/feeds", &json!({"name": "a", "allowed_origins": pasted}))
        .await;
    assert_eq!(feed.expect(201)["allowed_origins"], kept);
    let body = json!({"name": "a", "kind": "publishable", "allowed_origins": pasted});
    let key = owner.post("/v1/api-keys", &body).await.expect(201);
    assert_eq!(key["allowed_origins"], kept);

    for (origin, said) in [
        ("example.com", "must begin with https://"),
        ("http://example.com", "this machine only"),
        (
            "https://example.com/shop",
            "must not have a path; write https://example.com",
        ),
    ] {
        let answer = owner
            .patch("/v1/tenant", &json!({"allowed_origins": [origin]}))
            .await;
        assert_eq!(answer.problem(422), "validation_failed");
        let error = &answer.json()["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!("allowed_origins[0]"), &json!("invalid_origin"))
        );
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
}
