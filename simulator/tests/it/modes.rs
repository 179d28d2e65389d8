//! What can be switched from outside while it runs.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{REDIRECT, World, parts};

async fn order(world: &World, method: Method, path: &str, body: Value) -> (u16, Value) {
    let url = world.url(&format!("/_simulator/{path}"));
    let request = world.client.request(method, url).body(body.to_string());
    parts(request.send().await.unwrap()).await
}

async fn switch(world: &World, modes: Value) {
    let (status, now) = order(world, Method::PATCH, "modes", modes.clone()).await;
    assert_eq!(status, 200, "{now}");
    for (name, value) in modes.as_object().unwrap() {
        assert_eq!(&now[name], value, "{name}");
    }
}

async fn grant(world: &World) -> Value {
    let form = world.exchange_form(&world.code("vitrine.demo"));
    let (status, grant) = world.exchange(&form).await;
    assert_eq!(status, 200, "{grant}");
    grant
}

#[tokio::test]
async fn every_shape_of_the_exchange_can_be_had() {
    let world = World::start().await;
    let account = world.simulator.account("vitrine.demo").unwrap();
    let usual = grant(&world).await;
    assert_eq!(usual["user_id"].to_string(), account.exchange_id);
    assert!(usual["permissions"].is_array());

    switch(
        &world,
        json!({"envelope": "data", "user_id": "string", "exchange_id": "professional", "permissions": "string"}),
    )
    .await;
    let wrapped = grant(&world).await;
    let inner = &wrapped["data"][0];
    assert_eq!(inner["user_id"], account.user_id);
    assert!(
        inner["permissions"]
            .as_str()
            .unwrap()
            .contains("instagram_business_basic,")
    );

    switch(
        &world,
        json!({"envelope": "flat", "permissions": "absent", "token_length": 400}),
    )
    .await;
    let bare = grant(&world).await;
    assert!(bare.get("permissions").is_none());
    assert_eq!(bare["access_token"].as_str().unwrap().len(), 400);

    switch(&world, json!({"multipart_only": true})).await;
    let form = world.exchange_form(&world.code("vitrine.demo"));
    assert_eq!(world.exchange(&form).await.0, 400);
}

#[tokio::test]
async fn answers_refreshes_and_files_can_be_switched_too() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let query = [
        ("grant_type", "ig_refresh_token"),
        ("access_token", token.as_str()),
    ];
    assert_eq!(world.json("/refresh_access_token", &query).await.0, 400);

    switch(&world, json!({"early_refresh": "unchanged", "refresh": "same"})).await;
    assert_eq!(
        world.json("/refresh_access_token", &query).await.1["access_token"],
        token
    );
    world.simulator.clock().advance(chrono::Duration::days(2));
    assert_eq!(
        world.json("/refresh_access_token", &query).await.1["access_token"],
        token
    );

    let fields = [
        ("fields", "profile_picture_url"),
        ("access_token", token.as_str()),
    ];
    let escaped = world.get("/me", &fields).await.text().await.unwrap();
    assert!(escaped.contains(r"http:\/\/"), "{escaped}");
    switch(&world, json!({"escape_json": false, "corp_header": true})).await;
    let (_, plain) = world.json("/me", &fields).await;
    let picture = plain["profile_picture_url"].as_str().unwrap();
    let file = world.client.get(picture).send().await.unwrap();
    assert_eq!(file.headers()["cross-origin-resource-policy"], "same-origin");

    switch(&world, json!({"subcodes": true})).await;
    let reason = json!({"reason": "password_changed"});
    order(&world, Method::POST, "accounts/vitrine.demo/revoke", reason).await;
    assert_eq!(world.json("/me", &fields).await.1["error"]["error_subcode"], 460);
}

#[tokio::test]
async fn the_older_dialect_gives_its_ids_and_tokens() {
    let world = World::start().await;
    switch(&world, json!({"dialect": "basic_display"})).await;

    let grant = grant(&world).await;

    assert!(grant["user_id"].to_string().starts_with("17841"), "{grant}");
    assert!(
        grant["access_token"].as_str().unwrap().starts_with("IGQV"),
        "{grant}"
    );
    assert!(grant.get("permissions").is_none(), "{grant}");
    switch(&world, json!({"dialect": "instagram_login"})).await;
    let query = [("access_token", grant["access_token"].as_str().unwrap())];
    assert_eq!(world.json("/me", &query).await.1["error"]["code"], 190);
}

#[tokio::test]
async fn nonsense_changes_nothing() {
    let world = World::start().await;
    let (_, before) = world.json("/_simulator/modes", &[]).await;

    for wrong in [
        json!({"envelop": "data"}),
        json!({"envelope": "box", "user_id": "string"}),
        json!({"user_id": "string", "dialect": "threads"}),
        json!({"dialect": "basic_display", "envelope": "box"}),
        json!({"token_length": 1_000_000}),
        json!(["envelope"]),
    ] {
        let (status, answer) = order(&world, Method::PATCH, "modes", wrong.clone()).await;
        assert_eq!(status, 400, "{wrong}: {answer}");
    }

    assert_eq!(world.json("/_simulator/modes", &[]).await.1, before);
}

#[tokio::test]
async fn the_index_page_explains_every_mode() {
    let world = World::start().await;
    let (_, modes) = world.json("/_simulator/modes", &[]).await;
    let page = world.get("/", &[]).await.text().await.unwrap();
    let explained: BTreeSet<&str> = page
        .split("<tr><td><code>")
        .skip(1)
        .filter_map(|row| row.split("</code>").next())
        .collect();

    for name in modes.as_object().unwrap().keys() {
        assert!(explained.contains(name.as_str()), "{name} is not on the page");
    }
}

#[tokio::test]
async fn addresses_are_registered_and_stay_so_over_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("simulator.json");
    let world = World::with(|settings| settings.state_file = Some(state.clone())).await;
    let other = "https://feeds.example.com/callback";
    let asked = async |world: &World, redirect: &str| {
        let mut form = world.consent_form("vitrine.demo", "allow");
        form.retain(|(name, _)| *name != "redirect_uri");
        form.push(("redirect_uri", redirect.to_owned()));
        let query: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = world.get("/oauth/authorize", &query).await;
        (page.status().as_u16(), page.text().await.unwrap())
    };
    assert_eq!(asked(&world, REDIRECT).await.0, 200);

    let (status, _) = order(&world, Method::PUT, "redirect-uris", json!([other])).await;
    assert_eq!(status, 200);
    assert_eq!(
        order(&world, Method::PUT, "redirect-uris", json!(["nowhere"]))
            .await
            .0,
        400
    );
    let refused = asked(&world, REDIRECT).await;
    assert!(
        refused.0 == 400 && refused.1.contains("Invalid redirect_uri"),
        "{refused:?}"
    );
    assert_eq!(asked(&world, &format!("{other}/")).await.0, 400);

    world.simulator.stop().await.unwrap();
    let world = World::with(|settings| settings.state_file = Some(state)).await;
    assert_eq!(
        world.json("/_simulator/redirect-uris", &[]).await.1,
        json!([other])
    );
    assert_eq!(asked(&world, REDIRECT).await.0, 400);
    assert_eq!(asked(&world, other).await.0, 200);
}

#[tokio::test]
async fn authorize_may_end_with_a_slash() {
    let world = World::start().await;
    let form = world.consent_form("vitrine.demo", "allow");
    let query: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();

    let plain = world.get("/oauth/authorize", &query).await;
    let with_slash = world.get("/oauth/authorize/", &query).await;

    assert_eq!(
        (plain.status().as_u16(), with_slash.status().as_u16()),
        (200, 200)
    );
    assert_eq!(plain.text().await.unwrap(), with_slash.text().await.unwrap());
}
