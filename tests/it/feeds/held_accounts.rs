//! Feeds that get an account while something is written about it.

use super::Site;
use crate::support::{Engines, Held, Installation};
use serde_json::json;

/// A sync looks for the feeds that show its account and tells them of its posts: a feed that got the account after that
/// look, and was read before the sync ended, would never hear of them. On Postgres, where more than one can write.
#[tokio::test]
async fn a_feed_waits_for_what_is_being_written_about_its_accounts() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let site = Site::open(&vitrine).await;
    let feed = site.makes(json!({"name": "one"})).await;
    let wanted = json!({"account_ids": [site.account]});
    let as_a_sync = "select 1 from account for no key update";

    for (path, is_new) in [
        (format!("/v1/feeds/{feed}"), false),
        ("/v1/feeds".to_owned(), true),
    ] {
        let held = Held::rows(&vitrine, as_a_sync).await;
        let change = async {
            match is_new {
                true => {
                    site.owner
                        .post(&path, &json!({"name": "two", "account_ids": [site.account]}))
                        .await
                }
                false => site.owner.patch(&path, &wanted).await,
            }
        };
        let release = async {
            held.is_waited_for(1).await;
            held.release().await;
        };

        let (answer, ()) = tokio::join!(change, release);

        assert_eq!(answer.status, if is_new { 201 } else { 200 });
    }
}
