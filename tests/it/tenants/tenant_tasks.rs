//! A tenant's export and its end.

use crate::{
    support::{
        Answer, Engines, Installation, Owner, Plan, connected, database,
        letters::{letter, letters},
        on_both_pairs, rows_of,
    },
    tenants::teams::{invites, joined, token_for},
};
use reqwest::Method;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;
use vitrine_entity::{InstallationOwned, outbox};
use vitrine_test_support::wait_until;

on_both_pairs!(
    everything_is_exported_and_no_secret,
    an_export_is_written_by_a_worker_and_kept,
    a_deletion_leaves_nothing_and_touches_nobody_else,
    a_deletion_survives_the_death_of_its_worker,
    letters_go_with_their_tenant_and_its_people,
    a_deletion_can_be_taken_back_in_time,
    nobody_fills_a_mailbox_by_asking_again_and_again,
    only_owners_export_and_delete,
);

/// Tables of a tenant that its export leaves out, each for its reason.
const NOT_EXPORTED: [&str; 7] = [
    // Counts of today.
    "daily_use",
    // Letters that wait to be sent, sealed.
    "outbox",
    // Sealed tokens.
    "account_token",
    // The hashes of states that live for a quarter of an hour.
    "connect_attempt",
    // Answers that were given before.
    "idempotency",
    // The exports themselves.
    "tenant_task",
    "export_part",
];

async fn id_of(owner: &Owner<'_>) -> Uuid {
    let tenant = owner.get("/v1/tenant").await.expect(200);
    tenant["id"].as_str().unwrap().parse().unwrap()
}

/// Sections are named like their tables, in the plural.
fn section_of(table: &str) -> String {
    match table {
        "membership" => "members".to_owned(),
        "media" => "media".to_owned(),
        "audit_event" => "audit_log".to_owned(),
        other => format!("{other}s"),
    }
}

async fn everything_is_exported_and_no_secret(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let media = owner
        .get(&format!("/v1/accounts/{account}/media"))
        .await
        .expect(200);
    let hidden = media["data"][0]["id"].as_str().unwrap();
    let path = format!("/v1/feeds/{feed}/items/{hidden}");
    let hide = owner.request(Method::PUT, &path).json(&json!({"hidden": true}));
    Answer::of(hide.send().await.unwrap()).await.expect(200);

    let answer = owner.get("/v1/tenant/export").await;

    let document = answer.expect(200);
    assert_eq!(document["format"], "vitrine-export");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"vitrine-export.json\""
    );
    let tenant = id_of(&owner).await;
    assert_eq!(document["tenant"]["id"], tenant.to_string());
    assert_eq!(document["members"][0]["email"], owner.email);
    for (table, rows) in rows_of(&vitrine, tenant).await {
        if table == "tenant" || NOT_EXPORTED.contains(&table.as_str()) {
            continue;
        }
        let section = document[section_of(&table)].as_array();
        let section = section.unwrap_or_else(|| panic!("{table} is not exported"));
        // That it was exported is recorded after what the export shows.
        let later = usize::from(table == "audit_event");
        assert_eq!(section.len(), rows.len() - later, "{table}");
    }
    for secret in [&key, &owner.access_token, &owner.refresh_token] {
        assert!(!answer.text.contains(secret.as_str()));
    }
    for word in ["password", "ciphertext", "hash\""] {
        assert!(!answer.text.contains(word), "{word}");
    }
}

async fn an_export_is_written_by_a_worker_and_kept(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, ..) = connected(&vitrine).await;
    let stranger = vitrine.owner("stranger").await;

    let asked = owner.post("/v1/tenant/exports", &json!({})).await.expect(202);
    let id = asked["job"]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/tenant/exports/{id}");
    let mut task = Value::Null;
    let done = wait_until(Duration::from_secs(20), async || {
        task = owner.get(&path).await.expect(200);
        task["status"] == "succeeded"
    });
    assert!(done.await.is_ok(), "{task}\n{}", vitrine.log());

    assert_eq!(task["progress"]["done"], task["progress"]["total"]);
    let document = owner
        .get(task["document_url"].as_str().unwrap())
        .await
        .expect(200);
    assert!(!document["media"].as_array().unwrap().is_empty());
    stranger.get(&path).await.problem(404);
    stranger.get(&format!("{path}/document")).await.problem(404);
    vitrine.advance(Duration::from_hours(25)).await;
    let mut owner = owner;
    owner.signs_in_again().await;
    owner.get(&format!("{path}/document")).await.problem(404);
}

async fn a_deletion_leaves_nothing_and_touches_nobody_else(engines: Engines) {
    let vitrine = Installation::start_as(Plan::on(engines).with("VITRINE_DELETION__GRACE", "1s")).await;
    let (owner, _, feed, key) = connected(&vitrine).await;
    let neighbour = vitrine.owner("neighbour").await;
    neighbour.connects("vitrine.demo").await;
    let neighbours = rows_of(&vitrine, id_of(&neighbour).await).await["media"].len();
    let tenant = id_of(&owner).await;
    owner
        .photos_that(&feed, &key, |feed| feed["data"].is_array())
        .await;

    let first = Answer::of(owner.request(Method::DELETE, "/v1/tenant").send().await.unwrap())
        .await
        .expect(202);
    assert_eq!(first["job"]["kind"], "deletion");

    is_gone(&vitrine, tenant).await;
    assert_eq!(owner.get("/v1/me").await.status, 401);
    // Sooner than anybody would look by themselves.
    let visitor = vitrine.program(Some(&key));
    let refused = wait_until(Duration::from_secs(4), async || {
        visitor.get(&format!("/v1/feeds/{feed}/photos")).await.status == 401
    });
    refused.await.unwrap();
    let login = json!({"email": owner.email, "password": crate::support::PASSWORD});
    let refused = vitrine.post("/v1/auth/login", &login).await;
    assert_eq!(refused.status, 401, "a person without any tenant is gone too");
    let left = rows_of(&vitrine, id_of(&neighbour).await).await;
    assert_eq!(left["media"].len(), neighbours);
    neighbour.get("/v1/me").await.expect(200);
}

async fn is_gone(vitrine: &Installation, tenant: Uuid) {
    let mut left = rows_of(vitrine, tenant).await;
    let gone = wait_until(Duration::from_secs(60), async || {
        left = rows_of(vitrine, tenant).await;
        left.is_empty()
    });
    let gone = gone.await.is_ok();
    let left: Vec<_> = left.iter().map(|(table, rows)| (table, rows.len())).collect();
    assert!(gone, "{left:?}\n{}", vitrine.log());
}

async fn a_deletion_survives_the_death_of_its_worker(engines: Engines) {
    let mut vitrine = Installation::start_as(Plan::on(engines).with("VITRINE_DELETION__GRACE", "1s")).await;
    let tenant = {
        let (owner, ..) = connected(&vitrine).await;
        owner.delete("/v1/tenant").await.expect(202);
        id_of(&owner).await
    };
    vitrine.crash().await;
    // The lease of the run that died.
    vitrine.advance(Duration::from_mins(3)).await;

    is_gone(&vitrine, tenant).await;
}

async fn letters_go_with_their_tenant_and_its_people(engines: Engines) {
    let mut vitrine = Installation::start_as(Plan::on(engines).with("VITRINE_DELETION__GRACE", "1s")).await;
    let (ours, theirs) = ("ada@example.com", "neighbour@example.com");
    let tenant = {
        let (ada, neighbour) = (vitrine.owner("ada").await, vitrine.owner("neighbour").await);
        neighbour.confirms_address().await;
        invites(&ada, "grace@example.com", "viewer").await.expect(201);
        token_for(&vitrine, "grace@example.com", &[]).await;
        let tenant = id_of(&ada).await;
        ada.delete("/v1/tenant").await.expect(202);
        tenant
    };
    is_gone(&vitrine, tenant).await;
    let database = database(&vitrine).await;
    let about_people = outbox::Entity::rows().filter(outbox::Column::UserId.is_not_null());
    let left = about_people.count(database.connection()).await.unwrap();
    assert_eq!(left, 1, "the neighbour's alone");

    // Workers look through their files when they begin, and each minute.
    vitrine.restart().await;

    let gone = wait_until(Duration::from_secs(20), async || {
        letters(&vitrine, ours).is_empty() && letters(&vitrine, "grace@example.com").is_empty()
    });
    assert!(gone.await.is_ok(), "{}", vitrine.log());
    assert_eq!(letters(&vitrine, theirs).len(), 1);
}

async fn a_deletion_can_be_taken_back_in_time(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let mut owner = vitrine.owner("ada").await;
    assert_eq!(
        owner.post("/v1/tenant/restore", &json!({})).await.problem(409),
        "no_deletion"
    );
    owner.get("/v1/tenant/deletion").await.problem(404);

    let first = owner.delete("/v1/tenant").await.expect(202);
    let second = owner.delete("/v1/tenant").await.expect(202);
    assert_eq!(first["job"]["id"], second["job"]["id"]);
    letter(&vitrine, &owner.email, "Your site is going to be deleted", 1).await;
    let waiting = owner.get("/v1/tenant/deletion").await.expect(200);
    assert_eq!(waiting["status"], "scheduled");
    owner.post("/v1/tenant/restore", &json!({})).await.expect(200);
    owner.get("/v1/tenant/deletion").await.problem(404);
    vitrine.advance(Duration::from_hours(8 * 24)).await;

    owner.signs_in_again().await;
    owner.get("/v1/tenant").await.expect(200);
}

async fn nobody_fills_a_mailbox_by_asking_again_and_again(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let asks = async |times: usize| {
        for _ in 0..times {
            owner.delete("/v1/tenant").await.expect(202);
            owner.post("/v1/tenant/restore", &json!({})).await.expect(200);
        }
    };
    let come = async |number: usize| {
        let all = wait_until(Duration::from_secs(20), async || {
            letters(&vitrine, &owner.email).len() >= number
        });
        assert!(all.await.is_ok(), "{}", vitrine.log());
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(letters(&vitrine, &owner.email).len(), number);
    };

    asks(8).await;
    come(5).await;
    owner.confirms_address().await;
    asks(20).await;
    come(20).await;
}

async fn only_owners_export_and_delete(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let key = owner
        .makes_key("secret", &["feeds:read", "accounts:read", "jobs:read"])
        .await;
    let program = vitrine.program(Some(&key));

    let members = [
        joined(&owner, "helper", "admin").await,
        joined(&owner, "guest", "viewer").await,
    ];
    let export = owner.post("/v1/tenant/exports", &json!({})).await.expect(202);
    let export = format!("/v1/tenant/exports/{}", export["job"]["id"].as_str().unwrap());
    for member in &members {
        for (method, path) in [
            (Method::GET, "/v1/tenant/export"),
            (Method::POST, "/v1/tenant/exports"),
            (Method::GET, &export),
            (Method::GET, &format!("{export}/document")),
            (Method::DELETE, "/v1/tenant"),
            (Method::POST, "/v1/tenant/restore"),
        ] {
            let refused = Answer::of(member.request(method, path).send().await.unwrap()).await;
            assert_eq!(
                refused.problem(403),
                "insufficient_role",
                "{} {path}",
                member.email
            );
        }
    }
    owner.get("/v1/tenant/deletion").await.problem(404);

    for (method, path) in [
        (Method::GET, "/v1/tenant/export"),
        (Method::POST, "/v1/tenant/exports"),
        (Method::DELETE, "/v1/tenant"),
        (Method::POST, "/v1/tenant/restore"),
        (Method::GET, "/v1/audit-log"),
    ] {
        let answer = program.request(method, path).send().await.unwrap();
        assert_eq!(
            Answer::of(answer).await.problem(403),
            "insufficient_scope",
            "{path}"
        );
        assert_eq!(
            vitrine.get("/v1/tenant/export").await.problem(401),
            "unauthenticated"
        );
    }
}
