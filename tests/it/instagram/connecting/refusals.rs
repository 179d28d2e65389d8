//! What a visitor is told when Instagram or its user refuses.

use super::connect_error;
use crate::support::{Engines, Installation, Owner, Plan, on_both_pairs};
use serde_json::json;
use vitrine_simulator::{MissingRole, Modes, SimulatorSettings};

on_both_pairs!(
    a_denial_is_told,
    accounts_that_cannot_be_read_are_explained,
    what_meta_says_is_told,
    the_page_names_the_site_and_the_way_out,
);

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
