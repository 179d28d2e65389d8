//! Where a connection is completed: our own callback, or a page of the owner.

use crate::support::{Engines, Installation, on_both_pairs, posted};
use serde_json::json;

on_both_pairs!(
    the_callback_explains_itself_on_a_page,
    what_was_begun_for_an_owners_page_is_completed_there_alone,
);

async fn the_callback_explains_itself_on_a_page(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;

    let unknown = vitrine.get("/v1/oauth/instagram/callback?code=x&state=y").await;
    let nothing = vitrine.get("/v1/oauth/instagram/callback").await;
    let consent = owner.begins(&json!({})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;
    let connected = owner.opens(&back).await;
    let without_a_body = owner.request(reqwest::Method::POST, "/v1/accounts/connect");

    assert_eq!(without_a_body.send().await.unwrap().status(), 201);
    for page in [&unknown, &nothing] {
        assert!(page.status.is_client_error(), "{}", page.status);
        assert!(page.header("content-type").starts_with("text/html"));
    }
    assert_eq!(connected.status, 200);
    assert!(connected.text.contains("connected"), "{}", connected.text);
    assert_eq!(connected.header("referrer-policy"), "no-referrer");
}

async fn what_was_begun_for_an_owners_page_is_completed_there_alone(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let page = "https://shop.example/done";
    let consent = owner
        .begins(&json!({"redirect_uri": page, "return_to": vitrine.address}))
        .await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;
    let at_our_callback = format!(
        "{}/v1/oauth/instagram/callback?{}",
        vitrine.address,
        back.query().unwrap()
    );

    let here = owner.opens(&at_our_callback.parse().unwrap()).await;

    assert_eq!(here.status, 400, "{}", here.text);
    assert!(here.text.contains("redirect_mismatch"), "{}", here.text);
    assert_eq!(owner.get("/v1/accounts").await.expect(200)["data"], json!([]));
    owner
        .post("/v1/accounts/connect/complete", &posted(&back, page))
        .await
        .expect(201);
}
