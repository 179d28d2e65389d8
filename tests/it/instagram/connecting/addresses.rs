//! Addresses that a connection may lead back to.

use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;

on_both_pairs!(addresses_that_are_not_allowed_are_refused);

async fn addresses_that_are_not_allowed_are_refused(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let bad_pages = [
        "javascript:alert(1)",
        "http://shop.example/",
        "https://a:b@shop.example/",
        "nonsense",
        "",
    ];

    for page in bad_pages {
        let answer = owner
            .post("/v1/accounts/connect", &json!({"redirect_uri": page}))
            .await;
        assert_eq!(answer.problem(422), "validation_failed", "{page}");
    }
    owner
        .post(
            "/v1/accounts/connect",
            &json!({"return_to": "/settings?tab=accounts"}),
        )
        .await
        .expect(201);
    let of_a_page = |scheme: &str| format!("{scheme}:{}/x", vitrine.address);
    for place in [
        "//shop.example/",
        "https:shop.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:ada@example.com",
        &vitrine.address.replace("http:", "ftp:"),
        &vitrine.address.replace("http:", "ws:"),
        &of_a_page("blob"),
        &of_a_page("filesystem"),
        &of_a_page("view-source"),
    ] {
        let answer = owner
            .post("/v1/accounts/connect", &json!({"return_to": place}))
            .await;
        assert_eq!(answer.problem(422), "validation_failed", "{place}");
    }
    let foreign = json!({"return_to": "https://shop.example/"});
    let refused = owner.post("/v1/accounts/connect", &foreign).await;
    assert_eq!(refused.problem(422), "validation_failed");
    assert_eq!(refused.json()["errors"][0]["field"], "return_to");

    owner
        .patch(
            "/v1/tenant",
            &json!({"allowed_origins": ["https://shop.example"]}),
        )
        .await
        .expect(200);
    owner.post("/v1/accounts/connect", &foreign).await.expect(201);
}
