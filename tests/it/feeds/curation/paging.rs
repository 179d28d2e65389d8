//! Pages of a feed while it changes.

use super::{Site, captions, of_kind, picture};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_simulator::PostKind;
use vitrine_test_support::wait_until;

on_both_pairs!(pages_hold_while_posts_arrive, pages_hold_however_much_arrives,);

async fn pages_hold_while_posts_arrive(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    let names: Vec<String> = (0..9).map(|number| format!("post {number}")).collect();
    site.posts(names.iter().map(|name| picture(name)).collect()).await;
    let feed = site
        .makes(json!({"name": "pages", "order": "pinned", "caption": {"include": ["post"]}}))
        .await;
    for (name, place) in [("post 0", 3), ("post 8", 5)] {
        let post = site.media_id(name).await;
        site.decides(&feed, &post, json!({"pinned_position": place}))
            .await
            .expect(200);
    }
    let wanted = [
        "post 7", "post 6", "post 0", "post 5", "post 8", "post 4", "post 3", "post 2", "post 1",
    ];
    site.shows_captions(&feed, &wanted).await;

    let (mut read, mut cursor) = (vec![], String::new());
    for turn in 0.. {
        let path = format!("/v1/feeds/{feed}/photos?limit=2{cursor}");
        let page = vitrine.program(Some(&site.key)).get(&path).await.expect(200);
        read.extend(captions(&page));
        let Some(next) = page["page"]["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
        site.posts(vec![picture(&format!("post that came {turn}"))]).await;
        let newest = format!("post that came {turn}");
        let arrived = wait_until(Duration::from_secs(10), async || {
            captions(&site.shows(&feed).await)[0] == newest
        });
        arrived.await.unwrap();
    }

    assert_eq!(read, wanted);
}

/// One page and the cursor of the next.
async fn page(site: &Site<'_>, path: &str, cursor: Option<&str>) -> (Value, Option<String>) {
    let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
    let program = site.vitrine.program(Some(&site.key));
    let page = program.get(&format!("{path}{cursor}")).await.expect(200);
    let next = page["page"]["next_cursor"].as_str().map(str::to_owned);
    (page, next)
}

/// More than the feed holds beyond its limit, so that the visitor's next pages lie behind everything that is in memory;
/// the first of them begins within an album.
async fn pages_hold_however_much_arrives(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    let old = |number| format!("old page {number}");
    let mut posts: Vec<_> = (0..20).map(|number| picture(&old(number))).collect();
    posts.insert(16, of_kind(PostKind::Carousel, "album page"));
    site.posts(posts).await;
    let feed = site
        .makes(
            json!({"name": "long", "limit": 15, "include_children": true, "caption": {"include": ["page"]}}),
        )
        .await;
    let path = format!("/v1/feeds/{feed}/photos?limit=5");
    let wanted: Vec<String> = [19, 18, 17, 16]
        .map(old)
        .into_iter()
        .chain(["album page"; 3].map(str::to_owned))
        .chain((8..16).rev().map(old))
        .collect();
    site.shows_captions(&feed, &wanted.iter().map(String::as_str).collect::<Vec<_>>())
        .await;

    let (first, mut cursor) = page(&site, &path, None).await;
    let mut ids: Vec<Value> = Vec::new();
    let mut read = captions(&first);
    let arriving = (0..45).map(|number| picture(&format!("new page {number}")));
    site.posts(arriving.collect()).await;
    let arrived = wait_until(Duration::from_secs(10), async || {
        captions(&page(&site, &path, None).await.0)[0] == "new page 44"
    });
    arrived.await.unwrap();
    while let Some(at) = cursor {
        let (again, _) = page(&site, &path, Some(&at)).await;
        let (next, end) = page(&site, &path, Some(&at)).await;
        assert_eq!(next, again, "from memory as from the database");
        read.extend(captions(&next));
        ids.extend(
            next["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|photo| photo["id"].clone()),
        );
        cursor = end;
    }

    assert_eq!(read, wanted);
    ids.sort_by_key(ToString::to_string);
    ids.dedup();
    assert_eq!(ids.len(), 10, "no picture twice");
}
