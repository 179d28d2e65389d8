//! People who have their data deleted.

use super::{DEAUTHORIZE, DELETION, another, has_photos, is_done, overheard, send};
use crate::support::{Engines, Installation, Owner, connected, database, on_both_pairs};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vitrine_base::database::Database;
use vitrine_entity::{InstallationOwned, MediaId, TenantOwned, data_deletion, media};

on_both_pairs!(
    a_person_is_deleted_from_every_tenant,
    a_deletion_that_was_killed_goes_on,
    a_feed_that_gets_the_account_back_meanwhile_loses_it_again,
    nobody_known_is_a_success,
);

async fn a_person_is_deleted_from_every_tenant(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);
    let (account, other) = (
        ours.connects("vitrine.demo").await,
        ours.connects(&another(&vitrine)).await,
    );
    theirs.connects("vitrine.demo").await;
    let (feed, key) = (
        ours.default_feed().await,
        ours.makes_key("publishable", &[]).await,
    );
    let both = json!({"account_ids": [account, other]});
    ours.patch(&format!("/v1/feeds/{feed}"), &both).await.expect(200);
    ours.photos_that(&feed, &key, |feed| {
        shown(feed, "vitrine.demo") && shown(feed, "another.shop")
    })
    .await;
    let ids = ids_of(&ours, &account).await;

    let code = send(&vitrine, DELETION, &overheard(&vitrine).await).await;
    let page = is_done(&vitrine, &code).await;

    assert!(page.contains("2 accounts"), "{page}");
    ours.get(&format!("/v1/accounts/{account}")).await.problem(404);
    assert_eq!(theirs.get("/v1/accounts").await.expect(200)["data"], json!([]));
    assert_eq!(ours.account(&other).await["status"], "active");
    ours.photos_that(&feed, &key, |feed| {
        !shown(feed, "vitrine.demo") && shown(feed, "another.shop")
    })
    .await;
    let rows = rows_only(&vitrine.database_text().await);
    for id in ids.iter().map(String::as_str).chain(["vitrine.demo"]) {
        assert!(!rows.contains(id) && !page.contains(id), "{id} stayed");
        assert!(!vitrine.redis_text().await.contains(id), "{id} stayed in Redis");
    }
}

async fn a_deletion_that_was_killed_goes_on(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;
    owner
        .account_that(&account, |account| !account["sync"]["last_at"].is_null())
        .await;
    let posts = many_posts(&vitrine).await;
    let code = send(&vitrine, DELETION, &overheard(&vitrine).await).await;

    // Looked at through one connection, often: the deletion is over in a second.
    let watching = database(&vitrine).await;
    let patience = Instant::now() + Duration::from_secs(30);
    while order_in(&watching).await.media_deleted == 0 {
        assert!(Instant::now() < patience, "it did not begin:\n{}", vitrine.log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    vitrine.crash().await;
    let half = deletion(&vitrine).await;
    assert!(
        half.finished_at.is_none() && half.media_deleted < posts,
        "it was over too soon: {half:?}"
    );
    vitrine.advance(Duration::from_secs(40)).await;
    is_done(&vitrine, &code).await;

    let done = deletion(&vitrine).await;
    assert_eq!(
        (done.accounts_deleted, done.media_deleted, done.platform_user_id),
        (1, posts, None)
    );
    let left = media::Entity::across_tenants()
        .count(database(&vitrine).await.connection())
        .await;
    assert_eq!(left.unwrap(), 0);
}

async fn a_feed_that_gets_the_account_back_meanwhile_loses_it_again(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    many_posts(&vitrine).await;
    let code = send(&vitrine, DELETION, &overheard(&vitrine).await).await;
    owner.photos_that(&feed, &key, |feed| !has_photos(feed)).await;

    let (path, back) = (format!("/v1/feeds/{feed}"), json!({"account_ids": [account]}));
    while owner.patch(&path, &back).await.status == 200 {
        let photos = format!("{path}/photos");
        vitrine.program(Some(&key)).get(&photos).await.expect(200);
    }

    is_done(&vitrine, &code).await;
    owner.photos_that(&feed, &key, |feed| !has_photos(feed)).await;
    assert_eq!(owner.get(&path).await.expect(200)["account_ids"], json!([]));
}

async fn nobody_known_is_a_success(engines: Engines) {
    let vitrine = Installation::start(engines).await;

    let signed = overheard(&vitrine).await;
    let code = send(&vitrine, DELETION, &signed).await;
    send(&vitrine, DEAUTHORIZE, &signed).await;

    assert!(
        code.len() >= 16 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{code}"
    );
    assert!(is_done(&vitrine, &code).await.contains("Nothing was stored here"));
    vitrine
        .get("/data-deletion/AAAAAAAAAAAAAAAAAAAA")
        .await
        .problem(404);
}

fn shown(feed: &Value, username: &str) -> bool {
    let posts = feed["data"].as_array().unwrap();
    posts.iter().any(|post| post["username"] == username)
}

async fn ids_of(owner: &Owner<'_>, account: &str) -> Vec<String> {
    let account = owner.account(account).await;
    vec![account["platform_user_id"].as_str().unwrap().to_owned()]
}

async fn deletion(vitrine: &Installation) -> data_deletion::Model {
    order_in(&database(vitrine).await).await
}

async fn order_in(database: &Database) -> data_deletion::Model {
    let rows = data_deletion::Entity::rows()
        .filter(data_deletion::Column::Reason.eq(data_deletion::DeletionReason::Requested));
    rows.one(database.connection()).await.unwrap().unwrap()
}

/// Adds posts to the one account until deleting them takes a while; gives how many there are.
async fn many_posts(vitrine: &Installation) -> i64 {
    let database = database(vitrine).await;
    let connection = database.connection();
    let model = media::Entity::across_tenants()
        .one(connection)
        .await
        .unwrap()
        .unwrap();
    for part in 0..80_u32 {
        let rows = (0..500_u32).map(|number| {
            let copy = media::Model {
                id: MediaId::generate(),
                platform_media_id: format!("{part}-{number}"),
                ..model.clone()
            };
            copy.into_active_model().reset_all()
        });
        media::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await
            .unwrap();
    }
    media::Entity::across_tenants()
        .count(connection)
        .await
        .unwrap()
        .try_into()
        .unwrap()
}

/// The rows alone: a file of SQLite keeps what was deleted until it is written over.
fn rows_only(dump: &str) -> String {
    let lines = dump
        .lines()
        .take_while(|line| !line.starts_with("SQLite format 3"));
    lines.collect::<Vec<_>>().join("\n")
}
