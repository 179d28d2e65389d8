//! Connections that go wrong, each with its own clear answer.

use crate::support::{Engines, Installation, Owner, Plan, connected, on_both_pairs, posted};
use serde_json::json;
use url::Url;
use vitrine_simulator::{MissingRole, Modes, SimulatorSettings};

on_both_pairs!(
    a_denial_is_told,
    a_state_is_used_once,
    a_state_dies_after_a_quarter_of_an_hour,
    a_state_belongs_to_one_tenant,
    another_account_cannot_take_the_place,
    a_reconnection_keeps_the_account,
    accounts_that_cannot_be_read_are_explained,
    addresses_that_are_not_allowed_are_refused,
    a_dead_token_is_not_taken,
    a_pasted_token_of_an_hour_is_exchanged,
    a_disconnected_account_leaves_nothing,
    the_callback_explains_itself_on_a_page,
    what_was_begun_for_an_owners_page_is_completed_there_alone,
    a_look_ahead_spends_no_state,
    what_meta_says_is_told,
    the_page_names_the_site_and_the_way_out,
);

/// The code that the callback sends the browser on with.
fn connect_error(address: &str) -> String {
    let address: Url = address.parse().unwrap();
    address
        .query_pairs()
        .find(|(name, _)| name == "connect_error")
        .unwrap()
        .1
        .into_owned()
}

async fn fails(owner: &Owner<'_>, username: &str, decision: &str) -> String {
    let return_to = format!("{}/somewhere?kept=1", owner.installation.address);
    let consent = owner.begins(&json!({"return_to": return_to})).await;
    let back = owner.decides(&consent, username, decision).await;
    let answer = owner.opens(&back).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(
        answer.header("location").starts_with(&return_to),
        "{}",
        answer.header("location")
    );
    connect_error(answer.header("location"))
}

async fn a_denial_is_told(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;

    assert_eq!(fails(&owner, "vitrine.demo", "deny").await, "access_denied");
    assert_eq!(owner.get("/v1/accounts").await.expect(200)["data"], json!([]));
}

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

async fn accounts_that_cannot_be_read_are_explained(engines: Engines) {
    let modes = Modes {
        missing_role: MissingRole::AtGraph,
        ..Modes::default()
    };
    let simulator = SimulatorSettings {
        modes,
        ..SimulatorSettings::default()
    };
    let vitrine = Installation::start_as(Plan {
        simulator,
        ..Plan::on(engines)
    })
    .await;
    let owner = vitrine.owner("ada").await;

    assert_eq!(
        fails(&owner, "vitrine.personal", "allow").await,
        "account_not_allowed"
    );
    assert_eq!(
        fails(&owner, "vitrine.outsider", "allow").await,
        "account_not_allowed"
    );
}

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

async fn what_meta_says_is_told(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let refused = async |body: serde_json::Value| {
        let consent = owner.begins(&body).await;
        let (_, state) = consent.query_pairs().find(|(name, _)| name == "state").unwrap();
        let said = "error_code=1349126&error_message=App+not+active%3A+%3Cb%3Ein+development%3C%2Fb%3E";
        vitrine
            .get(&format!("/v1/oauth/instagram/callback?{said}&state={state}"))
            .await
    };

    let page = refused(json!({})).await;
    let sent_on = refused(json!({"return_to": vitrine.address})).await;

    assert_eq!(page.status, 403);
    let said = "App not active: &lt;b&gt;in development&lt;/b&gt; (1349126)";
    assert!(page.text.contains(said), "{}", page.text);
    assert!(!page.text.contains("pressed Cancel"), "{}", page.text);
    assert_eq!(connect_error(sent_on.header("location")), "instagram_refused");
}

async fn the_page_names_the_site_and_the_way_out(engines: Engines) {
    let modes = Modes {
        missing_role: MissingRole::AtGraph,
        ..Modes::default()
    };
    let simulator = SimulatorSettings {
        modes,
        ..SimulatorSettings::default()
    };
    let vitrine = Installation::start_as(Plan {
        simulator,
        ..Plan::on(engines)
    })
    .await;
    let owner = vitrine.owner("ada").await;
    owner
        .patch("/v1/tenant", &json!({"name": "Ada's <shop>"}))
        .await
        .expect(200);

    for username in ["vitrine.personal", "vitrine.outsider"] {
        let consent = owner.begins(&json!({})).await;
        let back = owner.decides(&consent, username, "allow").await;
        let page = owner.opens(&back).await;

        for words in [
            "account_not_allowed",
            "Switch to professional account",
            "Instagram Tester",
            "not connected to <strong>Ada&#39;s &lt;shop&gt;</strong>",
        ] {
            assert!(page.text.contains(words), "{username}, {words}: {}", page.text);
        }
    }
}
