//! Pages of lists, and how much they write.

use super::*;

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
