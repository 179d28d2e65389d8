//! Posts, videos and albums.

use super::*;

#[test]
fn a_post_has_what_is_asked_for_and_nothing_that_is_unset() {
    let site = Site::of(1, 10, |_| {});

    let bare = site.feed_query(GraphObject::MyMedia, "").unwrap();
    let full = site.feed_query(GraphObject::MyMedia, ALL).unwrap();

    assert_eq!(bare["data"], json!([{"id": "17900000000000001"}]));
    assert_eq!(
        full["data"],
        json!([{
            "id": "17900000000000001", "caption": "Number 1", "media_type": "IMAGE", "media_product_type": "FEED",
            "media_url": "https://cdn.example/1.jpg?a=1&oe=6104320C",
            "permalink": "https://www.instagram.com/p/C1/", "shortcode": "C1",
            "timestamp": "2026-03-01T11:59:00+0000", "username": "shop", "owner": {"id": "17841400000000001"},
            "like_count": 5, "comments_count": 0,
        }])
    );
}

#[test]
fn captions_are_safe_in_a_page_unless_asked_for_as_they_are() {
    let markup = "<img src=x onerror=\"alert(1)\"> & 'more'";
    let site = Site::of(1, 10, |posts| {
        posts[0].caption = Some(markup.into());
        posts[0].permalink = Some("https://a.example/\" onclick=\"alert(1)".into());
    });
    let mut plain = asked(GraphObject::MyMedia, "caption,permalink");
    if let FeedFormat::Graph(graph_query) = &mut plain.form {
        Arc::make_mut(graph_query).escape = false;
    }

    let safe = site
        .feed_query(GraphObject::MyMedia, "caption,permalink")
        .unwrap();
    let plain = site.answer(plain).unwrap();

    assert_eq!(
        safe["data"][0]["caption"],
        "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; &#39;more&#39;"
    );
    assert_eq!(
        safe["data"][0]["permalink"],
        "https://a.example/%22%20onclick=%22alert(1)"
    );
    assert_eq!(plain["data"][0]["caption"], markup);
}

#[test]
fn an_album_shows_the_first_picture_that_there_is() {
    let site = Site::of(1, 10, |posts| {
        posts[0].media_type = "CAROUSEL_ALBUM".into();
        posts[0].media_url = None;
        posts[0].children = Children(vec![
            child(1, "VIDEO", Some("https://cdn.example/a.mp4")),
            child(2, "IMAGE", Some("https://cdn.example/b.jpg")),
            child(3, "IMAGE", None),
        ]);
    });
    let album = "17900000000000001".to_owned();

    let listed = site
        .feed_query(
            GraphObject::MyMedia,
            "media_url,children{media_type,media_url,caption}",
        )
        .unwrap();
    let bare = site
        .feed_query(GraphObject::Object(album.clone()), "children")
        .unwrap();
    let first = site.feed_query(GraphObject::Object(album.clone()), "children.limit(1){id}");
    let children = site
        .feed_query(GraphObject::ChildrenOf(album), "media_type,timestamp")
        .unwrap();
    let one = site
        .feed_query(GraphObject::Object("182".into()), "media_url")
        .unwrap();

    assert_eq!(
        listed["data"][0],
        json!({"media_url": "https://cdn.example/b.jpg", "id": "17900000000000001", "children": {"data": [
            {"media_type": "VIDEO", "media_url": "https://cdn.example/a.mp4", "id": "181"},
            {"media_type": "IMAGE", "media_url": "https://cdn.example/b.jpg", "id": "182"},
        ]}})
    );
    assert_eq!(bare["children"], json!({"data": [{"id": "181"}, {"id": "182"}]}));
    assert_eq!(first.unwrap()["children"], json!({"data": [{"id": "181"}]}));
    let first = site.answer(FeedQuery {
        limit: Some(1),
        ..asked(GraphObject::ChildrenOf("17900000000000001".into()), "")
    });
    assert_eq!(first.unwrap(), json!({"data": [{"id": "181"}]}));
    assert_eq!(children["data"][1]["timestamp"], "2026-03-01T11:59:00+0000");
    assert_eq!(
        one,
        json!({"media_url": "https://cdn.example/b.jpg", "id": "182"})
    );
}

#[test]
fn a_video_has_its_still_beside_it_and_media_without_links_stays_valid() {
    let site = Site::of(2, 10, |posts| {
        posts[0].media_type = "VIDEO".into();
        posts[0].thumbnail_url = Some("https://cdn.example/still.jpg".into());
        posts[1].media_url = None;
        posts[1].permalink = None;
    });

    let answer = site
        .feed_query(
            GraphObject::MyMedia,
            "media_url,thumbnail_url,permalink,shortcode",
        )
        .unwrap();

    assert_eq!(
        answer["data"][0]["media_url"],
        "https://cdn.example/1.jpg?a=1&oe=6104320C"
    );
    assert_eq!(
        answer["data"][0]["thumbnail_url"],
        "https://cdn.example/still.jpg"
    );
    assert_eq!(answer["data"][1], json!({"id": "17900000000000002"}));
}
