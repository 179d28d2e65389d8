//! Feeds that change while something is written about their accounts. On Postgres, where more than one can write.

use super::{Site, captions, picture};
use crate::support::{Engines, Held, Installation};
use serde_json::json;
use std::time::Duration;
use vitrine_test_support::wait_until;

/// A sync looks for the feeds that show its account and tells them of its posts; this feed gets the account after that
/// look, and is read before the sync ends.
#[tokio::test]
async fn a_feed_that_gets_an_account_during_its_sync_hears_of_the_new_posts() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![picture("held old")]).await;
    let default = Held::rows(&vitrine, "select 1 from feed where is_default for update").await;
    vitrine
        .simulator
        .post_media("vitrine.demo", picture("held new"))
        .unwrap();
    let sync = format!("/v1/accounts/{}/sync", site.account);
    let sync = site.owner.post(&sync, &json!({})).await.expect(202);
    default.is_waited_for(1).await;

    let feed = site
        .makes(json!({"name": "two", "account_ids": [site.account], "caption": {"include": ["held"]}}))
        .await;
    assert_eq!(captions(&site.shows(&feed).await), ["held old"]);
    default.release().await;

    site.owner.finished(sync["job"]["id"].as_str().unwrap()).await;
    let shown = wait_until(Duration::from_secs(3), async || {
        captions(&site.shows(&feed).await).len() == 2
    });
    assert!(shown.await.is_ok(), "the new post is not told");
}

/// Whoever deletes an account holds it and then its feeds; a new name of a feed must not wait for the account.
#[tokio::test]
async fn an_account_can_be_deleted_while_its_feed_is_renamed() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let site = Site::open(&vitrine).await;
    let feed = site.makes(json!({"name": "one"})).await;
    let held = Held::rows(
        &vitrine,
        &format!("select 1 from feed where id = '{feed}' for update"),
    )
    .await;
    let (path, account) = (
        format!("/v1/feeds/{feed}"),
        format!("/v1/accounts/{}", site.account),
    );
    let rename = json!({"name": "renamed"});
    let renaming = site.owner.patch(&path, &rename);
    let deleting = async {
        held.is_waited_for(1).await;
        site.owner.delete(&account).await
    };
    let release = async {
        held.is_waited_for(2).await;
        held.release().await;
    };

    let (renamed, deleted, ()) = tokio::join!(renaming, deleting, release);

    assert_eq!((renamed.status.as_u16(), deleted.status.as_u16()), (200, 204));
}
