//! From nothing to photos on a page, as somebody with a browser and a shell does it.

use crate::support::{Engines, Installation, Plan, on_both_pairs, posted};
use serde_json::json;
use vitrine_simulator::{Dialect, SimulatorSettings};

on_both_pairs!(
    register_connect_and_read_photos,
    a_restart_keeps_everything,
    a_crash_keeps_everything,
    a_page_of_the_owner_completes_the_connection,
    a_pasted_token_connects_too,
    the_old_dialect_is_spoken_too,
);

async fn register_connect_and_read_photos(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;

    let account = owner.connects("vitrine.demo").await;
    let key = owner.makes_key("publishable", &["feeds:read"]).await;
    let feed = owner.default_feed().await;
    let photos = owner
        .photos_that(&feed, &key, |feed| feed["data"].as_array().unwrap().len() >= 12)
        .await;

    assert_eq!(photos["profile"]["username"], "vitrine.demo");
    for photo in photos["data"].as_array().unwrap() {
        assert_eq!(photo["type"], "IMAGE");
        let picture = vitrine
            .http
            .get(photo["image"]["src"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(picture.status(), 200);
        assert!(
            picture.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("image/")
        );
    }
    let account = owner.account(&account).await;
    assert_eq!(account["status"], "active");
    assert_eq!(account["sync"]["every_seconds"], 3 * 3_600);
    assert!(account["quota"]["used"].as_u64().unwrap() >= 1);
    assert!(!account.to_string().contains("IGAA"), "a token left the server");
}

async fn a_restart_keeps_everything(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let (feed, key, before) = shown(&vitrine).await;

    vitrine.restart().await;

    let after = vitrine
        .program(Some(&key))
        .get(&format!("/v1/feeds/{feed}/photos?limit=100"))
        .await;
    assert_eq!(after.expect(200), before);
}

async fn a_crash_keeps_everything(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let (feed, key, before) = shown(&vitrine).await;

    vitrine.crash().await;

    let after = vitrine
        .program(Some(&key))
        .get(&format!("/v1/feeds/{feed}/photos?limit=100"))
        .await;
    assert_eq!(after.expect(200), before);
}

async fn shown(vitrine: &Installation) -> (String, String, serde_json::Value) {
    let owner = vitrine.owner("ada").await;
    owner.connects("vitrine.demo").await;
    let (feed, key) = (
        owner.default_feed().await,
        owner.makes_key("publishable", &[]).await,
    );
    let photos = owner
        .photos_that(&feed, &key, |feed| feed["data"].as_array().unwrap().len() >= 12)
        .await;
    (feed, key, photos)
}

async fn a_page_of_the_owner_completes_the_connection(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let page = "https://shop.example/connected.html";

    let consent = owner.begins(&json!({"redirect_uri": page})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;
    let body = posted(&back, page);
    let account = owner
        .post("/v1/accounts/connect/complete", &body)
        .await
        .expect(201);
    let again = owner
        .post("/v1/accounts/connect/complete", &body)
        .await
        .expect(201);

    assert!(back.as_str().starts_with(page));
    assert_eq!(account["username"], "vitrine.demo");
    assert_eq!(again["id"], account["id"]);
}

async fn a_pasted_token_connects_too(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let token = vitrine.simulator.mint_token("vitrine.demo").unwrap();

    let account = owner
        .post("/v1/accounts/connect/token", &json!({"access_token": token}))
        .await
        .expect(201);
    let id = account["id"].as_str().unwrap();
    let synced = owner
        .account_that(id, |account| !account["sync"]["last_at"].is_null())
        .await;

    assert_eq!(synced["username"], "vitrine.demo");
    let next = synced["token"]["next_refresh_at"]
        .as_str()
        .unwrap()
        .parse::<chrono::DateTime<chrono::Utc>>();
    let wait = next.unwrap() - vitrine.simulator.clock().now();
    assert!(
        (24..=25).contains(&wait.num_hours()),
        "its expiry is learnt at 25 hours of age, not in {wait}"
    );
}

async fn the_old_dialect_is_spoken_too(engines: Engines) {
    let simulator = SimulatorSettings {
        dialect: Dialect::BasicDisplay,
        ..SimulatorSettings::default()
    };
    let plan = Plan {
        simulator,
        ..Plan::on(engines)
    };
    let plan = plan.with("VITRINE_INSTAGRAM__DIALECT", "basic_display");
    let vitrine = Installation::start_as(plan.with("VITRINE_INSTAGRAM__EXCHANGE_ENCODING", "form")).await;
    let owner = vitrine.owner("ada").await;

    owner.connects("vitrine.personal").await;
    let (feed, key) = (
        owner.default_feed().await,
        owner.makes_key("publishable", &[]).await,
    );
    let photos = owner
        .photos_that(&feed, &key, |feed| !feed["data"].as_array().unwrap().is_empty())
        .await;

    assert_eq!(photos["profile"]["username"], "vitrine.personal");
    assert_eq!(
        owner.get("/v1/accounts").await.expect(200)["data"][0]["account_type"],
        "PERSONAL"
    );
}

/// Two workers share the work, and the API process runs none of it.
#[tokio::test]
async fn roles_work_apart() {
    let vitrine = Installation::start_as(Plan {
        workers: 2,
        ..Plan::on(Engines::Distributed)
    })
    .await;
    let owner = vitrine.owner("ada").await;

    owner.connects("vitrine.demo").await;
    owner.connects("vitrine.creator").await;

    let accounts = owner.get("/v1/accounts").await.expect(200);
    for account in accounts["data"].as_array().unwrap() {
        let id = account["id"].as_str().unwrap();
        owner
            .account_that(id, |account| !account["sync"]["last_at"].is_null())
            .await;
    }
}
