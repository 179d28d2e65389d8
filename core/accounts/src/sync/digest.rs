//! What makes a post another one than before: everything but its links, which differ on every read.

use vitrine_entity::media::Child;
use vitrine_instagram::MediaItem;

/// Digest of a post without its links.
#[expect(
    clippy::expect_used,
    reason = "a post has string keys only, which JSON always takes"
)]
pub(crate) fn of_item(item: &MediaItem) -> String {
    let bare = without_links(item);
    let bytes = serde_json::to_vec(&bare).expect("a post as JSON");
    blake3::hash(&bytes).to_hex()[..32].to_owned()
}

/// Digest of a page: its posts in their order.
pub(crate) fn of_page(items: &[MediaItem]) -> String {
    let mut hasher = blake3::Hasher::new();
    for item in items {
        hasher.update(of_item(item).as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// Presence of a link counts, because material that loses its link must change.
fn without_links(item: &MediaItem) -> MediaItem {
    let mark = |link: &Option<String>| link.as_ref().map(|_| String::new());
    MediaItem {
        media_url: mark(&item.media_url),
        thumbnail_url: mark(&item.thumbnail_url),
        children: item.children.iter().map(without_links).collect(),
        ..item.clone()
    }
}

/// An album's picture as it is stored.
pub(crate) fn child(item: &MediaItem) -> Child {
    Child {
        platform_media_id: item.id.clone(),
        media_type: item.media_type.as_str().to_owned(),
        media_url: item.media_url.clone(),
        thumbnail_url: item.thumbnail_url.clone(),
        permalink: item.permalink.clone(),
        alt_text: item.alt_text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_instagram::MediaType;

    fn post() -> MediaItem {
        MediaItem {
            id: "17895695668004550".into(),
            caption: Some("one".into()),
            media_type: MediaType::Image,
            product_type: None,
            media_url: Some("https://scontent.cdninstagram.com/a?_nc_rid=1".into()),
            thumbnail_url: None,
            permalink: None,
            shortcode: None,
            timestamp: None,
            username: None,
            like_count: Some(3),
            comments_count: None,
            is_shared_to_feed: None,
            alt_text: None,
            children: vec![],
        }
    }

    #[test]
    fn a_new_link_is_no_change_and_a_lost_one_is() {
        let other_link = MediaItem {
            media_url: Some("https://scontent.cdninstagram.com/b".into()),
            ..post()
        };
        let no_link = MediaItem {
            media_url: None,
            ..post()
        };

        assert_eq!(of_item(&post()), of_item(&other_link));
        assert_ne!(of_item(&post()), of_item(&no_link));
    }

    #[test]
    fn a_new_text_and_a_new_order_are_changes() {
        let edited = MediaItem {
            caption: Some("two".into()),
            ..post()
        };

        assert_ne!(of_item(&post()), of_item(&edited));
        assert_ne!(of_page(&[post(), edited.clone()]), of_page(&[edited, post()]));
    }
}
