//! Answers over a feed that is made by hand.

use super::*;
use crate::{
    FeedFormat, FeedQuery, Item, Period, Pin,
    content::{feed_content::FeedContent, sequence::Sequence},
    samples,
    settings::feed_settings::new_feed,
};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;
use vitrine_base::{paging::Cursors, security::MasterKey};
use vitrine_entity::{
    AccountId, MediaId, TenantId, Time, account,
    media::{self, Child, Children},
};

const PUBLIC_URL: &str = "https://vitrine.example/sub/";

struct Site {
    content: FeedContent,
    cursors: Cursors,
    public_url: Url,
}

fn moment() -> Time {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn account() -> account::Model {
    account::Model {
        id: AccountId::generate(),
        tenant_id: TenantId::generate(),
        platform_user_id: "17841400000000001".into(),
        app_scoped_id: Some("900".into()),
        exchange_user_id: None,
        username: Some("shop".into()),
        name: Some("Tom & \"Co\"".into()),
        account_type: Some("BUSINESS".into()),
        profile_picture_url: Some("https://cdn.example/me.jpg".into()),
        biography: None,
        website: Some("javascript:alert(1)".into()),
        media_count: Some(3),
        followers_count: Some(7),
        follows_count: None,
        ..samples::account()
    }
}

fn post(account: &account::Model, number: u32) -> media::Model {
    media::Model {
        id: MediaId::generate(),
        tenant_id: account.tenant_id,
        account_id: account.id,
        platform_media_id: format!("1790000000000000{number}"),
        caption: Some(format!("Number {number}")),
        media_url: Some(format!("https://cdn.example/{number}.jpg?a=1&oe=6104320C")),
        permalink: Some(format!("https://www.instagram.com/p/C{number}/")),
        posted_at: moment() - chrono::Duration::minutes(number.into()),
        username: Some("shop".into()),
        like_count: Some(5),
        comments_count: Some(0),
        alt_text: None,
        ..samples::post(number)
    }
}

fn child(number: u32, media_type: &str, url: Option<&str>) -> Child {
    Child {
        platform_media_id: format!("18{number}"),
        thumbnail_url: None,
        ..samples::child(number, media_type, url)
    }
}

impl Site {
    /// A feed of so many posts, the first the newest, after a change to them.
    fn of(posts: u32, limit: u32, change: impl FnOnce(&mut Vec<media::Model>)) -> Self {
        let account = account();
        let mut posts = (1..=posts).map(|number| post(&account, number)).collect();
        change(&mut posts);
        let items = posts.into_iter().map(Item::of).collect();
        Self::showing(account, Sequence::new(items, vec![], limit))
    }

    fn showing(account: account::Model, sequence: Sequence) -> Self {
        let feed = new_feed(account.tenant_id, "default", moment());
        Self {
            content: FeedContent::new(feed, vec![account], sequence),
            cursors: Cursors::new(&MasterKey::from_bytes([7; 32])),
            public_url: PUBLIC_URL.parse().unwrap(),
        }
    }

    fn answer(&self, feed_query: FeedQuery) -> Result<Value, FeedError> {
        feed_query.checked()?;
        let wanted = feed_query.wanted(self.content.header.feed.id, &self.cursors)?;
        let context = RenderContext {
            content: &self.content,
            wanted: &wanted,
            cursors: &self.cursors,
            public_url: &self.public_url,
        };
        let written = context.write()?;
        assert_eq!(written.content_type, "application/json");
        Ok(serde_json::from_slice(&written.body).unwrap())
    }

    fn feed_query(&self, object: GraphObject, fields: &str) -> Result<Value, FeedError> {
        self.answer(asked(object, fields))
    }

    /// Follows a link as it stands in an answer.
    fn follow(&self, link: &Value) -> Value {
        let link: Url = link.as_str().unwrap().parse().unwrap();
        let query = |name: &str| {
            let mut pairs = link.query_pairs().filter(|(key, _)| key == name);
            pairs.next().map(|(_, value)| value.into_owned())
        };
        assert!(
            link.as_str()
                .starts_with("https://vitrine.example/sub/graph/v25.0/me/media?"),
            "{link}"
        );
        assert_eq!(query("feed").unwrap(), self.content.header.feed.id.to_string());
        let fields = query("fields").unwrap_or_default();
        self.answer(FeedQuery {
            limit: query("limit").map(|limit| limit.parse().unwrap()),
            cursor: query("after"),
            before: query("before"),
            key_in_links: query("access_token"),
            ..asked(GraphObject::MyMedia, &fields)
        })
        .unwrap()
    }
}

fn asked(object: GraphObject, fields: &str) -> FeedQuery {
    let graph_query = GraphQuery {
        version: Some("v25.0".into()),
        object,
        fields: Fields::parse(fields).unwrap(),
        period: Period::default(),
        escape: true,
    };
    FeedQuery {
        key_in_links: Some("vt_pk_x".into()),
        ..FeedQuery::of(FeedFormat::Graph(Arc::new(graph_query)))
    }
}

fn ids(answer: &Value) -> Vec<&str> {
    let data = answer["data"].as_array().unwrap();
    data.iter().map(|media| media["id"].as_str().unwrap()).collect()
}

const ALL: &str = "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,shortcode,\
                   timestamp,username,owner,like_count,comments_count,is_comment_enabled,is_shared_to_feed,\
                   alt_text,children";

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
fn pages_lead_to_both_ends_and_repeat_nothing() {
    let account = account();
    let mut items: Vec<_> = (1..=7).map(|number| Item::of(post(&account, number))).collect();
    let item = items.remove(5);
    let pinned = Item {
        pin: Some(Pin::new(3, moment(), item.post.id)),
        ..item
    };
    let site = Site::showing(account, Sequence::new(items, vec![pinned], 6));
    let whole = site.feed_query(GraphObject::MyMedia, "id").unwrap();
    let whole = ids(&whole);
    assert_eq!(whole.len(), 6, "the feed's own limit holds");

    let mut page = site
        .answer(FeedQuery {
            limit: Some(4),
            ..asked(GraphObject::MyMedia, "id,caption")
        })
        .unwrap();
    assert!(page["paging"].get("previous").is_none());
    let first = page.clone();
    let mut read: Vec<String> = ids(&page).into_iter().map(str::to_owned).collect();
    while let Some(next) = page["paging"].get("next") {
        page = site.follow(next);
        assert!(!ids(&page).is_empty(), "a link leads to another entry");
        read.extend(ids(&page).into_iter().map(str::to_owned));
    }
    assert_eq!(read, whole);
    assert_eq!(ids(&page).len(), 2);

    let back = site.follow(&page["paging"]["previous"]);
    assert_eq!(back, first);
    let beyond = site
        .answer(FeedQuery {
            cursor: page["paging"]["cursors"]["after"].as_str().map(str::to_owned),
            ..asked(GraphObject::MyMedia, "id")
        })
        .unwrap();
    assert_eq!(beyond, json!({"data": []}));
}

#[test]
fn what_the_feed_does_not_show_does_not_exist() {
    let site = Site::of(3, 2, |_| {});
    let object = |id: &str| site.feed_query(GraphObject::Object(id.into()), "id");

    assert!(object("17900000000000002").is_ok());
    for id in ["17900000000000003", "17900000000000009", "", "me", "id"] {
        assert!(matches!(object(id), Err(FeedError::NotFound)), "{id}");
    }
    for hidden in [
        GraphObject::MediaOf("17841400000000002".into()),
        GraphObject::ChildrenOf("17900000000000003".into()),
        GraphObject::ChildrenOf("17900000000000001".into()),
    ] {
        let answer = site.feed_query(hidden.clone(), "");
        assert!(matches!(answer, Err(FeedError::NotFound)), "{hidden:?}");
    }
}

#[test]
fn questions_that_cannot_be_answered_are_refused() {
    let site = Site::of(1, 10, |_| {});

    for (object, fields) in [
        (GraphObject::MyMedia, "id,nonsense"),
        (GraphObject::Me, "caption"),
        (GraphObject::Object("17900000000000001".into()), "followers_count"),
    ] {
        let refused = site.feed_query(object, fields).unwrap_err();
        assert!(matches!(refused, FeedError::Invalid(_)), "{fields}");
    }
    for cursor in ["", "x", "AAAA"] {
        let forged = FeedQuery {
            before: Some(cursor.into()),
            ..asked(GraphObject::MyMedia, "")
        };
        assert!(
            matches!(site.answer(forged), Err(FeedError::BadCursor)),
            "{cursor}"
        );
    }
    let both = FeedQuery {
        cursor: Some("a".into()),
        before: Some("b".into()),
        ..asked(GraphObject::MyMedia, "")
    };
    assert!(matches!(site.answer(both), Err(FeedError::Invalid(_))));
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

#[test]
fn entries_of_lists_within_an_answer_are_counted() {
    let site = Site::of(5, 10, |_| {});
    let entries = |object: GraphObject, fields: &str| {
        let wanted = asked(object, fields).wanted(site.content.header.feed.id, &site.cursors);
        wanted.unwrap().entries(&site.content.header)
    };
    let several = ["me", "900", "17841400000000001", "17900000000000001"].map(str::to_owned);

    assert_eq!(entries(GraphObject::MyMedia, "id"), 5);
    assert_eq!(entries(GraphObject::Me, "id,username"), 1);
    assert_eq!(entries(GraphObject::Me, "media.limit(3){id},media"), 3);
    assert_eq!(entries(GraphObject::Me, "media.limit(100){caption}"), 5);
    assert_eq!(entries(GraphObject::Object("900".into()), "media"), 5);
    assert_eq!(entries(GraphObject::Object(several[3].clone()), "caption"), 1);
    assert_eq!(entries(GraphObject::Objects(several.to_vec()), "media"), 16);
}

#[test]
fn a_user_with_many_long_posts_makes_a_large_page() {
    let site = Site::of(9, 10, |posts| {
        for post in posts {
            post.caption = Some("long ".repeat(4_000));
        }
    });
    let is_large = |fields: &str| {
        let wanted = asked(GraphObject::Me, fields).wanted(site.content.header.feed.id, &site.cursors);
        site.content
            .header
            .makes_large_pages(wanted.unwrap().entries(&site.content.header))
    };

    assert!(is_large("media.limit(9){caption}"));
    assert!(!is_large("media.limit(1){caption}") && !is_large("id"));
}
