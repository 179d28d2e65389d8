//! Links from page to page.

use super::{FIELDS, ids, library};
use crate::support::{Answer, Engines, Installation, connected, on_both_pairs};
use serde_json::Value;

on_both_pairs!(links_lead_from_end_to_end_without_repeating);

async fn follow(vitrine: &Installation, link: &Value) -> Value {
    let link = link.as_str().unwrap();
    assert!(link.starts_with(&format!("{}/graph/", vitrine.address)), "{link}");
    Answer::of(vitrine.http.get(link).send().await.unwrap())
        .await
        .expect(200)
}

async fn links_lead_from_end_to_end_without_repeating(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (_, _, feed, key) = connected(&vitrine).await;
    let whole = library(&vitrine.program(Some(&key))).await;
    assert!(whole.len() > 7, "{whole:?}");

    let path = format!("/graph/me/media?fields={FIELDS}&limit=5&feed={feed}&access_token={key}&escape=none");
    let mut page = vitrine.get(&path).await.expect(200);
    let mut read = ids(&page);
    while let Some(next) = page["paging"].get("next") {
        page = follow(&vitrine, next).await;
        assert!(!ids(&page).is_empty());
        assert!(page["data"][0].get("permalink").is_some(), "{page}");
        read.extend(ids(&page));
    }
    assert_eq!(read, whole);

    let mut back = ids(&page);
    while let Some(previous) = page["paging"].get("previous") {
        page = follow(&vitrine, previous).await;
        back.splice(0..0, ids(&page));
    }
    assert_eq!(back, whole);
    let by_header = vitrine
        .program(Some(&key))
        .get("/graph/me/media?limit=5")
        .await
        .expect(200);
    let next = by_header["paging"]["next"].as_str().unwrap();
    assert!(!next.contains(&key), "a key from a header stands in no link");
}
