//! How many posts a page has.

use super::{Site, picture};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::{Value, json};

on_both_pairs!(a_feed_shows_as_many_as_its_owner_says);

async fn a_feed_shows_as_many_as_its_owner_says(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts((0..60).map(|number| picture(&format!("post {number}"))).collect())
        .await;
    let page = async |feed: &str, path: &str| -> Value {
        let path = format!("/v1/feeds/{feed}/{path}");
        vitrine.program(Some(&site.key)).get(&path).await.expect(200)
    };
    let size = |page: &Value, list: &str| page[list].as_array().unwrap().len();
    let unnamed = site.makes(json!({"name": "as it comes"})).await;
    let named = site.makes(json!({"name": "fifty", "limit": 50})).await;

    let settings = site.owner.get(&format!("/v1/feeds/{unnamed}")).await.expect(200);
    assert_eq!(
        (&settings["limit"], &settings["page_size"]),
        (&json!(100), &json!(25))
    );

    let first = page(&unnamed, "photos").await;
    assert_eq!((size(&first, "data"), &first["page"]["limit"]), (25, &json!(25)));
    let whole = page(&named, "photos").await;
    assert_eq!((size(&whole, "data"), &whole["page"]["limit"]), (50, &json!(50)));
    assert_eq!(whole["page"]["next_cursor"], Value::Null);
    assert_eq!(size(&page(&named, "feed.json").await, "items"), 50);
    let some = page(&named, "photos?limit=20").await;
    assert_eq!(
        (size(&some, "data"), some["page"]["next_cursor"].is_string()),
        (20, true)
    );
    let rest = format!("photos?cursor={}", some["page"]["next_cursor"].as_str().unwrap());
    assert_eq!(size(&page(&named, &rest).await, "data"), 30);

    let settings = json!({"limit": 12});
    site.owner
        .patch(&format!("/v1/feeds/{unnamed}"), &settings)
        .await
        .expect(200);
    let shown = site
        .owner
        .photos_that(&unnamed, &site.key, |feed| size(feed, "data") == 12)
        .await;
    assert_eq!(shown["page"]["next_cursor"], Value::Null);

    let taken_back = site
        .owner
        .patch(&format!("/v1/feeds/{unnamed}"), &json!({"limit": null}))
        .await
        .expect(200);
    assert_eq!(
        (&taken_back["limit"], &taken_back["page_size"]),
        (&json!(100), &json!(25))
    );
}
