//! States: each is used once, in time, by its tenant.

use super::connect_error;
use crate::support::{Engines, Installation, on_both_pairs, posted};
use serde_json::json;

on_both_pairs!(
    a_state_is_used_once,
    a_state_dies_after_a_quarter_of_an_hour,
    a_state_belongs_to_one_tenant,
    a_look_ahead_spends_no_state,
);

async fn a_state_is_used_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let consent = owner.begins(&json!({"return_to": vitrine.address})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;

    let (one, other) = tokio::join!(owner.opens(&back), owner.opens(&back));
    let reload = owner.opens(&back).await;

    assert_eq!(one.header("location"), other.header("location"));
    assert_eq!(one.header("location"), reload.header("location"));
    assert!(reload.header("location").contains("connected="));
    assert_eq!(
        owner.get("/v1/accounts").await.expect(200)["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let denied = owner.begins(&json!({"return_to": vitrine.address})).await;
    let back = owner.decides(&denied, "vitrine.demo", "deny").await;
    assert_eq!(
        connect_error(owner.opens(&back).await.header("location")),
        "access_denied"
    );
    assert_eq!(
        connect_error(owner.opens(&back).await.header("location")),
        "state_used"
    );
}

async fn a_state_dies_after_a_quarter_of_an_hour(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let consent = owner.begins(&json!({"return_to": vitrine.address})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;

    vitrine.advance(std::time::Duration::from_mins(16)).await;

    assert_eq!(
        connect_error(owner.opens(&back).await.header("location")),
        "state_expired"
    );
}

async fn a_state_belongs_to_one_tenant(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);
    let page = "https://shop.example/done";
    let consent = ours.begins(&json!({"redirect_uri": page})).await;
    let back = ours.decides(&consent, "vitrine.demo", "allow").await;
    let body = posted(&back, page);

    let stolen = theirs.post("/v1/accounts/connect/complete", &body).await;
    let other_page = posted(&back, "https://else.example/");
    let elsewhere = ours.post("/v1/accounts/connect/complete", &other_page).await;

    assert_eq!(stolen.problem(400), "state_unknown");
    assert_eq!(elsewhere.problem(400), "redirect_mismatch");
    ours.post("/v1/accounts/connect/complete", &body)
        .await
        .expect(201);
}

async fn a_look_ahead_spends_no_state(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let consent = owner.begins(&json!({"return_to": vitrine.address})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;
    let (_, state) = back.query_pairs().find(|(name, _)| name == "state").unwrap();

    for query in ["", "&code=", "&code=&error="] {
        let ahead = format!("/v1/oauth/instagram/callback?state={state}{query}");
        let ahead = vitrine.get(&ahead).await;
        assert_eq!(ahead.status, 400, "{query}: {}", ahead.text);
        assert!(ahead.text.contains("code_missing"), "{query}: {}", ahead.text);
    }
    let head = vitrine.http.head(back.clone()).send().await.unwrap();
    let allow = head.headers()["allow"].to_str().unwrap();
    assert_eq!((head.status().as_u16(), allow), (405, "GET"));

    let answer = owner.opens(&back).await;
    assert!(
        answer.header("location").contains("connected="),
        "{}",
        answer.header("location")
    );
}
