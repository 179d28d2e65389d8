use super::*;
use crate::{content::samples, settings::feed_settings::new_feed};
use sea_orm::{DbBackend, QueryFilter, QueryTrait};
use vitrine_base::clock::{Clock, SystemClock};
use vitrine_entity::{
    MediaId, TenantId, TenantOwned,
    feed::{self, Reels},
    media::{self, Child, Children},
};

fn feed(types: &[&str]) -> feed::Model {
    feed::Model {
        media_types: types.iter().copied().collect(),
        ..new_feed(TenantId::generate(), "feed", SystemClock.now())
    }
}

pub(crate) fn post(media_type: &str, caption: &str) -> media::Model {
    media::Model {
        id: MediaId::generate(),
        media_type: media_type.into(),
        caption: Some(caption.into()),
        ..samples::post(1)
    }
}

fn child(media_type: &str, url: Option<&str>) -> Child {
    Child {
        media_url: url.map(Into::into),
        ..samples::child(1, media_type, None)
    }
}

fn reel(on_grid: Option<bool>) -> media::Model {
    media::Model {
        product_type: Some("REELS".into()),
        is_shared_to_feed: on_grid,
        ..post("VIDEO", "")
    }
}

fn codes(feed: &feed::Model, post: &media::Model) -> Vec<&'static str> {
    let reasons = Rule::of(feed, None).reasons(post);
    reasons.iter().map(Reason::code).collect()
}

#[test]
fn every_reason_is_named() {
    let mut feed = feed(&["VIDEO"]);
    feed.hashtags.include = vec!["Wanted".into()];
    feed.hashtags.exclude = vec!["Straße".into()];
    feed.caption.include = vec!["needed".into()];
    feed.caption.exclude = vec!["sold out".into()];
    let bad = media::Model {
        hidden_upstream_at: Some(SystemClock.now()),
        ..post("IMAGE", "SOLD OUT #STRASSE #wantedness")
    };

    assert_eq!(
        codes(&feed, &bad),
        [
            "gone_from_instagram",
            "media_type",
            "no_hashtag",
            "excluded_hashtag",
            "no_word",
            "excluded_word"
        ]
    );
    assert!(codes(&feed, &post("VIDEO", "NEEDED #wanted")).is_empty());
}

#[test]
fn reels_follow_the_grid() {
    let mut feed = feed(&["VIDEO"]);
    for (reels, on_grid, off_grid, unsaid) in [
        (Reels::Include, vec![], vec![], vec![]),
        (Reels::OnGrid, vec![], vec!["not_on_grid"], vec![]),
        (Reels::Exclude, vec!["reel"], vec!["reel"], vec!["reel"]),
    ] {
        feed.reels = reels;
        assert_eq!(codes(&feed, &reel(Some(true))), on_grid);
        assert_eq!(codes(&feed, &reel(Some(false))), off_grid);
        assert_eq!(codes(&feed, &reel(None)), unsaid);
        assert!(codes(&feed, &post("VIDEO", "")).is_empty());
    }
}

#[test]
fn a_post_without_a_file_is_out_until_it_has_one() {
    let feed = feed(&["IMAGE", "CAROUSEL_ALBUM"]);
    let bare = |media_type: &str| media::Model {
        media_url: None,
        ..post(media_type, "")
    };
    let album = |children: Vec<Child>| media::Model {
        children: Children(children),
        ..bare("CAROUSEL_ALBUM")
    };

    assert_eq!(codes(&feed, &bare("IMAGE")), ["no_picture"]);
    assert_eq!(codes(&feed, &album(vec![child("IMAGE", None)])), ["no_picture"]);
    assert!(
        codes(
            &feed,
            &album(vec![child("IMAGE", None), child("IMAGE", Some("x"))])
        )
        .is_empty()
    );
}

#[test]
fn an_album_stands_for_its_fitting_pictures_where_it_is_not_shown_itself() {
    let album = media::Model {
        children: Children(vec![
            child("VIDEO", Some("v")),
            child("IMAGE", Some("a")),
            child("IMAGE", None),
            child("IMAGE", Some("b")),
        ]),
        ..post("CAROUSEL_ALBUM", "")
    };
    let with = |types: &[&str], include_children| feed::Model {
        include_children,
        ..feed(types)
    };
    let shown = |feed: &feed::Model| Rule::of(feed, None).shown_children(&album);

    assert_eq!(shown(&with(&["IMAGE"], true)), Some(vec![1, 3]));
    assert_eq!(shown(&with(&["IMAGE", "CAROUSEL_ALBUM"], true)), None);
    assert_eq!(codes(&with(&["IMAGE"], false), &album), ["media_type"]);
    assert!(codes(&with(&["IMAGE"], true), &album).is_empty());
}

#[test]
fn the_database_leaves_out_only_what_the_rule_keeps_out() {
    let mut feed = feed(&["IMAGE"]);
    feed.include_children = true;
    let sql = |feed: &feed::Model| {
        let select = media::Entity::across_tenants().filter(may_fit(feed, None));
        select.build(DbBackend::Postgres).to_string()
    };

    assert!(
        sql(&feed).contains("IN ('IMAGE', 'CAROUSEL_ALBUM')"),
        "{}",
        sql(&feed)
    );
    assert!(!sql(&feed).contains("product_type\" IS NULL"));
    feed.reels = Reels::OnGrid;
    assert!(sql(&feed).contains("\"is_shared_to_feed\" IS NULL"));
}
