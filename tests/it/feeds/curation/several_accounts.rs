//! Feeds of more than one account.

use super::{Site, picture};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;
use vitrine_simulator::NewPost;

on_both_pairs!(accounts_are_merged_in_order_of_time);

async fn accounts_are_merged_in_order_of_time(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    let second = site.owner.connects("vitrine.creator").await;
    let now = vitrine.simulator.clock().now();
    for (number, username) in [
        "vitrine.demo",
        "vitrine.creator",
        "vitrine.demo",
        "vitrine.creator",
    ]
    .iter()
    .enumerate()
    {
        let post = NewPost {
            taken_at: Some(now + chrono::Duration::seconds(number as i64)),
            ..picture(&format!("{number}"))
        };
        vitrine.simulator.post_media(username, post).unwrap();
    }
    site.owner.syncs(&site.account).await;
    site.owner.syncs(&second).await;

    let feed = site
        .makes(json!({"name": "both", "limit": 4, "account_ids": [second, site.account]}))
        .await;

    site.shows_captions(&feed, &["3", "2", "1", "0"]).await;
    let one = site
        .makes(json!({"name": "one", "limit": 2, "account_ids": [second]}))
        .await;
    site.shows_captions(&one, &["3", "1"]).await;
}
