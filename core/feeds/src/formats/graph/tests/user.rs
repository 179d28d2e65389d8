//! The account that a feed is of.

use super::*;

#[test]
fn the_user_is_the_feeds_account_with_its_media() {
    let site = Site::of(5, 10, |_| {});
    let fields = "id,user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,\
                  media_count,biography,website,has_profile_pic,media.limit(2){caption}";

    let me = site.feed_query(GraphObject::Me, fields).unwrap();

    let mut media = me["media"].clone();
    let more = site.follow(&media["paging"]["next"]);
    media.as_object_mut().unwrap().remove("paging");
    assert_eq!(
        me,
        json!({
            "id": "17841400000000001", "user_id": "17841400000000001", "username": "shop",
            "name": "Tom &amp; &quot;Co&quot;", "account_type": "BUSINESS",
            "profile_picture_url": "https://cdn.example/me.jpg", "followers_count": 7, "media_count": 3,
            "media": me["media"],
        })
    );
    assert_eq!(
        media,
        json!({"data": [
            {"caption": "Number 1", "id": "17900000000000001"}, {"caption": "Number 2", "id": "17900000000000002"},
        ]})
    );
    assert_eq!(
        more["data"][0],
        json!({"caption": "Number 3", "id": "17900000000000003"})
    );
    for id in ["17841400000000001", "900"] {
        assert_eq!(
            site.feed_query(GraphObject::Object(id.into()), fields).unwrap(),
            me,
            "{id}"
        );
        let media = site.feed_query(GraphObject::MediaOf(id.into()), "").unwrap();
        assert_eq!(ids(&media).len(), 5, "{id}");
    }
}

#[test]
fn whoever_goes_by_several_ids_is_shown_under_each() {
    let site = Site::of(2, 10, |_| {});
    let asked = ["900", "me", "17900000000000001", "17841400000000001", "900"].map(str::to_owned);

    let shown = site
        .feed_query(GraphObject::Objects(asked.to_vec()), "id,username")
        .unwrap();

    let me = site.feed_query(GraphObject::Me, "id,username").unwrap();
    let post = site
        .feed_query(GraphObject::Object(asked[2].clone()), "id,username")
        .unwrap();
    assert_eq!(
        shown,
        json!({"900": me, "me": me, "17841400000000001": me, "17900000000000001": post})
    );
}
