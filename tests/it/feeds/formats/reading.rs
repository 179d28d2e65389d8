//! What readers read, beside what they should have.

use serde_json::Value;

/// Addresses of the files that a photo brings along.
fn files(photo: &Value) -> Vec<&str> {
    let one: fn(&Value) -> Option<&str> =
        |part| part["video"]["src"].as_str().or(part["image"]["src"].as_str());
    let children: Vec<_> = photo["children"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(one)
        .collect();
    if children.is_empty() {
        one(photo).into_iter().collect()
    } else {
        children
    }
}

/// All items of all pages, which have to be linked as they were read.
pub(super) fn items(pages: &Value) -> Vec<&Value> {
    let pages = pages.as_array().unwrap();
    for (page, next) in pages.iter().zip(pages.iter().skip(1)) {
        assert_eq!(page["next"], next["self"], "a page is where the one before said");
    }
    assert_eq!(pages.last().unwrap()["next"], Value::Null);
    pages
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .collect()
}

/// Compares what a reader read with photos in our own JSON.
pub(super) fn compare(photos: &[Value], pages: &Value, all_files: bool) {
    let items = items(pages);
    let ids: Vec<_> = items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = photos
        .iter()
        .map(|photo| format!("urn:uuid:{}", photo["id"].as_str().unwrap()))
        .collect();
    assert_eq!(ids, expected);
    for (photo, item) in photos.iter().zip(items) {
        assert!(!item["title"].as_str().unwrap().is_empty(), "{item}");
        assert_eq!(item["tags"], photo["hashtags"], "{item}");
        let mut files = files(photo);
        if !all_files {
            files.truncate(1);
        }
        let given: Vec<_> = item["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["url"].as_str().unwrap())
            .collect();
        assert_eq!(given, files, "{item}");
        for file in item["files"].as_array().unwrap() {
            let expected = if file["url"].as_str().unwrap().contains(".mp4") {
                "video/mp4"
            } else {
                "image/jpeg"
            };
            assert_eq!(file["type"], expected, "{file}");
        }
    }
}

/// The item whose caption is markup.
pub(super) fn poisoned(pages: &Value) -> &Value {
    let found = items(pages)
        .into_iter()
        .find(|item| item["title"].as_str().unwrap().contains("alert"));
    found.unwrap_or_else(|| panic!("{pages}"))
}
