//! Why a post is in a feed or out of it.

use super::{Site, of_kind, picture};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;
use vitrine_simulator::PostKind;

on_both_pairs!(a_feed_tells_why_a_post_is_out);

async fn a_feed_tells_why_a_post_is_out(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![
        picture("beyond"),
        of_kind(PostKind::Video, "moving"),
        picture("unwanted #no"),
        picture("concealed"),
        picture("shown"),
    ])
    .await;
    let feed = site
        .makes(json!({"name": "why", "limit": 1, "hashtags": {"exclude": ["no"]}}))
        .await;
    let hidden = site.media_id("concealed").await;
    site.decides(&feed, &hidden, json!({"hidden": true}))
        .await
        .expect(200);

    let path = format!("/v1/feeds/{feed}/items?limit=5");
    let plain = site.owner.get(&path).await.expect(200);
    assert!(plain["data"][0].get("reasons").is_none());
    let items = site.owner.get(&format!("{path}&explain=1")).await.expect(200);

    let found: Vec<_> = items["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let codes = item["reasons"].as_array().unwrap().iter();
            let codes: Vec<_> = codes.map(|reason| reason["code"].as_str().unwrap()).collect();
            (
                item["media"]["caption"].as_str().unwrap(),
                item["included"].as_bool().unwrap(),
                codes,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("shown", true, vec!["fits"]),
            ("concealed", false, vec!["hidden_by_owner"]),
            ("unwanted #no", false, vec!["excluded_hashtag"]),
            ("moving", false, vec!["media_type"]),
            ("beyond", false, vec!["beyond_limit"]),
        ]
    );
    let next = items["page"]["next_cursor"].as_str().unwrap();
    let rest = site.owner.get(&format!("{path}&cursor={next}")).await.expect(200);
    assert!(
        rest["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["media"]["caption"] != "shown")
    );
    let page = vitrine.program(Some(&site.key));
    assert_eq!(page.get(&path).await.problem(403), "insufficient_scope");
}
