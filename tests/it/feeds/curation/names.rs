//! Accounts that take another username.

use super::{Site, picture};
use crate::support::{Answer, Engines, Installation, on_both_pairs};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_simulator::AccountEdit;
use vitrine_test_support::wait_until;

on_both_pairs!(a_new_username_stands_everywhere_with_the_next_post);

async fn a_new_username_stands_everywhere_with_the_next_post(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(
        (0..3)
            .map(|number| picture(&format!("before {number}")))
            .collect(),
    )
    .await;
    let feed = site.makes(json!({"name": "names", "limit": 100})).await;
    assert_eq!(names(&site.shows(&feed).await), ["vitrine.demo"]);

    let edit = AccountEdit {
        username: Some("vitrine.renamed".into()),
        ..AccountEdit::default()
    };
    vitrine.simulator.edit_account("vitrine.demo", &edit).unwrap();
    site.owner.syncs(&site.account).await;

    let mut last = Value::Null;
    let renamed = wait_until(Duration::from_secs(10), async || {
        last = site.shows(&feed).await;
        names(&last) == ["vitrine.renamed"]
    });
    assert!(renamed.await.is_ok(), "{:?}", names(&last));
    let program = vitrine.program(Some(&site.key));
    let media = format!("/graph/me/media?feed={feed}&fields=username,owner{{username}}");
    let media = program.get(&media).await.expect(200);
    for post in media["data"].as_array().unwrap() {
        assert_eq!(post["username"], "vitrine.renamed");
        assert_eq!(post["owner"]["username"], "vitrine.renamed");
    }
    let rss: Answer = program.get(&format!("/v1/feeds/{feed}/feed.rss")).await;
    let rss = rss.text;
    assert!(
        rss.contains("instagram.com/vitrine.renamed/") && !rss.contains("vitrine.demo"),
        "{rss}"
    );
}

/// The usernames of a feed's profile and posts, each once.
fn names(feed: &Value) -> Vec<&str> {
    let posts = feed["data"].as_array().unwrap().iter();
    let names = posts.map(|post| post["username"].as_str().unwrap());
    let mut names: Vec<_> = names.chain(feed["profile"]["username"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
