//! Accounts that are connected again or disconnected, and others that cannot take their place.

use super::connect_error;
use crate::support::{Engines, Installation, connected, on_both_pairs};
use serde_json::json;

on_both_pairs!(
    another_account_cannot_take_the_place,
    a_reconnection_keeps_the_account,
    a_disconnected_account_leaves_nothing,
);

async fn another_account_cannot_take_the_place(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;

    let consent = owner
        .begins(&json!({"account_id": account, "return_to": vitrine.address}))
        .await;
    let back = owner.decides(&consent, "vitrine.creator", "allow").await;

    assert_eq!(
        connect_error(owner.opens(&back).await.header("location")),
        "other_account"
    );
    assert_eq!(
        owner.get("/v1/accounts").await.expect(200)["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

async fn a_reconnection_keeps_the_account(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;

    let first = owner.connects("vitrine.demo").await;
    let second = owner.connects("vitrine.demo").await;

    assert_eq!(first, second);
}

async fn a_disconnected_account_leaves_nothing(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;

    owner.delete(&format!("/v1/accounts/{account}")).await.expect(204);

    assert_eq!(
        owner.get(&format!("/v1/accounts/{account}")).await.problem(404),
        "not_found"
    );
    owner
        .photos_that(&feed, &key, |feed| feed["data"].as_array().unwrap().is_empty())
        .await;
    assert_eq!(
        owner
            .delete(&format!("/v1/accounts/{account}"))
            .await
            .problem(404),
        "not_found"
    );
}
