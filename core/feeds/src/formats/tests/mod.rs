//! Every form, over posts as platforms give them.

mod atom;
mod behold;
mod cost;
mod json_feed;
mod rss;

use super::*;
use crate::{Caption, FeedQuery, Item, pages::sequence::Sequence, settings::default_feed};
use std::{collections::HashSet, sync::Arc};
use uuid::Uuid;
use vitrine_base::security::MasterKey;
use vitrine_entity::{
    AccountId, FeedId, MediaId, StringList, TenantId, Time, account, feed,
    media::{self, Child, Children},
};

/// What an owner wrote: markup, controls, another direction, emoji, a block of hashtags.
const CAPTION: &str = "<b>Überraschung</b> & 東京 🎉\u{202e}\u{0}\u{b}\u{fffe}]]>\nhttps://example.com/?a=1&b=2 @vitrine.demo\n\n#Straße #東京";

fn moment() -> Time {
    "2017-08-31T18:10:00Z".parse().unwrap()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_a0a0_0000_7000_8000_0000_0000_0000 + number)
}

fn account() -> account::Model {
    account::Model {
        id: AccountId(id(1)),
        tenant_id: TenantId(id(0)),
        platform_user_id: "17841".into(),
        app_scoped_id: None,
        exchange_user_id: None,
        username: Some("vitrine.demo".into()),
        name: Some("Vitrine & <Demo>".into()),
        account_type: None,
        profile_picture_url: Some("https://cdn.example/me.jpg?a=1&b=2".into()),
        biography: Some("Pictures\n& more \u{1}".into()),
        website: Some("https://demo.example".into()),
        media_count: Some(3),
        followers_count: Some(4),
        follows_count: Some(5),
        status: account::AccountStatus::Active,
        status_reason: None,
        sync_every_seconds: None,
        next_sync_at: None,
        synced_at: None,
        listed_at: None,
        sync_error: None,
        sync_failures: 0,
        sync_lease_id: None,
        sync_lease_until: None,
        media_digest: None,
        links_expire_at: None,
        blocked_until: None,
        calls_counted: None,
        calls_counted_at: None,
        created_at: moment(),
        updated_at: moment(),
    }
}

fn feed() -> feed::Model {
    feed::Model {
        id: FeedId(id(2)),
        tenant_id: TenantId(id(0)),
        name: default_feed::NAME.into(),
        is_default: true,
        media_types: StringList::default(),
        include_children: false,
        reels: Default::default(),
        hashtags: Default::default(),
        caption: Default::default(),
        item_limit: 100,
        page_size: None,
        item_order: Default::default(),
        layout: Default::default(),
        allowed_origins: StringList::default(),
        cache_seconds: 300,
        version: 1,
        content_changed_at: moment(),
        created_at: moment(),
        updated_at: moment(),
    }
}

/// A picture, the older the higher its number.
fn post(number: u32) -> media::Model {
    media::Model {
        id: MediaId(id(1_000 + u128::from(number))),
        tenant_id: TenantId(id(0)),
        account_id: AccountId(id(1)),
        platform_media_id: format!("1790{number}"),
        media_type: "IMAGE".into(),
        product_type: Some("FEED".into()),
        caption: Some(CAPTION.into()),
        media_url: Some(format!("https://cdn.example/{number}_n.jpg?stp=dst-jpg&x=1")),
        thumbnail_url: None,
        permalink: Some(format!("https://www.instagram.com/p/{number}/")),
        posted_at: moment() - chrono::Duration::hours(i64::from(number)),
        username: Some("old.name".into()),
        like_count: Some(7),
        comments_count: None,
        is_shared_to_feed: None,
        alt_text: Some("A \"picture\" <&>".into()),
        children: Children::default(),
        digest: String::new(),
        missed_at: None,
        hidden_upstream_at: None,
        created_at: moment(),
        updated_at: moment(),
    }
}

fn child(number: u32, media_type: &str, media_url: Option<&str>) -> Child {
    Child {
        platform_media_id: format!("1791{number}"),
        media_type: media_type.into(),
        media_url: media_url.map(str::to_owned),
        thumbnail_url: (media_type == "VIDEO").then(|| format!("https://cdn.example/{number}_still.jpg")),
        permalink: None,
        alt_text: None,
    }
}

/// A reel, an album with a picture, a video and a child without anything, and the poorest post that
/// there can be, behind a picture.
fn assorted() -> Vec<media::Model> {
    let reel = media::Model {
        media_type: "VIDEO".into(),
        product_type: Some("REELS".into()),
        media_url: Some("https://cdn.example/2.mp4".into()),
        thumbnail_url: Some("https://cdn.example/2.webp".into()),
        caption: None,
        alt_text: None,
        ..post(2)
    };
    let album = media::Model {
        media_type: "CAROUSEL_ALBUM".into(),
        children: Children(vec![
            child(0, "IMAGE", Some("https://cdn.example/a0.png")),
            child(1, "VIDEO", Some("https://cdn.example/a1.mp4")),
            child(2, "IMAGE", None),
        ]),
        ..post(3)
    };
    let poor = media::Model {
        media_type: "SOMETHING".into(),
        product_type: None,
        media_url: None,
        permalink: Some("javascript:alert(1)".into()),
        caption: None,
        alt_text: None,
        username: None,
        like_count: None,
        account_id: AccountId(id(9)),
        ..post(4)
    };
    vec![post(1), reel, album, poor]
}

fn content(accounts: Vec<account::Model>, posts: Vec<media::Model>) -> FeedContent {
    let items = posts.into_iter().map(|post| Item {
        caption: Arc::new(post.caption.as_deref().map(Caption::parse).unwrap_or_default()),
        post: Arc::new(post),
        child: None,
        own_alt_text: None,
        pin: None,
    });
    FeedContent::new(feed(), accounts, Sequence::new(items.collect(), vec![], 100))
}

#[test]
fn what_is_picked_out_of_a_content_has_its_own_number_each_time() {
    let (whole, next) = (content(vec![], assorted()), content(vec![], assorted()));
    let picked = |media_type| {
        (
            whole.narrowed(media_type).header.number,
            whole.narrowed(media_type).header.number,
        )
    };

    let (images, videos) = (picked("IMAGE"), picked("VIDEO"));

    assert_eq!((images.0, videos.0), (images.1, videos.1));
    let numbers = [
        whole.header.number,
        images.0,
        videos.0,
        next.header.number,
        next.narrowed("IMAGE").header.number,
    ];
    assert_eq!(HashSet::from(numbers).len(), numbers.len(), "{numbers:?}");
}

fn written(content: &FeedContent, feed_query: FeedQuery) -> Rendered {
    let cursors = Cursors::new(&MasterKey::from_bytes([7; 32]));
    RenderContext {
        content,
        wanted: &feed_query.wanted(content.header.feed.id, &cursors).unwrap(),
        cursors: &cursors,
        public_url: &"https://photos.example/vitrine/".parse().unwrap(),
    }
    .write()
    .unwrap()
}

fn text(content: &FeedContent, feed_query: FeedQuery) -> String {
    String::from_utf8(written(content, feed_query).body).unwrap()
}

/// Third of many small pages, by a key in the address.
fn inner_page(form: FeedFormat) -> FeedQuery {
    FeedQuery {
        limit: Some(2),
        media_type: Some("IMAGE".into()),
        key_in_links: Some("vt_pk_a+b".into()),
        ..FeedQuery::of(form)
    }
}

/// The cursor in an address.
fn cursor(address: &str) -> Option<String> {
    let url = Url::parse(address).unwrap();
    let mut pairs = url.query_pairs();
    pairs
        .find(|(name, _)| name == "cursor")
        .map(|(_, cursor)| cursor.into_owned())
}
