//! Every shape of media and pages.

use vitrine_instagram::{FailureKind, MediaItem, MediaType, UnusableEntry};

use crate::server::{answer, media_answer, media_kind};

async fn only_item(medium: &str) -> MediaItem {
    let mut page = media_answer(&format!(r#"{{"data":[{medium}]}}"#)).await;
    assert_eq!(page.items.len(), 1);
    page.items.remove(0)
}

#[tokio::test]
async fn a_reel_is_read_with_all_it_has() {
    let item = only_item(
        r#"{"id":"17895695668004550","caption":"Caf\u00e9 \ud83e\udd50","media_type":"VIDEO","media_product_type":"REELS",
        "media_url":"https:\/\/video.cdninstagram.com\/v.mp4?oe=6104320C","thumbnail_url":"https:\/\/h\/t.jpg",
        "permalink":"https:\/\/www.instagram.com\/reel\/ABC\/","shortcode":"ABC","timestamp":"2017-08-31T18:10:00+0000",
        "username":"bakery","like_count":7,"comments_count":0,"is_shared_to_feed":false,"alt_text":"A croissant"}"#,
    )
    .await;

    assert_eq!(item.caption.as_deref(), Some("Café 🥐"));
    assert_eq!(item.media_type, MediaType::Video);
    assert_eq!(item.product_type.as_deref(), Some("REELS"));
    assert_eq!(
        item.media_url.as_deref(),
        Some("https://video.cdninstagram.com/v.mp4?oe=6104320C")
    );
    assert_eq!(item.timestamp.unwrap().to_rfc3339(), "2017-08-31T18:10:00+00:00");
    assert_eq!(
        (item.like_count, item.comments_count, item.is_shared_to_feed),
        (Some(7), Some(0), Some(false))
    );
    assert_eq!(
        (item.shortcode.as_deref(), item.alt_text.as_deref()),
        (Some("ABC"), Some("A croissant"))
    );
    let stored: MediaItem = serde_json::from_str(&serde_json::to_string(&item).unwrap()).unwrap();
    assert_eq!(stored, item);
}

#[tokio::test]
async fn an_album_has_its_parts_in_order_with_whatever_they_lack() {
    let parts = r#"[{"id":"2","media_type":"IMAGE","media_url":"https://h/2.jpg"},
        {"id":3,"media_type":"VIDEO","thumbnail_url":"https://h/3.jpg"},{"id":"4"}]"#;
    for children in [format!(r#"{{"data":{parts}}}"#), parts.to_owned()] {
        let album = only_item(&format!(
            r#"{{"id":"1","media_type":"CAROUSEL_ALBUM","children":{children}}}"#
        ))
        .await;

        assert_eq!(album.media_type, MediaType::CarouselAlbum);
        let ids: Vec<_> = album.children.iter().map(|part| part.id.as_str()).collect();
        assert_eq!(ids, ["2", "3", "4"]);
        assert_eq!(album.children[1].media_url, None);
        assert_eq!(album.children[2].media_type.as_str(), "UNKNOWN");
    }
}

#[tokio::test]
async fn bare_and_strange_media_are_kept() {
    let bare = only_item(r#"{"id":"17895695668004550"}"#).await;
    assert_eq!(
        (bare.caption, bare.timestamp, bare.children.len()),
        (None, None, 0)
    );

    let strange = only_item(
        r#"{"id":1,"media_type":"HOLOGRAM","caption":"","timestamp":"yesterday","like_count":"12","comments_count":{},
        "is_shared_to_feed":"yes","children":{"data":null},"media_url":null}"#,
    )
    .await;
    assert_eq!(strange.media_type, MediaType::Other("HOLOGRAM".into()));
    assert_eq!(
        (strange.caption, strange.timestamp, strange.media_url),
        (None, None, None)
    );
    assert_eq!(
        (
            strange.like_count,
            strange.comments_count,
            strange.is_shared_to_feed
        ),
        (Some(12), None, None)
    );
}

#[tokio::test]
async fn times_are_read_with_and_without_a_colon_in_the_offset() {
    for (told, utc) in [
        ("2017-08-31T18:10:00+0000", "2017-08-31T18:10:00+00:00"),
        ("2017-08-31T18:10:00+00:00", "2017-08-31T18:10:00+00:00"),
        ("2017-08-31T18:10:00Z", "2017-08-31T18:10:00+00:00"),
        ("2017-08-31T18:10:00-0700", "2017-09-01T01:10:00+00:00"),
    ] {
        let item = only_item(&format!(r#"{{"id":"1","timestamp":"{told}"}}"#)).await;
        assert_eq!(item.timestamp.unwrap().to_rfc3339(), utc);
    }
}

#[tokio::test]
async fn times_that_no_calendar_of_ours_knows_are_missing() {
    for told in [
        "+12017-08-31T18:10:00Z",
        "-0001-08-31T18:10:00Z",
        "9999-12-31T23:59:59-0100",
    ] {
        let item = only_item(&format!(r#"{{"id":"1","timestamp":"{told}"}}"#)).await;
        assert_eq!(item.timestamp, None, "{told}");
    }
}

#[tokio::test]
async fn zero_characters_are_left_out_of_every_text() {
    let item = only_item(
        r#"{"id":"1\u0000","media_type":"IM\u0000AGE","username":"a\u0000b","permalink":"\u0000",
        "children":[{"id":"2","alt_text":"\u0000c"}]}"#,
    )
    .await;

    assert_eq!((item.id.as_str(), item.media_type), ("1", MediaType::Image));
    assert_eq!((item.username.as_deref(), item.permalink), (Some("ab"), None));
    assert_eq!(item.children[0].alt_text.as_deref(), Some("c"));
}

#[tokio::test]
async fn only_a_next_link_means_that_more_follow() {
    let cursors = r#""cursors":{"before":"QVFIb","after":"QVFIa"}"#;
    for (paging, after) in [
        (
            format!(r#"{{{cursors},"next":"https://h/media?access_token=T&after=QVFIa"}}"#),
            Some("QVFIa"),
        ),
        (
            format!(r#"{{{cursors},"previous":"https://h/media?before=QVFIb"}}"#),
            None,
        ),
        (format!("{{{cursors}}}"), None),
        (format!(r#"{{{cursors},"next":null}}"#), None),
        (
            r#"{"next":"https://h/media?access_token=T&after=Q%3D&limit=1"}"#.into(),
            Some("Q="),
        ),
        (r#"{"next":"https://h/media?access_token=T"}"#.into(), None),
        ("{}".into(), None),
        ("null".into(), None),
    ] {
        for data in ["[]", r#"[{"id":"1"}]"#] {
            let page = media_answer(&format!(r#"{{"data":{data},"paging":{paging}}}"#)).await;
            assert_eq!(page.after.as_deref(), after, "{paging}");
            assert!(!format!("{page:?}").contains("access_token"), "{paging}");
        }
    }
}

#[tokio::test]
async fn a_page_without_a_list_is_not_taken_for_a_page() {
    for body in ["{}", r#"{"data":{}}"#, "[]", "3"] {
        assert_eq!(media_kind(answer(200, body)).await, FailureKind::Retry, "{body}");
    }
}

#[tokio::test]
async fn entries_of_any_shape_that_are_no_media_are_skipped_and_told() {
    let long = format!(r#"{{"id":"{}"}}"#, "1".repeat(101));
    let no_media = [
        "{}",
        "null",
        "3",
        "[]",
        r#""x""#,
        r#"{"id":1.7e16}"#,
        r#"{"id":""}"#,
        &long,
    ];
    for entry in no_media {
        let body = format!(
            r#"{{"data":[{{"id":"1"}},{entry},{{"id":"2","children":{{"data":[{{"id":"3"}},{entry}]}}}}]}}"#
        );
        let page = media_answer(&body).await;

        let ids: Vec<&str> = page.items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!((ids, page.items[1].children.len()), (vec!["1", "2"], 1), "{body}");
        let place = |entry: &UnusableEntry| (entry.album.clone(), entry.position);
        let mut told: Vec<_> = page.unusable.iter().map(place).collect();
        told.sort();
        assert_eq!(told, [(None, 1), (Some("2".to_owned()), 1)], "{body}");
    }
}
