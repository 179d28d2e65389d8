//! Tokens that an owner pastes.

use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;

on_both_pairs!(a_dead_token_is_not_taken, a_pasted_token_of_an_hour_is_exchanged,);

async fn a_dead_token_is_not_taken(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;

    for token in ["IGAAnonsense", "x"] {
        let answer = owner
            .post("/v1/accounts/connect/token", &json!({"access_token": token}))
            .await;
        assert_eq!(answer.problem(422), "token_rejected");
    }
    let of_facebook = json!({"access_token": "EAACEdEose0cBA"});
    let answer = owner.post("/v1/accounts/connect/token", &of_facebook).await;
    assert_eq!(answer.problem(422), "facebook_token");
    let empty = owner
        .post("/v1/accounts/connect/token", &json!({"access_token": ""}))
        .await;
    assert_eq!(empty.problem(422), "validation_failed");
}

async fn a_pasted_token_of_an_hour_is_exchanged(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let mut owner = vitrine.owner("ada").await;
    let tokens = [
        (vitrine.simulator.mint_short_token("vitrine.demo").unwrap(), false),
        (vitrine.simulator.mint_token("vitrine.creator").unwrap(), true),
    ];

    for (token, assumed) in tokens {
        let body = json!({"access_token": token});
        let account = owner.post("/v1/accounts/connect/token", &body).await.expect(201);
        assert_eq!(account["token"]["expiry_assumed"], assumed, "{account}");
    }
    vitrine.advance(std::time::Duration::from_hours(2)).await;
    owner.signs_in_again().await;
    let accounts = owner.get("/v1/accounts").await.expect(200);
    for account in accounts["data"].as_array().unwrap() {
        assert_eq!(
            owner.syncs(account["id"].as_str().unwrap()).await["status"],
            "succeeded"
        );
    }
}
