//! A consent that is newer than the order stands.

use super::{DEAUTHORIZE, DELETION, has_photos, is_done, overheard, send};
use crate::support::{Engines, Held, Installation, connected, database, on_both_pairs};
use futures::FutureExt;
use std::time::Duration;
use vitrine_entity::{TenantOwned, account_token};
use vitrine_test_support::wait_until;

on_both_pairs!(
    a_replayed_callback_changes_nothing_more,
    a_late_order_leaves_a_later_consent_alone,
);

async fn a_replayed_callback_changes_nothing_more(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ours = vitrine.owner("ours").await;
    let account = ours.connects("vitrine.demo").await;
    let removed = overheard(&vitrine).await;
    send(&vitrine, DEAUTHORIZE, &removed).await;
    assert_eq!(ours.account(&account).await["status"], "needs_reconnect");
    let first = send(&vitrine, DELETION, &removed).await;
    is_done(&vitrine, &first).await;

    let account = ours.connects("vitrine.demo").await;
    send(&vitrine, DEAUTHORIZE, &removed).await;
    let again = send(&vitrine, DELETION, &removed).await;
    is_done(&vitrine, &again).await;

    assert_eq!(first, again);
    let account = ours.account(&account).await;
    assert_eq!(account["status"], "active");
    assert!(account["token"].is_object());
}

async fn a_late_order_leaves_a_later_consent_alone(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);
    let account = ours.connects("vitrine.demo").await;
    theirs.connects("vitrine.demo").await;
    let signed = overheard(&vitrine).await;
    vitrine.advance(Duration::from_mins(20)).await;
    ours.signs_in_again().await;
    assert_eq!(ours.connects("vitrine.demo").await, account);

    send(&vitrine, DEAUTHORIZE, &signed).await;

    let stays = ours.account(&account).await;
    assert_eq!(stays["status"], "active");
    assert!(stays["token"].is_object());
    let database = database(&vitrine).await;
    let left = account_token::Entity::across_tenants()
        .all(database.connection())
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "the older consent stays: {left:?}");
    assert_eq!(left[0].account_id.0.to_string(), account);

    let code = send(&vitrine, DELETION, &signed).await;

    let page = is_over(&vitrine, &code).await;
    assert!(page.contains("some of your data stays"), "{page}");
    assert!(
        page.contains("Kept: 1 accounts") && page.contains("Deleted: 1 accounts"),
        "{page}"
    );
    let account = ours.account(&account).await;
    assert_eq!(account["status"], "active");
    assert!(account["token"].is_object());
}

/// On Postgres, where a step of the deletion can be held.
#[tokio::test]
async fn a_consent_that_comes_while_a_deletion_runs_stands() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let held = Held::rows(&vitrine, "select 1 from media for update").await;
    let code = send(&vitrine, DELETION, &overheard(&vitrine).await).await;
    held.is_waited_for(1).await;

    let connected = owner.connects("vitrine.demo").boxed().shared();
    tokio::select! {
        () = held.is_waited_for(2) => {}
        _ = connected.clone() => {}
    }
    held.release().await;

    let page = is_over(&vitrine, &code).await;
    assert!(page.contains("Kept: 1 accounts"), "{page}");
    assert_eq!(connected.await, account);
    let stays = owner.account(&account).await;
    assert_eq!(stays["status"], "active");
    assert!(stays["token"].is_object());
    owner.photos_that(&feed, &key, has_photos).await;
}

/// Waits until the status page says that it was done, whatever stays, and gives the page.
async fn is_over(vitrine: &Installation, code: &str) -> String {
    let mut page = String::new();
    let done = wait_until(Duration::from_secs(60), async || {
        page = vitrine.get(&format!("/data-deletion/{code}")).await.text;
        page.contains("It was completed on")
    });
    let done = done.await;
    assert!(done.is_ok(), "{page}\n{}", vitrine.log());
    page
}
