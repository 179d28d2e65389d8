//! Every form, over posts as platforms give them.

mod atom;
mod behold;
mod cost;
mod json_feed;
mod rss;

use super::*;
use crate::{
    FeedQuery,
    content::feed_content::FeedContent,
    content::samples::{CAPTION, account, child, content, id, moment, post},
};
use std::{collections::HashSet, sync::Arc};
use vitrine_base::security::MasterKey;
use vitrine_entity::{
    AccountId, account,
    media::{self, Children},
};

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
