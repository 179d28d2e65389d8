//! What a plan lets a tenant have, and what it used.

use crate::{
    support::{Answer, Engines, Installation, Owner, connected, on_both_pairs},
    tenants::teams::{invites, text},
};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    limits_hold_and_are_told,
    what_others_pay_for_is_bounded_by_day,
    two_keys_at_once_do_not_pass_the_limit,
    a_rotated_key_counts_until_it_ends,
    use_is_shown_by_day,
);

async fn admin(vitrine: &Installation, arguments: &[&str]) -> std::process::Output {
    vitrine.admin(&[&["plan"], arguments].concat()).await
}

async fn operates(vitrine: &Installation, arguments: &[&str]) -> String {
    let output = admin(vitrine, arguments).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Waits until no job waits or runs, so that the next one asked for is a new one.
async fn rests(owner: &Owner<'_>) {
    let idle = wait_until(Duration::from_secs(20), async || {
        let jobs = owner.get("/v1/jobs").await.expect(200);
        let mut jobs = jobs["data"].as_array().unwrap().iter();
        jobs.all(|job| !job["finished_at"].is_null())
    });
    idle.await.unwrap();
}

async fn limits_hold_and_are_told(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;
    rests(&owner).await;
    let shown = owner.get("/v1/tenant").await.expect(200);
    assert_eq!(shown["plan"]["name"], "default");
    assert_eq!(shown["plan"]["used"]["accounts"], 1);
    let tiny =
        "set tiny --accounts 1 --feeds 1 --api-keys 1 --members 1 --syncs-per-day 1 --invitations-per-day 5";
    operates(&vitrine, &tiny.split(' ').collect::<Vec<_>>()).await;
    operates(&vitrine, &["assign", "--tenant", text(&shown["id"]), "tiny"]).await;
    assert!(operates(&vitrine, &["list", "--json"]).await.contains("tiny"));
    assert!(
        !admin(&vitrine, &["remove", "tiny"]).await.status.success(),
        "it is in use"
    );

    owner.makes_key("publishable", &[]).await;
    owner.syncs(&account).await;
    let refusals = [
        (
            "api_keys",
            owner
                .post("/v1/api-keys", &json!({"name": "k", "kind": "publishable"}))
                .await,
        ),
        ("feeds", owner.post("/v1/feeds", &json!({"name": "f"})).await),
        ("members", invites(&owner, "x@example.com", "viewer").await),
        (
            "syncs_per_day",
            owner
                .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
                .await,
        ),
    ];

    for (limit, refused) in refusals {
        names(&refused, limit);
    }
    let consent = owner
        .begins(&json!({"return_to": format!("{}/", vitrine.address)}))
        .await;
    let other = vitrine
        .simulator
        .add_account(vitrine_simulator::NewAccount::named("other.shop"))
        .unwrap();
    let back = owner.decides(&consent, &other.username, "allow").await;
    let opened = owner.opens(&back).await;
    assert!(
        opened
            .header("location")
            .contains("connect_error=plan_limit_reached"),
        "{opened:?}"
    );
    assert_eq!(
        owner.connects("vitrine.demo").await,
        account,
        "connecting anew needs no room"
    );
    let mut shown = owner.get("/v1/tenant").await.expect(200);
    assert_eq!(shown["plan"]["limits"]["api_keys"], 1);
    assert!(shown["plan"]["used"]["changes_per_day"].take().as_u64() > Some(3));
    assert_eq!(
        shown["plan"]["used"],
        json!({
            "accounts": 1, "feeds": 1, "api_keys": 1, "members": 1, "syncs_per_day": 1, "invitations_per_day": 0,
            "connections_per_day": 3, "exports_per_day": 0, "changes_per_day": null,
        })
    );
}

#[track_caller]
fn names(refused: &Answer, limit: &str) {
    assert_eq!(refused.problem(403), "plan_limit_reached", "{limit}");
    assert_eq!(refused.json()["errors"][0]["field"], limit);
}

async fn what_others_pay_for_is_bounded_by_day(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let tenant = text(&owner.get("/v1/tenant").await.expect(200)["id"]).to_owned();
    let small = "set small --invitations-per-day 1 --connections-per-day 1";
    operates(&vitrine, &small.split(' ').collect::<Vec<_>>()).await;
    operates(&vitrine, &["assign", "--tenant", &tenant, "small"]).await;
    let begins = async || {
        owner
            .post("/v1/accounts/connect", &json!({"return_to": "/"}))
            .await
    };
    invites(&owner, "bob@example.com", "viewer").await.expect(201);
    begins().await.expect(201);

    let invitation = invites(&owner, "eve@example.com", "viewer").await;
    let connection = begins().await;

    names(&invitation, "invitations_per_day");
    names(&connection, "connections_per_day");
}

async fn two_keys_at_once_do_not_pass_the_limit(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    operates(&vitrine, &["set", "default", "--api-keys", "3"]).await;
    let body = json!({"name": "k", "kind": "publishable"});

    let answers = futures::future::join_all((0..8).map(|_| owner.post("/v1/api-keys", &body))).await;

    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 3);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(refused.problem(403), "plan_limit_reached");
    }
    // A rotation without an overlap needs no room, and a revoked key makes some.
    let id = made[0].json()["id"].clone();
    let rotate = format!("/v1/api-keys/{}/rotate", text(&id));
    let new = owner
        .post(&rotate, &json!({"overlap_seconds": 0}))
        .await
        .expect(201);
    assert_eq!(
        owner.post("/v1/api-keys", &body).await.problem(403),
        "plan_limit_reached"
    );
    owner
        .delete(&format!("/v1/api-keys/{}", text(&new["id"])))
        .await
        .expect(204);
    owner.post("/v1/api-keys", &body).await.expect(201);
}

async fn a_rotated_key_counts_until_it_ends(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let mut owner = vitrine.owner("ada").await;
    let tenant = text(&owner.get("/v1/tenant").await.expect(200)["id"]).to_owned();
    operates(&vitrine, &["set", "small", "--api-keys", "2"]).await;
    operates(&vitrine, &["assign", "--tenant", &tenant, "small"]).await;
    let wanted = json!({"name": "site", "kind": "publishable"});
    let rotates = async |owner: &Owner<'_>, key: &Value, overlap: u64| {
        let path = format!("/v1/api-keys/{}/rotate", text(&key["id"]));
        owner.post(&path, &json!({"overlap_seconds": overlap})).await
    };
    let first = owner.post("/v1/api-keys", &wanted).await.expect(201);

    let second = rotates(&owner, &first, 3_600).await.expect(201);

    let refused = owner.post("/v1/api-keys", &wanted).await;
    assert_eq!(refused.problem(403), "plan_limit_reached");
    assert_eq!(
        rotates(&owner, &second, 60).await.problem(403),
        "plan_limit_reached"
    );
    assert_eq!(
        rotates(&owner, &first, 60).await.problem(409),
        "key_already_rotated"
    );
    let shown = owner.get("/v1/tenant").await.expect(200);
    assert_eq!(shown["plan"]["used"]["api_keys"], 2);
    let third = rotates(&owner, &second, 0).await.expect(201);
    vitrine.advance(Duration::from_hours(2)).await;
    owner.signs_in_again().await;
    rotates(&owner, &third, 60).await.expect(201);
}

async fn use_is_shown_by_day(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let access_token = {
        let (owner, account, ..) = connected(&vitrine).await;
        rests(&owner).await;
        owner.syncs(&account).await;
        owner.access_token.clone()
    };
    // What was counted last is written when the processes end.
    vitrine.restart().await;
    let owner = Owner {
        installation: &vitrine,
        email: "ada@example.com".into(),
        access_token,
        refresh_token: String::new(),
    };

    let days = owner.get("/v1/tenant/usage").await.expect(200);
    let days = days["data"].as_array().unwrap();
    let today = &days[29];
    let sum = |name: &str| days.iter().map(|day| day[name].as_i64().unwrap()).sum::<i64>();
    assert_eq!(days.len(), 30);
    assert!(
        sum("syncs") >= 2 && sum("graph_calls") >= 2 && sum("feed_requests") >= 1,
        "{days:?}"
    );
    assert_eq!(today["stored_bytes"], 0);
    let one = format!("/v1/tenant/usage?from={0}&to={0}", text(&today["day"]));
    assert_eq!(owner.get(&one).await.expect(200)["data"], json!([today]));
    for bad in [
        "from=2026-02-02&to=2026-02-01",
        "from=2020-01-01&to=2026-01-01",
        "from=2026-1-1",
        "to=0000-00-00",
        "from=x",
        "from=0001-01-01&to=0001-01-01",
    ] {
        assert_eq!(
            owner.get(&format!("/v1/tenant/usage?{bad}")).await.problem(422),
            "invalid_query",
            "{bad}"
        );
    }
}
