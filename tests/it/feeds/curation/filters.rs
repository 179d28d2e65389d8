//! Which posts a feed takes.

use super::{Site, captions, of_kind, picture};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;
use vitrine_simulator::PostKind;

on_both_pairs!(
    filters_come_before_the_limit,
    albums_can_be_shown_picture_by_picture,
    reels_can_stay_out,
);

async fn filters_come_before_the_limit(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    let mut posts = vec![
        picture("one #SALE"),
        picture("two #Straße"),
        picture("three #sale #old"),
        picture("four #sale SOLD OUT"),
        picture("five #salesman"),
    ];
    posts.extend((0..40).map(|number| picture(&format!("filler {number}"))));
    site.posts(posts).await;

    let feed = site
        .makes(json!({
            "name": "sale", "limit": 3,
            "hashtags": {"include": ["#Sale", "STRASSE"], "exclude": ["old"]},
            "caption": {"exclude": ["sold out"]},
        }))
        .await;
    site.shows_captions(&feed, &["two #Straße", "one #SALE"]).await;

    let path = format!("/v1/feeds/{feed}");
    site.owner
        .patch(&path, &json!({"limit": 1, "hashtags": {"exclude": []}}))
        .await
        .expect(200);
    site.shows_captions(&feed, &["three #sale #old"]).await;
}

async fn albums_can_be_shown_picture_by_picture(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![of_kind(PostKind::Carousel, "album"), picture("picture")])
        .await;

    let feed = site
        .makes(json!({"name": "all", "include_children": true, "limit": 3}))
        .await;
    site.shows_captions(&feed, &["picture", "album", "album"]).await;
    let shown = site.shows(&feed).await;
    assert_eq!(shown["data"][1]["type"], "IMAGE");
    assert_ne!(shown["data"][1]["id"], shown["data"][2]["id"]);
    assert_ne!(shown["data"][1]["image"]["src"], shown["data"][2]["image"]["src"]);

    let whole = site
        .makes(json!({"name": "whole", "media_types": ["IMAGE", "CAROUSEL_ALBUM"], "include_children": true, "limit": 2}))
        .await;
    site.shows_captions(&whole, &["picture", "album"]).await;
    let shown = site.shows(&whole).await;
    assert_eq!(shown["data"][1]["children"].as_array().unwrap().len(), 3);
}

async fn reels_can_stay_out(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![
        of_kind(PostKind::Video, "video"),
        of_kind(PostKind::Reel, "reel"),
    ])
    .await;

    let settings = |reels: &str| json!({"name": "videos", "media_types": ["VIDEO"], "reels": reels, "caption": {"include": ["reel", "video"]}});
    for (reels, wanted) in [
        ("include", &["reel", "video"][..]),
        ("on_grid", &["reel", "video"]),
        ("exclude", &["video"]),
    ] {
        let feed = site.makes(settings(reels)).await;
        let shown = captions(&site.shows(&feed).await);
        let ours = shown
            .into_iter()
            .filter(|caption| wanted_here(caption))
            .collect::<Vec<_>>();
        assert_eq!(ours, wanted, "{reels}");
    }
}

/// The demo account has videos of its own.
fn wanted_here(caption: &str) -> bool {
    ["reel", "video"].contains(&caption)
}
