//! People who remove the app: the token goes, the photos stay for a while.

use super::{DEAUTHORIZE, another, at, has_photos, overheard, send};
use crate::support::{Engines, Installation, database, on_both_pairs};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_entity::{InstallationOwned, data_deletion};
use vitrine_simulator::{SignedCallback, UserIdForm};
use vitrine_test_support::wait_until;

on_both_pairs!(
    removing_the_app_costs_the_token_and_not_the_photos,
    photos_stay_for_thirty_days_after_the_last_removal,
);

const DAY: Duration = Duration::from_hours(24);

async fn removing_the_app_costs_the_token_and_not_the_photos(engines: Engines) {
    for form in [
        UserIdForm::AppScoped,
        UserIdForm::Professional,
        UserIdForm::Exchange,
    ] {
        let vitrine = Installation::start(engines).await;
        let (ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);
        let (our_account, their_account) = (
            ours.connects("vitrine.demo").await,
            theirs.connects("vitrine.demo").await,
        );
        let other = ours.connects(&another(&vitrine)).await;
        let (feed, key) = (
            ours.default_feed().await,
            ours.makes_key("publishable", &[]).await,
        );
        ours.photos_that(&feed, &key, has_photos).await;

        let callback = SignedCallback {
            user_id: form,
            ..SignedCallback::new(at(&vitrine, DEAUTHORIZE), "vitrine.demo")
        };
        let answers = vitrine.simulator.send_signed(&callback).await.unwrap();

        assert_eq!(answers[0].status, 200, "{answers:?}");
        for (owner, account) in [(&ours, &our_account), (&theirs, &their_account)] {
            let account = owner.account(account).await;
            assert_eq!(
                (&account["status"], &account["status_reason"]),
                (&json!("needs_reconnect"), &json!("app_removed"))
            );
            assert_eq!(
                (&account["token"], &account["sync"]["next_at"]),
                (&Value::Null, &Value::Null)
            );
        }
        assert_eq!(ours.account(&other).await["status"], "active");
        ours.photos_that(&feed, &key, has_photos).await;
    }
}

async fn photos_stay_for_thirty_days_after_the_last_removal(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let mut owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;
    let (feed, key) = (
        owner.default_feed().await,
        owner.makes_key("publishable", &[]).await,
    );
    owner.photos_that(&feed, &key, has_photos).await;
    send(&vitrine, DEAUTHORIZE, &overheard(&vitrine).await).await;
    vitrine.advance(DAY).await;
    owner.signs_in_again().await;
    assert_eq!(owner.connects("vitrine.demo").await, account);
    vitrine.advance(28 * DAY).await;
    send(&vitrine, DEAUTHORIZE, &overheard(&vitrine).await).await;

    vitrine.advance(2 * DAY).await;
    removals_done(&vitrine, 1).await;

    owner.signs_in_again().await;
    assert_eq!(owner.account(&account).await["status_reason"], "app_removed");
    owner.photos_that(&feed, &key, has_photos).await;
    vitrine.advance(28 * DAY).await;
    removals_done(&vitrine, 2).await;
    owner.signs_in_again().await;
    owner.get(&format!("/v1/accounts/{account}")).await.problem(404);
}

async fn removals_done(vitrine: &Installation, wanted: u64) {
    let database = database(vitrine).await;
    let done = wait_until(Duration::from_secs(60), async || {
        let done = data_deletion::Entity::rows()
            .filter(data_deletion::Column::Reason.eq(data_deletion::DeletionReason::Deauthorized))
            .filter(data_deletion::Column::FinishedAt.is_not_null());
        done.count(database.connection()).await.unwrap() == wanted
    });
    assert!(done.await.is_ok(), "{}", vitrine.log());
}
