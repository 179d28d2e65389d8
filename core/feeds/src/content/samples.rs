//! A feed made by hand, for tests.

use crate::{
    Item,
    content::{feed_content::FeedContent, sequence::Sequence},
    settings::default_feed,
};
use uuid::Uuid;
use vitrine_entity::{
    AccountId, FeedId, MediaId, StringList, TenantId, Time, account, feed,
    media::{self, Child, Children},
};

/// What an owner wrote: markup, controls, another direction, emoji, a block of hashtags.
pub(crate) const CAPTION: &str = "<b>Überraschung</b> & 東京 🎉\u{202e}\u{0}\u{b}\u{fffe}]]>\nhttps://example.com/?a=1&b=2 @vitrine.demo\n\n#Straße #東京";

pub(crate) fn moment() -> Time {
    "2017-08-31T18:10:00Z".parse().unwrap()
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_a0a0_0000_7000_8000_0000_0000_0000 + number)
}

pub(crate) fn account() -> account::Model {
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

pub(crate) fn feed() -> feed::Model {
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
pub(crate) fn post(number: u32) -> media::Model {
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

pub(crate) fn child(number: u32, media_type: &str, media_url: Option<&str>) -> Child {
    Child {
        platform_media_id: format!("1791{number}"),
        media_type: media_type.into(),
        media_url: media_url.map(str::to_owned),
        thumbnail_url: (media_type == "VIDEO").then(|| format!("https://cdn.example/{number}_still.jpg")),
        permalink: None,
        alt_text: None,
    }
}

pub(crate) fn content(accounts: Vec<account::Model>, posts: Vec<media::Model>) -> FeedContent {
    let items = posts.into_iter().map(Item::of);
    FeedContent::new(feed(), accounts, Sequence::new(items.collect(), vec![], 100))
}

/// A post with links as long as Instagram's, with what looks random in them, and an album now and then.
pub(crate) fn linked_post(number: u32) -> media::Model {
    let is_album = number % 8 == 6;
    let pictures = (1..=4).filter(|_| is_album).map(|place| Child {
        platform_media_id: format!("1790000000000{number}{place}"),
        permalink: Some(format!("https://www.instagram.com/p/C{number:010x}/c/{place}")),
        ..child(number, "IMAGE", Some(&signed_link(number, place)))
    });
    media::Model {
        id: MediaId::generate(),
        platform_media_id: format!("17900000000000{number}"),
        media_type: if is_album { "CAROUSEL_ALBUM" } else { "IMAGE" }.into(),
        caption: Some(format!(
            "First light over the ridge, day {number}. Coffee tasted better up here ☕\n\n#mountains #day{number}"
        )),
        media_url: Some(signed_link(number, 0)),
        permalink: Some(format!("https://www.instagram.com/p/C{number:010x}/")),
        like_count: Some(i64::from(number) * 37 % 4_000),
        comments_count: Some(i64::from(number) % 120),
        children: Children(pictures.collect()),
        ..post(number)
    }
}

fn signed_link(number: u32, place: u32) -> String {
    let noise = (u64::from(number) * 16 + u64::from(place)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "https://scontent.cdninstagram.com/v/t51.29350-15/17900000000000{number}{place}_n.jpg?stp=dst-jpg&_nc_cat=104\
         &ccb=1-7&_nc_sid=18de74&_nc_ohc={short:08x}&_nc_rid={noise:016x}&oh={noise:016x}{turned:016x}&oe=69C3A1F0",
        short = noise >> 32,
        turned = noise.rotate_left(29),
    )
}
